// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "node/base/bytes.h"

namespace pixelzx::node {

/// EIP-4844's point evaluation. `input` is a versioned hash, z and y of 32 bytes, and a commitment
/// and a proof of 48: that the polynomial committed to has the value y at z. What comes back are
/// the number of values in a blob and the modulus that they are below, 32 bytes each; nothing when
/// `input` has not 192 bytes, they are not what they should be, or the proof is wrong.
std::optional<Bytes> kzg_point_evaluation(ByteView input);

}  // namespace pixelzx::node
