// SPDX-License-Identifier: Apache-2.0
#include "node/chain/networks.h"

#include <algorithm>
#include <array>
#include <utility>

#include "node/crypto/hash.h"

namespace pixelzx::node {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 2> kNetworks{{
    {"mainnet", 8888},
    {"testnet", 8889},
}};

}  // namespace

std::optional<std::uint64_t> chain_id_of(std::string_view network) {
  for (const auto& [name, id] : kNetworks) {
    if (name == network) return id;
  }
  return std::nullopt;
}

std::string network_of(std::uint64_t chain_id) {
  for (const auto& [name, id] : kNetworks) {
    if (id == chain_id) return std::string(name);
  }
  return std::string(kDevnet);
}

const SecretKey& development_key() {
  static const SecretKey kKey = keccak256(as_bytes("PIXELZX development account"));
  return kKey;
}

Genesis development_genesis(std::uint64_t chain_id, std::uint64_t block_time) {
  const Address address = address_of(development_key()).value_or(Address{});
  GenesisAccount rich;
  rich.balance = pow(U256(10), 9 + 18);  // a billion PXZ
  return make_genesis(chain_id, block_time, /*timestamp=*/0, {address}, {{address, rich}});
}

}  // namespace pixelzx::node
