// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "diagnosis.h"
#include "file_tree.h"
#include "machine.h"

namespace pixelzx {

/// What was found out about a file without running it.
struct Examination {
  /// What it is: `ELF 64-bit LSB, linux/arm64, static`, `gzip`, `script`.
  EvidenceText found;
  /// ELF files: what they were compiled for.
  std::optional<Platform> platform;
  /// What starts it in the end: the interpreter of a script (the last of a chain), the loader of a
  /// dynamically linked program; empty when nothing but the kernel.
  Path interpreter;
  /// How the machine runs it. kNone when there is an error.
  Way way = Way::kNone;
  /// The handler that runs it, for Way::kHandler; null when it could not be told.
  const Handler* handler = nullptr;
  /// Why it does not run, or a warning.
  std::optional<Diagnosis> diagnosis;
};

/// Looks at the file at `path` of `files` as execve(2) on `machine` would, and follows `#!` and
/// loaders as it does. Never runs anything.
Examination examine(FileTree& files, const Path& path, const Machine& machine, Language language);

}  // namespace pixelzx
