// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnosis.h"
#include "pack/image.h"
#include "pack/image_tree.h"

namespace pixelzx::pack {

/// What a container engine would start.
struct Start {
  std::string file;
  /// Why there is no file: kNoEntrypoint, kEntrypointMissing.
  std::optional<Diagnosis> diagnosis;
  /// The layer that removed the file.
  std::optional<std::uint32_t> removed_by;
};

/// The words of Entrypoint and Cmd, which engines put together.
std::vector<std::string> start_words(const Image& image);

/// PATH of the config's Env, or the one that engines set without it.
std::string_view search_path(const Image& image);

/// Looks up the first of `start_words` as engines do: along PATH unless it has a slash, inside the
/// container, taking the first regular file that may be executed. A file that may not is taken when
/// there is no other.
Start find_start(ImageTree& tree, const Image& image, Language language);

/// The config's User (`user`, `uid`, `user:group`, `uid:gid`), with the image's /etc/passwd and
/// /etc/group. Nothing for a name that they do not have (or whose content is not there yet).
std::optional<ImageUser> find_user(ImageTree& tree, const std::string& user);

}  // namespace pixelzx::pack
