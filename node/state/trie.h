// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <unordered_map>
#include <vector>

#include "node/base/bytes.h"
#include "node/crypto/hash.h"

namespace pixelzx::node {

/// Where a trie's nodes are kept.
class NodeStore {
 public:
  virtual ~NodeStore() = default;
  /// The node with this hash; nothing when it is not there. What comes is taken to be what the hash
  /// says.
  virtual std::optional<Bytes> get(const Hash& hash) = 0;
};

/// One in memory.
class MemoryNodeStore : public NodeStore {
 public:
  std::optional<Bytes> get(const Hash& hash) override;
  void put(const Hash& hash, ByteView node);
  void erase(const Hash& hash) { nodes_.erase(hash); }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

 private:
  std::unordered_map<Hash, Bytes, ArrayHash> nodes_;
};

/// A store that lacks a node of a trie, or has something else under its hash: the database is
/// damaged, or is not all there. The trie is then as it was before the call.
class TrieFault : public std::runtime_error {
 public:
  enum class Kind : std::uint8_t { kMissing, kMalformed };
  TrieFault(Kind kind, const Hash& node);
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const Hash& node() const { return node_; }

 private:
  Kind kind_;
  Hash node_;
};

/// The root of a trie without any value: keccak256 of the empty string's RLP.
inline constexpr Hash kEmptyRoot = {
    0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45, 0xe6, 0x92, 0xc0, 0xf8, 0x6e,
    0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c, 0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21};

struct TrieNode;
/// Takes a node and its hash.
using NodeSink = std::function<void(const Hash& hash, ByteView node)>;

/// Merkle Patricia trie, Yellow Paper appendix D: values under keys, and one hash for all of them.
/// Nodes come from the store when a key leads to them, and then stay in memory. Whatever takes a
/// key may throw TrieFault. Not for two threads at a time, not even get(). Calls nest as deeply as
/// keys have hexadecimal digits: keys are to be short, as hashes are.
class Trie {
 public:
  /// Nothing in it and no store.
  Trie();
  /// The trie with this root. `store` must outlive it, and is asked for nothing yet.
  Trie(NodeStore* store, const Hash& root);
  Trie(Trie&& other) noexcept;
  Trie& operator=(Trie&& other) noexcept;
  ~Trie();

  std::optional<Bytes> get(ByteView key);

  /// An empty value is none: erase(key).
  void put(ByteView key, ByteView value);

  void erase(ByteView key);

  /// Hashes what has changed since the last time.
  Hash root();

  /// Hands out the nodes that the store lacks, children before parents, and returns the root.
  /// `sink` puts them there: they are not handed out again.
  Hash commit(const NodeSink& sink);

  /// The nodes from the root to where `key` has its value, or to where it shows that it has none,
  /// for eth_getProof (EIP-1186). One of less than 32 bytes is within its parent, and not listed.
  std::vector<Bytes> prove(ByteView key);

 private:
  struct Walk;
  Walk walk(ByteView key);
  void load(TrieNode& node);

  NodeStore* store_ = nullptr;
  std::unique_ptr<TrieNode> root_;
};

/// A trie as accounts and storage have it: the hashes of keys are its keys, so that nobody can
/// choose how deep it gets.
class SecureTrie {
 public:
  SecureTrie() = default;
  SecureTrie(NodeStore* store, const Hash& root) : trie_(store, root) {}

  std::optional<Bytes> get(ByteView key) { return trie_.get(keccak256(key)); }
  void put(ByteView key, ByteView value) { trie_.put(keccak256(key), value); }
  void erase(ByteView key) { trie_.erase(keccak256(key)); }
  std::vector<Bytes> prove(ByteView key) { return trie_.prove(keccak256(key)); }
  Hash root() { return trie_.root(); }
  Hash commit(const NodeSink& sink) { return trie_.commit(sink); }

 private:
  Trie trie_;
};

/// The root of the trie of a list, of a block's transactions or receipts: the keys are rlp(0),
/// rlp(1) and so on. No value may be empty.
Hash ordered_root(std::span<const Bytes> values);

}  // namespace pixelzx::node
