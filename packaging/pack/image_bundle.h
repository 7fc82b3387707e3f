// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bundle.h"
#include "pack/bundle_writer.h"
#include "pack/image_files.h"

namespace pixelzx::pack {

/// A bundle in an image.
struct ImageBundle {
  Bundle bundle;
  std::string path;
  /// Of the image.
  std::string platform;
  /// What to call it in errors: platform, path and layer.
  std::string label;
};

/// What to call the file that `path` leads to: `linux/arm64: /usr/bin/app (layer 2 of 2, …)`.
std::string label_in_image(ImageFiles& files, const std::string& platform, const std::string& path,
                           Language language);

/// If the file at `path` of the image, whose bytes are in `program`, is a launcher: the bundle that
/// it would use (find_bundle). Throws why that cannot be used.
std::optional<ImageBundle> find_image_bundle(ImageFiles& files, const Image& image,
                                             const std::string& path, const Fd& program,
                                             Language language);

/// Puts what the bundles of several images hold into one: a whole bundle's slices as they are, of
/// an installed one the programs beside it.
class BundleCollector {
 public:
  explicit BundleCollector(Language language) : language_(language) {}

  /// Throws when the bundle is damaged, differs from those before in more than the slices that it
  /// has, or is installed without any program.
  void add(ImageFiles& files, const ImageBundle& found);

  /// The slices that are packed already, shared files, name, version and options.
  BundleContent content;
  /// The programs that lay beside installed bundles, and those that were compressed against
  /// something else than the slices.
  std::vector<Program> programs;

 private:
  void compare(const std::string& platform, const std::map<std::string, std::string>& before,
               const std::map<std::string, std::string>& now) const;
  bool add_common(const ImageBundle& found);
  bool add_slice(ImageFiles& files, const ImageBundle& found, const Slice& slice);
  void add_share(ImageFiles& files, const ImageBundle& found, const Share& share);

  Language language_;
  std::string first_;  // the platform of the first image
  /// In the words of an index, by what they are about: what all bundles have in common, and the
  /// slices so far.
  std::map<std::string, std::string> identity_;
  std::map<std::string, std::string> slices_;
};

}  // namespace pixelzx::pack
