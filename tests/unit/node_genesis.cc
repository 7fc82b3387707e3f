// SPDX-License-Identifier: Apache-2.0
#include "node/chain/genesis.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/unit/node_samples.h"
#include "tests/unit/support.h"

namespace pixelzx::node {
namespace {

using nlohmann::json;
using test::sender_with;

/// As geth's documentation has it, with members that geth knows and we have no use for.
json sample() {
  json file = json::parse(R"({
    "config": {
      "chainId": 8889,
      "homesteadBlock": 0, "eip150Block": 0, "eip155Block": 0, "eip158Block": 0,
      "byzantiumBlock": 0, "constantinopleBlock": 0, "petersburgBlock": 0, "istanbulBlock": 0,
      "muirGlacierBlock": 0, "berlinBlock": 0, "londonBlock": 0, "arrowGlacierBlock": 0,
      "grayGlacierBlock": 0, "shanghaiTime": 0, "cancunTime": "0x0", "pragueTime": null,
      "terminalTotalDifficulty": 0,
      "clique": { "period": 5, "epoch": 30000 }
    },
    "nonce": "0x42", "timestamp": "0x65", "gasLimit": "8000000", "difficulty": "0x1",
    "mixHash": "0x0100000000000000000000000000000000000000000000000000000000000000",
    "coinbase": "0x0200000000000000000000000000000000000000",
    "alloc": {
      "7df9a875a174b3bc565e6424a0050ebc1b2d1d82": { "balance": "300000" },
      "0xF41c74c9ae680c1aa78f42e5647a62f353b7bdde": {
        "balance": "0xff", "nonce": "0x1", "code": "0x5f5ff3",
        "storage": { "0x01": "0x02",
                     "0x00000000000000000000000000000000000000000000000000000000000000ff": "03" }
      }
    }
  })");
  file["extraData"] = "0x" + std::string(64, '7') + to_hex(sender_with(1)) +
                      to_hex(sender_with(2)) + std::string(130, '0');
  return file;
}

Genesis parsed(const json& file) {
  auto genesis = parse_genesis(file.dump());
  if (const auto* error = std::get_if<GenesisError>(&genesis)) FAIL(error->where + error->why);
  return std::get<Genesis>(genesis);
}

std::string error_of(std::string_view text) {
  const auto genesis = parse_genesis(text);
  const auto* error = std::get_if<GenesisError>(&genesis);
  REQUIRE(error != nullptr);
  return error->where + ": " + error->why;
}

TEST_CASE("a genesis.json of geth's is read", "[node]") {
  const Genesis genesis = parsed(sample());
  CHECK(genesis.chain_id == 8889);
  CHECK(genesis.block_time == 5);
  CHECK(genesis.validators == std::vector{sender_with(1), sender_with(2)});
  CHECK(genesis.header.timestamp == 0x65);
  CHECK(genesis.header.gas_limit == 8'000'000);
  CHECK(genesis.header.difficulty == 1);
  CHECK(genesis.header.nonce == std::array<std::uint8_t, 8>{0, 0, 0, 0, 0, 0, 0, 0x42});
  CHECK(genesis.header.prev_randao == Hash{1});
  CHECK(genesis.header.beneficiary == Address{2});
  CHECK(genesis.header.base_fee == 1'000'000'000);
  REQUIRE(genesis.alloc.size() == 2);
  CHECK(genesis.alloc.begin()->second.balance == 300000);
  const GenesisAccount& account = genesis.alloc.rbegin()->second;
  CHECK(account.balance == 255);
  CHECK(account.nonce == 1);
  CHECK(account.code == test::hex("5f5ff3"));
  CHECK(account.storage == std::map<U256, U256>{{1, 2}, {255, 3}});
}

TEST_CASE("a genesis comes back from its JSON", "[node]") {
  for (const Genesis& genesis :
       {parsed(sample()), test::sample_genesis(3), test::sample_genesis()}) {
    const std::string text = to_json(genesis);
    const Genesis again = parsed(json::parse(text));
    CHECK(to_json(again) == text);
    CHECK(again.header == genesis.header);
    CHECK(again.chain_id == genesis.chain_id);
    CHECK(again.block_time == genesis.block_time);
    CHECK(again.validators == genesis.validators);
    CHECK(again.alloc.size() == genesis.alloc.size());
  }
  Genesis large = test::sample_genesis();
  large.chain_id = U256(1) << 64U;
  CHECK(parsed(json::parse(to_json(large))).chain_id == large.chain_id);
}

TEST_CASE("what is allocated is in the first block's state", "[node]") {
  const pixelzx::test::Folder folder;
  const auto chain = test::open_chain(folder.path("chain"), parsed(sample()));
  const auto state = chain->state(chain->head()->block.header);
  const Address address = parsed(sample()).alloc.rbegin()->first;
  const auto account = state->account(address);
  REQUIRE(account);
  CHECK(account->nonce == 1);
  CHECK(account->balance == 255);
  CHECK(state->code(account->code_hash) == test::hex("5f5ff3"));
  CHECK(state->storage(address, 255) == 3);
}

TEST_CASE("a genesis without anything allocated has the empty state", "[node]") {
  const pixelzx::test::Folder folder;
  Genesis genesis = test::sample_genesis();
  genesis.alloc.clear();
  const auto chain = test::open_chain(folder.path("chain"), genesis);
  CHECK(chain->head()->block.header.state_root == kEmptyRoot);
  CHECK(test::produce(*chain)->block.header.state_root == kEmptyRoot);
}

TEST_CASE("what is wrong in a genesis.json is said with its place", "[node]") {
  CHECK(error_of("") == ": is not a JSON object");
  CHECK(error_of("[]") == ": is not a JSON object");
  CHECK(error_of("{") == ": is not a JSON object");
  CHECK(error_of("{}") == "config: is missing");
  CHECK(error_of(R"({"config": 1})") == "config: is not an object");

  const std::string number = "is not a number of at most 256 bits, decimal or after 0x";
  const std::string cancun = "must be 0: the chain is of the Cancun revision";
  const std::string validators =
      "is not 32 bytes, the addresses of one or more validators, and 65 bytes";
  const std::string one = std::string(64, '0') + to_hex(sender_with(1));
  struct Case {
    std::string_view pointer;
    json value;  // null: what is there is removed
    std::string error;
  };
  const std::vector<Case> cases = {
      {"/config/chainId", nullptr, "config.chainId: must be there, and not 0"},
      {"/config/chainId", 0, "config.chainId: must be there, and not 0"},
      {"/config/chainId", "x", "config.chainId: " + number},
      {"/config/chainId", -1, "config.chainId: " + number},
      {"/config/londonBlock", 5, "config.londonBlock: " + cancun},
      {"/config/cancunTime", nullptr, "config.cancunTime: " + cancun},
      {"/config/pragueTime", 0,
       "config.pragueTime: must not be there: the chain is of the Cancun revision"},
      {"/config/amsterdamTime", 0, "config.amsterdamTime: is not known to this node"},
      {"/config/clique", 5, "config.clique: is not an object"},
      {"/config/clique/period", "0x10000000000000000",
       "config.clique.period: needs more than 64 bits"},
      {"/config/clique/period", 86401, "config.clique.period: is more than a day"},
      {"/number", "0x1", "number: must be 0"},
      {"/parentHash", "0x" + std::string(64, '1'), "parentHash: must be 0"},
      {"/parentHash", "0x00", "parentHash: is not 32 hexadecimal bytes"},
      {"/gasLimit", nullptr, "gasLimit: must be at least 5000"},
      {"/gasLimit", 4999, "gasLimit: must be at least 5000"},
      {"/gasUsed", 8'000'001, "gasUsed: is above gasLimit"},
      {"/timestamp", "0x100000000000", "timestamp: is too far in the future"},
      {"/coinbase", "0x02", "coinbase: is not 20 hexadecimal bytes"},
      {"/coinbase", 2, "coinbase: is not 20 hexadecimal bytes"},
      {"/difficulty", "0x1g", "difficulty: " + number},
      {"/extraData", nullptr, "extraData: " + validators},
      {"/extraData", std::string(194, '0'), "extraData: " + validators},
      {"/extraData", std::string(236, '0'), "extraData: " + validators},
      {"/extraData", "0x0", "extraData: is not an even number of hexadecimal digits"},
      {"/extraData", one + to_hex(sender_with(1)) + std::string(130, '0'),
       "extraData: has the validator " + to_0x(sender_with(1)) + " twice"},
      {"/extraData", std::string(194 + 126 * 40, '0'), "extraData: has more than 125 validators"},
      {"/alloc", nullptr, "alloc: is missing"},
      {"/alloc/0x01", json::object(), "alloc.0x01: is not 20 hexadecimal bytes"},
      {"/alloc/0x7df9a875a174b3bc565e6424a0050ebc1b2d1d82", json::object(),
       "alloc.7df9a875a174b3bc565e6424a0050ebc1b2d1d82: is there twice"},
      {"/alloc/7df9a875a174b3bc565e6424a0050ebc1b2d1d82", 1,
       "alloc.7df9a875a174b3bc565e6424a0050ebc1b2d1d82: is not an object"},
      {"/alloc/7df9a875a174b3bc565e6424a0050ebc1b2d1d82/balance", "1 PXZ",
       "alloc.7df9a875a174b3bc565e6424a0050ebc1b2d1d82.balance: " + number},
      {"/alloc/7df9a875a174b3bc565e6424a0050ebc1b2d1d82/money", 1,
       "alloc.7df9a875a174b3bc565e6424a0050ebc1b2d1d82.money: is not known to this node"},
      {"/alloc/7df9a875a174b3bc565e6424a0050ebc1b2d1d82/storage", 1,
       "alloc.7df9a875a174b3bc565e6424a0050ebc1b2d1d82.storage: is not an object"},
      {"/alloc/7df9a875a174b3bc565e6424a0050ebc1b2d1d82/storage/0x01", "0x" + std::string(66, '1'),
       "alloc.7df9a875a174b3bc565e6424a0050ebc1b2d1d82.storage.0x01: has more than 32 bytes"},
  };
  for (const Case& wrong : cases) {
    json file = sample();
    const json::json_pointer pointer{std::string(wrong.pointer)};
    if (wrong.value.is_null()) {
      file[pointer.parent_pointer()].erase(pointer.back());
    } else {
      file[pointer] = wrong.value;
    }
    INFO(wrong.pointer << " " << wrong.value.dump());
    CHECK(error_of(file.dump()) == wrong.error);
  }
}

}  // namespace
}  // namespace pixelzx::node
