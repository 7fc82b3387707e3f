// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "pack/bundle_file.h"

namespace pixelzx::pack {

/// Unpacks everything in the bundle at `path` and compares it with the index, and the index with
/// the tar around it. `report` is told the name of each slice and shared file that is sound. Throws
/// what is wrong.
void verify_bundle(const std::string& path, const std::function<void(std::string_view)>& report);

}  // namespace pixelzx::pack
