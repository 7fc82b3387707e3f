// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "node/chain/genesis.h"
#include "node/crypto/secp256k1.h"

namespace pixelzx::node {

/// The network whose chains may have any identifier that no other network has.
inline constexpr std::string_view kDevnet = "devnet";
inline constexpr std::uint64_t kDevnetChainId = 1337;
inline constexpr std::uint64_t kBlockTime = 3;  ///< seconds

/// That of `mainnet` and `testnet`; nothing for others.
std::optional<std::uint64_t> chain_id_of(std::string_view network);

/// The inverse; kDevnet for all other identifiers.
std::string network_of(std::uint64_t chain_id);

/// The key of the validator of development_genesis(), which also has all the money. Everybody knows
/// it: the same for all, so that wallets and scripts can have it beforehand.
const SecretKey& development_key();

/// `block_time` 0: a block as soon as there is a transaction. The same arguments make the same
/// chain.
Genesis development_genesis(std::uint64_t chain_id, std::uint64_t block_time);

}  // namespace pixelzx::node
