// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "node/chain/block.h"
#include "node/chain/chain.h"
#include "node/state/rlp.h"
#include "tests/unit/node_samples.h"

namespace pixelzx::node {
namespace {

using test::hash_of;
using test::hex;
using test::key_of;

/// The genesis block of the test network Hoodi, which began with Cancun.
Header hoodi() {
  Header header;
  header.state_root = hash_of("0xda87d7f5f91c51508791bbcbd4aa5baf04917830b86985eeb9ad3d5bfb657576");
  header.difficulty = 1;
  header.gas_limit = 0x2255100;
  header.timestamp = 1742212800;
  header.nonce = {0, 0, 0, 0, 0, 0, 0x12, 0x34};
  header.base_fee = 1'000'000'000;
  return header;
}

/// No two fields alike.
Header sample() {
  Header header = hoodi();
  header.parent_hash.fill(0x01);
  header.beneficiary.fill(0x02);
  header.logs_bloom.fill(0x03);
  header.number = 0x0405;
  header.gas_used = 0x0607;
  header.prev_randao.fill(0x08);
  header.blob_gas_used = 0x09;
  header.excess_blob_gas = 0x0a0b;
  header.parent_beacon_block_root.fill(0x0c);
  header.extra_data.assign(97, 0x0d);
  return header;
}

/// The transaction of the ninth block of go-ethereum's own tests of eth_getBlockByHash.
Transaction geth_transfer() {
  Transaction transaction;
  transaction.nonce = 8;
  transaction.max_fee = transaction.max_priority_fee = 0x121a9cca;
  transaction.gas_limit = 21000;
  transaction.to = array_from_hex<Address>("0x0d3ab14bbad3d99f4203bd7a11acb94882050e7e");
  transaction.value = 1000;
  transaction.signature = {
      .r = U256("0xc6028b8e983d62fa8542f8a7633fb23cc941be2c897134352d95a7d9b19feafd"),
      .s = U256("0x0eb6adcaaae3bed489c6cce4435f9db05d23a52820c78bd350e31eec65ed809d"),
      .y_parity = false};
  return transaction;
}

Block sample_block() {
  Block block{.header = sample(), .transactions = {geth_transfer()}};
  for (const auto type : {TransactionType::kAccessList, TransactionType::kDynamicFee}) {
    Transaction transaction = test::transfer(3);
    transaction.type = type;
    if (type == TransactionType::kAccessList) {
      transaction.max_priority_fee = transaction.max_fee;
      transaction.access_list = {{.address = Address{7}, .storage_keys = {Hash{8}}}};
    }
    block.transactions.push_back(test::signed_by(key_of(2), transaction));
  }
  return block;
}

TEST_CASE("a header's hash is that of a real network's", "[node]") {
  CHECK(to_0x(block_hash(hoodi())) ==
        "0xbbe312868b376a3001692a646dd2d7d1e4406380dfd86b98aa8a34d1557c971b");
}

TEST_CASE("headers and blocks come back from their encodings, and only from those", "[node]") {
  const Bytes header = encode_header(sample());
  CHECK(decode_header(header) == sample());
  const Bytes block = encode_block(sample_block());
  CHECK(decode_block(block) == sample_block());
  for (std::size_t size = 0; size < block.size(); ++size) {
    CHECK_FALSE(decode_block(ByteView(block).first(size)));
    if (size < header.size()) CHECK_FALSE(decode_header(ByteView(header).first(size)));
  }
  Bytes longer = block;
  longer.push_back(0);
  CHECK_FALSE(decode_block(longer));
  // Whatever a changed byte decodes to encodes to itself.
  for (std::size_t i = 0; i < block.size(); ++i) {
    Bytes changed = block;
    changed[i] ^= 0x41;
    const auto decoded = decode_block(changed);
    if (decoded) CHECK(encode_block(*decoded) == changed);
  }
}

TEST_CASE("a block with ommers or withdrawals, or a typed transaction as a list, is none",
          "[node]") {
  const Block block = sample_block();
  const auto encoded = [&](const Bytes& transactions, const Bytes& ommers,
                           const Bytes& withdrawals) {
    Bytes items = encode_header(block.header);
    append(items, transactions);
    append(items, ommers);
    append(items, withdrawals);
    Bytes list;
    rlp::append_list(list, items);
    return list;
  };
  const Bytes good = encode_transactions(block.transactions);
  const Bytes none = {0xc0};
  const Bytes one = {0xc1, 0xc0};
  REQUIRE(decode_block(encoded(good, none, none)) == block);
  CHECK_FALSE(decode_block(encoded(good, one, none)));
  CHECK_FALSE(decode_block(encoded(good, none, one)));
  CHECK_FALSE(decode_block(encoded({0x80}, none, none)));
  Bytes legacy_as_string;
  rlp::append_string(legacy_as_string, encode_transaction(block.transactions[0]));
  Bytes list;
  rlp::append_list(list, legacy_as_string);
  CHECK_FALSE(decode_block(encoded(list, none, none)));
}

TEST_CASE("transactions and receipts have go-ethereum's roots", "[node]") {
  REQUIRE(to_0x(transaction_hash(geth_transfer())) ==
          "0xecd155a61a5734b3efab75924e3ae34026c7c4133d8c2a46122bd03d7d199725");
  const std::vector<Bytes> transactions = {encode_transaction(geth_transfer())};
  CHECK(to_0x(ordered_root(transactions)) ==
        "0x0767ed8359337dc6a8fdc77fe52db611bed1be87aac73c4556b1bf1dd3d190a5");
  Receipt receipt;
  receipt.success = true;
  receipt.cumulative_gas_used = 21000;
  const std::vector<Bytes> receipts = {encode_receipt(receipt)};
  CHECK(to_0x(ordered_root(receipts)) ==
        "0x056b23fbba480696b65fe5a59b8f2148a1299103c4f57df839233af2cf4ca2d2");
  receipt.type = TransactionType::kDynamicFee;
  CHECK(encode_receipt(receipt).front() == 2);
}

TEST_CASE("a log's bloom is go-ethereum's but for zeros, and tells what cannot be in it",
          "[node]") {
  const Log log{
      .address = Address{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x03, 0x1e, 0xc7},
      .topics = {hash_of("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"),
                 hash_of("0x000000000000000000000000703c4b2bd70c169f5717101caee543299fc946c7"),
                 to_hash(3)},
      .data = to_short_bytes(0x0d)};
  Bloom bloom{};
  add_to_bloom(bloom, log);
  std::string digits = to_hex(bloom);
  std::erase(digits, '0');
  CHECK(digits == "828828184282");
  CHECK(may_contain(bloom, log.address));
  for (const Hash& topic : log.topics) CHECK(may_contain(bloom, topic));
  CHECK_FALSE(may_contain(bloom, log.data));
}

TEST_CASE("base fees are go-ethereum's", "[node]") {
  Header parent;
  parent.gas_limit = 0x47e7c4;
  parent.gas_used = 21000;
  parent.base_fee = 0x121a9cca;
  CHECK(next_base_fee(parent) == 0xfdc7303);
  parent.gas_limit = 20'000'000;
  parent.base_fee = 1'000'000'000;
  parent.gas_used = 10'000'000;
  CHECK(next_base_fee(parent) == 1'000'000'000);
  parent.gas_used = 9'000'000;
  CHECK(next_base_fee(parent) == 987'500'000);
  parent.gas_used = 11'000'000;
  CHECK(next_base_fee(parent) == 1'012'500'000);
  parent.base_fee = 7;  // one more at least, and nothing less
  CHECK(next_base_fee(parent) == 8);
  parent.gas_used = 0;
  CHECK(next_base_fee(parent) == 7);
  parent.base_fee = std::numeric_limits<U256>::max();
  parent.gas_used = parent.gas_limit;
  CHECK(next_base_fee(parent) == parent.base_fee);
}

TEST_CASE("a seal is of the key that has made it, and of nothing else in the header", "[node]") {
  Header header = sample();
  header.extra_data.clear();
  CHECK_FALSE(seal_hash(header));
  CHECK_FALSE(sealer_of(header));
  REQUIRE(seal(header, key_of(5)));
  CHECK(sealer_of(header) == test::sender_with(5));
  CHECK_FALSE(seal(header, SecretKey{}));
  REQUIRE(seal(header, key_of(5)));

  Header changed = header;
  changed.gas_used ^= 1U;
  CHECK(sealer_of(changed) != test::sender_with(5));
  changed = header;
  changed.extra_data.front() = 1;
  CHECK(sealer_of(changed) != test::sender_with(5));
  changed = header;
  changed.extra_data.back() = 2;
  CHECK_FALSE(sealer_of(changed));
  changed = header;
  changed.extra_data.push_back(0);
  CHECK_FALSE(sealer_of(changed));

  SECTION("the same signature with a large s is another header's hash, and is refused") {
    const auto s = changed.extra_data.begin() + 64;
    const U256 small = u256_from(ByteView(header.extra_data).subspan(64, 32));
    std::ranges::copy(to_hash(kSecp256k1Order - small), s);
    changed.extra_data.resize(97);
    changed.extra_data.back() = header.extra_data.back() ^ 1U;
    CHECK_FALSE(sealer_of(changed));
  }
}

}  // namespace
}  // namespace pixelzx::node
