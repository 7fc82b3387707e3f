// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pixelzx::pack {

/// Writes a copy of the launcher at `launcher` that carries the bundle at `bundle` to the file
/// `output`, executable. Throws why that cannot be.
void attach_bundle(const std::string& launcher, const std::string& bundle,
                   const std::string& output);

}  // namespace pixelzx::pack
