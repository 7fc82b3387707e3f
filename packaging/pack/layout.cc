// SPDX-License-Identifier: Apache-2.0
#include "pack/layout.h"

#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

std::string first_lines(std::string_view program, std::string_view version) {
  return "pixelzx-bundle " + std::to_string(kBundleFormat) + "\nprogram " + std::string(program) +
         " " + std::string(version) + "\n";
}

/// The words for a frame that stand behind its name.
std::string frame_words(std::uint64_t offset, std::uint64_t packed, std::uint64_t size,
                        std::string_view sha256) {
  return " offset=" + std::to_string(offset) + " packed=" + std::to_string(packed) +
         " size=" + std::to_string(size) + " sha256=" + std::string(sha256);
}

/// How the frame was made.
std::string packed_words(const PackedSlice& slice) {
  std::string words;
  if (slice.code.size != 0) {
    words += " code=" + std::to_string(slice.code.offset) + "+" + std::to_string(slice.code.size);
  }
  if (slice.uses_common) words += " prefix=" + std::string(kCommonName);
  if (slice.prefix) words += " prefix=" + text_of(*slice.prefix);
  return words;
}

std::string share_line(std::string_view name, std::uint64_t offset, std::uint64_t size,
                       std::string_view sha256) {
  return "share " + std::string(name) + " offset=" + std::to_string(offset) +
         " size=" + std::to_string(size) + " sha256=" + std::string(sha256) + "\n";
}

std::string last_lines(bool doctor, bool own_name) {
  if (!doctor && !own_name) return {};
  return std::string("option") + (doctor ? " doctor" : "") + (own_name ? " own-name" : "") + "\n";
}

/// `text` with its last line.
std::string ended(const std::string& text) {
  return text + std::string(index_end_line(text).view());
}

/// The index, supposing that it takes `room` bytes in the tar.
std::string text_with_room(const BundleContent& content, std::uint64_t room) {
  std::uint64_t end = kTarBlock + room;
  const auto place = [&end](std::uint64_t size) {
    const std::uint64_t offset = end + kTarBlock;
    end = offset + whole_blocks(size);
    return offset;
  };
  std::string text = first_lines(content.program, content.version);
  const auto words = [&place](const PackedSlice& slice) {
    const std::uint64_t packed = slice.frame.size();
    return frame_words(place(packed), packed, slice.size, slice.sha256) + packed_words(slice) +
           "\n";
  };
  if (!content.common.frame.empty())
    text += "slice " + std::string(kCommonName) + words(content.common);
  for (const PackedSlice& slice : content.slices) {
    text += "slice " + text_of(slice.platform) + words(slice);
  }
  for (const SharedFile& share : content.shares) {
    const std::uint64_t size = share.content.size();
    text += share_line(share.name, place(size), size, share.sha256);
  }
  return ended(text + last_lines(content.doctor, content.own_name));
}

/// A bundle of which the parser takes every word.
BundleContent acceptable_content() {
  BundleContent content;
  content.program = "p";
  content.version = "1";
  content.slices.push_back({.platform = linux_platform("amd64"),
                            .prefix = {},
                            .uses_common = false,
                            .code = {},
                            .size = 1,
                            .sha256 = std::string(64, '0'),
                            .frame = "-"});
  return content;
}

}  // namespace

std::string index_text(const BundleContent& content) {
  // More room never makes the text shorter, so this climbs to the least room that suffices.
  std::uint64_t room = kTarBlock;
  for (;;) {
    std::string text = text_with_room(content, room);
    if (whole_blocks(text.size()) == room) return text;
    room = whole_blocks(text.size());
  }
}

std::string installed_index_text(const Index& bundle, const std::vector<const Slice*>& kept) {
  std::string text = first_lines(bundle.program, bundle.version);
  for (const Slice* slice : kept) {
    text += "slice " + text_of(slice->platform) +
            frame_words(slice->offset, slice->packed, slice->size, slice->sha256) + "\n";
  }
  for (const Share& share : bundle.shares()) {
    text += share_line(share.name, share.offset, share.size, share.sha256);
  }
  return ended(text + last_lines(bundle.doctor, bundle.own_name));
}

std::string slice_member(const Platform& platform, std::string_view program) {
  return text_of(platform) + "/" + std::string(program) + ".zst";
}

std::string share_member(std::string_view name) {
  return "share/" + std::string(name);
}

bool index_takes_version(const std::string& version) {
  BundleContent content = acceptable_content();
  content.version = version;
  return static_cast<bool>(parse_index(index_text(content)));
}

bool index_takes_share(const std::string& name) {
  BundleContent content = acceptable_content();
  content.shares.push_back({.name = name, .sha256 = std::string(64, '0'), .content = {}});
  return static_cast<bool>(parse_index(index_text(content)));
}

}  // namespace pixelzx::pack
