// SPDX-License-Identifier: Apache-2.0
#include "node/chain/pool.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <thread>

#include "node/chain/producer.h"
#include "tests/unit/node_samples.h"
#include "tests/unit/support.h"

namespace pixelzx::node {
namespace {

using test::kGwei;
using test::sender_with;
using test::signed_with;
using test::transfer;

/// A pool on a chain of its own.
struct Sample {
  explicit Sample(const PoolLimits& limits = {}, std::uint64_t block_time = 0)
      : chain(test::open_chain(folder.path("chain"), test::sample_genesis(block_time))),
        pool(*chain, limits) {}

  std::variant<Hash, PoolRefusal> add(const Transaction& transaction, std::uint8_t byte = 0x11) {
    return pool.add(encode_transaction(signed_with(byte, transaction).transaction));
  }
  /// What is said about one that is refused; empty: it is not.
  std::string text_of(const Transaction& transaction, std::uint8_t byte = 0x11) {
    const auto result = add(transaction, byte);
    const auto* refusal = std::get_if<PoolRefusal>(&result);
    return refusal == nullptr ? std::string() : std::string(text(*refusal));
  }
  /// Pending and queued ones.
  [[nodiscard]] std::pair<std::size_t, std::size_t> status() const {
    return {pool.status().pending, pool.status().queued};
  }
  /// Senders and nonces.
  std::vector<std::pair<Address, std::uint64_t>> best(const U256& base_fee = kGwei,
                                                      std::uint64_t gas_limit = 30'000'000) const {
    std::vector<std::pair<Address, std::uint64_t>> best;
    for (const auto& each : pool.best(base_fee, gas_limit)) {
      best.emplace_back(each->sender, each->transaction.nonce);
    }
    return best;
  }
  /// A block with what is pending.
  [[nodiscard]] BlockPointer make_block() const {
    std::vector<SignedTransaction> all;
    for (const auto& each : pool.best(0, 30'000'000)) all.push_back(*each);
    return test::produce(*chain, all);
  }

  pixelzx::test::Folder folder;
  std::unique_ptr<Chain> chain;
  Pool pool;
};

using Status = std::pair<std::size_t, std::size_t>;

Transaction with_fees(std::uint64_t nonce, std::uint64_t max_fee, std::uint64_t max_priority_fee) {
  Transaction transaction = transfer(nonce);
  transaction.max_fee = max_fee;
  transaction.max_priority_fee = max_priority_fee;
  return transaction;
}

TEST_CASE("a transaction is in the pool until it is in a block", "[node]") {
  Sample sample;
  const SignedTransaction made = signed_with(0x11, transfer(0));
  std::vector<Hash> heard;
  sample.pool.on_pending([&](const SignedTransaction& each) { heard.push_back(each.hash); });
  CHECK(sample.pool.next_nonce(made.sender) == 0);
  const auto result = sample.add(transfer(0));
  REQUIRE(std::holds_alternative<Hash>(result));
  CHECK(std::get<Hash>(result) == made.hash);
  CHECK(heard == std::vector{made.hash});
  REQUIRE(sample.pool.find(made.hash));
  CHECK(sample.pool.find(made.hash)->transaction == made.transaction);
  CHECK(sample.pool.next_nonce(made.sender) == 1);
  CHECK(sample.status() == Status(1, 0));
  CHECK(sample.text_of(transfer(0)) == "already known");

  CHECK(sample.make_block()->block.transactions.size() == 1);
  CHECK(sample.status() == Status(0, 0));
  CHECK_FALSE(sample.pool.find(made.hash));
  CHECK(sample.pool.next_nonce(made.sender) == 1);
  CHECK(sample.text_of(transfer(0)) == "nonce too low");
}

TEST_CASE("what cannot be in any block is refused with geth's words", "[node]") {
  Sample sample;
  const auto text_with = [&](const std::function<void(Transaction&)>& change) {
    Transaction transaction = transfer(0);
    change(transaction);
    return sample.text_of(transaction);
  };
  CHECK(text_with([](auto& it) { it.gas_limit = 20999; }) == "intrinsic gas too low");
  CHECK(text_with([](auto& it) { it.chain_id = 1; }) == "invalid chain id for signer");
  CHECK(text_with([](auto& it) { it.max_priority_fee = it.max_fee + 1; }) ==
        "max priority fee per gas higher than max fee per gas");
  CHECK(text_with([](auto& it) { it.nonce = std::numeric_limits<std::uint64_t>::max(); }) ==
        "nonce has max value");
  CHECK(text_with([](auto& it) {
          it.to.reset();
          it.data.resize(49153);
          it.gas_limit = 1'000'000;
        }) == "max initcode size exceeded");
  CHECK(text_with([](auto& it) { it.gas_limit = 30'000'001; }) == "exceeds block gas limit");
  CHECK(text_with([](auto& it) { it.value = test::kFunds; }) ==
        "insufficient funds for gas * price + value");
  CHECK(text_with([](auto& it) { it.data.resize(128U << 10); }) == "oversized data");
  CHECK(text_with([](auto& it) { it.nonce = 1024; }) == "nonce too high");
  CHECK(text_with([](auto& it) { it.nonce = 1023; }).empty());
  CHECK(sample.text_of(transfer(0), 0x55) == "insufficient funds for gas * price + value");

  Transaction unsigned_one = transfer(0);
  unsigned_one.signature = {.r = 1, .s = kSecp256k1Order - 1, .y_parity = false};
  const auto result = sample.pool.add(encode_transaction(unsigned_one));
  CHECK(text(std::get<PoolRefusal>(result)) == "invalid sender");
  const auto garbage = sample.pool.add(test::hex("03c0"));
  CHECK(text(std::get<PoolRefusal>(garbage)) ==
        "blob transactions (type 3) are not supported on this chain");

  CHECK(text_with([](auto& it) { it.max_priority_fee = 0; }) == "transaction underpriced");
  CHECK(sample.text_of(with_fees(0, 6, 6)) == "transaction underpriced");
  CHECK(sample.text_of(with_fees(0, 7, 1)).empty());
  // Nobody comes in for nothing.
  Transaction nothing = with_fees(0, 0, 0);
  nothing.value = 0;
  CHECK(sample.text_of(nothing, 0x55) == "transaction underpriced");
  Transaction little = with_fees(0, 7, 1);
  little.value = 0;
  CHECK(sample.text_of(little, 0x55) == "insufficient funds for gas * price + value");

  Sample dear({.min_priority_fee = kGwei});
  CHECK(dear.text_of(with_fees(0, 10 * kGwei, kGwei - 1)) == "transaction underpriced");
  CHECK(dear.text_of(with_fees(0, 10 * kGwei, kGwei)).empty());
}

TEST_CASE("a gap in the nonces keeps transactions queued until it is filled", "[node]") {
  Sample sample;
  std::vector<std::uint64_t> heard;
  sample.pool.on_pending(
      [&](const SignedTransaction& each) { heard.push_back(each.transaction.nonce); });
  for (const std::uint64_t nonce : {2U, 1U, 4U}) CHECK(sample.text_of(transfer(nonce)).empty());
  CHECK(sample.status() == Status(0, 3));
  CHECK(sample.pool.queued().size() == 3);
  CHECK(sample.best().empty());
  CHECK(sample.pool.next_nonce(sender_with(0x11)) == 0);
  CHECK(sample.text_of(transfer(0)).empty());
  CHECK(heard == std::vector<std::uint64_t>{0, 1, 2});
  CHECK(sample.status() == Status(3, 1));
  CHECK(sample.pool.pending().size() == 3);
  CHECK(sample.pool.next_nonce(sender_with(0x11)) == 3);

  sample.pool.remove(signed_with(0x11, transfer(1)).hash);
  CHECK(sample.status() == Status(1, 2));
  sample.pool.remove(Hash{});
  CHECK(sample.make_block()->block.transactions.size() == 1);
  CHECK(sample.status() == Status(0, 2));
  // Not by way of the pool: nonces 1 to 3.
  test::produce(*sample.chain, {signed_with(0x11, with_fees(1, 5 * kGwei, 1)),
                                signed_with(0x11, transfer(2)), signed_with(0x11, transfer(3))});
  CHECK(sample.status() == Status(1, 0));
  CHECK(sample.best() == std::vector{std::pair(sender_with(0x11), std::uint64_t{4})});
}

TEST_CASE("another transaction of the same nonce must pay a tenth more, of both fees", "[node]") {
  Sample sample({.min_priority_fee = 0});
  CHECK(sample.text_of(with_fees(0, 10000, 100)).empty());
  CHECK(sample.text_of(with_fees(1, 10000, 100)).empty());
  const std::string refused = "replacement transaction underpriced";
  CHECK(sample.text_of(with_fees(0, 10999, 110)) == refused);
  CHECK(sample.text_of(with_fees(0, 11000, 109)) == refused);
  CHECK(sample.text_of(with_fees(0, 20000, 100)) == refused);
  CHECK(sample.text_of(with_fees(0, 11000, 110)).empty());
  CHECK(sample.status() == Status(2, 0));
  CHECK_FALSE(sample.pool.find(signed_with(0x11, with_fees(0, 10000, 100)).hash));
  // Nothing is no tenth of nothing.
  CHECK(sample.text_of(with_fees(2, 10000, 0)).empty());
  CHECK(sample.text_of(with_fees(2, 20000, 0)) == refused);
  CHECK(sample.text_of(with_fees(2, 20000, 1)).empty());
}

TEST_CASE("a sender's transactions together must be paid for", "[node]") {
  Sample sample;
  Transaction most = transfer(0);
  most.value = test::kFunds - 2 * most.max_fee * 21000;
  CHECK(sample.text_of(most).empty());
  Transaction second = transfer(1);
  second.value = 1;
  CHECK(sample.text_of(second) == "insufficient funds for gas * price + value");
  second.value = 0;
  CHECK(sample.text_of(second).empty());
  // In its place, something that leaves room.
  Transaction less = with_fees(0, 20 * kGwei, 2 * kGwei);
  CHECK(sample.text_of(less).empty());
  CHECK(sample.text_of(transfer(2)).empty());
  CHECK(sample.status() == Status(3, 0));
}

TEST_CASE("a sender has as many as the nonces that it may have", "[node]") {
  Sample sample({.per_sender = 3});
  for (const std::uint64_t nonce : {0U, 1U, 2U}) CHECK(sample.text_of(transfer(nonce)).empty());
  CHECK(sample.text_of(transfer(3)) == "nonce too high");
  CHECK(sample.make_block());
  for (const std::uint64_t nonce : {5U, 4U, 3U}) CHECK(sample.text_of(transfer(nonce)).empty());
  CHECK(sample.text_of(transfer(6)) == "nonce too high");
  CHECK(sample.status() == Status(3, 0));
}

TEST_CASE("a full pool drives out what pays least, queued ones first", "[node]") {
  Sample sample({.transactions = 3});
  const auto priced = [](std::uint64_t nonce, std::uint64_t fee) {
    return with_fees(nonce, fee * kGwei, 1);
  };
  CHECK(sample.text_of(priced(0, 5), 0x11).empty());
  CHECK(sample.text_of(priced(0, 3), 0x12).empty());
  CHECK(sample.text_of(priced(7, 9), 0x13).empty());  // queued
  CHECK(sample.text_of(priced(0, 3), 0x14) == "txpool is full");
  CHECK(sample.text_of(priced(7, 10), 0x14).empty());  // in its place
  CHECK(sample.status() == Status(2, 1));
  CHECK(sample.text_of(priced(0, 11), 0x15).empty());
  CHECK(sample.status() == Status(3, 0));
  CHECK(sample.text_of(priced(7, 12), 0x16) == "txpool is full");  // would be queued
  CHECK(sample.text_of(priced(0, 3), 0x16) == "txpool is full");
  CHECK(sample.text_of(priced(0, 4), 0x16).empty());
  CHECK_FALSE(sample.pool.find(signed_with(0x12, priced(0, 3)).hash));
  // A replacement needs no room.
  CHECK(sample.text_of(with_fees(0, 6 * kGwei, 2), 0x11).empty());
  // A sender does not drive itself out.
  CHECK(sample.text_of(priced(1, 12), 0x16).empty());
  CHECK(sample.pool.find(signed_with(0x16, priced(0, 4)).hash));
  CHECK(sample.status() == Status(3, 0));
}

TEST_CASE("a pool has room for so many bytes", "[node]") {
  const auto sized = [](std::uint64_t nonce, std::uint64_t fee, std::size_t size) {
    Transaction transaction = with_fees(nonce, fee * kGwei, 1);
    transaction.data.assign(size, 0);
    transaction.gas_limit = 100'000;
    return transaction;
  };
  Sample sample({.bytes = 3000});
  CHECK(sample.text_of(sized(0, 3, 1000), 0x11).empty());
  CHECK(sample.text_of(sized(0, 4, 1000), 0x12).empty());
  CHECK(sample.text_of(sized(0, 4, 2500), 0x13) == "txpool is full");
  CHECK(sample.status() == Status(2, 0));  // nobody went for nothing
  CHECK(sample.text_of(sized(0, 5, 2500), 0x13).empty());
  CHECK(sample.status() == Status(1, 0));
}

TEST_CASE("a block gets what pays most first, in the order of nonces", "[node]") {
  Sample sample;
  const auto tip = [](std::uint64_t nonce, std::uint64_t fee) {
    return with_fees(nonce, 20 * kGwei, fee);
  };
  CHECK(sample.text_of(tip(0, 1), 0x11).empty());
  CHECK(sample.text_of(tip(1, 9), 0x11).empty());
  CHECK(sample.text_of(tip(0, 5), 0x12).empty());
  CHECK(sample.text_of(tip(0, 5), 0x13).empty());
  CHECK(sample.text_of(tip(1, 1), 0x13).empty());
  const Address a = sender_with(0x11);
  const Address b = sender_with(0x12);
  const Address c = sender_with(0x13);
  using Order = std::vector<std::pair<Address, std::uint64_t>>;
  CHECK(sample.best() == Order{{b, 0}, {c, 0}, {a, 0}, {a, 1}, {c, 1}});
  // What does not pay the base fee waits, and with it what comes after.
  CHECK(sample.text_of(with_fees(0, 2 * kGwei, 2 * kGwei), 0x14).empty());
  CHECK(sample.text_of(tip(1, 9), 0x14).empty());
  CHECK(sample.best(2 * kGwei + 1).size() == 5);
  CHECK(sample.best(2 * kGwei).size() == 7);
  // So does what needs more gas than a block has.
  CHECK(sample.best(kGwei, 20999).empty());
}

// ---- the producer ----

/// Waits for blocks; a guard against hanging is all that its time limit is.
class Heard {
 public:
  explicit Heard(Chain& chain) {
    chain.on_block([this](const BlockPointer& block) {
      const std::lock_guard lock(mutex_);
      blocks_.push_back(block);
      changed_.notify_all();
    });
  }
  std::vector<BlockPointer> wait(
      const std::function<bool(const std::vector<BlockPointer>&)>& done) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::minutes(2), [&] { return done(blocks_); }));
    return blocks_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<BlockPointer> blocks_;
};

std::size_t transactions_in(const std::vector<BlockPointer>& blocks) {
  std::size_t count = 0;
  for (const BlockPointer& block : blocks) count += block->block.transactions.size();
  return count;
}

TEST_CASE("with a block time of 0 there are blocks where there are transactions", "[node]") {
  Sample sample;
  Heard heard(*sample.chain);
  CHECK(sample.text_of(transfer(0)).empty());
  std::string failure;
  Producer producer(*sample.chain, sample.pool, test::key_of(test::kValidator),
                    [&](std::string_view why) { failure = why; });
  heard.wait([](const auto& blocks) { return transactions_in(blocks) == 1; });
  std::vector<std::thread> senders;
  for (std::uint8_t byte = 0x12; byte < 0x15; ++byte) {
    senders.emplace_back([&sample, byte] {
      for (std::uint64_t nonce = 0; nonce < 50; ++nonce) sample.add(transfer(nonce), byte);
    });
  }
  for (std::thread& sender : senders) sender.join();
  const auto blocks = heard.wait([](const auto& all) { return transactions_in(all) == 151; });
  producer.stop();
  for (const BlockPointer& block : blocks) CHECK_FALSE(block->block.transactions.empty());
  CHECK(sample.status() == Status(0, 0));
  // None is made after stop().
  CHECK(sample.text_of(transfer(1)).empty());
  CHECK(sample.chain->head() == blocks.back());
  CHECK(failure.empty());
}

TEST_CASE("with a block time there are blocks without transactions", "[node]") {
  Sample sample({}, 1);
  Heard heard(*sample.chain);
  CHECK(sample.text_of(transfer(0)).empty());
  Producer producer(*sample.chain, sample.pool, test::key_of(test::kValidator),
                    [](std::string_view) {});
  const auto blocks = heard.wait([](const auto& all) { return all.size() >= 3; });
  producer.stop();
  producer.stop();
  CHECK(blocks[0]->block.transactions.size() == 1);
  CHECK(blocks[1]->block.transactions.empty());
  for (std::size_t i = 1; i < blocks.size(); ++i) {
    CHECK(blocks[i]->block.header.timestamp > blocks[i - 1]->block.header.timestamp);
  }
}

TEST_CASE("a clock that was set back does not hold up blocks", "[node]") {
  // As seen from a chain whose last block is an hour ahead.
  Sample sample({}, 1);
  const auto now = std::chrono::system_clock::now() + std::chrono::hours(1);
  const auto ahead = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  test::produce(*sample.chain, {}, ahead);
  Heard heard(*sample.chain);
  Producer producer(*sample.chain, sample.pool, test::key_of(test::kValidator),
                    [](std::string_view) {});
  const auto blocks = heard.wait([](const auto& all) { return all.size() >= 2; });
  CHECK(blocks[0]->block.header.timestamp == ahead + 1);
  CHECK(blocks[1]->block.header.timestamp == ahead + 2);
}

TEST_CASE("a producer that cannot make blocks says so", "[node]") {
  Sample sample({}, 1);
  std::mutex mutex;
  std::condition_variable changed;
  std::string failure;
  Producer producer(*sample.chain, sample.pool, test::key_of(2), [&](std::string_view why) {
    const std::lock_guard lock(mutex);
    failure = why;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  REQUIRE(changed.wait_for(lock, std::chrono::minutes(2), [&] { return !failure.empty(); }));
  CHECK(failure == "the key is not a validator's");
}

}  // namespace
}  // namespace pixelzx::node
