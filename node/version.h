// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "node/build_info.h"
#include "node/messages.h"

namespace pixelzx::node {

/// The banner that operators know, several lines with a newline after each.
std::string version_banner(const BuildInfo& info, Language language);

/// One line: `v1.0.0`.
std::string version_short(const BuildInfo& info);

/// One line holding one JSON object with the members name, version, build_time, commit, branch,
/// platform and compiler, all strings.
std::string version_json(const BuildInfo& info);

}  // namespace pixelzx::node
