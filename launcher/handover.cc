// SPDX-License-Identifier: Apache-2.0
#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace pixelzx {
namespace {

// Linux 6.3; older headers lack it.
constexpr unsigned kMfdExec = 0x10;

}  // namespace

Fd create_memory_file(const char* name, bool close_on_exec) {
  const unsigned flags = MFD_ALLOW_SEALING | (close_on_exec ? MFD_CLOEXEC : 0);
  // Under vm.memfd_noexec=1 only a file made with MFD_EXEC may be executed; kernels before 6.3 do
  // not know the flag.
  int fd = memfd_create(name, flags | kMfdExec);
  if (fd < 0 && errno == EINVAL) fd = memfd_create(name, flags);
  return above_stderr(fd);
}

std::uint64_t now_us() {
  timespec now{};
#if defined(SYS_clock_gettime) && defined(__LP64__)
  // Two calls of the kernel cost less than to find the vDSO's function and to touch its pages.
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
#else
  clock_gettime(CLOCK_MONOTONIC, &now);
#endif
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

int hand_over(const Program& program, const Arguments& arguments) {
  syscall(SYS_execveat, program.folder, program.name, arguments.argv, arguments.envp,
          AT_EMPTY_PATH);
  const int error = errno;
  // qemu-user 7.2 and Linux before 3.19 have no execveat, an old seccomp profile may refuse it with
  // EPERM, and a binfmt_misc handler needs a path that it can open.
  if (error != ENOSYS && error != EPERM && error != ENOENT) return error;
  execve(program.path, arguments.argv, arguments.envp);
  return errno == ENOENT ? error : errno;  // no /proc: then the first refusal is the reason
}

}  // namespace pixelzx
