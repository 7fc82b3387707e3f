// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "index.h"

namespace pixelzx {

/// Machine code names the place that it calls, or reads, by the distance to it, so that one place
/// has another name wherever it is used. As addresses they repeat, and zstd makes a program smaller
/// by 5 to 10 %. (BCJ, branch-call-jump, is the usual name of such filters; those of liblzma are
/// others than these.)
///
/// Works in place on a program that comes piece by piece. The packer applies it, the launcher
/// undoes it; any bytes whatever come back as they were.
class BranchFilter {
 public:
  enum class Direction { kApply, kUndo };

  /// `code`: where in the program the machine code is; nothing else is touched.
  BranchFilter(const Platform& platform, const CodeRange& code, Direction direction);

  /// Converts the next `size` bytes of the program. Returns how many of them are done: the rest, at
  /// most kMaxRest, is part of an instruction and must be given again, with what follows it.
  std::size_t convert(char* bytes, std::size_t size);

  static constexpr std::size_t kMaxRest = 16;

  /// True when there is a filter for machine code of this platform.
  static bool knows(const Platform& platform);

  /// Of one architecture. Converts the instructions in `size` bytes of `code`, the first of which
  /// is at `position` in the program, up to an instruction that does not end in there; returns
  /// where that begins.
  using Convert = std::size_t (*)(unsigned char* code, std::size_t size, std::uint32_t position,
                                  Direction direction);

 private:
  Convert convert_;
  CodeRange code_;
  Direction direction_;
  std::uint64_t position_ = 0;
};

}  // namespace pixelzx
