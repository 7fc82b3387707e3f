// SPDX-License-Identifier: Apache-2.0
#include "node/run/child.h"

#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>

namespace pixelzx::node {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMost = 100;
constexpr std::chrono::minutes kPatience{2};

/// Readable as soon as somebody has interrupted.
class Interrupt {
 public:
  Interrupt() { REQUIRE(::pipe(ends_.data()) == 0); }
  ~Interrupt() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  [[nodiscard]] int fd() const { return ends_[0]; }
  void interrupt() const { REQUIRE(::write(ends_[1], "x", 1) == 1); }

 private:
  std::array<int, 2> ends_{};
};

ChildResult ended(const std::string& script) {
  const Interrupt nobody;
  auto ran = run_child({"sh", "-c", script, "", "a word"}, kMost, kPatience, nobody.fd());
  if (const auto* error = std::get_if<std::error_code>(&ran)) FAIL(error->message());
  return std::get<ChildResult>(ran);
}

std::error_code fault(const std::vector<std::string>& words, milliseconds patience, int interrupt) {
  auto ran = run_child(words, kMost, patience, interrupt);
  REQUIRE(std::holds_alternative<std::error_code>(ran));
  return std::get<std::error_code>(ran);
}

TEST_CASE("a child's output and status", "[node]") {
  CHECK(ended("printf '%s.' \"$1\"").out == "a word.");
  CHECK(ended("echo a; sleep 0.1; echo b; exit 7").out == "a\nb\n");
  CHECK(ended("exit 7").status == 7);
  CHECK(ended("kill -KILL $$").status == 128 + SIGKILL);
}

TEST_CASE("a child has signals of its own", "[node]") {
  sigset_t term{};
  sigset_t before{};
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, &before);
  auto* const handler = std::signal(SIGUSR1, SIG_IGN);
  CHECK(ended("kill -TERM $$; exit 1").status == 128 + SIGTERM);
  CHECK(ended("kill -USR1 $$; exit 1").status == 128 + SIGUSR1);
  (void)std::signal(SIGUSR1, handler);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("a child that is not waited for is ended", "[node]") {
  const Interrupt nobody;
  CHECK(fault({"no-such-program"}, kPatience, nobody.fd()) == std::errc::no_such_file_or_directory);
  CHECK(fault({"yes"}, kPatience, nobody.fd()) == std::errc::file_too_large);
  CHECK(fault({"sleep", "1000"}, milliseconds(20), nobody.fd()) == std::errc::stream_timeout);
  // It has said all that it has to say.
  const std::vector<std::string> silent{"sh", "-c", "exec >&-; exec sleep 1000"};
  CHECK(fault(silent, milliseconds(200), nobody.fd()) == std::errc::stream_timeout);
  const Interrupt somebody;
  somebody.interrupt();
  CHECK(fault({"sleep", "1000"}, kPatience, somebody.fd()) == std::errc::operation_canceled);
}

}  // namespace
}  // namespace pixelzx::node
