// SPDX-License-Identifier: Apache-2.0
#include "node/base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace pixelzx::node {
namespace {

/// Above which it has its name.
std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

std::error_code sync_folder(const std::filesystem::path& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder.get() >= 0 && ::fsync(folder.get()) == 0 ? std::error_code() : last_error();
}

/// Makes the one folder.
std::error_code make_folder(const std::filesystem::path& path) {
  return ::mkdir(path.c_str(), 0700) == 0 ? sync_folder(folder_of(path)) : last_error();
}

}  // namespace

std::error_code last_error() {
  return {errno, std::generic_category()};
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

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

Draft::Draft(std::filesystem::path path)
    : path_(std::move(path)),
      folder_(folder_of(path_)),
      name_((folder_ / ".pixelzx-XXXXXX").string()),
      file_(::mkostemp(name_.data(), O_CLOEXEC)) {  // 0600
  if (file_.get() >= 0) return;
  error_ = last_error();
  name_.clear();
}

Draft::~Draft() {
  if (!name_.empty()) ::unlink(name_.c_str());
}

std::error_code Draft::write(std::string_view bytes) {
  while (!error_ && !bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error_ = last_error();
    }
  }
  return error_;
}

std::error_code Draft::keep(IfThere there) {
  if (error_) return error_;
  if (::fsync(file_.get()) != 0) return last_error();
  // Not link(2), which not every file system has.
  if (there == IfThere::kRefuse && ::access(path_.c_str(), F_OK) == 0) {
    return std::make_error_code(std::errc::file_exists);
  }
  if (::rename(name_.c_str(), path_.c_str()) != 0) return last_error();
  name_.clear();
  return sync_folder(folder_);
}

std::error_code write_file(const std::filesystem::path& path, std::string_view bytes,
                           IfThere there) {
  Draft draft(path);
  const std::error_code error = draft.write(bytes);
  return error ? error : draft.keep(there);
}

std::error_code make_private_folder(const std::filesystem::path& path) {
  // With a slash at its end.
  if (!path.has_filename() && path.has_relative_path()) {
    return make_private_folder(path.parent_path());
  }
  std::error_code error = make_folder(path);
  if (error == std::errc::no_such_file_or_directory && path.has_parent_path()) {
    error = make_private_folder(path.parent_path());
    if (!error) error = make_folder(path);
  }
  std::error_code ignored;
  return error == std::errc::file_exists && std::filesystem::is_directory(path, ignored)
             ? std::error_code()
             : error;
}

}  // namespace pixelzx::node
