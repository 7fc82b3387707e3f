// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "fixed_string.h"

namespace pixelzx {

/// An open file descriptor, closed at the end of its scope.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }

  void reset();
  /// Gives the descriptor away.
  int release() { return std::exchange(fd_, -1); }
  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// /proc/self/fd/N, which leads to what `file` has open.
Path descriptor_path(const Fd& file);

/// openat(2) with O_CLOEXEC. The descriptor is never 0, 1 or 2, even when the caller closed those:
/// what the launcher says on stderr must not end up in the file it writes.
/// Returns an empty Fd and sets errno on failure.
Fd open_file(int directory, const char* path, int flags, unsigned mode = 0);

/// Moves a new descriptor above stderr, as open_file does.
Fd above_stderr(int fd);

/// True when the file belongs to this process's effective user or to root, and nobody else may
/// write to it.
bool is_trusted(const struct stat& status);

/// Reads from `offset` until `size` bytes or the end of the file are there; continues after EINTR.
/// Returns the number of bytes read, or -1 and errno.
std::ptrdiff_t read_at(int fd, void* buffer, std::size_t size, std::uint64_t offset);

/// Reads until `size` bytes or the end are there, of a file that may not seek, as those of /proc
/// and /sys. Returns the number of bytes read.
std::size_t read_stream(int fd, char* buffer, std::size_t size);

/// Writes all of `size` bytes. Returns false and sets errno on failure.
bool write_all(int fd, const void* data, std::size_t size);

/// The folder part of `path`, without the slash at its end: `/a/b` gives `/a`, `b` gives `.`.
std::string_view directory_of(std::string_view path);

/// The part of `path` after the last slash.
std::string_view base_name(std::string_view path);

/// Calls `visit(name)` for each entry of the open directory, also `.` and `..`, with a name that
/// ends in a zero byte.
template <typename Visit>
void for_each_entry(int directory, const Visit& visit) {
  Fd copy = open_file(directory, ".", O_RDONLY | O_DIRECTORY);
  DIR* stream = copy ? fdopendir(copy.get()) : nullptr;
  if (stream == nullptr) return;
  copy.release();  // closedir closes it
  while (const dirent* entry = readdir(stream)) visit(static_cast<const char*>(entry->d_name));
  closedir(stream);
}

/// What a host shows of itself in files: the live machine's, or a snapshot folder's, which has the
/// same relative paths below it.
class HostFiles {
 public:
  /// `root` is "" for the live machine.
  explicit HostFiles(std::string_view root) : root_(root) {}

  /// The start of the file at `path` ("/proc/…"), as much as fits into `buffer`; empty when it
  /// cannot be read.
  template <std::size_t N>
  std::string_view read(std::string_view path, std::array<char, N>& buffer) const {
    return read(path, buffer.data(), N);
  }
  [[nodiscard]] bool exists(std::string_view path) const;
  /// The folder at `path`, to look through with for_each_entry; an empty Fd when it is not there.
  [[nodiscard]] Fd folder(std::string_view path) const;

 private:
  std::string_view read(std::string_view path, char* buffer, std::size_t size) const;

  Path root_;
};

}  // namespace pixelzx
