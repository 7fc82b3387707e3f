// SPDX-License-Identifier: Apache-2.0
#include "pack/minisign.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include "fixed_string.h"
#include "pack/pack_error.h"

namespace pixelzx::pack {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Digest = std::array<std::uint8_t, crypto_generichash_BYTES_MAX>;

constexpr std::string_view kUntrusted = "untrusted comment: ";
constexpr std::string_view kTrusted = "trusted comment: ";
constexpr std::string_view kEd25519 = "Ed";  // of the file itself, in signatures
constexpr std::string_view kHashed = "ED";
constexpr std::string_view kScrypt = "Sc";
constexpr std::string_view kBlake2b = "B2";
constexpr std::size_t kLongestComment = 8192;  // minisign's own limit

// A secret key's file: three algorithms, salt, two limits; and, encrypted, key's id, key, checksum.
constexpr std::size_t kSaltAt = 6;
constexpr std::size_t kLimitsAt = kSaltAt + crypto_pwhash_scryptsalsa208sha256_SALTBYTES;
constexpr std::size_t kSealedAt = kLimitsAt + 16;
constexpr std::size_t kSealedSize =
    std::tuple_size_v<KeyId> + crypto_sign_SECRETKEYBYTES + crypto_generichash_BYTES;
constexpr std::size_t kSecretFileSize = kSealedAt + kSealedSize;

void start_sodium() {
  if (sodium_init() < 0) throw PackError(Problem::kUnexpected, {"libsodium does not start"});
}

std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), kVariant);
  text.pop_back();  // the zero byte
  return text;
}

/// The `size` bytes that `text` stands for; nothing when it is something else.
std::optional<Bytes> unbase64(std::string_view text, std::size_t size) {
  Bytes bytes(size);
  std::size_t got = 0;
  const char* end = nullptr;
  const int failed = sodium_base642bin(bytes.data(), size, text.data(), text.size(), nullptr, &got,
                                       &end, sodium_base64_VARIANT_ORIGINAL);
  if (failed != 0 || got != size || end != text.data() + text.size()) return std::nullopt;
  return bytes;
}

/// Cuts the first line off `text`, without its end.
std::string_view next_line(std::string_view& text) {
  std::string_view line = take_until(text, '\n');
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// The line after `label`; nothing when the line begins otherwise.
std::optional<std::string_view> after_label(std::string_view line, std::string_view label) {
  if (!line.starts_with(label) || line.size() > label.size() + kLongestComment) return std::nullopt;
  return line.substr(label.size());
}

void append(Bytes& bytes, std::span<const std::uint8_t> more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

void append(Bytes& bytes, std::string_view more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

void append_number(Bytes& bytes, std::uint64_t number) {
  for (unsigned shift = 0; shift < 64; shift += 8) {
    bytes.push_back(static_cast<std::uint8_t>(number >> shift));
  }
}

std::uint64_t number_at(const Bytes& bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = 8; i > 0; --i) number = number << 8 | bytes[at + i - 1];
  return number;
}

bool holds(const Bytes& bytes, std::size_t at, std::string_view wanted) {
  return std::equal(wanted.begin(), wanted.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

template <std::size_t N>
void copy_from(const Bytes& bytes, std::size_t at, std::array<std::uint8_t, N>& to) {
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), N, to.begin());
}

std::array<std::uint8_t, crypto_generichash_BYTES> checksum(const SecretKey& key) {
  Bytes covered;
  covered.reserve(kSealedSize);
  append(covered, kEd25519);
  append(covered, key.id);
  append(covered, key.key);
  std::array<std::uint8_t, crypto_generichash_BYTES> sum{};
  crypto_generichash(sum.data(), sum.size(), covered.data(), covered.size(), nullptr, 0);
  sodium_memzero(covered.data(), covered.size());
  return sum;
}

/// True when the public half in `key` belongs to the secret one.
bool is_whole(const SecretKey& key) {
  SecretKey again;
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> half{};
  crypto_sign_seed_keypair(half.data(), again.key.data(), key.key.data());
  return again.key == key.key;
}

/// Encrypts and decrypts alike: the sealed part, with scrypt's stream.
void seal(std::span<std::uint8_t> sealed, std::string_view passphrase, const std::uint8_t* salt,
          std::uint64_t operations, std::uint64_t memory) {
  std::array<std::uint8_t, kSealedSize> stream{};
  if (crypto_pwhash_scryptsalsa208sha256(stream.data(), stream.size(), passphrase.data(),
                                         passphrase.size(), salt, operations,
                                         static_cast<std::size_t>(memory)) != 0) {
    throw std::bad_alloc();
  }
  for (std::size_t i = 0; i < sealed.size(); ++i) sealed[i] ^= stream[i];
  sodium_memzero(stream.data(), stream.size());
}

/// The bytes in a secret key's file.
Bytes secret_bytes(std::string_view text, const std::string& path) {
  start_sodium();
  const bool labelled = after_label(next_line(text), kUntrusted).has_value();
  const auto bytes = unbase64(next_line(text), kSecretFileSize);
  const bool known = labelled && bytes && holds(*bytes, 0, kEd25519) &&
                     (holds(*bytes, 2, kScrypt) || holds(*bytes, 2, std::string_view("\0\0", 2))) &&
                     holds(*bytes, 4, kBlake2b);
  // What would take more memory than minisign ever asks for is no key of its.
  if (!known ||
      number_at(*bytes, kLimitsAt) > crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE ||
      number_at(*bytes, kLimitsAt + 8) > crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE) {
    throw PackError(Problem::kBadSecretKey, {path});
  }
  return *bytes;
}

Digest hash_of(ByteStream& content) {
  crypto_generichash_state state;
  Digest digest{};
  crypto_generichash_init(&state, nullptr, 0, digest.size());
  for (std::string_view bytes = content.read(); !bytes.empty(); bytes = content.read()) {
    crypto_generichash_update(&state,
                              reinterpret_cast<const unsigned char*>(bytes.data()),  // NOLINT
                              bytes.size());
  }
  crypto_generichash_final(&state, digest.data(), digest.size());
  return digest;
}

Bytes signed_with_comment(std::span<const std::uint8_t> signature, std::string_view comment) {
  Bytes bytes;
  append(bytes, signature);
  append(bytes, comment);
  return bytes;
}

}  // namespace

std::string key_id_text(const KeyId& id) {
  return fmt::format("{:016X}", number_at(Bytes(id.begin(), id.end()), 0));
}

SecretKey generate_key() {
  start_sodium();
  SecretKey secret;
  PublicKey key;
  randombytes_buf(secret.id.data(), secret.id.size());
  crypto_sign_keypair(key.key.data(), secret.key.data());
  return secret;
}

PublicKey public_key_of(const SecretKey& secret) {
  PublicKey key;
  key.id = secret.id;
  crypto_sign_ed25519_sk_to_pk(key.key.data(), secret.key.data());
  return key;
}

std::string public_key_text(const PublicKey& key) {
  Bytes bytes;
  append(bytes, kEd25519);
  append(bytes, key.id);
  append(bytes, key.key);
  return fmt::format("{}minisign public key {}\n{}\n", kUntrusted, key_id_text(key.id),
                     base64(bytes));
}

PublicKey parse_public_key(std::string_view text, const std::string& path) {
  std::string_view line = next_line(text);
  if (after_label(line, kUntrusted)) line = next_line(text);
  PublicKey key;
  const auto bytes = unbase64(line, kEd25519.size() + key.id.size() + key.key.size());
  if (!bytes || !holds(*bytes, 0, kEd25519)) throw PackError(Problem::kBadPublicKey, {path});
  copy_from(*bytes, kEd25519.size(), key.id);
  copy_from(*bytes, kEd25519.size() + key.id.size(), key.key);
  return key;
}

std::string secret_key_text(const SecretKey& key, std::string_view passphrase) {
  start_sodium();
  const bool encrypted = !passphrase.empty();
  std::array<std::uint8_t, crypto_pwhash_scryptsalsa208sha256_SALTBYTES> salt{};
  if (encrypted) randombytes_buf(salt.data(), salt.size());
  const std::uint64_t operations = crypto_pwhash_scryptsalsa208sha256_OPSLIMIT_SENSITIVE;
  const std::uint64_t memory = crypto_pwhash_scryptsalsa208sha256_MEMLIMIT_SENSITIVE;
  Bytes bytes;
  bytes.reserve(kSecretFileSize);
  append(bytes, kEd25519);
  append(bytes, encrypted ? kScrypt : std::string_view("\0\0", 2));
  append(bytes, kBlake2b);
  append(bytes, salt);
  append_number(bytes, encrypted ? operations : 0);
  append_number(bytes, encrypted ? memory : 0);
  append(bytes, key.id);
  append(bytes, key.key);
  append(bytes, checksum(key));
  if (encrypted) {
    seal(std::span(bytes).subspan(kSealedAt), passphrase, salt.data(), operations, memory);
  }
  std::string text =
      fmt::format("{}minisign encrypted secret key\n{}\n", kUntrusted, base64(bytes));
  sodium_memzero(bytes.data(), bytes.size());
  return text;
}

bool is_encrypted(std::string_view text, const std::string& path) {
  return holds(secret_bytes(text, path), 2, kScrypt);
}

SecretKey parse_secret_key(std::string_view text, std::string_view passphrase,
                           const std::string& path) {
  Bytes bytes = secret_bytes(text, path);
  const bool encrypted = holds(bytes, 2, kScrypt);
  if (encrypted) {
    seal(std::span(bytes).subspan(kSealedAt), passphrase, bytes.data() + kSaltAt,
         number_at(bytes, kLimitsAt), number_at(bytes, kLimitsAt + 8));
  }
  SecretKey key;
  copy_from(bytes, kSealedAt, key.id);
  copy_from(bytes, kSealedAt + key.id.size(), key.key);
  const auto sum = checksum(key);
  const std::uint8_t* stored = bytes.data() + bytes.size() - sum.size();
  // What minisign does not encrypt it does not sum up either.
  const bool summed = encrypted || sodium_is_zero(stored, sum.size()) == 0;
  const bool right = summed ? sodium_memcmp(sum.data(), stored, sum.size()) == 0 : is_whole(key);
  sodium_memzero(bytes.data(), bytes.size());
  if (!right) {
    throw PackError(encrypted ? Problem::kWrongPassphrase : Problem::kBadSecretKey, {path});
  }
  return key;
}

std::string signature_text(ByteStream& content, const SecretKey& key, std::string_view comment) {
  start_sodium();
  const Digest digest = hash_of(content);
  std::array<std::uint8_t, crypto_sign_BYTES> of_file{};
  crypto_sign_detached(of_file.data(), nullptr, digest.data(), digest.size(), key.key.data());
  const Bytes both = signed_with_comment(of_file, comment);
  std::array<std::uint8_t, crypto_sign_BYTES> of_comment{};
  crypto_sign_detached(of_comment.data(), nullptr, both.data(), both.size(), key.key.data());
  Bytes first;
  append(first, kHashed);
  append(first, key.id);
  append(first, of_file);
  return fmt::format("{}signature from the secret key {}\n{}\n{}{}\n{}\n", kUntrusted,
                     key_id_text(key.id), base64(first), kTrusted, comment, base64(of_comment));
}

Signature parse_signature(std::string_view text, const std::string& path) {
  Signature signature;
  const bool labelled = after_label(next_line(text), kUntrusted).has_value();
  const auto of_file =
      unbase64(next_line(text), kHashed.size() + signature.key.size() + signature.of_file.size());
  const auto comment = after_label(next_line(text), kTrusted);
  const auto of_comment = unbase64(next_line(text), signature.of_comment.size());
  if (!labelled || !of_file || !comment || !of_comment ||
      (!holds(*of_file, 0, kHashed) && !holds(*of_file, 0, kEd25519))) {
    throw PackError(Problem::kBadSignature, {path});
  }
  signature.hashed = holds(*of_file, 0, kHashed);
  copy_from(*of_file, kHashed.size(), signature.key);
  copy_from(*of_file, kHashed.size() + signature.key.size(), signature.of_file);
  signature.comment = *comment;
  copy_from(*of_comment, 0, signature.of_comment);
  return signature;
}

bool is_signed_by(const PublicKey& key, const Signature& signature, ByteStream& content) {
  start_sodium();
  Bytes message;
  if (signature.hashed) {
    append(message, hash_of(content));
  } else {
    append(message, read_all(content));
  }
  const Bytes both = signed_with_comment(signature.of_file, signature.comment);
  return crypto_sign_verify_detached(signature.of_file.data(), message.data(), message.size(),
                                     key.key.data()) == 0 &&
         crypto_sign_verify_detached(signature.of_comment.data(), both.data(), both.size(),
                                     key.key.data()) == 0;
}

}  // namespace pixelzx::pack
