// SPDX-License-Identifier: Apache-2.0
//
// Runs a launcher and interferes with one of its system calls, by seccomp's user notification
// (seccomp_unotify(2), Linux 5.6): no register is touched, so that architectures do not matter.
//
//   faults names FILE COMMAND...        writes the names of its system calls, a line each
//   faults fail WHEN ERRNO COMMAND...   that call fails
//   faults kill WHEN COMMAND...         SIGKILL in place of that call
//   faults stop WHEN SCRIPT COMMAND...  a shell script runs before that call; $LAUNCHER is the PID
//
// WHEN is a number (1: the first call of the launcher) or the name of a call: each one of that
// name. The program that the launcher has become is left alone. And without interference:
//
//   faults allow NAMES COMMAND...       a call that is not among NAMES, with commas between, kills
//   faults peak FILE COMMAND...         writes the most memory that was resident, in KiB
//
// Ends as the command does. Small and static, as measure.cc and for the same reason.

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Name {
  int number;
  std::string_view name;
};

// What launcher and probe call. Newer architectures lack the calls of old.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define NAME(name)    \
  Name {              \
    SYS_##name, #name \
  }
constexpr auto kCalls = std::to_array<Name>({
#ifdef SYS_access
    NAME(access),
    NAME(lstat),
    NAME(mkdir),
    NAME(open),
    NAME(readlink),
    NAME(rename),
    NAME(stat),
    NAME(unlink),
#endif
#ifdef SYS_arch_prctl
    NAME(arch_prctl),
#endif
#ifdef SYS_newfstatat
    NAME(newfstatat),
#endif
#ifdef SYS_renameat
    NAME(renameat),
#endif
#ifdef SYS_mmap2
    NAME(mmap2),
#else
    NAME(mmap),
#endif
    NAME(brk),
    NAME(clock_gettime),
    NAME(close),
    NAME(execve),
    NAME(execveat),
    NAME(exit_group),
    NAME(faccessat),
    NAME(fchmod),
    NAME(fcntl),
    NAME(fdatasync),
    NAME(flock),
    NAME(fstat),
    NAME(fstatfs),
    NAME(getdents64),
    NAME(getpid),
    NAME(getrandom),
    NAME(linkat),
    NAME(memfd_create),
    NAME(mkdirat),
    NAME(mprotect),
    NAME(munmap),
    NAME(openat),
    NAME(pread64),
    NAME(prlimit64),
    NAME(read),
    NAME(readlinkat),
    NAME(renameat2),
    NAME(rseq),
    NAME(rt_sigaction),
    NAME(set_robust_list),
    NAME(set_tid_address),
    NAME(uname),
    NAME(unlinkat),
    NAME(write),
    NAME(writev),
});
#undef NAME

[[noreturn]] void fail(const std::string& what) {
  (void)std::fprintf(stderr, "faults: %s: %s\n", what.c_str(), std::strerror(errno));  // NOLINT
  _exit(99);
}

void check(long result, const char* what) {
  if (result < 0) fail(what);
}

std::string name_of(int number) {
  const auto* const found = std::find_if(kCalls.begin(), kCalls.end(),
                                         [number](const Name& n) { return n.number == number; });
  return found == kCalls.end() ? std::to_string(number) : std::string(found->name);
}

// ---- filters ----

constexpr unsigned short kLoad = BPF_LD | BPF_W | BPF_ABS;
constexpr unsigned short kJumpIfEqual = BPF_JMP | BPF_JEQ | BPF_K;
constexpr unsigned short kReturn = BPF_RET | BPF_K;

/// Returns the descriptor of the listener, if the flags ask for one.
long install(std::vector<sock_filter> code, unsigned flags) {
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  check(result, "seccomp");
  return result;
}

/// Kills at any call but those in the list, which may name some that this architecture lacks.
void allow(std::string_view names) {
  std::vector<sock_filter> code = {BPF_STMT(kLoad, offsetof(seccomp_data, nr))};
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(','));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    for (const Name& call : kCalls) {
      if (call.name != name) continue;
      code.push_back(BPF_JUMP(kJumpIfEqual, static_cast<unsigned>(call.number), 0, 1));
      code.push_back(BPF_STMT(kReturn, SECCOMP_RET_ALLOW));
    }
  }
  code.push_back(BPF_STMT(kReturn, SECCOMP_RET_KILL_PROCESS));
  install(code, 0);
}

[[noreturn]] void execute(char** command) {
  execv(command[0], command);
  fail(command[0]);
}

/// Ends as the child did, by exit status or signal.
int end_as(int status) {
  if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
  const rlimit no_core{};
  setrlimit(RLIMIT_CORE, &no_core);
  (void)std::signal(WTERMSIG(status), SIG_DFL);
  (void)std::raise(WTERMSIG(status));
  return 98;
}

// ---- a supervised launcher ----

enum class Action { kNames, kFail, kKill, kStop };

struct Plan {
  Action action;
  std::string when;
  std::string what;  // errno or script
  std::FILE* names = nullptr;
};

class Supervisor {
 public:
  explicit Supervisor(const Plan& plan) : plan_(plan) {}

  int run(char** command) {
    // The child tells the number of its descriptor here: a system call would wait for us.
    auto* const told = static_cast<volatile int*>(
        mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    *told = -1;
    const pid_t child = fork();
    check(child, "fork");
    if (child == 0) {
      *told = static_cast<int>(
          install({BPF_STMT(kReturn, SECCOMP_RET_USER_NOTIF)}, SECCOMP_FILTER_FLAG_NEW_LISTENER));
      execute(command);
    }
    while (*told < 0) {
      if (waitpid(child, nullptr, WNOHANG) != 0) return 97;
      usleep(50);
    }
    const auto pidfd = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
    check(pidfd, "pidfd_open");
    listener_ = static_cast<int>(syscall(SYS_pidfd_getfd, pidfd, *told, 0));
    check(listener_, "pidfd_getfd");
    close(pidfd);
    child_ = child;
    setenv("LAUNCHER", std::to_string(child).c_str(), 1);
    while (next()) {
    }
    close(listener_);
    int status = 0;
    check(waitpid(child, &status, 0), "waitpid");
    return end_as(status);
  }

 private:
  /// Answers one call. Returns false when there is nobody left to make one.
  bool next() {
    pollfd ready{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, -1) < 0 && errno == EINTR) return true;
    if ((ready.revents & POLLIN) == 0) return false;
    seccomp_notif call{};
    if (ioctl(listener_, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) return errno == ENOENT;
    seccomp_notif_resp answer{.id = call.id, .val = 0, .error = 0, .flags = 0};
    const std::optional<int> error = decide(call.data.nr);
    if (!error) return true;
    answer.error = -*error;
    if (answer.error == 0) answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    ioctl(listener_, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    return true;
  }

  /// Returns the errno of a call that shall fail; 0 when it may happen; nothing when the caller was
  /// killed: an answer might come before the signal, and the call would happen.
  std::optional<int> decide(int number) {
    const bool executes = number == SYS_execve || number == SYS_execveat;
    if (!launched_) {  // our own execve
      launched_ = true;
      return 0;
    }
    if (launcher_.empty()) launcher_ = executable();
    if (may_have_become_) handed_over_ = handed_over_ || executable() != launcher_;
    may_have_become_ = executes;
    if (handed_over_) return 0;
    ++count_;
    const std::string name = name_of(number);
    if (plan_.action == Action::kNames) {
      (void)std::fprintf(plan_.names, "%s\n", name.c_str());
      return 0;
    }
    if (plan_.when != name && plan_.when != std::to_string(count_)) return 0;
    if (plan_.action == Action::kFail) return std::stoi(plan_.what);
    if (plan_.action == Action::kKill) {
      kill(child_, SIGKILL);
      return std::nullopt;
    }
    // NOLINTNEXTLINE(cert-env33-c): a shell script is what was asked for
    if (plan_.action == Action::kStop && std::system(plan_.what.c_str()) != 0) fail("script");
    return 0;
  }

  [[nodiscard]] std::string executable() const {
    std::array<char, 4096> target{};
    const std::string link = "/proc/" + std::to_string(child_) + "/exe";
    const ssize_t size = readlink(link.c_str(), target.data(), target.size());
    check(size, "readlink");
    return {target.data(), static_cast<std::size_t>(size)};
  }

  const Plan& plan_;
  int listener_ = -1;
  pid_t child_ = 0;
  std::string launcher_;
  bool launched_ = false;
  bool may_have_become_ = false;
  bool handed_over_ = false;
  int count_ = 0;
};

int supervise(const Plan& plan, char** command) {
  return Supervisor(plan).run(command);
}

std::FILE* create(const char* path) {
  std::FILE* file = std::fopen(path, "we");
  if (file == nullptr) fail(path);
  return file;
}

int measure_peak(const char* path, char** command) {
  std::FILE* file = create(path);
  const pid_t child = fork();
  check(child, "fork");
  if (child == 0) execute(command);
  rusage usage{};
  int status = 0;
  check(wait4(child, &status, 0, &usage), "wait4");
  (void)std::fprintf(file, "%ld\n", usage.ru_maxrss);  // NOLINT: glibc's unions
  (void)std::fclose(file);
  return end_as(status);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view word = argc > 3 ? argv[1] : "";
  if (word == "names") {
    Plan plan{.action = Action::kNames, .when = {}, .what = {}, .names = create(argv[2])};
    const int status = supervise(plan, argv + 3);
    (void)std::fclose(plan.names);
    return status;
  }
  if (word == "kill") {
    return supervise({.action = Action::kKill, .when = argv[2], .what = {}}, argv + 3);
  }
  if ((word == "fail" || word == "stop") && argc > 4) {
    const Action action = word == "fail" ? Action::kFail : Action::kStop;
    return supervise({.action = action, .when = argv[2], .what = argv[3]}, argv + 4);
  }
  if (word == "allow") {
    allow(argv[2]);
    execute(argv + 3);
  }
  if (word == "peak") return measure_peak(argv[2], argv + 3);
  errno = EINVAL;
  fail("usage");
}
