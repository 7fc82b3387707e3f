// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pack/bundle_file.h"
#include "pack/layout.h"

namespace pixelzx::pack {

/// Writes the program for exactly the platform `platform` in the bundle at `path` to the file
/// `output`, executable. Throws why that cannot be.
void extract_slice(const std::string& path, const std::string& platform, const std::string& output);

/// The program of `slice`. Throws why it cannot be unpacked.
std::string slice_content(const Bundle& bundle, const Slice& slice);
/// The bytes of `share`, which are not compared with its digest.
std::string share_content(const Bundle& bundle, const Share& share);
/// `slice` as it is packed. Throws kCannotRead of `label`.
PackedSlice packed_slice(const Bundle& bundle, const Slice& slice, const std::string& label);
/// What is in the frame of Index::common, `size` bytes. Throws when it is damaged.
std::string frame_content(std::string_view frame, std::uint64_t size);

}  // namespace pixelzx::pack
