// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "node/base/bytes.h"
#include "node/evm/pairing.h"

namespace pixelzx::node {

/// The curve that EIP-196 and EIP-197 call alt_bn128: y^2 = x^3 + 3, of Barreto and Naehrig's
/// family, with the parameter u = 4965661367192848881.
struct Bn254 {
  static constexpr std::string_view kModulus =
      "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47";
  static constexpr Limb kXi = 9;
  static constexpr Twist kTwist = Twist::kDivided;
};

/// Whether the pairings of all pairs multiply to one. The points must be in G1 and G2.
bool bn254_product_is_one(std::span<const PairingInput<Bn254>> pairs);

/// EIP-196's sum of the two points in the first 128 bytes of `input`, which is longer for nothing
/// and whose missing bytes are zeros; nothing when one is not on the curve.
std::optional<Bytes> bn254_add(ByteView input);

/// EIP-196's product of a point, the first 64 bytes, and a number, the next 32.
std::optional<Bytes> bn254_multiply(ByteView input);

/// EIP-197: 1 when the pairings of the pairs of points multiply to one, else 0, in 32 bytes;
/// nothing when `input` is not made of pairs of 192 bytes, or a point is not in its group.
std::optional<Bytes> bn254_pairing_check(ByteView input);

}  // namespace pixelzx::node
