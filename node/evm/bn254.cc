// SPDX-License-Identifier: Apache-2.0
#include "node/evm/bn254.h"

#include <algorithm>
#include <array>
#include <vector>

namespace pixelzx::node {
namespace {

using Fp = PrimeField<Bn254>;
using G1 = G1Point<Bn254>;
using G2 = G2Point<Bn254>;

constexpr auto kU = limbs_from_hex<64 / kLimbBits>("44e992b44a6909f1");
/// 6u + 2 without its highest bit, as digits of -1, 0 and 1 with the fewest that are not 0, highest
/// first.
constexpr std::array<int, 65> kLoop = {0,  -1, 0, 1,  0, 0,  0,  -1, 0, -1, 0, 0,  0,  -1, 0, 1, 0,
                                       -1, 0,  0, -1, 0, 0,  0,  0,  0, 1,  0, 0,  -1, 0,  1, 0, 0,
                                       -1, 0,  0, 0,  0, -1, 0,  1,  0, 0,  0, -1, 0,  -1, 0, 0, 1,
                                       0,  0,  0, -1, 0, 0,  -1, 0,  1, 0,  1, 0,  0,  0};

std::optional<G1> read_g1(ByteView bytes) {
  const std::optional<Fp> x = Fp::from_bytes(bytes.first(32));
  const std::optional<Fp> y = Fp::from_bytes(bytes.subspan(32, 32));
  if (!x || !y) return std::nullopt;
  if (*x == Fp() && *y == Fp()) return G1::infinity();
  if (square(*y) != square(*x) * *x + Fp::from_number({3})) return std::nullopt;
  return G1{*x, *y};
}

Bytes to_bytes(const G1& point) {
  if (point.infinite) return Bytes(64);
  Bytes bytes = point.x.bytes();
  append(bytes, point.y.bytes());
  return bytes;
}

/// b + a i is written as in EIP-197: the part with i first.
std::optional<Fp2<Bn254>> read_fp2(ByteView bytes) {
  const std::optional<Fp> b = Fp::from_bytes(bytes.first(32));
  const std::optional<Fp> a = Fp::from_bytes(bytes.subspan(32, 32));
  if (!a || !b) return std::nullopt;
  return Fp2<Bn254>{*a, *b};
}

/// Whether a point of the twist has the order of G2: that is where Frobenius's map multiplies by
/// p mod r, which is 6u^2. (The map's square minus its trace t = 6u^2 + 1 times the map plus p is
/// zero on the whole twist; with 6u^2 for the map, this is r.)
bool in_g2(const G2& point) {
  constexpr std::array<std::uint8_t, 16> k6UU = {0x6f, 0x4d, 0x82, 0x48, 0xee, 0xb8, 0x59, 0xfb,
                                                 0xf8, 0x3e, 0x96, 0x82, 0xe8, 0x7c, 0xfd, 0x46};
  return (ByteView(k6UU) * CurvePoint(point)).affine() == frobenius<Bn254>(point);
}

std::optional<G2> read_g2(ByteView bytes) {
  const std::optional<Fp2<Bn254>> x = read_fp2(bytes.first(64));
  const std::optional<Fp2<Bn254>> y = read_fp2(bytes.subspan(64, 64));
  if (!x || !y) return std::nullopt;
  if (*x == Fp2<Bn254>() && *y == Fp2<Bn254>()) return G2::infinity();
  static const Fp2<Bn254> b = inverse(xi<Bn254>()) * Fp::from_number({3});
  if (square(*y) != square(*x) * *x + b) return std::nullopt;
  const G2 point{*x, *y};
  if (!in_g2(point)) return std::nullopt;
  return point;
}

/// The second part of the last power, up to a factor that is coprime to r: to
///   1 + 6u + 12u^2 + 12u^3 + (4u + 6u^2 + 12u^3) p + (6u + 6u^2 + 12u^3) p^2
///   + (-1 + 4u + 6u^2 + 12u^3) p^3,
/// from Fuentes-Castañeda, Knapp and Rodríguez-Henríquez, Faster Hashing to G2.
Fp12<Bn254> hard_power(const Fp12<Bn254>& x) {
  const auto to_u = [&](const Fp12<Bn254>& y) {
    return cyclotomic_power(y, std::span<const Limb>(kU));
  };
  const Fp12<Bn254> u = to_u(x);
  const Fp12<Bn254> u2 = square(u);
  const Fp12<Bn254> u4 = square(u2);
  const Fp12<Bn254> u6 = u4 * u2;
  const Fp12<Bn254> uu6 = to_u(u6);
  const Fp12<Bn254> uuu12 = to_u(square(uu6));
  const Fp12<Bn254> most = uuu12 * uu6;  // 6u^2 + 12u^3
  const Fp12<Bn254> second = most * u4;
  const Fp12<Bn254> third = most * u6;
  const Fp12<Bn254> first = third * uu6 * x;
  const Fp12<Bn254> fourth = second * conjugate(x);
  return first * frobenius(second * frobenius(third * frobenius(fourth)));
}

/// The first `size` bytes, with zeros for those that are missing.
Bytes padded(ByteView input, std::size_t size) {
  const ByteView there = input.first(std::min(input.size(), size));
  Bytes bytes(there.begin(), there.end());
  bytes.resize(size);
  return bytes;
}

}  // namespace

bool bn254_product_is_one(std::span<const PairingInput<Bn254>> pairs) {
  // The optimal ate pairing: Vercauteren, Optimal Pairings, IV.B.
  MillerLoop<Bn254> loop(pairs);
  for (const int digit : kLoop) {
    loop.double_multiples();
    if (digit > 0) loop.add_to_multiples([](const G2& q) { return q; });
    if (digit < 0) loop.add_to_multiples([](const G2& q) { return -q; });
  }
  loop.add_to_multiples([](const G2& q) { return frobenius<Bn254>(q); });
  loop.add_to_multiples([](const G2& q) { return -frobenius<Bn254>(frobenius<Bn254>(q)); });
  return hard_power(easy_power(loop.product())) == Fp12<Bn254>::one();
}

std::optional<Bytes> bn254_add(ByteView input) {
  const Bytes points = padded(input, 128);
  const std::optional<G1> p = read_g1(ByteView(points).first(64));
  const std::optional<G1> q = read_g1(ByteView(points).last(64));
  if (!p || !q) return std::nullopt;
  return to_bytes((CurvePoint(*p) + CurvePoint(*q)).affine());
}

std::optional<Bytes> bn254_multiply(ByteView input) {
  const Bytes both = padded(input, 96);
  const std::optional<G1> p = read_g1(ByteView(both).first(64));
  if (!p) return std::nullopt;
  return to_bytes((ByteView(both).last(32) * CurvePoint(*p)).affine());
}

std::optional<Bytes> bn254_pairing_check(ByteView input) {
  if (input.size() % 192 != 0) return std::nullopt;
  std::vector<PairingInput<Bn254>> pairs;
  for (; !input.empty(); input = input.subspan(192)) {
    const std::optional<G1> p = read_g1(input.first(64));
    if (!p) return std::nullopt;
    const std::optional<G2> q = read_g2(input.subspan(64, 128));
    if (!q) return std::nullopt;
    pairs.emplace_back(*p, *q);
  }
  Bytes result(32);
  result.back() = bn254_product_is_one(pairs) ? 1 : 0;
  return result;
}

}  // namespace pixelzx::node
