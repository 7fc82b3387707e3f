// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "node/chain/chain.h"

namespace pixelzx::node {

/// Writes the blocks `first` to `last` as geth's `export` does, one encode_block() after the other.
/// False when the stream fails, or the chain has no such blocks.
bool export_blocks(const Chain& chain, std::uint64_t first, std::uint64_t last, std::ostream& out);

struct Imported {
  std::uint64_t added = 0;
  std::uint64_t known = 0;  ///< were in the chain already
  /// What ended it before the end of the stream, in lower case, without a full stop; empty: nothing
  /// did. What was added before stays.
  std::string error;
  std::uint64_t offset = 0;  ///< bytes of the stream before the block of the error
};

/// Imports what export_blocks() or geth has written, block after block, with all checks. Done again
/// after it was interrupted, it goes on where it ended. `go_on` is asked after each block; when it
/// says no, that is the end of it.
Imported import_blocks(Chain& chain, std::istream& in,
                       const std::function<bool(const BlockPointer&)>& go_on);

}  // namespace pixelzx::node
