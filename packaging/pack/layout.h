// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "index.h"

namespace pixelzx::pack {

/// Members of a tar begin at multiples of it, and a header is one such block.
inline constexpr std::uint64_t kTarBlock = 512;
/// Two blocks of zeros end a tar.
inline constexpr std::uint64_t kTarEnd = 2 * kTarBlock;

/// `size` rounded up to whole blocks.
constexpr std::uint64_t whole_blocks(std::uint64_t size) {
  return (size + kTarBlock - 1) / kTarBlock * kTarBlock;
}

/// A slice about to be written. See Slice.
struct PackedSlice {
  Platform platform;
  std::optional<Platform> prefix;
  bool uses_common = false;
  CodeRange code;
  std::uint64_t size = 0;  // of the program, in bytes
  std::string sha256;      // of the program
  std::string frame;
};

/// A platform-independent file about to be written.
struct SharedFile {
  std::string name;
  std::string sha256;
  std::string content;
};

/// Everything in a bundle, in the order of the file.
struct BundleContent {
  std::string program;
  std::string version;
  bool doctor = false;
  bool own_name = false;
  /// What slices were compressed against that use it; its frame is empty when there is none.
  PackedSlice common;
  std::vector<PackedSlice> slices;
  std::vector<SharedFile> shares;
};

/// The index of a bundle that holds `content`. Its own length moves the offsets in it, so it is
/// written until both agree.
std::string index_text(const BundleContent& content);

/// The index of an installed bundle: the one of `bundle`, with none but the slices `kept`.
std::string installed_index_text(const Index& bundle, const std::vector<const Slice*>& kept);

/// The tar member that holds what slices have in common.
inline constexpr std::string_view kCommonMember = "common.zst";
/// The tar member that holds a slice: `linux/arm/v7/pixelzx.zst`.
std::string slice_member(const Platform& platform, std::string_view program);
/// The tar member that holds a shared file.
std::string share_member(std::string_view name);

/// What the index parser says to a version, or to a shared file's name, among words that it takes.
bool index_takes_version(const std::string& version);
bool index_takes_share(const std::string& name);

}  // namespace pixelzx::pack
