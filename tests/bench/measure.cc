// SPDX-License-Identifier: Apache-2.0
//
// Times and counts the commands of a plan, which it reads from standard input.
//
//   measure time ROUNDS SECONDS  runs them in rounds, in another order each; prints of every run
//                                `name nanoseconds peak_kib minor_faults`
//   measure handover             runs each under ptrace(2), until it executes its program;
//                                `name syscalls resident_kib peak_kib minor_faults` until then,
//                                resident_kib being what is resident at the end
//
// A plan is lines of a key and a value: `command NAME`, and then, of this command, `arg WORD` and
// `env NAME=VALUE` as often as needed, `remove PATH` (before each run, not timed), `repeat N` (runs
// in a round) and `execs N` (how often it becomes another program until it is its own). Standard
// streams are /dev/null. The first run of each command, which fills caches, is not printed; after
// SECONDS no other round begins.
//
// Small and static: the kernel counts the memory of whoever starts a program as that program's.

#include <fcntl.h>
#include <spawn.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

struct Command {
  std::string name;
  std::vector<std::string> words;
  std::vector<std::string> environment;
  std::vector<std::string> removed;
  int repeat = 1;
  int execs = 1;
};

struct Run {
  const Command* command;
  long long nanoseconds;
  long peak_kib;
  long minor_faults;
};

[[noreturn]] void fail(const std::string& what, const std::string& why) {
  (void)std::fprintf(stderr, "measure: %s: %s\n", what.c_str(), why.c_str());
  std::exit(1);  // NOLINT(concurrency-mt-unsafe): there is one thread
}

std::vector<Command> read_plan() {
  std::vector<Command> commands;
  std::array<char, 8192> line{};
  while (std::fgets(line.data(), line.size(), stdin) != nullptr) {
    std::string_view text(line.data());
    if (!text.ends_with('\n')) fail("plan", "a line is too long");
    text.remove_suffix(1);
    const std::string_view key = text.substr(0, text.find(' '));
    const std::string value(text.substr(std::min(text.size(), key.size() + 1)));
    if (key == "command") {
      commands.push_back({.name = value, .words = {}, .environment = {}, .removed = {}});
      continue;
    }
    if (commands.empty()) fail("plan", "no command yet");
    Command& command = commands.back();
    if (key == "arg") {
      command.words.push_back(value);
    } else if (key == "env") {
      command.environment.push_back(value);
    } else if (key == "remove") {
      command.removed.push_back(value);
    } else if (key == "repeat") {
      command.repeat = std::stoi(value);
    } else if (key == "execs") {
      command.execs = std::stoi(value);
    } else {
      fail("plan", "unknown key " + std::string(key));
    }
  }
  return commands;
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (const std::string& word : words) result.push_back(const_cast<char*>(word.data()));  // NOLINT
  result.push_back(nullptr);
  return result;
}

void prepare(const Command& command) {
  for (const std::string& path : command.removed) std::filesystem::remove_all(path);
}

void expect_success(const Command& command, int status) {
  if (WIFSIGNALED(status)) fail(command.name, "died of signal " + std::to_string(WTERMSIG(status)));
  if (WEXITSTATUS(status) != 0)
    fail(command.name, "exit status " + std::to_string(WEXITSTATUS(status)));
}

// ---- time ----

long long now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

/// From before the process exists until it has been waited for.
Run timed(const Command& command, const posix_spawn_file_actions_t& streams) {
  prepare(command);
  const std::vector<char*> argv = pointers(command.words);
  const std::vector<char*> envp = pointers(command.environment);
  pid_t pid = 0;
  int status = 0;
  rusage usage{};
  const long long begin = now();
  const int error = posix_spawn(&pid, argv[0], &streams, nullptr, argv.data(), envp.data());
  if (error == 0) wait4(pid, &status, 0, &usage);
  const long long end = now();
  if (error != 0) fail(command.name, std::generic_category().message(error));
  expect_success(command, status);
  return {&command, end - begin, usage.ru_maxrss, usage.ru_minflt};  // NOLINT: glibc's unions
}

void time_all(const std::vector<Command>& commands, int rounds, int seconds) {
  posix_spawn_file_actions_t streams;
  posix_spawn_file_actions_init(&streams);
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&streams, stream, "/dev/null", O_RDWR, 0);
  std::vector<const Command*> round;
  for (const Command& command : commands) {
    round.insert(round.end(), static_cast<std::size_t>(command.repeat), &command);
    timed(command, streams);
  }
  // So that each command comes after each other one.
  std::mt19937 random;  // NOLINT(cert-msc*)
  std::vector<Run> runs;
  const long long end = now() + seconds * 1'000'000'000LL;
  for (int i = 0; i < rounds && (i == 0 || now() < end); ++i) {
    std::shuffle(round.begin(), round.end(), random);
    for (const Command* command : round) runs.push_back(timed(*command, streams));
  }
  for (const Run& run : runs) {
    (void)std::printf("%s %lld %ld %ld\n", run.command->name.c_str(), run.nanoseconds, run.peak_kib,
                      run.minor_faults);
  }
}

// ---- ptrace ----

/// The number after `key` in one of a process's files in /proc.
long process_number(pid_t pid, const char* file, const char* key) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + file;
  std::FILE* stream = std::fopen(path.c_str(), "re");
  if (stream == nullptr) fail(path, "cannot be read");
  std::array<char, 1024> line{};
  long number = 0;
  const std::size_t size = std::strlen(key);
  while (std::fgets(line.data(), line.size(), stream) != nullptr) {
    if (std::strncmp(line.data(), key, size) == 0)
      number = std::strtol(line.data() + size, nullptr, 10);
  }
  (void)std::fclose(stream);
  return number;
}

/// /proc/PID/stat: after the name, in parentheses, come single words; minflt is the eighth.
long minor_faults(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  std::FILE* stream = std::fopen(path.c_str(), "re");
  if (stream == nullptr) fail(path, "cannot be read");
  std::array<char, 1024> line{};
  const char* text = std::fgets(line.data(), line.size(), stream);
  (void)std::fclose(stream);
  text = text == nullptr ? nullptr : std::strrchr(text, ')');
  for (int word = 0; text != nullptr && word < 8; ++word) text = std::strchr(text + 1, ' ');
  return text == nullptr ? 0 : std::strtol(text, nullptr, 10);
}

struct Counts {
  long syscalls = 0;
  long resident_kib = 0;
  long peak_kib = 0;
  long minor_faults = 0;
};

pid_t start_traced(const Command& command) {
  const std::vector<char*> argv = pointers(command.words);
  const std::vector<char*> envp = pointers(command.environment);
  const pid_t pid = fork();
  if (pid == 0) {
    const int null = open("/dev/null", O_RDWR);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(null, stream);
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    (void)std::raise(SIGSTOP);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  ptrace(PTRACE_SETOPTIONS, pid, nullptr,
         PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
             PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE);
  ptrace(PTRACE_CONT, pid, nullptr, nullptr);
  waitpid(pid, &status, 0);
  if (status >> 8 != (SIGTRAP | PTRACE_EVENT_EXEC << 8)) fail(command.name, "cannot be executed");
  return pid;
}

bool is_syscall_entry(pid_t pid, bool& executes) {
  __ptrace_syscall_info info{};
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0) return false;
  if (info.op != PTRACE_SYSCALL_INFO_ENTRY) return false;
  const auto number = info.entry.nr;  // NOLINT: glibc's union
  executes = number == SYS_execve || number == SYS_execveat;
  return true;
}

/// The command with its children, from its first instruction to the execve that makes it its
/// program.
Counts traced(const Command& command) {
  prepare(command);
  const pid_t leader = start_traced(command);
  const long first_faults = minor_faults(leader);
  Counts counts;
  int execs = 0;
  ptrace(PTRACE_SYSCALL, leader, nullptr, nullptr);
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, __WALL);
    if (pid == leader && !WIFSTOPPED(status)) fail(command.name, "has not become another program");
    if (!WIFSTOPPED(status)) continue;
    const int event = status >> 16;
    if (event == PTRACE_EVENT_EXEC && pid == leader && ++execs == command.execs) break;
    int signal = event == 0 ? WSTOPSIG(status) : 0;
    if (signal == (SIGTRAP | 0x80)) {
      signal = 0;
      bool executes = false;
      if (is_syscall_entry(pid, executes)) ++counts.syscalls;
      if (executes && pid == leader) {
        counts.resident_kib = process_number(pid, "smaps_rollup", "Rss:");
        counts.peak_kib = std::max(
            {counts.peak_kib, counts.resident_kib, process_number(pid, "status", "VmHWM:")});
        counts.minor_faults = minor_faults(pid) - first_faults;
      }
    }
    if (signal == SIGSTOP) signal = 0;  // each new child begins with it
    ptrace(PTRACE_SYSCALL, pid, nullptr, signal);
  }
  kill(leader, SIGKILL);
  waitpid(leader, nullptr, 0);
  return counts;
}

void trace_all(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    const Counts counts = traced(command);
    (void)std::printf("%s %ld %ld %ld %ld\n", command.name.c_str(), counts.syscalls,
                      counts.resident_kib, counts.peak_kib, counts.minor_faults);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 3 && words[0] == "time") {
    time_all(read_plan(), std::stoi(words[1]), std::stoi(words[2]));
  } else if (words.size() == 1 && words[0] == "handover") {
    trace_all(read_plan());
  } else {
    fail("usage", "measure time ROUNDS SECONDS | handover");
  }
}
