// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "node/base/bytes.h"
#include "node/base/u256.h"

namespace pixelzx::node {

/// keccak256 of nothing.
inline constexpr Hash kEmptyCodeHash = {
    0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
    0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70};

/// What an address has, without its code and storage.
struct Account {
  std::uint64_t nonce = 0;
  U256 balance = 0;
  Hash code_hash = kEmptyCodeHash;
};

/// Code that contracts run, and where a jump may land in it: at each JUMPDEST that is no immediate
/// of a PUSH.
class Code {
 public:
  Code() = default;
  explicit Code(Bytes bytes);

  [[nodiscard]] ByteView bytes() const { return bytes_; }
  [[nodiscard]] bool is_jump_target(std::uint64_t position) const {
    return position < targets_.size() && targets_[static_cast<std::size_t>(position)];
  }

 private:
  Bytes bytes_;
  std::vector<bool> targets_;
};

/// The state before the transactions at hand: a trie, or a test's table.
class StateReader {
 public:
  StateReader() = default;
  StateReader(const StateReader&) = delete;
  StateReader& operator=(const StateReader&) = delete;
  virtual ~StateReader() = default;

  /// Nothing when there is none at `address`.
  virtual std::optional<Account> account(const Address& address) = 0;
  /// Zero when nothing was stored there.
  virtual U256 storage(const Address& address, const U256& slot) = 0;
  virtual bool has_storage(const Address& address) = 0;
  /// Of an account that has the hash.
  virtual Bytes code(const Hash& code_hash) = 0;
};

struct Log {
  Address address{};
  std::vector<Hash> topics;
  Bytes data;
};

/// What has become of an account.
struct AccountChange {
  Account account;
  /// Nothing that was stored before counts any more.
  bool storage_cleared = false;
  std::map<U256, U256> storage;  ///< slots and their new values, zero among them
  std::shared_ptr<const Code> code;
};
/// Nothing: the account is no more.
using StateChanges = std::map<Address, std::optional<AccountChange>>;

/// The state as one transaction after the other changes it. All changes of a transaction can be
/// taken back, down to a snapshot; so can what lasts for a transaction only: warm addresses and
/// slots (EIP-2929), transient storage (EIP-1153), refunds and logs.
class State {
 public:
  explicit State(StateReader& reader) : reader_(reader) {}

  // ---- accounts ----

  /// No code, nonce or balance, or no such account (EIP-161).
  bool is_empty(const Address& address);
  /// Has code, a nonce or storage: no contract can be created there (EIP-684, EIP-7610).
  bool is_taken(const Address& address);
  U256 balance(const Address& address);
  std::uint64_t nonce(const Address& address);
  Hash code_hash(const Address& address);
  std::shared_ptr<const Code> code(const Address& address);

  /// Also when `amount` is zero the account counts as touched: if it is empty at the end of the
  /// transaction, it is removed.
  void add_balance(const Address& address, const U256& amount);
  /// There must be as much.
  void subtract_balance(const Address& address, const U256& amount);
  void increment_nonce(const Address& address);
  /// Begins a contract: nonce 1, no code, no storage.
  void create_contract(const Address& address);
  void set_code(const Address& address, Bytes code);
  /// Removed at the end of the transaction if it was created in it (EIP-6780).
  void destruct(const Address& address);
  [[nodiscard]] bool is_new_contract(const Address& address);

  // ---- storage ----

  U256 storage(const Address& address, const U256& slot);
  /// What it was before the transaction.
  U256 original_storage(const Address& address, const U256& slot);
  void set_storage(const Address& address, const U256& slot, const U256& value);
  U256 transient(const Address& address, const U256& slot);
  void set_transient(const Address& address, const U256& slot, const U256& value);

  // ---- what lasts for a transaction ----

  /// Return whether it was warm before.
  bool warm(const Address& address);
  bool warm(const Address& address, const U256& slot);
  void add_refund(std::int64_t gas);
  [[nodiscard]] std::int64_t refund() const { return refund_; }
  void add_log(Log log);

  using Snapshot = std::size_t;
  [[nodiscard]] Snapshot snapshot() const { return journal_.size(); }
  /// Takes back all that happened since.
  void revert(Snapshot snapshot);

  /// Ends a transaction: removes what is to be removed, forgets what lasts for one, and returns its
  /// logs.
  std::vector<Log> finish_transaction();

  /// All changes since the beginning, by transactions that have ended.
  [[nodiscard]] StateChanges changes() const;

 private:
  struct Slot {
    U256 original;
    U256 current;
    bool changed = false;  ///< by a transaction that has ended
  };
  // Ordered: addresses and slots are chosen at will, so that many could have one hash.
  using Slots = std::map<U256, Slot>;
  struct Entry {
    Account account;
    std::shared_ptr<const Code> code;  ///< null: not read yet
    Slots storage;
    bool exists = false;
    bool touched = false;
    bool created = false;  ///< as a contract, in this transaction
    bool destructed = false;
    bool storage_cleared = false;  ///< the reader's storage no longer counts
    bool changed = false;          ///< by a transaction that has ended
  };
  using Words = std::map<U256, U256>;

  // How to take each kind of change back.
  struct AccountUndo {
    Address address;
    Account account;
    bool exists;
    bool touched;
  };
  struct CodeUndo {
    Address address;
    std::shared_ptr<const Code> code;
    Hash code_hash;
  };
  struct CreationUndo {
    Address address;
    Slots storage;
    bool storage_cleared;
  };
  struct DestructionUndo {
    Address address;
  };
  struct StorageUndo {
    Address address;
    U256 slot;
    U256 value;
  };
  struct TransientUndo {
    Address address;
    U256 slot;
    U256 value;
  };
  struct WarmAddressUndo {
    Address address;
  };
  struct WarmSlotUndo {
    Address address;
    U256 slot;
  };
  struct RefundUndo {
    std::int64_t refund;
  };
  struct LogUndo {};
  using Undo = std::variant<AccountUndo, CodeUndo, CreationUndo, DestructionUndo, StorageUndo,
                            TransientUndo, WarmAddressUndo, WarmSlotUndo, RefundUndo, LogUndo>;

  Entry& entry(const Address& address);
  /// The entry of an account that is about to change, with the way back in the journal.
  Entry& changing(const Address& address);
  Slot& slot_of(const Address& address, const U256& slot);
  void take_back(const Undo& undo);
  /// Make what a transaction has changed the state before the next; for any number of times.
  static void finish(Entry& entry);
  void finish(const StorageUndo& undo);

  StateReader& reader_;
  std::map<Address, Entry> entries_;
  std::map<Address, Words> transient_;
  std::set<Address> warm_addresses_;
  std::map<Address, std::set<U256>> warm_slots_;
  std::int64_t refund_ = 0;
  std::vector<Log> logs_;
  std::vector<Undo> journal_;
};

}  // namespace pixelzx::node
