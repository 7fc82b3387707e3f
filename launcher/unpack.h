// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle.h"

namespace pixelzx {

enum class UnpackStatus {
  kDone,
  /// The destination took no more: `error` is errno. Another place may do better.
  kCannotWrite,
  /// The slice cannot be used, wherever it is unpacked to: `diagnosis` says why.
  kUnusable,
};

struct Unpacked {
  UnpackStatus status = UnpackStatus::kDone;
  int error = 0;
  std::optional<Diagnosis> diagnosis;
};

/// Decodes `slice` of `bundle` into the empty file `destination`, checking on the way that its ELF
/// header is of the slice's platform, and at the end its size and SHA-256. What was written is
/// worth nothing unless kDone is returned.
/// Memory: zstd's window (at most 8 MiB) and buffers; with a prefix, that as well.
Unpacked unpack_slice(const Bundle& bundle, const Slice& slice, int destination);

/// Decodes and checks `slice` as unpack_slice does, to nowhere. Returns why it cannot be used.
std::optional<Diagnosis> verify_slice(const Bundle& bundle, const Slice& slice);

}  // namespace pixelzx
