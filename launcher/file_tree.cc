// SPDX-License-Identifier: Apache-2.0
#include "file_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"

namespace pixelzx {
namespace {

/// The x that counts for this user, as one who is not of the file's group.
unsigned own_x(const struct stat& status) {
  const uid_t user = geteuid();
  if (user == 0) return S_IXUSR | S_IXGRP | S_IXOTH;
  return user == status.st_uid ? S_IXUSR : S_IXOTH;
}

}  // namespace

std::string_view FileBytes::bytes(std::uint64_t offset, std::size_t size) {
  size = std::min(size, kLongest);
  const bool there =
      offset >= begin_ && offset - begin_ <= filled_ && size <= filled_ - (offset - begin_);
  if (!there) {
    const std::ptrdiff_t got = read_at(file_.get(), buffer_.data(), buffer_.size(), offset);
    begin_ = offset;
    filled_ = got < 0 ? 0 : static_cast<std::size_t>(got);
  }
  return std::string_view(buffer_.data(), filled_)
      .substr(static_cast<std::size_t>(offset - begin_), size);
}

FileTree::Status LiveFiles::status(const Path& path) {
  Status result;
  struct stat status {};
  if (path.truncated()) {
    result.error = ENAMETOOLONG;
  } else if (stat(path.c_str(), &status) != 0) {
    result.error = errno;
  }
  result.mode = status.st_mode;
  result.size = static_cast<std::uint64_t>(status.st_size);
  // Root may not either when no x bit is set at all.
  result.may_execute = result.error == 0 && access(path.c_str(), X_OK) == 0;
  result.denied = !result.may_execute && (status.st_mode & own_x(status)) != 0;
  return result;
}

Path LiveFiles::link_target(const Path& path) {
  std::array<char, 4095> buffer;  // NOLINT: filled below
  const ssize_t size = readlink(path.c_str(), buffer.data(), buffer.size());
  return size < 0 ? Path() : Path({buffer.data(), static_cast<std::size_t>(size)});
}

std::optional<FileTree::NoexecMount> LiveFiles::noexec_mount(const Path& path) {
  struct statvfs file_system {};
  if (statvfs(path.c_str(), &file_system) != 0 || (file_system.f_flag & ST_NOEXEC) == 0) return {};
  NoexecMount found;
  // proc(5), mountinfo: ID, parent, device, root, mount point, options, …
  const Memory text(256 << 10);
  const Fd mounts = open_file(AT_FDCWD, "/proc/self/mountinfo", O_RDONLY);
  if (!mounts || text.data() == nullptr) return found;
  // The real path, with no links in it.
  const Fd opened = open_file(AT_FDCWD, path.c_str(), O_PATH);
  const Path real = link_target(descriptor_path(opened));
  const std::string_view file = real.view();
  std::string_view rest(text.data(), read_stream(mounts.get(), text.data(), text.size()));
  while (!rest.empty()) {
    std::string_view line = take_until(rest, '\n');
    std::array<std::string_view, 5> words;
    for (std::string_view& word : words) word = take_until(line, ' ');
    const std::string_view point = words[4];
    const bool above = file.starts_with(point) &&
                       (point == "/" || file.size() == point.size() || file[point.size()] == '/');
    // Of two mounts at one place, the later hides the earlier.
    if (above && point.size() >= found.point.size()) {
      found.point = point;
      found.bind = words[3] != "/";
    }
  }
  return found;
}

bool LiveFiles::is_being_written(const Path& path) {
  const Fd file = open_file(AT_FDCWD, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  // The kernel gives no lease for reading while somebody writes (fcntl(2), F_SETLEASE).
  if (!file || fcntl(file.get(), F_SETLEASE, F_RDLCK) == 0) return false;
  return errno == EAGAIN;
}

int LiveFiles::denial(const Path& path) {
  // Only starting it tells what fapolicyd thinks of it. A traced process stops at execve, before
  // the program's first instruction, and is killed there.
  const pid_t process = _Fork();
  if (process == 0) {
    const std::array<char*, 2> argv{const_cast<char*>(path.c_str()), nullptr};  // NOLINT: execve(2)
    if (syscall(SYS_ptrace, PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(0);
    syscall(SYS_kill, getpid(), SIGSTOP);  // until it is told what to stop at
    execve(path.c_str(), argv.data(), argv.data() + 1);
    _exit(errno);
  }
  int status = 0;
  const auto stops = [process, &status] {
    return waitpid(process, &status, 0) == process && WIFSTOPPED(status);
  };
  const auto trace = [process](auto request, long options) {
    return syscall(SYS_ptrace, request, process, nullptr, options) == 0;
  };
  if (process < 0 || !stops()) return 0;
  if (!trace(PTRACE_SETOPTIONS, PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC) || !trace(PTRACE_CONT, 0) ||
      stops()) {
    syscall(SYS_kill, process, SIGKILL);
    waitpid(process, &status, 0);
  }
  const int error = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  return error == EACCES || error == EPERM ? error : 0;
}

ByteSource* LiveFiles::open(const Path& path, int& error) {
  // O_NONBLOCK: whatever has taken the place of a regular file is not waited for.
  Fd file = open_file(AT_FDCWD, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) {
    error = errno;
    return nullptr;
  }
  bytes_.open(std::move(file));
  return &bytes_;
}

}  // namespace pixelzx
