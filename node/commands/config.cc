// SPDX-License-Identifier: Apache-2.0
#include "node/commands/commands.h"

namespace pixelzx::node {

CliResult run_config_show(const CommandLine& line) {
  return {kStatusOk, to_yaml(line.settings), ""};
}

CliResult run_config_validate(const CommandLine& line) {
  // Settings that are wrong have never come here.
  return {kStatusOk, std::string(text(Phrase::kConfigIsValid, line.language)) + "\n", ""};
}

}  // namespace pixelzx::node
