// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "diagnosis.h"
#include "files.h"
#include "index.h"

namespace pixelzx {

/// Why execve(2) has refused `slice` with `error`: what an examination of the file at `path` shows
/// (empty: it was in memory), else by the error alone. `place`: where it was started from.
Diagnosis explain_refusal(const Slice& slice, const Path& path, std::string_view place, int error,
                          Language language);

/// Who may have denied to execute the file at `path`, whose own permissions are right: SELinux,
/// fapolicyd, IMA, by their traces in `files`; else kDenied. `path`: a name alone of what was in
/// memory. `error`: what execve(2) said.
Diagnosis explain_denial(const HostFiles& files, const Path& path, int error);

}  // namespace pixelzx
