// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "node/base/bytes.h"

namespace pixelzx::node {

/// Keccak-256 as Ethereum has it: with the padding from before SHA-3.
Hash keccak256(ByteView bytes);

Hash sha256(ByteView bytes);

std::array<std::uint8_t, 20> ripemd160(ByteView bytes);

}  // namespace pixelzx::node
