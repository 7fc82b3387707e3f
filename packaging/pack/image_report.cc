// SPDX-License-Identifier: Apache-2.0
#include "pack/image_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "pack/pack_error.h"
#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMostShown = 10;

/// A mark and its colour (ECMA-48, SGR).
struct Mark {
  std::string_view sign;
  std::string_view colour;
};
constexpr Mark kGood{"✓", "\x1b[32m"};
constexpr Mark kSkipped{"-", "\x1b[2m"};
constexpr std::array<Mark, 3> kMarks = {{{"·", "\x1b[36m"}, {"!", "\x1b[33m"}, {"✗", "\x1b[31m"}}};

std::string painted(const Mark& mark, bool colour) {
  if (!colour) return std::string(mark.sign);
  return std::string(mark.colour) + std::string(mark.sign) + "\x1b[0m";
}

const Mark& mark_of(Severity severity) {
  return kMarks[static_cast<std::size_t>(severity)];
}

const Mark& mark_of(const ImageReport& image) {
  if (!image.skipped.empty()) return kSkipped;
  const auto worst = std::ranges::max_element(image.findings, {}, &Finding::severity);
  if (worst == image.findings.end() || worst->severity == Severity::kNote) return kGood;
  return mark_of(worst->severity);
}

/// Findings that are told together: of the same cause, and for 405 of the same platform.
using Group = std::vector<const Finding*>;

std::vector<Group> groups_of(const std::vector<Finding>& findings, Language language) {
  std::vector<Group> groups;
  const auto belongs = [language](const Finding& a, const Finding& b) {
    return a.severity == b.severity && a.severity != Severity::kError &&
           a.diagnosis.cause() == b.diagnosis.cause() &&
           (a.diagnosis.cause() != Cause::kForeignBinary ||
            a.diagnosis.evidence(Evidence::kFound, language) ==
                b.diagnosis.evidence(Evidence::kFound, language));
  };
  for (const Finding& finding : findings) {
    const auto group = std::ranges::find_if(
        groups, [&](const Group& known) { return belongs(*known.front(), finding); });
    if (group == groups.end()) {
      groups.push_back({&finding});
    } else {
      group->push_back(&finding);
    }
  }
  std::ranges::stable_sort(groups, std::greater(),
                           [](const Group& group) { return group.front()->severity; });
  return groups;
}

std::string group_text(const Group& group, Language language, bool colour) {
  const Finding& first = *group.front();
  const DiagnosisRow& row = diagnosis_row(first.diagnosis.cause());
  std::string text = fmt::format("\n{} {}  [{}]\n", painted(mark_of(first.severity), colour),
                                 row.title.in(language), code_of(first.diagnosis.cause()).view());
  MessageText explanation;
  append_explanation(explanation, first.diagnosis, language);
  const EvidenceText detail = first.diagnosis.evidence(Evidence::kDetail, language);
  if (!detail.empty() && explanation.view().find(detail.view()) == std::string_view::npos) {
    text += labelled_line(kSeen.in(language), detail.view());
  }
  text += explanation.view();
  for (std::size_t i = 1; i < std::min(group.size(), kMostShown); ++i) {
    text += labelled_line(i == 1 ? kAlso.in(language) : "", printable(group[i]->path));
  }
  if (group.size() > kMostShown) {
    text += labelled_line(
        "", fmt::format(fmt::runtime(kAndMore.in(language)), group.size() - kMostShown));
  }
  return text;
}

/// A program that is there for other platforms as well, on purpose: worth a line, no more.
bool is_of_a_set(const Finding& finding) {
  return finding.diagnosis.cause() == Cause::kForeignBinary && finding.severity == Severity::kNote;
}

/// `linux/arm64, linux/riscv64`: the platforms of such programs.
std::string other_platforms(const ImageReport& image, Language language) {
  std::set<std::string> platforms;
  for (const Finding& finding : image.findings) {
    if (!is_of_a_set(finding)) continue;
    platforms.emplace(finding.diagnosis.evidence(Evidence::kFound, language).view());
  }
  return fmt::format("{}", fmt::join(platforms, ", "));
}

std::string image_text(const ImageReport& image, Language language, bool colour) {
  const std::string platform =
      image.platform.empty() ? std::string(kUnknownPlatform.in(language)) : image.platform;
  std::string text = fmt::format("{} {}", painted(mark_of(image), colour), printable(platform));
  for (const std::string& word : {image.tag, short_digest(image.digest), image.skipped}) {
    if (!word.empty()) text += "  " + printable(word);
  }
  text += "\n";
  if (!image.file.empty()) {
    const bool linked = !image.real_path.empty() && image.real_path != image.file;
    text += labelled_line(kStarts.in(language),
                          printable(linked ? image.file + " → " + image.real_path : image.file));
    if (!image.found.empty()) text += labelled_line(kIts.in(language), image.found);
    if (!image.layer.empty()) text += labelled_line(kLayerLabel.in(language), image.layer);
  }
  const std::string others = other_platforms(image, language);
  if (!others.empty()) text += labelled_line(kAlsoFor.in(language), others);
  for (const Group& group : groups_of(image.findings, language)) {
    if (!is_of_a_set(*group.front())) text += group_text(group, language, colour);
  }
  return text;
}

OrderedJson finding_json(const Finding& finding, const std::string& platform,
                         const std::string& digest, Language language) {
  const DiagnosisRow& row = diagnosis_row(finding.diagnosis.cause());
  MessageText why;
  append_words(why, row.why(), finding.diagnosis, language);
  MessageText remedy;
  append_words(remedy, row.remedy(), finding.diagnosis, language);
  OrderedJson evidence = OrderedJson::object();
  for (std::size_t i = 0; i < kEvidenceCount; ++i) {
    const auto name = static_cast<Evidence>(i);
    const EvidenceText seen = finding.diagnosis.evidence(name, language);
    if (!seen.empty()) evidence[std::string(name_of(name))] = std::string(seen.view());
  }
  return {{"code", std::string(code_of(finding.diagnosis.cause()).view())},
          {"severity", std::string(name_of(finding.severity))},
          {"title", std::string(row.title.in(language))},
          {"why", std::string(why.view())},
          {"remedy", std::string(remedy.view())},
          {"evidence", evidence},
          {"image", platform},
          {"digest", digest},
          {"path", finding.path},
          {"layer", finding.layer}};
}

OrderedJson image_json(const ImageReport& image) {
  const bool bad = std::ranges::any_of(
      image.findings, [](const Finding& finding) { return finding.severity == Severity::kError; });
  OrderedJson entry{{"platform", image.platform},
                    {"digest", image.digest},
                    {"tag", image.tag},
                    {"entrypoint", image.words},
                    {"file", image.file},
                    {"real_path", image.real_path},
                    {"found", image.found},
                    {"layer", image.layer},
                    {"executables", image.executables},
                    {"ok", !bad}};
  if (!image.skipped.empty()) entry["skipped"] = image.skipped;
  return entry;
}

}  // namespace

std::string report_text(const ArchiveReport& report, Language language, bool colour) {
  std::string text = printable(report.archive) + "\n";
  for (const ImageReport& image : report.images) text += "\n" + image_text(image, language, colour);
  for (const Group& group : groups_of(report.findings, language)) {
    text += group_text(group, language, colour);
  }
  return text;
}

std::string report_json(const ArchiveReport& report, Language language) {
  OrderedJson images = OrderedJson::array();
  OrderedJson findings = OrderedJson::array();
  for (const ImageReport& image : report.images) {
    images.push_back(image_json(image));
    for (const Finding& finding : image.findings) {
      findings.push_back(finding_json(finding, image.platform, image.digest, language));
    }
  }
  for (const Finding& finding : report.findings) {
    findings.push_back(finding_json(finding, "", "", language));
  }
  const OrderedJson all{{"schema_version", 1},
                        {"archive", report.archive},
                        {"ok", report.exit_status() == 0},
                        {"images", images},
                        {"findings", findings}};
  // Names in images may be no UTF-8, which JSON cannot carry.
  return all.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace pixelzx::pack
