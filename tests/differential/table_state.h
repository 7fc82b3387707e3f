// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "node/crypto/hash.h"
#include "node/state/state.h"

namespace pixelzx::tests {

/// All accounts in a table, to be read and changed.
class TableState : public node::StateReader {
 public:
  struct Row {
    node::Account account;
    std::map<node::U256, node::U256> storage;  ///< without zeros
  };

  /// The account at `address`, new and without storage.
  Row& put(const node::Address& address, node::Bytes code, const node::U256& balance,
           std::uint64_t nonce) {
    Row& row = rows_[address];
    row = {.account = {.nonce = nonce, .balance = balance, .code_hash = node::keccak256(code)},
           .storage = {}};
    codes_[row.account.code_hash] = std::move(code);
    return row;
  }

  std::optional<node::Account> account(const node::Address& address) override {
    const auto row = rows_.find(address);
    return row == rows_.end() ? std::nullopt : std::optional(row->second.account);
  }
  node::U256 storage(const node::Address& address, const node::U256& slot) override {
    const auto& storage = rows_.at(address).storage;
    const auto found = storage.find(slot);
    return found == storage.end() ? node::U256(0) : found->second;
  }
  bool has_storage(const node::Address& address) override {
    return !rows_.at(address).storage.empty();
  }
  node::Bytes code(const node::Hash& code_hash) override { return codes_.at(code_hash); }

  /// Of a state that is not used any more: new code is not kept.
  void apply(const node::StateChanges& changes) {
    for (const auto& [address, change] : changes) {
      if (!change) {
        rows_.erase(address);
        continue;
      }
      Row& row = rows_[address];
      row.account = change->account;
      if (change->storage_cleared) row.storage.clear();
      for (const auto& [slot, value] : change->storage) {
        if (value == 0) {
          row.storage.erase(slot);
        } else {
          row.storage[slot] = value;
        }
      }
    }
  }

  [[nodiscard]] const std::map<node::Address, Row>& rows() const { return rows_; }

 private:
  std::map<node::Address, Row> rows_;
  std::map<node::Hash, node::Bytes> codes_;
};

}  // namespace pixelzx::tests
