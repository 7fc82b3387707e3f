// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "node/state/rlp.h"
#include "node_samples.h"

namespace pixelzx::node::rlp {
namespace {

using test::hex;

Bytes string(ByteView bytes) {
  Bytes out;
  append_string(out, bytes);
  return out;
}

Bytes list(ByteView items) {
  Bytes out;
  append_list(out, items);
  return out;
}

TEST_CASE("strings, numbers and lists are encoded as the Yellow Paper has it", "[node][rlp]") {
  CHECK(string({}) == hex("80"));
  CHECK(string(hex("00")) == hex("00"));
  CHECK(string(hex("7f")) == hex("7f"));
  CHECK(string(hex("80")) == hex("8180"));
  CHECK(string(as_bytes("dog")) == hex("83646f67"));
  CHECK(to_hex(string(Bytes(55, 1))).starts_with("b701"));
  CHECK(to_hex(string(Bytes(56, 1))).starts_with("b83801"));
  CHECK(to_hex(string(Bytes(256, 1))).starts_with("b9010001"));
  CHECK(list({}) == hex("c0"));
  CHECK(to_hex(list(Bytes(55, 1))).starts_with("f701"));
  CHECK(to_hex(list(Bytes(65536, 1))).starts_with("fa01000001"));

  const std::vector<std::pair<std::uint64_t, std::string>> numbers{
      {0, "80"},        {1, "01"},
      {127, "7f"},      {128, "8180"},
      {1024, "820400"}, {std::numeric_limits<std::uint64_t>::max(), "88ffffffffffffffff"}};
  for (const auto& [number, encoded] : numbers) {
    Bytes out;
    append_number(out, number);
    CHECK(to_hex(out) == encoded);
    Bytes wide;
    append_number(wide, U256(number));
    CHECK(wide == out);
    CHECK(Reader(out).u64() == number);
    CHECK(Reader(out).u256() == number);
  }
  Bytes out;
  append_number(out, std::numeric_limits<U256>::max());
  CHECK(to_hex(out) == "a0" + std::string(64, 'f'));
  CHECK(Reader(out).u256() == std::numeric_limits<U256>::max());
}

TEST_CASE("a reader walks through lists", "[node][rlp]") {
  // [ [], "cat", [ 1, [ 2 ] ], 20 bytes ]
  const Bytes encoded = hex("dec083636174c301c10294000102030405060708090a0b0c0d0e0f10111213");
  Reader reader(encoded);
  CHECK(reader.at_list());
  reader.enter();
  CHECK(reader.at_list());
  reader.enter();
  CHECK_FALSE(reader.more());
  CHECK_FALSE(reader.at_list());
  reader.leave();
  CHECK_FALSE(reader.at_list());
  CHECK(to_hex(reader.string()) == "636174");
  CHECK(to_hex(reader.raw()) == "c301c102");
  CHECK(reader.array<20>()[19] == 0x13);
  CHECK_FALSE(reader.more());
  reader.leave();
  CHECK(reader.items_begun() == 5);
  CHECK(reader.finish() == Error::kNone);
  CHECK(validate(encoded) == Error::kNone);
}

TEST_CASE("what is not canonical is refused", "[node][rlp]") {
  const std::vector<std::pair<std::string, Error>> cases{
      {"", Error::kTooFewItems},
      {"8100", Error::kNotCanonical},
      {"817f", Error::kNotCanonical},
      {"c28101", Error::kNotCanonical},
      {"b80180", Error::kNotCanonical},
      {"b800", Error::kNotCanonical},
      {"b90001ff", Error::kNotCanonical},
      {"b837" + std::string(110, '1'), Error::kNotCanonical},
      {"f80102", Error::kNotCanonical},
      {"f837" + std::string(110, '1'), Error::kNotCanonical},
      {"81", Error::kTruncated},
      {"83646f", Error::kTruncated},
      {"b8", Error::kTruncated},
      {"bf01", Error::kTruncated},
      {"c3c10102", Error::kNone},
      {"c2c30102", Error::kTruncated},
      {"c1", Error::kTruncated},
      {"ffffffffffffffffff00", Error::kTruncated},
      {"bfffffffffffffffff00", Error::kTruncated},
      {"bf0f000000000000021111", Error::kTruncated},
      {"0101", Error::kTooManyItems},
      {"c0c0", Error::kTooManyItems},
  };
  for (const auto& [encoded, error] : cases) {
    INFO(encoded);
    CHECK(validate(hex(encoded)) == error);
    CHECK_FALSE(text(error).empty());
  }
}

TEST_CASE("a reader expects", "[node][rlp]") {
  const auto error_of = [](std::string_view encoded, auto read) {
    const Bytes bytes = hex(encoded);
    Reader reader(bytes);
    read(reader);
    return reader.finish();
  };
  const auto u64 = [](Reader& reader) { CHECK(reader.u64() == 0); };
  const auto u256 = [](Reader& reader) { CHECK(reader.u256() == 0); };
  CHECK(error_of("00", u64) == Error::kLeadingZero);
  CHECK(error_of("820001", u256) == Error::kLeadingZero);
  CHECK(error_of("89010000000000000000", u64) == Error::kTooLarge);
  CHECK(error_of("a1" + std::string(66, '1'), u256) == Error::kTooLarge);
  CHECK(error_of("c0", u64) == Error::kUnexpectedList);
  CHECK(error_of("80", [](Reader& reader) { reader.enter(); }) == Error::kUnexpectedString);
  CHECK(error_of("80", [](Reader& reader) { reader.array<1>(); }) == Error::kWrongLength);
  CHECK(error_of("c0", [](Reader& reader) { reader.array<0>(); }) == Error::kUnexpectedList);
  const auto three = [](Reader& reader) {
    reader.enter();
    for (int i = 0; i < 3; ++i) reader.u64();
    reader.leave();
  };
  CHECK(error_of("c20102", three) == Error::kTooFewItems);
  CHECK(error_of("c3010203", three) == Error::kNone);
  CHECK(error_of("c401020304", three) == Error::kTooManyItems);
  CHECK(error_of("c0", [](Reader& reader) { reader.enter(); }) == Error::kTooManyItems);

  // The first error stays, and nothing comes after it.
  const Bytes encoded = hex("c3000203");
  Reader reader(encoded);
  reader.enter();
  reader.u64();
  CHECK(reader.u64() == 0);
  CHECK(reader.string().empty());
  CHECK(reader.raw().empty());
  reader.enter();
  reader.leave();
  reader.fail(Error::kTooDeep);
  CHECK_FALSE(reader.more());
  CHECK(reader.items_begun() == 2);
  CHECK(reader.finish() == Error::kLeadingZero);
}

TEST_CASE("lists nest so deep and no deeper", "[node][rlp]") {
  Bytes nested;
  for (std::size_t depth = 1; depth <= kMaxDepth + 1; ++depth) {
    nested = list(nested);
    CHECK(validate(nested) == (depth <= kMaxDepth ? Error::kNone : Error::kTooDeep));
  }
  // As much as a hostile message can nest.
  for (int i = 0; i < 1000; ++i) nested = list(nested);
  CHECK(validate(nested) == Error::kTooDeep);
}

TEST_CASE("random bytes never upset the reader", "[node][rlp]") {
  std::mt19937 random(1);  // NOLINT: the same ones each time
  for (int i = 0; i < 20000; ++i) {
    Bytes bytes(random() % 80);
    for (std::uint8_t& byte : bytes) {
      // Rather often what begins something.
      byte = static_cast<std::uint8_t>(random() % 2 == 0 ? random() : 0xb5 + random() % 75);
    }
    validate(bytes);
    Reader reader(bytes);
    while (reader.more()) {
      if (random() % 3 == 0) {
        reader.enter();
      } else {
        reader.string();
      }
    }
    reader.finish();
  }
}

}  // namespace
}  // namespace pixelzx::node::rlp
