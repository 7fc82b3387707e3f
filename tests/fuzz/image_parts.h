// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "fuzz.h"

namespace pixelzx::fuzz {

/// An image archive made of parts, which get behind its digests so. Each becomes a member under its
/// own name and a blob under its digest.
/// - `….tar` and `….tar.gz` are lists of a layer's entries, a line each: kind (`f`, `d`, `l`
/// symbolic
///   link, `h` hard link, or a typeflag), mode in octal, user, path, and after one more blank the
///   link's target or the file's content, which `=name` takes from an earlier part.
/// - In all others `@name@` stands for an earlier part's digest, `~name~` for that of what it
///   unpacks to, `#name#` for its size, and `$name$` for the hexadecimal digits of its digest.
std::string archive_of(const std::vector<Part>& parts);

}  // namespace pixelzx::fuzz
