// SPDX-License-Identifier: Apache-2.0
#include "messages.h"

#include <array>
#include <catch2/catch.hpp>
#include <string_view>

namespace pixelzx {
namespace {

constexpr std::array kTexts = {
    &messages::kCannotStart,
    &messages::kWhy,
    &messages::kWhatToDo,
    &messages::kKernel,
    &messages::kPages,
    &messages::kEmulating,
    &messages::kNoSuchFile,
    &messages::kNotAroundLauncher,
    &messages::kLauncherUnknown,
    &messages::kFileEndsAt,
    &messages::kIndexTooLong,
    &messages::kIndexDigest,
    &messages::kIndexLine,
    &messages::kIndexNoSlice,
    &messages::kIndexOverlap,
    &messages::kZstdError,
    &messages::kFrameCutOff,
    &messages::kFrameTooLong,
    &messages::kSliceTooLarge,
    &messages::kSliceTooSmall,
    &messages::kSliceDigest,
    &messages::kNotElf,
    &messages::kMissing,
    &messages::kUntrusted,
    &messages::kForeignDirectory,
    &messages::kNoexec,
    &messages::kCacheOff,
    &messages::kNotInBundle,
    &messages::kCpuTooOld,
    &messages::kNoEmulator,
};

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
  for (const Text* text : kTexts) {
    CAPTURE(text->english);
    CHECK_FALSE(text->english.empty());
    CHECK(has_hangul(text->korean));
    CHECK_FALSE(has_hangul(text->english));
    CHECK(text->in(Language::kEnglish) == text->english);
    CHECK(text->in(Language::kKorean) == text->korean);
    CHECK(holes(text->english) <= 1);
    CHECK(holes(text->english) == holes(text->korean));
    for (const std::string_view one : {text->english, text->korean}) {
      CHECK(one.find_first_of("{}") == one.find("{}"));
      CHECK(one.find_first_of("\n\t\r") == std::string_view::npos);
    }
  }
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
