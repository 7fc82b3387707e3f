// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "node/chain/pool.h"
#include "node/rpc/json_rpc.h"

namespace pixelzx::node {

/// eth_getLogs.
RpcResult find_logs(const RpcContext& context, const LogCriteria& criteria);

/// What clients ask for again and again: what is new since the last time. Blocks and logs are
/// looked up when they are asked for. Any thread may call anything.
class RpcFilters {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Kind : std::uint8_t { kLogs, kBlocks, kPending };

  explicit RpcFilters(Pool& pool);

  /// The filter's id.
  RpcResult add(const RpcContext& context, Kind kind, const LogCriteria& criteria = {});
  RpcResult changes(const RpcContext& context, const U256& id);
  /// All logs that it is about.
  RpcResult logs(const RpcContext& context, const U256& id);
  bool remove(const U256& id);

 private:
  struct Filter {
    Kind kind{};
    LogCriteria criteria;
    std::uint64_t next = 0;  ///< block, or pending transaction, that was not asked for yet
    Time used;
  };
  /// Hashes of transactions, in the order in which they came.
  struct Pending {
    std::mutex mutex;
    std::deque<Hash> newest;
    std::uint64_t end = 0;  ///< how many there were
  };

  /// Nothing: there is none, or no more.
  std::optional<Filter> find(const RpcContext& context, const U256& id);
  void drop_unused(const RpcContext& context, Time now);

  std::shared_ptr<Pending> pending_;
  std::mutex mutex_;
  std::map<U256, Filter> filters_;
};

}  // namespace pixelzx::node
