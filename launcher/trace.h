// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "fixed_string.h"
#include "host.h"

namespace pixelzx {

/// PIXELZX_TRACE
enum class TraceFormat { kNone, kText, kJson };

/// One launch, as PIXELZX_TRACE shows it. Times in microseconds.
struct Trace {
  PlatformText host;
  PlatformText launcher;
  bool emulated = false;
  PlatformText slice;
  /// installed, cache, unpacked or memfd
  std::string_view source;
  std::uint64_t detect_us = 0;
  std::uint64_t open_us = 0;
  std::uint64_t unpack_us = 0;
  std::uint64_t total_us = 0;
};

/// One line with its line feed; empty for kNone.
FixedString<511> format_trace(const Trace& trace, TraceFormat format);

}  // namespace pixelzx
