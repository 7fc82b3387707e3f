// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 by the CPU's own instructions: amd64's SHA extensions (Intel SDM volume 2, SHA256RNDS2)
// and those of arm64 (Arm ARM, "SHA256 hash update"). Both do several of the 64 rounds at once on
// two halves of the state, and compute the next words of the message beside them. Neither is in the
// family's base, so the CPU is asked.
#include "sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#include <sys/auxv.h>
#endif

namespace pixelzx {
#if defined(__x86_64__) || defined(__aarch64__)
namespace {

// FIPS 180-4, 4.2.2
alignas(16) constexpr std::uint32_t kConstants[64] = {
    // NOLINT: for vector loads
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#if defined(__x86_64__)
#define PIXELZX_SHA_TARGET gnu::target("sha,sse4.1")
using Words = __m128i;

/// The two halves in the order that the instructions want them.
struct State {
  Words abef;
  Words cdgh;
};

[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline Words load(const void* bytes) {
  return _mm_loadu_si128(static_cast<const Words*>(bytes));
}

[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline Words message(const unsigned char* bytes) {
  return _mm_shuffle_epi8(load(bytes), _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203));
}

/// Four rounds, with the words `w` of the message.
[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline void rounds(State& state, Words w, int number) {
  const Words sum = _mm_add_epi32(w, load(&kConstants[number]));
  state.cdgh = _mm_sha256rnds2_epu32(state.cdgh, state.abef, sum);
  state.abef = _mm_sha256rnds2_epu32(state.abef, state.cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

/// The words that follow the sixteen in a, b, c, d.
[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline Words following(Words a, Words b, Words c,
                                                                  Words d) {
  const Words sum = _mm_add_epi32(_mm_sha256msg1_epu32(a, b), _mm_alignr_epi8(d, c, 4));
  return _mm_sha256msg2_epu32(sum, d);
}

[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline State load_state(const std::uint32_t* words) {
  const Words badc = _mm_shuffle_epi32(load(words), 0xb1);
  const Words hgfe = _mm_shuffle_epi32(load(words + 4), 0x1b);
  return {_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xf0)};
}

[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline void store_state(std::uint32_t* words,
                                                                   State state) {
  const Words feba = _mm_shuffle_epi32(state.abef, 0x1b);
  const Words dchg = _mm_shuffle_epi32(state.cdgh, 0xb1);
  auto* halves = reinterpret_cast<Words*>(words);  // NOLINT: what the intrinsic takes
  _mm_storeu_si128(halves, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(halves + 1, _mm_alignr_epi8(dchg, feba, 8));
}

[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline void add(State& state, State other) {
  state.abef = _mm_add_epi32(state.abef, other.abef);
  state.cdgh = _mm_add_epi32(state.cdgh, other.cdgh);
}

bool has_sha256_instructions() {
  constexpr unsigned kSsse3 = 1U << 9;
  constexpr unsigned kSse41 = 1U << 19;
  constexpr unsigned kSha = 1U << 29;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  // They work on XMM registers, which every 64-bit kernel saves: no need for XGETBV.
  return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & kSsse3) != 0 &&
         (ecx & kSse41) != 0 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 &&
         (ebx & kSha) != 0;
}
#else
// GCC 12 has the intrinsics for SHA-256 in one group with those for AES, which are not used.
#define PIXELZX_SHA_TARGET gnu::target("+crypto")
using Words = uint32x4_t;

struct State {
  Words abcd;
  Words efgh;
};

[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline Words message(const unsigned char* bytes) {
  return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(bytes)));
}

/// Four rounds, with the words `w` of the message.
[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline void rounds(State& state, Words w, int number) {
  const Words sum = vaddq_u32(w, vld1q_u32(&kConstants[number]));
  const Words abcd = state.abcd;
  state.abcd = vsha256hq_u32(abcd, state.efgh, sum);
  state.efgh = vsha256h2q_u32(state.efgh, abcd, sum);
}

/// The words that follow the sixteen in a, b, c, d.
[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline Words following(Words a, Words b, Words c,
                                                                  Words d) {
  return vsha256su1q_u32(vsha256su0q_u32(a, b), c, d);
}

[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline State load_state(const std::uint32_t* words) {
  return {vld1q_u32(words), vld1q_u32(words + 4)};
}

[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline void store_state(std::uint32_t* words,
                                                                   State state) {
  vst1q_u32(words, state.abcd);
  vst1q_u32(words + 4, state.efgh);
}

[[PIXELZX_SHA_TARGET, gnu::always_inline]] inline void add(State& state, State other) {
  state.abcd = vaddq_u32(state.abcd, other.abcd);
  state.efgh = vaddq_u32(state.efgh, other.efgh);
}

bool has_sha256_instructions() {
  constexpr unsigned long kSha2 = 1UL << 6;  // HWCAP_SHA2
  return (getauxval(AT_HWCAP) & kSha2) != 0;
}
#endif

[[PIXELZX_SHA_TARGET]] void blocks_by_cpu(std::uint32_t* words, const unsigned char* data,
                                          std::size_t count) {
  State state = load_state(words);
  for (; count > 0; --count, data += kSha256Block) {
    const State before = state;
    Words a = message(data);
    Words b = message(data + 16);
    Words c = message(data + 32);
    Words d = message(data + 48);
    for (int number = 0;; number += 16) {
      rounds(state, a, number);
      rounds(state, b, number + 4);
      rounds(state, c, number + 8);
      rounds(state, d, number + 12);
      if (number == 48) break;
      a = following(a, b, c, d);
      b = following(b, c, d, a);
      c = following(c, d, a, b);
      d = following(d, a, b, c);
    }
    add(state, before);
  }
  store_state(words, state);
}

}  // namespace

Sha256Blocks sha256_of_cpu() {
  return has_sha256_instructions() ? blocks_by_cpu : nullptr;
}
#else
Sha256Blocks sha256_of_cpu() {
  return nullptr;
}
#endif
}  // namespace pixelzx
