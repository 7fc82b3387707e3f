// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "node/chain/chain.h"

namespace pixelzx::node {

/// Wei for a unit of gas, as geth has it. So nobody without funds can have anything in the pool.
inline constexpr std::uint64_t kMinPriorityFee = 1;

/// How much the pool takes. What is beyond is refused, or drives out what pays least.
struct PoolLimits {
  std::size_t transactions = 16384;
  std::size_t per_sender = 1024;
  std::size_t bytes = 64U << 20;
  std::size_t transaction_bytes = 128U << 10;
  U256 min_priority_fee = kMinPriorityFee;
};

/// Why the pool does not take a transaction. What a client is told is what geth would tell.
enum class PoolError : std::uint8_t {
  kKnown,
  kInvalid,  ///< check_transaction() or decode_transaction() says why
  kNoSender,
  kNonceTooLow,
  kInsufficientFunds,
  kGasAboveBlock,
  kUnderpriced,
  kReplacementUnderpriced,  ///< Not a tenth above both fees of what has the same nonce.
  kPoolFull,                ///< And nothing in it pays less.
  kTooLarge,
  kNonceTooHigh,  ///< Too far above the sender's.
};

struct PoolRefusal {
  PoolError error{};
  std::optional<TransactionError> invalid;
};

std::string_view text(const PoolRefusal& refusal);

struct PoolStatus {
  std::size_t pending = 0;  ///< can be part of the next block
  std::size_t queued = 0;   ///< waits for one with a smaller nonce
};

/// Transactions that wait for a block. Any thread may call anything.
class Pool {
 public:
  /// Blocks must not be added to `chain` any more once the pool is gone.
  explicit Pool(Chain& chain, const PoolLimits& limits = {});
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// Takes an encoded transaction; returns its hash.
  std::variant<Hash, PoolRefusal> add(ByteView encoded);

  [[nodiscard]] std::shared_ptr<const SignedTransaction> find(const Hash& hash) const;
  /// The nonce after that of the sender's last pending transaction.
  [[nodiscard]] std::uint64_t next_nonce(const Address& sender) const;
  [[nodiscard]] PoolStatus status() const;
  using Transactions = std::vector<std::shared_ptr<const SignedTransaction>>;
  [[nodiscard]] Transactions pending() const;
  [[nodiscard]] Transactions queued() const;

  /// What can be part of a block with that base fee and gas limit: what pays most first, each
  /// sender's in order of nonces.
  [[nodiscard]] Transactions best(const U256& base_fee, std::uint64_t gas_limit) const;

  /// Takes out what a block has refused. What blocks contain is taken out when they are added.
  void remove(const Hash& hash);

  /// Called with each transaction that becomes pending, in the thread that has added it.
  void on_pending(std::function<void(const SignedTransaction&)> listener);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pixelzx::node
