// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pack/bundle_file.h"

namespace pixelzx::pack {

/// Writes the program for exactly the platform `platform` in the bundle at `path` to the file
/// `output`, executable. Throws why that cannot be.
void extract_slice(const std::string& path, const std::string& platform, const std::string& output);

/// The program of `slice`. Throws why it cannot be unpacked.
std::string slice_content(const BundleFile& file, const Slice& slice);
/// The bytes of `share`, which are not compared with its digest.
std::string share_content(const BundleFile& file, const Share& share);

}  // namespace pixelzx::pack
