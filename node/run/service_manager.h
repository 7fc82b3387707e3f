// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

namespace pixelzx::node {

/// Tells the service manager that has started this process, such as systemd, a state of
/// sd_notify(3): `READY=1`, `STOPPING=1`, `WATCHDOG=1`. False when there is none, or it cannot be
/// told: nothing depends on that.
bool tell_manager(std::string_view state);

/// A quarter of the time after which the manager ends a process that has not said `WATCHDOG=1`, so
/// that there is more than one chance. 0: it never does.
std::chrono::milliseconds watchdog_period();

}  // namespace pixelzx::node
