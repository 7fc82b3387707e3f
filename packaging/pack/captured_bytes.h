// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "file_tree.h"

namespace pixelzx::pack {

/// What is kept of a file of an image: its first and last 16 KiB, and of an ELF file also what its
/// headers lead to (notes, dynamic section, section headers), at most 16 KiB of each. Elsewhere
/// there are no bytes to read.
class CapturedBytes final : public ByteSource {
 public:
  static constexpr std::size_t kWindow = 16 << 10;
  static constexpr std::size_t kMostWindows = 16;

  explicit CapturedBytes(std::uint64_t size);

  /// The file has `data` at `offset`; calls come in the order of offsets.
  void feed(std::uint64_t offset, std::string_view data);
  /// All has been fed.
  void finish() { plan(); }

  std::string_view bytes(std::uint64_t offset, std::size_t size) override;

 private:
  struct Window {
    std::uint64_t begin = 0;
    std::string content;
    [[nodiscard]] std::uint64_t end() const { return begin + content.size(); }
    void take(std::uint64_t offset, std::string_view data);
  };
  struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  void plan();
  void add_elf_ranges(std::vector<Range>& ranges) const;
  [[nodiscard]] std::uint64_t number(std::uint64_t offset, unsigned size, bool big) const;

  std::uint64_t size_;
  bool planned_ = false;
  std::vector<Window> windows_;  // the first is the file's beginning
};

}  // namespace pixelzx::pack
