// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "files.h"
#include "pack/image.h"
#include "pack/image_tree.h"
#include "pack/progress.h"

namespace pixelzx::pack {

/// The files of an image and what is in them, read out of its layers. All functions throw PackError
/// with kDamagedImage.
class ImageFiles {
 public:
  /// Reads every layer once, for the names. `archive`, `image` and `progress` must live as long.
  ImageFiles(ImageArchive& archive, const Image& image, Progress& progress);

  [[nodiscard]] ImageTree& tree() { return tree_; }
  /// Gives the tree the contents that its open() lacked. Returns false when it lacked none.
  bool read_wanted();
  /// The content of the regular file that `path` leads to, in a file without a name
  /// (nameless_file).
  [[nodiscard]] Fd extract(const std::string& path);
  /// The layer that brought what `path` leads to, as layer_words has it; empty when there is none.
  [[nodiscard]] std::string layer_of(const std::string& path);

 private:
  void read(std::uint32_t layer, const std::function<void(LayerReader&)>& visit);

  ImageArchive& archive_;
  const Image& image_;
  Progress& progress_;
  ImageTree tree_;
};

/// `3 of 5, sha256:abcdef123456, COPY app /app`
std::string layer_words(const Image& image, std::size_t number, Language language);

}  // namespace pixelzx::pack
