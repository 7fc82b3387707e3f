// SPDX-License-Identifier: Apache-2.0
#include "node/crypto/hash.h"

#include <cryptopp/keccak.h>
#include <cryptopp/ripemd.h>
#include <cryptopp/sha.h>

namespace pixelzx::node {
namespace {

template <typename Function, std::size_t N>
std::array<std::uint8_t, N> digest(ByteView bytes) {
  static_assert(Function::DIGESTSIZE == N);
  std::array<std::uint8_t, N> result;  // NOLINT: filled next
  Function().CalculateDigest(result.data(), bytes.data(), bytes.size());
  return result;
}

}  // namespace

Hash keccak256(ByteView bytes) {
  return digest<CryptoPP::Keccak_256, 32>(bytes);
}

Hash sha256(ByteView bytes) {
  return digest<CryptoPP::SHA256, 32>(bytes);
}

std::array<std::uint8_t, 20> ripemd160(ByteView bytes) {
  return digest<CryptoPP::RIPEMD160, 20>(bytes);
}

}  // namespace pixelzx::node
