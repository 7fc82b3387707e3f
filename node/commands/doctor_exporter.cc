// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>

#include "node/commands/commands.h"
#include "node/rpc/doctor_metrics.h"
#include "node/rpc/http_server.h"
#include "node/rpc/metrics.h"
#include "node/rpc/prometheus.h"
#include "node/run/child.h"
#include "node/run/running_node.h"
#include "node/run/signals.h"

namespace pixelzx::node {
namespace {

/// The doctor unpacks every program of the bundle, which slow machines and emulators take their
/// time for.
constexpr std::chrono::minutes kPatience{5};
constexpr std::size_t kLongestReport = std::size_t{1} << 20U;

}  // namespace

CliResult run_doctor_exporter(const CommandLine& line) {
  const Signals signals;
  // The launcher has the doctor, and is started as it was for this process.
  const std::string launcher = ::program_invocation_name;
  const auto ran =
      run_child({launcher, "doctor", "--json"}, kLongestReport, kPatience, signals.fd());
  if (const auto* error = std::get_if<std::error_code>(&ran)) {
    if (*error == std::errc::operation_canceled) return {};
    return failed({Phrase::kNoReport, {launcher, error->message()}}, line.language);
  }
  const auto& result = std::get<ChildResult>(ran);
  const std::optional<std::string> report = doctor_text(result.out);
  if (!report) {
    return failed({Phrase::kNoReport, {launcher, "exit status " + std::to_string(result.status)}},
                  line.language);
  }
  // Whoever collects logs has the report.
  (void)std::fputs(result.out.c_str(), stdout);
  (void)std::fflush(stdout);

  const auto page = [&] {
    return prometheus::page(*report + program_text(line.info, launch_facts()));
  };
  const HttpOptions options = metrics_options(line.settings);
  auto server = HttpServer::start(options, {.post = {}, .pages = {{"/metrics", page}}});
  if (const auto* why = std::get_if<std::string>(&server)) {
    return failed({Phrase::kCannotServeMetrics,
                   {options.address + " port " + std::to_string(options.port), *why}},
                  line.language);
  }
  while (Signals::wait() == SIGHUP) {
  }
  std::get<std::unique_ptr<HttpServer>>(server)->stop(std::chrono::milliseconds(0));
  return {};
}

}  // namespace pixelzx::node
