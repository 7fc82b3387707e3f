// SPDX-License-Identifier: Apache-2.0
#include "fixed_string.h"

namespace pixelzx {

void TextBuffer::append(std::string_view text) const {
  const std::size_t taken = std::min(text.size(), capacity_ - size_);
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
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      append({&c, 1});
    } else {
      append("\\x");
      append(kHex.substr(byte >> 4, 1));
      append(kHex.substr(byte & 15, 1));
    }
  }
}

}  // namespace pixelzx
