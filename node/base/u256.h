// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <limits>

#include "node/base/bytes.h"

namespace pixelzx::node {

/// The EVM's word: 256 bits, unsigned, arithmetic modulo 2^256.
using U256 = boost::multiprecision::number<
    boost::multiprecision::cpp_int_backend<256, 256, boost::multiprecision::unsigned_magnitude,
                                           boost::multiprecision::unchecked, void>,
    boost::multiprecision::et_off>;
/// For products and sums that must not wrap.
using U512 = boost::multiprecision::number<
    boost::multiprecision::cpp_int_backend<512, 512, boost::multiprecision::unsigned_magnitude,
                                           boost::multiprecision::unchecked, void>,
    boost::multiprecision::et_off>;

/// The number whose big-endian bytes are `bytes`, 32 of them at the most.
U256 u256_from(ByteView bytes);

/// All 32 bytes, big-endian.
Hash to_hash(const U256& value);

/// Big-endian without leading zeros: nothing for zero.
Bytes to_short_bytes(const U256& value);

/// `value`, or the largest std::uint64_t when it is larger.
inline std::uint64_t saturated_u64(const U256& value) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  return value > kMax ? kMax : static_cast<std::uint64_t>(value);
}

/// The low 20 bytes.
inline Address to_address(const U256& value) {
  return to_address(to_hash(value));
}
inline U256 u256_from(const Address& address) {
  return u256_from(ByteView(address));
}

/// A number as JSON-RPC and tests write it: `0x` and hexadecimal digits, or decimal digits; nothing
/// when it is none, or needs more than 256 bits.
std::optional<U256> parse_u256(std::string_view text);

}  // namespace pixelzx::node
