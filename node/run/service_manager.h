// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <string_view>

namespace pixelzx::node {

/// Tells the service manager that has started this process, such as systemd, a state of
/// sd_notify(3): `READY=1`, `STOPPING=1`, `WATCHDOG=1`. False when there is none, or it cannot be
/// told: nothing depends on that.
bool tell_manager(std::string_view state);

/// The service manager's watchdog, which ends a process that it has not heard of for some time.
class Watchdog {
 public:
  /// `probe`: begins to look whether all is well; what it returns becomes ready when it is.
  explicit Watchdog(std::function<std::future<void>()> probe);

  /// How often to feed it: a quarter of that time, so that there is more than one chance. 0: there
  /// is no watchdog.
  [[nodiscard]] std::chrono::milliseconds period() const { return period_; }
  /// Says `WATCHDOG=1` if the last probe is ready, and begins another one then. Never waits.
  void feed();

 private:
  std::chrono::milliseconds period_;
  std::function<std::future<void>()> probe_;
  std::future<void> well_;
};

}  // namespace pixelzx::node
