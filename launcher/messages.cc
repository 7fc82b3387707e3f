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

}  // namespace pixelzx
