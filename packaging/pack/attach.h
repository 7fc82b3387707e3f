// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "pack/bundle_file.h"
#include "pack/file_io.h"

namespace pixelzx::pack {

/// Writes a copy of the launcher at `launcher` that carries the bundle at `bundle` to the file
/// `output`, executable. Throws why that cannot be.
void attach_bundle(const std::string& launcher, const std::string& bundle,
                   const std::string& output);

/// Appends the bundle, which begins at the byte `offset` of `file`, and the trailer that announces
/// it. Throws kCannotRead, kCannotWrite.
void append_bundle(OutputFile& file, const BundleFile& bundle, std::uint64_t offset);

}  // namespace pixelzx::pack
