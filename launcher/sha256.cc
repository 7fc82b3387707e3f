// SPDX-License-Identifier: Apache-2.0
#include "sha256.h"

#include <array>

namespace pixelzx {
Sha256Text Sha256::digest() const {
  std::array<unsigned char, br_sha256_SIZE> bytes{};
  br_sha256_out(&context_, bytes.data());
  Sha256Text text;
  for (const unsigned char byte : bytes) text.append_hex(byte);
  return text;
}

Sha256Text sha256(std::string_view data) {
  Sha256 hash;
  hash.update(data.data(), data.size());
  return hash.digest();
}

bool is_sha256_text(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace pixelzx
