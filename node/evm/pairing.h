// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "node/evm/curve_point.h"
#include "node/evm/extension_fields.h"

namespace pixelzx::node {

/// What the pairings of BN and BLS curves share. A curve's G1 is on y^2 = x^3 + b over Fp, its G2
/// on a sextic twist of that over Fp2: y^2 = x^3 + b / xi (Curve::kTwist is kDivided) or y^2 = x^3
/// + b xi (kMultiplied). Over Fp12, the point (x, y) of the twist is the point (x w^2, y w^3) or (x
/// / w^2, y / w^3) of the curve.
enum class Twist { kDivided, kMultiplied };

template <typename Curve>
using G1Point = AffinePoint<PrimeField<Curve>>;
template <typename Curve>
using G2Point = AffinePoint<Fp2<Curve>>;
template <typename Curve>
using PairingInput = std::pair<G1Point<Curve>, G2Point<Curve>>;

/// To the power of p on the twist: where Frobenius's map takes the point on the curve over Fp12. On
/// G2 it multiplies by p.
template <typename Curve>
G2Point<Curve> frobenius(const G2Point<Curve>& point) {
  static_assert(Curve::kTwist == Twist::kDivided, "no other is needed");
  const auto& factors = frobenius_factors<Curve>();
  return {conjugate(point.x) * factors[2], conjugate(point.y) * factors[3], point.infinite};
}

/// Miller's algorithm for several pairs of points at once, which share the squares of their product
/// and the inversions: a step needs one for all pairs.
template <typename Curve>
class MillerLoop {
 public:
  using Field = Fp2<Curve>;

  /// The pairs with a point at infinity contribute one.
  explicit MillerLoop(std::span<const PairingInput<Curve>> pairs) {
    for (const auto& [p, q] : pairs) {
      if (p.infinite || q.infinite) continue;
      const auto by_y = inverse(p.y);
      pairs_.push_back({-(p.x * by_y), by_y, q, q, {}, {}});
    }
  }

  /// The product so far.
  [[nodiscard]] const Fp12<Curve>& product() const { return product_; }

  /// Squares the product, doubles each pair's multiple of its q, and multiplies by the tangent.
  void double_multiples() {
    product_ = square(product_);
    for (Pair& pair : pairs_) {
      const Field xx = square(pair.multiple.x);
      pair.rise = xx + xx + xx;
      pair.run = pair.multiple.y + pair.multiple.y;
    }
    invert_runs();
    for (Pair& pair : pairs_) multiply_by_line(pair, pair.multiple);
  }

  /// Adds to each pair's multiple what `addend` makes of its q, and multiplies by the line through
  /// both.
  template <typename Addend>
  void add_to_multiples(const Addend& addend) {
    for (Pair& pair : pairs_) {
      const G2Point<Curve> point = addend(pair.q);
      pair.rise = pair.multiple.y - point.y;
      pair.run = pair.multiple.x - point.x;
    }
    invert_runs();
    for (Pair& pair : pairs_) multiply_by_line(pair, addend(pair.q));
  }

 private:
  struct Pair {
    PrimeField<Curve> minus_x_by_y;  // of p
    PrimeField<Curve> one_by_y;
    G2Point<Curve> q;
    G2Point<Curve> multiple;
    Field rise;
    Field run;  // then its inverse
  };

  /// Montgomery's trick: the inverse of the product of all, from which that of each is had. None is
  /// zero: for q of the group's large order, the loop never meets infinity.
  void invert_runs() {
    std::vector<Field> products;  // of those before
    products.reserve(pairs_.size());
    Field all = Field::one();
    for (const Pair& pair : pairs_) {
      products.push_back(all);
      all = all * pair.run;
    }
    Field rest = inverse(all);
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      rest = std::exchange(pairs_[i].run, rest * products[i]) * rest;
    }
  }

  /// The line through `multiple`, `point` and minus their sum is, at p and divided by p's y,
  ///   1 - slope (x / y) w + (slope multiple.x - multiple.y) (1 / y) w^3,
  /// with 1 / w for w on a multiplied twist. Factors in a smaller field do not matter: the last
  /// power makes one of them.
  void multiply_by_line(Pair& pair, const G2Point<Curve>& point) {
    G2Point<Curve>& multiple = pair.multiple;
    const Field slope = pair.rise * pair.run;
    const Field linear = slope * pair.minus_x_by_y;
    const Field cubic = (slope * multiple.x - multiple.y) * pair.one_by_y;
    Fp6<Curve> odd;  // the line is 1 + odd w
    if constexpr (Curve::kTwist == Twist::kDivided) {
      odd = {linear, cubic, {}};
    } else {
      // 1 / w is w^5 / xi, and 1 / w^3 is w^3 / xi.
      static const Field by_xi = inverse(xi<Curve>());
      odd = {{}, cubic * by_xi, linear * by_xi};
    }
    product_ = {product_.a + times_v(product_.b * odd), product_.b + product_.a * odd};

    const Field x = square(slope) - multiple.x - point.x;
    multiple.y = slope * (multiple.x - x) - multiple.y;
    multiple.x = x;
  }

  std::vector<Pair> pairs_;
  Fp12<Curve> product_ = Fp12<Curve>::one();
};

/// The first part of the last power, to (p^6 - 1)(p^2 + 1). Of what it returns, conjugate() is the
/// inverse.
template <typename Curve>
Fp12<Curve> easy_power(const Fp12<Curve>& x) {
  const Fp12<Curve> y = conjugate(x) * inverse(x);
  return frobenius(frobenius(y)) * y;
}

/// x^2 of what easy_power() has returned, in half the time of square(): Granger and Scott, Faster
/// Squaring in the Cyclotomic Subgroup of Sixth Degree Extensions. With s = w^3 and x written as
/// a + b w + c w^2, these of the form y + z s, it is
///   3 a^2 - 2 a' + (3 s c^2 + 2 b') w + (3 b^2 - 2 c') w^2, a' being y - z s.
template <typename Curve>
Fp12<Curve> cyclotomic_square(const Fp12<Curve>& x) {
  using Field = Fp2<Curve>;
  struct Square {
    Field y;
    Field z;
  };
  const auto square_of = [](const Field& y, const Field& z) {
    const Field yz = y * z;
    return Square{(y + z) * (y + times_xi(z)) - yz - times_xi(yz), yz + yz};
  };
  const Square aa = square_of(x.a.a, x.b.b);
  const Square bb = square_of(x.b.a, x.a.c);
  const Square cc = square_of(x.a.b, x.b.c);
  const auto thrice_minus = [](const Field& square, const Field& of_x) {
    const Field difference = square - of_x;
    return difference + difference + square;
  };
  const auto thrice_plus = [](const Field& square, const Field& of_x) {
    const Field sum = square + of_x;
    return sum + sum + square;
  };
  return {{thrice_minus(aa.y, x.a.a), thrice_minus(bb.y, x.a.b), thrice_minus(cc.y, x.a.c)},
          {thrice_plus(times_xi(cc.z), x.b.a), thrice_plus(aa.z, x.b.b), thrice_plus(bb.z, x.b.c)}};
}

/// The power of what easy_power() has returned.
template <typename Curve>
Fp12<Curve> cyclotomic_power(const Fp12<Curve>& x, std::span<const Limb> exponent) {
  return power(x, exponent, cyclotomic_square<Curve>);
}

}  // namespace pixelzx::node
