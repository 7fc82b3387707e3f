// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "pack/bundle_file.h"
#include "pack/file_io.h"

namespace pixelzx::pack {

/// Unpacks everything in the bundle at `path` and compares it with the index, and the index with
/// the tar around it. `report` is told the name of each slice and shared file that is sound. Throws
/// what is wrong.
void verify_bundle(const std::string& path, const std::function<void(std::string_view)>& report);

/// Verifies the bundle that was written to `file`, and gives it its name, `path`. Throws
/// kSelfCheck; then what had the name before stays.
void publish_verified(OutputFile& file, const std::string& path);

}  // namespace pixelzx::pack
