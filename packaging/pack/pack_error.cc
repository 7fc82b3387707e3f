// SPDX-License-Identifier: Apache-2.0
#include "pack/pack_error.h"

#include <fmt/args.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "pack/text_table.h"

namespace pixelzx::pack {
PackError::PackError(Problem problem, std::vector<std::string> values)
    : problem_(problem),
      values_(std::move(values)),
      cause_(problem_row(problem).cause),
      exit_status_(problem_row(problem).exit_status) {
  for (std::string& value : values_) value = printable(value);
  english_ = words(Language::kEnglish).what;
}

PackError::PackError(const std::string& path, const Diagnosis& diagnosis)
    : values_{printable(path)}, diagnosis_(diagnosis), cause_(diagnosis.cause()) {
  english_ = words(Language::kEnglish).what;
}

PackError::Words PackError::words(Language language) const {
  if (!diagnosis_) {
    fmt::dynamic_format_arg_store<fmt::format_context> values;
    for (const std::string& value : values_) values.push_back(value);
    const auto filled = [&values, language](const PackText& text) {
      return fmt::vformat(text.in(language), values);
    };
    const ProblemRow& row = problem_row(problem_);
    return {filled(row.what), filled(row.why), filled(row.remedy)};
  }
  const auto seen = [this, language](Evidence evidence) {
    return std::string(diagnosis_->evidence(evidence, language).view());
  };
  const auto filled = [this, language](Text text) {
    MessageText words;
    append_words(words, text, *diagnosis_, language);
    return std::string(words.view());
  };
  // The row's own `why` speaks of a start that did not take place, so the evidence stands alone.
  const DiagnosisRow& row = diagnosis_row(diagnosis_->cause());
  const std::string slice = seen(Evidence::kSlice);
  const std::string detail = seen(Evidence::kDetail);
  return {values_.front() + ": " + filled(row.title),
          detail.empty() ? filled(row.why()) : (slice.empty() ? "" : slice + ": ") + detail,
          filled(row.remedy())};
}

std::string PackError::message(Language language) const {
  const Words said = words(language);
  std::string text = "pixelzx-pack: " + said.what;
  if (cause_) text += "  [" + std::string(code_of(*cause_).view()) + "]";
  return text + "\n\n" + labelled_line(messages::kWhy.in(language), said.why) +
         labelled_line(messages::kWhatToDo.in(language), said.remedy);
}

void throw_errno(Problem problem, const std::string& path) {
  throw PackError(problem, {path, std::strerror(errno)});
}

std::string printable(std::string_view text) {
  std::string safe;
  unsigned char before = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (ends_control(before, byte)) {
      safe += fmt::format("\\x{:02x}", byte);
    } else {
      safe += c;
    }
    before = byte;
  }
  return safe;
}

}  // namespace pixelzx::pack
