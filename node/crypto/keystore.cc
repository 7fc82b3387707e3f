// SPDX-License-Identifier: Apache-2.0
#include "node/crypto/keystore.h"

#include <cryptopp/aes.h>
#include <cryptopp/modes.h>
#include <cryptopp/pwdbased.h>
#include <cryptopp/scrypt.h>
#include <cryptopp/secblock.h>
#include <cryptopp/sha.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "node/crypto/hash.h"

namespace pixelzx::node {
namespace {

using Json = nlohmann::json;
using Iv = std::array<std::uint8_t, 16>;

/// Of bytes that the key is derived to: half for the cipher, half for the MAC.
constexpr std::size_t kDerivedSize = 32;
// What a file may ask for.
constexpr std::size_t kMaxFile = 65536;
constexpr std::uint64_t kMaxScryptMemory = 256ULL << 20U;
constexpr std::uint64_t kMaxScryptWork = 4ULL * 262144 * 8;
constexpr std::uint64_t kMaxScryptLanes = 64;
constexpr std::uint64_t kMaxPbkdf2Rounds = 10'000'000;

// ---- members of JSON, none of which can be relied upon ----

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string_view text_member(const Json& object, const char* name) {
  const Json* value = member(object, name);
  const auto* text = value == nullptr ? nullptr : value->get_ptr<const std::string*>();
  if (text == nullptr) return {};
  return *text;
}

/// Zero when there is none: no parameter may be that.
std::uint64_t number_member(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value != nullptr && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

const Json& object_member(const Json& object, const char* name) {
  static const Json kNone = Json::object();
  const Json* value = member(object, name);
  return value != nullptr && value->is_object() ? *value : kNone;
}

// ---- the scheme ----

bool is_affordable(std::uint64_t n, std::uint64_t r, std::uint64_t p) {
  if (n < 2 || !std::has_single_bit(n) || r == 0 || p == 0 || p > kMaxScryptLanes) return false;
  if (n > kMaxScryptMemory / 128 || r > kMaxScryptMemory / 128 / n) return false;
  return n * r * p <= kMaxScryptWork;
}

void scrypt(CryptoPP::SecByteBlock& derived, std::string_view password, ByteView salt,
            std::uint64_t n, std::uint64_t r, std::uint64_t p) {
  const ByteView secret = as_bytes(password);
  CryptoPP::Scrypt().DeriveKey(derived.data(), derived.size(), secret.data(), secret.size(),
                               salt.data(), salt.size(), n, r, p);
}

Hash mac_of(const CryptoPP::SecByteBlock& derived, ByteView ciphertext) {
  Bytes input(derived.begin() + kDerivedSize / 2, derived.end());
  append(input, ciphertext);
  return keccak256(input);
}

/// Both encrypts and decrypts.
SecretKey apply_cipher(const CryptoPP::SecByteBlock& derived, const Iv& iv,
                       const SecretKey& input) {
  SecretKey output{};
  CryptoPP::CTR_Mode<CryptoPP::AES>::Encryption(derived.data(), kDerivedSize / 2, iv.data())
      .ProcessData(output.data(), input.data(), input.size());
  return output;
}

/// Fills `derived` as `crypto` says.
std::optional<KeystoreError> derive(CryptoPP::SecByteBlock& derived, const Json& crypto,
                                    std::string_view password) {
  const Json& parameters = object_member(crypto, "kdfparams");
  const std::optional<Bytes> salt = from_hex(text_member(parameters, "salt"));
  if (!salt || number_member(parameters, "dklen") != kDerivedSize) {
    return KeystoreError::kMalformed;
  }
  const std::string_view kdf = text_member(crypto, "kdf");
  if (kdf == "scrypt") {
    const std::uint64_t n = number_member(parameters, "n");
    const std::uint64_t r = number_member(parameters, "r");
    const std::uint64_t p = number_member(parameters, "p");
    if (!is_affordable(n, r, p)) return KeystoreError::kCost;
    scrypt(derived, password, *salt, n, r, p);
    return std::nullopt;
  }
  if (kdf != "pbkdf2" || text_member(parameters, "prf") != "hmac-sha256") {
    return KeystoreError::kKdf;
  }
  const std::uint64_t rounds = number_member(parameters, "c");
  if (rounds == 0 || rounds > kMaxPbkdf2Rounds) return KeystoreError::kCost;
  const ByteView secret = as_bytes(password);
  CryptoPP::PKCS5_PBKDF2_HMAC<CryptoPP::SHA256>().DeriveKey(
      derived.data(), derived.size(), 0, secret.data(), secret.size(), salt->data(), salt->size(),
      static_cast<unsigned>(rounds));
  return std::nullopt;
}

/// The bytes as a UUID of version 4 (RFC 4122).
std::string uuid(std::array<std::uint8_t, 16> random) {
  random[6] = static_cast<std::uint8_t>(0x40U | (random[6] & 0x0fU));
  random[8] = static_cast<std::uint8_t>(0x80U | (random[8] & 0x3fU));
  std::string text = to_hex(random);
  for (const std::size_t dash : {8U, 13U, 18U, 23U}) text.insert(dash, "-");
  return text;
}

}  // namespace

std::string_view text(KeystoreError error) {
  switch (error) {
    case KeystoreError::kMalformed:
      return "not a keystore file";
    case KeystoreError::kVersion:
      return "not version 3 of the Web3 Secret Storage";
    case KeystoreError::kCipher:
      return "unknown cipher (aes-128-ctr is known)";
    case KeystoreError::kKdf:
      return "unknown key derivation (scrypt, and pbkdf2 with hmac-sha256 are known)";
    case KeystoreError::kCost:
      return "the key derivation's parameters are invalid, or ask for too much memory or time";
    case KeystoreError::kWrongPassword:
      return "wrong password, or the file was changed";
    case KeystoreError::kNoKey:
      return "the secret is no secp256k1 key";
    case KeystoreError::kNoMemory:
      return "not enough memory for the key derivation";
    case KeystoreError::kNoEntropy:
      return "the system has no random numbers";
  }
  return "unknown error";
}

std::variant<SecretKey, KeystoreError> decrypt_key(std::string_view json,
                                                   std::string_view password) {
  if (json.size() > kMaxFile) return KeystoreError::kMalformed;
  const Json file = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!file.is_object()) return KeystoreError::kMalformed;
  if (number_member(file, "version") != 3) return KeystoreError::kVersion;
  const Json& crypto = object_member(file, "crypto");
  if (crypto.empty()) return KeystoreError::kMalformed;
  if (text_member(crypto, "cipher") != "aes-128-ctr") return KeystoreError::kCipher;
  const auto iv = array_from_hex<Iv>(text_member(object_member(crypto, "cipherparams"), "iv"));
  const auto ciphertext = array_from_hex<SecretKey>(text_member(crypto, "ciphertext"));
  const auto mac = array_from_hex<Hash>(text_member(crypto, "mac"));
  if (!iv || !ciphertext || !mac) return KeystoreError::kMalformed;

  CryptoPP::SecByteBlock derived(kDerivedSize);
  try {
    if (const auto error = derive(derived, crypto, password)) return *error;
  } catch (const std::bad_alloc&) {
    return KeystoreError::kNoMemory;
  }
  if (mac_of(derived, *ciphertext) != *mac) return KeystoreError::kWrongPassword;
  const SecretKey key = apply_cipher(derived, *iv, *ciphertext);
  if (!address_of(key)) return KeystoreError::kNoKey;
  return key;
}

std::variant<std::string, KeystoreError> encrypt_key(const SecretKey& key,
                                                     std::string_view password, ScryptCost cost) {
  const std::optional<Address> address = address_of(key);
  if (!address) return KeystoreError::kNoKey;
  if (!is_affordable(cost.n, cost.r, cost.p)) return KeystoreError::kCost;
  Hash salt{};
  Iv iv{};
  std::array<std::uint8_t, 16> id{};
  for (const std::span<std::uint8_t> random :
       {std::span<std::uint8_t>(salt), std::span<std::uint8_t>(iv), std::span<std::uint8_t>(id)}) {
    if (getentropy(random.data(), random.size()) != 0) return KeystoreError::kNoEntropy;
  }
  CryptoPP::SecByteBlock derived(kDerivedSize);
  try {
    scrypt(derived, password, salt, cost.n, cost.r, cost.p);
  } catch (const std::bad_alloc&) {
    return KeystoreError::kNoMemory;
  }
  const SecretKey ciphertext = apply_cipher(derived, iv, key);
  nlohmann::ordered_json file;
  file["address"] = to_hex(*address);
  auto& crypto = file["crypto"];
  crypto["cipher"] = "aes-128-ctr";
  crypto["ciphertext"] = to_hex(ciphertext);
  crypto["cipherparams"]["iv"] = to_hex(iv);
  crypto["kdf"] = "scrypt";
  auto& parameters = crypto["kdfparams"];
  parameters["dklen"] = kDerivedSize;
  parameters["n"] = cost.n;
  parameters["p"] = cost.p;
  parameters["r"] = cost.r;
  parameters["salt"] = to_hex(salt);
  crypto["mac"] = to_hex(mac_of(derived, ciphertext));
  file["id"] = uuid(id);
  file["version"] = 3;
  return file.dump();
}

}  // namespace pixelzx::node
