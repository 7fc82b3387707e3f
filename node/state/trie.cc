// SPDX-License-Identifier: Apache-2.0
#include "node/state/trie.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "node/state/rlp.h"

namespace pixelzx::node {

namespace {

using NodePointer = std::unique_ptr<TrieNode>;

/// What a parent has of its child: the child's encoding when that is shorter than 32 bytes, else
/// the RLP of its hash. Nothing when it is not known.
struct Reference {
  std::array<std::uint8_t, 33> bytes{};
  std::uint8_t size = 0;

  [[nodiscard]] bool known() const { return size != 0; }
  [[nodiscard]] bool is_hash() const { return size == bytes.size(); }
  [[nodiscard]] ByteView view() const { return ByteView(bytes).first(size); }
  [[nodiscard]] Hash hash() const {
    Hash hash{};
    std::ranges::copy(ByteView(bytes).last<32>(), hash.begin());
    return hash;
  }
};

Reference reference_to(const Hash& hash) {
  Reference reference{.bytes = {0x80 + 32}, .size = 33};
  std::ranges::copy(hash, reference.bytes.begin() + 1);
  return reference;
}

Reference reference_to(ByteView encoded) {
  if (encoded.size() >= 32) return reference_to(keccak256(encoded));
  Reference reference{.bytes = {}, .size = static_cast<std::uint8_t>(encoded.size())};
  std::ranges::copy(encoded, reference.bytes.begin());
  return reference;
}

}  // namespace

/// A leaf, or a branch together with the extension that leads to it: no extension leads to anything
/// else, so it need not be a node of its own before it is encoded.
struct TrieNode {
  Bytes path;   // from where the parent ends, a nibble a byte
  Bytes value;  // empty: a branch without one
  std::unique_ptr<std::array<NodePointer, 16>> children;  // null: a leaf
  /// Still in the store: the branch after `path`, or with an empty path, a node of any kind. There
  /// is neither value nor children then.
  std::optional<Hash> unloaded;
  Reference reference;  // to the whole
  bool stored = false;  // it and all below; its reference is known then

  void changed() {
    reference.size = 0;
    stored = false;
  }
};

namespace {

using Children = std::array<NodePointer, 16>;

NodePointer make_leaf(ByteView path, ByteView value) {
  auto leaf = std::make_unique<TrieNode>();
  leaf->path.assign(path.begin(), path.end());
  leaf->value.assign(value.begin(), value.end());
  return leaf;
}

NodePointer make_unloaded(const Hash& hash) {
  auto node = std::make_unique<TrieNode>();
  node->unloaded = hash;
  node->reference = reference_to(hash);
  node->stored = true;
  return node;
}

// ---- encoding ----

Bytes to_nibbles(ByteView key) {
  Bytes nibbles;
  nibbles.reserve(key.size() * 2);
  for (const std::uint8_t byte : key) {
    nibbles.push_back(byte >> 4U);
    nibbles.push_back(byte & 15U);
  }
  return nibbles;
}

/// Hex-prefix encoding, Yellow Paper appendix C: the first nibble tells a leaf's path from an
/// extension's, and whether a nibble or padding follows.
Bytes pack_path(ByteView nibbles, bool is_leaf) {
  const bool odd = nibbles.size() % 2 != 0;
  unsigned first = (is_leaf ? 0x20U : 0U) | (odd ? 0x10U | nibbles.front() : 0U);
  Bytes packed;
  packed.reserve(nibbles.size() / 2 + 1);
  packed.push_back(static_cast<std::uint8_t>(first));
  for (std::size_t i = odd ? 1 : 0; i < nibbles.size(); i += 2) {
    packed.push_back(static_cast<std::uint8_t>(nibbles[i] << 4U | nibbles[i + 1]));
  }
  return packed;
}

Bytes encode_leaf(const TrieNode& leaf) {
  Bytes items;
  rlp::append_string(items, pack_path(leaf.path, true));
  rlp::append_string(items, leaf.value);
  Bytes encoded;
  rlp::append_list(encoded, items);
  return encoded;
}

Bytes encode_extension(ByteView path, const Reference& branch) {
  Bytes items;
  rlp::append_string(items, pack_path(path, false));
  append(items, branch.view());
  Bytes encoded;
  rlp::append_list(encoded, items);
  return encoded;
}

/// Encodes what has changed, and hands it to a sink, if there is one.
class Encoder {
 public:
  explicit Encoder(const NodeSink* sink) : sink_(sink) {}

  const Reference& refer(TrieNode& node) {
    if (sink_ != nullptr ? node.stored : node.reference.known()) return node.reference;
    if (!node.unloaded && !node.children) {
      node.reference = hand_out(encode_leaf(node), node.reference);
    } else {
      const bool extended = !node.path.empty();
      Reference branch;
      if (node.unloaded) {
        branch = reference_to(*node.unloaded);
      } else {
        branch = hand_out(encode_branch(node), extended ? Reference() : node.reference);
      }
      node.reference =
          extended ? hand_out(encode_extension(node.path, branch), node.reference) : branch;
    }
    if (sink_ != nullptr) node.stored = true;
    return node.reference;
  }

  Bytes encode_branch(TrieNode& branch) {
    Bytes items;
    items.reserve(16 * 33 + 1 + branch.value.size());
    for (const NodePointer& child : *branch.children) {
      if (child) {
        append(items, refer(*child).view());
      } else {
        rlp::append_string(items, {});
      }
    }
    rlp::append_string(items, branch.value);
    Bytes encoded;
    encoded.reserve(items.size() + 5);
    rlp::append_list(encoded, items);
    return encoded;
  }

 private:
  Reference hand_out(const Bytes& encoded, const Reference& known) {
    Reference reference = known.known() ? known : reference_to(encoded);
    if (sink_ != nullptr && reference.is_hash()) (*sink_)(reference.hash(), encoded);
    return reference;
  }

  const NodeSink* sink_;
};

// ---- decoding ----

struct Path {
  Bytes nibbles;
  bool is_leaf = false;
};

std::optional<Path> unpack_path(ByteView packed) {
  if (packed.empty() || packed.front() >= 0x40) return std::nullopt;
  Path path{.nibbles = to_nibbles(packed), .is_leaf = (packed.front() & 0x20U) != 0};
  const bool odd = (packed.front() & 0x10U) != 0;
  if (!odd && path.nibbles[1] != 0) return std::nullopt;
  path.nibbles.erase(path.nibbles.begin(), path.nibbles.begin() + (odd ? 1 : 2));
  return path;
}

NodePointer decode_node(ByteView encoded);

/// `reference`: an item that is not the empty string. Null when it is malformed.
NodePointer decode_reference(ByteView reference) {
  rlp::Reader reader(reference);
  if (!reader.at_list()) {
    const Hash hash = reader.array<32>();
    if (reader.finish() != rlp::Error::kNone) return nullptr;
    return make_unloaded(hash);
  }
  if (reference.size() >= 32) return nullptr;
  NodePointer node = decode_node(reference);
  if (node) {
    node->reference = reference_to(reference);
    node->stored = true;
  }
  return node;
}

NodePointer decode_branch(std::span<const ByteView, 17> items) {
  auto branch = std::make_unique<TrieNode>();
  branch->children = std::make_unique<Children>();
  std::size_t count = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (items[i].size() == 1 && items[i].front() == 0x80) continue;
    branch->children->at(i) = decode_reference(items[i]);
    if (!branch->children->at(i)) return nullptr;
    ++count;
  }
  rlp::Reader reader(items[16]);
  const ByteView value = reader.string();
  if (reader.finish() != rlp::Error::kNone) return nullptr;
  branch->value.assign(value.begin(), value.end());
  if (!value.empty()) ++count;
  return count >= 2 ? std::move(branch) : nullptr;
}

NodePointer decode_leaf_or_extension(ByteView packed_path, ByteView item) {
  rlp::Reader path_reader(packed_path);
  std::optional<Path> path = unpack_path(path_reader.string());
  if (!path) return nullptr;
  if (path->is_leaf) {
    rlp::Reader reader(item);
    const ByteView value = reader.string();
    return value.empty() ? nullptr : make_leaf(path->nibbles, value);
  }
  if (path->nibbles.empty()) return nullptr;
  NodePointer node = decode_reference(item);
  if (!node || !node->path.empty() || (!node->unloaded && !node->children)) return nullptr;
  node->path = std::move(path->nibbles);
  return node;
}

/// Null when it is malformed. Its own reference is for the caller to say. A node within a node is
/// shorter than 32 bytes, which limits the recursion.
NodePointer decode_node(ByteView encoded) {
  std::array<ByteView, 17> items;
  std::size_t count = 0;
  rlp::Reader reader(encoded);
  reader.enter();
  while (reader.more() && count < items.size()) items.at(count++) = reader.raw();
  reader.leave();
  if (reader.finish() != rlp::Error::kNone) return nullptr;
  if (count == 2) return decode_leaf_or_extension(items[0], items[1]);
  return count == 17 ? decode_branch(items) : nullptr;
}

}  // namespace

// ---- stores and faults ----

std::optional<Bytes> MemoryNodeStore::get(const Hash& hash) {
  const auto found = nodes_.find(hash);
  if (found == nodes_.end()) return std::nullopt;
  return found->second;
}

void MemoryNodeStore::put(const Hash& hash, ByteView node) {
  nodes_[hash].assign(node.begin(), node.end());
}

TrieFault::TrieFault(Kind kind, const Hash& node)
    : std::runtime_error((kind == Kind::kMissing ? "missing trie node " : "malformed trie node ") +
                         to_0x(node)),
      kind_(kind),
      node_(node) {}

// ---- the trie ----

/// How far the nodes of a trie follow a key.
struct Trie::Walk {
  Bytes nibbles;
  /// From the root on, each where its parent has it. The last one is a null pointer or a node whose
  /// path the key has not, or it is where the key ends, or a leaf before that.
  std::vector<NodePointer*> links;
  /// That the key has the path of the last node.
  bool matched = false;
  /// What of `nibbles` comes after the last node that matched.
  ByteView rest;

  [[nodiscard]] NodePointer& last() const { return *links.back(); }
  [[nodiscard]] bool found() const { return matched && rest.empty() && !last()->value.empty(); }
  void changed() const {
    for (NodePointer* link : links) (*link)->changed();
  }
};

Trie::Trie() = default;
Trie::Trie(NodeStore* store, const Hash& root)
    : store_(store), root_(root == kEmptyRoot ? nullptr : make_unloaded(root)) {}
Trie::Trie(Trie&& other) noexcept = default;
Trie& Trie::operator=(Trie&& other) noexcept = default;
Trie::~Trie() = default;

void Trie::load(TrieNode& node) {
  const Hash hash = *node.unloaded;
  const std::optional<Bytes> encoded = store_ == nullptr ? std::nullopt : store_->get(hash);
  if (!encoded) throw TrieFault(TrieFault::Kind::kMissing, hash);
  const NodePointer loaded = decode_node(*encoded);
  const bool fits = loaded && (node.path.empty() || (loaded->path.empty() && loaded->children));
  if (!fits) throw TrieFault(TrieFault::Kind::kMalformed, hash);
  if (node.path.empty()) node.path = std::move(loaded->path);
  node.value = std::move(loaded->value);
  node.children = std::move(loaded->children);
  node.unloaded = loaded->unloaded;
}

Trie::Walk Trie::walk(ByteView key) {
  Walk walk{.nibbles = to_nibbles(key), .links = {}, .matched = false, .rest = {}};
  walk.rest = walk.nibbles;
  walk.links.reserve(16);
  for (NodePointer* link = &root_;;) {
    walk.links.push_back(link);
    if (!*link) return walk;
    TrieNode& node = **link;
    if (node.unloaded && node.path.empty()) load(node);
    if (walk.rest.size() < node.path.size() ||
        !std::ranges::equal(walk.rest.first(node.path.size()), node.path)) {
      return walk;
    }
    if (node.unloaded) load(node);
    walk.rest = walk.rest.subspan(node.path.size());
    if (walk.rest.empty() || !node.children) {
      walk.matched = true;
      return walk;
    }
    link = &node.children->at(walk.rest.front());
    walk.rest = walk.rest.subspan(1);
  }
}

std::optional<Bytes> Trie::get(ByteView key) {
  const Walk walk = this->walk(key);
  if (!walk.found()) return std::nullopt;
  return walk.last()->value;
}

void Trie::put(ByteView key, ByteView value) {
  if (value.empty()) return erase(key);
  const Walk walk = this->walk(key);
  NodePointer& last = walk.last();
  if (!last) {
    last = make_leaf(walk.rest, value);
  } else if (!walk.matched) {
    // The last node gets a branch above it, where the key leaves its path.
    const auto same = static_cast<std::size_t>(std::ranges::mismatch(last->path, walk.rest).in1 -
                                               last->path.begin());
    auto branch = std::make_unique<TrieNode>();
    branch->children = std::make_unique<Children>();
    NodePointer& below = branch->children->at(last->path[same]);
    branch->path.assign(last->path.begin(), last->path.begin() + static_cast<std::ptrdiff_t>(same));
    last->path.erase(last->path.begin(),
                     last->path.begin() + static_cast<std::ptrdiff_t>(same + 1));
    last->changed();
    below = std::move(last);
    last = std::move(branch);
    if (same == walk.rest.size()) {
      last->value.assign(value.begin(), value.end());
    } else {
      last->children->at(walk.rest[same]) = make_leaf(walk.rest.subspan(same + 1), value);
    }
  } else if (walk.rest.empty()) {
    if (std::ranges::equal(last->value, value)) return;
    last->value.assign(value.begin(), value.end());
  } else {
    last->children = std::make_unique<Children>();
    last->children->at(walk.rest.front()) = make_leaf(walk.rest.subspan(1), value);
  }
  walk.changed();
}

void Trie::erase(ByteView key) {
  Walk walk = this->walk(key);
  if (!walk.found()) return;
  NodePointer* leaf = nullptr;
  if (!walk.last()->children) {
    leaf = walk.links.back();
    walk.links.pop_back();
    if (walk.links.empty()) {
      root_.reset();
      return;
    }
  }
  // It loses the leaf, else its value. With one child left and no value, that child takes its
  // place.
  NodePointer& branch = walk.last();
  Children& children = *branch->children;
  const bool keeps_value = leaf != nullptr && !branch->value.empty();
  std::size_t left = 0;
  std::size_t index = 0;
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (!children.at(i) || &children.at(i) == leaf) continue;
    ++left;
    index = i;
  }
  const bool joined = left == 1 && !keeps_value;
  TrieNode* heir = children.at(index).get();
  // This may throw: before anything is changed.
  if (joined && heir->unloaded && heir->path.empty()) load(*heir);

  walk.changed();
  if (leaf != nullptr) {
    leaf->reset();
  } else {
    branch->value.clear();
  }
  if (left == 0) branch->children.reset();
  if (joined) {
    Bytes path = std::move(branch->path);
    path.push_back(static_cast<std::uint8_t>(index));
    append(path, heir->path);
    heir->path = std::move(path);
    heir->changed();
    NodePointer child = std::move(children.at(index));
    branch = std::move(child);
  }
}

Hash Trie::root() {
  if (!root_) return kEmptyRoot;
  const Reference& reference = Encoder(nullptr).refer(*root_);
  return reference.is_hash() ? reference.hash() : keccak256(reference.view());
}

Hash Trie::commit(const NodeSink& sink) {
  if (!root_) return kEmptyRoot;
  const bool stored = root_->stored;
  const Reference& reference = Encoder(&sink).refer(*root_);
  if (reference.is_hash()) return reference.hash();
  // Having no parent, it is stored however short it is.
  const Hash hash = keccak256(reference.view());
  if (!stored) sink(hash, reference.view());
  return hash;
}

std::vector<Bytes> Trie::prove(ByteView key) {
  const Walk walk = this->walk(key);
  std::vector<Bytes> nodes;
  const auto add = [&nodes](Bytes encoded) {
    if (nodes.empty() || encoded.size() >= 32) nodes.push_back(std::move(encoded));
  };
  Encoder encoder(nullptr);
  for (NodePointer* link : walk.links) {
    if (!*link) break;
    TrieNode& node = **link;
    if (!node.unloaded && !node.children) {
      add(encode_leaf(node));
      break;
    }
    const Bytes branch = node.unloaded ? Bytes() : encoder.encode_branch(node);
    if (!node.path.empty()) {
      add(encode_extension(node.path,
                           node.unloaded ? reference_to(*node.unloaded) : reference_to(branch)));
    }
    if (link == walk.links.back() && !walk.matched) break;
    add(branch);
  }
  return nodes;
}

Hash ordered_root(std::span<const Bytes> values) {
  Trie trie;
  Bytes key;
  for (std::size_t i = 0; i < values.size(); ++i) {
    key.clear();
    rlp::append_number(key, std::uint64_t{i});
    trie.put(key, values[i]);
  }
  return trie.root();
}

}  // namespace pixelzx::node
