// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pixelzx::pack {

/// Writes the file `output`, executable: a shell script, the launchers below the folder `launchers`
/// for the architectures of the bundle at `bundle`, and that bundle. Verifies it before it takes
/// its name. Throws why that cannot be.
void write_run_file(const std::string& launchers, const std::string& bundle,
                    const std::string& output);

}  // namespace pixelzx::pack
