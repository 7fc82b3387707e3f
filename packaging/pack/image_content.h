// SPDX-License-Identifier: Apache-2.0
//
// What is in the images that `pixelzx-pack image` makes, apart from the form in which that is
// written.
#pragma once

#include <string>
#include <vector>

#include "index.h"
#include "pack/launchers.h"
#include "pack/layer_tree.h"

namespace pixelzx::pack {

/// The user that images run as. Kubernetes' runAsNonRoot wants a number.
inline constexpr unsigned kImageUser = 1000;

/// What the layers are made of.
struct ImageParts {
  std::string program;
  std::vector<Launcher> launchers;
  /// Names and content of files for /usr/share/doc.
  std::vector<std::pair<std::string, std::string>> documents;
  /// Folders that the program may write to, and the one that it starts in, empty for `/`.
  std::vector<std::string> volumes;
  std::string working_directory;
};

/// What both kinds of images have for all platforms alike: users and folders.
LayerTree base_layer(const ImageParts& parts);
/// Adds to that what the universal image has: every launcher, and the signposts to them.
void add_signposts(const ImageParts& parts, LayerTree& layer);

/// PATH of the universal image for the architecture `arch`: the signposts, then where the
/// platform's own launcher is.
std::string signpost_path(const ImageParts& parts, std::string_view arch);

/// The link that starts the launcher of `arch`.
void add_entrypoint(const ImageParts& parts, std::string_view arch, LayerTree& layer);

/// The paths in an image.
inline constexpr std::string_view kImageHome = "/opt/pixelzx/";
inline constexpr std::string_view kImageBin = "/usr/local/bin";

}  // namespace pixelzx::pack
