// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "node/chain/transaction.h"
#include "node/evm/evm.h"

namespace pixelzx::node {

/// Why a transaction that check_transaction() accepts cannot be part of a block now: nothing of it
/// is carried out.
enum class Rejection {
  kNonceTooLow,
  kNonceTooHigh,
  kSenderHasCode,  // EIP-3607
  kGasAboveBlock,
  kFeeBelowBase,
  kBalanceTooLow,
};

/// A few words on it, as clients of JSON-RPC know them.
std::string_view to_text(Rejection rejection);

/// What a unit of gas costs the sender in a block with that base fee (EIP-1559), which must not be
/// above the transaction's largest fee.
U256 effective_gas_price(const Transaction& transaction, const U256& base_fee);

struct Executed {
  Outcome outcome = Outcome::kSuccess;
  std::uint64_t gas_used = 0;
  std::vector<Log> logs;
  Bytes output;     ///< what the call returned, the code it created, or the reason of a revert
  Address created;  ///< by a transaction without recipient that succeeded
};

/// Carries out `transaction`, of `sender`, in a block that has `gas_available` left: Yellow Paper,
/// section 6. The state is as before when the transaction is none that check_transaction() accepts,
/// or is rejected.
std::variant<Executed, Rejection, TransactionError> execute(State& state, const BlockContext& block,
                                                            const Transaction& transaction,
                                                            const Address& sender,
                                                            std::uint64_t gas_available);

/// What eth_call and eth_estimateGas ask for: execute() of a transaction that nobody has signed. It
/// may have any nonce and chain id and more gas than a block, and the sender may be a contract;
/// where the fees are zero, the base fee is zero, too. `watch` may be null.
std::variant<Executed, Rejection, TransactionError> execute_call(State& state, BlockContext block,
                                                                 const Transaction& transaction,
                                                                 const Address& sender,
                                                                 Watch* watch = nullptr);

}  // namespace pixelzx::node
