// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pixelzx::node {

/// The one of `known` that whoever typed `word` most likely meant: the word it begins, or else the
/// nearest by at most two slips (a letter wrong, missing, too many, or two swapped).
/// Empty when nothing is near.
std::string_view suggest(std::string_view word, std::span<const std::string> known);

/// `word` made safe for a terminal: control characters (C0, DEL, C1) and bytes that are not UTF-8
/// become `\xNN`; everything else, Korean included, stays.
std::string escape_controls(std::string_view word);

}  // namespace pixelzx::node
