// SPDX-License-Identifier: Apache-2.0
#include "node/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace pixelzx::node {
namespace {

std::error_code last_error() {
  return {errno, std::generic_category()};
}

/// A descriptor, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

std::error_code write_and_sync(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return last_error();
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0 ? std::error_code() : last_error();
}

}  // namespace

std::variant<std::string, std::error_code> read_file(const std::filesystem::path& path,
                                                     std::size_t most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) return last_error();
  std::string bytes;
  std::array<char, 16384> part{};
  while (true) {
    const ssize_t got = ::read(file.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_error();
    if (got == 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(got));
    if (bytes.size() > most) return std::make_error_code(std::errc::file_too_large);
  }
}

std::error_code write_new_file(const std::filesystem::path& path, std::string_view bytes) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  std::string draft = folder / ".pixelzx-XXXXXX";
  const Descriptor file(::mkostemp(draft.data(), O_CLOEXEC));  // 0600
  if (file.get() < 0) return last_error();
  std::error_code error = write_and_sync(file.get(), bytes);
  // Not link(2), which not every file system has.
  if (!error && ::access(path.c_str(), F_OK) == 0)
    error = std::make_error_code(std::errc::file_exists);
  if (!error && ::rename(draft.c_str(), path.c_str()) != 0) error = last_error();
  if (error) {
    ::unlink(draft.c_str());
    return error;
  }
  const Descriptor above(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return above.get() >= 0 && ::fsync(above.get()) == 0 ? std::error_code() : last_error();
}

std::error_code make_private_folder(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  if (errno == ENOENT && path.has_parent_path() && path.parent_path() != path) {
    if (const std::error_code error = make_private_folder(path.parent_path())) return error;
    if (::mkdir(path.c_str(), 0700) == 0) return {};
  }
  std::error_code error = last_error();
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) ? std::error_code() : error;
}

}  // namespace pixelzx::node
