// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "diagnosis.h"
#include "files.h"
#include "index.h"
#include "memory.h"

namespace pixelzx {

inline constexpr std::string_view kBundleName = "pixelzx.bundle";

/// What ends a file to which a bundle was attached: magic, then the offset of the bundle's first
/// byte, little-endian.
inline constexpr std::string_view kTrailerMagic = "PZXBNDL1";
inline constexpr std::size_t kTrailerSize = 16;
using Trailer = std::array<char, kTrailerSize>;
Trailer make_trailer(std::uint64_t bundle_offset);
/// The offset in a trailer; nothing when `bytes` is none.
std::optional<std::uint64_t> read_trailer(std::string_view bytes);

/// An open bundle, its index checked.
struct Bundle {
  Path path;
  Fd file;
  /// Of the bundle's first byte in the file: not 0 where it is attached to a launcher.
  std::uint64_t base = 0;
  /// An index alone: the programs lie beside it, below slices/.
  bool installed = false;
  Index index;
  /// What `index` points into.
  Memory text;
};

/// Opens the bundle that begins at byte `base` of the file at `path`.
/// The diagnosis is kNoBundle when there is no such file.
Result<Bundle> open_bundle(const Path& path, std::uint64_t base = 0);

/// Finds and opens the launcher's bundle: `named` (PIXELZX_BUNDLE) if not empty; attached to the
/// launcher's own file; beside it; ../lib/pixelzx/ and ../../ from its folder. `launcher` is the
/// real path of its file, empty when unknown. With `secure` (AT_SECURE), a bundle that others could
/// have written is refused.
Result<Bundle> find_bundle(std::string_view named, const Path& launcher, bool secure);

}  // namespace pixelzx
