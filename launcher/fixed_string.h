// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace pixelzx {

/// True when `byte`, which `before` precedes (0: nothing), ends a control character: one below
/// U+0020, U+007F, or U+0080 to U+009F, which have two bytes in UTF-8.
constexpr bool ends_control(unsigned char before, unsigned char byte) {
  return byte < 0x20 || byte == 0x7f || (before == 0xc2 && byte >= 0x80 && byte <= 0x9f);
}

/// What every FixedString is, whatever its size: functions take texts as this, and all that is done
/// to one exists once. The bytes follow in the FixedString.
class FixedText {
 public:
  void append(std::string_view text);
  /// Appends the decimal digits of `number`.
  void append_number(std::uint64_t number);
  /// Appends `text` so that it stays on one line and cannot steer a terminal: control bytes become
  /// `\xNN`.
  void append_printable(std::string_view text);
  /// Appends two lower-case hexadecimal digits.
  void append_hex(unsigned char byte);

  [[nodiscard]] std::string_view view() const { return {c_str(), size_}; }
  [[nodiscard]] const char* c_str() const {
    return reinterpret_cast<const char*>(this + 1);  // NOLINT: FixedString::bytes_
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] bool truncated() const { return truncated_ != 0; }

  friend bool operator==(const FixedText& a, const FixedText& b) { return a.view() == b.view(); }

 protected:
  explicit FixedText(std::uint16_t capacity) : capacity_(capacity) {}
  /// Becomes a copy of `other`, which has the same capacity.
  void assign(const FixedText& other);

 private:
  std::uint16_t size_ = 0;
  std::uint16_t capacity_;
  std::uint16_t truncated_ = 0;  // no bool: the bytes begin right behind it
};

/// A string of at most N bytes, kept in place and always zero-terminated. It stands in for
/// std::string, which the launcher cannot use without libstdc++. What does not fit is cut off and
/// remembered in truncated(): a path that was cut must not be opened.
template <std::size_t N>
class FixedString : public FixedText {
  static constexpr std::size_t kLarge = 512;

 public:
  FixedString() : FixedText(N) { bytes_[0] = '\0'; }
  FixedString(std::string_view text) : FixedString() { append(text); }    // NOLINT: a value
  FixedString(const char* text) : FixedString(std::string_view(text)) {}  // NOLINT: a value
  // Of a large one only what it holds is copied: a path would touch two more pages of the stack.
  FixedString(const FixedString& other) requires(N < kLarge) = default;
  FixedString(const FixedString& other) requires(N >= kLarge) : FixedText(N) { assign(other); }
  FixedString& operator=(const FixedString& other) requires(N < kLarge) = default;
  // NOLINTNEXTLINE(cert-oop54-cpp): onto itself it copies what is there
  FixedString& operator=(const FixedString& other) requires(N >= kLarge) {
    assign(other);
    return *this;
  }

  FixedString& append(std::string_view text) {
    FixedText::append(text);
    return *this;
  }
  FixedString& append_number(std::uint64_t number) {
    FixedText::append_number(number);
    return *this;
  }
  FixedString& append_printable(std::string_view text) {
    FixedText::append_printable(text);
    return *this;
  }
  FixedString& append_hex(unsigned char byte) {
    FixedText::append_hex(byte);
    return *this;
  }

  friend bool operator==(const FixedString& a, const FixedString& b) {
    return a.view() == b.view();
  }

 private:
  static_assert(N < 65536);
  std::array<char, N + 1> bytes_;  // NOLINT: those beyond the final zero mean nothing
};

/// Takes the decimal digits that `text` begins with. Returns their number; nothing when there are
/// none, or more than 64 bits hold.
std::optional<std::uint64_t> take_number(std::string_view& text);

/// What stands in `text` before the first `end`, or all of it; `text` loses it, and the `end`.
std::string_view take_until(std::string_view& text, char end);

/// True when both are the same but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// A file system path: PATH_MAX of Linux counts the final zero.
using Path = FixedString<4095>;

}  // namespace pixelzx
