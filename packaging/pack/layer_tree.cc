// SPDX-License-Identifier: Apache-2.0
#include "pack/layer_tree.h"

#include <utility>

namespace pixelzx::pack {

void LayerTree::add_folder(const std::string& path, unsigned mode, unsigned owner) {
  add(path, {TarMember::Kind::kFolder, mode, owner, {}});
}

void LayerTree::add_file(const std::string& path, unsigned mode, std::string content) {
  add(path, {TarMember::Kind::kFile, mode, 0, std::move(content)});
}

void LayerTree::add_link(const std::string& path, std::string target) {
  add(path, {TarMember::Kind::kSymbolicLink, 0777, 0, std::move(target)});
}

void LayerTree::add(const std::string& path, Entry entry) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    entries_.try_emplace(path.substr(0, slash));
  }
  entries_[path] = std::move(entry);
}

std::string LayerTree::tar(std::int64_t mtime) const {
  std::string bytes;
  TarWriter writer(bytes, mtime);
  for (const auto& [path, entry] : entries_) {
    writer.add({.name = path.substr(1),
                .kind = entry.kind,
                .mode = entry.mode,
                .owner = entry.owner,
                .content = entry.content});
  }
  writer.close();
  return bytes;
}

}  // namespace pixelzx::pack
