// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "fixed_string.h"
#include "messages.h"

namespace pixelzx {

/// Every known cause why something cannot run. The value is the number in its code `PZX-nnn`; a
/// number is never used again for another cause. 1xx: bundle, 2xx: file, 3xx: system, 4xx: image.
enum class Cause : std::uint16_t {
#include "causes.inc"  // made of diagnoses.txt by texts.awk
};

enum class Severity : std::uint8_t {
  kNote,     // worth knowing
  kWarning,  // it runs, but
  kError,    // it does not run
};

/// What was seen. A row's texts name evidence as `{path}`; evidence with a label is shown as a
/// line.
enum class Evidence {
  kMachine,
  kPlatform,
  kBundle,
  kPath,
  kFound,
  kInterpreter,
  kLayer,
  kOffer,
  kSlice,
  kNeeds,
  kDetail,
  kCache,
  kMemfd,
  kVariable
};
inline constexpr std::size_t kEvidenceCount = 14;
using EvidenceText = FixedString<511>;

/// One known cause, as the table has it.
struct DiagnosisRow {
  Cause cause{};
  Severity severity{};
  /// 126: the program cannot run. 127: there is no bundle.
  std::uint8_t exit_status = 0;
  Text title;

  /// What was seen and what it means.
  [[nodiscard]] Text why() const { return {static_cast<std::uint16_t>(title.number + 1)}; }
  /// What to do.
  [[nodiscard]] Text remedy() const { return {static_cast<std::uint16_t>(title.number + 2)}; }
};

/// The table: the only place where causes are written down.
std::span<const DiagnosisRow> diagnosis_table();

/// The row of `cause`.
const DiagnosisRow& diagnosis_row(Cause cause);

/// The row with the code `PZX-nnn`, in letters of any case; null when there is none.
const DiagnosisRow* find_diagnosis(std::string_view code);

/// A cause and what was seen of it; made where the cause is known, printed in one place.
class Diagnosis {
 public:
  explicit Diagnosis(Cause cause);

  Diagnosis& with(Evidence evidence, std::string_view text);
  /// Evidence in words: `phrase`, one of `messages`, with `value` for its `{}`.
  Diagnosis& with(Evidence evidence, Text phrase, std::string_view value = {});
  /// Evidence of a failed system call: what was tried, and errno's text.
  Diagnosis& with_errno(Evidence evidence, std::string_view tried, int error);

  [[nodiscard]] Cause cause() const { return cause_; }
  [[nodiscard]] EvidenceText evidence(Evidence evidence, Language language) const;

 private:
  struct Seen {
    std::uint16_t begin = 0;  // in values_
    std::uint16_t end = 0;
    Text phrase;              // kNothing: the value is all
    std::uint16_t error = 0;  // errno, behind the value
  };

  Cause cause_;
  std::array<Seen, kEvidenceCount> seen_{};
  FixedString<3071> values_;
};

/// A value, or the diagnosis why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}                  // NOLINT: implicit on purpose
  Result(const Diagnosis& diagnosis) : diagnosis_(diagnosis) {}  // NOLINT: implicit on purpose
  /// A value to be filled in its place; what is large is never moved on the way to the caller.
  explicit Result(std::in_place_t in_place) : value_(in_place) {}
  /// Takes the value back: why there is none.
  void fail(const Diagnosis& diagnosis) {
    value_.reset();
    diagnosis_ = diagnosis;
  }

  explicit operator bool() const { return value_.has_value(); }
  T& operator*() { return *value_; }
  T* operator->() { return &*value_; }
  /// Only when there is no value.
  [[nodiscard]] const Diagnosis& diagnosis() const { return *diagnosis_; }

 private:
  std::optional<T> value_;
  std::optional<Diagnosis> diagnosis_;
};

using MessageText = FixedString<12287>;

/// `note`, `warning`, `error`.
std::string_view name_of(Severity severity);

/// The name of `evidence` in texts: `path`.
std::string_view name_of(Evidence evidence);

/// Appends `phrase` with `value` in place of its `{}`.
void append_filled(FixedText& text, std::string_view phrase, std::string_view value);

/// The message on stderr: what is wrong with its code, the evidence, why, and what to do. `doctor`:
/// the word that asks for more is the launcher's.
MessageText format_diagnosis(const Diagnosis& diagnosis, std::string_view program,
                             Language language, bool doctor);

/// Appends `words`, a text of the table, with the evidence that it names.
void append_words(FixedText& text, Text words, const Diagnosis& diagnosis, Language language);

/// What the message has below its first line: the evidence that has a label, why, and what to do.
void append_explanation(FixedText& text, const Diagnosis& diagnosis, Language language);

/// The page of a row, which `doctor PZX-101` prints: evidence is shown as `<path>`.
MessageText format_page(const DiagnosisRow& row, Language language);

/// `PZX-101`
FixedString<11> code_of(Cause cause);

}  // namespace pixelzx
