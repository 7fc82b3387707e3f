// SPDX-License-Identifier: Apache-2.0
#include "fixed_string.h"

namespace pixelzx {

void TextBuffer::append(std::string_view text) const {
  std::size_t taken = std::min(text.size(), capacity_ - size_);
  // Not within a UTF-8 character.
  while (taken < text.size() && taken > 0 && (text[taken] & 0xc0) == 0x80) --taken;
  std::copy_n(text.begin(), taken, bytes_ + size_);
  size_ += taken;
  bytes_[size_] = '\0';
  truncated_ = truncated_ || taken < text.size();
}

void TextBuffer::append_number(std::uint64_t number) const {
  std::array<char, 20> digits{};
  char* next = digits.data() + digits.size();
  do {
    *--next = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  append({next, static_cast<std::size_t>(digits.data() + digits.size() - next)});
}

void TextBuffer::append_printable(std::string_view text) const {
  constexpr std::string_view kHex = "0123456789abcdef";
  unsigned char before = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    // U+0080 to U+009F, two bytes in UTF-8, are control characters as well.
    const bool is_c1 = before == 0xc2 && byte >= 0x80 && byte <= 0x9f;
    before = byte;
    if (byte >= 0x20 && byte != 0x7f && !is_c1) {
      append({&c, 1});
    } else {
      append("\\x");
      append(kHex.substr(byte >> 4, 1));
      append(kHex.substr(byte & 15, 1));
    }
  }
}

}  // namespace pixelzx
