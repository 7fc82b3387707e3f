// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "node/base/bytes.h"

namespace pixelzx::node {

/// `0x` and 40 digits whose case is a checksum (EIP-55).
std::string checksummed(const Address& address);

/// The address after `0x` or not; nothing when it is none, or has a mixed case and that is not its
/// checksum: a digit was mistyped.
std::optional<Address> parse_address(std::string_view text);

}  // namespace pixelzx::node
