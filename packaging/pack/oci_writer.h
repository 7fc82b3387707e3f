// SPDX-License-Identifier: Apache-2.0
//
// Writing an OCI image layout
// (https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md).
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace pixelzx::pack {

enum class LayerCompression { kGzip, kZstd };

/// A layer as manifest and config refer to it.
struct LayerBlob {
  nlohmann::json descriptor;
  /// The digest of the tar.
  std::string diff_id;
};

/// The files of an image layout about to be written.
class OciLayout {
 public:
  /// Each returns a descriptor (image-spec, descriptor.md) of the blob it has added.
  LayerBlob add_layer(const std::string& tar, LayerCompression compression);
  nlohmann::json add_json(const std::string& media_type, const nlohmann::json& document);

  /// Makes `descriptor` what the layout is about, under the name `repository:tag`, or under none.
  void set_entry(nlohmann::json descriptor, const std::string& name);
  /// Adds what `docker load` reads: the image of the manifest `manifest`.
  void add_docker_manifest(const nlohmann::json& manifest, const std::string& name);

  /// Bytes of all blobs, each counted once.
  [[nodiscard]] std::uint64_t blob_size() const;

  /// Writes a tar when `path` ends with `.tar`, else a folder, which must not be there yet or be
  /// empty. `mtime`: seconds since 1970. Throws kCannotWrite, kOutputNotEmpty.
  void write(const std::string& path, std::int64_t mtime) const;

 private:
  nlohmann::json add_blob(const std::string& media_type, std::string bytes);

  std::map<std::string, std::string> files_;
};

}  // namespace pixelzx::pack
