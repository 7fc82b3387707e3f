// SPDX-License-Identifier: Apache-2.0
#include "pack/captured_bytes.h"

#include <elf.h>

#include <algorithm>

namespace pixelzx::pack {
namespace {

/// Where the fields lie that lead to other parts of an ELF file (elf(5)).
struct Fields {
  std::uint64_t e_phoff, e_shoff, e_phentsize, p_offset, p_filesz;
  unsigned address;  // bytes of an address
};
constexpr Fields kFields32{offsetof(Elf32_Ehdr, e_phoff),     offsetof(Elf32_Ehdr, e_shoff),
                           offsetof(Elf32_Ehdr, e_phentsize), offsetof(Elf32_Phdr, p_offset),
                           offsetof(Elf32_Phdr, p_filesz),    4};
constexpr Fields kFields64{offsetof(Elf64_Ehdr, e_phoff),     offsetof(Elf64_Ehdr, e_shoff),
                           offsetof(Elf64_Ehdr, e_phentsize), offsetof(Elf64_Phdr, p_offset),
                           offsetof(Elf64_Phdr, p_filesz),    8};
constexpr std::uint64_t kMostSegments = 64;

}  // namespace

CapturedBytes::CapturedBytes(std::uint64_t size) : size_(size) {
  windows_.push_back({0, std::string(std::min<std::uint64_t>(size, kWindow), '\0')});
}

void CapturedBytes::Window::take(std::uint64_t offset, std::string_view data) {
  const std::uint64_t first = std::max(begin, offset);
  const std::uint64_t last = std::min(end(), offset + data.size());
  if (first >= last) return;
  data.substr(first - offset, last - first).copy(content.data() + (first - begin), last - first);
}

void CapturedBytes::feed(std::uint64_t offset, std::string_view data) {
  if (offset > size_) return;
  windows_.front().take(offset, data);
  if (!planned_ && offset + data.size() >= windows_.front().end()) plan();
  for (std::size_t i = 1; i < windows_.size(); ++i) windows_[i].take(offset, data);
}

void CapturedBytes::plan() {
  if (planned_) return;
  planned_ = true;
  std::vector<Range> ranges = {{size_ - std::min<std::uint64_t>(size_, kWindow), size_}};
  add_elf_ranges(ranges);
  std::ranges::sort(ranges, {}, &Range::begin);
  // Windows neither overlap nor touch, so that a read that fits the file's parts finds them whole.
  std::vector<Range> merged = {{0, windows_.front().end()}};
  for (const Range& range : ranges) {
    Range& last = merged.back();
    if (range.begin <= last.end) {
      last.end = std::max(last.end, range.end);
    } else if (merged.size() < kMostWindows) {
      merged.push_back(range);
    }
  }
  windows_.front().content.resize(merged.front().end);
  for (std::size_t i = 1; i < merged.size(); ++i) {
    windows_.push_back({merged[i].begin, std::string(merged[i].end - merged[i].begin, '\0')});
  }
}

std::uint64_t CapturedBytes::number(std::uint64_t offset, unsigned size, bool big) const {
  const std::string& head = windows_.front().content;
  if (offset > head.size() || size > head.size() - offset) return 0;
  std::uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i) {
    value = value << 8 | static_cast<unsigned char>(head[offset + (big ? i : size - 1 - i)]);
  }
  return value;
}

void CapturedBytes::add_elf_ranges(std::vector<Range>& ranges) const {
  const std::string& head = windows_.front().content;
  if (!head.starts_with(ELFMAG) || head.size() <= EI_DATA) return;
  const Fields& fields = head[EI_CLASS] == ELFCLASS64 ? kFields64 : kFields32;
  const bool big = head[EI_DATA] == ELFDATA2MSB;
  const auto add = [&](std::uint64_t begin, std::uint64_t length) {
    if (begin >= size_) return;
    ranges.push_back({begin, begin + std::min({length, size_ - begin, std::uint64_t{kWindow}})});
  };
  // Size of an entry and number of entries follow each other, for both tables.
  const std::uint64_t segments = number(fields.e_phoff, fields.address, big);
  const std::uint64_t entry = number(fields.e_phentsize, 2, big);
  const std::uint64_t count = number(fields.e_phentsize + 2, 2, big);
  add(number(fields.e_shoff, fields.address, big),
      number(fields.e_phentsize + 4, 2, big) * number(fields.e_phentsize + 6, 2, big));
  if (segments >= head.size()) return;
  for (std::uint64_t i = 0; i < std::min(count, kMostSegments); ++i) {
    const std::uint64_t at = segments + i * entry;
    if (number(at, 4, big) == PT_LOAD) continue;
    add(number(at + fields.p_offset, fields.address, big),
        number(at + fields.p_filesz, fields.address, big));
  }
}

std::string_view CapturedBytes::bytes(std::uint64_t offset, std::size_t size) {
  for (const Window& window : windows_) {
    if (offset < window.begin || offset >= window.end()) continue;
    const std::string_view content = window.content;
    return content.substr(offset - window.begin, std::min(size, kLongest));
  }
  return {};
}

}  // namespace pixelzx::pack
