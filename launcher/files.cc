// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/auxv.h>
#include <unistd.h>

namespace pixelzx {

void Fd::reset() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

Path descriptor_path(const Fd& file) {
  return Path("/proc/self/fd/").append_number(static_cast<std::uint64_t>(file.get()));
}

Fd open_file(int directory, const char* path, int flags, unsigned mode) {
  return above_stderr(openat(directory, path, flags | O_CLOEXEC, mode));
}

Fd above_stderr(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return Fd(fd);
  const int flags = fcntl(fd, F_GETFD);
  const bool close_on_exec = flags >= 0 && (flags & FD_CLOEXEC) != 0;
  const int moved = fcntl(fd, close_on_exec ? F_DUPFD_CLOEXEC : F_DUPFD, STDERR_FILENO + 1);
  const int error = errno;
  close(fd);
  errno = error;
  return Fd(moved);
}

bool is_trusted(const struct stat& status) {
  const auto user = static_cast<uid_t>(getauxval(AT_EUID));
  return (status.st_uid == user || status.st_uid == 0) &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

std::ptrdiff_t read_at(int fd, void* buffer, std::size_t size, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = pread(fd, static_cast<char*>(buffer) + done, size - done,
                              static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<std::ptrdiff_t>(done);
}

std::size_t read_stream(int fd, char* buffer, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = read(fd, buffer + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

bool write_all(int fd, const void* data, std::size_t size) {
  const char* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(fd, next, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    next += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

std::string_view directory_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? path.substr(0, 1) : path.substr(0, slash);
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

bool HostFiles::exists(std::string_view path) const {
  Path full(root_);
  full.append(path);
  return !full.truncated() && access(full.c_str(), F_OK) == 0;
}

Fd HostFiles::folder(std::string_view path) const {
  Path full(root_);
  full.append(path);
  return full.truncated() ? Fd() : open_file(AT_FDCWD, full.c_str(), O_RDONLY | O_DIRECTORY);
}

std::string_view HostFiles::read(std::string_view path, char* buffer, std::size_t size) const {
  Path full(root_);
  full.append(path);
  if (full.truncated()) return {};
  const Fd fd = open_file(AT_FDCWD, full.c_str(), O_RDONLY);
  if (!fd) return {};
  return {buffer, read_stream(fd.get(), buffer, size)};
}

}  // namespace pixelzx
