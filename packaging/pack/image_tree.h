// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "file_tree.h"
#include "pack/captured_bytes.h"
#include "pack/layer_entry.h"

namespace pixelzx::pack {

/// Which bytes a file of the tree has: the content of an entry of a layer, both counted from 0.
struct ContentId {
  std::uint32_t layer = 0;
  std::uint32_t entry = 0;
  friend bool operator<(const ContentId& a, const ContentId& b) {
    return std::tie(a.layer, a.entry) < std::tie(b.layer, b.entry);
  }
};

/// Who starts the program. Nothing is known of users that no /etc/passwd names.
struct ImageUser {
  std::uint64_t uid = 0;
  std::vector<std::uint64_t> gids;
};

/// The files of an image: its layers, applied one after the other (image-spec, layer.md), with
/// symbolic links that stay inside. Of the files' content only some is kept, that of files which
/// were asked for: open() fails with EAGAIN and notes the wish when it is not there (yet).
class ImageTree final : public FileTree {
 public:
  static constexpr std::size_t kMostEntries = 1'000'000;
  static constexpr std::size_t kMostCaptured = 4096;  // 48 KiB each, seldom more
  static constexpr std::size_t kLongestPath = 4096;   // PATH_MAX
  static constexpr unsigned kDeepest = 4096;

  ImageTree();
  ~ImageTree();
  ImageTree(const ImageTree&) = delete;
  ImageTree& operator=(const ImageTree&) = delete;

  /// What add() gets next is of the layer with that number, counted from 0.
  void begin_layer(std::uint32_t layer) { layer_ = layer; }
  /// Applies an entry, `number` being its own in the layer. Throws Fault for paths that lead out of
  /// the image, links in a circle, hard links to nothing, and too many entries.
  void add(const LayerEntry& entry, std::uint32_t number);

  /// Relative paths begin here; "/" at first.
  void set_working_directory(std::string path) { working_directory_ = std::move(path); }
  /// Whose permissions status() tells; nothing: somebody's.
  void set_user(std::optional<ImageUser> user) { user_ = std::move(user); }

  Status status(const Path& path) override;
  Path link_target(const Path& path) override;
  ByteSource* open(const Path& path, int& error) override;

  /// Where `path` leads, free of links; empty when it leads nowhere.
  [[nodiscard]] std::string real_path(const std::string& path);
  /// Which bytes the regular file has that `path` leads to; nothing when it leads to none.
  [[nodiscard]] std::optional<ContentId> content_id(const std::string& path);
  /// The layer that brought what `path` leads to.
  [[nodiscard]] std::optional<std::uint32_t> layer_of(const std::string& path);
  /// The layer whose whiteout removed what was at `path`.
  [[nodiscard]] std::optional<std::uint32_t> removed_by(const std::string& path) const;
  /// The first `most` executable regular files in the order of their paths; `all` counts them.
  [[nodiscard]] std::vector<std::string> executables(std::size_t most, std::size_t& all) const;

  /// The contents that open() lacked since the last call, as far as kMostCaptured allows.
  [[nodiscard]] std::set<ContentId> take_wanted();
  void put(ContentId id, CapturedBytes content);

 private:
  struct Node;
  struct Walk {
    Node* node = nullptr;
    int error = 0;
  };

  /// Follows `path`; with `last`, also a link at its end.
  Walk walk(std::string_view path, bool last);
  /// The folder that the entry at `path` lies in, made where it is missing.
  Node& folder_for(std::string_view path);
  Node& child_folder(Node& folder, const std::string& name);
  Node& replace(Node& folder, const std::string& name, bool keep_folder);
  void add_hardlink(Node& folder, const std::string& name, const LayerEntry& entry);
  /// Removes what lower layers have below `folder`, or at `name` in it.
  void prune(Node& folder);
  void prune(Node& folder, const std::string& name);
  [[nodiscard]] bool may_execute(const Node& node) const;
  static void add_executables(const Node& node, std::size_t most, std::vector<std::string>& paths,
                              std::size_t& all);

  std::unique_ptr<Node> root_;
  std::uint32_t layer_ = 0;
  std::size_t entries_ = 0;
  std::string working_directory_ = "/";
  std::optional<ImageUser> user_ = ImageUser{.uid = 0, .gids = {0}};
  std::map<std::string, std::uint32_t> removed_;
  std::map<ContentId, CapturedBytes> captured_;
  std::set<ContentId> wanted_;
};

}  // namespace pixelzx::pack
