// SPDX-License-Identifier: Apache-2.0
#include "node/run/signals.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>

namespace pixelzx::node {
namespace {

/// Of a process that stops, and is asked to meanwhile.
template <typename Ask>
int status_after(Ask ask) {
  const pid_t child = fork();
  if (child == 0) {
    const Signals signals;
    Signals::end_at_next();
    ask();
    _exit(1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

TEST_CASE("a process that stops ends at once when others ask for it, not by itself", "[node]") {
  CHECK(status_after([] { ask_to_stop(); }) == 1);
  // The thread sanitizer, which keeps signals back until a call it knows, does not deliver this
  // one.
#ifndef __SANITIZE_THREAD__
  const auto other = [] {
    const pid_t parent = getpid();
    if (fork() == 0) {
      kill(parent, SIGTERM);
      _exit(0);
    }
    for (;;) pause();
  };
  CHECK(status_after(other) == 128 + SIGTERM);
#endif
}

}  // namespace
}  // namespace pixelzx::node
