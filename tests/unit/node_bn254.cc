// SPDX-License-Identifier: Apache-2.0
#include "node/evm/bn254.h"

#include <catch2/catch.hpp>
#include <string>

#include "node/base/bytes.h"

namespace pixelzx::node {
namespace {

using Fp = PrimeField<Bn254>;
using G1 = CurvePoint<Fp>;
using G2 = CurvePoint<Fp2<Bn254>>;

constexpr std::string_view kG1 =
    "0000000000000000000000000000000000000000000000000000000000000001"
    "0000000000000000000000000000000000000000000000000000000000000002";
constexpr std::string_view kG2 =
    "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
    "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
    "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
    "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa";
constexpr std::string_view kOrder =
    "30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001";

Bytes bytes(std::string_view hex) {
  return from_hex(hex).value();
}

/// The digits of `count` zero bytes.
std::string zeros(std::size_t count) {
  std::string digits;
  digits.resize(count * 2, '0');
  return digits;
}

G1 g1() {
  return {Fp::one(), Fp::one() + Fp::one(), Fp::one()};
}

G2 g2() {
  const auto part = [](std::size_t i) { return Fp::from_hex(kG2.substr(i * 64, 64)); };
  return {{part(1), part(0)}, {part(3), part(2)}, Fp2<Bn254>::one()};
}

template <typename Point>
Point times(std::string_view factor, const Point& point) {
  return bytes(factor) * point;
}

bool product_is_one(const std::vector<std::pair<G1, G2>>& pairs) {
  std::vector<PairingInput<Bn254>> affine;
  affine.reserve(pairs.size());
  for (const auto& [p, q] : pairs) affine.emplace_back(p.affine(), q.affine());
  return bn254_product_is_one(affine);
}

std::string add(const std::string& input) {
  const std::optional<Bytes> sum = bn254_add(bytes(input));
  return sum ? to_hex(*sum) : "fails";
}

std::string multiply(const std::string& input) {
  const std::optional<Bytes> product = bn254_multiply(bytes(input));
  return product ? to_hex(*product) : "fails";
}

std::string check(const std::string& input) {
  const std::optional<Bytes> result = bn254_pairing_check(bytes(input));
  if (!result) return "fails";
  REQUIRE(result->size() == 32);
  return std::to_string(result->back());
}

TEST_CASE("Numbers modulo bn254's prime", "[node]") {
  const Fp three = Fp::from_number({3});
  const Fp big = Fp::from_hex("1c76476f4def4bb94541d57ebba1193381ffa7aa76ada664dd31c16024c43f59");
  CHECK(three + big - three == big);
  CHECK(three * big == big + big + big);
  CHECK(big * inverse(big) == Fp::one());
  CHECK(-big + big == Fp());
  CHECK(-Fp() == Fp());
  CHECK(inverse(Fp()) == Fp());
  CHECK(to_hex(big.bytes()) == "1c76476f4def4bb94541d57ebba1193381ffa7aa76ada664dd31c16024c43f59");
  const std::optional<Fp> root = square_root(square(big));
  REQUIRE(root);
  CHECK((*root == big || *root == -big));
  CHECK_FALSE(square_root(-square(big)));

  CHECK_FALSE(Fp::from_bytes(bytes(Bn254::kModulus)));
  const Bytes largest = bytes("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd46");
  CHECK(Fp::from_bytes(largest) == -Fp::one());
  CHECK((-Fp::one()).bytes() == largest);
  CHECK_FALSE(Fp::from_bytes(Bytes(32, 0xff)));
}

TEST_CASE("The fields above bn254's prime", "[node]") {
  const Fp2<Bn254> a = g2().x;
  const Fp2<Bn254> b = g2().y;
  CHECK(square(a) == a * a);
  CHECK(a * inverse(a) == Fp2<Bn254>::one());
  CHECK(times_xi(a) == a * xi<Bn254>());
  CHECK(power(a, std::span<const Limb>(Fp::kModulus)) == conjugate(a));

  const Fp6<Bn254> c{a, b, a + b};
  CHECK(c * inverse(c) == Fp6<Bn254>::one());
  const Fp6<Bn254> v{{}, Fp2<Bn254>::one(), {}};
  CHECK(times_v(c) == c * v);
  CHECK(v * v * v == Fp6<Bn254>{xi<Bn254>(), {}, {}});

  const Fp12<Bn254> d{c, {b - a, a, b}};
  CHECK(square(d) == d * d);
  CHECK(d * inverse(d) == Fp12<Bn254>::one());
  CHECK(frobenius(d) == power(d, std::span<const Limb>(Fp::kModulus)));

  const Fp12<Bn254> e = easy_power(d);
  CHECK(conjugate(e) == inverse(e));
  CHECK(cyclotomic_square(e) == e * e);
}

TEST_CASE("bn254's groups", "[node]") {
  const auto laws = [](const auto& g) {
    using Point = std::remove_cvref_t<decltype(g)>;
    const Point two = doubled(g);
    CHECK((g + g).affine() == two.affine());
    CHECK((two + g).affine() == (g + two).affine());
    CHECK(((two + g) + two).affine() == (two + (g + two)).affine());
    CHECK((g + Point()).affine() == g.affine());
    CHECK((Point() + g).affine() == g.affine());
    CHECK(doubled(Point()).infinite());
    CHECK((g + Point(-g.affine())).infinite());
    CHECK(times("07", g).affine() == (two + two + two + g).affine());
    CHECK(times("0123", g).affine() == (times("0100", g) + times("23", g)).affine());
    CHECK(times("00", g).infinite());
    CHECK(times(kOrder, g).infinite());
    CHECK(times("ff", Point()).infinite());
  };
  laws(g1());
  laws(g2());
  CHECK(frobenius<Bn254>(g2().affine()) == times(Bn254::kModulus, g2()).affine());
}

TEST_CASE("bn254's pairing is bilinear and not degenerate", "[node]") {
  const G1 minus_g1(-g1().affine());
  CHECK_FALSE(product_is_one({{g1(), g2()}}));
  CHECK(product_is_one({{g1(), g2()}, {minus_g1, g2()}}));
  CHECK_FALSE(product_is_one({{g1(), g2()}, {g1(), g2()}}));
  CHECK(product_is_one({{g1(), G2()}, {G1(), g2()}, {G1(), G2()}}));
  CHECK(product_is_one({}));

  // e(aP, bQ) = e(abP, Q) = e(P, abQ)
  const G1 p = times("1234567890abcdef00112233445566778899aabbccddeeff", g1());
  const G2 q = times("fedcba98765432100f1e2d3c4b5a69788796a5b4c3d2e1f0", g2());
  const G1 minus_p(-p.affine());
  const std::string_view a = "deadbeef";
  const std::string_view b = "c0ffee11";
  const std::string_view ab = "a7e0ed58c11cdfdf";
  CHECK(product_is_one({{times(a, p), times(b, q)}, {times(ab, minus_p), q}}));
  CHECK(product_is_one({{times(a, p), times(b, q)}, {minus_p, times(ab, q)}}));
  CHECK_FALSE(product_is_one({{times(a, p), times(b, q)}, {times(a, minus_p), q}}));
  // e(P, Q) e(P, 2Q) = e(3P, Q)
  CHECK(product_is_one({{p, q}, {p, doubled(q)}, {times("03", minus_p), q}}));
  // The order is r.
  CHECK(product_is_one(
      {{times("30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000000", p), q}, {p, q}}));
}

TEST_CASE("Addition of EIP-196", "[node]") {
  const std::string two =
      "030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd3"
      "15ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4";
  const std::string g(kG1);
  CHECK(add(g + g) == two);
  CHECK(add("") == zeros(64));
  CHECK(add(zeros(128)) == zeros(64));
  CHECK(add(g) == g);
  CHECK(add(zeros(64) + g) == g);
  CHECK(add(g + zeros(64) + "ff") == g);
  // -1 is p - 1: of the same x, the other y.
  CHECK(add(g + "0000000000000000000000000000000000000000000000000000000000000001"
                "30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd45") == zeros(64));
  CHECK(add("18b18acfb4c2c30276db5411368e7185b311dd124691610c5d3b74034e093dc9"
            "063c909c4720840cb5134cb9f59fa749755796819658d32efc0d288198f37266"
            "07c2b7f58a84bd6145f00c9c2bc0bb1a187f20ff2c92963a88019e7c6a014eed"
            "06614e20c147e940f2d70da3f74c9a17df361706a4485c742bd6788478fa17d7") ==
        "2243525c5efd4b9c3d3c45ac0ca3fe4dd85e830a4ce6b65fa1eeaee202839703"
        "301d1d33be6da8e509df21cc35964723180eed7532537db9ae5e7d48f195c915");

  CHECK(add("01") == "fails");
  CHECK(add(g.substr(0, 127) + "3") == "fails");
  // x and x + p are the same number, and only one of them is right.
  CHECK(add("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd48" + g.substr(64)) ==
        "fails");
  CHECK(add(zeros(32) + std::string(Bn254::kModulus)) == "fails");
}

TEST_CASE("Multiplication of EIP-196", "[node]") {
  const std::string g(kG1);
  CHECK(multiply("") == zeros(64));
  CHECK(multiply(g) == zeros(64));
  CHECK(multiply(g + zeros(31) + "01") == g);
  CHECK(multiply(g + zeros(31) + "02") == add(g + g));
  CHECK(multiply(g + std::string(kOrder)) == zeros(64));
  CHECK(multiply(g + std::string(64, 'f') + "123456") ==
        multiply(g + "0e0a77c19a07df2f666ea36f7879462e36fc76959f60cd29ac96341c4ffffffa"));
  CHECK(multiply("2bd3e6d0f3b142924f5ca7b49ce5b9d54c4703d7ae5648e61d02268b1a0a9fb7"
                 "21611ce0a6af85915e2f1d70300909ce2e49dfad4a4619c8390cae66cefdb204"
                 "00000000000000000000000000000000000000000000000011138ce750fa15c2") ==
        "070a8d6a982153cae4be29d434e8faef8a47b274a053f5a4ee2a6c9c13c31e5c"
        "031b8ce914eba3a9ffb989f9cdd5b0f01943074bf4f0f315690ec3cec6981afc");
  CHECK(multiply("01") == "fails");
}

TEST_CASE("The pairing check of EIP-197", "[node]") {
  const std::string g1g2 = std::string(kG1) + std::string(kG2);
  CHECK(check("") == "1");
  CHECK(check(zeros(192)) == "1");
  CHECK(check(std::string(kG1) + zeros(128)) == "1");
  CHECK(check(zeros(64) + std::string(kG2)) == "1");
  CHECK(check(g1g2) == "0");
  CHECK(check("1c76476f4def4bb94541d57ebba1193381ffa7aa76ada664dd31c16024c43f59"
              "3034dd2920f673e204fee2811c678745fc819b55d3e9d294e45c9b03a76aef41"
              "209dd15ebff5d46c4bd888e51a93cf99a7329636c63514396b4a452003a35bf7"
              "04bf11ca01483bfa8b34b43561848d28905960114c8ac04049af4b6315a41678"
              "2bb8324af6cfc93537a2ad1a445cfd0ca2a71acd7ac41fadbf933c2a51be344d"
              "120a2a4cf30c1bf9845f20c6fe39e07ea2cce61f0c9bb048165fe5e4de877550"
              "111e129f1cf1097710d41c4ac70fcdfa5ba2023c6ff1cbeac322de49d1b6df7c"
              "2032c61a830e3c17286de9462bf242fca2883585b93870a73853face6a6bf411" +
              std::string(kG2)) == "1");

  CHECK(check("00") == "fails");
  CHECK(check(g1g2 + "00") == "fails");
  CHECK(check(g1g2.substr(2)) == "fails");
  CHECK(check("ff" + g1g2.substr(2)) == "fails");
  // On the twist, and not in G2.
  CHECK(check(std::string(kG1) +
              "0000000000000000000000000000000000000000000000000000000000000000"
              "0000000000000000000000000000000000000000000000000000000000000001"
              "0d1271953ed9ea0836846e70a1934187998c7f790cb4d7511b7f8da82de048a4"
              "2869111d5381f072f8e2728fdb825a51aadd70e52c9830e9ab4b871c0531f1bb") == "fails");
  // Not on the twist.
  CHECK(check(std::string(kG1) + zeros(32) + zeros(31) + "01" + zeros(32) + zeros(31) + "01") ==
        "fails");
  CHECK(check(std::string(kG1) + std::string(kG2.substr(0, 192)) + std::string(Bn254::kModulus)) ==
        "fails");
}

}  // namespace
}  // namespace pixelzx::node
