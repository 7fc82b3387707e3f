// SPDX-License-Identifier: Apache-2.0
#include "pack/code_range.h"

#include <elf.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

namespace pixelzx::pack {
namespace {

template <typename T>
std::optional<T> structure_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T structure{};
  std::memcpy(&structure, bytes.data() + offset, sizeof structure);
  return structure;
}

/// A field of a file whose byte order is the other one if `swapped`.
template <typename T>
T field(T value, bool swapped) {
  if (!swapped) return value;
  auto* bytes = reinterpret_cast<unsigned char*>(&value);  // NOLINT(*-reinterpret-cast)
  std::reverse(bytes, bytes + sizeof value);
  return value;
}

template <typename Header, typename Segment>
CodeRange find_in(std::string_view program, bool swapped) {
  CodeRange code;
  const auto header = structure_at<Header>(program, 0);
  if (!header) return code;
  const std::uint64_t table = field(header->e_phoff, swapped);
  const std::uint64_t step = field(header->e_phentsize, swapped);
  for (std::uint64_t i = 0; i < field(header->e_phnum, swapped); ++i) {
    const auto segment = structure_at<Segment>(program, table + i * step);
    if (!segment) break;
    if (field(segment->p_type, swapped) != PT_LOAD) continue;
    if ((field(segment->p_flags, swapped) & PF_X) == 0) continue;
    const std::uint64_t offset = field(segment->p_offset, swapped);
    const std::uint64_t size = field(segment->p_filesz, swapped);
    if (offset > program.size() || size > program.size() - offset) continue;
    if (size > code.size) code = {.offset = offset, .size = size};
  }
  return code;
}

}  // namespace

CodeRange find_code(std::string_view program) {
  if (!program.starts_with(ELFMAG) || program.size() < EI_NIDENT) return {};
  const bool big = program[EI_DATA] == ELFDATA2MSB;
  const bool swapped = big != (std::endian::native == std::endian::big);
  return program[EI_CLASS] == ELFCLASS64 ? find_in<Elf64_Ehdr, Elf64_Phdr>(program, swapped)
                                         : find_in<Elf32_Ehdr, Elf32_Phdr>(program, swapped);
}

}  // namespace pixelzx::pack
