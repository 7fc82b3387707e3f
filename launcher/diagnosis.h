// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "fixed_string.h"
#include "messages.h"

namespace pixelzx {

/// Every known cause why something cannot run. The value is the number in its code `PZX-nnn`; a
/// number is never used again for another cause. 1xx: bundle, 2xx: file, 3xx: system.
enum class Cause {
  kNoSliceForHost = 101,
  kNoBundle = 102,
  kNotABundle = 103,
  kDamagedIndex = 104,
  kDamagedSlice = 105,
  kTruncatedBundle = 106,
  kNewerFormat = 107,
  kContradictedLabel = 108,
  kPlatformCannotRun = 109,
  kBadPlatformVariable = 110,
  kSliceNotInstalled = 111,
  kNoPlaceToUnpack = 301,
  kKernelRefused = 302,
  kArgumentsTooLong = 303,
  kBundleUnreadable = 304,
  kOutOfMemory = 305,
};

/// What was seen. A row's texts name evidence as `{path}`; evidence with a label is shown as a
/// line.
enum class Evidence {
  kMachine,
  kPlatform,
  kBundle,
  kPath,
  kOffer,
  kSlice,
  kDetail,
  kCache,
  kMemfd,
  kVariable
};
inline constexpr std::size_t kEvidenceCount = 10;
using EvidenceText = FixedString<511>;

/// One known cause, as the table has it.
struct DiagnosisRow {
  Cause cause{};
  /// 126: the program cannot run. 127: there is no bundle.
  int exit_status = 0;
  Text title;
  Text why;
  Text remedy;
};

/// The table: the only place where causes are written down.
std::span<const DiagnosisRow> diagnosis_table();

/// The row of `cause`.
const DiagnosisRow& diagnosis_row(Cause cause);

/// A cause and what was seen of it; made where the cause is known, printed in one place.
class Diagnosis {
 public:
  explicit Diagnosis(Cause cause) : cause_(cause) {}

  Diagnosis& with(Evidence evidence, std::string_view text);
  /// Evidence in words: `phrase`, one of `messages`, with `value` for its `{}`.
  Diagnosis& with(Evidence evidence, const Text& phrase, std::string_view value = {});
  /// Evidence of a failed system call: what was tried, and errno's text.
  Diagnosis& with_errno(Evidence evidence, std::string_view tried, int error);

  [[nodiscard]] Cause cause() const { return cause_; }
  [[nodiscard]] EvidenceText evidence(Evidence evidence, Language language) const;

 private:
  struct Seen {
    const Text* phrase = nullptr;  // null: the value is all
    EvidenceText value;
  };

  Cause cause_;
  std::array<Seen, kEvidenceCount> seen_;
};

/// A value, or the diagnosis why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}                  // NOLINT: implicit on purpose
  Result(const Diagnosis& diagnosis) : diagnosis_(diagnosis) {}  // NOLINT: implicit on purpose

  explicit operator bool() const { return value_.has_value(); }
  T& operator*() { return *value_; }
  T* operator->() { return &*value_; }
  /// Only when there is no value.
  [[nodiscard]] const Diagnosis& diagnosis() const { return *diagnosis_; }

 private:
  std::optional<T> value_;
  std::optional<Diagnosis> diagnosis_;
};

/// The message on stderr: what is wrong with its code, the evidence, why, and what to do.
using MessageText = FixedString<8191>;
MessageText format_diagnosis(const Diagnosis& diagnosis, std::string_view program,
                             Language language);

/// `PZX-101`
FixedString<11> code_of(Cause cause);

}  // namespace pixelzx
