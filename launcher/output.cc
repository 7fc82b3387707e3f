// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <unistd.h>

#include "files.h"
#include "fixed_string.h"
#include "ignored_signal.h"

namespace pixelzx {
namespace {

/// The length of the UTF-8 character that `text` begins with; 0 when it is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Neither overlong forms, nor surrogates, nor beyond U+10FFFF.
  const bool wrong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
                     (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f);
  return wrong ? 0 : size;
}

}  // namespace

Output& Output::operator<<(std::string_view text) {
  while (!text.empty()) {
    if (size_ == buffer_.size()) flush();
    const std::size_t part = std::min(text.size(), buffer_.size() - size_);
    std::copy_n(text.begin(), part, buffer_.begin() + size_);
    size_ += part;
    text.remove_prefix(part);
  }
  return *this;
}

bool Output::flush() {
  failed_ = failed_ || !write_all(STDOUT_FILENO, buffer_.data(), size_);
  size_ = 0;
  return !failed_;
}

void say(std::string_view text) {
  const IgnoredSignal ignore(SIGPIPE);
  write_all(STDERR_FILENO, text.data(), text.size());
}

JsonWriter& JsonWriter::raw(std::string_view value) {
  if (comma_) out_ << ",";
  out_ << value;
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  string(name);
  out_ << ":";
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::open(char bracket) {
  raw({&bracket, 1});
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ << std::string_view(&bracket, 1);
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  raw("\"");
  while (!text.empty()) {
    const std::size_t size = utf8_length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    text.remove_prefix(character.size());
    if (size == 0) {
      out_ << "\\ufffd";
    } else if (character == "\"" || character == "\\") {
      out_ << "\\" << character;
    } else if (static_cast<unsigned char>(character[0]) < 0x20) {
      const auto byte = static_cast<unsigned char>(character[0]);
      out_ << "\\u00" << FixedString<2>().append_hex(byte).view();
    } else {
      out_ << character;
    }
  }
  out_ << "\"";
  return *this;
}

JsonWriter& JsonWriter::string_or_null(std::string_view text) {
  return text.empty() ? raw("null") : string(text);
}

JsonWriter& JsonWriter::number(std::uint64_t number) {
  return raw(FixedString<20>().append_number(number).view());
}

}  // namespace pixelzx
