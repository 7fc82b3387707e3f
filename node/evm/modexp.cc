// SPDX-License-Identifier: Apache-2.0
#include "node/evm/modexp.h"

#include <gmp.h>

#include <algorithm>
#include <cstddef>

#include "node/base/u256.h"

namespace pixelzx::node {
namespace {

constexpr std::size_t kLengths = 96;
/// From this length on, of any of the three, the price is above 10^9.
constexpr std::uint64_t kTooLong = std::uint64_t{1} << 29;

/// What there is of `size` bytes from `offset` on.
ByteView part(ByteView input, std::uint64_t offset, std::uint64_t size) {
  if (offset >= input.size()) return {};
  const ByteView rest = input.subspan(static_cast<std::size_t>(offset));
  return rest.first(static_cast<std::size_t>(std::min<std::uint64_t>(size, rest.size())));
}

/// The number in the `size` bytes from `offset` on, of which those after the input's end are zeros.
U256 number(ByteView input, std::uint64_t offset, std::size_t size) {
  const ByteView there = part(input, offset, size);
  return u256_from(there) << static_cast<unsigned>((size - there.size()) * 8);
}

struct Lengths {
  std::uint64_t base;
  std::uint64_t exponent;
  std::uint64_t modulus;
};

/// Larger ones than std::uint64_t holds become its largest: neither can be paid for.
Lengths read_lengths(ByteView input) {
  return {saturated_u64(number(input, 0, 32)), saturated_u64(number(input, 32, 32)),
          saturated_u64(number(input, 64, 32))};
}

/// GMP's integers, freed at the end.
class Integer {
 public:
  Integer() { mpz_init(value_); }
  Integer(const Integer&) = delete;
  Integer& operator=(const Integer&) = delete;
  ~Integer() { mpz_clear(value_); }
  mpz_ptr get() { return value_; }

  /// As number() does.
  void read(ByteView input, std::uint64_t offset, std::uint64_t size) {
    const ByteView there = part(input, offset, size);
    mpz_import(value_, there.size(), 1, 1, 0, 0, there.data());
    mpz_mul_2exp(value_, value_, static_cast<mp_bitcnt_t>((size - there.size()) * 8));
  }

 private:
  mpz_t value_{};
};

}  // namespace

std::uint64_t modexp_gas(ByteView input) {
  const Lengths lengths = read_lengths(input);
  // EIP-2565's names. None of these wraps: they are below 2^70, 2^61 and 2^122.
  const U256 words = (U256(std::max(lengths.base, lengths.modulus)) + 7) / 8;
  const U256 multiplication_complexity = words * words;
  U256 iteration_count = 0;
  std::uint64_t head_size = lengths.exponent;
  if (head_size > 32) {
    head_size = 32;
    iteration_count = U256(lengths.exponent - 32) * 8;
  }
  // After the input's end it is zero; the sum might wrap there.
  const U256 head = lengths.base > input.size() ? U256(0)
                                                : number(input, kLengths + lengths.base,
                                                         static_cast<std::size_t>(head_size));
  if (head != 0) iteration_count += boost::multiprecision::msb(head);
  if (iteration_count == 0) iteration_count = 1;
  return std::max<std::uint64_t>(200,
                                 saturated_u64(multiplication_complexity * iteration_count / 3));
}

std::optional<Bytes> modexp(ByteView input) {
  const auto [base_size, exponent_size, modulus_size] = read_lengths(input);
  // Of an exponent of any length: it is cheap when the base has none either.
  if (modulus_size == 0) return Bytes();
  if (std::max({base_size, exponent_size, modulus_size}) >= kTooLong) return std::nullopt;

  Integer modulus;
  modulus.read(input, kLengths + base_size + exponent_size, modulus_size);
  Bytes result(static_cast<std::size_t>(modulus_size));
  if (mpz_sgn(modulus.get()) == 0) return result;
  Integer base;
  base.read(input, kLengths, base_size);
  Integer exponent;
  exponent.read(input, kLengths + base_size, exponent_size);
  mpz_powm(base.get(), base.get(), exponent.get(), modulus.get());

  const std::size_t size = (mpz_sizeinbase(base.get(), 2) + 7) / 8;  // 1 for zero
  mpz_export(&result[result.size() - size], nullptr, 1, 1, 0, 0, base.get());
  return result;
}

}  // namespace pixelzx::node
