// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pixelzx::pack {

/// What more than one of `programs` contains, once: texts and tables, and machine code of programs
/// for two levels of one CPU. At most half of zstd's window, so that most of a program is near
/// enough to refer to it; empty when that would not be worth a member of its own.
/// Memory: about as much as a program.
std::string common_content(const std::vector<std::string_view>& programs);

}  // namespace pixelzx::pack
