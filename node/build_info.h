// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pixelzx::node {

/// What this program was built from and for. All text; nothing is ever empty.
struct BuildInfo {
  std::string_view version;     ///< `1.0.0`, without the `v`
  std::string_view build_time;  ///< UTC, `2026-11-24T10:30:45Z`
  std::string_view commit;  ///< 12 hex digits, then `-dirty` if the sources differed; or `unknown`
  std::string_view branch;  ///< `main`; `detached`; or `unknown`
  std::string_view platform;  ///< `linux/arm/v7`
  std::string_view compiler;  ///< `gcc 12.2.0`
};

/// The metadata of this very build. Defined in a source file that cmake/build_info.cmake writes.
const BuildInfo& build_info();

}  // namespace pixelzx::node
