// SPDX-License-Identifier: Apache-2.0
#include "pack/oci_writer.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "pack/compress.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"
#include "pack/tar_writer.h"
#include "sha256.h"

namespace pixelzx::pack {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kBlobs = "blobs/sha256/";

std::string digest_of(std::string_view bytes) {
  return "sha256:" + std::string(sha256(bytes).view());
}

/// A folder that vanishes with its content unless it gets its name.
class OutputFolder {
 public:
  explicit OutputFolder(std::string path) : path_(std::move(path)) {
    while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
    std::error_code none;
    if (std::filesystem::exists(path_, none) && !std::filesystem::is_empty(path_, none)) {
      throw PackError(Problem::kOutputNotEmpty, {path_});
    }
    temporary_ = path_ + ".XXXXXX";
    if (mkdtemp(temporary_.data()) == nullptr) throw_errno(Problem::kCannotWrite, path_);
  }
  ~OutputFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(temporary_, ignored);
  }
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  void add(const std::string& name, std::string_view content) const {
    const std::filesystem::path file = std::filesystem::path(temporary_) / name;
    std::filesystem::create_directories(file.parent_path());
    OutputFile output(file, 0644);
    output.write(content);
    output.publish();
  }
  void publish() const {
    constexpr mode_t kMode = 0755;
    const mode_t mask = umask(0);
    umask(mask);
    if (chmod(temporary_.c_str(), kMode & ~mask) != 0 ||
        rename(temporary_.c_str(), path_.c_str()) != 0) {
      throw_errno(Problem::kCannotWrite, path_);
    }
  }

 private:
  std::string path_;
  std::string temporary_;
};

}  // namespace

Json OciLayout::add_blob(const std::string& media_type, std::string bytes) {
  const std::string digest = digest_of(bytes);
  Json descriptor = {{"mediaType", media_type}, {"digest", digest}, {"size", bytes.size()}};
  files_[std::string(kBlobs) + digest.substr(digest.find(':') + 1)] = std::move(bytes);
  return descriptor;
}

LayerBlob OciLayout::add_layer(const std::string& tar, LayerCompression compression) {
  const bool zstd = compression == LayerCompression::kZstd;
  const std::string suffix = zstd ? "zstd" : "gzip";
  std::string blob =
      zstd ? compress(tar, {}, kDefaultLevel, [](std::size_t /*done*/) {}) : gzip(tar);
  return {add_blob("application/vnd.oci.image.layer.v1.tar+" + suffix, std::move(blob)),
          digest_of(tar)};
}

Json OciLayout::add_json(const std::string& media_type, const Json& document) {
  return add_blob(media_type, document.dump());
}

void OciLayout::set_entry(Json descriptor, const std::string& name) {
  if (!name.empty()) {
    // The first is the specification's and holds the tag alone, the second is containerd's.
    descriptor["annotations"]["org.opencontainers.image.ref.name"] =
        name.substr(name.rfind(':') + 1);
    descriptor["annotations"]["io.containerd.image.name"] = name;
  }
  const Json index = {{"schemaVersion", 2},
                      {"mediaType", "application/vnd.oci.image.index.v1+json"},
                      {"manifests", {std::move(descriptor)}}};
  files_["index.json"] = index.dump();
  files_["oci-layout"] = Json{{"imageLayoutVersion", "1.0.0"}}.dump();
}

void OciLayout::add_docker_manifest(const Json& manifest, const std::string& name) {
  const auto file_of = [](const Json& descriptor) {
    const auto digest = descriptor.at("digest").get<std::string>();
    return std::string(kBlobs) + digest.substr(digest.find(':') + 1);
  };
  Json layers = Json::array();
  for (const Json& layer : manifest.at("layers")) layers.push_back(file_of(layer));
  Json tags = Json::array();
  if (!name.empty()) tags.push_back(name);
  const Json image = {
      {"Config", file_of(manifest.at("config"))}, {"RepoTags", tags}, {"Layers", layers}};
  files_["manifest.json"] = Json::array({image}).dump();
}

std::uint64_t OciLayout::blob_size() const {
  std::uint64_t size = 0;
  for (const auto& [name, content] : files_) size += name.starts_with(kBlobs) ? content.size() : 0;
  return size;
}

void OciLayout::write(const std::string& path, std::int64_t mtime) const {
  if (!path.ends_with(".tar")) {
    const OutputFolder folder(path);
    for (const auto& [name, content] : files_) folder.add(name, content);
    folder.publish();
    return;
  }
  OutputFile file(path, 0644);
  TarWriter tar(file.fd(), path, mtime);
  for (const std::string_view folder : {"blobs", "blobs/sha256"}) {
    tar.add({.name = std::string(folder),
             .kind = TarMember::Kind::kFolder,
             .mode = 0755,
             .owner = 0,
             .content = {}});
  }
  for (const auto& [name, content] : files_) tar.add({.name = name, .content = content});
  tar.close();
  file.publish();
}

}  // namespace pixelzx::pack
