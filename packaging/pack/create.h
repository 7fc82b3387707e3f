// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pack/bundle_writer.h"
#include "pack/compress.h"

namespace pixelzx::pack {

/// What `create` was asked for.
struct CreateOptions {
  std::string program;
  std::string version;
  /// Platforms, as they were written, and the files of their programs.
  std::vector<std::pair<std::string, std::string>> programs;
  std::vector<std::string> shares;
  /// Platforms, and those that they are compressed against.
  std::vector<std::pair<std::string, std::string>> prefixes;
  /// A bundle from which to take slices that have not changed; empty for none.
  std::string reuse;
  int level = kDefaultLevel;
  bool doctor = false;
  bool own_name = false;
  bool allow_dynamic = false;
  /// Of every member: seconds since 1970.
  std::int64_t mtime = 0;
  bool show_progress = false;
  std::string output;
};

/// Makes a bundle and verifies it before it takes its name. Throws what is wrong with its parts;
/// then nothing was written. The order of programs, shares and prefixes makes no difference.
/// Returns what compressing took, without what was reused.
Effort create_bundle(const CreateOptions& options);

}  // namespace pixelzx::pack
