// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct archive;

namespace pixelzx::pack {

/// A member of a tar.
struct TarMember {
  enum class Kind { kFile, kFolder, kSymbolicLink };

  std::string name;
  Kind kind = Kind::kFile;
  unsigned mode = 0644;
  /// Its user and its group.
  unsigned owner = 0;
  /// A file's bytes, a link's target.
  std::string_view content;
};

/// Writes a tar: POSIX ustar, and where that cannot hold a name, pax.
class TarWriter {
 public:
  /// Writes to `fd`. `mtime`: seconds since 1970, of every member. Errors are thrown as
  /// kCannotWrite for the file `path`.
  TarWriter(int fd, std::string path, std::int64_t mtime);
  /// Appends to `bytes`, which must live as long as the writer.
  TarWriter(std::string& bytes, std::int64_t mtime);

  void add(const TarMember& member);
  /// Writes the end of the tar.
  void close();

 private:
  void prepare();
  void check(int result);

  struct Free {
    void operator()(struct archive* tar) const;
  };
  std::string path_;
  std::int64_t mtime_;
  std::unique_ptr<struct archive, Free> tar_;
};

}  // namespace pixelzx::pack
