// SPDX-License-Identifier: Apache-2.0
#include "node/chain/block.h"

#include <algorithm>
#include <utility>

#include "node/crypto/hash.h"
#include "node/state/rlp.h"

namespace pixelzx::node {
namespace {

Bytes as_list(const Bytes& items) {
  Bytes encoded;
  encoded.reserve(items.size() + 9);
  rlp::append_list(encoded, items);
  return encoded;
}

Header read_header(rlp::Reader& reader) {
  Header header;
  reader.enter();
  header.parent_hash = reader.array<32>();
  header.ommers_hash = reader.array<32>();
  header.beneficiary = reader.array<20>();
  header.state_root = reader.array<32>();
  header.transactions_root = reader.array<32>();
  header.receipts_root = reader.array<32>();
  header.logs_bloom = reader.array<256>();
  header.difficulty = reader.u256();
  header.number = reader.u64();
  header.gas_limit = reader.u64();
  header.gas_used = reader.u64();
  header.timestamp = reader.u64();
  const ByteView extra_data = reader.string();
  header.extra_data.assign(extra_data.begin(), extra_data.end());
  header.prev_randao = reader.array<32>();
  header.nonce = reader.array<8>();
  header.base_fee = reader.u256();
  header.withdrawals_root = reader.array<32>();
  header.blob_gas_used = reader.u64();
  header.excess_blob_gas = reader.u64();
  header.parent_beacon_block_root = reader.array<32>();
  reader.leave();
  return header;
}

/// Where the bits of `item` are: bytes from the end, and the bit of each.
template <typename Use>
void for_each_bit(ByteView item, Use use) {
  const Hash hash = keccak256(item);
  for (std::size_t i = 0; i < 6; i += 2) {
    const unsigned bit = (unsigned{hash.at(i)} << 8U | hash.at(i + 1)) % 2048U;
    use(255U - bit / 8U, static_cast<std::uint8_t>(1U << bit % 8U));
  }
}

void add_to_bloom(Bloom& bloom, ByteView item) {
  for_each_bit(item, [&bloom](std::size_t byte, std::uint8_t mask) { bloom.at(byte) |= mask; });
}

}  // namespace

Bytes encode_header(const Header& header) {
  Bytes items;
  items.reserve(768);
  rlp::append_string(items, header.parent_hash);
  rlp::append_string(items, header.ommers_hash);
  rlp::append_string(items, header.beneficiary);
  rlp::append_string(items, header.state_root);
  rlp::append_string(items, header.transactions_root);
  rlp::append_string(items, header.receipts_root);
  rlp::append_string(items, header.logs_bloom);
  rlp::append_number(items, header.difficulty);
  rlp::append_number(items, header.number);
  rlp::append_number(items, header.gas_limit);
  rlp::append_number(items, header.gas_used);
  rlp::append_number(items, header.timestamp);
  rlp::append_string(items, header.extra_data);
  rlp::append_string(items, header.prev_randao);
  rlp::append_string(items, header.nonce);
  rlp::append_number(items, header.base_fee);
  rlp::append_string(items, header.withdrawals_root);
  rlp::append_number(items, header.blob_gas_used);
  rlp::append_number(items, header.excess_blob_gas);
  rlp::append_string(items, header.parent_beacon_block_root);
  return as_list(items);
}

std::optional<Header> decode_header(ByteView encoded) {
  rlp::Reader reader(encoded);
  Header header = read_header(reader);
  if (reader.finish() != rlp::Error::kNone) return std::nullopt;
  return header;
}

Bytes encode_transactions(const std::vector<Transaction>& transactions) {
  Bytes items;
  for (const Transaction& transaction : transactions) {
    const Bytes encoded = encode_transaction(transaction);
    if (transaction.type == TransactionType::kLegacy) {
      append(items, encoded);
    } else {
      rlp::append_string(items, encoded);
    }
  }
  return as_list(items);
}

std::optional<std::vector<Transaction>> decode_transactions(ByteView encoded) {
  std::vector<Transaction> transactions;
  rlp::Reader reader(encoded);
  reader.enter();
  while (reader.more()) {
    const bool legacy = reader.at_list();
    auto decoded = decode_transaction(legacy ? reader.raw() : reader.string());
    auto* transaction = std::get_if<Transaction>(&decoded);
    if (transaction == nullptr) return std::nullopt;
    if (legacy != (transaction->type == TransactionType::kLegacy)) return std::nullopt;
    transactions.push_back(std::move(*transaction));
  }
  reader.leave();
  if (reader.finish() != rlp::Error::kNone) return std::nullopt;
  return transactions;
}

Bytes encode_block(const Block& block) {
  Bytes items = encode_header(block.header);
  append(items, encode_transactions(block.transactions));
  rlp::append_list(items, {});  // ommers
  rlp::append_list(items, {});  // withdrawals
  return as_list(items);
}

std::optional<Block> decode_block(ByteView encoded) {
  Block block;
  rlp::Reader reader(encoded);
  reader.enter();
  block.header = read_header(reader);
  auto transactions = decode_transactions(reader.raw());
  for (int i = 0; i < 2; ++i) {  // ommers and withdrawals
    reader.enter();
    reader.leave();
  }
  reader.leave();
  if (reader.finish() != rlp::Error::kNone || !transactions) return std::nullopt;
  block.transactions = std::move(*transactions);
  return block;
}

Bytes encode_logs(const std::vector<Log>& logs) {
  Bytes items;
  for (const Log& log : logs) {
    Bytes topics;
    for (const Hash& topic : log.topics) rlp::append_string(topics, topic);
    Bytes fields;
    rlp::append_string(fields, log.address);
    rlp::append_list(fields, topics);
    rlp::append_string(fields, log.data);
    rlp::append_list(items, fields);
  }
  return as_list(items);
}

Bytes encode_receipt(const Receipt& receipt) {
  Bytes items;
  rlp::append_number(items, std::uint64_t{receipt.success ? 1U : 0U});
  rlp::append_number(items, receipt.cumulative_gas_used);
  rlp::append_string(items, receipt.logs_bloom);
  append(items, encode_logs(receipt.logs));
  Bytes encoded;
  if (receipt.type != TransactionType::kLegacy) {
    encoded.push_back(static_cast<std::uint8_t>(receipt.type));
  }
  rlp::append_list(encoded, items);
  return encoded;
}

Hash block_hash(const Header& header) {
  return keccak256(encode_header(header));
}

std::optional<Hash> seal_hash(const Header& header) {
  if (header.extra_data.size() != kVanity + kSeal) return std::nullopt;
  Header unsealed = header;
  unsealed.extra_data.resize(kVanity);
  return block_hash(unsealed);
}

bool seal(Header& header, const SecretKey& key) {
  header.extra_data.assign(kVanity + kSeal, 0);
  const std::optional<Signature> signature = sign(*seal_hash(header), key);
  if (!signature) return false;
  header.extra_data.resize(kVanity);
  append(header.extra_data, to_hash(signature->r));
  append(header.extra_data, to_hash(signature->s));
  header.extra_data.push_back(signature->y_parity ? 1 : 0);
  return true;
}

std::optional<Address> sealer_of(const Header& header) {
  const std::optional<Hash> digest = seal_hash(header);
  if (!digest || header.extra_data.back() > 1) return std::nullopt;
  const ByteView bytes = ByteView(header.extra_data).subspan(kVanity);
  const Signature signature{.r = u256_from(bytes.first(32)),
                            .s = u256_from(bytes.subspan(32, 32)),
                            .y_parity = bytes.back() == 1};
  if (signature.s > kSecp256k1Order / 2) return std::nullopt;
  return recover_address(*digest, signature);
}

void add_to_bloom(Bloom& bloom, const Log& log) {
  add_to_bloom(bloom, ByteView(log.address));
  for (const Hash& topic : log.topics) add_to_bloom(bloom, ByteView(topic));
}

bool may_contain(const Bloom& bloom, ByteView address_or_topic) {
  bool all = true;
  for_each_bit(address_or_topic, [&](std::size_t byte, std::uint8_t mask) {
    all = all && (bloom.at(byte) & mask) != 0;
  });
  return all;
}

}  // namespace pixelzx::node
