// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "node/chain/block.h"
#include "node/chain/chain_state.h"
#include "node/chain/genesis.h"
#include "node/evm/evm.h"
#include "node/evm/execute.h"

namespace pixelzx::node {

/// A block of the chain and what follows from it. Never changes: threads share it.
struct ChainBlock {
  Block block;
  Hash hash{};
  std::size_t size = 0;  ///< bytes of its encoding
  std::vector<Hash> transaction_hashes;
  std::vector<Address> senders;
  std::vector<Receipt> receipts;
};
using BlockPointer = std::shared_ptr<const ChainBlock>;

/// Where a transaction is.
struct TransactionPlace {
  BlockPointer block;
  std::size_t index = 0;
};

/// Why a block is not part of the chain.
enum class BlockError : std::uint8_t {
  kUnknownParent,
  kNotNext,  ///< There is a block of that number already, and it is another one.
  kWrongNumber,
  kWrongTimestamp,
  kWrongGasLimit,
  kWrongBaseFee,
  kWrongConstant,  ///< A field that all have alike, or prev_randao, which follows from the parent.
  kNotSealed,      ///< Not signed by a validator of this chain, or not by the beneficiary.
  kInvalidTransaction,
  kWrongTransactionsRoot,
  kWrongGasUsed,
  kWrongReceiptsRoot,
  kWrongBloom,
  kWrongStateRoot,
};

/// In lower case, without a full stop.
std::string_view text(BlockError error);

/// Why a chain cannot be opened.
struct ChainFault {
  enum class Kind : std::uint8_t {
    kAbsent,       ///< There is none in the directory, and no genesis to begin it with.
    kLocked,       ///< Another process has it open.
    kOtherChain,   ///< It has begun with another genesis.
    kOtherFormat,  ///< Another version of the node has written it.
    kDamaged,
    kUnusable,  ///< The system does not let us read or write it.
  };
  Kind kind{};
  std::string detail;  ///< what is known beyond that, in English; may be empty
};

/// A transaction that decode_transaction() and sender_of() have accepted.
struct SignedTransaction {
  Transaction transaction;
  Hash hash{};
  Address sender{};
};

/// The blocks, their receipts and states, in a LevelDB database, one block after the other: with
/// one validator there are no forks. A block is in it whole and synced, or not at all. Any thread
/// may call anything; blocks are added one at a time. Throws DatabaseError, or TrieFault, when the
/// database is damaged or cannot be written.
class Chain {
 public:
  /// Opens the chain in `directory`, or begins it with `genesis`. Without a genesis there must be
  /// one already.
  static std::variant<std::unique_ptr<Chain>, ChainFault> open(
      const std::filesystem::path& directory, const std::optional<Genesis>& genesis);
  ~Chain();
  Chain(const Chain&) = delete;
  Chain& operator=(const Chain&) = delete;

  /// Whether opening it has dropped what was damaged at the end of the database's log: a block
  /// that a power failure has interrupted, or, by a fault of the disk, several whole ones.
  [[nodiscard]] bool was_repaired() const;

  [[nodiscard]] const Genesis& genesis() const;
  [[nodiscard]] BlockPointer head() const;
  [[nodiscard]] BlockPointer block(std::uint64_t number) const;  ///< null: none
  [[nodiscard]] BlockPointer block(const Hash& hash) const;      ///< null: none
  /// Of the block of that number, without reading the rest of it.
  [[nodiscard]] std::optional<Header> header(std::uint64_t number) const;
  [[nodiscard]] std::optional<TransactionPlace> find_transaction(const Hash& hash) const;
  /// The state after the block with that header. The chain must outlive it.
  [[nodiscard]] std::unique_ptr<ChainState> state(const Header& header) const;

  /// The context in which the transactions of the block with that header are executed. The chain
  /// must outlive it.
  [[nodiscard]] BlockContext context(const Header& header) const;
  /// The header of a block on top of `parent`, without roots, gas used, bloom and seal.
  [[nodiscard]] Header next_header(const Header& parent, const Address& beneficiary,
                                   std::uint64_t timestamp) const;

  /// Checks everything of `block`, executes it and adds it after the head. The block that is there
  /// already is returned as it is.
  std::variant<BlockPointer, BlockError> import_block(const Block& block);

  /// What a new block leaves out of those that were offered, for what they are: not for want of
  /// room.
  using Refused =
      std::function<void(const SignedTransaction&, std::variant<Rejection, TransactionError> why)>;
  /// Takes transactions from `next` (null: no more) as long as there is room, seals the block with
  /// `key`, which must be a validator's, and adds it after the head. Its timestamp is `timestamp`,
  /// or the first that the chain allows.
  BlockPointer produce_block(const SecretKey& key, std::uint64_t timestamp,
                             const std::function<const SignedTransaction*()>& next,
                             const Refused& refused);

  /// Called after a block was added, in the thread that did it, one after the other. The listener
  /// must not add blocks.
  void on_block(std::function<void(const BlockPointer&)> listener);

 private:
  struct Parts;
  explicit Chain(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// EIP-1559: the base fee of the block after `parent`.
U256 next_base_fee(const Header& parent);

}  // namespace pixelzx::node
