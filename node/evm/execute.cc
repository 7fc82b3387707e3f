// SPDX-License-Identifier: Apache-2.0
#include "node/evm/execute.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "node/evm/gas.h"
#include "node/evm/precompiles.h"

namespace pixelzx::node {
namespace {

/// What the sender may have to pay in all, or nothing when it is more than there can be.
std::optional<U256> largest_cost(const Transaction& transaction) {
  const U512 cost =
      U512(transaction.max_fee) * U512(transaction.gas_limit) + U512(transaction.value);
  if (cost > U512(std::numeric_limits<U256>::max())) return std::nullopt;
  return U256(cost);
}

/// What only holds for one that is signed, and that a block is to contain.
std::optional<Rejection> why_not_in_block(State& state, const Transaction& transaction,
                                          const Address& sender, std::uint64_t gas_available) {
  const std::uint64_t nonce = state.nonce(sender);
  if (transaction.nonce < nonce) return Rejection::kNonceTooLow;
  if (transaction.nonce > nonce) return Rejection::kNonceTooHigh;
  if (state.code_hash(sender) != kEmptyCodeHash) return Rejection::kSenderHasCode;
  if (transaction.gas_limit > gas_available) return Rejection::kGasAboveBlock;
  return std::nullopt;
}

std::optional<Rejection> why_unpaid(State& state, const BlockContext& block,
                                    const Transaction& transaction, const Address& sender) {
  if (transaction.max_fee < block.base_fee) return Rejection::kFeeBelowBase;
  const std::optional<U256> cost = largest_cost(transaction);
  if (!cost || state.balance(sender) < *cost) return Rejection::kBalanceTooLow;
  return std::nullopt;
}

/// EIP-2929, EIP-2930, EIP-3651.
void warm_up(State& state, const BlockContext& block, const Transaction& transaction,
             const Address& sender) {
  state.warm(sender);
  state.warm(block.coinbase);
  if (transaction.to) state.warm(*transaction.to);
  for (unsigned i = 1; i <= kPrecompiles; ++i) state.warm(to_address(i));
  for (const AccessListEntry& entry : transaction.access_list) {
    state.warm(entry.address);
    for (const Hash& slot : entry.storage_keys) state.warm(entry.address, u256_from(slot));
  }
}

ExecutionResult run(Evm& evm, const Transaction& transaction, const Address& sender,
                    std::uint64_t gas) {
  Message message{
      .gas = gas, .caller = sender, .value = transaction.value, .input = transaction.data};
  if (!transaction.to) {
    message.kind = CallKind::kCreate;
    ExecutionResult result = evm.create(message);
    if (result.outcome == Outcome::kSuccess) {
      const ByteView code = evm.state().code(result.created)->bytes();
      result.output.assign(code.begin(), code.end());
    }
    return result;
  }
  evm.state().increment_nonce(sender);
  message.recipient = message.code_address = *transaction.to;
  return evm.call(message);
}

/// Carries out one that nothing speaks against.
Executed run_paid(State& state, const BlockContext& block, const Transaction& transaction,
                  const Address& sender, Watch* watch) {
  const U256 gas_price = effective_gas_price(transaction, block.base_fee);
  const TransactionContext context{.origin = sender, .gas_price = gas_price, .blob_hashes = {}};
  Evm evm(state, block, context, watch);
  warm_up(state, block, transaction, sender);
  state.subtract_balance(sender, gas_price * transaction.gas_limit);
  ExecutionResult result =
      run(evm, transaction, sender, transaction.gas_limit - *intrinsic_gas(transaction));

  std::uint64_t used = transaction.gas_limit - result.gas_left;
  const auto refund = static_cast<std::uint64_t>(std::max<std::int64_t>(state.refund(), 0));
  used -= std::min(refund, used / gas::kRefundQuotient);
  state.add_balance(sender, gas_price * (transaction.gas_limit - used));
  state.add_balance(block.coinbase, (gas_price - block.base_fee) * used);
  return Executed{.outcome = result.outcome,
                  .gas_used = used,
                  .logs = state.finish_transaction(),
                  .output = std::move(result.output),
                  .created = result.created};
}

}  // namespace

std::string_view to_text(Rejection rejection) {
  switch (rejection) {
    case Rejection::kNonceTooLow:
      return "nonce too low";
    case Rejection::kNonceTooHigh:
      return "nonce too high";
    case Rejection::kSenderHasCode:
      return "sender not an eoa";
    case Rejection::kGasAboveBlock:
      return "exceeds block gas limit";
    case Rejection::kFeeBelowBase:
      return "max fee per gas less than block base fee";
    case Rejection::kBalanceTooLow:
      return "insufficient funds for gas * price + value";
  }
  return {};
}

U256 effective_gas_price(const Transaction& transaction, const U256& base_fee) {
  const U256 above_base = transaction.max_fee - base_fee;
  return base_fee + std::min(transaction.max_priority_fee, above_base);
}

std::variant<Executed, Rejection, TransactionError> execute(State& state, const BlockContext& block,
                                                            const Transaction& transaction,
                                                            const Address& sender,
                                                            std::uint64_t gas_available) {
  if (const auto error = check_transaction(transaction, block.chain_id)) return *error;
  auto why = why_not_in_block(state, transaction, sender, gas_available);
  if (!why) why = why_unpaid(state, block, transaction, sender);
  if (why) return *why;
  return run_paid(state, block, transaction, sender, nullptr);
}

std::variant<Executed, Rejection, TransactionError> execute_call(State& state, BlockContext block,
                                                                 const Transaction& transaction,
                                                                 const Address& sender,
                                                                 Watch* watch) {
  const U256 any_chain = transaction.chain_id.value_or(block.chain_id);
  if (const auto error = check_transaction(transaction, any_chain)) return *error;
  if (transaction.max_fee == 0) block.base_fee = 0;
  if (const auto why = why_unpaid(state, block, transaction, sender)) return *why;
  return run_paid(state, block, transaction, sender, watch);
}

}  // namespace pixelzx::node
