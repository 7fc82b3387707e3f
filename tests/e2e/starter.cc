// SPDX-License-Identifier: Apache-2.0
//
// The first process of a booted kernel, for test_corpus_kernels.py: starts every file in /mnt,
// prints `TRIED name errno status` of each, then what the doctor says of them all, and switches the
// machine off.

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

namespace {

constexpr unsigned kSecondsEach = 20;

/// Starts a program. Returns its wait status, and in `error` why it could not be started.
int start(std::vector<std::string> words, bool silent, int& error) {
  int pipe_ends[2];  // NOLINT: filled by pipe2
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return -1;
  const pid_t pid = fork();
  if (pid == 0) {
    const int null = open("/dev/null", O_RDWR);
    if (silent && null >= 0) {
      dup2(null, STDOUT_FILENO);
      dup2(null, STDERR_FILENO);
    }
    if (silent) alarm(kSecondsEach);
    std::vector<char*> argv;
    argv.reserve(words.size() + 1);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    char* no_environment[] = {nullptr};
    execve(argv[0], argv.data(), no_environment);
    const int failure = errno;
    if (write(pipe_ends[1], &failure, sizeof failure) < 0) _exit(1);
    _exit(0);
  }
  close(pipe_ends[1]);
  error = 0;
  if (read(pipe_ends[0], &error, sizeof error) < 0) error = errno;
  close(pipe_ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

int main() {
  mount("proc", "/proc", "proc", 0, nullptr);
  mount("sysfs", "/sys", "sysfs", 0, nullptr);
  mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
  std::vector<std::string> doctor = {"/pixelzx", "doctor", "--json"};
  DIR* folder = opendir("/mnt");
  while (const dirent* entry = folder == nullptr ? nullptr : readdir(folder)) {
    if (entry->d_type != DT_REG) continue;
    const std::string path = std::string("/mnt/") + entry->d_name;
    int error = 0;
    const int status = start({path}, true, error);
    (void)std::printf("TRIED %s %d %d\n", path.c_str(), error, status);
    doctor.push_back(path);
  }
  (void)std::fflush(stdout);
  int error = 0;
  const int status = start(doctor, false, error);
  (void)std::printf("\nDOCTOR %d %d\n", error, status);
  (void)std::fflush(stdout);
  sync();
  reboot(RB_POWER_OFF);
}
