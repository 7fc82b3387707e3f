// SPDX-License-Identifier: Apache-2.0
#include "environment.h"

#include <array>

namespace pixelzx {
namespace {

constexpr std::string_view kSliceVariable = "PIXELZX_SLICE=";
constexpr std::string_view kLaunchVariable = "PIXELZX_LAUNCH_US=";
constexpr std::string_view kRunVariable = "PIXELZX_RUN=";

/// What follows `beginning` in `entry`; null when it begins otherwise. The entry's length is not
/// asked for: twelve times that of a whole environment was a third of a warm launch's instructions.
const char* after(const char* entry, std::string_view beginning) {
  for (const char c : beginning) {
    if (*entry++ != c) return nullptr;
  }
  return entry;
}

/// The value of `name` in `envp`; null when it is not set.
const char* value_of(char* const* envp, std::string_view name) {
  for (; *envp != nullptr; ++envp) {
    const char* rest = after(*envp, name);
    if (rest != nullptr && *rest == '=') return rest + 1;
  }
  return nullptr;
}

TraceFormat parse_trace_format(std::string_view text) {
  if (text == "json") return TraceFormat::kJson;
  return text == "text" ? TraceFormat::kText : TraceFormat::kNone;
}

}  // namespace

Environment read_environment(char* const* envp, bool secure) {
  Environment environment;
  environment.language = locale_language(value_of(envp, "LC_ALL"), value_of(envp, "LC_MESSAGES"),
                                         value_of(envp, "LANG"));
  environment.secure = secure;
  if (secure) return environment;
  const auto text = [envp](std::string_view name) {
    const char* value = value_of(envp, name);
    return value == nullptr ? std::string_view() : std::string_view(value);
  };
  environment.platform = text("PIXELZX_PLATFORM");
  if (environment.platform == "auto") environment.platform = {};
  environment.bundle = text("PIXELZX_BUNDLE");
  environment.run = text("PIXELZX_RUN");
  environment.trace = parse_trace_format(text("PIXELZX_TRACE"));
  environment.cache = {.pixelzx_cache = text("PIXELZX_CACHE"),
                       .cache_directory = text("CACHE_DIRECTORY"),
                       .xdg_cache_home = text("XDG_CACHE_HOME"),
                       .home = text("HOME")};
  return environment;
}

ProgramEnvironment::ProgramEnvironment(char* const* envp) {
  std::size_t count = 0;
  while (envp[count] != nullptr) ++count;
  entries_ = Memory((count + 3) * sizeof(char*));
  auto** next = reinterpret_cast<char**>(entries_.data());  // NOLINT: memory from mmap
  if (next == nullptr) return;
  next += 2;
  for (; *envp != nullptr; ++envp) {
    const bool ours = after(*envp, kSliceVariable) != nullptr ||
                      after(*envp, kLaunchVariable) != nullptr ||
                      after(*envp, kRunVariable) != nullptr;
    if (!ours) *next++ = *envp;
  }
  *next = nullptr;
}

char* const* ProgramEnvironment::with(std::string_view slice, std::uint64_t launch_us) {
  auto** entries = reinterpret_cast<char**>(entries_.data());  // NOLINT: memory from mmap
  if (entries == nullptr) return nullptr;
  slice_ = FixedString<80>(kSliceVariable).append(slice);
  launch_us_ = FixedString<48>(kLaunchVariable).append_number(launch_us);
  entries[0] = const_cast<char*>(slice_.c_str());      // NOLINT: execve's signature
  entries[1] = const_cast<char*>(launch_us_.c_str());  // NOLINT: execve's signature
  return entries;
}

}  // namespace pixelzx
