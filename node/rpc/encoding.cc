// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/encoding.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "node/evm/execute.h"

namespace pixelzx::node {
namespace {

/// What both kinds of transaction_json() have.
Json transaction_members(const Transaction& transaction, const Hash& hash, const Address& sender) {
  Json json{{"type", quantity(static_cast<std::uint64_t>(transaction.type))},
            {"hash", to_0x(hash)},
            {"from", to_0x(sender)},
            {"to", transaction.to ? Json(to_0x(*transaction.to)) : Json()},
            {"nonce", quantity(transaction.nonce)},
            {"gas", quantity(transaction.gas_limit)},
            {"gasPrice", quantity(transaction.max_fee)},
            {"value", quantity(transaction.value)},
            {"input", to_0x(transaction.data)},
            {"r", quantity(transaction.signature.r)},
            {"s", quantity(transaction.signature.s)},
            {"blockHash", nullptr},
            {"blockNumber", nullptr},
            {"transactionIndex", nullptr}};
  if (transaction.chain_id) json["chainId"] = quantity(*transaction.chain_id);
  json["v"] = quantity(signature_v(transaction));
  if (transaction.type == TransactionType::kLegacy) return json;
  json["yParity"] = json["v"];
  json["accessList"] = access_list_json(transaction.access_list);
  if (transaction.type == TransactionType::kDynamicFee) {
    json["maxFeePerGas"] = quantity(transaction.max_fee);
    json["maxPriorityFeePerGas"] = quantity(transaction.max_priority_fee);
  }
  return json;
}

/// Where in a block something is.
void add_place(Json& json, const ChainBlock& block, std::size_t index) {
  json["blockHash"] = to_0x(block.hash);
  json["blockNumber"] = quantity(block.block.header.number);
  json["transactionIndex"] = quantity(index);
}

}  // namespace

std::string quantity(std::uint64_t number) {
  std::array<char, 16> digits{};
  auto* const end = std::to_chars(digits.begin(), digits.end(), number, 16).ptr;
  return std::string("0x").append(digits.begin(), end);
}

std::string quantity(const U256& number) {
  std::string digits = to_hex(to_short_bytes(number));
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  return "0x" + (digits.empty() ? "0" : digits);
}

Json access_list_json(const std::vector<AccessListEntry>& list) {
  Json json = Json::array();
  for (const AccessListEntry& entry : list) {
    Json keys = Json::array();
    for (const Hash& key : entry.storage_keys) keys.push_back(to_0x(key));
    json.push_back({{"address", to_0x(entry.address)}, {"storageKeys", std::move(keys)}});
  }
  return json;
}

Json block_json(const ChainBlock& block, bool whole) {
  const Header& header = block.block.header;
  Json transactions = Json::array();
  for (std::size_t i = 0; i < block.transaction_hashes.size(); ++i) {
    transactions.push_back(whole ? transaction_json(block, i)
                                 : Json(to_0x(block.transaction_hashes[i])));
  }
  return {{"number", quantity(header.number)},
          {"hash", to_0x(block.hash)},
          {"parentHash", to_0x(header.parent_hash)},
          {"nonce", to_0x(header.nonce)},
          {"mixHash", to_0x(header.prev_randao)},
          {"sha3Uncles", to_0x(header.ommers_hash)},
          {"logsBloom", to_0x(header.logs_bloom)},
          {"stateRoot", to_0x(header.state_root)},
          {"transactionsRoot", to_0x(header.transactions_root)},
          {"receiptsRoot", to_0x(header.receipts_root)},
          {"miner", to_0x(header.beneficiary)},
          {"difficulty", quantity(header.difficulty)},
          {"totalDifficulty", quantity(header.difficulty)},
          {"extraData", to_0x(header.extra_data)},
          {"size", quantity(block.size)},
          {"gasLimit", quantity(header.gas_limit)},
          {"gasUsed", quantity(header.gas_used)},
          {"timestamp", quantity(header.timestamp)},
          {"baseFeePerGas", quantity(header.base_fee)},
          {"withdrawalsRoot", to_0x(header.withdrawals_root)},
          {"blobGasUsed", quantity(header.blob_gas_used)},
          {"excessBlobGas", quantity(header.excess_blob_gas)},
          {"parentBeaconBlockRoot", to_0x(header.parent_beacon_block_root)},
          {"transactions", std::move(transactions)},
          {"uncles", Json::array()},
          {"withdrawals", Json::array()}};
}

Json transaction_json(const ChainBlock& block, std::size_t index) {
  const Transaction& transaction = block.block.transactions[index];
  Json json =
      transaction_members(transaction, block.transaction_hashes[index], block.senders[index]);
  add_place(json, block, index);
  json["gasPrice"] = quantity(effective_gas_price(transaction, block.block.header.base_fee));
  return json;
}

Json transaction_json(const SignedTransaction& transaction) {
  return transaction_members(transaction.transaction, transaction.hash, transaction.sender);
}

Json log_json(const ChainBlock& block, std::size_t index, const Log& log, std::size_t log_index) {
  Json topics = Json::array();
  for (const Hash& topic : log.topics) topics.push_back(to_0x(topic));
  Json json{{"address", to_0x(log.address)},
            {"topics", std::move(topics)},
            {"data", to_0x(log.data)},
            {"blockTimestamp", quantity(block.block.header.timestamp)},
            {"transactionHash", to_0x(block.transaction_hashes[index])},
            {"logIndex", quantity(log_index)},
            {"removed", false}};
  add_place(json, block, index);
  return json;
}

Json receipt_json(const ChainBlock& block, std::size_t index) {
  const Transaction& transaction = block.block.transactions[index];
  const Receipt& receipt = block.receipts[index];
  std::size_t log_index = 0;
  for (std::size_t i = 0; i < index; ++i) log_index += block.receipts[i].logs.size();
  Json logs = Json::array();
  for (const Log& log : receipt.logs) logs.push_back(log_json(block, index, log, log_index++));
  const std::uint64_t gas_before = index == 0 ? 0 : block.receipts[index - 1].cumulative_gas_used;
  const Address& sender = block.senders[index];
  Json json{{"type", quantity(static_cast<std::uint64_t>(receipt.type))},
            {"transactionHash", to_0x(block.transaction_hashes[index])},
            {"from", to_0x(sender)},
            {"to", nullptr},
            {"contractAddress", nullptr},
            {"status", quantity(std::uint64_t{receipt.success})},
            {"gasUsed", quantity(receipt.cumulative_gas_used - gas_before)},
            {"cumulativeGasUsed", quantity(receipt.cumulative_gas_used)},
            {"effectiveGasPrice",
             quantity(effective_gas_price(transaction, block.block.header.base_fee))},
            {"logs", std::move(logs)},
            {"logsBloom", to_0x(receipt.logs_bloom)}};
  if (transaction.to) {
    json["to"] = to_0x(*transaction.to);
  } else {
    json["contractAddress"] = to_0x(contract_address(sender, transaction.nonce));
  }
  add_place(json, block, index);
  return json;
}

}  // namespace pixelzx::node
