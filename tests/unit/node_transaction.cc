// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <random>
#include <string>
#include <variant>

#include "node/chain/transaction.h"
#include "node/crypto/hash.h"
#include "tests/unit/node_samples.h"

namespace pixelzx::node {
namespace {

constexpr std::uint64_t kMaxU64 = std::numeric_limits<std::uint64_t>::max();

using test::hex;
using test::key_of;
using test::signed_by;

/// The example of EIP-155.
Transaction example() {
  Transaction transaction{.chain_id = 1,
                          .nonce = 9,
                          .max_priority_fee = 20'000'000'000,
                          .max_fee = 20'000'000'000,
                          .gas_limit = 21000,
                          .to = Address{},
                          .value = U256("1000000000000000000"),
                          .data = {},
                          .access_list = {},
                          .signature = {}};
  transaction.to->fill(0x35);
  return signed_by(key_of(0x46), transaction);
}

Transaction of_type(TransactionType type) {
  Transaction transaction = example();
  transaction.type = type;
  if (type == TransactionType::kDynamicFee) transaction.max_priority_fee = 7;
  if (type != TransactionType::kLegacy) {
    transaction.access_list = {{.address = *transaction.to, .storage_keys = {Hash{}, Hash{1}}},
                               {.address = Address{2}, .storage_keys = {}}};
  }
  return signed_by(key_of(0x46), transaction);
}

std::optional<TransactionError> decoding_error(ByteView encoded) {
  const auto decoded = decode_transaction(encoded);
  const auto* error = std::get_if<TransactionError>(&decoded);
  if (error == nullptr) return std::nullopt;
  CHECK_FALSE(text(*error).empty());
  return *error;
}

TEST_CASE("keys sign, and their address is recovered", "[node][secp256k1]") {
  CHECK(to_0x(address_of(key_of(0x46)).value()) == "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
  for (int i = 1; i < 20; ++i) {
    const SecretKey key = key_of(static_cast<std::uint8_t>(i));
    const Hash digest = keccak256(key);
    const std::optional<Signature> signature = sign(digest, key);
    REQUIRE(signature);
    CHECK(signature->s <= kSecp256k1Order / 2);
    CHECK(recover_address(digest, *signature) == address_of(key));
    CHECK(sign(digest, key) == signature);
  }
  for (const SecretKey& none : {key_of(0), key_of(0xff), to_hash(kSecp256k1Order)}) {
    CHECK_FALSE(sign(Hash{}, none));
    CHECK_FALSE(address_of(none));
  }
}

TEST_CASE("the example of EIP-155", "[node][transaction]") {
  const Transaction transaction = example();
  CHECK(to_hex(signing_hash(transaction)) ==
        "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
  const Bytes encoded = encode_transaction(transaction);
  CHECK(
      to_hex(encoded) ==
      "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a0"
      "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b"
      "3800ccf555c9f3dc64214b297fb1966a3b6d83");
  CHECK(transaction_hash(transaction) == keccak256(encoded));
  CHECK(std::get<Transaction>(decode_transaction(encoded)) == transaction);
  CHECK(sender_of(transaction) == address_of(key_of(0x46)));
  CHECK_FALSE(check_transaction(transaction, 1));
  CHECK(check_transaction(transaction, 2) == TransactionError::kOtherChain);

  // The other s signs as well, but EIP-2 does not want it.
  Transaction malleated = transaction;
  malleated.signature.s = kSecp256k1Order - transaction.signature.s;
  malleated.signature.y_parity = !transaction.signature.y_parity;
  CHECK(recover_address(signing_hash(malleated), malleated.signature) == address_of(key_of(0x46)));
  CHECK_FALSE(sender_of(malleated));
}

TEST_CASE("each type is decoded as it was encoded", "[node][transaction]") {
  for (const TransactionType type :
       {TransactionType::kLegacy, TransactionType::kAccessList, TransactionType::kDynamicFee}) {
    Transaction transaction = of_type(type);
    CHECK(std::get<Transaction>(decode_transaction(encode_transaction(transaction))) ==
          transaction);
    CHECK(sender_of(transaction) == address_of(key_of(0x46)));
    CHECK_FALSE(check_transaction(transaction, 1) == TransactionError::kOtherChain);

    transaction.to = std::nullopt;
    transaction.data = Bytes(100, 1);
    transaction = signed_by(key_of(0x11), transaction);
    CHECK(std::get<Transaction>(decode_transaction(encode_transaction(transaction))) ==
          transaction);
    CHECK(sender_of(transaction) == address_of(key_of(0x11)));
  }
  Transaction before_eip155 = example();
  before_eip155.chain_id = std::nullopt;
  before_eip155 = signed_by(key_of(0x46), before_eip155);
  CHECK(std::get<Transaction>(decode_transaction(encode_transaction(before_eip155))) ==
        before_eip155);
  CHECK(sender_of(before_eip155) == address_of(key_of(0x46)));
  CHECK_FALSE(check_transaction(before_eip155, 8888));

  Transaction large = example();
  large.chain_id = (std::numeric_limits<U256>::max() - 36) / 2;
  large = signed_by(key_of(0x46), large);
  CHECK(std::get<Transaction>(decode_transaction(encode_transaction(large))) == large);
}

TEST_CASE("what is no transaction is refused, and why", "[node][transaction]") {
  const std::string r_and_s = "a0" + std::string(64, '1') + "a0" + std::string(64, '1');
  // All numbers below 128 but r and s: nonce, gas price, gas limit, to, value, data, v.
  const auto legacy = [&r_and_s](std::string_view fields) {
    Bytes encoded{0xf8, static_cast<std::uint8_t>(fields.size() / 2 + r_and_s.size() / 2)};
    append(encoded, hex(fields));
    append(encoded, hex(r_and_s));
    return encoded;
  };
  CHECK_FALSE(decoding_error(legacy("0102038080801b")));
  CHECK(decoding_error(legacy("0002038080801b")) == TransactionError::kLeadingZero);
  CHECK(decoding_error(legacy("890100000000000000000203808080801b")) ==
        TransactionError::kNumberTooLarge);
  CHECK(decoding_error(legacy("c002038080801b")) == TransactionError::kUnexpectedList);
  CHECK(decoding_error(legacy("01020381808080801b")) == TransactionError::kWrongLength);
  CHECK(decoding_error(legacy("010203808080801b")) == TransactionError::kTooManyFields);
  CHECK(decoding_error(legacy("01020380801b")) == TransactionError::kTooFewFields);
  CHECK(decoding_error(legacy("0102038080801a")) == TransactionError::kInvalidV);
  CHECK(decoding_error(legacy("01020380808022")) == TransactionError::kInvalidV);
  CHECK(decoding_error(legacy("018102038080801b")) == TransactionError::kNotCanonical);
  CHECK(decoding_error({}) == TransactionError::kNotCanonical);
  CHECK(decoding_error(hex("b801")) == TransactionError::kNotCanonical);
  CHECK(decoding_error(hex("c0")) == TransactionError::kTooFewFields);
  CHECK(decoding_error(hex("00c0")) == TransactionError::kUnknownType);
  CHECK(decoding_error(hex("04c0")) == TransactionError::kUnknownType);
  CHECK(decoding_error(hex("7fc0")) == TransactionError::kUnknownType);
  CHECK(decoding_error(hex("03")) == TransactionError::kBlob);
  CHECK(decoding_error(hex("03f8b1")) == TransactionError::kBlob);
  CHECK(decoding_error(hex("02")) == TransactionError::kTooFewFields);
  CHECK(decoding_error(hex("0280")) == TransactionError::kUnexpectedString);
  Bytes followed = encode_transaction(example());
  followed.push_back(0);
  CHECK(decoding_error(followed) == TransactionError::kTooManyFields);
  // y_parity of a typed one.
  CHECK(decoding_error(hex("01cb01010101808080c0020101")) == TransactionError::kInvalidV);
  CHECK_FALSE(decoding_error(hex("01cb01010101808080c0010101")));
  // Access lists: an entry without keys, and with the fields the other way round.
  CHECK(decoding_error(hex("01ce01010101808080c3c2c080010101")) ==
        TransactionError::kUnexpectedList);
}

TEST_CASE("one changed byte is never the same transaction", "[node][transaction]") {
  std::mt19937 random(4);  // NOLINT: the same ones each time
  for (const TransactionType type :
       {TransactionType::kLegacy, TransactionType::kAccessList, TransactionType::kDynamicFee}) {
    const Bytes encoded = encode_transaction(of_type(type));
    for (std::size_t i = 0; i < encoded.size(); ++i) {
      Bytes changed = encoded;
      changed[i] = static_cast<std::uint8_t>(changed[i] + 1 + random() % 255);
      const auto decoded = decode_transaction(changed);
      if (const auto* transaction = std::get_if<Transaction>(&decoded)) {
        CHECK(encode_transaction(*transaction) == changed);
      }
      CHECK(decoding_error(ByteView(encoded).first(i)));
    }
  }
}

TEST_CASE("intrinsic gas", "[node][transaction]") {
  Transaction transaction = example();
  CHECK(intrinsic_gas(transaction) == 21000);
  transaction.data = {0, 1, 0, 0};
  CHECK(intrinsic_gas(transaction) == 21000 + 3 * 4 + 16);
  transaction.access_list = of_type(TransactionType::kAccessList).access_list;
  CHECK(intrinsic_gas(transaction) == 21000 + 3 * 4 + 16 + 2 * 2400 + 2 * 1900);
  transaction.access_list.clear();
  transaction.to = std::nullopt;
  transaction.data = {};
  CHECK(intrinsic_gas(transaction) == 53000);
  transaction.data = Bytes(33, 0);
  CHECK(intrinsic_gas(transaction) == 53000 + 33 * 4 + 2 * 2);
}

TEST_CASE("what no state makes valid", "[node][transaction]") {
  const auto check = [](const auto& change) {
    Transaction transaction = of_type(TransactionType::kDynamicFee);
    transaction.gas_limit = 1'000'000;
    change(transaction);
    return check_transaction(transaction, 1);
  };
  CHECK_FALSE(check([](Transaction&) {}));
  CHECK(check([](Transaction& t) { t.nonce = kMaxU64; }) == TransactionError::kNonceTooLarge);
  CHECK_FALSE(check([](Transaction& t) { t.nonce = kMaxU64 - 1; }));
  CHECK(check([](Transaction& t) { t.gas_limit = 20999; }) == TransactionError::kGasLimitTooLow);
  CHECK(check([](Transaction& t) { t.max_fee = 6; }) == TransactionError::kPriorityAboveFee);
  CHECK_FALSE(check([](Transaction& t) { t.max_fee = 7; }));
  const auto limit = [](std::size_t size, bool create) {
    return [=](Transaction& t) {
      if (create) t.to = std::nullopt;
      t.data = Bytes(size, 0);
    };
  };
  CHECK_FALSE(check(limit(49152, true)));
  CHECK(check(limit(49153, true)) == TransactionError::kInitCodeTooLarge);
  CHECK_FALSE(check(limit(49153, false)));
  const U256 most = std::numeric_limits<U256>::max() / 1'000'000;
  CHECK_FALSE(check([&most](Transaction& t) { t.max_fee = most; }));
  CHECK(check([&most](Transaction& t) { t.max_fee = most + 1; }) == TransactionError::kFeeTooLarge);
}

}  // namespace
}  // namespace pixelzx::node
