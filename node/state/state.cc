// SPDX-License-Identifier: Apache-2.0
#include "node/state/state.h"

#include <utility>

#include "node/crypto/hash.h"

namespace pixelzx::node {
namespace {

constexpr std::uint8_t kJumpdest = 0x5b;
constexpr std::uint8_t kPush1 = 0x60;
constexpr std::uint8_t kPush32 = 0x7f;

bool has_code(const Account& account) {
  return account.code_hash != kEmptyCodeHash;
}

bool is_empty_account(const Account& account) {
  return account.nonce == 0 && account.balance == 0 && !has_code(account);
}

}  // namespace

Code::Code(Bytes bytes) : bytes_(std::move(bytes)), targets_(bytes_.size()) {
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    const std::uint8_t opcode = bytes_[i];
    if (opcode == kJumpdest) targets_[i] = true;
    if (opcode >= kPush1 && opcode <= kPush32) i += opcode - kPush1 + 1U;
  }
}

State::Entry& State::entry(const Address& address) {
  const auto [found, is_new] = entries_.try_emplace(address);
  if (is_new) {
    if (const auto account = reader_.account(address)) {
      found->second.account = *account;
      found->second.exists = true;
    }
  }
  return found->second;
}

State::Entry& State::changing(const Address& address) {
  Entry& entry = this->entry(address);
  journal_.emplace_back(AccountUndo{.address = address,
                                    .account = entry.account,
                                    .exists = entry.exists,
                                    .touched = entry.touched});
  entry.exists = true;
  entry.touched = true;
  return entry;
}

State::Slot& State::slot_of(const Address& address, const U256& slot) {
  Entry& entry = this->entry(address);
  const auto [found, is_new] = entry.storage.try_emplace(slot);
  if (is_new && entry.exists && !entry.storage_cleared) {
    found->second.original = reader_.storage(address, slot);
    found->second.current = found->second.original;
  }
  return found->second;
}

bool State::is_empty(const Address& address) {
  return is_empty_account(entry(address).account);
}

bool State::is_taken(const Address& address) {
  const Entry& entry = this->entry(address);
  return entry.account.nonce != 0 || has_code(entry.account) ||
         (entry.exists && !entry.storage_cleared && reader_.has_storage(address));
}

U256 State::balance(const Address& address) {
  return entry(address).account.balance;
}

std::uint64_t State::nonce(const Address& address) {
  return entry(address).account.nonce;
}

Hash State::code_hash(const Address& address) {
  return entry(address).account.code_hash;
}

std::shared_ptr<const Code> State::code(const Address& address) {
  Entry& entry = this->entry(address);
  if (!entry.code) {
    entry.code = std::make_shared<const Code>(
        has_code(entry.account) ? reader_.code(entry.account.code_hash) : Bytes());
  }
  return entry.code;
}

void State::add_balance(const Address& address, const U256& amount) {
  changing(address).account.balance += amount;
}

void State::subtract_balance(const Address& address, const U256& amount) {
  changing(address).account.balance -= amount;
}

void State::increment_nonce(const Address& address) {
  ++changing(address).account.nonce;
}

void State::create_contract(const Address& address) {
  Entry& entry = changing(address);
  entry.account.nonce = 1;
  journal_.emplace_back(CreationUndo{.address = address,
                                     .storage = std::exchange(entry.storage, {}),
                                     .storage_cleared = entry.storage_cleared});
  entry.storage_cleared = true;
  entry.created = true;
}

void State::set_code(const Address& address, Bytes code) {
  Entry& entry = this->entry(address);
  journal_.emplace_back(
      CodeUndo{.address = address, .code = entry.code, .code_hash = entry.account.code_hash});
  entry.account.code_hash = keccak256(code);
  entry.code = std::make_shared<const Code>(std::move(code));
}

void State::destruct(const Address& address) {
  Entry& entry = this->entry(address);
  if (!entry.created || entry.destructed) return;
  journal_.emplace_back(DestructionUndo{address});
  entry.destructed = true;
}

bool State::is_new_contract(const Address& address) {
  return entry(address).created;
}

U256 State::storage(const Address& address, const U256& slot) {
  return slot_of(address, slot).current;
}

U256 State::original_storage(const Address& address, const U256& slot) {
  return slot_of(address, slot).original;
}

void State::set_storage(const Address& address, const U256& slot, const U256& value) {
  Slot& changing = slot_of(address, slot);
  journal_.emplace_back(StorageUndo{.address = address, .slot = slot, .value = changing.current});
  changing.current = value;
}

U256 State::transient(const Address& address, const U256& slot) {
  const auto contract = transient_.find(address);
  if (contract == transient_.end()) return 0;
  const auto word = contract->second.find(slot);
  return word == contract->second.end() ? U256(0) : word->second;
}

void State::set_transient(const Address& address, const U256& slot, const U256& value) {
  U256& word = transient_[address][slot];
  journal_.emplace_back(TransientUndo{.address = address, .slot = slot, .value = word});
  word = value;
}

bool State::warm(const Address& address) {
  if (!warm_addresses_.insert(address).second) return true;
  journal_.emplace_back(WarmAddressUndo{address});
  return false;
}

bool State::warm(const Address& address, const U256& slot) {
  if (!warm_slots_[address].insert(slot).second) return true;
  journal_.emplace_back(WarmSlotUndo{.address = address, .slot = slot});
  return false;
}

void State::add_refund(std::int64_t gas) {
  journal_.emplace_back(RefundUndo{refund_});
  refund_ += gas;
}

void State::add_log(Log log) {
  journal_.emplace_back(LogUndo());
  logs_.push_back(std::move(log));
}

void State::take_back(const Undo& undo) {
  struct Visitor {
    State& state;

    void operator()(const AccountUndo& undo) const {
      Entry& entry = state.entry(undo.address);
      entry.account = undo.account;
      entry.exists = undo.exists;
      entry.touched = undo.touched;
    }
    void operator()(const CodeUndo& undo) const {
      Entry& entry = state.entry(undo.address);
      entry.code = undo.code;
      entry.account.code_hash = undo.code_hash;
    }
    void operator()(const CreationUndo& undo) const {
      Entry& entry = state.entry(undo.address);
      entry.storage = undo.storage;
      entry.storage_cleared = undo.storage_cleared;
      entry.created = false;
    }
    void operator()(const DestructionUndo& undo) const {
      state.entry(undo.address).destructed = false;
    }
    void operator()(const StorageUndo& undo) const {
      state.slot_of(undo.address, undo.slot).current = undo.value;
    }
    void operator()(const TransientUndo& undo) const {
      state.transient_[undo.address][undo.slot] = undo.value;
    }
    void operator()(const WarmAddressUndo& undo) const {
      state.warm_addresses_.erase(undo.address);
    }
    void operator()(const WarmSlotUndo& undo) const {
      state.warm_slots_[undo.address].erase(undo.slot);
    }
    void operator()(const RefundUndo& undo) const { state.refund_ = undo.refund; }
    void operator()(const LogUndo& /*undo*/) const { state.logs_.pop_back(); }
  };
  std::visit(Visitor{*this}, undo);
}

void State::revert(Snapshot snapshot) {
  while (journal_.size() > snapshot) {
    take_back(journal_.back());
    journal_.pop_back();
  }
}

std::vector<Log> State::finish_transaction() {
  for (const Undo& undo : journal_) {
    if (const auto* account = std::get_if<AccountUndo>(&undo)) finish(entry(account->address));
  }
  // After the accounts: one that is gone has no slots.
  for (const Undo& undo : journal_) {
    if (const auto* storage = std::get_if<StorageUndo>(&undo)) finish(*storage);
  }
  transient_.clear();
  warm_addresses_.clear();
  warm_slots_.clear();
  refund_ = 0;
  journal_.clear();
  return std::exchange(logs_, {});
}

void State::finish(Entry& entry) {
  const bool removed =
      entry.destructed || (entry.touched && entry.exists && is_empty_account(entry.account));
  if (removed) {
    entry = Entry();
    entry.storage_cleared = true;
    entry.changed = true;
    return;
  }
  entry.changed = entry.changed || entry.touched;
  entry.touched = entry.created = false;
}

void State::finish(const StorageUndo& undo) {
  Entry& entry = this->entry(undo.address);
  const auto found = entry.storage.find(undo.slot);
  if (found == entry.storage.end()) return;
  Slot& slot = found->second;
  if (slot.current == slot.original) return;
  slot.original = slot.current;
  slot.changed = entry.changed = true;
}

StateChanges State::changes() const {
  StateChanges changes;
  for (const auto& [address, entry] : entries_) {
    if (!entry.changed) continue;
    std::optional<AccountChange>& change = changes[address];
    if (!entry.exists) continue;
    change.emplace(AccountChange{.account = entry.account,
                                 .storage_cleared = entry.storage_cleared,
                                 .storage = {},
                                 .code = entry.code});
    for (const auto& [slot, value] : entry.storage) {
      if (value.changed) change->storage.emplace(slot, value.current);
    }
  }
  return changes;
}

}  // namespace pixelzx::node
