// SPDX-License-Identifier: Apache-2.0
//
// Keys and signatures in the format of minisign (https://jedisct1.github.io/minisign/): Ed25519
// over the BLAKE2b of a file, and over a comment that can therefore be trusted. The cryptography is
// libsodium's.
#pragma once

#include <sodium.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "pack/byte_stream.h"

namespace pixelzx::pack {

/// Which key it is; no secret.
using KeyId = std::array<std::uint8_t, 8>;

/// As minisign prints it: 16 hexadecimal digits.
std::string key_id_text(const KeyId& id);

struct PublicKey {
  KeyId id{};
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> key{};
};

/// Wiped when it goes.
struct SecretKey {
  SecretKey() = default;
  SecretKey(const SecretKey&) = delete;
  SecretKey(SecretKey&&) = default;
  SecretKey& operator=(const SecretKey&) = delete;
  SecretKey& operator=(SecretKey&&) = delete;
  ~SecretKey() { sodium_memzero(key.data(), key.size()); }

  KeyId id{};
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> key{};
};

/// A new key of the system's randomness.
SecretKey generate_key();
PublicKey public_key_of(const SecretKey& secret);

/// The content of a public key's file.
std::string public_key_text(const PublicKey& key);
/// Reads that, or its second line alone. Throws kBadPublicKey for the file at `path`.
PublicKey parse_public_key(std::string_view text, const std::string& path);

/// The content of a secret key's file, encrypted by scrypt with 1 GiB of memory, as minisign does;
/// in the clear when `passphrase` is empty. Throws kOutOfMemory.
std::string secret_key_text(const SecretKey& key, std::string_view passphrase);
/// True when the file's content needs a passphrase. Throws kBadSecretKey.
bool is_encrypted(std::string_view text, const std::string& path);
/// Reads what secret_key_text or minisign wrote. Throws kBadSecretKey for the file at `path`,
/// kWrongPassphrase, kOutOfMemory.
SecretKey parse_secret_key(std::string_view text, std::string_view passphrase,
                           const std::string& path);

/// The content of the .minisig of `content`. `comment` is signed, too: one line.
std::string signature_text(ByteStream& content, const SecretKey& key, std::string_view comment);

struct Signature {
  /// Over the BLAKE2b of the file; minisign's older signatures are over the file itself.
  bool hashed = true;
  KeyId key{};
  std::array<std::uint8_t, crypto_sign_BYTES> of_file{};
  std::string comment;  // to be trusted when is_signed_by says so
  std::array<std::uint8_t, crypto_sign_BYTES> of_comment{};
};

/// Reads the content of a .minisig. Throws kBadSignature for the file at `path`.
Signature parse_signature(std::string_view text, const std::string& path);

/// True when `signature` is of `content`, and its comment belongs to it, by the owner of `key`.
bool is_signed_by(const PublicKey& key, const Signature& signature, ByteStream& content);

}  // namespace pixelzx::pack
