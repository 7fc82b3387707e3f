// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct archive;

namespace pixelzx::pack {

/// Writes a tar (POSIX ustar) whose every member is a regular file, mode 0644, of user and group 0.
class TarWriter {
 public:
  /// Writes to `fd`. `mtime`: seconds since 1970, of every member. Errors are thrown as
  /// kCannotWrite for the file `path`.
  TarWriter(int fd, std::string path, std::int64_t mtime);

  void add(const std::string& name, std::string_view content);
  /// Writes the end of the tar.
  void close();

 private:
  void check(int result);

  struct Free {
    void operator()(struct archive* tar) const;
  };
  std::string path_;
  std::int64_t mtime_;
  std::unique_ptr<struct archive, Free> tar_;
};

}  // namespace pixelzx::pack
