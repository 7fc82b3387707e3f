// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pixelzx::node {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
/// Of a block, a transaction, a trie's node, code; and a slot or value of storage.
using Hash = std::array<std::uint8_t, 32>;
using Address = std::array<std::uint8_t, 20>;

/// The bytes of `text`.
inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};  // NOLINT: char to byte
}

inline void append(Bytes& bytes, ByteView more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

/// Two lower-case digits a byte, nothing before them.
std::string to_hex(ByteView bytes);
/// The same after `0x`.
std::string to_0x(ByteView bytes);

/// The bytes of an even number of hexadecimal digits, after `0x` or not; nothing when `text` is
/// anything else.
std::optional<Bytes> from_hex(std::string_view text);

/// The same of exactly as many bytes as Hash or Address has.
template <typename Array>
std::optional<Array> array_from_hex(std::string_view text) {
  const std::optional<Bytes> bytes = from_hex(text);
  Array array{};
  if (!bytes || bytes->size() != array.size()) return std::nullopt;
  std::memcpy(array.data(), bytes->data(), array.size());
  return array;
}

/// The last 20 bytes of `hash`: how addresses are made of hashes.
inline Address to_address(const Hash& hash) {
  Address address{};
  std::memcpy(address.data(), hash.data() + hash.size() - address.size(), address.size());
  return address;
}

/// For unordered containers of what keccak256 has given: many keys chosen to have one of these
/// hashes would make them slow.
struct ArrayHash {
  template <std::size_t N>
  std::size_t operator()(const std::array<std::uint8_t, N>& array) const {
    return std::hash<std::string_view>()(
        {reinterpret_cast<const char*>(array.data()), array.size()});  // NOLINT: byte to char
  }
};

}  // namespace pixelzx::node
