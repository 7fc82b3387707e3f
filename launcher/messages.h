// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fixed_string.h"

namespace pixelzx {

enum class Language { kEnglish, kKorean };

/// A text in every language the program speaks. The words stand in messages.txt and diagnoses.txt;
/// the program carries them as one zstd frame, which is decoded when the first of them is needed.
struct Text {
  std::uint16_t number = 0;

  /// The words; empty when there was no memory to decode them.
  [[nodiscard]] std::string_view in(Language language) const;

  friend bool operator==(const Text&, const Text&) = default;
};

/// What the launcher says besides the diagnosis table. `{}` stands for a value.
namespace messages {
#include "messages.inc"  // made of messages.txt by texts.awk
}  // namespace messages

/// Appends what an errno says, with its number when that is unusual here.
void append_errno(FixedText& text, int error, Language language);

/// The language that the locale asks for: LC_ALL, LC_MESSAGES, LANG, the first that is not empty
/// (locale(7)); null pointers count as empty.
Language locale_language(const char* lc_all, const char* lc_messages, const char* lang);

/// Terminal columns that `text` takes. Of what has three bytes in UTF-8, only Hangul is ever shown.
std::size_t terminal_columns(std::string_view text);

}  // namespace pixelzx
