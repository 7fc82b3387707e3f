// SPDX-License-Identifier: Apache-2.0
#include "node/evm/kzg.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "node/base/u256.h"
#include "node/crypto/hash.h"
#include "node/evm/pairing.h"

namespace pixelzx::node {
namespace {

using namespace boost::multiprecision::literals;

/// BLS12-381, y^2 = x^3 + 4, of Barreto, Lynn and Scott's family, with the parameter
/// u = -0xd201000000010000.
struct Bls12381 {
  static constexpr std::string_view kModulus =
      "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf"
      "6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";
  static constexpr Limb kXi = 1;
  static constexpr Twist kTwist = Twist::kMultiplied;
};

using Fp = PrimeField<Bls12381>;
using G1 = G1Point<Bls12381>;
using G2 = G2Point<Bls12381>;
using Gt = Fp12<Bls12381>;

constexpr auto kMinusU = limbs_from_hex<64 / kLimbBits>("d201000000010000");

/// The order of the groups, EIP-4844's BLS_MODULUS.
constexpr U256 kOrder = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001_cppui256;

constexpr G1 kG1 = {Fp::from_hex("17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905"
                                 "a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"),
                    Fp::from_hex("08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af6"
                                 "00db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1")};

constexpr G2 kG2 = {{Fp::from_hex("024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02"
                                  "b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"),
                     Fp::from_hex("13e02b6052719f607dacd3a088274f65596bd0d09920b61a"
                                  "b5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e")},
                    {Fp::from_hex("0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a7"
                                  "6d429a695160d12c923ac9cc3baca289e193548608b82801"),
                     Fp::from_hex("0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af"
                                  "267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be")}};

/// G2's generator times the number that nobody knows: the second of g2_monomial in the result of
/// the KZG ceremony, trusted_setup_4096.json of the consensus specifications.
constexpr G2 kSecret = {{Fp::from_hex("185cbfee53492714734429b7b38608e23926c911cceceac9"
                                      "a36851477ba4c60b087041de621000edc98edada20c1def2"),
                         Fp::from_hex("15bfd7dd8cdeb128843bc287230af38926187075cbfbefa8"
                                      "1009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72")},
                        {Fp::from_hex("014353bdb96b626dd7d5ee8599d1fca2131569490e28de18"
                                      "e82451a496a9c9794ce26d105941f383ee689bfbbb832a99"),
                         Fp::from_hex("1666c54b0a32529503432fcae0181b4bef79de09fc63671f"
                                      "da5ed1ba9bfa07899495346f3d7ac9cd23048ef30d0a154f")}};

/// Whether a point of the curve has the order of G1: that is where the map of (x, y) to (beta x,
/// y), beta being a cubic root of one, multiplies by -u^2. (The map's square, the map and one add
/// up to zero on the whole curve; with -u^2 for the map, this is the order.)
bool in_g1(const G1& point) {
  constexpr Fp kBeta = Fp::from_hex(
      "5f19672fdf76ce51ba69c6076a0f77eaddb3a93be6f89688de17d813620a00022e01fffffffefffe");
  constexpr std::array<std::uint8_t, 16> kUU = {0xac, 0x45, 0xa4, 0x01, 0x00, 0x01, 0xa4, 0x02,
                                                0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00};
  return -(ByteView(kUU) * CurvePoint(point)).affine() ==
         G1{point.x * kBeta, point.y, point.infinite};
}

/// A point of G1 as the Zcash protocol writes it: x, and in its three unused bits that it is alone,
/// whether the point is at infinity, and whether y is the larger of the two it can be.
std::optional<G1> read_g1(ByteView bytes) {
  Bytes x_bytes(bytes.begin(), bytes.end());
  const int flags = x_bytes[0] >> 5;
  x_bytes[0] &= 0x1f;
  if ((flags & 4) == 0) return std::nullopt;
  if ((flags & 2) != 0) {
    const bool zeros = std::ranges::all_of(x_bytes, [](std::uint8_t byte) { return byte == 0; });
    if (!zeros || flags != 6) return std::nullopt;
    return G1::infinity();
  }
  const std::optional<Fp> x = Fp::from_bytes(x_bytes);
  if (!x) return std::nullopt;
  const std::optional<Fp> y = square_root(square(*x) * *x + Fp::from_number({4}));
  if (!y) return std::nullopt;
  const bool larger = y->bytes() > (-*y).bytes();
  const G1 point{*x, larger == ((flags & 1) != 0) ? *y : -*y};
  if (!in_g1(point)) return std::nullopt;
  return point;
}

/// To the power of u, for what easy_power() has returned.
Gt to_u(const Gt& x) {
  return conjugate(cyclotomic_power(x, std::span<const Limb>(kMinusU)));
}

/// The second part of the last power, times three: to (u - 1)^2 (u + p) (u^2 + p^2 - 1) + 3, from
/// Hayashida, Hayasaka and Teruya, Efficient Final Exponentiation via Cyclotomic Structure.
Gt hard_power(const Gt& x) {
  const Gt a = to_u(x) * conjugate(x);
  const Gt b = to_u(a) * conjugate(a);
  const Gt c = to_u(b) * frobenius(b);
  const Gt d = to_u(to_u(c)) * frobenius(frobenius(c)) * conjugate(c);
  return d * square(x) * x;
}

bool product_is_one(std::span<const PairingInput<Bls12381>> pairs) {
  // The ate pairing. That u is negative makes its inverse of it, which is one as well.
  MillerLoop<Bls12381> loop(pairs);
  for (std::size_t i = 63; i-- > 0;) {
    loop.double_multiples();
    if ((kMinusU[i / kLimbBits] >> (i % kLimbBits) & 1) != 0) {
      loop.add_to_multiples([](const G2& q) { return q; });
    }
  }
  return hard_power(easy_power(loop.product())) == Gt::one();
}

}  // namespace

std::optional<Bytes> kzg_point_evaluation(ByteView input) {
  if (input.size() != 192) return std::nullopt;
  const ByteView z = input.subspan(32, 32);
  const ByteView y = input.subspan(64, 32);
  Hash versioned_hash = sha256(input.subspan(96, 48));
  versioned_hash[0] = 1;
  if (!std::ranges::equal(versioned_hash, input.first(32))) return std::nullopt;
  if (u256_from(z) >= kOrder || u256_from(y) >= kOrder) return std::nullopt;
  const std::optional<G1> commitment = read_g1(input.subspan(96, 48));
  const std::optional<G1> proof = read_g1(input.last(48));
  if (!commitment || !proof) return std::nullopt;

  // verify_kzg_proof_impl of the consensus specifications with all that varies in G1:
  // e(commitment - y + z proof, -1) e(proof, secret) = 1.
  const CurvePoint<Fp> value =
      CurvePoint(*commitment) + y * CurvePoint(-kG1) + z * CurvePoint(*proof);
  const std::array<PairingInput<Bls12381>, 2> pairs = {{{value.affine(), -kG2}, {*proof, kSecret}}};
  if (!product_is_one(pairs)) return std::nullopt;
  Bytes output(32);
  output[30] = 4096 >> 8;
  append(output, to_hash(kOrder));
  return output;
}

}  // namespace pixelzx::node
