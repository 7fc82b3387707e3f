// SPDX-License-Identifier: Apache-2.0
#include "node/chain/chain_state.h"

#include "node/state/rlp.h"

namespace pixelzx::node {
namespace {

Bytes encode_account(const Account& account, const Hash& storage_root) {
  Bytes items;
  rlp::append_number(items, account.nonce);
  rlp::append_number(items, account.balance);
  rlp::append_string(items, storage_root);
  rlp::append_string(items, account.code_hash);
  Bytes encoded;
  rlp::append_list(encoded, items);
  return encoded;
}

/// `key`: what the trie has it under, hashed.
void check(rlp::Reader& reader, ByteView key) {
  if (reader.finish() == rlp::Error::kNone) return;
  throw TrieFault(TrieFault::Kind::kMalformed, keccak256(key));
}

U256 read_word(SecureTrie& storage, const U256& slot) {
  const Hash key = to_hash(slot);
  const std::optional<Bytes> encoded = storage.get(key);
  if (!encoded) return 0;
  rlp::Reader reader(*encoded);
  U256 word = reader.u256();
  check(reader, key);
  return word;
}

void write_word(SecureTrie& storage, const U256& slot, const U256& word) {
  Bytes encoded;
  if (word != 0) rlp::append_number(encoded, word);
  storage.put(to_hash(slot), encoded);
}

}  // namespace

std::optional<ChainState::Row> ChainState::row(const Address& address) {
  const std::optional<Bytes> encoded = accounts_.get(address);
  if (!encoded) return std::nullopt;
  Row row;
  rlp::Reader reader(*encoded);
  reader.enter();
  row.account.nonce = reader.u64();
  row.account.balance = reader.u256();
  row.storage_root = reader.array<32>();
  row.account.code_hash = reader.array<32>();
  reader.leave();
  check(reader, address);
  return row;
}

SecureTrie& ChainState::storage_of(const Address& address) {
  const auto found = storages_.find(address);
  if (found != storages_.end()) return found->second;
  const Hash root = row(address).value_or(Row()).storage_root;
  return storages_.try_emplace(address, &store_, root).first->second;
}

std::optional<Account> ChainState::account(const Address& address) {
  const std::optional<Row> row = this->row(address);
  if (!row) return std::nullopt;
  return row->account;
}

U256 ChainState::storage(const Address& address, const U256& slot) {
  return read_word(storage_of(address), slot);
}

bool ChainState::has_storage(const Address& address) {
  return row(address).value_or(Row()).storage_root != kEmptyRoot;
}

Bytes ChainState::code(const Hash& code_hash) {
  std::optional<Bytes> code = store_.get(code_hash);
  if (!code) throw TrieFault(TrieFault::Kind::kMissing, code_hash);
  return std::move(*code);
}

AccountProof ChainState::prove(const Address& address, std::span<const U256> slots) {
  AccountProof proof;
  if (const std::optional<Row> row = this->row(address)) {
    proof.account = row->account;
    proof.storage_root = row->storage_root;
  }
  proof.nodes = accounts_.prove(address);
  SecureTrie& storage = storage_of(address);
  for (const U256& slot : slots) {
    proof.storage.push_back(
        {.slot = slot, .value = read_word(storage, slot), .nodes = storage.prove(to_hash(slot))});
  }
  return proof;
}

Hash ChainState::apply(const StateChanges& changes, const NodeSink& sink) {
  for (const auto& [address, change] : changes) {
    if (!change) {
      accounts_.erase(address);
      storages_.erase(address);
      continue;
    }
    Row row = this->row(address).value_or(Row());
    if (change->storage_cleared) {
      row.storage_root = kEmptyRoot;
      storages_.insert_or_assign(address, SecureTrie(&store_, kEmptyRoot));
    }
    if (!change->storage.empty()) {
      SecureTrie& storage = storage_of(address);
      for (const auto& [slot, word] : change->storage) write_word(storage, slot, word);
      row.storage_root = storage.commit(sink);
    }
    const Hash& code_hash = change->account.code_hash;
    if (code_hash != row.account.code_hash && code_hash != kEmptyCodeHash) {
      sink(code_hash, change->code->bytes());
    }
    accounts_.put(address, encode_account(change->account, row.storage_root));
  }
  return accounts_.commit(sink);
}

}  // namespace pixelzx::node
