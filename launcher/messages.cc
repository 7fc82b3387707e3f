// SPDX-License-Identifier: Apache-2.0
#include "messages.h"

namespace pixelzx {

Language locale_language(const char* lc_all, const char* lc_messages, const char* lang) {
  for (const char* value : {lc_all, lc_messages, lang}) {
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale(value);
    const bool korean =
        locale.starts_with("ko") && (locale.size() == 2 || locale.find_first_of("_.@") == 2);
    return korean ? Language::kKorean : Language::kEnglish;
  }
  return Language::kEnglish;
}

std::size_t terminal_columns(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) columns += byte >= 0xe0 ? 2 : 1;
  }
  return columns;
}

}  // namespace pixelzx
