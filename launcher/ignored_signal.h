// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

namespace pixelzx {

/// For its lifetime, what would kill (SIGXFSZ: a file size limit; SIGPIPE: nobody reads) is an
/// error of write(2) instead. The program gets the disposition back as it was.
class IgnoredSignal {
 public:
  explicit IgnoredSignal(int signal) : signal_(signal) {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;  // NOLINT: a macro with a C cast
    sigaction(signal_, &ignore, &before_);
  }
  ~IgnoredSignal() { sigaction(signal_, &before_, nullptr); }
  IgnoredSignal(const IgnoredSignal&) = delete;
  IgnoredSignal& operator=(const IgnoredSignal&) = delete;

 private:
  int signal_;
  struct sigaction before_ {};
};

}  // namespace pixelzx
