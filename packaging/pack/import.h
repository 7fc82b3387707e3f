// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "diagnosis.h"
#include "pack/compress.h"

namespace pixelzx::pack {

/// What `import` was asked for.
struct ImportOptions {
  std::string archive;
  /// Empty: what the images say.
  std::string program;
  std::string version;
  /// Besides those of a bundle in the images.
  bool doctor = false;
  bool own_name = false;
  bool allow_dynamic = false;
  int level = kDefaultLevel;
  /// Of every member: seconds since 1970.
  std::int64_t mtime = 0;
  bool show_progress = false;
  std::string output;
};

/// Makes a bundle of the images in an archive, and verifies it before it takes its name: each
/// image's entrypoint becomes the slice for the image's platform. Where the entrypoint is a
/// launcher, the slices are those of its bundle, unchanged. Throws what is wrong with the images;
/// then nothing was written. Returns the images that were left out and why, in words.
std::vector<std::string> import_images(const ImportOptions& options, Language language);

}  // namespace pixelzx::pack
