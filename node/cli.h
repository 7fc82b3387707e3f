// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "node/build_info.h"
#include "node/config/settings.h"
#include "node/messages.h"

namespace pixelzx::node {

/// Exit statuses, as programs on Linux use them.
inline constexpr int kStatusOk = 0;
inline constexpr int kStatusFailed = 1;
inline constexpr int kStatusUsage = 2;  ///< Also: settings of the environment or the file.

/// What a command wants to be written and returned.
struct CliResult {
  int status = kStatusOk;
  std::string out;  ///< for standard output
  std::string err;  ///< for standard error
};

/// Carries out the command line `args` (without argv[0]) of a program built as `info` says.
/// Arguments and settings that make no sense give kStatusUsage, a line for each in `err` and
/// nothing in `out`.
CliResult run_cli(std::span<const std::string> args, Language language, const BuildInfo& info,
                  const Environment& environment);

}  // namespace pixelzx::node
