// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "bundle.h"

namespace pixelzx::pack {

/// A bundle and where it ends: with its file, or before the trailer of a launcher that it is
/// attached to.
struct BundleFile {
  Bundle bundle;
  std::uint64_t end = 0;  // in the file; bundle.base is where the bundle begins

  [[nodiscard]] std::uint64_t size() const { return end - bundle.base; }
};

/// Opens the bundle at `path`, or attached to the launcher at `path`. Throws why it cannot be used.
BundleFile open_bundle_file(const std::string& path);

/// The same, for those who need the programs: throws kInstalledBundle for an index alone.
BundleFile open_whole_bundle(const std::string& path);

/// All bytes of the bundle. Throws kCannotRead.
std::string bundle_content(const BundleFile& file);

/// Where the bundle attached to the file at `path` begins; nothing when there is none.
std::optional<std::uint64_t> attached_at(const std::string& path);

/// The `size` bytes at `offset` of a bundle. Throws kCannotRead of `label`.
std::string read_part(const Bundle& bundle, std::uint64_t offset, std::uint64_t size,
                      const std::string& label);

}  // namespace pixelzx::pack
