// SPDX-License-Identifier: Apache-2.0
#include "node/run/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace pixelzx::node {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// 0 when it is no number.
std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

std::chrono::milliseconds watchdog_period() {
  const std::string_view process = variable("WATCHDOG_PID");
  if (!process.empty() && number_of(process) != ::getpid()) return {};
  const std::chrono::microseconds limit(
      std::max<std::int64_t>(number_of(variable("WATCHDOG_USEC")), 0));
  return std::chrono::duration_cast<std::chrono::milliseconds>(limit / 4);
}

}  // namespace

bool tell_manager(std::string_view state) {
  const std::string_view path = variable("NOTIFY_SOCKET");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() < 2 || path.size() >= sizeof(address.sun_path)) return false;
  if (path.front() != '/' && path.front() != '@') return false;
  std::copy(path.begin(), path.end(), address.sun_path);
  // An abstract name, which begins with a zero.
  if (path.front() == '@') address.sun_path[0] = '\0';
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  // A manager that does not read must not hold the node up.
  const ssize_t sent = ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                                reinterpret_cast<const sockaddr*>(&address), length);  // NOLINT
  ::close(fd);
  return sent == static_cast<ssize_t>(state.size());
}

Watchdog::Watchdog(std::function<std::future<void>()> probe)
    : period_(watchdog_period()), probe_(std::move(probe)) {
  if (period_.count() != 0) well_ = probe_();
}

void Watchdog::feed() {
  if (!well_.valid() || well_.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
    return;
  tell_manager("WATCHDOG=1");
  well_ = probe_();
}

}  // namespace pixelzx::node
