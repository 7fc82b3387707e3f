// SPDX-License-Identifier: Apache-2.0
//
//   state_tests [--verbose] FOLDER|FILE...
//
// Runs official state tests (ethereum/tests, GeneralStateTests), the posts of Cancun: each is one
// transaction, and what counts is the state's root and the logs' hash after it. Prints a line per
// folder, and each failure by its name. Exit status: 0 all right, 1 something failed, 2 nothing to
// run or unreadable.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "node/chain/chain_state.h"
#include "node/chain/genesis.h"
#include "node/crypto/hash.h"
#include "node/evm/execute.h"

namespace {

using namespace pixelzx::node;
using nlohmann::json;

constexpr std::string_view kFork = "Cancun";

class BadTest : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

U256 number(const json& value) {
  std::string text = value.get<std::string>();
  if (text == "0x") text = "0x0";
  // Some are marked as numbers on purpose.
  if (text.starts_with("0x:bigint ")) text.erase(0, std::string_view("0x:bigint ").size());
  const auto parsed = parse_u256(text);
  if (!parsed) throw BadTest("not a number of 256 bits: " + text);
  return *parsed;
}

std::uint64_t number64(const json& value) {
  return saturated_u64(number(value));
}

Bytes bytes(const json& value) {
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

Alloc alloc_of(const json& pre) {
  Alloc alloc;
  for (const auto& [address, content] : pre.items()) {
    GenesisAccount& account = alloc[array<Address>(address)];
    account.balance = number(content.at("balance"));
    account.nonce = number64(content.at("nonce"));
    account.code = bytes(content.at("code"));
    for (const auto& [slot, value] : content.at("storage").items()) {
      account.storage[number(json(slot))] = number(value);
    }
  }
  return alloc;
}

class StateInMemory {
 public:
  explicit StateInMemory(const json& pre) {
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

BlockContext block_context(const json& env) {
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

Transaction transaction_of(const json& all, const json& indexes) {
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
    for (const json& item : all["accessLists"][data_index]) {
      AccessListEntry entry{.address = array<Address>(item.at("address").get<std::string>()),
                            .storage_keys = {}};
      for (const json& key : item.at("storageKeys")) {
        entry.storage_keys.push_back(to_hash(number(key)));
      }
      transaction.access_list.push_back(std::move(entry));
    }
  }
  return transaction;
}

/// What is wrong with the outcome; nothing when it is as the test says.
std::string run_post(const json& test, const json& post, bool verbose) {
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
  if (verbose) std::cerr << "  " << ended << "\n";
  return wrong.empty() ? wrong : ended + ";" + wrong;
}

struct Count {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::size_t excluded = 0;
};

/// A blob transaction (type 3), which this chain refuses.
bool is_blob_transaction(const json& transaction) {
  return transaction.contains("blobVersionedHashes") || transaction.contains("maxFeePerBlobGas");
}

void run_file(const std::filesystem::path& path, bool verbose, Count& count,
              std::vector<std::string>& failures, std::vector<std::string>& excluded) {
  const json file = json::parse(std::ifstream(path));
  for (const auto& [name, test] : file.items()) {
    if (!test.contains("post") || !test["post"].contains(kFork)) continue;
    const json& posts = test["post"][std::string(kFork)];
    if (is_blob_transaction(test.at("transaction"))) {
      count.excluded += posts.size();
      excluded.push_back(path.stem().string() + ": " + name + " (type 3)");
      continue;
    }
    for (const json& post : posts) {
      const std::string which = name + " " + post.at("indexes").dump();
      if (verbose) std::cerr << which << "\n";
      const std::string wrong = run_post(test, post, verbose);
      ++(wrong.empty() ? count.passed : count.failed);
      if (!wrong.empty()) {
        failures.push_back(path.string().append(" ").append(which).append(": ").append(wrong));
      }
    }
  }
}

int run(const std::vector<std::string>& arguments) {
  bool verbose = false;
  std::vector<std::filesystem::path> files;
  for (const std::string& argument : arguments) {
    if (argument == "--verbose") {
      verbose = true;
    } else if (std::filesystem::is_directory(argument)) {
      for (const auto& item : std::filesystem::recursive_directory_iterator(argument)) {
        if (item.path().extension() == ".json") files.push_back(item.path());
      }
    } else {
      files.emplace_back(argument);
    }
  }
  std::ranges::sort(files);
  std::map<std::string, Count> folders;
  std::vector<std::string> failures;
  std::vector<std::string> excluded;
  for (const auto& file : files) {
    run_file(file, verbose, folders[file.parent_path().filename().string()], failures, excluded);
  }
  Count all;
  std::printf("%-40s %8s %8s %8s\n", "folder", "passed", "failed", "excluded");
  for (const auto& [name, count] : folders) {
    std::printf("%-40s %8zu %8zu %8zu\n", name.c_str(), count.passed, count.failed, count.excluded);
    all.passed += count.passed;
    all.failed += count.failed;
    all.excluded += count.excluded;
  }
  std::printf("%-40s %8zu %8zu %8zu\n", "all", all.passed, all.failed, all.excluded);
  for (const std::string& name : excluded) std::printf("excluded %s\n", name.c_str());
  for (const std::string& failure : failures) std::printf("FAILED %s\n", failure.c_str());
  if (all.failed != 0) return 1;
  if (all.passed == 0) {
    std::cerr << "state_tests: no state test of " << kFork << " in what was given\n";
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: state_tests [--verbose] FOLDER|FILE...\n";
    return 2;
  }
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "state_tests: " << error.what() << "\n";
    return 2;
  }
}
