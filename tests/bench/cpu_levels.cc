// SPDX-License-Identifier: Apache-2.0
//
// What a node of an EVM chain computes most, for cpu_levels.py, which compiles this and the
// libraries for one level of the CPU. Prints `nanoseconds name` of each workload: the best of some
// rounds.

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace CryptoPP {
void KeccakF1600(std::uint64_t* state);  // of keccak_core.cpp, which has no header
}

namespace {

template <typename Work>
void measure(const char* name, int runs, Work work) {
  using Clock = std::chrono::steady_clock;
  double best = 1e300;
  for (int round = 0; round < 15; ++round) {
    const Clock::time_point begin = Clock::now();
    for (int i = 0; i < runs; ++i) work();
    const std::chrono::duration<double, std::nano> taken = Clock::now() - begin;
    best = std::min(best, taken.count() / runs);
  }
  (void)std::printf("%.1f %s\n", best, name);
}

void expect(bool right) {
  if (!right) std::abort();
}

}  // namespace

int main() {
  std::array<std::uint64_t, 25> state{};
  measure("Keccak-f[1600] (Crypto++)", 20'000, [&] { CryptoPP::KeccakF1600(state.data()); });

  secp256k1_context* context =
      secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
  std::array<unsigned char, 32> hash{1};
  const std::array<unsigned char, 32> secret_key{2};
  secp256k1_ecdsa_recoverable_signature signature{};
  expect(secp256k1_ecdsa_sign_recoverable(context, &signature, hash.data(), secret_key.data(),
                                          nullptr, nullptr) == 1);
  secp256k1_pubkey sender{};
  measure("recover a sender (secp256k1)", 200,
          [&] { expect(secp256k1_ecdsa_recover(context, &sender, &signature, hash.data()) == 1); });
  secp256k1_context_destroy(context);
}
