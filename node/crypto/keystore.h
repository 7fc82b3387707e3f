// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "node/crypto/secp256k1.h"

namespace pixelzx::node {

enum class KeystoreError : std::uint8_t {
  kMalformed,      ///< Not JSON, or a member is missing, or has another type or length.
  kVersion,        ///< Not version 3.
  kCipher,         ///< Not aes-128-ctr.
  kKdf,            ///< Neither scrypt nor pbkdf2 with hmac-sha256.
  kCost,           ///< The key derivation has no valid parameters, or asks for more than kMaxCost.
  kWrongPassword,  ///< Or the file was changed: the MAC cannot tell.
  kNoKey,          ///< The secret is no key of secp256k1.
  kNoMemory,
  kNoEntropy,
};

/// In lower case, without a full stop.
std::string_view text(KeystoreError error);

/// What scrypt (RFC 7914) costs: 128 * n * r bytes of memory, and time by n * r * p. n is a power
/// of 2.
struct ScryptCost {
  std::uint32_t n = 0;
  std::uint32_t r = 0;
  std::uint32_t p = 0;
};

/// 256 MiB and some seconds.
constexpr ScryptCost kStandardCost{.n = 262144, .r = 8, .p = 1};
/// 4 MiB and a twentieth of that time: for tests, and for keys which are worth little.
constexpr ScryptCost kLightCost{.n = 4096, .r = 8, .p = 6};

/// The key in a file of the Web3 Secret Storage, version 3. Takes as much memory and time as the
/// file asks for, up to 256 MiB and some seconds: a file that asks for more is refused.
std::variant<SecretKey, KeystoreError> decrypt_key(std::string_view json,
                                                   std::string_view password);

/// Such a file, with scrypt. `password` is taken as the bytes that it has.
std::variant<std::string, KeystoreError> encrypt_key(const SecretKey& key,
                                                     std::string_view password,
                                                     ScryptCost cost = kStandardCost);

}  // namespace pixelzx::node
