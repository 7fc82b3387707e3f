// SPDX-License-Identifier: Apache-2.0
#include "index.h"

#include "sha256.h"

namespace pixelzx {
namespace {

constexpr std::string_view kMagic = "pixelzx-bundle ";
constexpr std::string_view kEnd = "end sha256=";
constexpr std::uint64_t kBlock = 512;  // of tar: members begin at multiples of it

/// Takes words off a line one by one.
class Line {
 public:
  explicit Line(std::string_view text) : rest_(text) {}

  std::string_view word() {
    const std::string_view word = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(std::min(rest_.size(), word.size() + 1));
    return word;
  }

  /// The value of the next word `key=value`; null when the next word is another.
  std::string_view value(std::string_view key) {
    const bool is_next =
        rest_.size() > key.size() && rest_.starts_with(key) && rest_[key.size()] == '=';
    return is_next ? word().substr(key.size() + 1) : std::string_view();
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// A decimal number without sign, blanks or leading zeros.
std::optional<std::uint64_t> number(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  const std::optional<std::uint64_t> value = take_number(text);
  return text.empty() ? value : std::nullopt;
}

bool is_printable_word(std::string_view text, std::size_t longest) {
  return !text.empty() && text.size() <= longest &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

/// A relative path without `.` and `..`, to unpack below share/.
bool is_share_name(std::string_view name) {
  if (!is_printable_word(name, 90)) return false;
  for (;;) {
    const std::string_view part = name.substr(0, name.find('/'));
    if (part.empty() || part == "." || part == "..") return false;
    if (part.size() == name.size()) return true;
    name.remove_prefix(part.size() + 1);
  }
}

/// A platform of a slice: Linux, and in its normal spelling, so that one platform has one name.
std::optional<Platform> slice_platform(std::string_view text) {
  std::optional<Platform> platform = parse_platform(text);
  if (!platform || platform->os.view() != "linux" || to_text(*platform).view() != text) {
    return std::nullopt;
  }
  return platform;
}

/// The extent `offset`, `size` of a member; false when it is none.
bool read_extent(std::optional<std::uint64_t> offset, std::optional<std::uint64_t> size,
                 std::uint64_t limit) {
  constexpr std::uint64_t kFarthest = std::uint64_t{1} << 40;
  return offset && size && *offset % kBlock == 0 && *offset < kFarthest && *size <= limit;
}

/// `65536+4096`: the offset and size of a part of a program of `size` bytes.
bool read_code(std::string_view text, std::uint64_t size, CodeRange& code) {
  const auto offset = take_number(text);
  if (!offset || !text.starts_with('+')) return false;
  const auto code_size = number(text.substr(1));
  if (!code_size || *code_size == 0) return false;
  code = {.offset = *offset, .size = *code_size};
  return *offset < size && *code_size <= size - *offset;
}

/// `common`, or a slice's platform.
bool read_prefix(std::string_view text, const Index& index, Slice& slice) {
  slice.uses_common = text == kCommonName;
  if (slice.uses_common) return index.common.packed != 0;
  slice.prefix = slice_platform(text);
  // An earlier slice that stands alone itself: one more decode at the most, and no circles.
  const Slice* base = slice.prefix ? index.find(*slice.prefix) : nullptr;
  return base != nullptr && !base->prefix && !base->uses_common;
}

/// Each parser returns whether the rest of its line, after the first word, is right.
bool parse_slice(Line line, Index& index) {
  Slice slice;
  const std::string_view name = line.word();
  const bool is_common = name == kCommonName;
  if (!is_common) {
    const std::optional<Platform> platform = slice_platform(name);
    if (!platform) return false;
    slice.platform = *platform;
  }
  const auto offset = number(line.value("offset"));
  const auto packed = number(line.value("packed"));
  const auto size = number(line.value("size"));
  slice.sha256 = line.value("sha256");
  if (!read_extent(offset, packed, kMaxSliceSize) || *packed == 0) return false;
  if (!size || *size == 0 || *size > (is_common ? kMaxCommonSize : kMaxSliceSize)) return false;
  slice.offset = *offset;
  slice.packed = *packed;
  slice.size = *size;
  if (!is_sha256_text(slice.sha256)) return false;
  if (is_common) {
    if (index.common.packed != 0) return false;
    index.common = slice;
    return line.at_end();
  }
  if (const auto code = line.value("code"); code.data() != nullptr) {
    if (!read_code(code, slice.size, slice.code)) return false;
  }
  if (!line.at_end() && !read_prefix(line.value("prefix"), index, slice)) return false;
  return line.at_end() && index.add(slice);
}

bool parse_share(Line line, Index& index) {
  Share share{.name = line.word(), .offset = 0, .size = 0, .sha256 = {}};
  const auto offset = number(line.value("offset"));
  const auto size = number(line.value("size"));
  share.sha256 = line.value("sha256");
  if (!is_share_name(share.name)) return false;
  if (!read_extent(offset, size, kMaxSliceSize)) return false;
  share.offset = *offset;
  share.size = *size;
  if (!is_sha256_text(share.sha256)) return false;
  if (!line.at_end()) return false;
  return index.add(share);
}

bool parse_option(Line line, Index& index) {
  do {
    const std::string_view word = line.word();
    bool* option = word == "doctor"     ? &index.doctor
                   : word == "own-name" ? &index.own_name
                                        : nullptr;
    if (option == nullptr || *option) return false;
    *option = true;
  } while (!line.at_end());
  return true;
}

bool parse_program(Line line, Index& index) {
  if (!index.program.empty()) return false;
  index.program = line.word();
  index.version = line.word();
  if (!is_program_name(index.program)) return false;
  if (!is_printable_word(index.version, 64)) return false;
  return line.at_end();
}

bool parse_line(std::string_view text, Index& index) {
  if (text.ends_with(' ')) return false;
  Line line(text);
  const std::string_view key = line.word();
  if (key == "program") return parse_program(line, index);
  if (index.program.empty()) return false;
  if (key == "slice") return parse_slice(line, index);
  if (key == "share") return parse_share(line, index);
  if (key == "option") return parse_option(line, index);
  return false;
}

struct Extent {
  std::uint64_t begin;
  std::uint64_t end;
};

/// Checks that no two members, the index of `index_size` bytes among them, share a byte, and sets
/// index.end.
bool extents_are_apart(Index& index, std::uint64_t index_size) {
  std::array<Extent, 2 + kMaxSlices + kMaxShares> extents;  // NOLINT: filled below
  std::size_t count = 0;
  const auto add = [&](std::uint64_t begin, std::uint64_t size) {
    const Extent extent{begin, begin + size};
    for (std::size_t i = 0; i < count; ++i) {
      if (extent.begin < extents[i].end && extents[i].begin < extent.end) return false;
    }
    extents[count++] = extent;
    index.end = std::max(index.end, extent.end);
    return true;
  };
  return add(0, kBlock + index_size) && add(index.common.offset, index.common.packed) &&
         std::ranges::all_of(index.slices(),
                             [&](const Slice& slice) { return add(slice.offset, slice.packed); }) &&
         std::ranges::all_of(index.shares(),
                             [&](const Share& share) { return add(share.offset, share.size); });
}

Diagnosis damaged(Text why) {
  return Diagnosis(Cause::kDamagedIndex).with(Evidence::kDetail, why);
}

}  // namespace

const Slice* Index::find(const Platform& platform) const {
  const auto found = std::ranges::find(platforms(), platform);
  return found == platforms().end()
             ? nullptr
             : &tables().slices[static_cast<std::size_t>(found - platforms().begin())];
}

bool Index::add(const Slice& slice) {
  if (slice_count_ == tables().slices.size() || find(slice.platform) != nullptr) return false;
  tables().platforms[slice_count_] = slice.platform;
  tables().slices[slice_count_++] = slice;
  return true;
}

bool Index::add(const Share& share) {
  const bool known = std::ranges::any_of(
      shares(), [&share](const Share& other) { return other.name == share.name; });
  if (share_count_ == tables().shares.size() || known) return false;
  tables().shares[share_count_++] = share;
  return true;
}

std::optional<Diagnosis> parse_index(std::string_view text, Index& index) {
  if (!text.starts_with(kMagic)) return Diagnosis(Cause::kNotABundle);
  const std::string_view first = text.substr(0, text.find('\n'));
  const auto format = number(first.substr(kMagic.size()));
  if (!format || *format < kBundleFormat) return Diagnosis(Cause::kNotABundle);
  if (*format != kBundleFormat) {
    return Diagnosis(Cause::kNewerFormat)
        .with(Evidence::kDetail, FixedString<20>().append_number(*format).view());
  }
  constexpr std::size_t kEndSize = kEnd.size() + 64 + 1;
  if (text.size() > kMaxIndexSize) return damaged(messages::kIndexTooLong);
  const std::string_view body = text.substr(0, text.size() - std::min(text.size(), kEndSize));
  if (!body.ends_with('\n') || index_end_line(body).view() != text.substr(body.size())) {
    return damaged(messages::kIndexDigest);
  }
  std::size_t line_number = 2;
  for (std::string_view rest = body.substr(first.size() + 1); !rest.empty(); ++line_number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    if (!parse_line(line, index)) {
      return Diagnosis(Cause::kDamagedIndex)
          .with(Evidence::kDetail, messages::kIndexLine,
                FixedString<20>().append_number(line_number).view());
    }
  }
  if (index.slices().empty()) return damaged(messages::kIndexNoSlice);
  if (!extents_are_apart(index, text.size())) return damaged(messages::kIndexOverlap);
  return std::nullopt;
}

Result<Index> parse_index(std::string_view text) {
  Result<Index> index(std::in_place);
  if (const auto diagnosis = parse_index(text, *index)) index.fail(*diagnosis);
  return index;
}

FixedString<80> index_end_line(std::string_view text) {
  FixedString<80> line(kEnd);
  return line.append(sha256(text).view()).append("\n");
}

bool is_program_name(std::string_view name) {
  return is_printable_word(name, 64) && name.front() != '.' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

}  // namespace pixelzx
