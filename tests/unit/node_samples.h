// SPDX-License-Identifier: Apache-2.0
//
// What the unit tests of the chain share: keys, transactions, a genesis, and chains that begin with
// it.
#pragma once

#include <catch2/catch.hpp>
#include <deque>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "node/chain/chain.h"
#include "node/crypto/hash.h"
#include "node/crypto/secp256k1.h"

namespace pixelzx::node::test {

inline Bytes hex(std::string_view text) {
  const std::optional<Bytes> bytes = from_hex(text);
  REQUIRE(bytes);
  return *bytes;
}

inline Hash hash_of(std::string_view text) {
  const auto hash = array_from_hex<Hash>(text);
  REQUIRE(hash);
  return *hash;
}

inline SecretKey key_of(std::uint8_t byte) {
  SecretKey key{};
  key.fill(byte);
  return key;
}

inline Address sender_with(std::uint8_t byte) {
  return address_of(key_of(byte)).value();
}

inline Transaction signed_by(const SecretKey& key, Transaction transaction) {
  transaction.signature = sign(signing_hash(transaction), key).value();
  return transaction;
}

inline constexpr std::uint8_t kValidator = 1;
inline constexpr unsigned kChainId = 1337;
inline constexpr std::uint64_t kGwei = 1'000'000'000;
inline const U256 kFunds("1000000000000000000");

/// The validator and senders 0x11 to 0x1f have funds.
inline Genesis sample_genesis(std::uint64_t block_time = 0) {
  Alloc alloc;
  for (std::uint8_t byte = 0x11; byte < 0x20; ++byte) alloc[sender_with(byte)].balance = kFunds;
  return make_genesis(kChainId, block_time, 1'700'000'000, {sender_with(kValidator)},
                      std::move(alloc));
}

/// Of one wei to nobody. Test cases change what they are about, and sign().
inline Transaction transfer(std::uint64_t nonce) {
  Transaction transaction;
  transaction.type = TransactionType::kDynamicFee;
  transaction.chain_id = kChainId;
  transaction.nonce = nonce;
  transaction.max_priority_fee = kGwei;
  transaction.max_fee = 10 * kGwei;
  transaction.gas_limit = 21000;
  transaction.to = Address{0xaa};
  transaction.value = 1;
  return transaction;
}

inline SignedTransaction signed_with(std::uint8_t byte, const Transaction& transaction) {
  SignedTransaction made{
      .transaction = signed_by(key_of(byte), transaction), .hash = {}, .sender = sender_with(byte)};
  made.hash = transaction_hash(made.transaction);
  return made;
}

inline std::unique_ptr<Chain> open_chain(const std::filesystem::path& directory,
                                         const std::optional<Genesis>& genesis = sample_genesis()) {
  auto opened = Chain::open(directory, genesis);
  if (const auto* fault = std::get_if<ChainFault>(&opened)) FAIL(fault->detail);
  return std::move(std::get<std::unique_ptr<Chain>>(opened));
}

/// A block with as many of `transactions` as fit.
inline BlockPointer produce(Chain& chain, const std::vector<SignedTransaction>& transactions = {},
                            std::uint64_t timestamp = 0) {
  auto at = transactions.begin();
  return chain.produce_block(
      key_of(kValidator), timestamp,
      [&]() -> const SignedTransaction* { return at == transactions.end() ? nullptr : &*at++; },
      [](const SignedTransaction&, const auto&) {});
}

}  // namespace pixelzx::node::test
