// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "node/base/bytes.h"

namespace pixelzx::node {

/// EIP-152's function: the 64 bytes of the state after BLAKE2b's compression function F (RFC 7693,
/// 3.2), with the number of rounds, the state, the block, the two counters and the flag of the last
/// block in `input`; nothing when that has not 213 bytes, or its flag is neither 0 nor 1.
std::optional<Bytes> blake2f(ByteView input);

/// Its price: one for each round; nothing when `input` has not 213 bytes.
std::uint64_t blake2f_gas(ByteView input);

}  // namespace pixelzx::node
