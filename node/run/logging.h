// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "node/config/settings.h"

namespace pixelzx::node {

/// Has spdlog's default logger write as the settings say: lines of text, or of JSON objects with
/// the members time, level and message. Fails when the file cannot be written to.
std::optional<Failure> start_logging(const Settings& settings);

/// Closes the log file and opens it again under its name, for programs that have moved it away.
void reopen_log();

}  // namespace pixelzx::node
