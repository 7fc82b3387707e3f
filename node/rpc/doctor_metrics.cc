// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/doctor_metrics.h"

#include <initializer_list>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "node/rpc/prometheus.h"

namespace pixelzx::node {
namespace {

using nlohmann::json;
using prometheus::label;

/// A member as text; empty when it is not there, null, or no single value.
std::string text_of(const json& object, const char* name) {
  const auto member = object.find(name);
  if (member == object.end() || member->is_null() || member->is_structured()) return "";
  return member->is_string() ? member->get<std::string>() : member->dump();
}

/// Labels with the members of these names.
std::string labels_of(const json& object, std::initializer_list<const char*> names) {
  std::string text;
  for (const char* name : names) {
    text.append(text.empty() ? "" : ",").append(label(name, text_of(object, name)));
  }
  return text;
}

}  // namespace

std::optional<std::string> doctor_text(const std::string& report) {
  const json parsed = json::parse(report, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return std::nullopt;
  const auto host = parsed.find("host");
  const auto findings = parsed.find("findings");
  if (host == parsed.end() || !host->is_object() || findings == parsed.end() ||
      !findings->is_array()) {
    return std::nullopt;
  }
  // All severities are there, so that an alert need not ask for what is missing.
  std::map<std::string, int> severities{{"error", 0}, {"warning", 0}, {"note", 0}};
  std::map<std::string, int> by_labels;
  for (const json& finding : *findings) {
    if (!finding.is_object()) return std::nullopt;
    ++severities[text_of(finding, "severity")];
    ++by_labels[labels_of(finding, {"code", "severity"})];
  }

  constexpr std::string_view kFindings = "pixelzx_doctor_findings";
  std::string text =
      prometheus::head(kFindings, "gauge", "Findings of the doctor on this host, by severity.");
  for (const auto& [severity, count] : severities) {
    text += prometheus::sample(kFindings, label("severity", severity), count);
  }
  constexpr std::string_view kFinding = "pixelzx_doctor_finding";
  text += prometheus::head(kFinding, "gauge", "How often the doctor has found this.");
  for (const auto& [labels, count] : by_labels) {
    text += prometheus::sample(kFinding, labels, count);
  }
  constexpr std::string_view kHost = "pixelzx_doctor_host_info";
  text += prometheus::head(kHost, "gauge", "The host, as the doctor sees it.");
  text += prometheus::sample(kHost,
                             labels_of(*host, {"platform", "launcher", "emulated", "kernel",
                                               "page_size", "cpu", "container"}),
                             1);
  const auto launch = parsed.find("launch");
  if (launch != parsed.end() && launch->is_object()) {
    constexpr std::string_view kLaunch = "pixelzx_doctor_launch_info";
    text += prometheus::head(kLaunch, "gauge",
                             "The slice that starts here, and a better one that the bundle lacks.");
    text += prometheus::sample(kLaunch, labels_of(*launch, {"slice", "better"}), 1);
  }
  return text;
}

}  // namespace pixelzx::node
