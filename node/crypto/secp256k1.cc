// SPDX-License-Identifier: Apache-2.0
#include "node/crypto/secp256k1.h"

#include <secp256k1_recovery.h>
#include <unistd.h>

#include <algorithm>

#include "node/crypto/hash.h"

namespace pixelzx::node {

using namespace boost::multiprecision::literals;

constexpr U256 kSecp256k1Order =
    0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_cppui256;

namespace {

/// The static context cannot multiply with secrets. This one is blinded against observers of power
/// and time; without entropy it works as well, only unblinded. It lives as long as the program.
const secp256k1_context* secret_context() {
  static const secp256k1_context* const kContext = [] {
    secp256k1_context* context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    std::array<std::uint8_t, 32> seed{};
    if (getentropy(seed.data(), seed.size()) == 0) {
      [[maybe_unused]] const int blinded = secp256k1_context_randomize(context, seed.data());
    }
    return context;
  }();
  return kContext;
}

/// Yellow Paper appendix F: the last 20 bytes of the hash of both coordinates.
Address address_of(const secp256k1_pubkey& key) {
  std::array<std::uint8_t, 65> bytes;  // NOLINT: filled next
  std::size_t size = bytes.size();
  secp256k1_ec_pubkey_serialize(secp256k1_context_static, bytes.data(), &size, &key,
                                SECP256K1_EC_UNCOMPRESSED);
  return to_address(keccak256(ByteView(bytes).subspan(1)));
}

}  // namespace

std::optional<Address> recover_address(const Hash& digest, const Signature& signature) {
  if (signature.r == 0 || signature.s == 0) return std::nullopt;
  std::array<std::uint8_t, 64> compact;  // NOLINT: filled next
  std::ranges::copy(to_hash(signature.r), compact.begin());
  std::ranges::copy(to_hash(signature.s), compact.begin() + 32);
  const secp256k1_context* context = secp256k1_context_static;
  secp256k1_ecdsa_recoverable_signature parsed;
  if (secp256k1_ecdsa_recoverable_signature_parse_compact(context, &parsed, compact.data(),
                                                          signature.y_parity ? 1 : 0) == 0) {
    return std::nullopt;
  }
  secp256k1_pubkey key;
  if (secp256k1_ecdsa_recover(context, &key, &parsed, digest.data()) == 0) return std::nullopt;
  return address_of(key);
}

std::optional<Signature> sign(const Hash& digest, const SecretKey& key) {
  secp256k1_ecdsa_recoverable_signature signed_digest;
  if (secp256k1_ecdsa_sign_recoverable(secret_context(), &signed_digest, digest.data(), key.data(),
                                       secp256k1_nonce_function_rfc6979, nullptr) == 0) {
    return std::nullopt;
  }
  std::array<std::uint8_t, 64> compact{};
  int recovery = 0;  // its second bit, an r above the field's order, does not happen
  secp256k1_ecdsa_recoverable_signature_serialize_compact(secp256k1_context_static, compact.data(),
                                                          &recovery, &signed_digest);
  const ByteView bytes(compact);
  return Signature{.r = u256_from(bytes.first(32)),
                   .s = u256_from(bytes.last(32)),
                   .y_parity = (recovery & 1) != 0};
}

std::optional<Address> address_of(const SecretKey& key) {
  secp256k1_pubkey public_key;
  if (secp256k1_ec_pubkey_create(secret_context(), &public_key, key.data()) == 0) {
    return std::nullopt;
  }
  return address_of(public_key);
}

}  // namespace pixelzx::node
