// SPDX-License-Identifier: Apache-2.0
//
// Bodies of JSON-RPC requests, each as the first one to a small chain's node would be; what one
// leaves behind, in the pool or as a filter, is there for the next.
#include "fuzz.h"
#include "node/rpc/backend.h"
#include "node/rpc/methods.h"
#include "node/rpc/metrics.h"

namespace pixelzx::fuzz {
namespace {

using namespace node;  // NOLINT: the subject

constexpr std::uint8_t kContract = 0xcc;
constexpr std::uint8_t kValidator = 1;
constexpr std::uint8_t kSender = 0x11;

SecretKey key_of(std::uint8_t byte) {
  SecretKey key{};
  key.fill(byte);
  return key;
}

Genesis genesis() {
  std::map<Address, GenesisAccount> alloc;
  alloc[*address_of(key_of(kSender))].balance = U256("1000000000000000000");
  Address contract{};
  contract.fill(kContract);
  // Logs and returns what it is given, and stores the first word; without any, it reverts.
  alloc[contract].code =
      *from_hex("36600060003760003580600055366000a13615601a57366000f35b60006000fd");
  return make_genesis(1337, 0, 1'700'000'000, {*address_of(key_of(kValidator))}, std::move(alloc));
}

SignedTransaction transaction(std::uint64_t nonce) {
  SignedTransaction made;
  made.transaction.chain_id = 1337;
  made.transaction.nonce = nonce;
  made.transaction.max_fee = made.transaction.max_priority_fee = U256(10'000'000'000);
  made.transaction.gas_limit = 100'000;
  made.transaction.to.emplace().fill(kContract);
  made.transaction.data = Bytes(40, 0xab);
  made.transaction.signature = *sign(signing_hash(made.transaction), key_of(kSender));
  made.hash = transaction_hash(made.transaction);
  made.sender = *address_of(key_of(kSender));
  return made;
}

struct Node {
  Node() {
    for (std::uint64_t nonce = 0; nonce < 3; ++nonce) {
      const SignedTransaction made = transaction(nonce);
      const SignedTransaction* next = &made;
      const BlockPointer block = chain->produce_block(
          key_of(kValidator), 0, [&next] { return std::exchange(next, nullptr); },
          [](const SignedTransaction&, const auto&) {});
      require(block->receipts.size() == 1 && block->receipts[0].success);
    }
  }

  Folder folder;
  std::unique_ptr<Chain> chain =
      std::get<std::unique_ptr<Chain>>(Chain::open(folder.path("chain"), genesis()));
  Pool pool{*chain};
  // Little gas, or a loop is all that is found.
  RpcBackend backend{.chain = *chain,
                     .pool = pool,
                     .bounds = {.call_gas = 200'000},
                     .client_version = "PIXELZX",
                     .oracle = {},
                     .filters = RpcFilters(pool)};
  RpcMetrics metrics{rpc_methods()};
  RpcDispatcher dispatcher{rpc_methods(), {}, backend, metrics};
};

void check_response(const Json& response) {
  require(response.is_object() && response.size() == 3 && response["jsonrpc"] == "2.0");
  require(response.contains("result") != response.contains("error"));
  if (!response.contains("error")) return;
  require(response["error"]["code"].is_number_integer());
  require(response["error"]["message"].is_string());
  require(response["error"]["code"] != kInternalError);
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  static fuzz::Node node;
  const node::HttpReply reply = node.dispatcher.answer(fuzz::text_of(data, size));
  if (reply.status == 204) {
    fuzz::require(reply.body.empty());
    return 0;
  }
  fuzz::require(reply.status == 200);
  const node::Json answer = node::Json::parse(reply.body, nullptr, false);
  fuzz::require(!answer.is_discarded());
  if (answer.is_array()) {
    for (const node::Json& response : answer) fuzz::check_response(response);
  } else {
    fuzz::check_response(answer);
  }
  return 0;
}
