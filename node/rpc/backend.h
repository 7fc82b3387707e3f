// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "node/chain/pool.h"
#include "node/rpc/fees.h"
#include "node/rpc/filters.h"

namespace pixelzx::node {

/// What methods may ask for at most.
struct RpcBounds {
  std::uint64_t call_gas = 50'000'000;                       ///< of eth_call and eth_estimateGas
  std::chrono::seconds call_time = std::chrono::seconds(5);  ///< of the same
  std::uint64_t log_blocks = 10'000;                         ///< that eth_getLogs looks at
  std::size_t logs = 10'000;                                 ///< that it returns
  std::size_t filters = 1000;
  std::chrono::seconds filter_life = std::chrono::minutes(5);  ///< since it was last asked
};

/// What methods are about. Any thread may use it.
struct RpcBackend {
  Chain& chain;
  Pool& pool;
  RpcBounds bounds;
  std::string client_version;
  GasPriceOracle oracle;
  RpcFilters filters;
};

/// Null: there is no such block.
BlockPointer find_block(const Chain& chain, const BlockId& id);

/// That of a block which find_block() has not found.
RpcError no_block(const BlockId& id);

}  // namespace pixelzx::node
