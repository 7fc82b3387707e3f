// SPDX-License-Identifier: Apache-2.0
//
// Tests of transactions and contracts.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "node/chain/chain_state.h"
#include "node/chain/genesis.h"
#include "node/crypto/hash.h"
#include "node/evm/execute.h"
#include "suites.h"

namespace pixelzx::node {
namespace {

constexpr const char* kFork = "Cancun";

class BadTest : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

U256 number(const Json& value) {
  std::string text = value.get<std::string>();
  if (text == "0x") text = "0x0";
  // Some are marked as numbers on purpose.
  if (text.starts_with("0x:bigint ")) text.erase(0, std::string_view("0x:bigint ").size());
  const auto parsed = parse_u256(text);
  if (!parsed) throw BadTest("not a number of 256 bits: " + text);
  return *parsed;
}

std::uint64_t number64(const Json& value) {
  return saturated_u64(number(value));
}

Bytes bytes(const Json& value) {
  const auto parsed = from_hex(value.get<std::string>());
  if (!parsed) throw BadTest("not hexadecimal: " + value.get<std::string>());
  return *parsed;
}

template <typename Array>
Array array(std::string_view text) {
  const auto parsed = array_from_hex<Array>(text);
  if (!parsed) throw BadTest("wrong length: " + std::string(text));
  return *parsed;
}

// ---- a state in memory ----

Alloc alloc_of(const Json& pre) {
  Alloc alloc;
  for (const auto& [address, content] : pre.items()) {
    GenesisAccount& account = alloc[array<Address>(address)];
    account.balance = number(content.at("balance"));
    account.nonce = number64(content.at("nonce"));
    account.code = bytes(content.at("code"));
    for (const auto& [slot, value] : content.at("storage").items()) {
      account.storage[number(Json(slot))] = number(value);
    }
  }
  return alloc;
}

class StateInMemory {
 public:
  explicit StateInMemory(const Json& pre) {
    state_.emplace(nodes_, kEmptyRoot);
    apply(changes_of(alloc_of(pre)));
  }

  StateReader& reader() { return *state_; }
  [[nodiscard]] const Hash& root() const { return root_; }
  void apply(const StateChanges& changes) {
    root_ =
        state_->apply(changes, [this](const Hash& hash, ByteView node) { nodes_.put(hash, node); });
    // Without what it remembers: all of it must be in the store.
    state_.emplace(nodes_, root_);
  }

 private:
  MemoryNodeStore nodes_;
  std::optional<ChainState> state_;
  Hash root_ = kEmptyRoot;
};

// ---- one test ----

/// EIP-4844.
U256 blob_base_fee(std::uint64_t excess_blob_gas) {
  constexpr unsigned kUpdateFraction = 3338477;
  U512 output = 0;
  U512 term = kUpdateFraction;  // times the least fee, 1
  for (unsigned i = 1; term > 0; ++i) {
    output += term;
    term = term * excess_blob_gas / (U512(kUpdateFraction) * i);
  }
  return U256(output / kUpdateFraction);
}

BlockContext block_context(const Json& env) {
  BlockContext block;
  block.number = number64(env.at("currentNumber"));
  block.timestamp = number64(env.at("currentTimestamp"));
  block.gas_limit = number64(env.at("currentGasLimit"));
  block.coinbase = array<Address>(env.at("currentCoinbase").get<std::string>());
  block.prev_randao = to_hash(number(env.at("currentRandom")));
  block.base_fee = number(env.at("currentBaseFee"));
  block.blob_base_fee = blob_base_fee(
      env.contains("currentExcessBlobGas") ? number64(env["currentExcessBlobGas"]) : 0);
  block.chain_id = 1;
  // So the tests' authors have it.
  block.block_hash = [](std::uint64_t block_number) {
    return keccak256(as_bytes(std::to_string(block_number)));
  };
  return block;
}

Transaction transaction_of(const Json& all, const Json& indexes) {
  const auto data_index = indexes.at("data").get<std::size_t>();
  Transaction transaction{};
  transaction.nonce = number64(all.at("nonce"));
  transaction.gas_limit = number64(all.at("gasLimit").at(indexes.at("gas").get<std::size_t>()));
  transaction.value = number(all.at("value").at(indexes.at("value").get<std::size_t>()));
  transaction.data = bytes(all.at("data").at(data_index));
  if (const auto to = all.at("to").get<std::string>(); !to.empty()) {
    transaction.to = array<Address>(to);
  }
  if (all.contains("gasPrice")) {
    transaction.max_fee = transaction.max_priority_fee = number(all["gasPrice"]);
  } else {
    transaction.type = TransactionType::kDynamicFee;
    transaction.max_fee = number(all.at("maxFeePerGas"));
    transaction.max_priority_fee = number(all.at("maxPriorityFeePerGas"));
  }
  if (all.contains("accessLists") && !all["accessLists"].at(data_index).is_null()) {
    if (transaction.type == TransactionType::kLegacy) {
      transaction.type = TransactionType::kAccessList;
    }
    for (const Json& item : all["accessLists"][data_index]) {
      AccessListEntry entry{.address = array<Address>(item.at("address").get<std::string>()),
                            .storage_keys = {}};
      for (const Json& key : item.at("storageKeys")) {
        entry.storage_keys.push_back(to_hash(number(key)));
      }
      transaction.access_list.push_back(std::move(entry));
    }
  }
  return transaction;
}

/// What is wrong with the outcome; nothing when it is as the test says.
std::string run_post(const Json& test, const Json& post) {
  StateInMemory memory(test.at("pre"));
  const BlockContext block = block_context(test.at("env"));
  std::vector<Log> logs;
  std::string ended = "rejected: ";
  try {
    const Transaction transaction = transaction_of(test.at("transaction"), post.at("indexes"));
    const auto sender = array<Address>(test["transaction"].at("sender").get<std::string>());
    State state(memory.reader());
    auto result = execute(state, block, transaction, sender, block.gas_limit);
    if (auto* executed = std::get_if<Executed>(&result)) {
      ended = "executed: " + std::string(to_text(executed->outcome)) + ", gas " +
              std::to_string(executed->gas_used);
      logs = std::move(executed->logs);
      memory.apply(state.changes());
    } else if (const auto* rejection = std::get_if<Rejection>(&result)) {
      ended += to_text(*rejection);
    } else {
      ended += text(std::get<TransactionError>(result));
    }
  } catch (const BadTest& error) {
    // A value that does not fit a transaction's field: such a transaction does not exist.
    ended += error.what();
  }
  const bool rejected = ended.starts_with("rejected");
  std::string wrong;
  if (rejected != post.contains("expectException")) wrong += " expected otherwise;";
  if (to_0x(memory.root()) != post.at("hash")) wrong += " state root " + to_0x(memory.root()) + ";";
  if (to_0x(keccak256(encode_logs(logs))) != post.at("logs")) wrong += " logs;";
  return wrong.empty() ? wrong : ended + ";" + wrong;
}

/// A blob transaction (type 3), which this chain refuses.
bool is_blob_transaction(const Json& transaction) {
  return transaction.contains("blobVersionedHashes") || transaction.contains("maxFeePerBlobGas");
}

}  // namespace

std::vector<TestOutcome> run_state(const std::filesystem::path& /*file*/, const Json& test) {
  std::vector<TestOutcome> outcomes;
  if (!test.at("post").contains(kFork)) return outcomes;
  for (const Json& post : test["post"][kFork]) {
    TestOutcome& outcome = outcomes.emplace_back();
    outcome.which = post.at("indexes").dump();
    if (is_blob_transaction(test.at("transaction"))) {
      outcome.verdict = Verdict::kExcluded;
      outcome.why = "type 3";
      continue;
    }
    outcome.why = run_post(test, post);
    if (!outcome.why.empty()) outcome.verdict = Verdict::kFailed;
  }
  return outcomes;
}

}  // namespace pixelzx::node
