// SPDX-License-Identifier: Apache-2.0
//
// Image layouts for the tests of `pixelzx-pack doctor`, in a folder.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pack_samples.h"
#include "sha256.h"

namespace pixelzx::pack {

inline void write_file(const std::string& path, const std::string& content) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

/// Writes a blob and returns its descriptor.
inline nlohmann::json write_blob(const Folder& folder, const std::string& type,
                                 const std::string& content) {
  const std::string hex(sha256(content).view());
  write_file(folder.path("blobs/sha256/" + hex), content);
  return {{"mediaType", type}, {"digest", "sha256:" + hex}, {"size", content.size()}};
}

/// An image of one plain layer; `config` is its config but for the layers.
inline nlohmann::json write_image(const Folder& folder, nlohmann::json config,
                                  const std::string& layer) {
  const auto blob = write_blob(folder, "application/vnd.oci.image.layer.v1.tar", layer);
  config["rootfs"] = {{"type", "layers"}, {"diff_ids", {blob["digest"]}}};
  const nlohmann::json manifest = {
      {"config", write_blob(folder, "application/vnd.oci.image.config.v1+json", config.dump())},
      {"layers", {blob}}};
  return write_blob(folder, "application/vnd.oci.image.manifest.v1+json", manifest.dump());
}

inline void write_index(const Folder& folder, const std::vector<nlohmann::json>& manifests) {
  write_file(folder.path("oci-layout"), R"({"imageLayoutVersion": "1.0.0"})");
  write_file(folder.path("index.json"), nlohmann::json{{"manifests", manifests}}.dump());
}

}  // namespace pixelzx::pack
