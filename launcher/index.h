// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "diagnosis.h"
#include "platform.h"
#include "selection.h"

namespace pixelzx {

inline constexpr std::string_view kIndexName = "pixelzx.index";
/// In place of a platform: the slice that is no program, but what programs have in common.
inline constexpr std::string_view kCommonName = "common";
inline constexpr std::uint64_t kBundleFormat = 1;
inline constexpr std::size_t kMaxShares = 64;
inline constexpr std::uint64_t kMaxIndexSize = 64 << 10;
/// What a launcher allots for one slice at the most, in bytes.
inline constexpr std::uint64_t kMaxSliceSize = 1 << 30;
/// zstd's window for a frame: 8 MiB.
inline constexpr int kMaxWindowLog = 23;
/// Of what slices have in common, unpacked: what lies beyond the window cannot be referred to.
inline constexpr std::uint64_t kMaxCommonSize = 1 << kMaxWindowLog;

/// A part of a program, in bytes.
struct CodeRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// One program in the bundle. Offsets and sizes are bytes.
struct Slice {
  Platform platform;
  std::uint64_t offset = 0;  // of the zstd frame, from the bundle's first byte
  std::uint64_t packed = 0;  // size of the frame
  std::uint64_t size = 0;    // of the program
  std::string_view sha256;   // of the program
  /// Machine code that went through the BranchFilter before it was compressed.
  CodeRange code;
  /// The frame was compressed against Index::common.
  bool uses_common = false;
  /// The slice against which the frame was compressed, as it was before that; nothing when it
  /// stands alone.
  std::optional<Platform> prefix;
};

/// One platform-independent file, stored as it is.
struct Share {
  std::string_view name;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::string_view sha256;
};

/// What the bundle's first member says. Texts point into the text that was parsed.
struct Index {  // NOLINT: its own copy, see tables_
  Index() {}    // NOLINT: see tables_

  std::string_view program;
  std::string_view version;
  /// `option doctor`: the launcher keeps the word `doctor` for itself.
  bool doctor = false;
  /// `option own-name`: a first argument that is the program's own name or path is dropped.
  bool own_name = false;
  /// What several programs contain, and no program: without a platform. packed is 0 when there is
  /// none.
  Slice common;
  std::uint64_t end = 0;  // one past the last byte that a slice or share occupies

  [[nodiscard]] std::span<const Slice> slices() const {
    return {tables().slices.data(), slice_count_};
  }
  [[nodiscard]] std::span<const Platform> platforms() const {
    return {tables().platforms.data(), slice_count_};
  }
  [[nodiscard]] std::span<const Share> shares() const {
    return {tables().shares.data(), share_count_};
  }
  [[nodiscard]] const Slice* find(const Platform& platform) const;

  /// Returns false when there is no room for one more, or its platform is already there.
  bool add(const Slice& slice);
  bool add(const Share& share);

 private:
  struct Tables {
    std::array<Platform, kMaxSlices> platforms;
    std::array<Slice, kMaxSlices> slices;
    std::array<Share, kMaxShares> shares;
  };
  [[nodiscard]] Tables& tables() { return tables_; }              // NOLINT: see tables_
  [[nodiscard]] const Tables& tables() const { return tables_; }  // NOLINT

  // Not initialised: to make 128 empty rows touches three more pages. A row is written before it is
  // read, and nothing but its bytes is copied with the index.
  static_assert(std::is_trivially_copyable_v<Tables>);
  union {
    Tables tables_;
  };
  std::size_t slice_count_ = 0;
  std::size_t share_count_ = 0;
};

/// Parses an index, which must be `text` to the last byte (docs/ARCHITECTURE.md has the grammar),
/// and trusts none of it: digest, numbers, bounds, overlap, duplicates, names.
Result<Index> parse_index(std::string_view text);
/// The same into `index`, which must be empty. Returns why it cannot be.
std::optional<Diagnosis> parse_index(std::string_view text, Index& index);

/// The text of an index, without its `end` line, must fit kMaxIndexSize with it.
/// Returns the `end` line for `text`.
FixedString<80> index_end_line(std::string_view text);

/// A name that may become a file's name: letters, digits, `.`, `_`, `-`; not beginning with a dot.
bool is_program_name(std::string_view name);

/// The list `linux/amd64, linux/arm64` for a message.
FixedString<511> offer_text(const Index& index);

}  // namespace pixelzx
