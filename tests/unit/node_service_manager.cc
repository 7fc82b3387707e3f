// SPDX-License-Identifier: Apache-2.0
#include "node/run/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <future>
#include <string>

namespace pixelzx::node {
namespace {

/// A variable of the environment, as long as this is there.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

/// What systemd has: a socket, here with an abstract name that the kernel chooses.
class Manager {
 public:
  Manager() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto* const any = reinterpret_cast<sockaddr*>(&address);  // NOLINT
    REQUIRE(::bind(fd_, any, sizeof(address.sun_family)) == 0);
    socklen_t length = sizeof(address);
    REQUIRE(::getsockname(fd_, any, &length) == 0);
    name_.assign(address.sun_path, length - offsetof(sockaddr_un, sun_path));
    name_.front() = '@';
  }
  ~Manager() { ::close(fd_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::string heard() const {
    std::array<char, 64> bytes{};
    const ssize_t size = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

 private:
  int fd_;
  std::string name_;
};

TEST_CASE("the service manager is told", "[node]") {
  const Manager manager;
  CHECK_FALSE(tell_manager("READY=1"));
  {
    const Variable socket("NOTIFY_SOCKET", manager.name());
    CHECK(tell_manager("READY=1"));
    CHECK(manager.heard() == "READY=1");
    CHECK(manager.heard().empty());
  }
  for (const std::string& name : {std::string(), std::string("/"), std::string("/nowhere/socket"),
                                  std::string("relative"), "/" + std::string(200, 'x')}) {
    const Variable socket("NOTIFY_SOCKET", name);
    CHECK_FALSE(tell_manager("READY=1"));
  }
}

std::future<void> ready() {
  std::promise<void> promise;
  promise.set_value();
  return promise.get_future();
}

TEST_CASE("the watchdog's period is that of this process", "[node]") {
  using std::chrono::milliseconds;
  const auto period = [] { return Watchdog(ready).period(); };
  CHECK(period() == milliseconds(0));
  const Variable limit("WATCHDOG_USEC", "60000000");
  CHECK(period() == milliseconds(15000));
  {
    const Variable process("WATCHDOG_PID", std::to_string(::getpid()));
    CHECK(period() == milliseconds(15000));
  }
  {
    const Variable process("WATCHDOG_PID", std::to_string(::getppid()));
    CHECK(period() == milliseconds(0));
  }
  {
    const Variable day("WATCHDOG_USEC", "86400000000");
    CHECK(period() == std::chrono::hours(6));
  }
  for (const char* text : {"", "-5", "x", "60s", "99999999999999999999"}) {
    const Variable other("WATCHDOG_USEC", text);
    CHECK(period() == milliseconds(0));
  }
}

TEST_CASE("the watchdog is fed as long as all is well", "[node]") {
  const Manager manager;
  const Variable socket("NOTIFY_SOCKET", manager.name());
  std::promise<void> well;
  int probes = 0;
  const auto probe = [&] {
    ++probes;
    well = std::promise<void>();
    return well.get_future();
  };
  Watchdog nobodys(probe);
  nobodys.feed();
  CHECK(probes == 0);

  const Variable limit("WATCHDOG_USEC", "60000000");
  Watchdog watchdog(probe);
  watchdog.feed();
  watchdog.feed();
  CHECK(manager.heard().empty());
  CHECK(probes == 1);
  well.set_value();
  watchdog.feed();
  watchdog.feed();
  CHECK(manager.heard() == "WATCHDOG=1");
  CHECK(manager.heard().empty());
  CHECK(probes == 2);
}

}  // namespace
}  // namespace pixelzx::node
