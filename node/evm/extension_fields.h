// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>

#include "node/evm/prime_field.h"

namespace pixelzx::node {

/// a + b i with i^2 = -1.
template <typename Curve>
struct Fp2 {
  using Fp = PrimeField<Curve>;
  Fp a;
  Fp b;

  static constexpr Fp2 one() { return {Fp::one(), {}}; }

  constexpr bool operator==(const Fp2&) const = default;
  friend constexpr Fp2 operator+(const Fp2& x, const Fp2& y) { return {x.a + y.a, x.b + y.b}; }
  friend constexpr Fp2 operator-(const Fp2& x, const Fp2& y) { return {x.a - y.a, x.b - y.b}; }
  constexpr Fp2 operator-() const { return {-a, -b}; }
  friend constexpr Fp2 operator*(const Fp2& x, const Fp2& y) {
    const Fp aa = x.a * y.a;
    const Fp bb = x.b * y.b;
    return {aa - bb, (x.a + x.b) * (y.a + y.b) - aa - bb};
  }
  friend constexpr Fp2 operator*(const Fp2& x, const Fp& y) { return {x.a * y, x.b * y}; }
  friend constexpr Fp2 square(const Fp2& x) {
    const Fp ab = x.a * x.b;
    return {(x.a + x.b) * (x.a - x.b), ab + ab};
  }
  friend Fp2 inverse(const Fp2& x) {
    const Fp norm = inverse(square(x.a) + square(x.b));
    return {x.a * norm, -(x.b * norm)};
  }
  /// Also x to the power of p.
  friend constexpr Fp2 conjugate(const Fp2& x) { return {x.a, -x.b}; }
};

/// xi = Curve::kXi + i, which has no square or cubic root in Fp2.
template <typename Curve>
constexpr Fp2<Curve> xi() {
  return {PrimeField<Curve>::from_number({Curve::kXi}), PrimeField<Curve>::one()};
}

template <typename Curve>
constexpr Fp2<Curve> times_xi(const Fp2<Curve>& x) {
  // 1 or 9, thus a power of two after its one.
  Fp2<Curve> multiple = x;
  if constexpr (Curve::kXi != 1) {
    static_assert(Curve::kXi == 9);
    for (int i = 0; i < 3; ++i) multiple = multiple + multiple;
    multiple = multiple + x;
  }
  return {multiple.a - x.b, multiple.b + x.a};
}

/// a + b v + c v^2 with v^3 = xi.
template <typename Curve>
struct Fp6 {
  using Base = Fp2<Curve>;
  Base a;
  Base b;
  Base c;

  static constexpr Fp6 one() { return {Base::one(), {}, {}}; }

  constexpr bool operator==(const Fp6&) const = default;
  friend Fp6 operator+(const Fp6& x, const Fp6& y) { return {x.a + y.a, x.b + y.b, x.c + y.c}; }
  friend Fp6 operator-(const Fp6& x, const Fp6& y) { return {x.a - y.a, x.b - y.b, x.c - y.c}; }
  Fp6 operator-() const { return {-a, -b, -c}; }
  /// Karatsuba's way: six products instead of nine.
  friend Fp6 operator*(const Fp6& x, const Fp6& y) {
    const Base aa = x.a * y.a;
    const Base bb = x.b * y.b;
    const Base cc = x.c * y.c;
    return {aa + times_xi((x.b + x.c) * (y.b + y.c) - bb - cc),
            (x.a + x.b) * (y.a + y.b) - aa - bb + times_xi(cc),
            (x.a + x.c) * (y.a + y.c) - aa - cc + bb};
  }
  friend Fp6 times_v(const Fp6& x) { return {times_xi(x.c), x.a, x.b}; }
  friend Fp6 inverse(const Fp6& x) {
    const Base aa = square(x.a) - times_xi(x.b * x.c);
    const Base bb = times_xi(square(x.c)) - x.a * x.b;
    const Base cc = square(x.b) - x.a * x.c;
    const Base norm = inverse(x.a * aa + times_xi(x.b * cc + x.c * bb));
    return {aa * norm, bb * norm, cc * norm};
  }
};

/// a + b w with w^2 = v.
template <typename Curve>
struct Fp12 {
  using Base = Fp6<Curve>;
  Base a;
  Base b;

  static constexpr Fp12 one() { return {Base::one(), {}}; }

  constexpr bool operator==(const Fp12&) const = default;
  friend Fp12 operator*(const Fp12& x, const Fp12& y) {
    const Base aa = x.a * y.a;
    const Base bb = x.b * y.b;
    return {aa + times_v(bb), (x.a + x.b) * (y.a + y.b) - aa - bb};
  }
  friend Fp12 square(const Fp12& x) {
    const Base ab = x.a * x.b;
    return {(x.a + x.b) * (x.a + times_v(x.b)) - ab - times_v(ab), ab + ab};
  }
  friend Fp12 inverse(const Fp12& x) {
    const Base norm = inverse(x.a * x.a - times_v(x.b * x.b));
    return {x.a * norm, -(x.b * norm)};
  }
  /// Also x to the power of p^6.
  friend Fp12 conjugate(const Fp12& x) { return {x.a, -x.b}; }
};

/// The powers of xi^((p - 1) / 6), from 0 to 5: w^k to the power of p is w^k times the k-th.
template <typename Curve>
const std::array<Fp2<Curve>, 6>& frobenius_factors() {
  static const std::array<Fp2<Curve>, 6> factors = [] {
    const auto exponent = minus_divided(PrimeField<Curve>::kModulus, 1, 6);
    std::array<Fp2<Curve>, 6> powers;
    powers[0] = Fp2<Curve>::one();
    powers[1] = power(xi<Curve>(), std::span<const Limb>(exponent));
    for (std::size_t k = 2; k < 6; ++k) powers[k] = powers[k - 1] * powers[1];
    return powers;
  }();
  return factors;
}

/// x to the power of p.
template <typename Curve>
Fp12<Curve> frobenius(const Fp12<Curve>& x) {
  const auto& factors = frobenius_factors<Curve>();
  return {{conjugate(x.a.a), conjugate(x.a.b) * factors[2], conjugate(x.a.c) * factors[4]},
          {conjugate(x.b.a) * factors[1], conjugate(x.b.b) * factors[3],
           conjugate(x.b.c) * factors[5]}};
}

}  // namespace pixelzx::node
