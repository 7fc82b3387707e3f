// SPDX-License-Identifier: Apache-2.0
#include "node/account/address_text.h"

#include "node/crypto/hash.h"

namespace pixelzx::node {

std::string checksummed(const Address& address) {
  std::string digits = to_hex(address);
  const Hash hash = keccak256(as_bytes(digits));
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4U : hash[i / 2] & 0xFU;
    if (digits[i] >= 'a' && nibble >= 8) digits[i] = static_cast<char>(digits[i] - 'a' + 'A');
  }
  return "0x" + digits;
}

std::optional<Address> parse_address(std::string_view text) {
  const auto address = array_from_hex<Address>(text);
  if (!address) return std::nullopt;
  const std::string_view digits = text.substr(text.size() - 2 * address->size());
  const bool has_lower = digits.find_first_of("abcdef") != std::string_view::npos;
  const bool has_upper = digits.find_first_of("ABCDEF") != std::string_view::npos;
  if (has_lower && has_upper && checksummed(*address).substr(2) != digits) {
    return std::nullopt;
  }
  return address;
}

}  // namespace pixelzx::node
