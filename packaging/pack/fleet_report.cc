// SPDX-License-Identifier: Apache-2.0
#include "pack/fleet_report.h"

#include <algorithm>
#include <array>

#include "pack/byte_stream.h"
#include "pack/image_json.h"
#include "pack/pack_error.h"

namespace pixelzx::pack {
namespace {

constexpr std::uint64_t kSchemaVersion = 1;
/// What lies deeper is left out while it is read, so that brackets alone cannot fill the memory.
constexpr int kDeepest = 8;
/// Of what reports call their hosts and problems, in bytes.
constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestTitle = 511;

Json parsed(const std::string& text) {
  try {
    return Json::parse(text,
                       [](int depth, Json::parse_event_t, Json&) { return depth < kDeepest; });
  } catch (const Json::parse_error& error) {
    throw error.byte > text.size() ? Fault(kFaultReportCutOff) : Fault(kFaultReportNoJson);
  } catch (const Json::exception&) {  // a number that no double holds
    throw Fault(kFaultReportNoJson);
  }
}

Platform platform_member(const Json& object, const char* key) {
  const std::string text = text_member(object, key);
  const std::optional<Platform> platform = parse_platform(text);
  if (!platform) throw Fault(kFaultPlatform, text);
  return *platform;
}

/// `web1` for `reports/web1.json`.
std::string name_of_file(const std::string& path) {
  constexpr std::string_view kEnding = ".json";
  std::string_view name = base_name(path);
  if (name.size() > kEnding.size() && name.ends_with(kEnding)) name.remove_suffix(kEnding.size());
  return std::string(name);
}

bool is_code(std::string_view text) {
  constexpr std::string_view kFront = "PZX-";
  return text.size() == kFront.size() + 3 && text.starts_with(kFront) &&
         text.find_first_not_of("0123456789", kFront.size()) == std::string_view::npos;
}

HostProblem problem_of(const Json& finding) {
  HostProblem problem;
  problem.code = text_member(finding, "code");
  problem.title = text_member(finding, "title");
  if (!is_code(problem.code)) throw Fault(kFaultJsonType, "code");
  if (problem.title.size() > kLongestTitle) throw Fault(kFaultJsonType, "title");
  const std::string severity = text_member(finding, "severity");
  constexpr std::array kSeverities = {Severity::kNote, Severity::kWarning, Severity::kError};
  const auto* const known = std::ranges::find_if(
      kSeverities, [&severity](Severity one) { return name_of(one) == severity; });
  if (known == kSeverities.end()) throw Fault(kFaultJsonType, "severity");
  problem.severity = *known;
  return problem;
}

Host host_of(const Json& json) {
  Host host;
  host.platform = platform_member(json, "platform");
  host.launcher = platform_member(json, "launcher");
  host.emulated = flag_member(json, "emulated");
  host.page_size = number_member(json, "page_size");
  host.userland = host.platform;
  // As the launcher finds it, see host.cc.
  if (!host.emulated && host.launcher.arch == PlatformName("arm") &&
      host.platform.arch == PlatformName("arm64")) {
    host.userland = linux_platform("arm", "v8");
  }
  return host;
}

HostReport report_of(const std::string& path, const Json& json) {
  HostReport report;
  report.path = path;
  const Json& host = object_member(json, "host");
  if (host.is_null() || array_member(json, "findings").is_null()) throw Fault(kFaultReportOther);
  report.host = host_of(host);
  report.name = text_member(host, "name");
  if (report.name.empty()) report.name = name_of_file(path);
  if (report.name.size() > kLongestName) throw Fault(kFaultJsonType, "name");
  const Json& launch = object_member(json, "launch");
  report.launch_examined = !launch.is_null() && !object_member(json, "bundle").is_null();
  if (report.launch_examined && !text_member(launch, "slice").empty()) {
    report.slice = platform_member(launch, "slice");
  }
  for (const Json& finding : array_member(json, "findings")) {
    HostProblem problem = problem_of(finding);
    if (std::ranges::find(report.problems, problem.code, &HostProblem::code) ==
        report.problems.end()) {
      report.problems.push_back(std::move(problem));
    }
  }
  return report;
}

}  // namespace

HostReport parse_report(const std::string& path, const std::string& text, Language language) {
  try {
    const Json json = parsed(text);
    if (!json.is_object() || !json.contains("schema_version")) throw Fault(kFaultReportOther);
    const std::uint64_t version = number_member(json, "schema_version");
    if (version > kSchemaVersion) {
      throw PackError(Problem::kNewerReport,
                      {path, std::to_string(version), std::to_string(kSchemaVersion)});
    }
    if (version != kSchemaVersion) throw Fault(kFaultJsonType, "schema_version");
    return report_of(path, json);
  } catch (const Fault& fault) {
    throw PackError(Problem::kNotAReport, {path, fault.text(language)});
  }
}

}  // namespace pixelzx::pack
