// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace pixelzx::node {

/// What a report of `pixelzx doctor --json` (docs/doctor-json.md) says of this host, as metrics:
/// findings, counted, the host, and how a program starts there. Nothing when it is no report.
std::optional<std::string> doctor_text(const std::string& report);

}  // namespace pixelzx::node
