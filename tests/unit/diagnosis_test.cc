// SPDX-License-Identifier: Apache-2.0
#include "diagnosis.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pixelzx {
namespace {

constexpr std::array<Language, 2> kLanguages = {Language::kEnglish, Language::kKorean};

/// What a text of the table may name.
constexpr std::array<std::string_view, kEvidenceCount> kNames = {
    "machine", "platform", "bundle", "path",   "found", "interpreter", "layer",
    "offer",   "slice",    "needs",  "detail", "cache", "memfd",       "variable"};

/// Those that have a line of their own in a message.
constexpr std::array<std::string_view, 9> kShown = {
    "machine", "bundle", "path", "found", "interpreter", "layer", "offer", "cache", "memfd"};

std::array<Text, 3> texts_of(const DiagnosisRow& row) {
  return {row.title, row.why(), row.remedy()};
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
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    diagnosis.with(static_cast<Evidence>(i), "<" + std::string(kNames.at(i)) + ">");
  }
  return diagnosis;
}

TEST_CASE("evidence has the names that texts use", "[diagnosis]") {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    CHECK(name_of(static_cast<Evidence>(i)) == kNames.at(i));
  }
}

TEST_CASE("the table has one row for every cause, in rising order", "[diagnosis]") {
  CHECK(diagnosis_table().size() >= 90);
  int last = 100;
  for (const DiagnosisRow& row : diagnosis_table()) {
    const int number = static_cast<int>(row.cause);
    CHECK(number > last);
    CHECK(number < 500);
    CHECK(&diagnosis_row(row.cause) == &row);
    last = number;
  }
}

TEST_CASE("every number once given out stays with its cause", "[diagnosis]") {
  // Numbers are published in docs: these are some of each hundred.
  CHECK(code_of(Cause::kNoSliceForHost).view() == "PZX-101");
  CHECK(code_of(Cause::kNoBundle).view() == "PZX-102");
  CHECK(code_of(Cause::kDamagedSlice).view() == "PZX-105");
  CHECK(code_of(Cause::kNewerFormat).view() == "PZX-107");
  CHECK(code_of(Cause::kPlatformCannotRun).view() == "PZX-109");
  CHECK(code_of(Cause::kWrongArchitecture).view() == "PZX-201");
  CHECK(code_of(Cause::kNoPlaceToUnpack).view() == "PZX-301");
  CHECK(code_of(Cause::kOutOfMemory).view() == "PZX-305");
  CHECK(code_of(Cause::kImageWrongArchitecture).view() == "PZX-401");
}

TEST_CASE("a diagnosis is found by its code, in letters of any case", "[diagnosis]") {
  for (const DiagnosisRow& row : diagnosis_table()) {
    const std::string number = std::to_string(static_cast<int>(row.cause));
    CHECK(code_of(row.cause).view() == "PZX-" + number);
    for (const char* prefix : {"PZX-", "pzx-", "Pzx-"}) {
      CHECK(find_diagnosis(prefix + number) == &row);
    }
  }
  for (const char* other :
       {"", "PZX-", "PZX-100", "PZX-1011", "PZX-10", "101", "PZX 101", "PZX-101 ", "pixelzx"}) {
    CAPTURE(other);
    CHECK(find_diagnosis(other) == nullptr);
  }
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
      CAPTURE(text.in(Language::kEnglish));
      CHECK_FALSE(has_hangul(text.in(Language::kEnglish)));
      for (const Language language : kLanguages) {
        CHECK_FALSE(text.in(language).empty());
        CHECK(text.in(language).find('\n') == std::string_view::npos);
        CHECK(text.in(language).find("  ") == std::string_view::npos);
      }
    }
    // Why may be evidence alone.
    CHECK(has_hangul(row.title.in(Language::kKorean)));
    CHECK(has_hangul(row.remedy().in(Language::kKorean)));
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
          CHECK(std::find(kNames.begin(), kNames.end(), name) != kNames.end());
          named.at(i).insert(name);
        }
        CHECK(well_formed);
      }
      CHECK(named[0] == named[1]);
    }
    for (const Language language : kLanguages) {
      CHECK(row.title.in(language).find_first_of("{}") == std::string_view::npos);
    }
  }
}

TEST_CASE("a message shows the code, what was seen, why, and what to do", "[diagnosis]") {
  for (const DiagnosisRow& row : diagnosis_table()) {
    for (const Language language : kLanguages) {
      const MessageText message =
          format_diagnosis(with_all_evidence(row.cause), "program", language, false);
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
      for (const Text& part : {row.why(), row.remedy()}) {
        for (const std::string_view name : placeholders(part.in(language), well_formed)) {
          CHECK(text.find("<" + std::string(name) + ">") != std::string_view::npos);
        }
      }
      for (const std::string_view shown : kShown) {
        CHECK(text.find("<" + std::string(shown) + ">") != std::string_view::npos);
      }
    }
  }
}

TEST_CASE("the whole of a message", "[diagnosis]") {
  const Diagnosis diagnosis = Diagnosis(Cause::kNewerFormat)
                                  .with(Evidence::kPath, "/opt/pixelzx.bundle")
                                  .with(Evidence::kDetail, "7");
  CHECK(format_diagnosis(diagnosis, "pixelzx", Language::kEnglish, false).view() ==
        "pixelzx: cannot start: this bundle needs a newer launcher  [PZX-107]\n"
        "\n"
        "  the file       /opt/pixelzx.bundle\n"
        "  why            the bundle is of format 7, and this launcher reads format 1\n"
        "  what to do     use the launcher that was published together with this bundle\n");
  CHECK(format_diagnosis(diagnosis, "pixelzx", Language::kKorean, false).view() ==
        "pixelzx: 시작할 수 없음: 이 번들에는 더 새로운 런처가 필요합니다  [PZX-107]\n"
        "\n"
        "  파일           /opt/pixelzx.bundle\n"
        "  이유           번들은 형식 7이고 이 런처는 형식 1을 읽습니다\n"
        "  해결 방법      이 번들과 함께 배포된 런처를 사용하십시오\n");
}

TEST_CASE("a launcher that has a doctor says how to ask it", "[diagnosis]") {
  const auto last_line = [](bool doctor) {
    const MessageText message =
        format_diagnosis(Diagnosis(Cause::kNoBundle), "px\n", Language::kEnglish, doctor);
    const std::string text(message.view());
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
  };
  CHECK(last_line(true) == "  more           px\\x0a doctor · px\\x0a doctor PZX-102\n");
  CHECK(last_line(false).starts_with("  what to do     "));
}

TEST_CASE("the page of a diagnosis shows what evidence would stand where", "[diagnosis]") {
  for (const DiagnosisRow& row : diagnosis_table()) {
    for (const Language language : kLanguages) {
      const MessageText page = format_page(row, language);
      CAPTURE(page.view());
      CHECK_FALSE(page.truncated());
      CHECK(page.view().starts_with(code_of(row.cause).view()));
      CHECK(page.view().find(row.title.in(language)) != std::string_view::npos);
      CHECK(page.view().find_first_of("{}") == std::string_view::npos);
      CHECK(page.view().ends_with("\n"));
    }
  }
  CHECK(format_page(*find_diagnosis("PZX-107"), Language::kEnglish).view() ==
        "PZX-107  this bundle needs a newer launcher\n"
        "\n"
        "  why            the bundle is of format <detail>, and this launcher reads format 1\n"
        "  what to do     use the launcher that was published together with this bundle\n");
}

TEST_CASE("evidence that is not there has no line", "[diagnosis]") {
  const MessageText message =
      format_diagnosis(Diagnosis(Cause::kArgumentsTooLong), "p", Language::kEnglish, false);
  CHECK(message.view().find("this machine") == std::string_view::npos);
  CHECK(message.view().find("the bundle ") == std::string_view::npos);
  CHECK(message.view().find("memory") == std::string_view::npos);
}

TEST_CASE("what was seen cannot steer the terminal", "[diagnosis]") {
  std::string controls;
  for (char c = 1; c < ' '; ++c) controls += c;
  controls += '\x7f';
  for (const DiagnosisRow& row : diagnosis_table()) {
    Diagnosis diagnosis(row.cause);
    for (std::size_t i = 0; i < kEvidenceCount; ++i) {
      diagnosis.with(static_cast<Evidence>(i), controls);
    }
    for (const Language language : kLanguages) {
      const MessageText message = format_diagnosis(diagnosis, controls, language, true);
      std::size_t lines = 0;
      for (const char c : message.view()) {
        if (c == '\n') ++lines;
        CHECK((c == '\n' || static_cast<unsigned char>(c) >= ' '));
        CHECK(c != '\x7f');
      }
      // The title, a blank line, evidence, why, what to do, more: no line was added.
      CHECK(lines == kShown.size() + 5);
      CHECK(message.view().find("\\x1b") != std::string_view::npos);
    }
  }
}

TEST_CASE("braces in what was seen are just braces", "[diagnosis]") {
  Diagnosis diagnosis(Cause::kNoBundle);
  diagnosis.with(Evidence::kDetail, "{path} {} {detail}").with(Evidence::kPath, "{bundle}");
  const MessageText message = format_diagnosis(diagnosis, "{slice}", Language::kEnglish, false);
  CHECK(message.view().find("{path} {} {detail}") != std::string_view::npos);
  CHECK(message.view().find("{bundle}") != std::string_view::npos);
  CHECK(message.view().starts_with("{slice}: "));
}

TEST_CASE("the longest message is cut off nowhere", "[diagnosis]") {
  const std::string longest(511, 'x');
  for (const DiagnosisRow& row : diagnosis_table()) {
    Diagnosis diagnosis(row.cause);
    for (std::size_t i = 0; i < kEvidenceCount; ++i) {
      diagnosis.with(static_cast<Evidence>(i), longest);
    }
    for (const Language language : kLanguages) {
      CAPTURE(code_of(row.cause).view());
      CHECK_FALSE(format_diagnosis(diagnosis, "pixelzx", language, true).truncated());
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
  Diagnosis diagnosis(Cause::kNoBundle);
  diagnosis.with(Evidence::kDetail, messages::kFileEndsAt, "a\x1b{}");
  CHECK(diagnosis.evidence(Evidence::kDetail, Language::kEnglish).view() ==
        "it ends after a\\x1b{} bytes");
  CHECK(diagnosis.evidence(Evidence::kDetail, Language::kKorean).view() ==
        "a\\x1b{}바이트에서 끝납니다");
  diagnosis.with(Evidence::kDetail, messages::kMissing);
  CHECK(diagnosis.evidence(Evidence::kDetail, Language::kEnglish).view() == "missing");
  CHECK(diagnosis.evidence(Evidence::kDetail, Language::kKorean).view() == "없음");
  diagnosis.with(Evidence::kDetail, "plain");
  CHECK(diagnosis.evidence(Evidence::kDetail, Language::kKorean).view() == "plain");
}

}  // namespace
}  // namespace pixelzx
