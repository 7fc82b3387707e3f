// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "node/base/bytes.h"

namespace pixelzx::node {

// Without a type of 128 bits (32-bit machines) a limb has 32.
#ifdef __SIZEOF_INT128__
using Limb = std::uint64_t;
__extension__ using WideLimb = unsigned __int128;
#else
using Limb = std::uint32_t;
using WideLimb = std::uint64_t;
#endif
constexpr std::size_t kLimbBits = 8 * sizeof(Limb);

/// A number of a fixed size, the lowest limb first.
template <std::size_t N>
using Limbs = std::array<Limb, N>;

/// The number that `digits`, lower-case hexadecimal ones, write.
template <std::size_t N>
constexpr Limbs<N> limbs_from_hex(std::string_view digits) {
  Limbs<N> number{};
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[digits.size() - 1 - i];
    const auto digit = static_cast<Limb>(c <= '9' ? c - '0' : c - 'a' + 10);
    number[i * 4 / kLimbBits] |= digit << (i * 4 % kLimbBits);
  }
  return number;
}

/// (`number` - `minus`) / `divisor`, rounded down.
template <std::size_t N>
constexpr Limbs<N> minus_divided(Limbs<N> number, Limb minus, Limb divisor) {
  for (Limb& limb : number) {
    const Limb before = limb;
    limb -= minus;
    minus = limb > before ? 1 : 0;
  }
  WideLimb rest = 0;
  for (std::size_t i = N; i-- > 0;) {
    rest = rest << kLimbBits | number[i];
    number[i] = static_cast<Limb>(rest / divisor);
    rest %= divisor;
  }
  return number;
}

/// Replaces a number by its inverse modulo a prime, and leaves zero as it is. By GMP: Euclid's
/// algorithm takes a fifth of the time of Fermat's theorem, and a pairing needs a hundred inverses.
void invert(std::span<Limb> number, std::span<const Limb> modulus);

/// `base` to the power of `exponent`, with `squared` for squares. Not in constant time: nothing is
/// secret here.
template <typename Value, typename Squared>
Value power(const Value& base, std::span<const Limb> exponent, const Squared& squared) {
  Value result = Value::one();
  bool begun = false;  // squares of one need no work
  for (std::size_t i = exponent.size() * kLimbBits; i-- > 0;) {
    if (begun) result = squared(result);
    if ((exponent[i / kLimbBits] >> (i % kLimbBits) & 1) == 0) continue;
    result = begun ? result * base : base;
    begun = true;
  }
  return result;
}

template <typename Value>
Value power(const Value& base, std::span<const Limb> exponent) {
  return power(base, exponent, [](const Value& value) { return square(value); });
}

/// An integer modulo the prime Curve::kModulus, a string of hexadecimal digits. It fills its limbs
/// but for two bits or more, so that sums of two of them fit, and leaves 3 when divided by 4.
/// In Montgomery's form: `a` is kept as a R mod p, R being 2 to the power of all bits.
template <typename Curve>
class PrimeField {
 public:
  static constexpr std::size_t kBytes = Curve::kModulus.size() / 2;
  static constexpr std::size_t kLimbs = kBytes / sizeof(Limb);
  using Number = Limbs<kLimbs>;
  static constexpr Number kModulus = limbs_from_hex<kLimbs>(Curve::kModulus);
  static_assert(kModulus.back() >> (kLimbBits - 2) == 0 && kModulus.front() % 4 == 3);

  /// Zero.
  constexpr PrimeField() = default;
  static constexpr PrimeField one() {
    PrimeField result;
    result.limbs_ = kOne;
    return result;
  }
  static constexpr PrimeField from_number(const Number& number) {
    PrimeField result;
    result.limbs_ = product(number, kOneTwice);
    return result;
  }
  /// Of hexadecimal digits, for constants.
  static constexpr PrimeField from_hex(std::string_view digits) {
    return from_number(limbs_from_hex<kLimbs>(digits));
  }
  /// Of kBytes bytes, big-endian; nothing when they are not below the modulus.
  static std::optional<PrimeField> from_bytes(ByteView bytes) {
    Number number{};
    for (const std::uint8_t byte : bytes) {
      for (std::size_t i = kLimbs - 1; i > 0; --i) {
        number[i] = number[i] << 8 | number[i - 1] >> (kLimbBits - 8);
      }
      number[0] = number[0] << 8 | byte;
    }
    if (!less(number, kModulus)) return std::nullopt;
    return from_number(number);
  }

  /// Below the modulus.
  [[nodiscard]] constexpr Number number() const { return product(limbs_, Number{1}); }
  [[nodiscard]] Bytes bytes() const {
    const Number value = number();
    Bytes result(kBytes);
    for (std::size_t i = 0; i < kBytes; ++i) {
      const Limb limb = value[i / sizeof(Limb)] >> (i % sizeof(Limb) * 8);
      result[kBytes - 1 - i] = static_cast<std::uint8_t>(limb);
    }
    return result;
  }

  constexpr bool operator==(const PrimeField&) const = default;

  friend constexpr PrimeField operator+(const PrimeField& a, const PrimeField& b) {
    PrimeField result;
    result.limbs_ = sum(a.limbs_, b.limbs_);
    return result;
  }
  friend constexpr PrimeField operator-(const PrimeField& a, const PrimeField& b) {
    PrimeField result;
    result.limbs_ = difference(a.limbs_, b.limbs_);
    return result;
  }
  constexpr PrimeField operator-() const { return PrimeField() - *this; }
  friend constexpr PrimeField operator*(const PrimeField& a, const PrimeField& b) {
    PrimeField result;
    result.limbs_ = product(a.limbs_, b.limbs_);
    return result;
  }
  friend constexpr PrimeField square(const PrimeField& a) { return a * a; }
  /// Of zero, zero.
  friend PrimeField inverse(const PrimeField& a) {
    Number number = a.number();
    invert(number, kModulus);
    return from_number(number);
  }
  /// Nothing when `a` is no square.
  friend std::optional<PrimeField> square_root(const PrimeField& a) {
    constexpr Number kExponent = plus_one(minus_divided(kModulus, 3, 4));
    const PrimeField root = power(a, std::span<const Limb>(kExponent));
    if (square(root) != a) return std::nullopt;
    return root;
  }

 private:
  static constexpr bool less(const Number& a, const Number& b) {
    Number ignored{};
    return subtract(a, b, ignored) != 0;
  }
  /// Whether there was something to borrow, 1 or 0.
  static constexpr Limb subtract(const Number& a, const Number& b, Number& difference) {
    Limb borrow = 0;
#pragma GCC unroll 6
    for (std::size_t i = 0; i < kLimbs; ++i) {
      const WideLimb wide = WideLimb{a[i]} - b[i] - borrow;
      difference[i] = static_cast<Limb>(wide);
      borrow = static_cast<Limb>(wide >> kLimbBits) & 1;
    }
    return borrow;
  }
  /// Of a number below twice the modulus.
  static constexpr Number reduced(const Number& number) {
    Number less_modulus{};
    const bool below = subtract(number, kModulus, less_modulus) != 0;
#pragma GCC unroll 6
    for (std::size_t i = 0; i < kLimbs; ++i) {
      less_modulus[i] = below ? number[i] : less_modulus[i];
    }
    return less_modulus;
  }
  [[gnu::noinline]] static constexpr Number sum(const Number& a, const Number& b) {
    Number result{};
    WideLimb carry = 0;
#pragma GCC unroll 6
    for (std::size_t i = 0; i < kLimbs; ++i) {
      carry += WideLimb{a[i]} + b[i];
      result[i] = static_cast<Limb>(carry);
      carry >>= kLimbBits;
    }
    return reduced(result);
  }
  [[gnu::noinline]] static constexpr Number difference(const Number& a, const Number& b) {
    Number result{};
    // The modulus, or nothing.
    const Limb mask = Limb{0} - subtract(a, b, result);
    WideLimb carry = 0;
#pragma GCC unroll 6
    for (std::size_t i = 0; i < kLimbs; ++i) {
      carry += WideLimb{result[i]} + (kModulus[i] & mask);
      result[i] = static_cast<Limb>(carry);
      carry >>= kLimbBits;
    }
    return result;
  }
  static constexpr Number plus_one(Number number) {
    for (std::size_t i = 0; i < kLimbs && ++number[i] == 0;) ++i;
    return number;
  }

  /// 2^bits mod p, from 1 by doubling.
  static constexpr Number doubled(Number number, std::size_t bits) {
    for (; bits > 0; --bits) {
      for (std::size_t i = kLimbs - 1; i > 0; --i) {
        number[i] = number[i] << 1 | number[i - 1] >> (kLimbBits - 1);
      }
      number[0] <<= 1;
      number = reduced(number);
    }
    return number;
  }
  /// -1/p modulo 2^kLimbBits: each of Newton's steps doubles the right bits, of which p has three.
  static constexpr Limb minus_inverse(Limb p) {
    Limb inverse = p;
    for (int i = 0; i < 5; ++i) inverse *= 2 - p * inverse;
    return Limb{0} - inverse;
  }

  /// a b / R mod p: Montgomery's product, a limb of `b` at a time. Koç, Acar and Kaliski's CIOS,
  /// without its two extra limbs, which the unused bits of the modulus keep at zero.
  [[gnu::noinline]] static constexpr Number product(const Number& a, const Number& b) {
    Number sum{};
#pragma GCC unroll 6
    for (std::size_t i = 0; i < kLimbs; ++i) {
      WideLimb wide = WideLimb{a[0]} * b[i] + sum[0];
      Limb high = static_cast<Limb>(wide >> kLimbBits);
      const Limb factor = static_cast<Limb>(wide) * kMinusInverse;
      wide = WideLimb{factor} * kModulus[0] + static_cast<Limb>(wide);
      Limb high_of_modulus = static_cast<Limb>(wide >> kLimbBits);
#pragma GCC unroll 6
      for (std::size_t j = 1; j < kLimbs; ++j) {
        wide = WideLimb{a[j]} * b[i] + sum[j] + high;
        high = static_cast<Limb>(wide >> kLimbBits);
        wide = WideLimb{factor} * kModulus[j] + static_cast<Limb>(wide) + high_of_modulus;
        high_of_modulus = static_cast<Limb>(wide >> kLimbBits);
        sum[j - 1] = static_cast<Limb>(wide);
      }
      sum[kLimbs - 1] = high + high_of_modulus;
    }
    return reduced(sum);
  }

  static constexpr Limb kMinusInverse = minus_inverse(kModulus[0]);
  /// R and R^2 mod p.
  static constexpr Number kOne = doubled(Number{1}, kLimbs* kLimbBits);
  static constexpr Number kOneTwice = doubled(kOne, kLimbs* kLimbBits);

  Number limbs_{};
};

}  // namespace pixelzx::node
