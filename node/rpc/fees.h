// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "node/chain/chain.h"
#include "node/rpc/json_rpc.h"

namespace pixelzx::node {

/// Suggests what to pay the validator: what has lately been enough for most. Any thread may ask.
class GasPriceOracle {
 public:
  /// Of a unit of gas. 1 gwei where there were no transactions.
  U256 priority_fee(const Chain& chain);

 private:
  std::mutex mutex_;
  Hash head_{};  // that `suggested_` is of
  U256 suggested_;
};

/// The result of eth_feeHistory. `percentiles` are of gas, from 0 to 100, in order.
RpcResult fee_history(const RpcContext& context, std::uint64_t blocks, const BlockId& newest,
                      const std::vector<double>& percentiles);

}  // namespace pixelzx::node
