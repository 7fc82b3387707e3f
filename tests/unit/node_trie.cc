// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "node/state/rlp.h"
#include "node/state/trie.h"

namespace pixelzx::node {
namespace {

Bytes bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

/// The plainest way to a root: the definition of the Yellow Paper's appendix D over the whole
/// content, keys in nibbles.
using Content = std::map<Bytes, Bytes>;

Bytes hex_prefix(ByteView nibbles, bool leaf) {
  Bytes flagged{static_cast<std::uint8_t>((leaf ? 2 : 0) + nibbles.size() % 2)};
  if (nibbles.size() % 2 == 0) flagged.push_back(0);
  append(flagged, nibbles);
  Bytes packed;
  for (std::size_t i = 0; i < flagged.size(); i += 2) {
    packed.push_back(static_cast<std::uint8_t>(flagged[i] * 16 + flagged[i + 1]));
  }
  return packed;
}

Bytes composed(const Content& content, std::size_t at);

void append_child(Bytes& items, const Content& content, std::size_t at) {
  if (content.empty()) return rlp::append_string(items, {});
  const Bytes node = composed(content, at);
  if (node.size() < 32) {
    append(items, node);
  } else {
    rlp::append_string(items, keccak256(node));
  }
}

Bytes composed(const Content& content, std::size_t at) {
  Bytes items;
  const Bytes& first = content.begin()->first;
  const Bytes& last = content.rbegin()->first;
  const std::size_t end =
      static_cast<std::size_t>(std::ranges::mismatch(first, last).in1 - first.begin());
  if (content.size() == 1) {
    rlp::append_string(items, hex_prefix(ByteView(first).subspan(at), true));
    rlp::append_string(items, content.begin()->second);
  } else if (end > at) {
    rlp::append_string(items, hex_prefix(ByteView(first).subspan(at, end - at), false));
    append_child(items, content, end);
  } else {
    for (int nibble = 0; nibble < 16; ++nibble) {
      Content below;
      for (const auto& [key, value] : content) {
        if (key.size() > at && key[at] == nibble) below.emplace(key, value);
      }
      append_child(items, below, at + 1);
    }
    rlp::append_string(items, first.size() == at ? ByteView(content.begin()->second) : ByteView());
  }
  Bytes node;
  rlp::append_list(node, items);
  return node;
}

Hash composed_root(const std::map<Bytes, Bytes>& values) {
  Content content;
  for (const auto& [key, value] : values) {
    Bytes nibbles;
    for (const std::uint8_t byte : key) {
      nibbles.push_back(byte / 16);
      nibbles.push_back(byte % 16);
    }
    content.emplace(nibbles, value);
  }
  return content.empty() ? kEmptyRoot : keccak256(composed(content, 0));
}

NodeSink into(MemoryNodeStore& store) {
  return [&store](const Hash& hash, ByteView node) {
    CHECK(keccak256(node) == hash);
    CHECK_FALSE(store.get(hash));
    store.put(hash, node);
  };
}

TEST_CASE("nothing in a trie", "[node][trie]") {
  Trie trie;
  CHECK(trie.root() == kEmptyRoot);
  CHECK(kEmptyRoot == keccak256(Bytes{0x80}));
  CHECK_FALSE(trie.get(bytes("key")));
  trie.erase(bytes("key"));
  trie.put(bytes("key"), {});
  CHECK(trie.root() == kEmptyRoot);
  CHECK(trie.prove(bytes("key")).empty());
  MemoryNodeStore store;
  CHECK(trie.commit(into(store)) == kEmptyRoot);
  CHECK(store.size() == 0);
  CHECK(Trie(&store, kEmptyRoot).root() == kEmptyRoot);
}

TEST_CASE("values are found, replaced and erased", "[node][trie]") {
  Trie trie;
  trie.put(bytes("doe"), bytes("reindeer"));
  trie.put(bytes("dog"), bytes("puppy"));
  trie.put(bytes("dogglesworth"), bytes("cat"));
  // Of TrieTests/trieanyorder.json.
  CHECK(to_hex(trie.root()) == "8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3");
  CHECK(trie.get(bytes("dog")) == bytes("puppy"));
  CHECK_FALSE(trie.get(bytes("do")));
  CHECK_FALSE(trie.get(bytes("dogg")));
  CHECK_FALSE(trie.get(bytes("dogglesworthy")));
  CHECK_FALSE(trie.get({}));
  const Hash before = trie.root();
  trie.put(bytes("dog"), bytes("old"));
  CHECK(trie.get(bytes("dog")) == bytes("old"));
  CHECK(trie.root() != before);
  trie.put(bytes("dog"), bytes("puppy"));
  trie.put({}, bytes("of the empty key"));
  CHECK(trie.get({}) == bytes("of the empty key"));
  CHECK(trie.root() != before);
  trie.put({}, {});
  trie.erase(bytes("do"));
  CHECK(trie.root() == before);
}

TEST_CASE("a trie is what is in it, however that came", "[node][trie]") {
  std::mt19937 random(2);  // NOLINT: the same ones each time
  // Few and short keys, one often the beginning of another; and values short enough to be in
  // parents.
  const auto any_key = [&random] {
    Bytes key(random() % 4);
    for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>(random() % 3 * 0x0f + 0x10);
    return key;
  };
  for (int round = 0; round < 60; ++round) {
    MemoryNodeStore store;
    Trie trie(&store, kEmptyRoot);
    std::map<Bytes, Bytes> content;
    for (int step = 0; step < 60; ++step) {
      const Bytes key = any_key();
      if (random() % 5 < 3) {
        const Bytes value(1 + random() % 3 * 20, static_cast<std::uint8_t>(random()));
        trie.put(key, value);
        content[key] = value;
      } else {
        trie.erase(key);
        content.erase(key);
      }
      if (random() % 4 == 0) CHECK(trie.root() == composed_root(content));
      if (random() % 8 == 0) {
        const Hash root =
            trie.commit([&store](const Hash& hash, ByteView node) { store.put(hash, node); });
        CHECK(root == composed_root(content));
        bool handed_out = false;
        trie.commit([&handed_out](const Hash&, ByteView) { handed_out = true; });
        CHECK_FALSE(handed_out);
        if (random() % 2 == 0) trie = Trie(&store, root);
      }
    }
    CHECK(trie.root() == composed_root(content));
    for (const auto& [key, value] : content) CHECK(trie.get(key) == value);
    while (!content.empty()) {
      trie.erase(content.begin()->first);
      content.erase(content.begin());
      CHECK(trie.root() == composed_root(content));
    }
  }
}

TEST_CASE("nodes are loaded as far as a key goes", "[node][trie]") {
  MemoryNodeStore store;
  SecureTrie trie(&store, kEmptyRoot);
  for (int i = 0; i < 500; ++i) trie.put(bytes(std::to_string(i)), bytes("value"));
  const Hash root = trie.commit(into(store));

  struct Counting : NodeStore {
    explicit Counting(MemoryNodeStore* kept) : inner(kept) {}
    std::optional<Bytes> get(const Hash& hash) override {
      ++asked;
      return inner->get(hash);
    }
    MemoryNodeStore* inner;
    int asked = 0;
  } counting(&store);
  SecureTrie again(&counting, root);
  CHECK(again.root() == root);
  CHECK(counting.asked == 0);
  CHECK(again.get(bytes("7")) == bytes("value"));
  CHECK(counting.asked >= 2);
  CHECK(counting.asked <= 6);
  const int asked = counting.asked;
  CHECK(again.get(bytes("7")) == bytes("value"));
  CHECK(counting.asked == asked);

  // One change, and only what is above it is new. The node that was there stays in the store.
  again.put(bytes("7"), bytes("another"));
  int handed_out = 0;
  again.commit([&](const Hash& hash, ByteView node) {
    ++handed_out;
    store.put(hash, node);
  });
  CHECK(handed_out == asked);
  again.put(bytes("7"), bytes("value"));
  CHECK(again.root() == root);
  CHECK(SecureTrie(&store, root).get(bytes("7")) == bytes("value"));
}

TEST_CASE("a proof is the nodes a verifier needs, and no other", "[node][trie]") {
  MemoryNodeStore store;
  Trie trie(&store, kEmptyRoot);
  std::vector<Bytes> keys;
  std::mt19937 random(3);  // NOLINT: the same ones each time
  for (int i = 0; i < 300; ++i) {
    Bytes key(1 + random() % 4);
    for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>(random() % 4 * 0x11);
    trie.put(key, Bytes(1 + random() % 40, static_cast<std::uint8_t>(i + 1)));
    keys.push_back(key);
    key.push_back(static_cast<std::uint8_t>(random()));
    keys.push_back(key);  // most of these are not there
  }
  keys.emplace_back(40, 0x11);
  const Hash root = trie.root();
  for (const Bytes& key : keys) {
    const std::vector<Bytes> proof = trie.prove(key);
    REQUIRE_FALSE(proof.empty());
    CHECK(keccak256(proof.front()) == root);
    MemoryNodeStore proven;
    for (const Bytes& node : proof) proven.put(keccak256(node), node);
    CHECK(Trie(&proven, root).get(key) == trie.get(key));
    for (const Bytes& node : proof) {
      const Hash hash = keccak256(node);
      proven.erase(hash);
      CHECK_THROWS_AS(Trie(&proven, root).get(key), TrieFault);
      proven.put(hash, node);
    }
  }
}

TEST_CASE("a store that lacks a node changes nothing", "[node][trie]") {
  MemoryNodeStore store;
  std::map<Hash, Bytes> nodes;
  Trie full(&store, kEmptyRoot);
  std::map<Bytes, Bytes> content;
  for (int i = 0; i < 40; ++i) {
    const Hash key = keccak256(bytes(std::to_string(i)));
    content[{key.begin(), key.begin() + 3}] = Bytes(40, static_cast<std::uint8_t>(i + 1));
  }
  for (const auto& [key, value] : content) full.put(key, value);
  const Hash root = full.commit([&](const Hash& hash, ByteView node) {
    store.put(hash, node);
    nodes[hash] = {node.begin(), node.end()};
  });
  for (const auto& [hash, node] : nodes) {
    store.erase(hash);
    for (const auto& [key, value] : content) {
      Trie trie(&store, root);
      try {
        trie.erase(key);
        std::map<Bytes, Bytes> left = content;
        left.erase(key);
        CHECK(trie.root() == composed_root(left));
      } catch (const TrieFault& fault) {
        CHECK(fault.kind() == TrieFault::Kind::kMissing);
        CHECK(fault.node() == hash);
        CHECK(fault.what() == "missing trie node " + to_0x(hash));
        CHECK(trie.root() == root);
        store.put(hash, node);
        CHECK(trie.get(key) == value);
        trie.erase(key);
        CHECK_FALSE(trie.get(key));
        store.erase(hash);
      }
    }
    store.put(hash, node);
  }
}

TEST_CASE("a node that is none is a fault", "[node][trie]") {
  const auto kind_of = [](std::string_view node) {
    const Bytes encoded = from_hex(node).value();
    MemoryNodeStore store;
    store.put(keccak256(encoded), encoded);
    try {
      Trie(&store, keccak256(encoded)).get({});
    } catch (const TrieFault& fault) {
      return fault.kind() == TrieFault::Kind::kMalformed ? "malformed" : "missing";
    }
    return "fine";
  };
  const std::string hash = "a0" + std::string(64, '1');
  const std::string empty_14 = "8080808080808080808080808080";
  CHECK(kind_of("c22001") == std::string("fine"));
  CHECK(kind_of("d4c220018080c22001" + std::string(24, '8')) == std::string("malformed"));
  CHECK(kind_of("d5c22001c22001" + empty_14 + "80") == std::string("fine"));
  CHECK(kind_of("d6c22001c22001" + empty_14 + "80") == std::string("malformed"));  // truncated
  CHECK(kind_of("d3c22001" + empty_14 + "8080") == std::string("malformed"));      // one child
  CHECK(kind_of("d38101c22001" + empty_14 + "80") == std::string("malformed"));    // not a node
  CHECK(kind_of("d5c22001c22001" + empty_14 + "c0") == std::string("malformed"));  // value a list
  CHECK(kind_of("e211" + hash) == std::string("fine"));                            // an extension
  CHECK(kind_of("e200" + hash) == std::string("malformed"));                       // without path
  CHECK(kind_of("e21f" + hash + "00") == std::string("malformed"));                // bytes after it
  CHECK(kind_of("c211c22001") == std::string("malformed"));
  CHECK(kind_of("c411c22001") == std::string("malformed"));  // to a leaf
  CHECK(kind_of("c22080") == std::string("malformed"));      // no value
  CHECK(kind_of("c22101") == std::string("malformed"));      // padding
  CHECK(kind_of("c24001") == std::string("malformed"));      // flags
  CHECK(kind_of("c28001") == std::string("malformed"));      // no flags
  CHECK(kind_of("c2c001") == std::string("malformed"));
  CHECK(kind_of("c120") == std::string("malformed"));
  CHECK(kind_of("c0") == std::string("malformed"));
  CHECK(kind_of("20") == std::string("malformed"));
  CHECK(kind_of("") == std::string("malformed"));
  // Where a branch must be: another extension.
  const Bytes inner = from_hex("e211" + hash).value();
  const Bytes outer = from_hex("e211a0" + to_hex(keccak256(inner))).value();
  MemoryNodeStore store;
  store.put(keccak256(inner), inner);
  store.put(keccak256(outer), outer);
  CHECK_THROWS_AS(Trie(&store, keccak256(outer)).get(Bytes{0x11}), TrieFault);
}

TEST_CASE("the root of a list", "[node][trie]") {
  CHECK(ordered_root({}) == kEmptyRoot);
  for (const std::size_t size : {1U, 2U, 16U, 127U, 128U, 129U, 200U, 300U}) {
    std::vector<Bytes> values;
    std::map<Bytes, Bytes> content;
    for (std::size_t i = 0; i < size; ++i) {
      values.emplace_back(1 + i % 70, static_cast<std::uint8_t>(i));
      Bytes key;
      rlp::append_number(key, std::uint64_t{i});
      content[key] = values.back();
    }
    CHECK(ordered_root(values) == composed_root(content));
  }
}

}  // namespace
}  // namespace pixelzx::node
