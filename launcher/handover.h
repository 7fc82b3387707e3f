// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>

#include "bundle.h"
#include "cache.h"

namespace pixelzx {

/// A file in memory (memfd_create(2)) that may be executed. `close_on_exec`: see
/// provide_in_memory. Returns an empty Fd and sets errno when the system refuses.
Fd create_memory_file(const char* name, bool close_on_exec);

/// Unpacks `slice` into memory (memfd_create(2)) and seals it against writing. Returns no
/// descriptor, and adds to `reasons`, when the system refuses; a diagnosis when the slice itself is
/// bad. `native`: the kernel runs the slice by itself. Else a binfmt_misc handler will open the
/// descriptor, which must stay open over execve for that, and so stays open in the program.
Result<Fd> provide_in_memory(const Bundle& bundle, const Slice& slice, bool native,
                             Reasons& reasons);

/// The monotonic clock, in microseconds.
std::uint64_t now_us();

/// What the program gets.
struct Arguments {
  char* const* argv;
  char* const* envp;
};

/// A program to be executed, by execveat(2): what is above an open folder cannot be replaced.
struct Program {
  int folder = AT_FDCWD;  // or the file itself
  const char* name = "";  // in the folder; empty: the file itself
  const char* path = "";  // the same for execve(2), where there is no execveat
};

/// Becomes the program. Returns errno, since it returns only on failure.
int hand_over(const Program& program, const Arguments& arguments);

}  // namespace pixelzx
