// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "pack/byte_stream.h"

namespace pixelzx::pack {

enum class EntryKind : std::uint8_t { kDirectory, kFile, kSymlink, kHardlink, kOther };

/// An entry of a layer's tar (image-spec, layer.md).
struct LayerEntry {
  std::string path;
  EntryKind kind = EntryKind::kFile;
  unsigned mode = 0;  // permission bits
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::uint64_t size = 0;
  std::string target;  // of links
};

/// The entries of a layer, one after the other. All functions throw Fault.
class LayerReader {
 public:
  /// `tar`: the layer, unpacked.
  explicit LayerReader(ByteStream& tar);

  /// Goes to the next entry; false at the end.
  bool next();
  [[nodiscard]] const LayerEntry& entry() const { return entry_; }
  /// The number of the entry in its layer, from 0.
  [[nodiscard]] std::uint32_t number() const { return count_ - 1; }

  /// The next part of the entry's content, and its place there; empty at the end. Holes are left
  /// out.
  std::string_view content(std::uint64_t& offset);

 private:
  StreamArchive archive_;
  LayerEntry entry_;
  std::uint32_t count_ = 0;
};

}  // namespace pixelzx::pack
