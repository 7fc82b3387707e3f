// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

struct ZSTD_DCtx_s;

namespace pixelzx {

/// zstd's decoder. Nothing else calls the library, so that the link-time optimiser can leave out
/// what is not asked of it here (3 KB of the launcher).
class Decoder {
 public:
  /// `prefix` must stay where it is as long as the decoder. is_ready() is false when there is no
  /// memory.
  explicit Decoder(std::string_view prefix);
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  [[nodiscard]] bool is_ready() const { return context_ != nullptr; }

  /// What is left to decode, and room for what comes out.
  struct Step {
    std::string_view in;
    char* out;
    std::size_t room;
    /// Set by decode(): how much of the room is filled.
    std::size_t produced;
  };
  /// Takes from step.in what it can. Returns 0 when the frame is complete, 1 when there is more to
  /// come, or a negative number: zstd's error code (zstd_errors.h).
  int decode(Step& step);

 private:
  ZSTD_DCtx_s* context_;
};

/// The size that the frame `packed` says it unpacks to. It must be one of our own.
std::size_t unpacked_size(std::string_view packed);

/// Decodes the frame `packed`, one of our own that was compressed against `prefix`, into the `size`
/// bytes at `destination`. Returns false when there is no memory for it.
bool decode_whole(std::string_view packed, std::string_view prefix, char* destination,
                  std::size_t size);

}  // namespace pixelzx
