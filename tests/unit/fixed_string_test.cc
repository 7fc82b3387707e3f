// SPDX-License-Identifier: Apache-2.0
#include "fixed_string.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <optional>
#include <string>

namespace pixelzx {
namespace {

TEST_CASE("a fixed string holds what fits and is zero-terminated", "[fixed_string]") {
  FixedString<5> text("abc");
  CHECK(text.view() == "abc");
  CHECK(text.size() == 3);
  CHECK(std::strlen(text.c_str()) == 3);
  CHECK_FALSE(text.empty());
  CHECK_FALSE(text.truncated());

  text.append("de");
  CHECK(text.view() == "abcde");
  CHECK_FALSE(text.truncated());
  CHECK(text.c_str()[5] == '\0');
}

TEST_CASE("a fixed string cuts off what does not fit, and says so ever after", "[fixed_string]") {
  FixedString<5> text("abcdef");
  CHECK(text.view() == "abcde");
  CHECK(text.c_str()[5] == '\0');
  CHECK(text.truncated());

  FixedString<5> joined("abcd");
  joined.append("ef");
  CHECK(joined.view() == "abcde");
  CHECK(joined.truncated());
  joined.append("");
  CHECK(joined.truncated());
}

TEST_CASE("an empty fixed string", "[fixed_string]") {
  const FixedString<5> text;
  CHECK(text.empty());
  CHECK(text.view().empty());
  CHECK(*text.c_str() == '\0');
  CHECK(text == FixedString<5>(""));
  CHECK_FALSE(text == FixedString<5>("a"));
}

TEST_CASE("fixed strings append numbers in decimal", "[fixed_string]") {
  struct Row {
    std::uint64_t number;
    std::string_view text;
  };
  constexpr std::array<Row, 6> kRows = {{
      {0, "0"},
      {7, "7"},
      {10, "10"},
      {1234567890, "1234567890"},
      {std::numeric_limits<std::uint32_t>::max(), "4294967295"},
      {std::numeric_limits<std::uint64_t>::max(), "18446744073709551615"},
  }};
  for (const Row& row : kRows) {
    CHECK(FixedString<20>().append_number(row.number).view() == row.text);
  }
  CHECK(FixedString<3>("x").append_number(123).truncated());
}

TEST_CASE("printable text has no control byte left", "[fixed_string]") {
  for (int byte = 0; byte < 0x80; ++byte) {
    const char c = static_cast<char>(byte);
    const FixedString<8> text = FixedString<8>().append_printable({&c, 1});
    CAPTURE(byte);
    if (byte >= 0x20 && byte != 0x7f) {
      CHECK(text.view() == std::string_view(&c, 1));
    } else {
      constexpr std::string_view kHex = "0123456789abcdef";
      const std::string escape = {'\\', 'x', kHex[static_cast<std::size_t>(byte) / 16],
                                  kHex[static_cast<std::size_t>(byte) % 16]};
      CHECK(text.view() == escape);
    }
  }
}

TEST_CASE("printable text keeps other alphabets", "[fixed_string]") {
  constexpr std::string_view kKorean = "번들";
  CHECK(FixedString<16>().append_printable(kKorean).view() == kKorean);
}

TEST_CASE("printable text has no C1 control character left", "[fixed_string]") {
  // U+009B is CSI in one character: xterm and others take it, in UTF-8 too, for the start of a
  // control sequence.
  const FixedString<64> text = FixedString<64>().append_printable(
      "a\xc2\x9b"
      "31mb");
  CHECK(text.view().find("\xc2\x9b") == std::string_view::npos);
}

TEST_CASE("a fixed string is never cut within a character", "[fixed_string]") {
  FixedString<5> text("번들");
  CHECK(text.view() == "번");
  CHECK(text.truncated());
  CHECK(FixedString<3>("번").view() == "번");
  CHECK(FixedString<2>("번").empty());
}

TEST_CASE("a number is taken from the front of a text", "[fixed_string]") {
  struct Row {
    std::string_view text;
    std::uint64_t number;
    std::string_view rest;
  };
  constexpr std::array<Row, 6> kRows = {{
      {"0", 0, ""},
      {"007 bond", 7, " bond"},
      {"6.1.0-18", 6, ".1.0-18"},
      {"42\n", 42, "\n"},
      {"18446744073709551615", std::numeric_limits<std::uint64_t>::max(), ""},
      {"00000000000000000000000000001x", 1, "x"},
  }};
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    std::string_view text = row.text;
    const std::optional<std::uint64_t> number = take_number(text);
    REQUIRE(number);
    CHECK(*number == row.number);
    CHECK(text == row.rest);
  }
}

TEMPLATE_TEST_CASE("a copy has what the original has", "[fixed_string]", FixedString<511>,
                   FixedString<512>, FixedString<4095>) {
  const TestType shorter("short");
  TestType copy("something longer");
  copy = shorter;
  CHECK(copy.view() == "short");
  CHECK(copy.c_str()[5] == '\0');
  CHECK(TestType(shorter).view() == "short");
  const TestType full(std::string(5000, 'x'));
  copy = full;
  CHECK(copy.view() == full.view());
  CHECK(copy.truncated());
  copy = shorter;
  CHECK_FALSE(copy.truncated());
  copy.append("er");
  CHECK(copy.view() == "shorter");
  TestType& same = copy;
  copy = same;
  CHECK(copy.view() == "shorter");
}

TEST_CASE("what begins with no number gives none", "[fixed_string]") {
  for (const std::string_view none : {"", " 1", "-1", "+1", "x1", "/1", ":1"}) {
    CAPTURE(none);
    std::string_view text = none;
    CHECK_FALSE(take_number(text));
    CHECK(text == none);
  }
  for (const std::string_view too_large : {"18446744073709551616", "99999999999999999999",
                                           "184467440737095516150", "1000000000000000000000000"}) {
    CAPTURE(too_large);
    std::string_view text = too_large;
    CHECK_FALSE(take_number(text));
  }
}

}  // namespace
}  // namespace pixelzx
