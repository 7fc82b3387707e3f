// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <unistd.h>

#include "doctor.h"
#include "output.h"

namespace pixelzx {
namespace {

enum class Mark { kGood, kWarning, kBad, kNeutral };

constexpr std::size_t kLabelColumns = 18;

/// Lines of the report: `  ✓ label             value`.
class Report {
 public:
  explicit Report(Language language)
      : language_(language), color_(isatty(STDOUT_FILENO) == 1 && !has_no_color()) {}

  Output out;

  [[nodiscard]] std::string_view word(Text text) const { return text.in(language_); }

  void title(Text text) { out << bold() << word(text) << plain() << "\n"; }

  void line(Mark mark, std::string_view label, std::string_view value) {
    put_mark(mark);
    out << label;
    for (std::size_t used = terminal_columns(label); used < kLabelColumns; ++used) out << " ";
    out << (label.empty() ? "" : " ");
    put(value);
    out << "\n";
  }
  void line(Mark mark, Text label, std::string_view value) { line(mark, word(label), value); }

  /// A snapshot's files are not the kernel's: whoever wrote them may have put anything there.
  void put(std::string_view value) {
    EvidenceText shown;
    shown.append_printable(value);
    out << shown.view();
  }

  void put_mark(Mark mark) {
    constexpr std::array<std::string_view, 4> kMarks = {"✓", "!", "✗", "·"};
    constexpr std::array<std::string_view, 4> kColors = {"\033[32m", "\033[33m", "\033[31m", ""};
    const auto number = static_cast<std::size_t>(mark);
    out << "  " << (color_ ? kColors[number] : "") << kMarks[number] << plain() << " ";
  }

  [[nodiscard]] EvidenceText filled(Text text, std::string_view value) const {
    EvidenceText result;
    append_filled(result, word(text), value);
    return result;
  }

 private:
  static bool has_no_color() {  // https://no-color.org
    const char* value = getenv("NO_COLOR");
    return value != nullptr && *value != '\0';
  }
  [[nodiscard]] std::string_view bold() const { return color_ ? "\033[1m" : ""; }
  [[nodiscard]] std::string_view plain() const { return color_ ? "\033[0m" : ""; }

  Language language_;
  bool color_;
};

EvidenceText way_text(const Report& report, Way way, const Handler* handler) {
  switch (way) {
    case Way::kNative:
      return report.word(messages::kNatively);
    case Way::kCompat:
      return report.word(messages::kByCompat);
    case Way::kHandler:
      return report.filled(messages::kByHandler, handler == nullptr
                                                     ? std::string_view("binfmt_misc")
                                                     : handler->interpreter.view());
    case Way::kUnknown:
      return report.word(messages::kNotTried);
    default:
      return report.word(messages::kNotHere);
  }
}

void print_host(Report& report, const Facts& facts) {
  const Host& host = facts.machine.host;
  report.title(messages::kHost);
  EvidenceText machine(to_text(host.platform).view());
  if (host.emulated) {
    machine.append(", ").append(
        report.filled(messages::kEmulating, to_text(host.launcher).view()).view());
  }
  report.line(host.emulated ? Mark::kWarning : Mark::kGood, messages::kMachineLabel,
              machine.view());
  if (!facts.cpu.empty()) report.line(Mark::kGood, messages::kCpu, facts.cpu.view());
  EvidenceText kernel(host.kernel_release.view());
  if (host.page_size != 0) {
    kernel.append(", ").append(
        report
            .filled(messages::kPages, FixedString<20>().append_number(host.page_size >> 10).view())
            .view());
  }
  report.line(Mark::kGood, messages::kKernelLabel, kernel.view());
  if (facts.machine.live) {
    const bool mixed = host.userland != host.platform;
    report.line(mixed ? Mark::kWarning : Mark::kGood, messages::kUserland,
                report.word(facts.userland_is_32_bit ? messages::k32Bit : messages::k64Bit));
  }
  if (!facts.container.empty()) {
    report.line(Mark::kGood, messages::kContainer, facts.container.view());
  }
  report.title(messages::kWhatRuns);
  for (std::size_t i = 0; i < kPlatformProbes; ++i) {
    const Way way = facts.machine.ways[i];
    const Handler* handler = facts.machine.handler_of(kProbes[i]);
    report.line(way > Way::kUnknown ? Mark::kGood : Mark::kNeutral, kProbes[i].platform,
                way_text(report, way, handler).view());
  }
}

void print_bundle(Report& report, const Facts& facts) {
  const Bundle& bundle = *facts.bundle;
  report.title(messages::kBundleTitle);
  EvidenceText program(bundle.path.view());
  program.append(", ").append(bundle.index.program);
  program.append(" ").append(bundle.index.version);
  report.line(Mark::kGood, messages::kTheFile, program.view());
  const std::span<const Slice> slices = bundle.index.slices();
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const auto size = FixedString<20>().append_number(slices[i].size);
    const bool intact = facts.intact[i];
    const PlatformText platform = to_text(slices[i].platform);
    if (bundle.installed) {
      report.line(intact ? Mark::kGood : Mark::kNeutral, platform.view(),
                  intact ? report.filled(messages::kInstalled, size.view()).view()
                         : report.word(messages::kNotInstalled));
    } else {
      report.line(intact ? Mark::kGood : Mark::kBad, platform.view(),
                  intact ? report.filled(messages::kIntact, size.view()).view()
                         : report.word(diagnosis_row(Cause::kDamagedSlice).title));
    }
  }
}

void print_launch(Report& report, const Facts& facts, Language language) {
  report.title(messages::kLaunchTitle);
  for (std::size_t i = 0; i < facts.cache_count; ++i) {
    const CacheReport& cache = facts.caches[i];
    EvidenceText value(cache.path.view());
    if (cache.usable) {
      value.append(": ").append(report.word(messages::kUsable));
    } else {
      value = cache.reasons.text(language);
    }
    report.line(cache.usable ? Mark::kGood : Mark::kWarning, messages::kCache, value.view());
  }
  if (facts.machine.live) {
    report.line(facts.memory_usable ? Mark::kGood : Mark::kWarning, messages::kMemory,
                report.word(facts.memory_usable ? messages::kUsable : messages::kUnusable));
  }
  if (facts.slice) {
    const Text why = facts.better_slice ? messages::kBestOfBundle : messages::kBest;
    report.line(Mark::kGood, messages::kStarts,
                report.filled(why, to_text(*facts.slice).view()).view());
  }
}

void print_file(Report& report, const FileReport& file, bool quiet) {
  if (quiet || file.examination.diagnosis) return;  // those are among the findings
  EvidenceText value(file.examination.found.view());
  value.append(value.empty() ? "" : "; ").append(report.word(messages::kRuns)).append(": ");
  value.append(way_text(report, file.examination.way, file.examination.handler).view());
  report.put_mark(Mark::kGood);
  report.put(file.path);
  report.out << "\n      ";
  report.put(value.view());
  if (!file.examination.interpreter.empty()) {
    report.out << "\n      " << report.word(messages::kStartedBy) << " ";
    report.put(file.examination.interpreter.view());
  }
  report.out << "\n";
}

void print_finding(Report& report, const Diagnosis& diagnosis, Language language) {
  const DiagnosisRow& row = diagnosis_row(diagnosis.cause());
  constexpr std::array<Mark, 3> kMarks = {Mark::kNeutral, Mark::kWarning, Mark::kBad};
  report.put_mark(kMarks[static_cast<std::size_t>(row.severity)]);
  MessageText text(row.title.in(language));
  text.append("  [").append(code_of(row.cause).view()).append("]\n");
  append_explanation(text, diagnosis, language);
  report.out << text.view();
}

}  // namespace

bool print_text(const Facts& facts, Language language, bool quiet) {
  Report report(language);
  if (!quiet && facts.files.empty()) {
    print_host(report, facts);
    if (facts.bundle != nullptr) print_bundle(report, facts);
    if (facts.launch_examined) print_launch(report, facts, language);
  }
  for (const FileReport& file : facts.files) print_file(report, file, quiet);
  if (!facts.findings.empty() && facts.files.empty()) report.title(messages::kFindings);
  for (const Finding& finding : facts.findings) print_finding(report, finding.diagnosis, language);
  if (facts.findings.empty() && facts.files.empty() && !quiet) {
    report.out << report.word(messages::kAllWell) << "\n";
  }
  return report.out.flush();
}

}  // namespace pixelzx
