// SPDX-License-Identifier: Apache-2.0
#include "pack/image_tree.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "pack/image_store.h"

namespace pixelzx::pack {
namespace {

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
constexpr int kMostLinks = 40;  // as path_resolution(7) has it

/// The components of `path`, last first, so that the next one is at the end.
std::vector<std::string> reversed_parts(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    if (slash > 0) parts.emplace_back(path.substr(0, slash));
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  std::ranges::reverse(parts);
  return parts;
}

unsigned type_bits(EntryKind kind) {
  switch (kind) {
    case EntryKind::kDirectory:
      return S_IFDIR;
    case EntryKind::kSymlink:
      return S_IFLNK;
    case EntryKind::kOther:
      return S_IFCHR;
    default:
      return S_IFREG;
  }
}

}  // namespace

struct ImageTree::Node {
  Node* parent = nullptr;
  const std::string* name = nullptr;  // its key in the parent
  unsigned mode = S_IFDIR | 0755;
  unsigned depth = 0;
  std::uint32_t layer = 0;
  ContentId content;
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::uint64_t size = 0;
  std::string target;
  std::map<std::string, std::unique_ptr<Node>> children;

  [[nodiscard]] bool is_folder() const { return S_ISDIR(mode); }
  [[nodiscard]] std::string path() const {
    if (parent == nullptr) return "";
    return parent->path() + "/" + *name;
  }
};

ImageTree::ImageTree() : root_(std::make_unique<Node>()) {}
ImageTree::~ImageTree() = default;

void ImageTree::prune(Node& folder) {
  for (auto at = folder.children.begin(); at != folder.children.end();) {
    Node& child = *at->second;
    if (child.is_folder()) prune(child);
    const bool goes = child.layer < layer_ && child.children.empty();
    at = goes ? folder.children.erase(at) : std::next(at);
  }
}

void ImageTree::prune(Node& folder, const std::string& name) {
  const auto found = folder.children.find(name);
  if (found == folder.children.end()) return;
  Node& child = *found->second;
  removed_[child.path()] = layer_;
  if (child.is_folder()) prune(child);
  if (child.layer < layer_ && child.children.empty()) folder.children.erase(found);
}

ImageTree::Node& ImageTree::replace(Node& folder, const std::string& name, bool keep_folder) {
  auto [at, added] = folder.children.try_emplace(name);
  if (added && ++entries_ > kMostEntries) throw Fault(kFaultTooManyEntries);
  // Links to deep folders could make ever deeper ones.
  if (folder.depth >= kDeepest) throw Fault(kFaultLongPath, name);
  const bool keep = at->second && keep_folder && at->second->is_folder();
  if (!keep) at->second = std::make_unique<Node>();
  at->second->parent = &folder;
  at->second->name = &at->first;
  at->second->depth = folder.depth + 1;
  at->second->layer = layer_;
  return *at->second;
}

ImageTree::Node& ImageTree::child_folder(Node& folder, const std::string& name) {
  const auto found = folder.children.find(name);
  if (found != folder.children.end() && found->second->is_folder()) return *found->second;
  return replace(folder, name, true);
}

ImageTree::Node& ImageTree::folder_for(std::string_view path) {
  // Links in the way are followed inside the image, as containerd does.
  std::vector<std::string> todo = reversed_parts(path);
  Node* folder = root_.get();
  for (int links = 0; !todo.empty();) {
    const std::string part = std::move(todo.back());
    todo.pop_back();
    if (part == ".") continue;
    if (part == "..") {
      folder = folder->parent != nullptr ? folder->parent : folder;
      continue;
    }
    const auto found = folder->children.find(part);
    if (found == folder->children.end() || !S_ISLNK(found->second->mode)) {
      folder = &child_folder(*folder, part);
      continue;
    }
    if (++links > kMostLinks) throw Fault(kFaultLinkLoop, std::string(path));
    const std::string& target = found->second->target;
    if (target.starts_with('/')) folder = root_.get();
    for (std::string& next : reversed_parts(target)) todo.push_back(std::move(next));
  }
  return *folder;
}

void ImageTree::add(const LayerEntry& entry, std::uint32_t number) {
  if (entry.path.size() > kLongestPath || entry.target.size() > kLongestPath) {
    throw Fault(kFaultLongPath, entry.path.substr(0, 64));
  }
  const std::string path = clean_name(entry.path);
  if (path.empty()) {
    // The root folder itself; only `..` is no name either.
    if (entry.path.find("..") != std::string::npos) throw Fault(kFaultLeadsOut, entry.path);
    if (entry.kind == EntryKind::kDirectory) root_->mode = S_IFDIR | entry.mode;
    return;
  }
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  Node& folder = folder_for(slash == std::string::npos ? "" : path.substr(0, slash));
  if (name == kOpaque) return prune(folder);
  if (name.starts_with(kWhiteout)) return prune(folder, name.substr(kWhiteout.size()));
  if (entry.kind == EntryKind::kHardlink) return add_hardlink(folder, name, entry);
  Node& node = replace(folder, name, entry.kind == EntryKind::kDirectory);
  node.mode = type_bits(entry.kind) | entry.mode;
  node.uid = entry.uid;
  node.gid = entry.gid;
  node.content = {layer_, number};
  node.size = entry.kind == EntryKind::kFile ? entry.size : 0;
  node.target = entry.kind == EntryKind::kSymlink ? entry.target : "";
}

void ImageTree::add_hardlink(Node& folder, const std::string& name, const LayerEntry& entry) {
  const std::string target = clean_name(entry.target);
  if (target.empty()) throw Fault(kFaultLeadsOut, entry.target);
  const Walk found = walk("/" + target, false);
  if (found.node == nullptr || found.node->is_folder()) throw Fault(kFaultHardlink, entry.target);
  const Node& old = *found.node;
  const auto same = folder.children.find(name);
  if (same != folder.children.end() && same->second.get() == &old) return;
  Node copy;
  copy.mode = old.mode;
  copy.uid = old.uid;
  copy.gid = old.gid;
  copy.size = old.size;
  copy.content = old.content;
  copy.target = old.target;
  Node& node = replace(folder, name, false);
  copy.parent = node.parent;
  copy.name = node.name;
  copy.depth = node.depth;
  copy.layer = node.layer;
  node = std::move(copy);
}

ImageTree::Walk ImageTree::walk(std::string_view path, bool last) {
  if (path.empty()) return {nullptr, ENOENT};
  std::vector<std::string> todo = reversed_parts(path);
  if (!path.starts_with('/')) {
    for (std::string& part : reversed_parts(working_directory_)) todo.push_back(std::move(part));
  }
  Node* node = root_.get();
  for (int links = 0; !todo.empty();) {
    const std::string part = std::move(todo.back());
    todo.pop_back();
    if (!node->is_folder()) return {nullptr, ENOTDIR};
    if (user_ && !may_execute(*node)) return {nullptr, EACCES};
    if (part == ".") continue;
    if (part == "..") {
      node = node->parent != nullptr ? node->parent : node;
      continue;
    }
    const auto found = node->children.find(part);
    if (found == node->children.end()) return {nullptr, ENOENT};
    Node* next = found->second.get();
    if (!S_ISLNK(next->mode) || (todo.empty() && !last)) {
      node = next;
      continue;
    }
    if (++links > kMostLinks) return {nullptr, ELOOP};
    if (next->target.empty()) return {nullptr, ENOENT};
    if (next->target.starts_with('/')) node = root_.get();
    for (std::string& step : reversed_parts(next->target)) todo.push_back(std::move(step));
  }
  const bool wants_folder = path.ends_with('/');
  if (wants_folder && !node->is_folder()) return {nullptr, ENOTDIR};
  return {node, 0};
}

bool ImageTree::may_execute(const Node& node) const {
  constexpr unsigned kOwner = 0100;
  constexpr unsigned kGroup = 0010;
  constexpr unsigned kOthers = 0001;
  if (!user_) return (node.mode & 0111) != 0;
  if (user_->uid == 0) return node.is_folder() || (node.mode & 0111) != 0;
  if (user_->uid == node.uid) return (node.mode & kOwner) != 0;
  const bool member = std::ranges::find(user_->gids, node.gid) != user_->gids.end();
  return (node.mode & (member ? kGroup : kOthers)) != 0;
}

FileTree::Status ImageTree::status(const Path& path) {
  if (path.truncated()) return {.error = ENAMETOOLONG};
  const Walk found = walk(path.view(), true);
  if (found.node == nullptr) return {.error = found.error};
  return {.error = 0,
          .mode = found.node->mode,
          .size = found.node->size,
          .may_execute = may_execute(*found.node)};
}

Path ImageTree::link_target(const Path& path) {
  const Walk found = walk(path.view(), false);
  if (found.node == nullptr) return {};
  const std::string_view target = found.node->target;
  return target;
}

ByteSource* ImageTree::open(const Path& path, int& error) {
  const Walk found = walk(path.view(), true);
  error = found.error;
  if (found.node == nullptr) return nullptr;
  error = EACCES;
  if (!S_ISREG(found.node->mode)) return nullptr;
  const auto content = captured_.find(found.node->content);
  if (content != captured_.end()) return &content->second;
  error = EAGAIN;
  if (captured_.size() + wanted_.size() < kMostCaptured) wanted_.insert(found.node->content);
  return nullptr;
}

std::string ImageTree::real_path(const std::string& path) {
  const Walk found = walk(path, true);
  return found.node == nullptr ? "" : found.node->path();
}

std::optional<ContentId> ImageTree::content_id(const std::string& path) {
  const Walk found = walk(path, true);
  if (found.node == nullptr || !S_ISREG(found.node->mode)) return std::nullopt;
  return found.node->content;
}

std::optional<std::uint32_t> ImageTree::layer_of(const std::string& path) {
  const Walk found = walk(path, true);
  if (found.node == nullptr) return std::nullopt;
  return found.node->layer;
}

std::optional<std::uint32_t> ImageTree::removed_by(const std::string& path) const {
  // What was removed may have been a folder above.
  for (std::string at = path; !at.empty(); at.resize(std::min(at.rfind('/'), at.size()))) {
    const auto found = removed_.find(at);
    if (found != removed_.end()) return found->second;
  }
  return std::nullopt;
}

void ImageTree::add_executables(const Node& node, std::size_t most, std::vector<std::string>& paths,
                                std::size_t& all) {
  for (const auto& [name, child] : node.children) {
    const bool executable = S_ISREG(child->mode) && (child->mode & 0111) != 0;
    if (executable && ++all <= most) paths.push_back(child->path());
    add_executables(*child, most, paths, all);
  }
}

std::vector<std::string> ImageTree::executables(std::size_t most, std::size_t& all) const {
  std::vector<std::string> paths;
  all = 0;
  add_executables(*root_, most, paths, all);
  return paths;
}

std::set<ContentId> ImageTree::take_wanted() {
  std::set<ContentId> wanted;
  wanted.swap(wanted_);
  return wanted;
}

void ImageTree::put(ContentId id, CapturedBytes content) {
  captured_.insert_or_assign(id, std::move(content));
}

}  // namespace pixelzx::pack
