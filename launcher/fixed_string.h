// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pixelzx {

/// What FixedString does, whatever its size: kept out of the template so that it exists once.
class TextBuffer {
 public:
  TextBuffer(char* bytes, std::size_t capacity, std::size_t& size, bool& truncated)
      : bytes_(bytes), capacity_(capacity), size_(size), truncated_(truncated) {}

  void append(std::string_view text) const;
  void append_number(std::uint64_t number) const;
  void append_printable(std::string_view text) const;

 private:
  char* bytes_;
  std::size_t capacity_;
  std::size_t& size_;
  bool& truncated_;
};

/// A string of at most N bytes, kept in place and always zero-terminated. It stands in for
/// std::string, which the launcher cannot use without libstdc++. What does not fit is cut off and
/// remembered in truncated(): a path that was cut must not be opened.
template <std::size_t N>
class FixedString {
 public:
  FixedString() = default;
  FixedString(std::string_view text) { append(text); }                    // NOLINT: a value
  FixedString(const char* text) : FixedString(std::string_view(text)) {}  // NOLINT: a value

  FixedString& append(std::string_view text) {
    buffer().append(text);
    return *this;
  }

  /// Appends the decimal digits of `number`.
  FixedString& append_number(std::uint64_t number) {
    buffer().append_number(number);
    return *this;
  }

  /// Appends `text` so that it stays on one line and cannot steer a terminal: control bytes become
  /// `\xNN`.
  FixedString& append_printable(std::string_view text) {
    buffer().append_printable(text);
    return *this;
  }

  [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] const char* c_str() const { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] bool truncated() const { return truncated_; }

  friend bool operator==(const FixedString& a, const FixedString& b) {
    return a.view() == b.view();
  }

 private:
  TextBuffer buffer() { return {bytes_.data(), N, size_, truncated_}; }

  std::array<char, N + 1> bytes_{};
  std::size_t size_ = 0;
  bool truncated_ = false;
};

/// A file system path: PATH_MAX of Linux counts the final zero.
using Path = FixedString<4095>;

}  // namespace pixelzx
