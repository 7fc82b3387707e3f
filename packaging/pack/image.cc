// SPDX-License-Identifier: Apache-2.0
#include "pack/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pack/image_json.h"
#include "pack/pack_error.h"
#include "pack/text_table.h"
#include "sha256.h"

namespace pixelzx::pack {
namespace {

constexpr std::array<std::string_view, 2> kIndexTypes = {
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json"};
constexpr std::array<std::string_view, 2> kConfigTypes = {
    "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"};
constexpr int kDeepestIndex = 4;

template <typename List>
bool contains(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

/// Where a blob of that digest lies (image-layout.md). Throws Fault.
std::string blob_name(const std::string& digest) {
  constexpr std::string_view kAlgorithm = "sha256:";
  if (!digest.starts_with(kAlgorithm) || !is_sha256_text(digest.substr(kAlgorithm.size()))) {
    throw Fault(kFaultDigestForm, digest);
  }
  return "blobs/sha256/" + digest.substr(kAlgorithm.size());
}

/// The digest that the name of a file in a `docker save` archive is made of: `blobs/sha256/<hex>`
/// or `<hex>.json`; empty when it is of another form.
std::string digest_in_name(std::string name) {
  constexpr std::string_view kBlobs = "blobs/sha256/";
  constexpr std::string_view kSuffix = ".json";
  if (name.starts_with(kBlobs)) name.erase(0, kBlobs.size());
  if (name.ends_with(kSuffix)) name.erase(name.size() - kSuffix.size());
  return is_sha256_text(name) ? "sha256:" + name : "";
}

std::optional<Platform> platform_of(const Json& described) {
  const std::string os = text_member(described, "os");
  const std::string arch = text_member(described, "architecture");
  const std::string variant = text_member(described, "variant");
  if (os.empty() && arch.empty()) return std::nullopt;
  const std::string text = os + "/" + arch + (variant.empty() ? "" : "/" + variant);
  const std::optional<Platform> platform = parse_platform(text);
  if (!platform) throw Fault(kFaultPlatform, text);
  return platform;
}

/// BuildKit's attestations stand in the index beside the images that they are about.
bool is_attestation(const Json& descriptor) {
  const Json& platform = object_member(descriptor, "platform");
  return !text_member(object_member(descriptor, "annotations"), "vnd.docker.reference.type")
              .empty() ||
         (text_member(platform, "os") == "unknown" &&
          text_member(platform, "architecture") == "unknown");
}

std::string tag_of(const Json& descriptor) {
  const Json& annotations = object_member(descriptor, "annotations");
  const std::string name = text_member(annotations, "io.containerd.image.name");
  return name.empty() ? text_member(annotations, "org.opencontainers.image.ref.name") : name;
}

/// The commands that made the layers: the history without what added none.
void add_history(const Json& config, std::vector<Layer>& layers) {
  std::size_t next = 0;
  for (const Json& step : array_member(config, "history")) {
    if (flag_member(step, "empty_layer")) continue;
    if (next < layers.size()) layers[next++].created_by = text_member(step, "created_by");
  }
}

/// Reads the config into `image`, whose layers must be listed already.
void read_config(const Json& document, const std::optional<Platform>& listed, Image& image) {
  image.config_platform = platform_of(document);
  if (!image.config_platform) throw Fault(kFaultNoArchitecture);
  image.platform = *image.config_platform;
  // Older configs have no variant, which the index then adds.
  const bool same =
      listed && listed->os == image.platform.os && listed->arch == image.platform.arch;
  if (same && text_member(document, "variant").empty()) image.platform = *listed;

  const std::vector<std::string> ids = text_list(object_member(document, "rootfs"), "diff_ids");
  if (ids.size() != image.layers.size()) {
    throw Fault(kFaultLayerCount, fmt::format("{} / {}", ids.size(), image.layers.size()));
  }
  for (std::size_t i = 0; i < ids.size(); ++i) image.layers[i].diff_id = ids[i];
  add_history(document, image.layers);

  const Json& config = object_member(document, "config");
  image.entrypoint = text_list(config, "Entrypoint");
  image.command = text_list(config, "Cmd");
  image.environment = text_list(config, "Env");
  image.working_directory = text_member(config, "WorkingDir");
  image.user = text_member(config, "User");
  image.version = text_member(object_member(config, "Labels"), "org.opencontainers.image.version");
}

/// A stream that knows the digest of what was read of it.
class HashedStream final : public ByteStream {
 public:
  HashedStream(ByteStream& source, bool wanted, std::function<void(std::size_t)> count)
      : source_(source), wanted_(wanted), count_(std::move(count)) {}
  std::string_view read() override {
    const std::string_view bytes = source_.read();
    if (wanted_) hash_.update(bytes.data(), bytes.size());
    size_ += bytes.size();
    if (count_) count_(bytes.size());
    return bytes;
  }
  /// Reads what is left; then compares with `digest`, unless that is empty. Throws Fault.
  void finish(const std::string& digest, const PackText& difference) {
    while (!read().empty()) continue;
    const std::string seen = "sha256:" + std::string(hash_.digest().view());
    if (wanted_ && !digest.empty() && digest != seen) throw Fault(difference, short_digest(seen));
  }
  [[nodiscard]] std::uint64_t size() const { return size_; }

 private:
  ByteStream& source_;
  bool wanted_;
  std::function<void(std::size_t)> count_;
  Sha256 hash_;
  std::uint64_t size_ = 0;
};

/// Walks index.json and the indexes in it.
class IndexWalk {
 public:
  using Read = std::function<std::string(const std::string& digest, std::uint64_t size)>;
  IndexWalk(Read read, std::vector<ListedImage>& images)
      : read_(std::move(read)), images_(images) {}

  void walk(const Json& index, const std::string& tag, int depth) {
    const int number = ++count_;
    if (depth > kDeepestIndex || count_ > static_cast<int>(ImageArchive::kMostImages)) {
      throw Fault(kFaultTooManyImages);
    }
    for (const Json& descriptor : array_member(index, "manifests")) {
      if (is_attestation(descriptor)) continue;
      const std::string own_tag = tag_of(descriptor);
      ListedImage image;
      image.tag = own_tag.empty() ? tag : own_tag;
      image.digest = text_member(descriptor, "digest");
      image.size = number_member(descriptor, "size");
      image.index = number;
      if (contains(kIndexTypes, text_member(descriptor, "mediaType"))) {
        walk(parse_json(image.digest, read_(image.digest, image.size)), image.tag, depth + 1);
        continue;
      }
      image.platform = platform_of(object_member(descriptor, "platform"));
      if (images_.size() >= ImageArchive::kMostImages) throw Fault(kFaultTooManyImages);
      images_.push_back(std::move(image));
    }
  }

 private:
  Read read_;
  std::vector<ListedImage>& images_;
  int count_ = 0;
};

/// The store, with its faults as diagnoses.
ImageStore open_store(const std::string& path, Language language) {
  try {
    return {path, language};
  } catch (const Fault& fault) {
    throw PackError(path, Diagnosis(Cause::kDamagedImage)
                              .with(Evidence::kPath, path)
                              .with(Evidence::kDetail, fault.text(language)));
  }
}

}  // namespace

std::optional<Diagnosis> index_contradiction(const ListedImage& listed, const Image& image) {
  // `image.platform` has the variant of the index when the config has none.
  if (!listed.platform || *listed.platform == image.platform) return std::nullopt;
  return Diagnosis(Cause::kIndexContradictsConfig)
      .with(Evidence::kNeeds, text_of(*listed.platform))
      .with(Evidence::kFound, text_of(*image.config_platform))
      .with(Evidence::kOffer, text_of(*listed.platform));
}

std::string short_digest(const std::string& digest) {
  constexpr std::size_t kLength = 7 + 12;
  return digest.substr(0, kLength);
}

ImageArchive::ImageArchive(const std::string& path, Language language)
    : store_(open_store(path, language)) {
  // An archive of `docker save` since version 25 is both; only the index knows platforms.
  const bool oci = store_.has("index.json");
  try {
    oci ? list_oci() : list_docker();
  } catch (const Fault& fault) {
    throw damaged(oci ? "index.json" : "manifest.json", fault);
  }
}

PackError ImageArchive::damaged(const std::string& whose, const Fault& fault) const {
  return {store_.path(),
          Diagnosis(Cause::kDamagedImage)
              .with(Evidence::kPath, store_.path())
              .with(Evidence::kDetail, whose + ": " + fault.text(store_.language()))};
}

bool ImageArchive::lacks(const ListedImage& listed) const {
  if (!store_.has("manifest.json") || !listed.config.empty()) return false;
  try {
    return !store_.has(blob_name(listed.digest));
  } catch (const Fault&) {
    return true;
  }
}

std::string ImageArchive::checked_document(const std::string& digest, std::uint64_t size) const {
  const std::string name = blob_name(digest);
  std::string text = store_.document(name);
  if (size != 0 && text.size() != size) throw Fault(kFaultSize, name);
  if ("sha256:" + std::string(sha256(text).view()) != digest) throw Fault(kFaultDigest, name);
  return text;
}

void ImageArchive::list_oci() {
  const Json index = parse_json("index.json", store_.document("index.json"));
  IndexWalk walk([this](const std::string& digest,
                        std::uint64_t size) { return checked_document(digest, size); },
                 images_);
  walk.walk(index, "", 1);
}

void ImageArchive::list_docker() {
  const Json list = parse_json("manifest.json", store_.document("manifest.json"));
  if (!list.is_array()) throw Fault(kFaultJson, "manifest.json");
  for (const Json& entry : list) {
    const std::vector<std::string> tags = text_list(entry, "RepoTags");
    ListedImage image;
    image.tag = tags.empty() ? "" : tags.front();
    image.config = text_member(entry, "Config");
    image.layers = text_list(entry, "Layers");
    image.digest = digest_in_name(image.config);
    if (images_.size() >= kMostImages) throw Fault(kFaultTooManyImages);
    images_.push_back(std::move(image));
  }
}

bool ImageArchive::read_oci(const ListedImage& listed, std::string& whose, Image& image) const {
  const Json manifest = parse_json(listed.digest, checked_document(listed.digest, listed.size));
  const Json& descriptor = object_member(manifest, "config");
  const std::string type = text_member(descriptor, "mediaType");
  if (!type.empty() && !contains(kConfigTypes, type)) return false;
  for (const Json& layer : array_member(manifest, "layers")) {
    if (image.layers.size() == kMostLayers) throw Fault(kFaultTooManyLayers);
    Layer& added = image.layers.emplace_back();
    added.digest = text_member(layer, "digest");
    added.blob = blob_name(added.digest);
    added.size = number_member(layer, "size");
  }
  whose = text_member(descriptor, "digest");
  const std::string config = checked_document(whose, number_member(descriptor, "size"));
  read_config(parse_json(whose, config), listed.platform, image);
  return true;
}

void ImageArchive::read_docker(const ListedImage& listed, Image& image) const {
  const std::string config = store_.document(listed.config);
  if (!listed.digest.empty() && "sha256:" + std::string(sha256(config).view()) != listed.digest) {
    throw Fault(kFaultDigest, listed.config);
  }
  if (listed.layers.size() > kMostLayers) throw Fault(kFaultTooManyLayers);
  for (const std::string& blob : listed.layers) {
    Layer& added = image.layers.emplace_back();
    added.blob = blob;
    if (blob.starts_with("blobs/")) added.digest = digest_in_name(blob);
    added.size = store_.size_of(blob).value_or(0);
  }
  read_config(parse_json(listed.config, config), listed.platform, image);
}

std::optional<Image> ImageArchive::read(const ListedImage& listed) const {
  Image image;
  std::string whose = listed.config.empty() ? listed.digest : listed.config;
  try {
    if (!listed.config.empty()) {
      read_docker(listed, image);
    } else if (!read_oci(listed, whose, image)) {
      return std::nullopt;
    }
  } catch (const Fault& fault) {
    throw damaged(whose, fault);
  }
  return image;
}

void ImageArchive::read_layer(const Image& image, std::size_t number,
                              const std::function<void(LayerReader&)>& visit,
                              const std::function<void(std::size_t)>& progress) {
  const Layer& layer = image.layers[number];
  try {
    const std::unique_ptr<ByteStream> blob = store_.open(layer.blob);
    const bool first = !checked_[layer.blob];
    HashedStream packed(*blob, first, progress);
    UnpackedStream plain(packed);
    // Of a plain tar the two are one.
    HashedStream tar(plain, first && layer.diff_id != layer.digest, nullptr);
    LayerReader reader(tar);
    visit(reader);
    tar.finish(layer.diff_id, kFaultDiffId);
    packed.finish(layer.digest, kFaultBlobDigest);
    if (layer.size != 0 && packed.size() != layer.size) throw Fault(kFaultSize, layer.blob);
    checked_[layer.blob] = true;
  } catch (const Fault& fault) {
    throw damaged(layer.blob, fault);
  }
}

}  // namespace pixelzx::pack
