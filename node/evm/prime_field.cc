// SPDX-License-Identifier: Apache-2.0
#include "node/evm/prime_field.h"

#include <gmp.h>

#include <algorithm>

namespace pixelzx::node {

void invert(std::span<Limb> number, std::span<const Limb> modulus) {
  constexpr int kLowestFirst = -1;
  mpz_t value;
  mpz_t of;
  mpz_inits(value, of, nullptr);
  mpz_import(value, number.size(), kLowestFirst, sizeof(Limb), 0, 0, number.data());
  mpz_import(of, modulus.size(), kLowestFirst, sizeof(Limb), 0, 0, modulus.data());
  if (mpz_invert(value, value, of) != 0) {
    std::ranges::fill(number, 0);
    mpz_export(number.data(), nullptr, kLowestFirst, sizeof(Limb), 0, 0, value);
  }
  mpz_clears(value, of, nullptr);
}

}  // namespace pixelzx::node
