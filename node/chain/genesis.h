// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "node/chain/block.h"

namespace pixelzx::node {

/// Where the gas limits of blocks go to.
inline constexpr std::uint64_t kTargetGasLimit = 30'000'000;
inline constexpr std::uint64_t kMinGasLimit = 5000;  // Yellow Paper, equation 47
inline constexpr std::size_t kMaxValidators = 125;

struct GenesisAccount {
  U256 balance = 0;
  std::uint64_t nonce = 0;
  Bytes code;
  std::map<U256, U256> storage;
};

using Alloc = std::map<Address, GenesisAccount>;

/// What makes a state with these accounts of an empty one.
StateChanges changes_of(const Alloc& alloc);

/// Where a chain begins.
struct Genesis {
  U256 chain_id = 0;
  /// Seconds, `config.clique.period`. 0: a block as soon as there is a transaction (--dev).
  std::uint64_t block_time = 3;
  Header header;  ///< all but the state root, which follows from `alloc`
  Alloc alloc;
  std::vector<Address> validators;  ///< from the header's extra data (EIP-225)
};

struct GenesisError {
  std::string where;  ///< the member, as in `alloc.0x00…01.balance`
  std::string why;    ///< in lower case, without a full stop
};

/// Reads geth's genesis.json (https://geth.ethereum.org/docs/fundamentals/private-network). A
/// `config` that asks for a revision other than Cancun from the first block on is refused; so is
/// one without a validator.
std::variant<Genesis, GenesisError> parse_genesis(std::string_view json_text);

/// One that parse_genesis() reads back. Two of the same genesis are the same.
std::string to_json(const Genesis& genesis);

/// A genesis with PIXELZX's gas limit, a base fee of 1 gwei, and nothing in its state but `alloc`.
/// `timestamp`: seconds since 1970.
Genesis make_genesis(const U256& chain_id, std::uint64_t block_time, std::uint64_t timestamp,
                     const std::vector<Address>& validators, Alloc alloc);

}  // namespace pixelzx::node
