// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "cache.h"
#include "diagnosis.h"
#include "memory.h"
#include "trace.h"

namespace pixelzx {

/// What the environment tells the launcher.
struct Environment {
  bool secure = false;        // AT_SECURE
  std::string_view platform;  // PIXELZX_PLATFORM; empty for `auto` too
  std::string_view bundle;    // PIXELZX_BUNDLE
  std::string_view run;       // PIXELZX_RUN: the .run file whose shell stub started the launcher
  TraceFormat trace = TraceFormat::kNone;
  CacheVariables cache;
  Language language = Language::kEnglish;
};

/// Reads `envp`. With `secure` (AT_SECURE: a set-uid start, whose environment an attacker wrote),
/// only the language is taken from it.
Environment read_environment(char* const* envp, bool secure);

/// The environment for the program: `envp`, plus `slice` and `launch_us` as PIXELZX_SLICE and
/// PIXELZX_LAUNCH_US in place of any that were there, and without PIXELZX_RUN. The first two of the
/// result are those.
class ProgramEnvironment {
 public:
  explicit ProgramEnvironment(char* const* envp);

  /// Null when memory was lacking.
  char* const* with(std::string_view slice, std::uint64_t launch_us);

 private:
  Memory entries_;
  FixedString<80> slice_;
  FixedString<48> launch_us_;
};

}  // namespace pixelzx
