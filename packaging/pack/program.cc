// SPDX-License-Identifier: Apache-2.0
#include "pack/program.h"

#include <elf.h>

#include "elf.h"  // NOLINT: another file than <elf.h>
#include "pack/pack_error.h"
#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

/// `v5` to `v8`, for the bounds '5' and '8'.
bool is_version(std::string_view variant, char lowest, char highest) {
  return variant.size() == 2 && variant[0] == 'v' && variant[1] >= lowest && variant[1] <= highest;
}

/// True for the variants that hosts are detected as (launcher/host_*.cc), and the arm64 ones that
/// containerd knows beside them.
bool is_host_variant(std::string_view arch, std::string_view variant) {
  if (arch == "arm") return is_version(variant, '5', '8');
  if (variant.empty()) return true;
  if (arch == "amd64") return is_version(variant, '2', '4');
  if (arch != "arm64") return false;
  const bool has_minor = variant.size() == 4 && variant[2] == '.' && variant[3] >= '1' &&
                         variant[3] <= '9' && is_version(variant.substr(0, 2), '8', '9');
  return variant == "v9" || has_minor;
}

/// What the ELF header says: `linux/arm64`; with `numbers` also what the ABI follows from.
std::string found_in(const Elf& elf, bool numbers) {
  const std::optional<Platform> platform = elf_platform(elf);
  if (platform && !numbers) return text_of(*platform);
  return "e_machine " + std::to_string(elf.e_machine) + ", ELFCLASS" +
         (elf.elf_class == ELFCLASS64 ? "64" : "32") + ", ELFDATA2" +
         (elf.data == ELFDATA2MSB ? "MSB" : "LSB") + ", EI_OSABI " + std::to_string(elf.osabi) +
         ", e_flags " + std::to_string(elf.e_flags);
}

void check_type(const Elf& elf, const std::string& path) {
  if (elf.e_type == ET_REL) throw PackError(Problem::kObjectFile, {path});
  if (elf.e_type != ET_EXEC && elf.e_type != ET_DYN) {
    throw PackError(Problem::kNotAProgram, {path, std::to_string(elf.e_type)});
  }
  if (elf.e_type == ET_DYN && elf.interpreter.empty() && !elf.pie) {
    throw PackError(Problem::kSharedLibrary, {path});
  }
}

}  // namespace

Platform parse_slice_platform(const std::string& text) {
  const std::optional<Platform> platform = parse_platform(text);
  // A lone architecture is read only when it is a known one.
  const bool known = platform && platform->os.view() == "linux" &&
                     parse_platform(platform->arch.view()) &&
                     is_host_variant(platform->arch.view(), platform->variant.view());
  if (!known) throw PackError(Problem::kNotASlicePlatform, {text});
  return *platform;
}

void check_program(std::string_view content, const std::string& path, const Platform& label,
                   bool allow_dynamic) {
  const std::string wanted = text_of(label);
  const std::optional<Elf> elf = parse_elf(content);
  if (!elf) throw PackError(Problem::kNotElf, {path, wanted});
  switch (check_label(*elf, label)) {
    case Contradiction::kArchitecture:
      throw PackError(Problem::kOtherArchitecture, {path, wanted, found_in(*elf, false)});
    case Contradiction::kAbi:
      throw PackError(Problem::kOtherAbi, {path, wanted, found_in(*elf, true)});
    case Contradiction::kLevel:
      throw PackError(Problem::kNewerCpu, {path, wanted, found_in(*elf, false)});
    case Contradiction::kType:
    case Contradiction::kNone:
      break;
  }
  if (elf->truncated) throw PackError(Problem::kTruncatedProgram, {path});
  check_type(*elf, path);
  if (!elf->interpreter.empty() && !allow_dynamic) {
    throw PackError(Problem::kDynamic, {path, std::string(elf->interpreter.view())});
  }
}

}  // namespace pixelzx::pack
