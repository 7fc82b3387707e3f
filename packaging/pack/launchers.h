// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "index.h"

namespace pixelzx::pack {

/// The folder with the launcher for `arch`, an architecture as in a platform: `linux-arm-v7`.
std::string launcher_folder(std::string_view arch);

struct Launcher {
  std::string arch;
  std::string content;
};
/// The launcher for `arch` below the folder `launchers`, as `make dist` fills it:
/// linux-amd64/pixelzx and so on. Throws what is wrong with it.
Launcher read_launcher(const std::string& launchers, const std::string& arch);
/// Those for `archs`. Throws what is wrong with one.
std::vector<Launcher> read_launchers(const std::string& launchers,
                                     const std::set<std::string>& archs);

/// The architectures that the bundle has programs for.
std::set<std::string> architectures_of(const Index& bundle);

/// The platform that a launcher for `arch` stands for: linux/arm/v7 for arm.
Platform launcher_platform(std::string_view arch);

}  // namespace pixelzx::pack
