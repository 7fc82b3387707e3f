// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace pixelzx::node {

/// SIGTERM and SIGINT, which ask to stop, and SIGHUP, kept until they are asked for, as the first
/// process of a container too, where the system would ignore them. SIGPIPE is ignored. To be made
/// before the first thread.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// A descriptor that can be read from when there is a signal.
  [[nodiscard]] int fd() const { return fd_; }

  [[nodiscard]] static bool is_pending();

  /// The next signal. 0 when there is none for `patience`, if that is not 0.
  [[nodiscard]] static int wait(std::chrono::milliseconds patience = {});

  /// From now on a SIGTERM or SIGINT ends the process at once, with the status that a shell has for
  /// it. ask_to_stop() does nothing any more.
  static void end_at_next();

 private:
  int fd_;
};

/// Asks this process to stop, as SIGTERM does.
void ask_to_stop();

}  // namespace pixelzx::node
