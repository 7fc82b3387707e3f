// SPDX-License-Identifier: Apache-2.0
#include "fixed_string.h"

namespace pixelzx {

void FixedText::append(std::string_view text) {
  char* const bytes = const_cast<char*>(c_str());  // NOLINT: our own
  std::size_t taken = std::min<std::size_t>(text.size(), capacity_ - size_);
  // Not within a UTF-8 character.
  while (taken < text.size() && taken > 0 && (text[taken] & 0xc0) == 0x80) --taken;
  std::copy_n(text.begin(), taken, bytes + size_);
  size_ = static_cast<std::uint16_t>(size_ + taken);
  bytes[size_] = '\0';
  if (taken < text.size()) truncated_ = 1;
}

void FixedText::assign(const FixedText& other) {
  size_ = other.size_;
  truncated_ = other.truncated_;
  std::copy_n(other.c_str(), size_ + 1, const_cast<char*>(c_str()));  // NOLINT: our own
}

void FixedText::append_number(std::uint64_t number) {
  std::array<char, 20> digits{};
  char* next = digits.data() + digits.size();
  do {
    *--next = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  append({next, static_cast<std::size_t>(digits.data() + digits.size() - next)});
}

void FixedText::append_printable(std::string_view text) {
  unsigned char before = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (ends_control(before, byte)) {
      append("\\x");
      append_hex(byte);
    } else {
      append({&c, 1});
    }
    before = byte;
  }
}

void FixedText::append_hex(unsigned char byte) {
  constexpr std::string_view kHex = "0123456789abcdef";
  append(kHex.substr(byte >> 4, 1));
  append(kHex.substr(byte & 15, 1));
}

std::string_view take_until(std::string_view& text, char end) {
  const std::string_view part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (__builtin_mul_overflow(number, 10, &number) ||
        __builtin_add_overflow(number, static_cast<unsigned>(text[digits] - '0'), &number)) {
      return std::nullopt;
    }
  }
  text.remove_prefix(digits);
  if (digits == 0) return std::nullopt;
  return number;
}

}  // namespace pixelzx
