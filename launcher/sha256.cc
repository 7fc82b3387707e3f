// SPDX-License-Identifier: Apache-2.0
#include "sha256.h"

#include <algorithm>
#include <array>

namespace pixelzx {
void Sha256::update(const void* data, std::size_t size) {
  const auto* next = static_cast<const unsigned char*>(data);
  if (blocks_ != nullptr) {
    const std::size_t before = std::min<std::size_t>(size, -context_.count % kSha256Block);
    br_sha256_update(&context_, next, before);
    const std::size_t count = (size - before) / kSha256Block;
    blocks_(context_.val, next + before, count);
    context_.count += count * kSha256Block;
    next += before + count * kSha256Block;
    size -= before + count * kSha256Block;
  }
  br_sha256_update(&context_, next, size);
}

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
