// SPDX-License-Identifier: Apache-2.0
#include "node/run/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <initializer_list>

namespace pixelzx::node {
namespace {

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set{};
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

sigset_t kept_signals() {
  return set_of({SIGTERM, SIGINT, SIGHUP});
}

/// Not for what ask_to_stop() has sent: that is under way, and has a status of its own.
void end(int signal, siginfo_t* info, void* /*context*/) {
  if (info->si_code == SI_USER && info->si_pid == ::getpid()) return;  // NOLINT: of a union
  ::_exit(128 + signal);
}

}  // namespace

Signals::Signals() {
  const sigset_t kept = kept_signals();
  ::pthread_sigmask(SIG_BLOCK, &kept, nullptr);
  fd_ = ::signalfd(-1, &kept, SFD_CLOEXEC);
  (void)std::signal(SIGPIPE, SIG_IGN);
}

Signals::~Signals() {
  ::close(fd_);
}

bool Signals::is_pending() {
  sigset_t pending{};
  sigpending(&pending);
  return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

int Signals::wait(std::chrono::milliseconds patience) {
  const sigset_t kept = kept_signals();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(patience);
  timespec limit{};
  limit.tv_sec = static_cast<time_t>(seconds.count());
  limit.tv_nsec = static_cast<long>(std::chrono::nanoseconds(patience - seconds).count());
  for (;;) {
    const int signal =
        patience.count() == 0 ? sigwaitinfo(&kept, nullptr) : sigtimedwait(&kept, nullptr, &limit);
    if (signal > 0) return signal;
    if (errno == EAGAIN) return 0;
  }
}

void Signals::end_at_next() {
  struct sigaction action {};
  action.sa_sigaction = end;  // NOLINT: of a union
  action.sa_flags = SA_SIGINFO;
  const sigset_t freed = set_of({SIGTERM, SIGINT});
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  ::pthread_sigmask(SIG_UNBLOCK, &freed, nullptr);
}

void ask_to_stop() {
  ::kill(::getpid(), SIGTERM);
}

}  // namespace pixelzx::node
