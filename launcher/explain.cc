// SPDX-License-Identifier: Apache-2.0
//
// Puts a diagnosis into words.
#include "cache.h"
#include "diagnosis.h"

namespace pixelzx {
namespace {

struct EvidenceRow {
  const char* name = nullptr;  // as `{name}` in the table's texts
  Text label;                  // kNothing: shown only where a text names it
};

constexpr std::array<EvidenceRow, kEvidenceCount> kEvidence = {{
    {"machine", messages::kThisMachine},
    {"platform", {}},
    {"bundle", messages::kTheBundle},
    {"path", messages::kTheFile},
    {"found", messages::kItIs},
    {"interpreter", messages::kStartedBy},
    {"layer", messages::kLayer},
    {"offer", messages::kProgramsFor},
    {"slice", {}},
    {"needs", {}},
    {"detail", {}},
    {"cache", messages::kCache},
    {"memfd", messages::kMemory},
    {"variable", {}},
}};

constexpr std::size_t kLabelColumns = 15;

/// The text that `evidence(name)` gives for a `{name}`.
template <typename EvidenceOf>
void append_named(FixedText& text, std::string_view words, const EvidenceOf& evidence_of) {
  for (;;) {
    const std::size_t open = words.find('{');
    text.append(words.substr(0, open));
    if (open == std::string_view::npos) return;
    const std::size_t close = words.find('}', open);
    evidence_of(words.substr(open + 1, close - open - 1));
    words.remove_prefix(close + 1);
  }
}

void append_label(FixedText& text, Text label, Language language) {
  const std::string_view words = label.in(language);
  text.append("  ");
  text.append(words);
  for (std::size_t used = terminal_columns(words); used < kLabelColumns; ++used) text.append(" ");
}

}  // namespace

std::string_view name_of(Severity severity) {
  constexpr std::array<std::string_view, 3> kNames = {"note", "warning", "error"};
  return kNames[static_cast<std::size_t>(severity)];
}

std::string_view name_of(Evidence evidence) {
  return kEvidence[static_cast<std::size_t>(evidence)].name;
}

const DiagnosisRow* find_diagnosis(std::string_view code) {
  for (const DiagnosisRow& row : diagnosis_table()) {
    if (equal_ignoring_case(code_of(row.cause).view(), code)) return &row;
  }
  return nullptr;
}

void append_words(FixedText& text, Text words, const Diagnosis& diagnosis, Language language) {
  append_named(text, words.in(language), [&](std::string_view name) {
    for (std::size_t i = 0; i < kEvidence.size(); ++i) {
      if (kEvidence[i].name == name)
        text.append(diagnosis.evidence(static_cast<Evidence>(i), language).view());
    }
  });
}

void append_explanation(FixedText& text, const Diagnosis& diagnosis, Language language) {
  const DiagnosisRow& row = diagnosis_row(diagnosis.cause());
  for (std::size_t i = 0; i < kEvidence.size(); ++i) {
    const Text label = kEvidence[i].label;
    const EvidenceText seen = diagnosis.evidence(static_cast<Evidence>(i), language);
    if (label == Text() || seen.empty()) continue;
    append_label(text, label, language);
    text.append(seen.view());
    text.append("\n");
  }
  append_label(text, messages::kWhy, language);
  append_words(text, row.why(), diagnosis, language);
  text.append("\n");
  append_label(text, messages::kWhatToDo, language);
  append_words(text, row.remedy(), diagnosis, language);
  text.append("\n");
}

MessageText format_diagnosis(const Diagnosis& diagnosis, std::string_view program,
                             Language language, bool doctor) {
  const auto code = code_of(diagnosis.cause());
  MessageText message;
  message.append_printable(program).append(": ").append(messages::kCannotStart.in(language));
  message.append(": ").append(diagnosis_row(diagnosis.cause()).title.in(language));
  message.append("  [").append(code.view()).append("]\n\n");
  append_explanation(message, diagnosis, language);
  if (doctor) {
    append_label(message, messages::kMore, language);
    message.append_printable(program).append(" doctor · ").append_printable(program);
    message.append(" doctor ").append(code.view()).append("\n");
  }
  return message;
}

MessageText format_page(const DiagnosisRow& row, Language language) {
  MessageText page;
  page.append(code_of(row.cause).view()).append("  ").append(row.title.in(language)).append("\n\n");
  const auto append_generally = [&](Text words) {
    append_named(page, words.in(language),
                 [&](std::string_view name) { page.append("<").append(name).append(">"); });
  };
  append_label(page, messages::kWhy, language);
  append_generally(row.why());
  page.append("\n");
  append_label(page, messages::kWhatToDo, language);
  append_generally(row.remedy());
  return page.append("\n");
}

EvidenceText Reasons::text(Language language) const {
  EvidenceText text;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    const Reason& reason = reasons_[i];
    if (i > 0) text.append("; ");
    text.append(places_.view().substr(begin, reason.place_end - begin)).append(": ");
    begin = reason.place_end;
    if (reason.error != 0) {
      append_errno(text, reason.error, language);
    } else {
      text.append(reason.why.in(language));
    }
  }
  return text;
}

}  // namespace pixelzx
