// SPDX-License-Identifier: Apache-2.0
#include "node/base/u256.h"

#include <algorithm>
#include <charconv>

namespace pixelzx::node {

U256 u256_from(ByteView bytes) {
  U256 value = 0;
  while (!bytes.empty()) {
    const std::size_t count = std::min<std::size_t>(bytes.size(), 8);
    std::uint64_t word = 0;
    for (const std::uint8_t byte : bytes.first(count)) word = word << 8 | byte;
    value <<= static_cast<unsigned>(count * 8);
    value |= word;
    bytes = bytes.subspan(count);
  }
  return value;
}

Hash to_hash(const U256& value) {
  Hash hash{};
  U256 rest = value;
  for (std::size_t end = hash.size(); end != 0 && !rest.is_zero(); end -= 8) {
    auto word = static_cast<std::uint64_t>(rest & std::numeric_limits<std::uint64_t>::max());
    for (std::size_t i = 1; i <= 8; ++i, word >>= 8) {
      hash[end - i] = static_cast<std::uint8_t>(word);
    }
    rest >>= 64U;
  }
  return hash;
}

Bytes to_short_bytes(const U256& value) {
  const Hash hash = to_hash(value);
  const auto* first = std::ranges::find_if(hash, [](std::uint8_t byte) { return byte != 0; });
  return {first, hash.end()};
}

std::optional<U256> parse_u256(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  if (text.empty()) return std::nullopt;
  const unsigned base = hexadecimal ? 16 : 10;
  const U256 limit = std::numeric_limits<U256>::max() / base;
  U256 value = 0;
  for (const char& c : text) {
    unsigned digit = 0;
    const auto [end, error] = std::from_chars(&c, &c + 1, digit, static_cast<int>(base));
    if (error != std::errc() || value > limit) return std::nullopt;
    value *= base;
    if (value > std::numeric_limits<U256>::max() - digit) return std::nullopt;
    value += digit;
  }
  return value;
}

}  // namespace pixelzx::node
