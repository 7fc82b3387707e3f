// SPDX-License-Identifier: Apache-2.0
#include "node/evm/blake2f.h"

#include <array>
#include <bit>
#include <cstddef>

namespace pixelzx::node {
namespace {

// Of the input: rounds, big-endian; h, m, t, little-endian words; f.
constexpr std::size_t kInput = 213;
constexpr std::size_t kState = 4;
constexpr std::size_t kBlock = 68;
constexpr std::size_t kCounters = 196;
constexpr std::size_t kLast = 212;

constexpr std::array<std::uint64_t, 8> kInitial = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

constexpr std::array<std::array<std::uint8_t, 16>, 10> kSigma = {{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}};

std::uint64_t read_word(ByteView bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 8; i-- > 0;) word = word << 8 | bytes[i];
  return word;
}

void mix(std::uint64_t& a, std::uint64_t& b, std::uint64_t& c, std::uint64_t& d, std::uint64_t x,
         std::uint64_t y) {
  a += b + x;
  d = std::rotr(d ^ a, 32);
  c += d;
  b = std::rotr(b ^ c, 24);
  a += b + y;
  d = std::rotr(d ^ a, 16);
  c += d;
  b = std::rotr(b ^ c, 63);
}

std::uint32_t read_rounds(ByteView input) {
  std::uint32_t rounds = 0;
  for (const std::uint8_t byte : input.first(kState)) rounds = rounds << 8 | byte;
  return rounds;
}

}  // namespace

std::uint64_t blake2f_gas(ByteView input) {
  return input.size() == kInput ? read_rounds(input) : 0;
}

std::optional<Bytes> blake2f(ByteView input) {
  if (input.size() != kInput || input[kLast] > 1) return std::nullopt;
  std::array<std::uint64_t, 16> m{};
  for (std::size_t i = 0; i < m.size(); ++i) m[i] = read_word(input.subspan(kBlock + 8 * i, 8));
  std::array<std::uint64_t, 16> v{};
  for (std::size_t i = 0; i < 8; ++i) {
    v[i] = read_word(input.subspan(kState + 8 * i, 8));
    v[8 + i] = kInitial[i];
  }
  const std::array<std::uint64_t, 16> h = v;
  v[12] ^= read_word(input.subspan(kCounters, 8));
  v[13] ^= read_word(input.subspan(kCounters + 8, 8));
  if (input[kLast] == 1) v[14] = ~v[14];

  const std::uint32_t rounds = read_rounds(input);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    const auto& s = kSigma[round % kSigma.size()];
    mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
    mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
    mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
    mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
    mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
    mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
    mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
    mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
  }

  Bytes state;
  state.reserve(64);
  for (std::size_t i = 0; i < 8; ++i) {
    std::uint64_t word = h[i] ^ v[i] ^ v[i + 8];
    for (int byte = 0; byte < 8; ++byte, word >>= 8) {
      state.push_back(static_cast<std::uint8_t>(word));
    }
  }
  return state;
}

}  // namespace pixelzx::node
