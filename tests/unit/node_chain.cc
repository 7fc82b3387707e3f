// SPDX-License-Identifier: Apache-2.0
#include "node/chain/chain.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "node/chain/database.h"
#include "node/chain/export.h"
#include "node/state/rlp.h"
#include "tests/unit/node_samples.h"
#include "tests/unit/support.h"

namespace pixelzx::node {
namespace {

using pixelzx::test::Folder;
using test::hex;
using test::key_of;
using test::open_chain;
using test::produce;
using test::sample_genesis;
using test::sender_with;
using test::signed_with;
using test::transfer;

U256 balance(const Chain& chain, const Address& address) {
  const auto account = chain.state(chain.head()->block.header)->account(address);
  return account ? account->balance : U256(0);
}

BlockError error_of(const std::variant<BlockPointer, BlockError>& result) {
  const auto* error = std::get_if<BlockError>(&result);
  REQUIRE(error != nullptr);
  return *error;
}

ChainFault fault_of(const std::filesystem::path& directory,
                    const std::optional<Genesis>& genesis = {}) {
  auto opened = Chain::open(directory, genesis);
  const auto* fault = std::get_if<ChainFault>(&opened);
  REQUIRE(fault != nullptr);
  return *fault;
}

/// Where the contract is that byte's sender creates first.
Address first_contract(std::uint8_t byte) {
  return contract_address(sender_with(byte), 0);
}

/// Creates a contract that stores its input's first word in slot 0, and logs the hash of the block
/// before under the topic 7.
SignedTransaction creation(std::uint8_t byte) {
  // PUSH0 CALLDATALOAD PUSH0 SSTORE; PUSH1 1 NUMBER SUB BLOCKHASH PUSH0 MSTORE;
  // PUSH1 7 PUSH1 32 PUSH0 LOG1; STOP
  const Bytes code = hex("5f355f5560014303405f52600760205fa100");
  // PUSH1 18 DUP1 PUSH1 9 PUSH0 CODECOPY PUSH0 RETURN: what follows.
  Bytes init = hex("60128060095f395ff3");
  append(init, code);
  Transaction transaction = transfer(0);
  transaction.to.reset();
  transaction.value = 0;
  transaction.gas_limit = 200'000;
  transaction.data = init;
  return signed_with(byte, transaction);
}

SignedTransaction call(std::uint8_t byte, std::uint64_t nonce, const U256& word) {
  Transaction transaction = transfer(nonce);
  transaction.to = first_contract(0x11);
  transaction.value = 0;
  transaction.gas_limit = 100'000;
  const Hash input = to_hash(word);
  transaction.data.assign(input.begin(), input.end());
  return signed_with(byte, transaction);
}

// ---- a process that makes blocks until it is killed ----

constexpr const char* kGrowingChain = "PIXELZX_TEST_GROWING_CHAIN";

/// Runs only in a process of its own: it is hidden, and named by Grower.
TEST_CASE("grow a chain", "[.][node-grower]") {
  const char* directory = std::getenv(kGrowingChain);  // NOLINT: no other thread yet
  REQUIRE(directory != nullptr);
  const auto chain = open_chain(directory);
  for (;;) {
    const std::uint64_t nonce = chain->head()->block.header.number;
    const std::uint64_t made =
        produce(*chain, {signed_with(0x11, transfer(nonce))})->block.header.number;
    if (write(STDOUT_FILENO, &made, sizeof(made)) != sizeof(made)) std::abort();
  }
}

class Grower {
 public:
  explicit Grower(const std::string& directory) {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
    child_ = fork();
    if (child_ == 0) {
      dup2(ends[1], STDOUT_FILENO);
      setenv(kGrowingChain, directory.c_str(), 1);  // NOLINT: no other thread here
      execl("/proc/self/exe", "unit_tests", "[node-grower]", nullptr);
      _exit(127);
    }
    close(ends[1]);
    numbers_ = ends[0];
  }
  ~Grower() {
    kill();
    close(numbers_);
  }
  Grower(const Grower&) = delete;
  Grower& operator=(const Grower&) = delete;

  /// The number of the next block that the process has made.
  std::uint64_t next() const {
    std::uint64_t number = 0;
    REQUIRE(read(numbers_, &number, sizeof(number)) == sizeof(number));
    return number;
  }
  /// Kills it, and returns the last number that it has told and nobody has read; 0: none.
  std::uint64_t kill() {
    if (child_ == 0) return 0;
    ::kill(child_, SIGKILL);
    waitpid(std::exchange(child_, 0), nullptr, 0);
    std::uint64_t number = 0;
    while (read(numbers_, &number, sizeof(number)) == sizeof(number)) {
    }
    return number;
  }

 private:
  pid_t child_ = 0;
  int numbers_ = -1;
};

TEST_CASE("a chain begins with its genesis, grows, and is the same when it is opened again",
          "[node]") {
  const Folder folder;
  Hash head{};
  const SignedTransaction first = signed_with(0x11, transfer(0));
  {
    const auto chain = open_chain(folder.path("chain"));
    const BlockPointer genesis = chain->head();
    CHECK(genesis->block.header.number == 0);
    CHECK(genesis->block.header.state_root != kEmptyRoot);
    CHECK(balance(*chain, sender_with(0x11)) == test::kFunds);
    const BlockPointer block = produce(*chain, {first, signed_with(0x12, transfer(0))});
    CHECK(block == chain->head());
    REQUIRE(block->block.transactions.size() == 2);
    CHECK(block->transaction_hashes[0] == first.hash);
    CHECK(block->senders == std::vector{sender_with(0x11), sender_with(0x12)});
    CHECK(block->block.header.gas_used == 42000);
    CHECK(block->receipts[1].cumulative_gas_used == 42000);
    CHECK(block->receipts[0].success);
    CHECK(block->size == encode_block(block->block).size());
    CHECK(block->hash == block_hash(block->block.header));
    CHECK(produce(*chain)->block.header.parent_hash == block->hash);
    head = chain->head()->hash;
  }
  const auto chain = open_chain(folder.path("chain"), std::nullopt);
  CHECK(chain->head()->hash == head);
  CHECK(to_json(chain->genesis()) == to_json(sample_genesis()));
  CHECK(balance(*chain, Address{0xaa}) == 2);
  const U256 fee = chain->block(1)->block.header.base_fee + test::kGwei;
  CHECK(balance(*chain, sender_with(0x11)) == test::kFunds - 1 - fee * 21000);
  CHECK(balance(*chain, sender_with(test::kValidator)) == U256(test::kGwei) * 42000);
  const auto place = chain->find_transaction(first.hash);
  REQUIRE(place);
  CHECK(place->index == 0);
  CHECK(place->block->block.header.number == 1);
  CHECK(place->block->block.transactions[0] == first.transaction);
  CHECK(chain->header(1) == place->block->block.header);
  CHECK(chain->block(place->block->hash) == place->block);
  CHECK_FALSE(chain->block(3));
  CHECK_FALSE(chain->header(3));
  CHECK_FALSE(chain->block(Hash{}));
  CHECK_FALSE(chain->find_transaction(Hash{}));
}

TEST_CASE("contracts, their storage, code and logs are there after another start", "[node]") {
  const Folder folder;
  const Address contract = first_contract(0x11);
  Hash genesis_hash{};
  {
    const auto chain = open_chain(folder.path("chain"));
    genesis_hash = chain->head()->hash;
    const BlockPointer block =
        produce(*chain, {creation(0x11), call(0x12, 0, 5), call(0x11, 1, 77)});
    REQUIRE(block->receipts.size() == 3);
    for (const Receipt& receipt : block->receipts) CHECK(receipt.success);
    produce(*chain, {call(0x12, 1, 78), call(0x12, 2, 79)});
  }
  const auto chain = open_chain(folder.path("chain"));
  const auto state = chain->state(chain->head()->block.header);
  const auto account = state->account(contract);
  REQUIRE(account);
  CHECK(keccak256(state->code(account->code_hash)) == account->code_hash);
  CHECK(state->storage(contract, 0) == 79);
  CHECK(state->has_storage(contract));
  CHECK(chain->state(*chain->header(1))->storage(contract, 0) == 77);
  CHECK_FALSE(chain->state(*chain->header(0))->account(contract));

  const BlockPointer block = chain->block(1);
  REQUIRE(block->receipts.size() == 3);
  CHECK(block->receipts[0].logs.empty());
  REQUIRE(block->receipts[1].logs.size() == 1);
  const Log& log = block->receipts[1].logs[0];
  CHECK(log.address == contract);
  CHECK(log.topics == std::vector{to_hash(7)});
  CHECK(to_0x(log.data) == to_0x(genesis_hash));
  CHECK(may_contain(block->block.header.logs_bloom, contract));
  CHECK(block->receipts[1].logs_bloom == block->block.header.logs_bloom);
  CHECK(ordered_root(
            std::vector{encode_receipt(block->receipts[0]), encode_receipt(block->receipts[1]),
                        encode_receipt(block->receipts[2])}) == block->block.header.receipts_root);
}

TEST_CASE("a proof leads from the state's root to accounts and slots", "[node]") {
  const Folder folder;
  const auto chain = open_chain(folder.path("chain"));
  produce(*chain, {creation(0x11), call(0x12, 0, 5)});
  const Header header = chain->head()->block.header;
  const auto state = chain->state(header);
  const AccountProof proof = state->prove(first_contract(0x11), std::vector<U256>{0, 1});
  REQUIRE(proof.account);
  CHECK(proof.account->nonce == 1);
  REQUIRE_FALSE(proof.nodes.empty());
  CHECK(keccak256(proof.nodes.front()) == header.state_root);
  REQUIRE(proof.storage.size() == 2);
  CHECK(proof.storage[0].value == 5);
  CHECK(proof.storage[1].value == 0);
  CHECK(keccak256(proof.storage[0].nodes.front()) == proof.storage_root);
  const AccountProof absent = state->prove(Address{0xbb}, std::vector<U256>{0});
  CHECK_FALSE(absent.account);
  CHECK(absent.storage_root == kEmptyRoot);
  CHECK(absent.storage[0].nodes.empty());
  CHECK(keccak256(absent.nodes.front()) == header.state_root);
}

TEST_CASE("a call needs neither signature nor nonce nor, without fees, a base fee", "[node]") {
  const Folder folder;
  const auto chain = open_chain(folder.path("chain"));
  produce(*chain, {creation(0x11)});
  const Header header = chain->head()->block.header;
  const BlockContext context = chain->context(header);
  const auto reader = chain->state(header);
  const auto run = [&](const Transaction& transaction, const Address& sender) {
    State state(*reader);
    return execute_call(state, context, transaction, sender);
  };
  Transaction transaction = transfer(77);
  transaction.chain_id = 5;
  transaction.max_fee = transaction.max_priority_fee = 0;
  transaction.gas_limit = 50'000'000;
  // From a contract; BASEFEE PUSH0 MSTORE PUSH1 32 PUSH0 RETURN.
  transaction.to.reset();
  transaction.value = 0;
  transaction.data = hex("485f5260205ff3");
  auto executed = std::get<Executed>(run(transaction, first_contract(0x11)));
  CHECK(executed.outcome == Outcome::kSuccess);
  CHECK(executed.created == contract_address(first_contract(0x11), 1));
  CHECK(executed.output == Bytes(32));
  transaction.max_fee = context.base_fee;
  CHECK(std::get<Rejection>(run(transaction, first_contract(0x11))) == Rejection::kBalanceTooLow);
  executed = std::get<Executed>(run(transaction, sender_with(0x11)));
  CHECK(u256_from(executed.output) == context.base_fee);
  transaction.max_fee = context.base_fee - 1;
  CHECK(std::get<Rejection>(run(transaction, sender_with(0x11))) == Rejection::kFeeBelowBase);
  transaction.max_fee = 0;
  transaction.value = 1;
  CHECK(std::get<Rejection>(run(transaction, Address{0xbb})) == Rejection::kBalanceTooLow);
  transaction.gas_limit = 1;
  CHECK(std::get<TransactionError>(run(transaction, Address{0xbb})) ==
        TransactionError::kGasLimitTooLow);
}

TEST_CASE("contracts' addresses follow from their creators and nonces", "[node]") {
  const auto creator =
      array_from_hex<Address>("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0").value();
  CHECK(to_0x(contract_address(creator, 0)) == "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d");
  CHECK(to_0x(contract_address(creator, 1)) == "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8");
}

TEST_CASE("what does not belong into a block is left out, and said why", "[node]") {
  const Folder folder;
  const auto chain = open_chain(folder.path("chain"));
  Transaction poor = transfer(0);
  poor.value = test::kFunds;
  Transaction cheap = transfer(0);
  cheap.max_fee = cheap.max_priority_fee = 1;
  Transaction large = transfer(0);
  large.gas_limit = 29'990'000;
  large.data.assign(1'870'000, 1);
  const std::vector<SignedTransaction> offered = {
      signed_with(0x11, transfer(1)), signed_with(0x11, transfer(0)), signed_with(0x12, poor),
      signed_with(0x13, cheap),       signed_with(0x14, transfer(0)), signed_with(0x15, large),
      signed_with(0x15, transfer(0)), signed_with(0x16, transfer(0))};
  auto at = offered.begin();
  std::map<Hash, Rejection> refused;
  const BlockPointer block = chain->produce_block(
      key_of(test::kValidator), 0,
      [&]() -> const SignedTransaction* { return at == offered.end() ? nullptr : &*at++; },
      [&](const SignedTransaction& transaction, const auto& why) {
        refused[transaction.hash] = std::get<Rejection>(why);
      });
  CHECK(block->transaction_hashes == std::vector{offered[4].hash, offered[7].hash});
  CHECK(refused == std::map<Hash, Rejection>{{offered[0].hash, Rejection::kNonceTooHigh},
                                             {offered[2].hash, Rejection::kBalanceTooLow},
                                             {offered[3].hash, Rejection::kFeeBelowBase}});
  CHECK_THROWS_AS(chain->produce_block(key_of(2), 0, [] { return nullptr; }, {}),
                  std::invalid_argument);
}

TEST_CASE("timestamps and gas limits go the way that the genesis sets", "[node]") {
  const Folder folder;
  Genesis genesis = sample_genesis(3);
  genesis.header.gas_limit = 29'990'000;
  const std::uint64_t begin = genesis.header.timestamp;
  const auto chain = open_chain(folder.path("chain"), genesis);
  CHECK(produce(*chain, {}, 0)->block.header.timestamp == begin + 3);
  CHECK(produce(*chain, {}, begin + 100)->block.header.timestamp == begin + 100);
  CHECK(produce(*chain, {}, begin + 50)->block.header.timestamp == begin + 103);
  CHECK(chain->block(1)->block.header.gas_limit == kTargetGasLimit);
  genesis.header.gas_limit = 40'000'000;
  const auto other = open_chain(folder.path("other"), genesis);
  CHECK(produce(*other)->block.header.gas_limit == 40'000'000 - (40'000'000 / 1024 - 1));
}

TEST_CASE("another node that imports the blocks has the same chain", "[node]") {
  const Folder folder;
  const auto chain = open_chain(folder.path("chain"));
  const auto other = open_chain(folder.path("other"));
  produce(*chain, {creation(0x11), call(0x12, 0, 5), signed_with(0x13, transfer(0))});
  produce(*chain);
  std::vector<SignedTransaction> many;
  for (std::uint64_t nonce = 1; nonce <= 200; ++nonce) {
    many.push_back(signed_with(0x13, transfer(nonce)));
  }
  produce(*chain, many);
  std::vector<Hash> heard;
  other->on_block([&](const BlockPointer& block) { heard.push_back(block->hash); });
  for (std::uint64_t number = 0; number <= 3; ++number) {
    const BlockPointer block = chain->block(number);
    const auto result = other->import_block(block->block);
    const auto* imported = std::get_if<BlockPointer>(&result);
    REQUIRE(imported != nullptr);
    CHECK((*imported)->hash == block->hash);
    CHECK((*imported)->senders == block->senders);
    CHECK((*imported)->transaction_hashes == block->transaction_hashes);
  }
  CHECK(heard == std::vector{chain->block(1)->hash, chain->block(2)->hash, chain->block(3)->hash});
  // Once more: they are there.
  CHECK(std::holds_alternative<BlockPointer>(other->import_block(chain->block(2)->block)));
  CHECK(heard.size() == 3);
  CHECK(other->head()->hash == chain->head()->hash);
}

TEST_CASE("every kind of wrong block is refused for what is wrong with it", "[node]") {
  const Folder folder;
  const auto chain = open_chain(folder.path("chain"));
  const auto other = open_chain(folder.path("other"));
  produce(*chain, {creation(0x11)});
  REQUIRE(std::holds_alternative<BlockPointer>(other->import_block(chain->head()->block)));
  const Block good = produce(*chain, {call(0x11, 1, 5), signed_with(0x12, transfer(0))})->block;

  const auto error_with = [&](const std::function<void(Block&)>& change,
                              std::uint8_t sealer = test::kValidator) {
    Block block = good;
    change(block);
    if (sealer != 0) seal(block.header, key_of(sealer));
    return error_of(other->import_block(block));
  };
  using Change = std::function<void(Header&)>;
  const std::vector<std::pair<BlockError, Change>> changes = {
      {BlockError::kUnknownParent, [](Header& header) { header.parent_hash[0] ^= 1U; }},
      {BlockError::kNotNext, [](Header& header) { --header.number; }},
      {BlockError::kWrongNumber, [](Header& header) { ++header.number; }},
      {BlockError::kWrongTimestamp, [](Header& header) { --header.timestamp; }},
      {BlockError::kWrongGasLimit, [](Header& header) { header.gas_limit += 30'000'000 / 1024; }},
      {BlockError::kWrongGasLimit, [](Header& header) { header.gas_limit -= 30'000'000 / 1024; }},
      {BlockError::kWrongBaseFee, [](Header& header) { ++header.base_fee; }},
      {BlockError::kWrongConstant, [](Header& header) { header.ommers_hash[0] ^= 1U; }},
      {BlockError::kWrongConstant, [](Header& header) { header.difficulty = 1; }},
      {BlockError::kWrongConstant, [](Header& header) { header.nonce[7] = 1; }},
      {BlockError::kWrongConstant, [](Header& header) { header.prev_randao[0] ^= 1U; }},
      {BlockError::kWrongConstant, [](Header& header) { header.withdrawals_root[0] ^= 1U; }},
      {BlockError::kWrongConstant, [](Header& header) { header.blob_gas_used = 1; }},
      {BlockError::kWrongConstant, [](Header& header) { header.excess_blob_gas = 1; }},
      {BlockError::kWrongConstant, [](Header& header) { header.parent_beacon_block_root[0] = 1; }},
      {BlockError::kNotSealed, [](Header& header) { header.beneficiary = sender_with(0x11); }},
      {BlockError::kWrongTransactionsRoot,
       [](Header& header) { header.transactions_root[0] ^= 1U; }},
      {BlockError::kWrongGasUsed, [](Header& header) { ++header.gas_used; }},
      {BlockError::kWrongReceiptsRoot, [](Header& header) { header.receipts_root[0] ^= 1U; }},
      {BlockError::kWrongBloom, [](Header& header) { header.logs_bloom[0] ^= 1U; }},
      {BlockError::kWrongStateRoot, [](Header& header) { header.state_root[0] ^= 1U; }},
  };
  std::set<BlockError> seen;
  for (const auto& [error, change] : changes) {
    INFO(text(error));
    CHECK(error_with([&change = change](Block& block) { change(block.header); }) == error);
    seen.insert(error);
  }
  CHECK(error_with([](Block& block) { block.header.timestamp = kMaxTimestamp + 1; }) ==
        BlockError::kWrongTimestamp);
  CHECK(error_with([](Block& block) {
          block.header.timestamp = kMaxTimestamp;
          ++block.header.gas_used;
        }) == BlockError::kWrongGasUsed);
  // Sealed by somebody else, or the extra data is not that of a seal.
  CHECK(error_with([](Block&) {}, 0x11) == BlockError::kNotSealed);
  CHECK(error_with([](Block& block) { block.header.extra_data.pop_back(); }, 0) ==
        BlockError::kNotSealed);
  CHECK(error_with([](Block& block) { block.header.extra_data[40] ^= 1U; }, 0) ==
        BlockError::kNotSealed);

  const auto with_transactions = [&](const std::function<void(std::vector<Transaction>&)>& change) {
    return error_with([&](Block& block) {
      change(block.transactions);
      std::vector<Bytes> encoded;
      for (const Transaction& each : block.transactions)
        encoded.push_back(encode_transaction(each));
      block.header.transactions_root = ordered_root(encoded);
    });
  };
  using Transactions = std::vector<Transaction>;
  const BlockError invalid = BlockError::kInvalidTransaction;
  CHECK(with_transactions([](Transactions& all) { all[0].signature.r = 0; }) == invalid);
  CHECK(with_transactions([](Transactions& all) { all[0].value += 1; }) == invalid);
  CHECK(with_transactions([](Transactions& all) { all[1] = all[0]; }) == invalid);
  CHECK(with_transactions([](Transactions& all) {
          all[1] = test::signed_by(key_of(0x99), transfer(0));
        }) == invalid);
  CHECK(with_transactions([](Transactions& all) {
          Transaction elsewhere = transfer(0);
          elsewhere.chain_id = 1;
          all[1] = test::signed_by(key_of(0x12), elsewhere);
        }) == invalid);
  CHECK(with_transactions([](Transactions& all) { std::swap(all[0], all[1]); }) ==
        BlockError::kWrongReceiptsRoot);
  CHECK(with_transactions([](Transactions& all) { all.pop_back(); }) == BlockError::kWrongGasUsed);
  CHECK(error_with([](Block& block) { block.transactions.pop_back(); }) ==
        BlockError::kWrongTransactionsRoot);
  seen.insert(invalid);
  CHECK(seen.size() == static_cast<std::size_t>(BlockError::kWrongStateRoot) + 1);

  // After all that, the good one is taken.
  const auto result = other->import_block(good);
  REQUIRE(std::holds_alternative<BlockPointer>(result));
  CHECK(other->head()->hash == chain->head()->hash);
  // It is there now, but not with other transactions.
  CHECK(error_with([](Block& block) { block.transactions.pop_back(); }, 0) ==
        BlockError::kWrongTransactionsRoot);
  // Another block of the same number: the chain has one.
  CHECK(error_with([](Block& block) { --block.header.gas_limit; }) == BlockError::kNotNext);
}

TEST_CASE("a chain is not opened where it is not, or is another one, or in use", "[node]") {
  using Kind = ChainFault::Kind;
  const Folder folder;
  const std::string directory = folder.path("chain");
  CHECK(fault_of(directory).kind == Kind::kAbsent);
  CHECK_FALSE(std::filesystem::exists(directory));
  CHECK(fault_of(folder.file("file", "") + "/chain", sample_genesis()).kind == Kind::kUnusable);

  auto chain = open_chain(directory);
  CHECK(fault_of(directory).kind == Kind::kLocked);
  const std::string hash = to_0x(chain->head()->hash);
  chain.reset();

  Genesis another = sample_genesis();
  another.alloc[Address{1}].balance = 1;
  CHECK(fault_of(directory, another).kind == Kind::kOtherChain);
  CHECK(fault_of(directory, another).detail.find(hash) != std::string::npos);
  another = sample_genesis();
  another.chain_id += 1;
  CHECK(fault_of(directory, another).kind == Kind::kOtherChain);
  open_chain(directory, std::nullopt);

  Grower other(directory);
  CHECK(other.next() == 1);
  CHECK(fault_of(directory).kind == Kind::kLocked);
}

// ---- damage ----

void put(const std::string& directory, Table table, ByteView key, ByteView value) {
  auto opened = Database::open(directory, false);
  Database::Batch batch;
  batch.put(table, key, value);
  std::get<std::unique_ptr<Database>>(opened)->write(std::move(batch));
}

std::array<std::uint8_t, 8> number_key(std::uint8_t number) {
  return {0, 0, 0, 0, 0, 0, 0, number};
}

TEST_CASE("a database with something else in it than it should have is damaged", "[node]") {
  using Kind = ChainFault::Kind;
  const Folder folder;
  const std::string directory = folder.path("chain");
  {
    const auto chain = open_chain(directory);
    produce(*chain, {creation(0x11)});
    produce(*chain, {call(0x11, 1, 5)});
  }
  const Bytes nothing;
  SECTION("another format") {
    put(directory, Table::kMeta, as_bytes("format"), number_key(2));
    CHECK(fault_of(directory).kind == Kind::kOtherFormat);
  }
  SECTION("a format that is no number") {
    put(directory, Table::kMeta, as_bytes("format"), nothing);
    CHECK(fault_of(directory).kind == Kind::kDamaged);
  }
  SECTION("a genesis that is none") {
    put(directory, Table::kMeta, as_bytes("genesis"), as_bytes("{}"));
    CHECK(fault_of(directory).kind == Kind::kDamaged);
  }
  SECTION("a head that is not there") {
    put(directory, Table::kMeta, as_bytes("head"), number_key(3));
    CHECK(fault_of(directory).kind == Kind::kDamaged);
  }
  SECTION("a header") {
    put(directory, Table::kHeader, number_key(1), nothing);
    CHECK(fault_of(directory).kind == Kind::kDamaged);
  }
  SECTION("the head's body") {
    put(directory, Table::kBody, number_key(2), nothing);
    CHECK(fault_of(directory).kind == Kind::kDamaged);
  }
  SECTION("the head's receipts") {
    put(directory, Table::kReceipts, number_key(2), nothing);
    CHECK(fault_of(directory).kind == Kind::kDamaged);
  }
  SECTION("an older block's body, a node of the state: when they are needed") {
    Hash root{};
    {
      const auto chain = open_chain(directory);
      root = chain->header(1)->state_root;
    }
    put(directory, Table::kBody, number_key(1), nothing);
    put(directory, Table::kNode, root, nothing);
    const auto chain = open_chain(directory);
    CHECK_THROWS_AS(chain->block(1), DatabaseError);
    CHECK_THROWS_AS(chain->state(*chain->header(1))->account(Address{}), TrieFault);
    CHECK(chain->block(2));
    produce(*chain, {call(0x11, 2, 6)});
  }
}

/// The files that LevelDB has written to.
std::vector<std::filesystem::path> data_files(const std::string& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    const std::string extension = file.path().extension();
    if ((extension == ".log" || extension == ".ldb") && file.file_size() != 0) {
      files.push_back(file.path());
    }
  }
  std::ranges::sort(files);
  return files;
}

TEST_CASE("a chain that has lost the name of its manifest is damaged, and is kept", "[node]") {
  const Folder folder;
  const std::string directory = folder.path("chain");
  produce(*open_chain(directory));
  const std::string reopened = folder.path("reopened");
  std::filesystem::copy(directory, reopened);
  open_chain(reopened);
  for (const std::string& each : {directory, reopened}) {
    const auto files = data_files(each);
    REQUIRE_FALSE(files.empty());
    const auto current = std::filesystem::path(each) / "CURRENT";
    std::filesystem::rename(current, folder.path("kept"));
    CHECK(fault_of(each).kind == ChainFault::Kind::kDamaged);
    CHECK(fault_of(each, sample_genesis()).kind == ChainFault::Kind::kDamaged);
    CHECK(data_files(each) == files);
    std::filesystem::rename(folder.path("kept"), current);
    CHECK(open_chain(each, std::nullopt)->head()->block.header.number == 1);
  }
  // One that was begun, and came no further.
  const std::filesystem::path begun = folder.path("begun");
  std::filesystem::create_directory(begun);
  std::filesystem::copy(folder.file("manifest", "x"), begun / "MANIFEST-000001");
  CHECK(fault_of(begun).kind == ChainFault::Kind::kAbsent);
  open_chain(begun);
}

void change_byte(const std::filesystem::path& path, std::uint64_t offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const int old = file.get();
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(old ^ 0x20));
}

TEST_CASE("after damage to its files a chain is a whole one or none", "[node]") {
  const Folder folder;
  const std::string directory = folder.path("chain");
  std::vector<Hash> hashes;
  {
    const auto chain = open_chain(directory);
    for (std::uint64_t nonce = 0; nonce < 40; ++nonce) {
      produce(*chain, {signed_with(0x11, transfer(nonce))});
    }
    for (std::uint64_t i = 0; i <= 40; ++i) hashes.push_back(chain->block(i)->hash);
  }
  // Opened again, its log has become a table; both kinds of files are to be tried.
  const std::string reopened = folder.path("reopened");
  std::filesystem::copy(directory, reopened);
  open_chain(reopened);

  const auto check = [&](const std::string& damaged, std::uint64_t least_number) {
    auto opened = Chain::open(damaged, std::nullopt);
    if (const auto* fault = std::get_if<ChainFault>(&opened)) {
      CHECK(fault->kind == ChainFault::Kind::kDamaged);
      return false;
    }
    const Chain& chain = *std::get<std::unique_ptr<Chain>>(opened);
    const std::uint64_t number = chain.head()->block.header.number;
    CHECK(number >= least_number);
    for (std::uint64_t i = 0; i <= number; ++i) {
      try {
        if (const BlockPointer block = chain.block(i)) CHECK(block->hash == hashes[i]);
      } catch (const DatabaseError&) {
      }
    }
    return true;
  };
  std::size_t opened = 0;
  std::size_t refused = 0;
  for (const std::string& whole : {directory, reopened}) {
    for (const auto& file : data_files(whole)) {
      const std::uint64_t size = std::filesystem::file_size(file);
      for (std::uint64_t offset = 11; offset < size; offset += size / 23 + 1) {
        const std::string damaged = folder.path("damaged");
        std::filesystem::remove_all(damaged);
        std::filesystem::copy(whole, damaged);
        change_byte(std::filesystem::path(damaged) / file.filename(), offset);
        ++(check(damaged, 0) ? opened : refused);
      }
    }
  }
  INFO("opened " << opened << ", refused " << refused);
  CHECK(refused > 10);

  SECTION("what a power failure leaves of the last batch is dropped, and the chain goes on") {
    const auto log = data_files(directory).back();
    REQUIRE(log.extension() == ".log");
    const std::uint64_t size = std::filesystem::file_size(log);
    for (const bool zeros : {false, true}) {
      for (const std::uint64_t cut : {1U, 7U, 100U, 1000U}) {
        const std::string damaged = folder.path("damaged");
        std::filesystem::remove_all(damaged);
        std::filesystem::copy(directory, damaged);
        const auto path = std::filesystem::path(damaged) / log.filename();
        std::filesystem::resize_file(path, size - cut);
        if (zeros) std::filesystem::resize_file(path, size);
        INFO(cut << (zeros ? " bytes of zeros" : " bytes less"));
        CHECK(check(damaged, 39));
        auto chain = open_chain(damaged);
        CHECK_FALSE(chain->was_repaired());  // check() has seen to it
        chain.reset();
        std::filesystem::remove_all(damaged);
        std::filesystem::copy(directory, damaged);
        std::filesystem::resize_file(path, size - cut);
        if (zeros) std::filesystem::resize_file(path, size);
        chain = open_chain(damaged);
        CHECK(chain->was_repaired() == zeros);  // LevelDB expects a log to end early
        REQUIRE(chain->head()->block.header.number == 39);
        produce(*chain, {signed_with(0x11, transfer(39))});
        CHECK(chain->head()->hash == hashes[40]);
      }
    }
  }
}

TEST_CASE("a block that cannot be written is none, and no other follows it", "[node]") {
  const Folder folder;
  const std::string directory = folder.path("chain");
  auto chain = open_chain(directory);
  const Hash head = produce(*chain, {signed_with(0x11, transfer(0))})->hash;
  const std::vector<SignedTransaction> next = {signed_with(0x11, transfer(1))};

  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &limit) == 0);
  rlimit reached = limit;
  reached.rlim_cur = std::filesystem::file_size(data_files(directory).back()) + 500;
  const auto old_handler = signal(SIGXFSZ, SIG_IGN);  // NOLINT: of an integer by the system
  REQUIRE(setrlimit(RLIMIT_FSIZE, &reached) == 0);
  CHECK_THROWS_AS(produce(*chain, next), DatabaseError);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  static_cast<void>(signal(SIGXFSZ, old_handler));
  CHECK(chain->head()->hash == head);
  CHECK_THROWS_AS(produce(*chain, next), DatabaseError);
  CHECK(chain->head()->hash == head);

  chain.reset();
  chain = open_chain(directory, std::nullopt);
  CHECK(chain->head()->hash == head);
  CHECK(produce(*chain, next)->block.transactions.size() == 1);
}

TEST_CASE("killed at any moment, a chain has whole blocks", "[node]") {
  const Folder folder;
  const std::string directory = folder.path("chain");
  std::uint64_t number = 0;
  for (unsigned round = 0; round < 20; ++round) {
    std::uint64_t confirmed = 0;
    {
      Grower grower(directory);
      for (unsigned i = 0; i < round % 5 + 1; ++i) confirmed = grower.next();
      usleep(round * 150);
      confirmed = std::max(confirmed, grower.kill());
    }
    const auto chain = open_chain(directory, std::nullopt);
    const BlockPointer head = chain->head();
    number = head->block.header.number;
    CHECK(number >= confirmed);
    CHECK(number <= confirmed + 1);
    for (std::uint64_t i = 0; i <= number; ++i) REQUIRE(chain->block(i));
    const auto state = chain->state(head->block.header);
    CHECK(state->account(sender_with(0x11))->nonce == number);
    CHECK(state->account(Address{0xaa})->balance == number);
  }
  CHECK(number >= 20);
}

// ---- export and import ----

TEST_CASE("what was exported is imported, and after an interruption the rest of it", "[node]") {
  const Folder folder;
  const auto chain = open_chain(folder.path("chain"));
  produce(*chain, {creation(0x11), call(0x12, 0, 5)});
  for (std::uint64_t nonce = 0; nonce < 5; ++nonce) {
    produce(*chain, {signed_with(0x13, transfer(nonce))});
  }
  std::ostringstream out;
  REQUIRE(export_blocks(*chain, 0, 6, out));
  CHECK_FALSE(export_blocks(*chain, 5, 7, out));
  const std::string all = out.str();
  const auto always = [](const BlockPointer&) { return true; };

  const auto other = open_chain(folder.path("other"));
  int left = 3;  // the genesis block is known
  std::istringstream first(all);
  const Imported some =
      import_blocks(*other, first, [&](const BlockPointer&) { return --left > 0; });
  CHECK(some.error.empty());
  CHECK(some.known == 1);
  CHECK(some.added == 2);
  std::istringstream again(all);
  const Imported rest = import_blocks(*other, again, always);
  CHECK(other->head()->hash == chain->head()->hash);
  CHECK(rest.added == 4);

  const auto third = open_chain(folder.path("third"));
  const std::string first_blocks = all.substr(0, some.offset);
  const auto error = [&](const std::string& text) {
    std::istringstream in(text);
    const Imported imported = import_blocks(*third, in, always);
    CHECK(imported.offset == first_blocks.size());
    return imported.error;
  };
  CHECK(error(first_blocks).empty());
  CHECK(error(first_blocks + all.substr(some.offset, 100)) ==
        "there is no block, or only a part of one");
  CHECK(error(first_blocks + "block") == "there is no block, or only a part of one");
  CHECK(error(first_blocks + "\xff\xff\xff\xff\xff\xff\xff\xff\xff") ==
        "there is no block, or only a part of one");
  CHECK(error(first_blocks + "\xc0") == "there is no block, or only a part of one");
  std::string changed = all;
  changed[some.offset + 300] = static_cast<char>(changed[some.offset + 300] ^ 1);
  CHECK(error(changed).starts_with("block 3: "));
}

}  // namespace
}  // namespace pixelzx::node
