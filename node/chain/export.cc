// SPDX-License-Identifier: Apache-2.0
#include "node/chain/export.h"

#include <algorithm>
#include <istream>
#include <ostream>
#include <variant>

#include "node/state/rlp.h"

namespace pixelzx::node {
namespace {

/// More than a block can have: 30 million gas pay for 7.5 MB of zeros.
constexpr std::uint64_t kMaxBlockSize = 64U << 20;
constexpr std::size_t kChunk = 1U << 20;

char* to_chars(std::uint8_t* bytes) {
  return reinterpret_cast<char*>(bytes);  // NOLINT: byte to char
}

/// Appends `size` bytes of the stream; false when it has not as many.
bool read_more(std::istream& in, Bytes& bytes, std::uint64_t size) {
  while (size != 0) {
    // Memory only for what is really there.
    const auto chunk = static_cast<std::size_t>(std::min<std::uint64_t>(size, kChunk));
    bytes.resize(bytes.size() + chunk);
    in.read(to_chars(bytes.data() + bytes.size() - chunk), static_cast<std::streamsize>(chunk));
    if (!in) return false;
    size -= chunk;
  }
  return true;
}

/// The next list as it is encoded; nothing when the stream has none, or a part of one only.
std::optional<Bytes> read_list(std::istream& in) {
  Bytes encoded;
  if (!read_more(in, encoded, 1) || encoded[0] < 0xc0) return std::nullopt;
  std::uint64_t size = encoded[0] - 0xc0U;
  if (size > 55) {
    if (!read_more(in, encoded, size - 55)) return std::nullopt;
    size = saturated_u64(u256_from(ByteView(encoded).subspan(1)));
  }
  if (size > kMaxBlockSize || !read_more(in, encoded, size)) return std::nullopt;
  return encoded;
}

}  // namespace

bool export_blocks(const Chain& chain, std::uint64_t first, std::uint64_t last, std::ostream& out) {
  for (std::uint64_t number = first; number <= last; ++number) {
    const BlockPointer block = chain.block(number);
    if (!block) return false;
    Bytes encoded = encode_block(block->block);
    out.write(to_chars(encoded.data()), static_cast<std::streamsize>(encoded.size()));
    if (!out) return false;
  }
  return static_cast<bool>(out.flush());
}

Imported import_blocks(Chain& chain, std::istream& in,
                       const std::function<bool(const BlockPointer&)>& go_on) {
  Imported imported;
  while (in.peek() != std::istream::traits_type::eof()) {
    const std::optional<Bytes> encoded = read_list(in);
    const std::optional<Block> block = encoded ? decode_block(*encoded) : std::nullopt;
    if (!block) {
      imported.error = "there is no block, or only a part of one";
      break;
    }
    const std::uint64_t head = chain.head()->block.header.number;
    const auto result = chain.import_block(*block);
    if (const auto* error = std::get_if<BlockError>(&result)) {
      imported.error = "block " + std::to_string(block->header.number) + ": ";
      imported.error += text(*error);
      break;
    }
    ++(block->header.number > head ? imported.added : imported.known);
    imported.offset += encoded->size();
    if (!go_on(std::get<BlockPointer>(result))) break;
  }
  if (in.bad()) imported.error = "reading failed";
  return imported;
}

}  // namespace pixelzx::node
