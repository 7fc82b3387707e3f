// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "pack/tar_writer.h"

namespace pixelzx::pack {

/// The files of a layer about to be written. Paths are absolute. A folder that is only the parent
/// of something comes by itself, with mode 0755; everything belongs to root unless told.
class LayerTree {
 public:
  /// `owner` is its user and its group.
  void add_folder(const std::string& path, unsigned mode = 0755, unsigned owner = 0);
  void add_file(const std::string& path, unsigned mode, std::string content);
  void add_link(const std::string& path, std::string target);

  /// A tar of them, sorted by name. `mtime`: seconds since 1970, of every member.
  [[nodiscard]] std::string tar(std::int64_t mtime) const;

 private:
  struct Entry {
    TarMember::Kind kind = TarMember::Kind::kFolder;
    unsigned mode = 0755;
    unsigned owner = 0;
    std::string content;
  };
  void add(const std::string& path, Entry entry);

  std::map<std::string, Entry> entries_;  // by path
};

}  // namespace pixelzx::pack
