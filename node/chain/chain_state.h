// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "node/state/state.h"
#include "node/state/trie.h"

namespace pixelzx::node {

/// A proof of eth_getProof (EIP-1186).
struct StorageProof {
  U256 slot;
  U256 value;
  std::vector<Bytes> nodes;
};
struct AccountProof {
  std::optional<Account> account;
  Hash storage_root = kEmptyRoot;
  std::vector<Bytes> nodes;
  std::vector<StorageProof> storage;
};

/// The state after a block: a trie of accounts, and one of each account's storage (Yellow Paper,
/// section 4.1). Code is in the store as nodes are, under its hash. For one thread at a time.
/// Whatever reads may throw TrieFault.
class ChainState : public StateReader {
 public:
  /// `store` must outlive it.
  ChainState(NodeStore& store, const Hash& root) : store_(store), accounts_(&store, root) {}

  std::optional<Account> account(const Address& address) override;
  U256 storage(const Address& address, const U256& slot) override;
  bool has_storage(const Address& address) override;
  Bytes code(const Hash& code_hash) override;

  AccountProof prove(const Address& address, std::span<const U256> slots);

  /// Makes the changes, hands out the nodes and the code that the store lacks, and returns the new
  /// root. What the sink gets has to be in the store before anything else is asked for.
  Hash apply(const StateChanges& changes, const NodeSink& sink);

 private:
  struct Row {
    Account account;
    Hash storage_root = kEmptyRoot;
  };
  std::optional<Row> row(const Address& address);
  SecureTrie& storage_of(const Address& address);

  NodeStore& store_;
  SecureTrie accounts_;
  std::map<Address, SecureTrie> storages_;
};

}  // namespace pixelzx::node
