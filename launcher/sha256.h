// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bearssl_hash.h>

#include <cstddef>
#include <string_view>

#include "fixed_string.h"

namespace pixelzx {

/// 64 lower-case hexadecimal digits.
using Sha256Text = FixedString<64>;

/// SHA-256 (FIPS 180-4), computed by BearSSL.
class Sha256 {
 public:
  Sha256() { br_sha256_init(&context_); }
  void update(const void* data, std::size_t size) { br_sha256_update(&context_, data, size); }
  /// The digest of all bytes so far.
  [[nodiscard]] Sha256Text digest() const;

 private:
  br_sha256_context context_{};
};

/// The digest of `data`.
Sha256Text sha256(std::string_view data);

/// True for 64 lower-case hexadecimal digits.
bool is_sha256_text(std::string_view text);

}  // namespace pixelzx
