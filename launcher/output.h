// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace pixelzx {

/// Standard output, written in large pieces.
class Output {
 public:
  Output() = default;
  ~Output() { flush(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Output& operator<<(std::string_view text);
  /// Returns false when something could not be written (a full disk, a closed pipe).
  bool flush();

 private:
  std::array<char, 4096> buffer_{};
  std::size_t size_ = 0;
  bool failed_ = false;
};

/// Writes to standard error, and does not die of it where nobody reads that any more.
void say(std::string_view text);

/// Writes JSON (RFC 8259): the commas and the quotes. Bytes that are no UTF-8 become U+FFFD.
class JsonWriter {
 public:
  explicit JsonWriter(Output& out) : out_(out) {}

  /// The next value is that of `name`.
  JsonWriter& key(std::string_view name);
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  JsonWriter& string(std::string_view text);
  /// The same, or null for an empty text.
  JsonWriter& string_or_null(std::string_view text);
  JsonWriter& number(std::uint64_t number);
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  JsonWriter& raw(std::string_view value);

 private:
  Output& out_;
  bool comma_ = false;
};

}  // namespace pixelzx
