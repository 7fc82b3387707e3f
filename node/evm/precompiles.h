// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "node/base/bytes.h"

namespace pixelzx::node {

inline constexpr unsigned kPrecompiles = 10;

/// One of the contracts at addresses 1 to kPrecompiles (Cancun).
struct Precompile {
  /// What a call with `input` costs; the largest std::uint64_t when it is more than that.
  std::uint64_t (*gas)(ByteView input);
  /// The output; nothing when the call fails, which takes all its gas.
  std::optional<Bytes> (*run)(ByteView input);
};

/// nullptr when there is none at `address`.
const Precompile* find_precompile(const Address& address);

}  // namespace pixelzx::node
