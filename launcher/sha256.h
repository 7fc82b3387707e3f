// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bearssl_hash.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fixed_string.h"

namespace pixelzx {

/// 64 lower-case hexadecimal digits.
using Sha256Text = FixedString<64>;

inline constexpr std::size_t kSha256Block = 64;  // bytes

/// Takes `count` whole blocks at `data` into the eight words at `state`.
using Sha256Blocks = void (*)(std::uint32_t* state, const unsigned char* data, std::size_t count);

/// That by the CPU's own instructions, several times as fast as BearSSL; null where this CPU has
/// none that we know. Not worth asking for an index: CPUID costs more in a virtual machine.
Sha256Blocks sha256_of_cpu();

/// SHA-256 (FIPS 180-4), computed by BearSSL, whole blocks by `blocks` if that is not null.
class Sha256 {
 public:
  explicit Sha256(Sha256Blocks blocks = nullptr) : blocks_(blocks) { br_sha256_init(&context_); }
  void update(const void* data, std::size_t size);
  /// The digest of all bytes so far.
  [[nodiscard]] Sha256Text digest() const;

 private:
  Sha256Blocks blocks_;
  br_sha256_context context_{};
};

/// The digest of `data`.
Sha256Text sha256(std::string_view data);

/// True for 64 lower-case hexadecimal digits.
bool is_sha256_text(std::string_view text);

}  // namespace pixelzx
