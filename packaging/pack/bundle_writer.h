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

/// Compresses each program, with a progress bar if `show_progress`; prefixes must be among them.
/// Throws kTooLarge.
std::vector<PackedSlice> compress_programs(const std::vector<Program>& programs, int level,
                                           bool show_progress);

/// Sorts the slices of `content` as bundles have them, writes the bundle to the file `output`, and
/// verifies it before it takes its name. `mtime`: of every member, in seconds since 1970. Throws
/// why that failed; what was there before is unchanged then.
void write_bundle(BundleContent& content, const std::string& output, std::int64_t mtime);

}  // namespace pixelzx::pack
