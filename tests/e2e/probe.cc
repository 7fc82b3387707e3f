// SPDX-License-Identifier: Apache-2.0
//
// A program that tells, as one JSON object, what it was started with. The end-to-end tests run it
// by itself and through the launcher, and compare.
//
//   probe ...          prints to the file named by PROBE_OUTPUT, else to standard output
//   probe exit N       exits with status N
//   probe kill N       dies of signal N
//   probe sleep N      sleeps for N seconds
//
// Byte strings are in hexadecimal, since arguments and names need not be UTF-8.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::string quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return quoted(text);
}

std::string list(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) {
    if (text.size() > 1) text += ',';
    text += item;
  }
  return text + ']';
}

std::string bytes_of(char* const* strings) {
  std::vector<std::string> items;
  for (; *strings != nullptr; ++strings) items.push_back(hex(*strings));
  return list(items);
}

int number(const char* text) {
  return static_cast<int>(strtol(text, nullptr, 10));
}

/// The target of a symbolic link; empty when it cannot be read.
std::string link_target(const std::string& path) {
  char target[4096];
  const ssize_t size = readlink(path.c_str(), target, sizeof target);
  return size < 0 ? "" : std::string(target, static_cast<std::size_t>(size));
}

std::string descriptors() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return "null";
  std::vector<int> numbers;
  while (const dirent* entry = readdir(folder)) {
    const int fd = number(entry->d_name);
    if (entry->d_name[0] != '.' && fd != dirfd(folder)) numbers.push_back(fd);
  }
  closedir(folder);
  std::sort(numbers.begin(), numbers.end());
  std::vector<std::string> items;
  for (const int fd : numbers) {
    const std::string name = std::to_string(fd);
    items.push_back("{\"fd\":" + name + ",\"target\":" + hex(link_target("/proc/self/fd/" + name)) +
                    ",\"fd_flags\":" + std::to_string(fcntl(fd, F_GETFD)) +
                    ",\"status_flags\":" + std::to_string(fcntl(fd, F_GETFL)) + '}');
  }
  return list(items);
}

/// The lines of /proc/self/status that an execve keeps or sets.
std::string status() {
  FILE* file = fopen("/proc/self/status", "r");
  if (file == nullptr) return "null";
  std::string text = "{";
  char line[1024];
  while (fgets(line, sizeof line, file) != nullptr) {
    for (const char* key :
         {"Umask:", "SigPnd:", "SigBlk:", "SigIgn:", "SigCgt:", "Uid:", "Gid:", "Groups:",
          "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:"}) {
      if (strncmp(line, key, strlen(key)) != 0) continue;
      std::string value(line + strlen(key));
      value.erase(0, value.find_first_not_of(" \t"));
      value.erase(value.find_last_not_of(" \t\n") + 1);
      if (text.size() > 1) text += ',';
      text += quoted(std::string(key, strlen(key) - 1)) + ':' + hex(value);
    }
  }
  static_cast<void>(fclose(file));
  return text + '}';
}

std::string limits() {
  std::vector<std::string> items;
  for (int resource = 0; resource < 16; ++resource) {
    rlimit limit{};
    if (getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0) continue;
    items.push_back(
        list({quoted(std::to_string(limit.rlim_cur)), quoted(std::to_string(limit.rlim_max))}));
  }
  return list(items);
}

/// The seals of the file that runs; -1 when it is no memfd.
int seals() {
  const int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  const int value = fcntl(fd, F_GET_SEALS);
  close(fd);
  return value;
}

std::string working_directory() {
  char path[4096];
  return getcwd(path, sizeof path) == nullptr ? quoted(strerror(errno)) : hex(path);
}

}  // namespace

int main(int argc, char** argv, char** envp) {
  const std::string_view mode = argc == 3 ? argv[1] : "";
  if (mode == "exit") return number(argv[2]);
  if (mode == "kill") {
    static_cast<void>(signal(number(argv[2]), SIG_DFL));
    static_cast<void>(raise(number(argv[2])));
    return 99;
  }
  if (mode == "sleep") return static_cast<int>(sleep(static_cast<unsigned>(number(argv[2]))));
  char comm[17] = "";
  prctl(PR_GET_NAME, comm);
  const std::string report =
      "{\"pid\":" + std::to_string(getpid()) + ",\"ppid\":" + std::to_string(getppid()) +
      ",\"session\":" + std::to_string(getsid(0)) + ",\"group\":" + std::to_string(getpgrp()) +
      ",\"comm\":" + hex(comm) + ",\"argv\":" + bytes_of(argv) + ",\"environ\":" + bytes_of(envp) +
      ",\"cwd\":" + working_directory() + ",\"fds\":" + descriptors() + ",\"status\":" + status() +
      ",\"limits\":" + limits() + ",\"nice\":" + std::to_string(getpriority(PRIO_PROCESS, 0)) +
      ",\"exe\":" + hex(link_target("/proc/self/exe")) + ",\"seals\":" + std::to_string(seals()) +
      "}\n";
  const char* output = getenv("PROBE_OUTPUT");
  FILE* file = output == nullptr ? stdout : fopen(output, "w");
  if (file == nullptr) return 98;
  const bool written = fputs(report.c_str(), file) >= 0;
  return fclose(file) == 0 && written ? 0 : 97;
}
