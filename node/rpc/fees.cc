// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/fees.h"

#include <algorithm>

#include "node/chain/pool.h"
#include "node/evm/execute.h"
#include "node/rpc/backend.h"
#include "node/rpc/encoding.h"

namespace pixelzx::node {
namespace {

constexpr std::uint64_t kGwei = 1'000'000'000;
constexpr std::uint64_t kMaxPriorityFee = 500 * kGwei;
/// Blocks, and the cheapest transactions of each, that the oracle goes by; and which of their
/// fees, in percent, is taken. As geth has them.
constexpr std::uint64_t kOracleBlocks = 20;
constexpr std::size_t kOracleTransactions = 3;
constexpr std::size_t kOraclePercentile = 60;
constexpr std::uint64_t kMaxHistory = 1024;
constexpr std::size_t kMaxPercentiles = 100;

/// What the validator was paid for a unit of gas.
U256 priority_fee_of(const ChainBlock& block, std::size_t index) {
  const U256& base_fee = block.block.header.base_fee;
  return effective_gas_price(block.block.transactions[index], base_fee) - base_fee;
}

struct Paid {
  U256 priority_fee;
  std::uint64_t gas = 0;
};

/// The block's transactions, those that pay least first.
std::vector<Paid> paid_in(const ChainBlock& block) {
  std::vector<Paid> paid;
  std::uint64_t gas_before = 0;
  for (std::size_t i = 0; i < block.receipts.size(); ++i) {
    const std::uint64_t gas = block.receipts[i].cumulative_gas_used;
    paid.push_back({.priority_fee = priority_fee_of(block, i), .gas = gas - gas_before});
    gas_before = gas;
  }
  std::ranges::sort(paid, {}, &Paid::priority_fee);
  return paid;
}

/// What the transactions at each percentile of the block's gas have paid; zero where there are
/// none.
Json rewards(const ChainBlock& block, const std::vector<double>& percentiles) {
  const std::vector<Paid> paid = paid_in(block);
  Json fees = Json::array();
  std::size_t at = 0;
  std::uint64_t gas = paid.empty() ? 0 : paid[0].gas;
  for (const double percentile : percentiles) {
    const double threshold = static_cast<double>(block.block.header.gas_used) * percentile / 100;
    while (at + 1 < paid.size() && static_cast<double>(gas) < threshold) gas += paid[++at].gas;
    fees.push_back(paid.empty() ? "0x0" : quantity(paid[at].priority_fee));
  }
  return fees;
}

bool are_percentiles(const std::vector<double>& percentiles) {
  return std::ranges::is_sorted(percentiles) &&
         (percentiles.empty() || (percentiles.front() >= 0 && percentiles.back() <= 100));
}

}  // namespace

U256 GasPriceOracle::priority_fee(const Chain& chain) {
  const BlockPointer head = chain.head();
  const std::lock_guard lock(mutex_);
  if (head_ == head->hash) return suggested_;
  std::vector<U256> fees;
  std::uint64_t number = head->block.header.number;
  for (std::uint64_t i = 0; i < kOracleBlocks && number != 0; ++i, --number) {
    const BlockPointer block = chain.block(number);
    const std::vector<Paid> paid = paid_in(*block);
    for (std::size_t j = 0; j < std::min(paid.size(), kOracleTransactions); ++j) {
      fees.push_back(paid[j].priority_fee);
    }
  }
  std::ranges::sort(fees);
  suggested_ = fees.empty() ? kGwei : fees[(fees.size() - 1) * kOraclePercentile / 100];
  suggested_ = std::clamp<U256>(suggested_, kMinPriorityFee, kMaxPriorityFee);
  head_ = head->hash;
  return suggested_;
}

RpcResult fee_history(const RpcContext& context, std::uint64_t blocks, const BlockId& newest,
                      const std::vector<double>& percentiles) {
  const Chain& chain = context.backend.chain;
  const BlockPointer last = find_block(chain, newest);
  if (!last) return no_block(newest);
  if (percentiles.size() > kMaxPercentiles || !are_percentiles(percentiles)) {
    return RpcError(kInvalidParams, "invalid reward percentile");
  }
  const std::uint64_t end = last->block.header.number + 1;
  const std::uint64_t count = std::min({blocks, kMaxHistory, end});
  Json base_fees = Json::array();
  Json ratios = Json::array();
  Json blob_fees = Json::array();
  Json blob_ratios = Json::array();
  Json reward = Json::array();
  for (std::uint64_t number = end - count; number < end; ++number) {
    if (context.is_late()) return RpcError(kTimedOut, "request timed out");
    const std::optional<Header> header = chain.header(number);
    base_fees.push_back(quantity(header->base_fee));
    ratios.push_back(static_cast<double>(header->gas_used) /
                     static_cast<double>(header->gas_limit));
    blob_fees.push_back("0x1");
    blob_ratios.push_back(0);
    if (!percentiles.empty()) reward.push_back(rewards(*chain.block(number), percentiles));
  }
  Json history{{"oldestBlock", quantity(end - count)}, {"gasUsedRatio", ratios}};
  if (count == 0) return history;
  base_fees.push_back(quantity(next_base_fee(last->block.header)));
  blob_fees.push_back("0x1");
  history["baseFeePerGas"] = std::move(base_fees);
  history["baseFeePerBlobGas"] = std::move(blob_fees);
  history["blobGasUsedRatio"] = std::move(blob_ratios);
  if (!percentiles.empty()) history["reward"] = std::move(reward);
  return history;
}

}  // namespace pixelzx::node
