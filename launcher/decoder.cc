// SPDX-License-Identifier: Apache-2.0
#include "decoder.h"

#define ZSTD_STATIC_LINKING_ONLY  // for ZSTD_d_forceIgnoreChecksum
#include <zstd.h>
#include <zstd_errors.h>

#include "index.h"

namespace pixelzx {

Decoder::Decoder(std::string_view prefix) : context_(ZSTD_createDCtx()) {
  if (context_ == nullptr) return;
  ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kMaxWindowLog);
  // Whoever decodes a slice compares its SHA-256, which tells more than the frame's checksum.
  ZSTD_DCtx_setParameter(context_, ZSTD_d_forceIgnoreChecksum, ZSTD_d_ignoreChecksum);
  if (!prefix.empty()) ZSTD_DCtx_refPrefix(context_, prefix.data(), prefix.size());
}

Decoder::~Decoder() {
  ZSTD_freeDCtx(context_);
}

int Decoder::decode(Step& step) {
  ZSTD_inBuffer in{step.in.data(), step.in.size(), 0};
  ZSTD_outBuffer out{step.out, step.room, 0};
  const std::size_t wanted = ZSTD_decompressStream(context_, &out, &in);
  if (ZSTD_isError(wanted) != 0) return -static_cast<int>(ZSTD_getErrorCode(wanted));
  step.in.remove_prefix(in.pos);
  step.produced = out.pos;
  return wanted == 0 ? 0 : 1;
}

std::size_t unpacked_size(std::string_view packed) {
  return static_cast<std::size_t>(ZSTD_getFrameContentSize(packed.data(), packed.size()));
}

// NOLINTNEXTLINE(readability-non-const-parameter): it is written through Step::out
bool decode_whole(std::string_view packed, std::string_view prefix, char* destination,
                  std::size_t size) {
  Decoder decoder(prefix);
  if (!decoder.is_ready()) return false;
  Decoder::Step step{.in = packed, .out = destination, .room = size, .produced = 0};
  // With all of the input and all of the room, one call is enough.
  return decoder.decode(step) == 0 && step.produced == size;
}

}  // namespace pixelzx
