// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "node/base/bytes.h"

namespace pixelzx::node {

/// A point of a curve y^2 = x^3 + b over Field, or the point at infinity.
template <typename Field>
struct AffinePoint {
  Field x;
  Field y;
  bool infinite = false;

  static constexpr AffinePoint infinity() { return {{}, {}, true}; }
  constexpr bool operator==(const AffinePoint&) const = default;
  constexpr AffinePoint operator-() const { return {x, -y, infinite}; }
};

/// The same to compute with: x / z^2, y / z^3; at infinity when z is zero. b is in none of the
/// formulas.
template <typename Field>
struct CurvePoint {
  Field x;
  Field y;
  Field z;

  CurvePoint() : x(Field::one()), y(Field::one()) {}
  CurvePoint(const Field& x_, const Field& y_, const Field& z_) : x(x_), y(y_), z(z_) {}
  explicit CurvePoint(const AffinePoint<Field>& point) : CurvePoint() {
    if (!point.infinite) *this = {point.x, point.y, Field::one()};
  }

  [[nodiscard]] bool infinite() const { return z == Field(); }

  [[nodiscard]] AffinePoint<Field> affine() const {
    if (infinite()) return AffinePoint<Field>::infinity();
    const Field by_z = inverse(z);
    const Field by_zz = square(by_z);
    return {x * by_zz, y * by_zz * by_z, false};
  }

  friend CurvePoint operator+(const CurvePoint& p, const CurvePoint& q) {
    if (p.infinite()) return q;
    if (q.infinite()) return p;
    const Field p_zz = square(p.z);
    const Field q_zz = square(q.z);
    const Field p_x = p.x * q_zz;
    const Field p_y = p.y * q_zz * q.z;
    const Field h = q.x * p_zz - p_x;
    const Field r = q.y * p_zz * p.z - p_y;
    if (h == Field()) return r == Field() ? doubled(p) : CurvePoint();
    const Field hh = square(h);
    const Field hhh = hh * h;
    const Field v = p_x * hh;
    const Field sum_x = square(r) - hhh - v - v;
    return {sum_x, r * (v - sum_x) - p_y * hhh, p.z * q.z * h};
  }

  friend CurvePoint doubled(const CurvePoint& p) {
    const Field yy = square(p.y);
    const Field xyy = p.x * yy;
    const Field xyy2 = xyy + xyy;
    const Field xyy4 = xyy2 + xyy2;
    const Field xx = square(p.x);
    const Field slope = xx + xx + xx;
    const Field double_x = square(slope) - xyy4 - xyy4;
    const Field yy2 = yy + yy;
    const Field yyyy4 = square(yy2);
    const Field yz = p.y * p.z;
    return {double_x, slope * (xyy4 - double_x) - yyyy4 - yyyy4, yz + yz};
  }

  /// `factor` is big-endian. Four bits at a time; how long it takes depends on them.
  friend CurvePoint operator*(ByteView factor, const CurvePoint& p) {
    std::array<CurvePoint, 16> multiples;
    for (std::size_t i = 1; i < multiples.size(); ++i) multiples[i] = multiples[i - 1] + p;
    CurvePoint result;
    for (const std::uint8_t byte : factor) {
      for (const int digit : {byte >> 4, byte & 15}) {
        if (!result.infinite()) result = doubled(doubled(doubled(doubled(result))));
        result = result + multiples[static_cast<std::size_t>(digit)];
      }
    }
    return result;
  }
};

}  // namespace pixelzx::node
