// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "node/base/bytes.h"
#include "node/base/u256.h"
#include "node/state/state.h"

namespace pixelzx::node {

inline constexpr std::size_t kMaxCodeSize = 24576;  // EIP-170
inline constexpr int kMaxCallDepth = 1024;

/// What contracts can ask of the block they are executed in.
struct BlockContext {
  std::uint64_t number = 0;
  std::uint64_t timestamp = 0;  ///< seconds since 1970
  std::uint64_t gas_limit = 0;
  Address coinbase{};
  Hash prev_randao{};
  U256 base_fee = 0;
  U256 blob_base_fee = 1;
  U256 chain_id = 0;
  /// Of one of the 256 blocks before.
  std::function<Hash(std::uint64_t number)> block_hash;
};

/// What they can ask of the transaction.
struct TransactionContext {
  Address origin{};
  U256 gas_price = 0;
  std::span<const Hash> blob_hashes{};
};

/// For calls that are made only to see what comes of them. Blocks are carried out without it.
struct Watch {
  /// Whether to give up, from some moment on. Asked about every ten thousand units of gas.
  std::function<bool()> is_late;
  /// What code has asked for by address, and the slots that it has read or written: for whoever
  /// puts an empty map here.
  std::optional<std::map<Address, std::set<U256>>> accessed{};
};

enum class CallKind { kCall, kCallcode, kDelegatecall, kStaticcall, kCreate, kCreate2 };

/// A call of a contract or the creation of one: Yellow Paper, sections 7 and 8.
struct Message {
  CallKind kind = CallKind::kCall;
  int depth = 0;
  bool is_static = false;
  std::uint64_t gas = 0;
  Address caller{};
  Address recipient{};     ///< whose storage and balance it is about; set by create()
  Address code_address{};  ///< where the code is from
  U256 value = 0;          ///< of a delegate call: what the code sees, and nothing is moved
  ByteView input{};        ///< or the init code
  Hash salt{};             ///< of kCreate2
};

/// Why an execution ended.
enum class Outcome {
  kSuccess,
  kRevert,
  kOutOfGas,
  kStackUnderflow,
  kStackOverflow,
  kBadJump,
  kUndefinedInstruction,
  kInvalidInstruction,
  kStaticViolation,
  kReturnDataOutOfBounds,
  kPrecompileFailed,
  kAddressTaken,
  kCodeTooLarge,
  kCodeBeginsWithEf,  // EIP-3541
  kCallTooDeep,
  kBalanceTooLow,
  kNonceTooHigh,  // EIP-2681
  kInterrupted,   ///< as Watch wanted
};

/// A few words on it, for JSON-RPC and tests.
std::string_view to_text(Outcome outcome);

/// Of the contract that `creator` creates when its nonce is `nonce`: Yellow Paper, equation 88.
Address contract_address(const Address& creator, std::uint64_t nonce);

struct ExecutionResult {
  Outcome outcome = Outcome::kSuccess;
  std::uint64_t gas_left = 0;
  Bytes output{};     ///< also of a revert
  Address created{};  ///< of a creation that succeeded
};

/// Carries out messages of one transaction, in the Cancun revision.
class Evm {
 public:
  Evm(State& state, const BlockContext& block, const TransactionContext& transaction,
      Watch* watch = nullptr)
      : state_(state), block_(block), transaction_(transaction), watch_(watch) {}

  /// Calls a contract, a precompile, or moves value to an account without code.
  ExecutionResult call(const Message& message);
  /// Runs init code and keeps what it returns as the code of a new contract. The caller's nonce is
  /// incremented before.
  ExecutionResult create(Message message);

  State& state() { return state_; }
  [[nodiscard]] const BlockContext& block() const { return block_; }
  [[nodiscard]] const TransactionContext& transaction() const { return transaction_; }
  /// Null: nobody watches.
  [[nodiscard]] Watch* watch() const { return watch_; }

 private:
  ExecutionResult run_init_code(const Message& message);
  /// What has failed has changed nothing, and, but for a revert, used all its gas.
  void take_back_failure(State::Snapshot snapshot, ExecutionResult& result);

  State& state_;
  const BlockContext& block_;
  const TransactionContext& transaction_;
  Watch* watch_;
};

/// Runs `code` for `message`. The state is not reverted when it fails: that is Evm's.
ExecutionResult interpret(Evm& evm, const Message& message, const Code& code);

}  // namespace pixelzx::node
