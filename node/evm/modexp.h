// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "node/base/bytes.h"

namespace pixelzx::node {

/// EIP-2565's price of modexp(input); the largest std::uint64_t when it is more than that.
std::uint64_t modexp_gas(ByteView input);

/// EIP-198's power: three lengths in 32 bytes each, then the base, the exponent and the modulus of
/// these lengths, all big-endian, zeros after the end. What comes back is as long as the modulus:
/// zeros when that is zero. Nothing when a length is so large that no block's gas pays for it.
std::optional<Bytes> modexp(ByteView input);

}  // namespace pixelzx::node
