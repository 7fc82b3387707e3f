// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <variant>

#include "node/crypto/keystore.h"

namespace pixelzx::node {
namespace {

using Json = nlohmann::json;

constexpr ScryptCost kCheap{.n = 2, .r = 1, .p = 1};

SecretKey some_key() {
  SecretKey key{};
  key.fill(0x42);
  return key;
}

std::string encrypted(ScryptCost cost = kCheap) {
  return std::get<std::string>(encrypt_key(some_key(), "password", cost));
}

/// Of the file after `change`.
template <typename Change>
KeystoreError error_of(const Change& change) {
  Json file = Json::parse(encrypted());
  change(file);
  const auto result = decrypt_key(file.dump(), "password");
  REQUIRE(std::holds_alternative<KeystoreError>(result));
  const auto error = std::get<KeystoreError>(result);
  CHECK_FALSE(text(error).empty());
  return error;
}

TEST_CASE("a key comes out as it went in", "[node][keystore]") {
  for (const ScryptCost cost : {kCheap, kLightCost, ScryptCost{.n = 16, .r = 2, .p = 3}}) {
    const std::string file = encrypted(cost);
    CHECK(std::get<SecretKey>(decrypt_key(file, "password")) == some_key());
    CHECK(std::get<KeystoreError>(decrypt_key(file, "passwort")) == KeystoreError::kWrongPassword);
    CHECK(std::get<KeystoreError>(decrypt_key(file, "")) == KeystoreError::kWrongPassword);
  }
  const auto odd = encrypt_key(some_key(), "비밀번호", kCheap);
  CHECK(std::get<SecretKey>(decrypt_key(std::get<std::string>(odd), "비밀번호")) == some_key());
}

TEST_CASE("a key file has what others look for in it", "[node][keystore]") {
  const Json file = Json::parse(encrypted());
  CHECK(file.at("version") == 3);
  CHECK(file.at("address") == to_hex(address_of(some_key()).value()));
  const auto id = file.at("id").get<std::string>();
  CHECK(id.size() == 36);
  CHECK(id[14] == '4');
  const Json& crypto = file.at("crypto");
  CHECK(crypto.at("cipher") == "aes-128-ctr");
  CHECK(crypto.at("kdf") == "scrypt");
  CHECK(crypto.at("kdfparams").at("dklen") == 32);
  CHECK(crypto.at("kdfparams").at("n") == 2);
  // Nothing random is used twice.
  std::set<std::string> seen;
  for (int i = 0; i < 5; ++i) {
    const Json another = Json::parse(encrypted());
    seen.insert(another.at("id"));
    seen.insert(another.at("crypto").at("kdfparams").at("salt"));
    seen.insert(another.at("crypto").at("cipherparams").at("iv"));
  }
  CHECK(seen.size() == 15);
}

TEST_CASE("what is no key cannot be encrypted", "[node][keystore]") {
  CHECK(std::get<KeystoreError>(encrypt_key(SecretKey{}, "", kCheap)) == KeystoreError::kNoKey);
  for (const ScryptCost cost :
       {ScryptCost{}, ScryptCost{.n = 3, .r = 8, .p = 1}, ScryptCost{.n = 1, .r = 8, .p = 1},
        ScryptCost{.n = 1U << 31U, .r = 8, .p = 1}}) {
    CHECK(std::get<KeystoreError>(encrypt_key(some_key(), "", cost)) == KeystoreError::kCost);
  }
}

TEST_CASE("a file that is none is refused", "[node][keystore]") {
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), std::string("3"), std::string("null"),
        std::string(70000, ' ') + encrypted(), std::string(60000, '[')}) {
    CHECK(std::get<KeystoreError>(decrypt_key(text, "")) == KeystoreError::kMalformed);
  }
  CHECK(std::get<KeystoreError>(decrypt_key("{}", "")) == KeystoreError::kVersion);
  CHECK(error_of([](Json& file) { file["version"] = 1; }) == KeystoreError::kVersion);
  CHECK(error_of([](Json& file) { file["version"] = "3"; }) == KeystoreError::kVersion);
  CHECK(error_of([](Json& file) { file.erase("crypto"); }) == KeystoreError::kMalformed);
  CHECK(error_of([](Json& file) { file["crypto"] = 1; }) == KeystoreError::kMalformed);
  const auto with = [](const char* name, const Json& value) {
    return error_of([&](Json& file) { file["crypto"][name] = value; });
  };
  CHECK(with("cipher", "aes-256-ctr") == KeystoreError::kCipher);
  CHECK(with("cipher", 1) == KeystoreError::kCipher);
  CHECK(with("cipherparams", Json::array()) == KeystoreError::kMalformed);
  CHECK(with("cipherparams", {{"iv", "00"}}) == KeystoreError::kMalformed);
  CHECK(with("ciphertext", std::string(62, '0')) == KeystoreError::kMalformed);
  CHECK(with("ciphertext", std::string(64, '0')) == KeystoreError::kWrongPassword);
  CHECK(with("mac", std::string(64, 'x')) == KeystoreError::kMalformed);
  CHECK(with("mac", std::string(64, '0')) == KeystoreError::kWrongPassword);
  CHECK(with("kdf", "argon2") == KeystoreError::kKdf);
  CHECK(with("kdf", "pbkdf2") == KeystoreError::kKdf);  // prf is missing
  CHECK(with("kdfparams", nullptr) == KeystoreError::kMalformed);
}

TEST_CASE("a file cannot take all memory or time", "[node][keystore]") {
  const auto with = [](const char* name, const Json& value) {
    return error_of([&](Json& file) { file["crypto"]["kdfparams"][name] = value; });
  };
  CHECK(with("dklen", 16) == KeystoreError::kMalformed);
  CHECK(with("dklen", 1U << 31U) == KeystoreError::kMalformed);
  CHECK(with("salt", "xy") == KeystoreError::kMalformed);
  for (const Json& value : {Json(0), Json(-2), Json(2.5), Json("2"), Json(nullptr),
                            Json(std::uint64_t{1} << 62U), Json(~std::uint64_t{0})}) {
    INFO(value);
    CHECK(with("n", value) == KeystoreError::kCost);
    CHECK(with("r", value) == KeystoreError::kCost);
    CHECK(with("p", value) == KeystoreError::kCost);
  }
  CHECK(with("n", 3) == KeystoreError::kCost);
  CHECK(with("n", std::uint64_t{1} << 22U) == KeystoreError::kCost);
  CHECK(with("r", std::uint64_t{1} << 21U) == KeystoreError::kCost);
  CHECK(with("p", 65) == KeystoreError::kCost);
  CHECK(error_of([](Json& file) {
          file["crypto"]["kdfparams"].update({{"n", 262144}, {"r", 8}, {"p", 5}});
        }) == KeystoreError::kCost);
  for (const Json& rounds : {Json(0), Json(10'000'001), Json(-1), Json(std::uint64_t{1} << 40U)}) {
    CHECK(error_of([&](Json& file) {
            file["crypto"]["kdf"] = "pbkdf2";
            file["crypto"]["kdfparams"].update({{"prf", "hmac-sha256"}, {"c", rounds}});
          }) == KeystoreError::kCost);
  }
}

}  // namespace
}  // namespace pixelzx::node
