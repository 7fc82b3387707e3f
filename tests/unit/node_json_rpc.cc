// SPDX-License-Identifier: Apache-2.0
//
// JSON-RPC's rules and the methods, without a socket, on a chain with a few small contracts.
#include "node/rpc/json_rpc.h"

#include <catch2/catch.hpp>

#include "node/evm/execute.h"
#include "node/rpc/backend.h"
#include "node/rpc/call.h"
#include "node/rpc/encoding.h"
#include "node/rpc/methods.h"
#include "node/rpc/metrics.h"
#include "node/state/trie.h"
#include "support.h"
#include "tests/unit/node_samples.h"

namespace pixelzx::node {
namespace {

using test::kGwei;
using test::sender_with;
using test::signed_with;

// Contracts, at addresses of one such byte each.
constexpr std::uint8_t kLogger = 0xb1;    // logs what it is given, topics: caller and first word
constexpr std::uint8_t kReverter = 0xb2;  // reverts with what it is given
constexpr std::uint8_t kEcho = 0xb3;      // returns it
constexpr std::uint8_t kStore = 0xb4;     // stores the first word in slot 0, where 7 is
constexpr std::uint8_t kLoop = 0xb5;      // never ends
constexpr std::uint8_t kBalance = 0xb6;   // returns the caller's balance
constexpr std::uint8_t kAsker = 0xb7;     // calls kLoop with all its gas, and returns
constexpr std::uint8_t kReader = 0xb8;  // adds kEcho's balance to slot 3, and reverts without input

Address address_of(std::uint8_t byte) {
  Address address{};
  address.fill(byte);
  return address;
}

Genesis genesis() {
  Genesis genesis = test::sample_genesis();
  const std::vector<std::pair<std::uint8_t, std::string_view>> contracts = {
      {kLogger, "36600060003760003533366000a200"},
      {kReverter, "366000600037366000fd"},
      {kEcho, "366000600037366000f3"},
      {kStore, "60003560005500"},
      {kLoop, "5b600056"},
      {kBalance, "333160005260206000f3"},
      {kAsker, "6000600060006000600073b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b5b55af100"},
      {kReader, "73b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b3b33160035401503660245760006000fd5b00"}};
  for (const auto& [byte, code] : contracts) {
    genesis.alloc[address_of(byte)].code = test::hex(code);
  }
  genesis.alloc[address_of(kStore)].storage[0] = 7;
  return genesis;
}

// Time limits are no matter of how fast the machine is that runs the tests.
constexpr RpcBounds kUnhurried{.call_time = std::chrono::hours(1)};
constexpr RpcLimits kPatient{.time = std::chrono::hours(1)};

/// A node without sockets.
struct Node {
  explicit Node(const RpcBounds& bounds = kUnhurried, const RpcLimits& limits = kPatient)
      : chain(test::open_chain(folder.path("chain"), genesis())),
        pool(*chain),
        backend{.chain = *chain,
                .pool = pool,
                .bounds = bounds,
                .client_version = "PIXELZX/v1.0.0",
                .oracle = {},
                .filters = RpcFilters(pool)},
        dispatcher(rpc_methods(), limits, backend, metrics) {}

  Json answer(std::string_view body) {
    const HttpReply reply = dispatcher.answer(body);
    CHECK(reply.status == 200);
    return Json::parse(reply.body);
  }

  /// The answer's `result` or `error`.
  Json call(const std::string& method, const std::vector<Json>& params = {}) {
    const Json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}};
    Json response = answer(request.dump());
    CHECK(response["id"] == 1);
    CHECK(response.size() == 3);
    return response.contains("error") ? response["error"] : response["result"];
  }

  /// A block with one transaction of sender 0x11 to a contract. Returns the transaction's hash.
  std::string mine(std::uint8_t contract, std::string_view data, std::uint64_t nonce) const {
    Transaction transaction = test::transfer(nonce);
    transaction.to = address_of(contract);
    transaction.value = 0;
    transaction.gas_limit = 100'000;
    transaction.data = test::hex(data);
    const SignedTransaction made = signed_with(0x11, transaction);
    REQUIRE(test::produce(*chain, {made})->receipts.size() == 1);
    return to_0x(made.hash);
  }

  pixelzx::test::Folder folder;
  std::unique_ptr<Chain> chain;
  Pool pool;
  RpcBackend backend;
  RpcMetrics metrics{rpc_methods()};
  RpcDispatcher dispatcher;
};

std::string word(std::uint64_t number) {
  return to_hex(to_hash(number));
}

/// `Error(string)`.
std::string error_data(std::string_view reason) {
  std::string text = to_hex(as_bytes(reason));
  text.resize((text.size() + 63) / 64 * 64, '0');
  return "0x08c379a0" + word(32) + word(reason.size()) + text;
}

Json to_contract(std::uint8_t contract, std::string_view data = "0x") {
  return {{"from", to_0x(sender_with(0x11))}, {"to", to_0x(address_of(contract))}, {"input", data}};
}

TEST_CASE("JSON-RPC's own examples and errors", "[node][rpc]") {
  Node node;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"jsonrpc":"2.0","method":"eth_chainId","id":7})",
       R"({"jsonrpc":"2.0","id":7,"result":"0x539"})"},
      {R"({"jsonrpc":"2.0","method":"eth_chainId","params":[],"id":"a"})",
       R"({"jsonrpc":"2.0","id":"a","result":"0x539"})"},
      {R"({"jsonrpc":"2.0","method":"eth_chainId","params":null,"id":null})",
       R"({"jsonrpc":"2.0","id":null,"result":"0x539"})"},
      {R"({"jsonrpc":"2.0","method":"foobar","id":"1"})",
       R"({"jsonrpc":"2.0","id":"1","error":{"code":-32601,
           "message":"the method foobar does not exist/is not available"}})"},
      {R"({"jsonrpc":"2.0","method":"foobar,"params":"bar","baz])",
       R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}})"},
      {"", R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}})"},
      {R"({"jsonrpc":"2.0","method":1,"id":3})",
       R"({"jsonrpc":"2.0","id":3,"error":{"code":-32600,"message":"invalid request"}})"},
      {R"({"method":"eth_chainId","id":3})",
       R"({"jsonrpc":"2.0","id":3,"error":{"code":-32600,"message":"invalid request"}})"},
      {R"({"jsonrpc":"2.0","method":"eth_chainId","id":[3]})",
       R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"invalid request"}})"},
      {"3", R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"invalid request"}})"},
      {"[]", R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"empty batch"}})"},
      {"[1]",
       R"([{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"invalid request"}}])"},
      {R"([{"jsonrpc":"2.0","method":"net_version","id":1},1,
           {"jsonrpc":"2.0","method":"net_version"},
           {"jsonrpc":"2.0","method":"foo","id":"5"}])",
       R"([{"jsonrpc":"2.0","id":1,"result":"1337"},
           {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"invalid request"}},
           {"jsonrpc":"2.0","id":"5","error":{"code":-32601,
            "message":"the method foo does not exist/is not available"}}])"},
      {R"({"jsonrpc":"2.0","method":"eth_chainId","params":{"a":1},"id":3})",
       R"({"jsonrpc":"2.0","id":3,"error":{"code":-32602,"message":"non-array args"}})"},
      {R"({"jsonrpc":"2.0","method":"eth_chainId","params":[1],"id":3})",
       R"({"jsonrpc":"2.0","id":3,"error":{"code":-32602,
           "message":"too many arguments, want at most 0"}})"},
      {R"({"jsonrpc":"2.0","method":"eth_getBalance","params":[],"id":3})",
       R"({"jsonrpc":"2.0","id":3,"error":{"code":-32602,
           "message":"missing value for required argument 0"}})"},
  };
  for (const auto& [request, response] : cases) {
    INFO(request);
    CHECK(node.answer(request) == Json::parse(response));
  }
}

TEST_CASE("notifications are carried out and not answered", "[node][rpc]") {
  Node node;
  for (const std::string_view body :
       {R"({"jsonrpc":"2.0","method":"eth_newBlockFilter"})",
        R"([{"jsonrpc":"2.0","method":"eth_newBlockFilter"},{"jsonrpc":"2.0","method":"foo"}])"}) {
    const HttpReply reply = node.dispatcher.answer(body);
    CHECK(reply.status == 204);
    CHECK(reply.body.empty());
  }
  const std::string metrics = node.metrics.text();
  CHECK(metrics.find("{method=\"eth_newBlockFilter\",outcome=\"success\"} 2\n") !=
        std::string::npos);
  CHECK(metrics.find("{method=\"unknown\",outcome=\"error\"} 1\n") != std::string::npos);
}

TEST_CASE("limits of requests, batches and responses", "[node][rpc]") {
  Node node({}, {.batch = 3, .response = 300, .depth = 8});
  const auto batch = [](int size) {
    Json requests = Json::array();
    for (int i = 0; i < size; ++i) {
      requests.push_back({{"jsonrpc", "2.0"}, {"id", i}, {"method", "web3_clientVersion"}});
    }
    return requests.dump();
  };
  CHECK(node.answer(batch(3)).size() == 3);
  CHECK(node.dispatcher.answer(batch(3)).requests == 3);
  CHECK(node.answer(batch(4))["error"]["message"] == "batch too large");
  CHECK(node.dispatcher.answer(batch(4)).requests == 1);

  const auto nested = [](std::size_t depth) {
    return R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":)" + std::string(depth, '[') +
           R"("]\"]")" + std::string(depth, ']') + "}";
  };
  CHECK(node.answer(nested(7))["error"]["message"] == "too many arguments, want at most 0");
  CHECK(node.answer(nested(8))["error"]["message"] == "nested too deeply");
  // Millions of levels, closed or not, are no matter either.
  CHECK(node.answer(std::string(1U << 22U, '['))["error"]["message"] == "nested too deeply");

  const std::string zeros(400, '0');
  CHECK(node.call("eth_call", {to_contract(kEcho, "0x" + zeros)})["code"] == kResponseTooLarge);
  const Json request{{"jsonrpc", "2.0"},
                     {"id", 1},
                     {"method", "eth_call"},
                     {"params", {to_contract(kEcho, "0x" + zeros.substr(0, 200))}}};
  const Json responses = node.answer(Json{request, request, request}.dump());
  CHECK(responses[0].contains("result"));
  CHECK(responses[1]["error"]["code"] == kResponseTooLarge);
  CHECK(responses[2]["error"]["code"] == kResponseTooLarge);

  Node late({}, {.time = std::chrono::milliseconds(0)});
  CHECK(late.call("eth_chainId")["code"] == kTimedOut);
  Node stopping;
  stopping.dispatcher.stop();
  CHECK(stopping.call("eth_chainId")["code"] == kTimedOut);
}

TEST_CASE("parameters that are none", "[node][rpc]") {
  Node node;
  const std::string someone = to_0x(address_of(0x77));
  const std::vector<std::tuple<std::string, Json, std::string>> cases = {
      {"eth_getBalance", {"1234"}, "invalid argument 0: hex string without 0x prefix"},
      {"eth_getBalance", {5}, "invalid argument 0: non-string"},
      {"eth_getBalance",
       {"0x12"},
       "invalid argument 0: hex string has length 2, want 40 for common.Address"},
      {"eth_getBalance", {"0x" + std::string(40, 'g')}, "invalid argument 0: invalid hex string"},
      {"eth_getBalance", {someone, "newest"}, "invalid argument 1: hex string without 0x prefix"},
      {"eth_getBalance",
       {someone, "0x01"},
       "invalid argument 1: hex number with leading zero digits"},
      {"eth_getBalance", {someone, "0x"}, "invalid argument 1: hex string \"0x\""},
      {"eth_getBalance",
       {someone, "0x10000000000000000"},
       "invalid argument 1: hex number > 64 bits"},
      {"eth_getBalance",
       {someone, "0x0x1"},
       "invalid argument 1: hex number with leading zero digits"},
      {"eth_getBalance",
       {someone, Json::object()},
       "invalid argument 1: cannot specify both BlockHash and BlockNumber, choose one or the "
       "other"},
      {"web3_sha3", {"0x1"}, "invalid argument 0: hex string of odd length"},
      {"web3_sha3", {"0x0x12"}, "invalid argument 0: invalid hex string"},
      {"eth_getStorageAt", {someone, "0x0x12"}, "invalid argument 1: invalid hex string"},
      {"eth_call",
       {Json::object(),
        "latest",
        {{"0x000000000000000000000000000000000000000a", {{"code", "0x"}}}}},
       "invalid argument 2: the code of a precompiled contract cannot be overridden"},
      {"eth_call",
       {Json::object(), "latest", {{someone, {{"movePrecompileToAddress", someone}}}}},
       "invalid argument 2: movePrecompileToAddress is not supported"},
      {"eth_getBlockByNumber", {"latest"}, "missing value for required argument 1"},
      {"eth_getBlockByNumber", {"latest", 1}, "invalid argument 1: not a boolean"},
      {"eth_call", {"0x"}, "invalid argument 0: not an object"},
      {"eth_call", {{{"gas", "0xg"}}}, "invalid argument 0: gas: invalid hex string"},
      {"eth_call",
       {{{"data", "0x01"}, {"input", "0x02"}}},
       "invalid argument 0: both \"data\" and \"input\" are set and not equal. Please use "
       "\"input\" to pass transaction call data"},
      {"eth_getLogs",
       {{{"topics", {{"0x12"}}}}},
       "invalid argument 0: topics: hex string has length 2, want 64 for common.Hash"},
      {"eth_getLogs",
       {{{"topics", {nullptr, nullptr, nullptr, nullptr, nullptr}}}},
       "invalid argument 0: topics: exceed max topics"},
      {"eth_getLogs",
       {{{"blockHash", to_0x(Hash{})}, {"toBlock", "latest"}}},
       "invalid argument 0: cannot specify both BlockHash and FromBlock/ToBlock, choose one or the "
       "other"},
      {"eth_feeHistory", {"0x1", "latest", {"a"}}, "invalid argument 2: not a number"},
      {"eth_feeHistory", {"0x1", "latest", {50, 20}}, "invalid reward percentile"},
      {"eth_feeHistory", {"0x1", "latest", {101}}, "invalid reward percentile"},
      {"eth_sendRawTransaction", {"0xzz"}, "invalid argument 0: invalid hex string"},
  };
  for (const auto& [method, params, message] : cases) {
    INFO(method << params.dump());
    const Json error = node.call(method, params.get<std::vector<Json>>());
    CHECK(error["code"] == kInvalidParams);
    CHECK(error["message"] == message);
  }
}

TEST_CASE("quantities have no leading zeros", "[node][rpc]") {
  CHECK(quantity(std::uint64_t{0}) == "0x0");
  CHECK(quantity(std::uint64_t{1024}) == "0x400");
  CHECK(quantity(~std::uint64_t{0}) == "0xffffffffffffffff");
  CHECK(quantity(U256(0)) == "0x0");
  CHECK(quantity(U256(65)) == "0x41");
  CHECK(quantity(U256("0x100000000000000000000000000000000")) ==
        "0x100000000000000000000000000000000");
}

TEST_CASE("what the node says of itself and the chain", "[node][rpc]") {
  Node node;
  CHECK(node.call("web3_clientVersion") == "PIXELZX/v1.0.0");
  CHECK(node.call("web3_sha3", {"0x68656c6c6f20776f726c64"}) ==
        "0x47173285a8d7341e5e972fc677286384f802f8ef42a5ec5f03bbfa254cb01fad");
  CHECK(node.call("net_version") == "1337");
  CHECK(node.call("net_listening") == true);
  CHECK(node.call("net_peerCount") == "0x0");
  CHECK(node.call("rpc_modules") ==
        Json{{"eth", "1.0"}, {"net", "1.0"}, {"rpc", "1.0"}, {"txpool", "1.0"}, {"web3", "1.0"}});
  CHECK(node.call("eth_syncing") == false);
  CHECK(node.call("eth_accounts") == Json::array());
  CHECK(node.call("eth_coinbase") == to_0x(sender_with(test::kValidator)));
  CHECK(node.call("eth_blockNumber") == "0x0");
  CHECK(node.call("eth_fillTransaction", {Json::object()})["code"] == kMethodNotFound);
}

TEST_CASE("a block, its transactions and receipts", "[node][rpc]") {
  Node node;
  Transaction creation = test::transfer(0);
  creation.to.reset();
  creation.gas_limit = 100'000;
  creation.data = test::hex("600a600a600c39600a6000f3");  // returns what comes after it
  Transaction logged = test::transfer(0);
  logged.to = address_of(kLogger);
  logged.value = 0;
  logged.gas_limit = 50'000;
  logged.data = Bytes(32, 0xab);
  Transaction legacy = test::transfer(1);
  legacy.type = TransactionType::kLegacy;
  legacy.max_fee = legacy.max_priority_fee = 2 * kGwei;
  legacy.value = 5;
  Transaction listed = test::transfer(0);
  listed.type = TransactionType::kAccessList;
  listed.max_priority_fee = listed.max_fee;
  listed.access_list = {{.address = address_of(0xaa), .storage_keys = {Hash{1}}}};
  listed.gas_limit = 30'000;
  const std::vector<SignedTransaction> made = {signed_with(0x11, creation),
                                               signed_with(0x12, logged), signed_with(0x11, legacy),
                                               signed_with(0x13, listed)};
  const BlockPointer block = test::produce(*node.chain, made);
  REQUIRE(block->receipts.size() == 4);
  const std::string hash = to_0x(block->hash);

  const Json json = node.call("eth_getBlockByNumber", {"0x1", false});
  CHECK(json == node.call("eth_getBlockByHash", {hash, false}));
  CHECK(json["number"] == "0x1");
  CHECK(json["hash"] == hash);
  CHECK(json["parentHash"] == node.call("eth_getBlockByNumber", {"earliest", false})["hash"]);
  CHECK(json["nonce"] == "0x0000000000000000");
  CHECK(json["sha3Uncles"] == to_0x(kNoOmmers));
  CHECK(json["withdrawalsRoot"] == to_0x(kEmptyRoot));
  CHECK(json["miner"] == to_0x(sender_with(test::kValidator)));
  CHECK(json["difficulty"] == "0x0");
  CHECK(json["gasUsed"] == quantity(block->block.header.gas_used));
  CHECK(json["baseFeePerGas"] == quantity(block->block.header.base_fee));
  CHECK(json["size"] == quantity(std::uint64_t{encode_block(block->block).size()}));
  CHECK(json["uncles"] == Json::array());
  CHECK(json["withdrawals"] == Json::array());
  CHECK(json["logsBloom"].get<std::string>().size() == 2 + 512);
  Json hashes = Json::array();
  for (const SignedTransaction& transaction : made) hashes.push_back(to_0x(transaction.hash));
  CHECK(json["transactions"] == hashes);

  const Json whole = node.call("eth_getBlockByNumber", {"latest", true})["transactions"];
  const Json receipts = node.call("eth_getBlockReceipts", {hash});
  REQUIRE(whole.size() == 4);
  REQUIRE(receipts.size() == 4);
  U256 gas = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    INFO(i);
    const std::string index = quantity(std::uint64_t{i});
    CHECK(whole[i]["hash"] == hashes[i]);
    CHECK(whole[i]["blockHash"] == hash);
    CHECK(whole[i]["blockNumber"] == "0x1");
    CHECK(whole[i]["transactionIndex"] == index);
    CHECK(whole[i]["from"] == to_0x(made[i].sender));
    CHECK(whole[i] == node.call("eth_getTransactionByHash", {hashes[i]}));
    CHECK(whole[i] == node.call("eth_getTransactionByBlockHashAndIndex", {hash, index}));
    CHECK(whole[i] == node.call("eth_getTransactionByBlockNumberAndIndex", {"latest", index}));
    CHECK(node.call("eth_getRawTransactionByHash", {hashes[i]}) ==
          to_0x(encode_transaction(made[i].transaction)));
    CHECK(receipts[i] == node.call("eth_getTransactionReceipt", {hashes[i]}));
    CHECK(receipts[i]["status"] == "0x1");
    CHECK(receipts[i]["transactionHash"] == hashes[i]);
    CHECK(receipts[i]["transactionIndex"] == index);
    CHECK(receipts[i]["effectiveGasPrice"] == whole[i]["gasPrice"]);
    gas += *parse_u256(receipts[i]["gasUsed"].get<std::string>());
    CHECK(receipts[i]["cumulativeGasUsed"] == quantity(gas));
  }

  const U256 base_fee = block->block.header.base_fee;
  CHECK(whole[0]["type"] == "0x2");
  CHECK(whole[0]["to"] == nullptr);
  CHECK(whole[0]["maxFeePerGas"] == quantity(10 * kGwei));
  CHECK(whole[0]["maxPriorityFeePerGas"] == quantity(kGwei));
  CHECK(whole[0]["gasPrice"] == quantity(U256(base_fee + kGwei)));
  CHECK(whole[0]["yParity"] == whole[0]["v"]);
  CHECK(whole[0]["accessList"] == Json::array());
  CHECK(whole[2]["type"] == "0x0");
  CHECK(whole[2]["gasPrice"] == quantity(2 * kGwei));
  CHECK(whole[2]["chainId"] == "0x539");
  CHECK(whole[2]["value"] == "0x5");
  CHECK_FALSE(whole[2].contains("yParity"));
  CHECK((whole[2]["v"] == quantity(std::uint64_t{1337 * 2 + 35}) ||
         whole[2]["v"] == quantity(std::uint64_t{1337 * 2 + 36})));
  CHECK(whole[3]["type"] == "0x1");
  CHECK(whole[3]["accessList"][0]["address"] == to_0x(address_of(0xaa)));
  CHECK(whole[3]["accessList"][0]["storageKeys"][0] == to_0x(Hash{1}));

  const std::string contract = to_0x(contract_address(sender_with(0x11), 0));
  CHECK(receipts[0]["contractAddress"] == contract);
  CHECK(receipts[0]["to"] == nullptr);
  CHECK(receipts[1]["contractAddress"] == nullptr);
  const Json& log = receipts[1]["logs"][0];
  CHECK(log["address"] == to_0x(address_of(kLogger)));
  CHECK(log["topics"][0] == "0x000000000000000000000000" + to_hex(sender_with(0x12)));
  CHECK(log["data"] == to_0x(logged.data));
  CHECK(log["logIndex"] == "0x0");
  CHECK(log["transactionIndex"] == "0x1");
  CHECK(log["transactionHash"] == hashes[1]);
  CHECK(log["blockHash"] == hash);
  CHECK(log["removed"] == false);

  CHECK(node.call("eth_getBlockTransactionCountByNumber", {"0x1"}) == "0x4");
  CHECK(node.call("eth_getBlockTransactionCountByHash", {hash}) == "0x4");
  CHECK(node.call("eth_getUncleCountByBlockNumber", {"0x1"}) == "0x0");
  CHECK(node.call("eth_getUncleCountByBlockHash", {hash}) == "0x0");
}

TEST_CASE("what is not there is null, or an error where it is asked about", "[node][rpc]") {
  Node node;
  const std::string none = to_0x(Hash{9});
  const std::vector<std::pair<std::string, Json>> nulls = {
      {"eth_getBlockByNumber", {"0x5", true}},
      {"eth_getBlockByHash", {none, true}},
      {"eth_getBlockReceipts", {"0x5"}},
      {"eth_getBlockTransactionCountByHash", {none}},
      {"eth_getUncleCountByBlockNumber", {"0x5"}},
      {"eth_getTransactionByHash", {none}},
      {"eth_getRawTransactionByHash", {none}},
      {"eth_getTransactionReceipt", {none}},
      {"eth_getTransactionByBlockNumberAndIndex", {"0x0", "0x0"}},
  };
  for (const auto& [method, params] : nulls) {
    INFO(method);
    CHECK(node.call(method, params.get<std::vector<Json>>()) == nullptr);
  }
  const std::string someone = to_0x(address_of(0x77));
  CHECK(node.call("eth_getBalance", {someone, "0x5"}) ==
        Json{{"code", kServerError}, {"message", "header not found"}});
  CHECK(node.call("eth_getBalance", {someone, {{"blockHash", none}}}) ==
        Json{{"code", kServerError}, {"message", "header for hash not found"}});
  CHECK(node.call("eth_getLogs", {{{"blockHash", none}}})["message"] == "unknown block");
}

TEST_CASE("accounts, by block", "[node][rpc]") {
  Node node;
  const std::string sender = to_0x(sender_with(0x11));
  const std::string store = to_0x(address_of(kStore));
  node.mine(kStore, "0x" + word(0x1234), 0);

  CHECK(node.call("eth_getBalance", {sender, "earliest"}) == quantity(test::kFunds));
  CHECK(node.call("eth_getBalance", {sender}) != quantity(test::kFunds));
  CHECK(node.call("eth_getBalance", {to_0x(address_of(0x77)), "latest"}) == "0x0");
  CHECK(node.call("eth_getTransactionCount", {sender, "latest"}) == "0x1");
  CHECK(node.call("eth_getTransactionCount", {sender, "0x0"}) == "0x0");
  CHECK(node.call("eth_getCode", {store, "latest"}) == "0x60003560005500");
  CHECK(node.call("eth_getCode", {sender, "latest"}) == "0x");
  CHECK(node.call("eth_getStorageAt", {store, "0x0", "latest"}) == "0x" + word(0x1234));
  CHECK(node.call("eth_getStorageAt", {store, "0x" + word(0), "0x0"}) == "0x" + word(7));
  CHECK(node.call("eth_getStorageAt", {to_0x(address_of(0x77)), "0x0"}) == "0x" + word(0));
  for (const std::string tag : {"latest", "pending", "safe", "finalized", "0x1"}) {
    CHECK(node.call("eth_getStorageAt", {store, "0x0", tag}) == "0x" + word(0x1234));
  }
  const std::string hash = to_0x(node.chain->block(0)->hash);
  CHECK(node.call("eth_getStorageAt", {store, "0x0", hash}) == "0x" + word(7));
  CHECK(node.call("eth_getStorageAt",
                  {store, "0x0", {{"blockHash", hash}, {"requireCanonical", true}}}) ==
        "0x" + word(7));
  CHECK(node.call("eth_getStorageAt", {store, "0x0", {{"blockNumber", "0x0"}}}) == "0x" + word(7));
}

TEST_CASE("proofs begin at the state's root", "[node][rpc]") {
  Node node;
  const Json json =
      node.call("eth_getProof", {to_0x(address_of(kStore)), {"0x0", "0x" + word(1)}, "latest"});
  CHECK(json["address"] == to_0x(address_of(kStore)));
  CHECK(json["balance"] == "0x0");
  CHECK(json["nonce"] == "0x0");
  CHECK(json["codeHash"] == to_0x(keccak256(test::hex("60003560005500"))));
  const Bytes first = test::hex(json["accountProof"][0].get<std::string>());
  CHECK(to_0x(keccak256(first)) == node.call("eth_getBlockByNumber", {"0x0", false})["stateRoot"]);
  CHECK(json["storageProof"][0]["key"] == "0x0");
  CHECK(json["storageProof"][0]["value"] == "0x7");
  const Bytes leaf = test::hex(json["storageProof"][0]["proof"][0].get<std::string>());
  CHECK(to_0x(keccak256(leaf)) == json["storageHash"]);
  CHECK(json["storageProof"][1]["key"] == "0x" + word(1));
  CHECK(json["storageProof"][1]["value"] == "0x0");
  // One that is not there.
  const Json none = node.call("eth_getProof", {to_0x(address_of(0x77)), Json::array(), "latest"});
  CHECK(none["codeHash"] == to_0x(kEmptyCodeHash));
  CHECK(none["storageHash"] == to_0x(kEmptyRoot));
}

TEST_CASE("calls, and why they fail", "[node][rpc]") {
  Node node;
  CHECK(node.call("eth_call", {to_contract(kEcho, "0x1234"), "latest"}) == "0x1234");
  CHECK(node.call("eth_call", {to_contract(kStore, "0x" + word(1))}) == "0x");
  CHECK(node.call("eth_getStorageAt", {to_0x(address_of(kStore)), "0x0"}) == "0x" + word(7));
  CHECK(node.call("eth_call", {to_contract(0x77)}) == "0x");

  const std::string reason = error_data("not enough");
  CHECK(node.call("eth_call", {to_contract(kReverter, reason)}) ==
        Json{{"code", 3}, {"message", "execution reverted: not enough"}, {"data", reason}});
  CHECK(node.call("eth_call", {to_contract(kReverter, "0x12345678")}) ==
        Json{{"code", 3}, {"message", "execution reverted"}, {"data", "0x12345678"}});
  CHECK(node.call("eth_call", {to_contract(kLoop)}) ==
        Json{{"code", kServerError}, {"message", "out of gas"}});
  Json poor = to_contract(kEcho);
  poor["value"] = quantity(U256(test::kFunds + 1));
  CHECK(node.call("eth_call", {poor})["message"] == "insufficient funds for gas * price + value");
  Json cheap = to_contract(kEcho);
  cheap["gasPrice"] = "0x1";
  CHECK(node.call("eth_call", {cheap})["message"] == "max fee per gas less than block base fee");

  const std::string sender = to_0x(sender_with(0x11));
  CHECK(node.call("eth_call", {to_contract(kBalance)}) == to_0x(to_hash(test::kFunds)));
  CHECK(
      node.call("eth_call", {to_contract(kBalance), "latest", {{sender, {{"balance", "0x9"}}}}}) ==
      "0x" + word(9));
  // Code in place of an account without.
  const Json overrides = {
      {to_0x(address_of(0x77)),
       {{"code", "0x60005460005260206000f3"}, {"stateDiff", {{"0x" + word(0), "0x" + word(5)}}}}}};
  CHECK(node.call("eth_call", {to_contract(0x77), "latest", overrides}) == "0x" + word(5));
}

TEST_CASE("calls that take too long are interrupted", "[node][rpc]") {
  Node node({.call_time = std::chrono::seconds(0)});
  const Json aborted{{"code", kServerError}, {"message", "execution aborted (timeout = 0s)"}};
  for (const char* method : {"eth_call", "eth_estimateGas", "eth_createAccessList"}) {
    CHECK(node.call(method, {to_contract(kLoop)}) == aborted);
  }
  // Blocks are carried out however long it takes.
  node.mine(kLoop, "0x", 0);
  CHECK(node.chain->block(1)->receipts[0].cumulative_gas_used == 100'000);
}

TEST_CASE("an interrupted call ends its callers, too", "[node][evm]") {
  Node node;
  const Header header = node.chain->head()->block.header;
  const auto state_before = node.chain->state(header);
  State state(*state_before);
  Transaction transaction = test::transfer(0);
  transaction.to = address_of(kAsker);
  transaction.value = 0;
  transaction.gas_limit = 1'000'000;
  int asked = 0;
  Watch watch{.is_late = [&asked] { return ++asked == 20; }};
  const auto done =
      execute_call(state, node.chain->context(header), transaction, sender_with(0x11), &watch);
  CHECK(std::get<Executed>(done).outcome == Outcome::kInterrupted);
  CHECK(asked == 20);
}

TEST_CASE("access lists are what the call asks for", "[node][rpc]") {
  Node node;
  CHECK(node.call("eth_blobBaseFee") == "0x1");
  const Json none = node.call("eth_createAccessList", {to_contract(kEcho, "0x12")});
  CHECK(none["accessList"] == Json::array());
  CHECK(none["gasUsed"] == node.call("eth_estimateGas", {to_contract(kEcho, "0x12")}));

  const Json list = {{{"address", to_0x(address_of(kEcho))}, {"storageKeys", Json::array()}},
                     {{"address", to_0x(address_of(kReader))}, {"storageKeys", {"0x" + word(3)}}}};
  Json request = to_contract(kReader, "0x12");
  const Json created = node.call("eth_createAccessList", {request, "latest"});
  CHECK(created["accessList"] == list);
  CHECK_FALSE(created.contains("error"));
  request["accessList"] = list;
  CHECK(created["gasUsed"] == node.call("eth_estimateGas", {request}));

  const Json failed = node.call("eth_createAccessList", {to_contract(kReader)});
  CHECK(failed["accessList"] == list);
  CHECK(failed["error"] == "execution reverted");
}

TEST_CASE("what panics mean", "[node][rpc]") {
  CHECK(revert_reason(test::hex("0x4e487b71" + word(0x11))) == "arithmetic underflow or overflow");
  CHECK(revert_reason(test::hex("0x4e487b71" + word(0x51))) == "uninitialized function");
  CHECK(revert_reason(test::hex("0x4e487b71" + word(0x77))) == "unknown panic code: 0x77");
  CHECK_FALSE(revert_reason(test::hex("0x4e487b71")));
  CHECK_FALSE(revert_reason(test::hex("0x4e487b71" + word(0x11) + "00")));
}

TEST_CASE("reasons are strings that the output contains", "[node][rpc]") {
  CHECK(revert_reason(test::hex(error_data("why"))) == "why");
  CHECK(revert_reason(test::hex(error_data(""))) == "");
  const std::string good = error_data("why");
  for (const std::string& bad :
       {std::string("0x"), std::string("0x08c379a0"), good.substr(0, 2 + 8 + 64 + 60),
        "0x08c379a1" + good.substr(10), "0x08c379a0" + word(33) + good.substr(74),
        "0x08c379a0" + word(32) + word(65) + std::string(128, '0'),
        "0x08c379a0" + word(32) + std::string(64, 'f') + std::string(64, '0')}) {
    INFO(bad);
    CHECK_FALSE(revert_reason(test::hex(bad)));
  }
}

TEST_CASE("estimates are enough, and little more than that", "[node][rpc]") {
  Node node;
  Json transfer = to_contract(0x77);
  transfer["value"] = "0x1";
  CHECK(node.call("eth_estimateGas", {transfer}) == "0x5208");
  transfer["maxFeePerGas"] = quantity(10 * kGwei);
  CHECK(node.call("eth_estimateGas", {transfer}) == "0x5208");
  transfer["value"] = quantity(test::kFunds);
  CHECK(node.call("eth_estimateGas", {transfer})["message"] ==
        "gas required exceeds allowance (0)");

  // Gas comes back for a slot that becomes zero: what is used is not enough.
  const Json clearing = to_contract(kStore, "0x" + word(0));
  const auto gas = parse_u256(node.call("eth_estimateGas", {clearing}).get<std::string>());
  REQUIRE(gas);
  Transaction transaction = test::transfer(0);
  transaction.to = address_of(kStore);
  transaction.value = 0;
  transaction.data = Bytes(32);
  transaction.gas_limit = static_cast<std::uint64_t>(*gas);
  const BlockPointer block = test::produce(*node.chain, {signed_with(0x11, transaction)});
  REQUIRE(block->receipts.size() == 1);
  CHECK(block->receipts[0].success);
  CHECK(block->receipts[0].cumulative_gas_used < transaction.gas_limit);
  CHECK(block->receipts[0].cumulative_gas_used * 5 / 4 + 500 > transaction.gas_limit);

  const std::string reason = error_data("no");
  CHECK(node.call("eth_estimateGas", {to_contract(kReverter, reason)}) ==
        Json{{"code", 3}, {"message", "execution reverted: no"}, {"data", reason}});
  CHECK(node.call("eth_estimateGas", {to_contract(kLoop)})["message"] ==
        "gas required exceeds allowance (30000000)");
}

TEST_CASE("logs are found by block, address and topics", "[node][rpc]") {
  Node node({.log_blocks = 10, .logs = 4});
  for (std::uint64_t i = 0; i < 4; ++i) node.mine(kLogger, "0x" + word(i % 2), i);
  const std::string caller = "0x000000000000000000000000" + to_hex(sender_with(0x11));
  const std::string logger = to_0x(address_of(kLogger));
  const auto count = [&node](const Json& criteria) {
    const Json logs = node.call("eth_getLogs", {criteria});
    return logs.is_array() ? static_cast<int>(logs.size()) : -1;
  };
  CHECK(count({{"fromBlock", "0x0"}}) == 4);
  CHECK(count({{"fromBlock", "earliest"}, {"toBlock", "0x2"}}) == 2);
  CHECK(count(Json::object()) == 1);
  CHECK(count({{"blockHash", to_0x(node.chain->block(2)->hash)}}) == 1);
  CHECK(count({{"fromBlock", "0x0"}, {"address", logger}}) == 4);
  CHECK(count({{"fromBlock", "0x0"}, {"address", {to_0x(address_of(kEcho)), logger}}}) == 4);
  CHECK(count({{"fromBlock", "0x0"}, {"address", to_0x(address_of(kEcho))}}) == 0);
  CHECK(count({{"fromBlock", "0x0"}, {"topics", {caller}}}) == 4);
  CHECK(count({{"fromBlock", "0x0"}, {"topics", {nullptr, "0x" + word(1)}}}) == 2);
  CHECK(count({{"fromBlock", "0x0"}, {"topics", {nullptr, {"0x" + word(1), "0x" + word(0)}}}}) ==
        4);
  CHECK(count({{"fromBlock", "0x0"}, {"topics", {"0x" + word(1)}}}) == 0);
  CHECK(count({{"fromBlock", "0x0"}, {"topics", {nullptr, nullptr, nullptr}}}) == 0);
  CHECK(count({{"fromBlock", "0x1"}, {"toBlock", "0x500"}}) == 4);
  CHECK(count({{"fromBlock", "0x5"}}) == 0);
  CHECK(count({{"fromBlock", "0x5"}, {"toBlock", "latest"}}) == 0);
  CHECK(count({{"fromBlock", "0x0"}, {"topics", {{nullptr, "0x" + word(1)}}}}) == 4);
  CHECK(count({{"blockHash", to_0x(node.chain->block(2)->hash)}, {"fromBlock", nullptr}}) == 1);

  const Json log = node.call("eth_getLogs", {{{"fromBlock", "0x3"}, {"toBlock", "0x3"}}})[0];
  CHECK(log == node.call("eth_getBlockReceipts", {"0x3"})[0]["logs"][0]);

  CHECK(node.call("eth_getLogs", {{{"fromBlock", "0x2"}, {"toBlock", "0x1"}}})["message"] ==
        "invalid block range params");
  node.mine(kLogger, "0x", 4);
  CHECK(node.call("eth_getLogs", {{{"fromBlock", "0x0"}}})["code"] == kLimitExceeded);
  for (int i = 0; i < 6; ++i) test::produce(*node.chain);
  CHECK(count({{"fromBlock", "0x2"}}) == 4);
  CHECK(node.call("eth_getLogs", {{{"fromBlock", "0x1"}}})["message"] ==
        "block range too large: ask for at most 10 blocks");
}

TEST_CASE("filters tell what is new since the last time", "[node][rpc]") {
  Node node;
  node.mine(kLogger, "0x", 0);
  const std::string blocks = node.call("eth_newBlockFilter");
  const std::string logs = node.call("eth_newFilter", {{{"address", to_0x(address_of(kLogger))}}});
  const std::string all = node.call("eth_newFilter", {{{"fromBlock", "0x0"}}});
  const std::string pending = node.call("eth_newPendingTransactionFilter");
  for (const std::string& id : {blocks, logs, all, pending}) {
    CHECK(node.call("eth_getFilterChanges", {id}) == Json::array());
  }
  node.mine(kLogger, "0x", 1);
  test::produce(*node.chain);
  CHECK(node.call("eth_getFilterChanges", {blocks}) ==
        Json{to_0x(node.chain->block(2)->hash), to_0x(node.chain->block(3)->hash)});
  CHECK(node.call("eth_getFilterChanges", {blocks}) == Json::array());
  const Json changes = node.call("eth_getFilterChanges", {logs});
  REQUIRE(changes.size() == 1);
  CHECK(changes[0]["blockNumber"] == "0x2");
  CHECK(node.call("eth_getFilterChanges", {logs}) == Json::array());
  CHECK(node.call("eth_getFilterLogs", {all}).size() == 2);

  const SignedTransaction made = signed_with(0x12, test::transfer(0));
  CHECK(node.call("eth_sendRawTransaction", {to_0x(encode_transaction(made.transaction))}) ==
        to_0x(made.hash));
  CHECK(node.call("eth_getFilterChanges", {pending}) == Json{to_0x(made.hash)});
  CHECK(node.call("eth_getFilterChanges", {pending}) == Json::array());

  CHECK(node.call("eth_uninstallFilter", {blocks}) == true);
  CHECK(node.call("eth_uninstallFilter", {blocks}) == false);
  CHECK(node.call("eth_getFilterChanges", {blocks})["message"] == "filter not found");
  CHECK(node.call("eth_getFilterLogs", {pending})["message"] == "filter not found");
}

TEST_CASE("no log gets lost where a filter has too many at once", "[node][rpc]") {
  Node node({.log_blocks = 3, .logs = 2});
  const std::string id = node.call("eth_newFilter", {Json::object()});
  for (std::uint64_t i = 0; i < 5; ++i) node.mine(kLogger, "0x", i);
  std::vector<Json> numbers;
  for (const std::size_t size : {2U, 2U, 1U, 0U}) {
    const Json logs = node.call("eth_getFilterChanges", {id});
    CHECK(logs.size() == size);
    for (const Json& log : logs) numbers.push_back(log["blockNumber"]);
  }
  CHECK(numbers == std::vector<Json>{"0x1", "0x2", "0x3", "0x4", "0x5"});
  // Nor where there is no time for it.
  node.mine(kLogger, "0x", 5);
  const std::atomic<bool> stopping = true;
  const RpcContext late{.backend = node.backend, .stopping = stopping, .deadline = {}};
  CHECK(std::holds_alternative<RpcError>(node.backend.filters.changes(late, *parse_u256(id))));
  CHECK(node.call("eth_getFilterChanges", {id}).size() == 1);
}

TEST_CASE("filters are few, and forgotten when nobody asks", "[node][rpc]") {
  Node few({.filters = 2});
  const std::string first = few.call("eth_newBlockFilter");
  const std::string second = few.call("eth_newBlockFilter");
  CHECK(few.call("eth_getFilterChanges", {first}) == Json::array());
  const std::string third = few.call("eth_newBlockFilter");
  CHECK(few.call("eth_getFilterChanges", {first}) == Json::array());
  CHECK(few.call("eth_getFilterChanges", {second})["message"] == "filter not found");
  CHECK(few.call("eth_getFilterChanges", {third}) == Json::array());
  const Json many(600, "0x" + word(1));
  CHECK(few.call("eth_newFilter", {{{"topics", {many}}}}).is_string());
  CHECK(few.call("eth_newFilter", {{{"topics", {many, many}}}})["message"] ==
        "filter with too many addresses or topics");
  Node forgetful({.filters = 1, .filter_life = std::chrono::seconds(-1)});
  const std::string id = forgetful.call("eth_newBlockFilter");
  CHECK(forgetful.call("eth_getFilterChanges", {id})["message"] == "filter not found");
  CHECK(forgetful.call("eth_newBlockFilter").is_string());
}

TEST_CASE("transactions are taken, or refused in geth's words", "[node][rpc]") {
  Node node;
  const SignedTransaction made = signed_with(0x11, test::transfer(0));
  const std::string raw = to_0x(encode_transaction(made.transaction));
  const std::string sender = to_0x(made.sender);
  CHECK(node.call("eth_sendRawTransaction", {raw}) == to_0x(made.hash));
  CHECK(node.call("eth_sendRawTransaction", {raw}) ==
        Json{{"code", kServerError}, {"message", "already known"}});
  CHECK(node.call("eth_sendRawTransaction", {"0x"})["code"] == kServerError);

  CHECK(node.call("eth_getTransactionCount", {sender, "pending"}) == "0x1");
  CHECK(node.call("eth_getTransactionCount", {sender, "latest"}) == "0x0");
  const Json waiting = node.call("eth_getTransactionByHash", {to_0x(made.hash)});
  CHECK(waiting["hash"] == to_0x(made.hash));
  CHECK(waiting["from"] == sender);
  CHECK(waiting["blockHash"] == nullptr);
  CHECK(waiting["blockNumber"] == nullptr);
  CHECK(waiting["transactionIndex"] == nullptr);
  CHECK(waiting["gasPrice"] == quantity(10 * kGwei));
  CHECK(node.call("eth_getTransactionReceipt", {to_0x(made.hash)}) == nullptr);
  CHECK(node.call("eth_getRawTransactionByHash", {to_0x(made.hash)}) == raw);

  const SignedTransaction later = signed_with(0x12, test::transfer(5));
  node.call("eth_sendRawTransaction", {to_0x(encode_transaction(later.transaction))});
  CHECK(node.call("txpool_status") == Json{{"pending", "0x1"}, {"queued", "0x1"}});
  const Json content = node.call("txpool_content");
  CHECK(content["pending"][sender]["0"] == waiting);
  CHECK(content["queued"][to_0x(later.sender)]["5"]["hash"] == to_0x(later.hash));
}

TEST_CASE("fees: what is suggested, and what was paid", "[node][rpc]") {
  Node node;
  CHECK(node.call("eth_maxPriorityFeePerGas") == quantity(kGwei));
  for (std::uint64_t i = 0; i < 2; ++i) {
    Transaction transaction = test::transfer(i);
    transaction.max_priority_fee = (i + 2) * kGwei;
    test::produce(*node.chain, {signed_with(0x11, transaction)});
  }
  CHECK(node.call("eth_maxPriorityFeePerGas") == quantity(2 * kGwei));
  const U256 next = next_base_fee(node.chain->head()->block.header);
  CHECK(node.call("eth_gasPrice") == quantity(U256(next + 2 * kGwei)));

  const Json history = node.call("eth_feeHistory", {"0x2", "latest", {0, 50, 100}});
  CHECK(history["oldestBlock"] == "0x1");
  CHECK(history["baseFeePerGas"].size() == 3);
  CHECK(history["baseFeePerGas"][2] == quantity(next));
  CHECK(history["baseFeePerGas"][0] == quantity(node.chain->block(1)->block.header.base_fee));
  CHECK(history["gasUsedRatio"][0] ==
        21000.0 / static_cast<double>(node.chain->block(1)->block.header.gas_limit));
  CHECK(history["reward"][0] ==
        Json{quantity(2 * kGwei), quantity(2 * kGwei), quantity(2 * kGwei)});
  CHECK(history["reward"][1][1] == quantity(3 * kGwei));
  CHECK(node.call("eth_feeHistory", {2, "latest", {0, 50, 100}}) == history);
  const Json longer = node.call("eth_feeHistory", {"0x400", "0x1"});
  CHECK(longer["oldestBlock"] == "0x0");
  CHECK(longer["baseFeePerGas"].size() == 3);
  CHECK_FALSE(longer.contains("reward"));
}

}  // namespace
}  // namespace pixelzx::node
