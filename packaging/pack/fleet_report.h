// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis.h"
#include "host.h"

namespace pixelzx::pack {

/// A finding of the doctor, without what was seen on that host.
struct HostProblem {
  std::string code;  // PZX-nnn
  Severity severity = Severity::kError;
  std::string title;  // in the language of the report
};

/// What a report of `pixelzx doctor --json` (docs/doctor-json.md) says of its host, as far as a
/// fleet is told from it.
struct HostReport {
  std::string path;  // of the report
  std::string name;  // of the host
  Host host;         // platform, userland, launcher, emulated, page_size
  /// The doctor had a bundle and looked for the slice to start; nothing else is known without.
  bool launch_examined = false;
  std::optional<Platform> slice;      // that would start; in the host's own bundle
  std::vector<HostProblem> problems;  // each code once
};

/// Longest report that is read, in bytes; the doctor's have a few thousand.
inline constexpr std::uint64_t kLongestReport = 1 << 20;

/// Reads the report `text` that the file `path` holds, and trusts none of it. The host's name is
/// `host.name` where somebody has added that, else the file's. Throws kNotAReport and kNewerReport.
HostReport parse_report(const std::string& path, const std::string& text, Language language);

}  // namespace pixelzx::pack
