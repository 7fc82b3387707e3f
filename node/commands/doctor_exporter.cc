// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <variant>

#include "node/commands/commands.h"
#include "node/rpc/doctor_metrics.h"
#include "node/rpc/http_server.h"
#include "node/rpc/metrics.h"
#include "node/rpc/prometheus.h"
#include "node/run/child.h"
#include "node/run/metrics_options.h"
#include "node/run/signals.h"
#include "node/words.h"

namespace pixelzx::node {
namespace {

/// The doctor unpacks every program of the bundle, which slow machines and emulators take their
/// time for.
constexpr std::chrono::minutes kPatience{5};
constexpr std::size_t kLongestReport = std::size_t{1} << 20U;

/// What a message says of an output that is no report.
std::string evidence(const ChildResult& result) {
  constexpr std::size_t kMost = 200;
  std::string text = "exit status " + std::to_string(result.status);
  if (!result.out.empty()) {
    text += ", '" + escape_controls(result.out.substr(0, kMost)) + "'";
  }
  return text;
}

}  // namespace

CliResult run_doctor_exporter(const CommandLine& line) {
  const Signals signals;
  // The launcher has the doctor, and is started as it was for this process.
  const std::string launcher = ::program_invocation_name;
  const auto ran =
      run_child({launcher, "doctor", "--json"}, kLongestReport, kPatience, signals.fd());
  if (const auto* error = std::get_if<std::error_code>(&ran)) {
    if (*error == std::errc::operation_canceled) return {};
    if (*error == std::errc::stream_timeout) {
      return failed({Phrase::kDoctorTooSlow, {launcher, std::to_string(kPatience.count())}},
                    line.language);
    }
    return failed({Phrase::kNoReport, {launcher, error->message()}}, line.language);
  }
  const auto& result = std::get<ChildResult>(ran);
  const std::optional<std::string> report = doctor_text(result.out);
  if (!report) return failed({Phrase::kNoReport, {launcher, evidence(result)}}, line.language);
  // Whoever collects logs has the report.
  (void)std::fputs(result.out.c_str(), stdout);
  (void)std::fflush(stdout);

  const auto page = [&] {
    return prometheus::page(*report + program_text(line.info, launch_facts()));
  };
  const HttpOptions options = metrics_options(line.settings);
  auto server = HttpServer::start(options, {.post = {}, .pages = {{"/metrics", page}}});
  if (const auto* why = std::get_if<std::string>(&server)) {
    const std::string place = options.address + " port " + std::to_string(options.port);
    return failed({Phrase::kCannotServeMetrics, {place, *why}}, line.language);
  }
  (void)Signals::wait();
  return {};
}

}  // namespace pixelzx::node
