// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pixelzx::pack {

/// Writes the program for exactly the platform `platform` in the bundle at `path` to the file
/// `output`, executable. Throws why that cannot be.
void extract_slice(const std::string& path, const std::string& platform, const std::string& output);

}  // namespace pixelzx::pack
