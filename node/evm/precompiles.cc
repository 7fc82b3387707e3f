// SPDX-License-Identifier: Apache-2.0
#include "node/evm/precompiles.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "node/base/u256.h"
#include "node/crypto/hash.h"
#include "node/crypto/secp256k1.h"
#include "node/evm/blake2f.h"
#include "node/evm/bn254.h"
#include "node/evm/kzg.h"
#include "node/evm/modexp.h"

namespace pixelzx::node {
namespace {

template <std::uint64_t kGas>
std::uint64_t fixed(ByteView /*input*/) {
  return kGas;
}

/// The yellow paper's appendix E: so much, and so much more for each 32 bytes begun.
template <std::uint64_t kGas, std::uint64_t kWordGas>
std::uint64_t by_words(ByteView input) {
  return kGas + kWordGas * ((std::uint64_t{input.size()} + 31) / 32);
}

/// EIP-1108's.
std::uint64_t pairing_gas(ByteView input) {
  return 45'000 + 34'000 * std::uint64_t{input.size() / 192};
}

/// The address of the key that has signed, in 32 bytes; of a wrong signature, no bytes.
std::optional<Bytes> recover(ByteView input) {
  std::array<std::uint8_t, 128> fields{};  // digest, v, r, s
  std::ranges::copy(input.first(std::min(input.size(), fields.size())), fields.begin());
  const auto field = [&](std::size_t i) { return ByteView(fields).subspan(i * 32, 32); };
  const std::uint64_t v = saturated_u64(u256_from(field(1)));
  if (v != 27 && v != 28) return Bytes();
  Hash digest;  // NOLINT: filled next
  std::ranges::copy(field(0), digest.begin());
  const std::optional<Address> address =
      recover_address(digest, {u256_from(field(2)), u256_from(field(3)), v == 28});
  if (!address) return Bytes();
  Bytes output(12);
  append(output, *address);
  return output;
}

std::optional<Bytes> sha256_of(ByteView input) {
  const Hash hash = sha256(input);
  return Bytes(hash.begin(), hash.end());
}

std::optional<Bytes> ripemd160_of(ByteView input) {
  Bytes output(12);
  append(output, ripemd160(input));
  return output;
}

std::optional<Bytes> copy(ByteView input) {
  return Bytes(input.begin(), input.end());
}

/// From address 1 on.
constexpr std::array<Precompile, kPrecompiles> kTable = {{
    {fixed<3000>, recover},
    {by_words<60, 12>, sha256_of},
    {by_words<600, 120>, ripemd160_of},
    {by_words<15, 3>, copy},
    {modexp_gas, modexp},
    {fixed<150>, bn254_add},        // EIP-1108
    {fixed<6000>, bn254_multiply},  // EIP-1108
    {pairing_gas, bn254_pairing_check},
    {blake2f_gas, blake2f},
    {fixed<50'000>, kzg_point_evaluation},
}};

}  // namespace

const Precompile* find_precompile(const Address& address) {
  const bool small =
      std::all_of(address.begin(), address.end() - 1, [](std::uint8_t byte) { return byte == 0; });
  const std::size_t number = address.back();
  if (!small || number == 0 || number > kPrecompiles) return nullptr;
  return &kTable.at(number - 1);
}

}  // namespace pixelzx::node
