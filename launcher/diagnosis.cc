// SPDX-License-Identifier: Apache-2.0
#include "diagnosis.h"

namespace pixelzx {
namespace {

constexpr DiagnosisRow kTable[] = {
#include "diagnoses.inc"  // made of diagnoses.txt by texts.awk
};

}  // namespace

std::span<const DiagnosisRow> diagnosis_table() {
  return kTable;
}

const DiagnosisRow& diagnosis_row(Cause cause) {
  return *std::ranges::find_if(kTable,
                               [cause](const DiagnosisRow& row) { return row.cause == cause; });
}

Diagnosis::Diagnosis(Cause cause) : cause_(cause) {}

Diagnosis& Diagnosis::with(Evidence evidence, std::string_view text) {
  EvidenceText safe;
  safe.append_printable(text);
  Seen& seen = seen_[static_cast<std::size_t>(evidence)];
  seen = {};
  seen.begin = static_cast<std::uint16_t>(values_.size());
  values_.append(safe.view());
  seen.end = static_cast<std::uint16_t>(values_.size());
  return *this;
}

Diagnosis& Diagnosis::with(Evidence evidence, Text phrase, std::string_view value) {
  with(evidence, value);
  seen_[static_cast<std::size_t>(evidence)].phrase = phrase;
  return *this;
}

Diagnosis& Diagnosis::with_errno(Evidence evidence, std::string_view tried, int error) {
  with(evidence, tried);
  seen_[static_cast<std::size_t>(evidence)].error = static_cast<std::uint16_t>(error);
  return *this;
}

EvidenceText Diagnosis::evidence(Evidence evidence, Language language) const {
  const Seen& seen = seen_[static_cast<std::size_t>(evidence)];
  const std::string_view value = values_.view().substr(seen.begin, seen.end - seen.begin);
  EvidenceText text;
  append_filled(text, seen.phrase == Text() ? "{}" : seen.phrase.in(language), value);
  if (seen.error != 0) {
    text.append(": ");
    append_errno(text, seen.error, language);
  }
  return text;
}

void append_filled(FixedText& text, std::string_view phrase, std::string_view value) {
  const std::size_t hole = phrase.find("{}");
  text.append(phrase.substr(0, hole));
  if (hole == std::string_view::npos) return;
  text.append(value);
  text.append(phrase.substr(hole + 2));
}

FixedString<11> code_of(Cause cause) {
  FixedString<11> code("PZX-");
  return code.append_number(static_cast<std::uint64_t>(cause));
}

}  // namespace pixelzx
