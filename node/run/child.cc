// SPDX-License-Identifier: Apache-2.0
#include "node/run/child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "node/base/files.h"

namespace pixelzx::node {
namespace {

/// Starts it, its standard output being `out`. This process' own signals are not blocked there.
std::error_code spawn(std::vector<std::string>& words, int out, pid_t& pid) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  sigset_t none{};
  sigset_t all{};
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error =
      ::posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return {error, std::generic_category()};
}

/// A child that is waited for, but not for ever.
class Wait {
 public:
  Wait(std::chrono::milliseconds patience, int interrupt)
      : limit_(Clock::now() + patience), interrupt_(interrupt) {}

  /// Until `from`, a descriptor or -1, can be read, or for `pause`.
  std::error_code until_readable(int from, bool& readable, std::chrono::milliseconds pause) const {
    std::array<pollfd, 2> wanted{{{from, POLLIN, 0}, {interrupt_, POLLIN, 0}}};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(limit_ - Clock::now());
    if (left.count() <= 0) return std::make_error_code(std::errc::stream_timeout);
    const int ready =
        ::poll(wanted.data(), wanted.size(), static_cast<int>(std::min(left, pause).count()));
    if (ready < 0 && errno != EINTR) return last_error();
    if (ready > 0 && wanted[1].revents != 0) {
      return std::make_error_code(std::errc::operation_canceled);
    }
    readable = ready > 0 && wanted[0].revents != 0;
    return {};
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point limit_;
  int interrupt_;
};

/// Reads to the end.
std::error_code collect(int from, std::string& text, std::size_t most, const Wait& wait) {
  for (;;) {
    bool readable = false;
    if (auto error = wait.until_readable(from, readable, std::chrono::hours(1))) return error;
    if (!readable) continue;
    std::array<char, 16384> bytes{};
    const ssize_t size = ::read(from, bytes.data(), bytes.size());
    if (size == 0) return {};
    if (size < 0) return last_error();
    text.append(bytes.data(), static_cast<std::size_t>(size));
    if (text.size() > most) return std::make_error_code(std::errc::file_too_large);
  }
}

/// What has closed its output may still be at work.
std::error_code await_end(pid_t pid, int& status, const Wait& wait) {
  constexpr std::chrono::milliseconds kPause{10};
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    bool readable = false;
    if (auto error = wait.until_readable(-1, readable, kPause)) return error;
  }
  return {};
}

}  // namespace

std::variant<ChildResult, std::error_code> run_child(std::vector<std::string> words,
                                                     std::size_t most,
                                                     std::chrono::milliseconds patience,
                                                     int interrupt) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return last_error();
  const Descriptor from(ends[0]);
  pid_t pid = 0;
  {
    const Descriptor to(ends[1]);
    if (const std::error_code error = spawn(words, to.get(), pid)) return error;
  }
  ChildResult result;
  int status = 0;
  const Wait wait(patience, interrupt);
  std::error_code error = collect(from.get(), result.out, most, wait);
  if (!error) error = await_end(pid, status, wait);
  if (error) {
    ::kill(pid, SIGKILL);
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return error;
  }
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace pixelzx::node
