// SPDX-License-Identifier: Apache-2.0
#include "pack/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "pack/pack_error.h"

namespace pixelzx::pack {
namespace {

constexpr std::array kDeadlySignals = {SIGHUP, SIGINT, SIGTERM};

// What the handler removes; set before the handlers are, empty when there is nothing.
std::array<char, 4096> unfinished;  // NOLINT: a signal handler has nothing else to look at

extern "C" void remove_unfinished(int signal) {
  unlink(unfinished.data());
  (void)std::signal(signal, SIG_DFL);
  (void)raise(signal);
}

void handle_signals(void (*from)(int), void (*to)(int)) {
  for (const int signal : kDeadlySignals) {
    // What the caller ignores (nohup) stays ignored.
    const auto before = std::signal(signal, to);
    if (before != from) (void)std::signal(signal, before);
  }
}

/// The file that a symbolic link leads to, so that the link stays.
std::string behind_link(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                         &std::free);
  return real ? std::string(real.get()) : path;
}

unsigned current_umask() {
  const mode_t mask = umask(0);
  umask(mask);
  return mask;
}

}  // namespace

std::string read_file(const std::string& path, bool may_be_empty, std::uint64_t longest,
                      Problem too_long) {
  const Fd file = open_file(AT_FDCWD, path.c_str(), O_RDONLY);
  if (!file) throw_errno(Problem::kCannotRead, path);
  struct stat status {};
  std::string content;
  if (fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode)) {
    if (static_cast<std::uint64_t>(status.st_size) > longest) throw PackError(too_long, {path});
    content.reserve(static_cast<std::size_t>(status.st_size));
  }
  std::string buffer(std::size_t{1} << 16, '\0');
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno(Problem::kCannotRead, path);
    if (got == 0) break;
    content.append(buffer, 0, static_cast<std::size_t>(got));
    if (content.size() > longest) throw PackError(too_long, {path});
  }
  if (content.empty() && !may_be_empty) throw PackError(Problem::kEmptyFile, {path});
  return content;
}

OutputFile::OutputFile(std::string path, unsigned mode) : path_(std::move(path)), mode_(mode) {
  struct stat status {};
  if (stat(path_.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    throw PackError(Problem::kOutputNotAFile, {path_});
  }
  const std::string target = behind_link(path_);
  temporary_ =
      std::string(directory_of(target)) + "/." + std::string(base_name(target)) + ".XXXXXX";
  file_ = above_stderr(mkostemp(temporary_.data(), O_CLOEXEC));
  if (!file_) throw_errno(Problem::kCannotWrite, path_);
  if (temporary_.size() < unfinished.size()) {
    temporary_.copy(unfinished.data(), unfinished.size() - 1);
    handle_signals(SIG_DFL, remove_unfinished);
  }
}

OutputFile::~OutputFile() {
  if (file_) unlink(temporary_.c_str());
  handle_signals(remove_unfinished, SIG_DFL);
  unfinished.fill('\0');
}

void OutputFile::write(std::string_view bytes) {
  if (!write_all(fd(), bytes.data(), bytes.size())) throw_errno(Problem::kCannotWrite, path_);
}

void OutputFile::publish() {
  const std::string target = behind_link(path_);
  if (fchmod(fd(), mode_ & ~current_umask()) != 0 || fsync(fd()) != 0 ||
      rename(temporary_.c_str(), target.c_str()) != 0) {
    throw_errno(Problem::kCannotWrite, path_);
  }
  file_.reset();
}

Fd nameless_file() {
  const char* wanted = std::getenv("TMPDIR");
  // Not /tmp: there it often is memory.
  std::string path = wanted != nullptr && *wanted != '\0' ? wanted : "/var/tmp";
  path += "/pixelzx-pack.XXXXXX";
  Fd file = above_stderr(mkostemp(path.data(), O_CLOEXEC));
  if (!file) throw_errno(Problem::kCannotWrite, path);
  unlink(path.c_str());
  return file;
}

void print(std::string_view text) {
  if (!write_all(STDOUT_FILENO, text.data(), text.size())) {
    throw PackError(Problem::kCannotPrint, {std::strerror(errno)});
  }
}

}  // namespace pixelzx::pack
