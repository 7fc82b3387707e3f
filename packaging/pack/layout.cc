// SPDX-License-Identifier: Apache-2.0
#include "pack/layout.h"

namespace pixelzx::pack {
namespace {

/// The index, supposing that it takes `room` bytes in the tar.
std::string text_with_room(const BundleContent& content, std::uint64_t room) {
  std::uint64_t end = kTarBlock + room;
  const auto extent = [&end](std::uint64_t size) {
    const std::uint64_t offset = end + kTarBlock;
    end = offset + whole_blocks(size);
    return " offset=" + std::to_string(offset);
  };
  std::string text = "pixelzx-bundle " + std::to_string(kBundleFormat) + "\n";
  text += "program " + content.program + " " + content.version + "\n";
  for (const PackedSlice& slice : content.slices) {
    text += "slice " + std::string(to_text(slice.platform).view()) + extent(slice.frame.size()) +
            " packed=" + std::to_string(slice.frame.size()) +
            " size=" + std::to_string(slice.size) + " sha256=" + slice.sha256;
    if (slice.prefix) text += " prefix=" + std::string(to_text(*slice.prefix).view());
    text += "\n";
  }
  for (const SharedFile& share : content.shares) {
    text += "share " + share.name + extent(share.content.size()) +
            " size=" + std::to_string(share.content.size()) + " sha256=" + share.sha256 + "\n";
  }
  if (content.doctor || content.own_name) {
    text += "option";
    if (content.doctor) text += " doctor";
    if (content.own_name) text += " own-name";
    text += "\n";
  }
  return text + std::string(index_end_line(text).view());
}

/// A bundle of which the parser takes every word.
BundleContent acceptable_content() {
  BundleContent content;
  content.program = "p";
  content.version = "1";
  content.slices.push_back({.platform = linux_platform("amd64"),
                            .prefix = {},
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

std::string slice_member(const Platform& platform, std::string_view program) {
  return std::string(to_text(platform).view()) + "/" + std::string(program) + ".zst";
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
