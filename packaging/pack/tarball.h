// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pixelzx::pack {

/// What `tarball` was asked for.
struct TarballOptions {
  std::string bundle;
  /// The folder with linux-amd64/pixelzx and so on.
  std::string launchers;
  /// Names in the tarball, and the files or folders that go there.
  std::vector<std::pair<std::string, std::string>> files;
  /// An SPDX document; empty for none.
  std::string sbom;
  /// Of every member: seconds since 1970.
  std::int64_t mtime = 0;
  /// Ends with .tar.zst or .tar.gz.
  std::string output;
};

/// Writes a tarball with all that install.sh needs, in the folder <program>-<version>-linux. Throws
/// why that cannot be. The same input gives the same file.
void write_tarball(const TarballOptions& options);

}  // namespace pixelzx::pack
