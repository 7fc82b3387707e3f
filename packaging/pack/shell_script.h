// SPDX-License-Identifier: Apache-2.0
//
// The shell scripts of packaging/bare_metal, completed with what is known when they are packed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "index.h"

namespace pixelzx::pack {

/// Where a launcher's copy lies in a .run file.
struct LauncherPlace {
  Platform platform;
  std::uint64_t block = 0;   // its first block, of kRunBlock bytes
  std::uint64_t blocks = 0;  // how many it fills
  std::string sha256;        // of these blocks
};
inline constexpr std::uint64_t kRunBlock = 4096;

/// What a .run file of `size` bytes begins with. Throws kBadScriptVersion.
std::string run_script(const Index& index, const std::vector<LauncherPlace>& launchers,
                       std::uint64_t size);

/// install.sh of a tarball with launchers for these architectures. Throws kBadScriptVersion.
std::string install_script(const Index& index, const std::vector<std::string>& archs);

}  // namespace pixelzx::pack
