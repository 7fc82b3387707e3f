// SPDX-License-Identifier: Apache-2.0
#include "pack/list.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "pack/layout.h"
#include "pack/messages.h"
#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

/// Enough of a digest to tell programs apart.
std::string short_digest(std::string_view digest) {
  return std::string(digest.substr(0, 12));
}

/// What the slice was compressed against, in the index's word; empty when it stands alone.
std::string prefix_word(const Slice& slice) {
  if (slice.uses_common) return std::string(kCommonName);
  return slice.prefix ? text_of(*slice.prefix) : "";
}

/// What slices and what they have in common say alike.
nlohmann::ordered_json frame_json(const Slice& slice) {
  return {{"offset", slice.offset},
          {"packed", slice.packed},
          {"size", slice.size},
          {"sha256", slice.sha256}};
}

}  // namespace

std::string list_text(const BundleFile& file, Language language) {
  const Index& index = file.bundle.index;
  std::string text = fmt::format("{} {}\n", index.program, index.version);
  if (index.doctor || index.own_name) {
    text += fmt::format("{}:{}{}\n", kOptions.in(language), index.doctor ? " doctor" : "",
                        index.own_name ? " own-name" : "");
  }
  TextTable table({1, 2, 3});
  const auto heading = [language](const PackText& column) {
    return std::string(column.in(language));
  };
  table.add({heading(kColumnPlatform), heading(kColumnSize), heading(kColumnPacked),
             heading(kColumnRatio), "SHA-256", heading(kColumnPrefix)});
  const auto add = [&table](const std::string& name, const Slice& slice) {
    const double ratio = static_cast<double>(slice.size) / static_cast<double>(slice.packed);
    table.add({name, grouped(slice.size), grouped(slice.packed), fmt::format("{:.2f}", ratio),
               short_digest(slice.sha256), prefix_word(slice)});
  };
  if (index.common.packed != 0) add(std::string(kCommonName), index.common);
  for (const Slice& slice : index.slices()) add(text_of(slice.platform), slice);
  for (const Share& share : index.shares()) {
    table.add({share_member(share.name), grouped(share.size), "", "", short_digest(share.sha256)});
  }
  return text + table.text() + grouped(file.size()) + " " + std::string(kFileSize.in(language)) +
         "\n";
}

std::string list_json(const BundleFile& file) {
  const Index& index = file.bundle.index;
  auto slices = nlohmann::ordered_json::array();
  for (const Slice& slice : index.slices()) {
    nlohmann::ordered_json entry{{"platform", text_of(slice.platform)}};
    entry.update(frame_json(slice));
    if (slice.code.size != 0) {
      entry["code"] = {{"offset", slice.code.offset}, {"size", slice.code.size}};
    }
    if (const std::string prefix = prefix_word(slice); !prefix.empty()) entry["prefix"] = prefix;
    slices.push_back(std::move(entry));
  }
  auto shares = nlohmann::ordered_json::array();
  for (const Share& share : index.shares()) {
    shares.push_back({{"name", share.name},
                      {"offset", share.offset},
                      {"size", share.size},
                      {"sha256", share.sha256}});
  }
  auto options = nlohmann::ordered_json::array();
  if (index.doctor) options.push_back("doctor");
  if (index.own_name) options.push_back("own-name");
  nlohmann::ordered_json all{{"format", kBundleFormat},  {"program", index.program},
                             {"version", index.version}, {"size", file.size()},
                             {"slices", slices},         {"shares", shares},
                             {"options", options}};
  if (index.common.packed != 0) {
    all["common"] = frame_json(index.common);
  }
  return all.dump(2) + "\n";
}

}  // namespace pixelzx::pack
