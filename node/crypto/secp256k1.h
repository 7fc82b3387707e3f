// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "node/base/bytes.h"
#include "node/base/u256.h"

namespace pixelzx::node {

/// A recoverable ECDSA signature. The Y coordinate of the point with the X coordinate r is odd when
/// y_parity is set.
struct Signature {
  U256 r;
  U256 s;
  bool y_parity = false;

  bool operator==(const Signature&) const = default;
};

using SecretKey = std::array<std::uint8_t, 32>;

/// The order of secp256k1's group.
extern const U256 kSecp256k1Order;

/// The address of whose key has signed `digest`; nothing when no key can have: r or s is zero or
/// not below the order, or no such point exists. A large s is accepted (EIP-2 is the caller's
/// matter).
std::optional<Address> recover_address(const Hash& digest, const Signature& signature);

/// Deterministic (RFC 6979), and with a small s (EIP-2). Nothing when `key` is none: zero, or not
/// below the order.
std::optional<Signature> sign(const Hash& digest, const SecretKey& key);

/// The address of the key's public key; nothing when `key` is none.
std::optional<Address> address_of(const SecretKey& key);

}  // namespace pixelzx::node
