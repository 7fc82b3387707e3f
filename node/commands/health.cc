// SPDX-License-Identifier: Apache-2.0
#include "node/commands/commands.h"
#include "node/run/http_client.h"

namespace pixelzx::node {

CliResult run_health(const CommandLine& line) {
  // Docker's health checks have 30 s by default, those of Kubernetes 1 s, which cannot be met by
  // whatever starts a process under load.
  constexpr std::chrono::seconds kPatience{5};
  const Settings& settings = line.settings;
  const std::string where = settings.rpc_address + ":" + std::to_string(settings.rpc_port);
  const auto asked = ask_http(settings.rpc_address, settings.rpc_port, "/health", "", kPatience);
  if (const auto* why = std::get_if<std::string>(&asked)) {
    return failed({Phrase::kNoAnswer, {where, *why}}, line.language);
  }
  const auto& answer = std::get<HttpAnswer>(asked);
  const std::string body = answer.body.substr(0, answer.body.find('\n'));
  if (answer.status == 200) {
    return {kStatusOk, text(Failure{Phrase::kIsHealthy, {body}}, line.language) + "\n", ""};
  }
  if (answer.status == 503) return failed({Phrase::kIsUnhealthy, {body}}, line.language);
  return failed({Phrase::kBadAnswer, {where}}, line.language);
}

}  // namespace pixelzx::node
