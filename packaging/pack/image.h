// SPDX-License-Identifier: Apache-2.0
//
// Container images in archives: OCI image layouts
// (https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md) and what `docker save`
// writes. Whoever wrote them is not trusted: what is wrong ends as PackError with kDamagedImage.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pack/image_store.h"
#include "pack/layer_entry.h"
#include "pack/pack_error.h"
#include "platform.h"

namespace pixelzx::pack {

struct Layer {
  std::string blob;     // its name in the archive
  std::string digest;   // of the blob, `sha256:…`; empty when the archive does not tell
  std::string diff_id;  // of what it unpacks to
  std::uint64_t size = 0;
  std::string created_by;  // from the history; may be empty
};

/// What the config of an image says (image-spec, config.md).
struct Image {
  Platform platform;
  /// What the config says itself, which may lack the variant that `platform` has from the index.
  std::optional<Platform> config_platform;
  std::vector<std::string> entrypoint;
  std::vector<std::string> command;
  std::vector<std::string> environment;
  std::string working_directory;
  std::string user;
  /// The label org.opencontainers.image.version; may be empty.
  std::string version;
  std::vector<Layer> layers;
};

/// An image that an archive lists, not read yet.
struct ListedImage {
  std::string tag;
  std::string digest;  // of the manifest; of the config where there is none
  std::uint64_t size = 0;
  /// The platform according to the index.
  std::optional<Platform> platform;
  /// Images with the same number are in one index; 0: in none.
  int index = 0;
  /// `docker save` without an index: the names of the config and of the layers.
  std::string config;
  std::vector<std::string> layers;
};

class ImageArchive {
 public:
  static constexpr std::size_t kMostImages = 1000;
  static constexpr std::size_t kMostLayers = 500;  // engines stop at 127

  /// Throws kCannotRead, kNotAnImage, kDamagedImage.
  ImageArchive(const std::string& path, Language language);

  /// The container images it lists, attestations (`unknown/unknown`) left out.
  [[nodiscard]] const std::vector<ListedImage>& images() const { return images_; }
  /// True for an image that is only listed: `docker save` has platforms that were never pulled.
  [[nodiscard]] bool lacks(const ListedImage& listed) const;

  /// The image. Returns nothing when it is none but another artifact (a signature, a chart).
  /// Throws kDamagedImage.
  [[nodiscard]] std::optional<Image> read(const ListedImage& listed) const;

  /// Gives every entry of a layer to `visit`, in order, and the bytes that were read to `progress`.
  /// The first time, the digests of the layer are checked. Throws kDamagedImage, also for a Fault
  /// that `visit` throws.
  void read_layer(const Image& image, std::size_t number,
                  const std::function<void(LayerReader&)>& visit,
                  const std::function<void(std::size_t)>& progress);

  [[nodiscard]] Language language() const { return store_.language(); }

 private:
  void list_oci();
  void list_docker();
  /// Both throw Fault; the first tells in `whose` what that is about, and returns false for other
  /// artifacts.
  bool read_oci(const ListedImage& listed, std::string& whose, Image& image) const;
  void read_docker(const ListedImage& listed, Image& image) const;
  [[nodiscard]] PackError damaged(const std::string& whose, const Fault& fault) const;
  [[nodiscard]] std::string checked_document(const std::string& digest, std::uint64_t size) const;

  ImageStore store_;
  std::vector<ListedImage> images_;
  std::map<std::string, bool> checked_;  // layers by blob name
};

/// kIndexContradictsConfig when the index has the image under another platform than its own.
std::optional<Diagnosis> index_contradiction(const ListedImage& listed, const Image& image);

/// `sha256:0123456789ab`
std::string short_digest(const std::string& digest);

}  // namespace pixelzx::pack
