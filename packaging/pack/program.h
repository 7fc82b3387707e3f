// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "platform.h"

namespace pixelzx::pack {

/// Reads the platform of a slice. Throws kNotASlicePlatform for what no launcher would ever choose.
Platform parse_slice_platform(const std::string& text);

/// Checks that `content`, read from the file `path`, is a whole static program for `label`. Throws
/// what is wrong with it. `allow_dynamic`: programs with an interpreter, too.
void check_program(std::string_view content, const std::string& path, const Platform& label,
                   bool allow_dynamic);

}  // namespace pixelzx::pack
