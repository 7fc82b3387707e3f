// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "diagnosis.h"
#include "pack/oci_writer.h"
#include "platform.h"

namespace pixelzx::pack {

enum class ImageKind {
  /// Every platform's image has all launchers and the bundle, in the same layers.
  kUniversal,
  /// Each has its own launcher and its own programs, unpacked.
  kSlim,
};

/// What `image` was asked for.
struct ImageOptions {
  ImageKind kind = ImageKind::kUniversal;
  std::string bundle;
  /// The folder with `linux-arm64/pixelzx` and the like.
  std::string launchers;
  /// The platforms to make images for, as they were written; all of the bundle when empty.
  std::vector<std::string> platforms;
  /// The layout is about one image, not about an index of them.
  bool single = false;
  LayerCompression compression = LayerCompression::kGzip;
  /// A JSON file with what the images' config shall have beside our own; may be empty.
  std::string config;
  /// Files for /usr/share/doc/<program>.
  std::vector<std::string> documents;
  /// `repository:tag`, or empty. Without a tag it is `latest`.
  std::string name;
  /// Annotations of index and manifests, which are the labels of the images, too.
  std::vector<std::pair<std::string, std::string>> annotations;
  /// Of every file, and when the images were made: seconds since 1970.
  std::int64_t mtime = 0;
  /// A folder to write the layers to, as tars; none when empty.
  std::string layers;
  std::string output;
  /// Of errors in `config`.
  Language language = Language::kEnglish;
};

/// What was written.
struct BuiltImages {
  struct One {
    Platform platform;
    /// What a machine that has nothing of it yet pulls: manifest, config and layers, in bytes.
    std::uint64_t size = 0;
    std::string digest;  // of the manifest
  };
  std::vector<One> images;
  /// What a registry stores for all of them, in bytes.
  std::uint64_t size = 0;
};

/// Writes container images of a bundle as an OCI image layout. The bundle is verified first. Throws
/// what is wrong; then nothing was written to `output`.
BuiltImages build_image(const ImageOptions& options);

/// A table of them, for people.
std::string summary_text(const BuiltImages& built, Language language);

}  // namespace pixelzx::pack
