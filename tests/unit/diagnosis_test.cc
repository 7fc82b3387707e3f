// SPDX-License-Identifier: Apache-2.0
#include "diagnosis.h"

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pixelzx {
namespace {

constexpr std::array kCauses = {
    Cause::kNoSliceForHost,      Cause::kNoBundle,          Cause::kNotABundle,
    Cause::kDamagedIndex,        Cause::kDamagedSlice,      Cause::kTruncatedBundle,
    Cause::kNewerFormat,         Cause::kContradictedLabel, Cause::kPlatformCannotRun,
    Cause::kBadPlatformVariable, Cause::kSliceNotInstalled, Cause::kNoPlaceToUnpack,
    Cause::kKernelRefused,       Cause::kArgumentsTooLong,  Cause::kBundleUnreadable,
    Cause::kOutOfMemory,
};

constexpr std::array<Language, 2> kLanguages = {Language::kEnglish, Language::kKorean};

struct Name {
  std::string_view name;
  Evidence evidence;
};

/// What a text of the table may name.
constexpr std::array<Name, kEvidenceCount> kNames = {{
    {"machine", Evidence::kMachine},
    {"platform", Evidence::kPlatform},
    {"bundle", Evidence::kBundle},
    {"path", Evidence::kPath},
    {"offer", Evidence::kOffer},
    {"slice", Evidence::kSlice},
    {"detail", Evidence::kDetail},
    {"cache", Evidence::kCache},
    {"memfd", Evidence::kMemfd},
    {"variable", Evidence::kVariable},
}};

std::array<Text, 3> texts_of(const DiagnosisRow& row) {
  return {row.title, row.why, row.remedy};
}

/// The names in braces of `text`; `well_formed` says whether every brace has its counterpart.
std::vector<std::string_view> placeholders(std::string_view text, bool& well_formed) {
  std::vector<std::string_view> result;
  well_formed = true;
  for (;;) {
    const std::size_t open = text.find('{');
    const std::size_t close = text.find('}');
    if (open == std::string_view::npos && close == std::string_view::npos) return result;
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
      well_formed = false;
      return result;
    }
    result.push_back(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
}

/// A diagnosis with some evidence of every kind.
Diagnosis with_all_evidence(Cause cause) {
  Diagnosis diagnosis(cause);
  for (const Name& row : kNames) diagnosis.with(row.evidence, "<" + std::string(row.name) + ">");
  return diagnosis;
}

TEST_CASE("the table has a row for every cause, and nothing else", "[diagnosis]") {
  CHECK(diagnosis_table().size() == kCauses.size());
  std::set<int> numbers;
  for (const DiagnosisRow& row : diagnosis_table()) numbers.insert(static_cast<int>(row.cause));
  CHECK(numbers.size() == kCauses.size());
  for (const Cause cause : kCauses) {
    CHECK(numbers.count(static_cast<int>(cause)) == 1);
    CHECK(diagnosis_row(cause).cause == cause);
  }
}

TEST_CASE("codes are the numbers of the causes", "[diagnosis]") {
  for (const Cause cause : kCauses) {
    CHECK(code_of(cause).view() == "PZX-" + std::to_string(static_cast<int>(cause)));
  }
  CHECK(code_of(Cause::kNoSliceForHost).view() == "PZX-101");
  CHECK(code_of(Cause::kNoBundle).view() == "PZX-102");
  CHECK(code_of(Cause::kDamagedSlice).view() == "PZX-105");
  CHECK(code_of(Cause::kNewerFormat).view() == "PZX-107");
  CHECK(code_of(Cause::kPlatformCannotRun).view() == "PZX-109");
  CHECK(code_of(Cause::kNoPlaceToUnpack).view() == "PZX-301");
}

TEST_CASE("the exit status is 127 without a bundle, else 126", "[diagnosis]") {
  for (const DiagnosisRow& row : diagnosis_table()) {
    CHECK(row.exit_status == (row.cause == Cause::kNoBundle ? 127 : 126));
  }
}

bool has_hangul(std::string_view text) {
  // U+AC00 to U+D7A3 are three bytes that begin with 0xea to 0xed.
  return text.find_first_of("\xea\xeb\xec\xed") != std::string_view::npos;
}

TEST_CASE("every text is there in both languages", "[diagnosis]") {
  for (const DiagnosisRow& row : diagnosis_table()) {
    CAPTURE(code_of(row.cause).view());
    for (const Text& text : texts_of(row)) {
      CHECK_FALSE(text.english.empty());
      CHECK_FALSE(text.korean.empty());
      CHECK_FALSE(has_hangul(text.english));
      CHECK(text.in(Language::kEnglish) == text.english);
      CHECK(text.in(Language::kKorean) == text.korean);
      for (const Language language : kLanguages) {
        CHECK(text.in(language).find('\n') == std::string_view::npos);
        CHECK(text.in(language).find("  ") == std::string_view::npos);
      }
    }
    CHECK(has_hangul(row.title.korean));
    CHECK(has_hangul(row.remedy.korean));
  }
}

TEST_CASE("both languages name the same evidence, and only such as there is", "[diagnosis]") {
  for (const DiagnosisRow& row : diagnosis_table()) {
    for (const Text& text : texts_of(row)) {
      std::array<std::set<std::string_view>, 2> named;
      for (std::size_t i = 0; i < kLanguages.size(); ++i) {
        CAPTURE(text.in(kLanguages.at(i)));
        bool well_formed = false;
        for (const std::string_view name : placeholders(text.in(kLanguages.at(i)), well_formed)) {
          CHECK(std::any_of(kNames.begin(), kNames.end(),
                            [name](const Name& known) { return known.name == name; }));
          named.at(i).insert(name);
        }
        CHECK(well_formed);
      }
      CHECK(named[0] == named[1]);
    }
    bool well_formed = false;
    CHECK(placeholders(row.title.english, well_formed).empty());
  }
}

TEST_CASE("a message shows the code, what was seen, why, and what to do", "[diagnosis]") {
  for (const DiagnosisRow& row : diagnosis_table()) {
    for (const Language language : kLanguages) {
      const MessageText message =
          format_diagnosis(with_all_evidence(row.cause), "program", language);
      const std::string_view text = message.view();
      CAPTURE(text);
      CHECK_FALSE(message.truncated());
      CHECK(text.starts_with("program: "));
      CHECK(text.ends_with("\n"));
      const std::string_view first = text.substr(0, text.find('\n'));
      CHECK(first.find(row.title.in(language)) != std::string_view::npos);
      CHECK(first.ends_with("[" + std::string(code_of(row.cause).view()) + "]"));
      CHECK(text.find('{') == std::string_view::npos);
      CHECK(text.find('}') == std::string_view::npos);
      bool well_formed = false;
      for (const Text& part : {row.why, row.remedy}) {
        for (const std::string_view name : placeholders(part.in(language), well_formed)) {
          CHECK(text.find("<" + std::string(name) + ">") != std::string_view::npos);
        }
      }
      for (const char* shown :
           {"<machine>", "<bundle>", "<path>", "<offer>", "<cache>", "<memfd>"}) {
        CHECK(text.find(shown) != std::string_view::npos);
      }
    }
  }
}

TEST_CASE("the whole of a message", "[diagnosis]") {
  const Diagnosis diagnosis = Diagnosis(Cause::kNewerFormat)
                                  .with(Evidence::kPath, "/opt/pixelzx.bundle")
                                  .with(Evidence::kDetail, "7");
  CHECK(format_diagnosis(diagnosis, "pixelzx", Language::kEnglish).view() ==
        "pixelzx: cannot start: this bundle needs a newer launcher  [PZX-107]\n"
        "\n"
        "  the file       /opt/pixelzx.bundle\n"
        "  why            the bundle is of format 7, and this launcher reads format 1\n"
        "  what to do     use the launcher that was published together with this bundle\n");
  CHECK(format_diagnosis(diagnosis, "pixelzx", Language::kKorean).view() ==
        "pixelzx: 시작할 수 없음: 이 번들에는 더 새로운 런처가 필요합니다  [PZX-107]\n"
        "\n"
        "  파일           /opt/pixelzx.bundle\n"
        "  이유           번들은 형식 7이고 이 런처는 형식 1을 읽습니다\n"
        "  해결 방법      이 번들과 함께 배포된 런처를 사용하십시오\n");
}

TEST_CASE("evidence that is not there has no line", "[diagnosis]") {
  const MessageText message =
      format_diagnosis(Diagnosis(Cause::kArgumentsTooLong), "p", Language::kEnglish);
  CHECK(message.view().find("this machine") == std::string_view::npos);
  CHECK(message.view().find("the bundle ") == std::string_view::npos);
  CHECK(message.view().find("memory") == std::string_view::npos);
}

TEST_CASE("what was seen cannot steer the terminal", "[diagnosis]") {
  std::string controls;
  for (char c = 1; c < ' '; ++c) controls += c;
  controls += '\x7f';
  for (const Cause cause : kCauses) {
    Diagnosis diagnosis(cause);
    for (const Name& row : kNames) diagnosis.with(row.evidence, controls);
    for (const Language language : kLanguages) {
      const MessageText message = format_diagnosis(diagnosis, controls, language);
      std::size_t lines = 0;
      for (const char c : message.view()) {
        if (c == '\n') ++lines;
        CHECK((c == '\n' || static_cast<unsigned char>(c) >= ' '));
        CHECK(c != '\x7f');
      }
      // The title, a blank line, six of evidence, why, what to do: no line was added.
      CHECK(lines == 10);
      CHECK(message.view().find("\\x1b") != std::string_view::npos);
    }
  }
}

TEST_CASE("braces in what was seen are just braces", "[diagnosis]") {
  Diagnosis diagnosis(Cause::kNoBundle);
  diagnosis.with(Evidence::kDetail, "{path} {} {detail}").with(Evidence::kPath, "{bundle}");
  const MessageText message = format_diagnosis(diagnosis, "{slice}", Language::kEnglish);
  CHECK(message.view().find("{path} {} {detail}") != std::string_view::npos);
  CHECK(message.view().find("{bundle}") != std::string_view::npos);
  CHECK(message.view().starts_with("{slice}: "));
}

TEST_CASE("the longest message is cut off nowhere", "[diagnosis]") {
  const std::string longest(511, 'x');
  for (const Cause cause : kCauses) {
    Diagnosis diagnosis(cause);
    for (const Name& row : kNames) diagnosis.with(row.evidence, longest);
    for (const Language language : kLanguages) {
      CAPTURE(code_of(cause).view());
      CHECK_FALSE(format_diagnosis(diagnosis, "pixelzx", language).truncated());
    }
  }
}

TEST_CASE("evidence of a system call that failed", "[diagnosis]") {
  Diagnosis diagnosis(Cause::kBundleUnreadable);
  const auto seen = [&diagnosis] {
    return std::string(diagnosis.evidence(Evidence::kDetail, Language::kEnglish).view());
  };
  diagnosis.with_errno(Evidence::kDetail, "open", EACCES);
  CHECK(seen() == "open: Permission denied");
  diagnosis.with(Evidence::kDetail, "other");
  CHECK(seen() == "other");
  CHECK(diagnosis.evidence(Evidence::kPath, Language::kEnglish).empty());
}

TEST_CASE("a result is a value or a diagnosis", "[diagnosis]") {
  Result<std::string> value(std::string("value"));
  REQUIRE(value);
  CHECK(*value == "value");
  CHECK(value->size() == 5);
  const Result<std::string> none(Diagnosis{Cause::kNoBundle});
  REQUIRE_FALSE(none);
  CHECK(none.diagnosis().cause() == Cause::kNoBundle);
}

TEST_CASE("evidence in words speaks the language of the message", "[diagnosis]") {
  constexpr Text kPhrase = {"between {} and nothing", "{} 와"};
  Diagnosis diagnosis(Cause::kNoBundle);
  diagnosis.with(Evidence::kDetail, kPhrase, "a\x1b{}");
  CHECK(diagnosis.evidence(Evidence::kDetail, Language::kEnglish).view() ==
        "between a\\x1b{} and nothing");
  CHECK(diagnosis.evidence(Evidence::kDetail, Language::kKorean).view() == "a\\x1b{} 와");
  diagnosis.with(Evidence::kDetail, messages::kMissing);
  CHECK(diagnosis.evidence(Evidence::kDetail, Language::kEnglish).view() == "missing");
  CHECK(diagnosis.evidence(Evidence::kDetail, Language::kKorean).view() == "없음");
  diagnosis.with(Evidence::kDetail, "plain");
  CHECK(diagnosis.evidence(Evidence::kDetail, Language::kKorean).view() == "plain");
}

}  // namespace
}  // namespace pixelzx
