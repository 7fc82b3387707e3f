// SPDX-License-Identifier: Apache-2.0
#include "messages.h"

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "diagnosis.h"

namespace pixelzx {
namespace {

/// The number of `{}` in a text.
int holes(std::string_view text) {
  int count = 0;
  for (std::size_t at = text.find("{}"); at != std::string_view::npos;
       at = text.find("{}", at + 1)) {
    ++count;
  }
  return count;
}

bool has_hangul(std::string_view text) {
  // U+AC00 to U+D7A3 are three bytes that begin with 0xea to 0xed.
  return text.find_first_of("\xea\xeb\xec\xed") != std::string_view::npos;
}

TEST_CASE("every message is there in both languages, with the same places for values",
          "[messages]") {
  // Those behind are the diagnosis table's.
  const std::uint16_t end = diagnosis_table().front().title.number;
  CHECK(end > 60);
  for (std::uint16_t number = 1; number < end; ++number) {
    const Text text{number};
    const std::string_view english = text.in(Language::kEnglish);
    const std::string_view korean = text.in(Language::kKorean);
    CAPTURE(english, korean);
    CHECK_FALSE(english.empty());
    CHECK((has_hangul(korean) || text == messages::kCpu));
    CHECK_FALSE(has_hangul(english));
    CHECK(holes(english) <= 1);
    CHECK(holes(english) == holes(korean));
    for (const std::string_view one : {english, korean}) {
      CHECK(one.find_first_of("{}") == one.find("{}"));
      CHECK(one.find_first_of("\n\t\r") == std::string_view::npos);
      CHECK(one.find("  ") == (text == messages::kHelp ? one.find("  ") : std::string_view::npos));
    }
  }
}

TEST_CASE("a text is the one of its name", "[messages]") {
  CHECK(messages::kWhy.in(Language::kEnglish) == "why");
  CHECK(messages::kWhy.in(Language::kKorean) == "이유");
  // The first and the last of all.
  CHECK(Text().in(Language::kEnglish) == "-");
  CHECK(Text().in(Language::kKorean) == "-");
  const DiagnosisRow& last = diagnosis_table().back();
  CHECK(last.remedy().number + 1U == messages::kTextCount);
  CHECK_FALSE(last.remedy().in(Language::kKorean).empty());
}

std::string errno_text(int error, Language language) {
  FixedString<80> text;
  append_errno(text, error, language);
  return std::string(text.view());
}

TEST_CASE("errno is said in libc's words, where it is usual", "[messages]") {
  for (const int error :
       {EPERM,  ENOENT,  EIO,          E2BIG,  ENOEXEC,    EAGAIN, ENOMEM,  EACCES, EBUSY,
        EEXIST, ENOTDIR, EISDIR,       EINVAL, ENFILE,     EMFILE, ETXTBSY, EFBIG,  ENOSPC,
        EROFS,  ELOOP,   ENAMETOOLONG, ENOSYS, EOPNOTSUPP, ESTALE, EDQUOT}) {
    CAPTURE(error);
    CHECK(errno_text(error, Language::kEnglish) == std::strerror(error));
    CHECK(has_hangul(errno_text(error, Language::kKorean)));
    CHECK(errno_text(error, Language::kKorean).find(std::to_string(error)) == std::string::npos);
  }
  CHECK(errno_text(ENOEXEC, Language::kKorean).find("Exec format error") != std::string::npos);
}

TEST_CASE("an unusual errno is said by its number", "[messages]") {
  CHECK(errno_text(ENOTTY, Language::kEnglish) == "error 25");
  CHECK(errno_text(ENOTTY, Language::kKorean) == "오류 25");
  CHECK(errno_text(4095, Language::kEnglish) == "error 4095");
  FixedString<80> text("open: ");
  append_errno(text, 0, Language::kEnglish);
  CHECK(text.view() == "open: error 0");
}

TEST_CASE("terminal columns", "[messages]") {
  CHECK(terminal_columns("") == 0);
  CHECK(terminal_columns("what to do") == 10);
  CHECK(terminal_columns("해결 방법") == 9);
  CHECK(terminal_columns("\xc2\xb7") == 1);  // the middle dot
}

TEST_CASE("the language of a locale", "[diagnosis]") {
  struct Row {
    const char* lc_all;
    const char* lc_messages;
    const char* lang;
    Language language;
  };
  constexpr Language kEnglish = Language::kEnglish;
  constexpr Language kKorean = Language::kKorean;
  constexpr std::array<Row, 16> kRows = {{
      {nullptr, nullptr, nullptr, kEnglish},
      {"", "", "", kEnglish},
      {nullptr, nullptr, "ko", kKorean},
      {nullptr, nullptr, "ko_KR", kKorean},
      {nullptr, nullptr, "ko_KR.UTF-8", kKorean},
      {nullptr, nullptr, "ko.UTF-8", kKorean},
      {nullptr, nullptr, "ko@dict", kKorean},
      {nullptr, nullptr, "kok_IN", kEnglish},  // Konkani
      {nullptr, nullptr, "C", kEnglish},
      {nullptr, nullptr, "en_US.UTF-8", kEnglish},
      {nullptr, "ko_KR.UTF-8", "en_US.UTF-8", kKorean},
      {nullptr, "en_US.UTF-8", "ko_KR.UTF-8", kEnglish},
      {"C", "ko_KR.UTF-8", "ko_KR.UTF-8", kEnglish},
      {"", "ko_KR.UTF-8", "en_US.UTF-8", kKorean},
      {"", "", "ko_KR.UTF-8", kKorean},
      {"ko_KR.EUC-KR", nullptr, nullptr, kKorean},
  }};
  for (const Row& row : kRows) {
    CAPTURE(row.lang);
    CHECK(locale_language(row.lc_all, row.lc_messages, row.lang) == row.language);
  }
}

}  // namespace
}  // namespace pixelzx
