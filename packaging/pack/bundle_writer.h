// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pack/layout.h"

namespace pixelzx::pack {

/// A program to pack.
struct Program {
  Platform platform;
  /// What to call it in errors.
  std::string name;
  std::string content;
  /// The platform of the program that this one is compressed against.
  std::optional<Platform> prefix;
};

/// Throws kBadProgramName, kBadVersion.
void check_identity(const std::string& program, const std::string& version);

/// True when `program` is compressed against another one of `programs`, or another against it: then
/// its frame depends on them, and it must not need a second decode.
bool is_bound(const Program& program, const std::vector<Program>& programs);

/// What compressing took.
struct Effort {
  std::uint64_t bytes = 0;  // of programs
  double seconds = 0;
  std::size_t threads = 0;
};

/// Adds `programs`, among which are those that their prefixes name, to the slices of `content`, on
/// all processors, with a progress bar if `show_progress`. What programs without a prefix have in
/// common becomes content.common, if there is none yet. The order of the programs makes no
/// difference. Throws kTooLarge.
Effort compress_programs(std::vector<Program> programs, int level, bool show_progress,
                         BundleContent& content);

/// Sorts the slices of `content` as bundles have them, writes the bundle to the file `output`, and
/// verifies it before it takes its name. `mtime`: of every member, in seconds since 1970. Throws
/// why that failed; what was there before is unchanged then.
void write_bundle(BundleContent& content, const std::string& output, std::int64_t mtime);

}  // namespace pixelzx::pack
