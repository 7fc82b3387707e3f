// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "index.h"

namespace pixelzx::pack {

/// Where the ELF file `program` has its machine code: the largest segment that is executable.
/// Nothing (size 0) when it has none.
CodeRange find_code(std::string_view program);

}  // namespace pixelzx::pack
