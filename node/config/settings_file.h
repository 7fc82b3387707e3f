// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "node/messages.h"

namespace pixelzx::node {

/// A key of a YAML file with its value.
struct FileSetting {
  std::string key;                  ///< with those that it is below: `rpc.port`
  std::optional<std::string> text;  ///< of a list: its items, with commas between; nothing: null
  std::string place;                ///< `file:line:column`, the first are 1
};

/// All keys of the YAML file at `path` that have no others below, in the file's order. Failures:
/// it cannot be read, is no YAML, or has what no setting can be.
std::variant<std::vector<FileSetting>, Failure> read_settings_file(const std::string& path);

}  // namespace pixelzx::node
