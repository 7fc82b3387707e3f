// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "node/build_info.h"
#include "node/cli.h"
#include "node/messages.h"

namespace {

using namespace pixelzx::node;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// Writes all of `bytes`. Returns 0, or the errno of the write that failed.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const Language language =
      choose_language(environment("LC_ALL"), environment("LC_MESSAGES"), environment("LANG"));
  // argc is 0 when a careless execve gave no argv[0].
  const std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);

  const CliResult result = run_cli(args, language, build_info(), environment);
  write_all(STDERR_FILENO, result.err);
  if (const int error = write_all(STDOUT_FILENO, result.out); error != 0) {
    write_all(STDERR_FILENO,
              std::string("pixelzx: ")
                  .append(fill(Phrase::kCannotWrite, language, {std::strerror(error)}))
                  .append("\n"));
    return kStatusFailed;
  }
  return result.status;
}
