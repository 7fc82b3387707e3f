// SPDX-License-Identifier: Apache-2.0
//
//   evm_cases FILE
//
// Carries out the cases of cases.mjs and prints what came of them, a line each: why it ended, gas
// and refund, output, logs, and all accounts, for ethereumjs.mjs to print the same.
#include <array>
#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "node/evm/evm.h"
#include "node/evm/precompiles.h"
#include "table_state.h"

namespace {

using namespace pixelzx::node;
using nlohmann::json;
using pixelzx::tests::TableState;

// ---- JSON, by a generator that writes it right: whatever else ends the program ----

U256 number(const json& value) {
  return parse_u256(value.get<std::string>()).value();
}

std::uint64_t number64(const json& value) {
  return static_cast<std::uint64_t>(number(value));
}

Bytes bytes(const json& value) {
  return from_hex(value.get<std::string>()).value();
}

Address address(const json& value) {
  return array_from_hex<Address>(value.get<std::string>()).value();
}

void fill(TableState& table, const json& pre) {
  for (const auto& [where, content] : pre.items()) {
    TableState::Row& row = table.put(address(where), bytes(content.at("code")),
                                     number(content.at("balance")), number64(content.at("nonce")));
    for (const auto& [slot, value] : content.at("storage").items()) {
      if (const U256 word = number(value); word != 0) row.storage[number(slot)] = word;
    }
  }
}

// ---- a case ----

BlockContext block_context() {
  BlockContext block;
  block.number = 1000;
  block.coinbase = to_address(U256(0xc0ffee00));
  block.timestamp = 1700000000;
  block.prev_randao = to_hash(0x123456789abcdef);
  block.gas_limit = 30000000;
  block.base_fee = 7;
  block.chain_id = 8888;
  block.block_hash = [](std::uint64_t number) {
    return keccak256(as_bytes(std::to_string(number)));
  };
  return block;
}

std::string text_of(const Log& log) {
  std::string text = to_0x(log.address);
  for (const Hash& topic : log.topics) text += "," + to_0x(topic);
  return text + "," + to_0x(log.data);
}

std::string text_of(const TableState& table) {
  std::string text;
  for (const auto& [address, row] : table.rows()) {
    if (!text.empty()) text += "; ";
    text += to_0x(address) + " " + std::to_string(row.account.nonce) + " " +
            row.account.balance.str() + " " + to_0x(row.account.code_hash);
    for (const auto& [slot, value] : row.storage) text += " " + slot.str() + "=" + value.str();
  }
  return text;
}

std::string_view text_of(Outcome outcome) {
  if (outcome == Outcome::kSuccess) return "success";
  return outcome == Outcome::kRevert ? "revert" : "failure";
}

std::string carry_out(const json& item) {
  static const BlockContext kBlock = block_context();
  TableState table;
  fill(table, item.at("pre"));
  const json& content = item.at("message");
  const auto caller = address(content.at("from"));
  const auto target = address(content.at("to"));
  const Bytes input = bytes(content.at("data"));
  const std::string kind = content.at("kind");
  Message message{.is_static = kind == "static",
                  .gas = number64(content.at("gas")),
                  .caller = caller,
                  .value = number(content.at("value")),
                  .input = input};
  State state(table);
  const TransactionContext transaction{.origin = caller, .gas_price = 11, .blob_hashes = {}};
  Evm evm(state, kBlock, transaction);
  // As a transaction has it: EIP-2929, EIP-3651.
  for (const Address& warm : {caller, kBlock.coinbase, target}) state.warm(warm);
  for (unsigned i = 1; i <= kPrecompiles; ++i) state.warm(to_address(i));
  ExecutionResult result;
  if (kind == "create") {
    message.kind = CallKind::kCreate;
    result = evm.create(message);
  } else {
    state.increment_nonce(caller);
    message.recipient = message.code_address = target;
    result = evm.call(message);
  }
  std::string text = std::string(text_of(result.outcome)) + " gas " +
                     std::to_string(result.gas_left) + " refund " + std::to_string(state.refund()) +
                     " output " + to_0x(result.output) + " logs";
  const std::vector<Log> logs = state.finish_transaction();
  for (const Log& log : logs) text += " " + text_of(log);
  table.apply(state.changes());
  return text + (logs.empty() ? " " : "") + " state " + text_of(table);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: evm_cases FILE\n";
    return 2;
  }
  try {
    std::ifstream file(argv[1]);
    for (std::string line; std::getline(file, line);)
      std::cout << carry_out(json::parse(line)) << "\n";
    if (file.eof()) return 0;
    std::cerr << "evm_cases: cannot read " << argv[1] << "\n";
  } catch (const std::exception& error) {
    std::cerr << "evm_cases: " << error.what() << "\n";
  }
  return 2;
}
