// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace pixelzx::pack {

inline constexpr int kDefaultLevel = 19;
inline constexpr int kHighestLevel = 22;

/// One zstd frame of `content`, with its size and a checksum, that a launcher can decode whatever
/// the `level` (1 to kHighestLevel). With a `prefix`, the frame can be decoded only against that.
/// `progress` is told of every further number of bytes done. The same input gives the same frame.
std::string compress(std::string_view content, std::string_view prefix, int level,
                     const std::function<void(std::size_t)>& progress);

/// One gzip member (RFC 1952) of `content`, at the highest level and without name and time.
std::string gzip(std::string_view content);

}  // namespace pixelzx::pack
