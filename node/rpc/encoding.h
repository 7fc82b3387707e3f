// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "node/chain/chain.h"
#include "node/rpc/params.h"

/// What clients get: the encodings of the Ethereum execution API, with the members that geth has.
namespace pixelzx::node {

/// `0x` and hexadecimal digits without leading zeros.
std::string quantity(std::uint64_t number);
std::string quantity(const U256& number);

Json access_list_json(const std::vector<AccessListEntry>& list);
/// A block with its transactions' hashes, or whole.
Json block_json(const ChainBlock& block, bool whole);

/// A transaction of a block.
Json transaction_json(const ChainBlock& block, std::size_t index);
/// One that waits for a block.
Json transaction_json(const SignedTransaction& transaction);

Json receipt_json(const ChainBlock& block, std::size_t index);

/// A log of the transaction `index`; `log_index` counts from the block's first.
Json log_json(const ChainBlock& block, std::size_t index, const Log& log, std::size_t log_index);

}  // namespace pixelzx::node
