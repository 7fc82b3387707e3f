// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/build_info.h"
#include "node/messages.h"

namespace pixelzx::node {

/// Exit statuses, as programs on Linux use them.
inline constexpr int kStatusOk = 0;
inline constexpr int kStatusFailed = 1;
inline constexpr int kStatusUsage = 2;

/// What a command wants to be written and returned.
struct CliResult {
  int status = kStatusOk;
  std::string out;  ///< for standard output
  std::string err;  ///< for standard error
};

/// Carries out the command line `args` (without argv[0]) of a program built as `info` says.
/// Arguments that make no sense give kStatusUsage, one line in `err` and nothing in `out`.
CliResult run_cli(std::span<const std::string> args, Language language, const BuildInfo& info);

/// The one of `known` that whoever typed `word` most likely meant: the word it begins, or else the
/// nearest by at most two slips (a letter wrong, missing, too many, or two swapped).
/// Empty when nothing is near.
std::string_view suggest(std::string_view word, std::span<const std::string> known);

/// `word` made safe for a terminal: control characters (C0, DEL, C1) and bytes that are not UTF-8
/// become `\xNN`; everything else, Korean included, stays.
std::string escape_controls(std::string_view word);

}  // namespace pixelzx::node
