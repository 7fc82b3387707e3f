// SPDX-License-Identifier: Apache-2.0
#include "pack/image_builder.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <set>

#include "elf.h"
#include "pack/bundle_file.h"
#include "pack/byte_stream.h"
#include "pack/extract.h"
#include "pack/file_io.h"
#include "pack/image_content.h"
#include "pack/image_json.h"
#include "pack/launchers.h"
#include "pack/layout.h"
#include "pack/pack_error.h"
#include "pack/program.h"
#include "pack/text_table.h"
#include "pack/verify.h"

namespace pixelzx::pack {
namespace {

constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";

/// RFC 3339: `2026-11-24T12:00:00Z`.
std::string time_text(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::string text(sizeof("2026-11-24T12:00:00Z"), '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts));
  return text;
}

/// A platform as config and index have it (image-spec, image-index.md). Of arm64 the variant is
/// always told, as registries list it.
Json platform_json(const Platform& platform) {
  Json json = {{"os", platform.os.view()}, {"architecture", platform.arch.view()}};
  if (!platform.variant.view().empty()) json["variant"] = platform.variant.view();
  if (platform.arch.view() == "arm64" && platform.variant.view().empty()) json["variant"] = "v8";
  return json;
}

std::uint64_t size_of(const Json& descriptor) {
  return descriptor.at("size").get<std::uint64_t>();
}

/// For each architecture in the bundle the platform of its image: the lowest that has a program.
std::vector<Platform> image_platforms(const Index& index) {
  std::vector<Platform> platforms(index.platforms().begin(), index.platforms().end());
  std::sort(platforms.begin(), platforms.end(), [](const Platform& a, const Platform& b) {
    return to_text(a).view() < to_text(b).view();
  });
  const auto is_same = [](const Platform& a, const Platform& b) { return a.arch == b.arch; };
  platforms.erase(std::unique(platforms.begin(), platforms.end(), is_same), platforms.end());
  return platforms;
}

/// Those of the bundle that were asked for. Throws kNotAPlatform, kNoSuchSlice.
std::vector<Platform> wanted_platforms(const ImageOptions& options, const Index& index) {
  std::vector<Platform> available = image_platforms(index);
  if (options.platforms.empty()) return available;
  std::vector<Platform> wanted;
  for (const std::string& text : options.platforms) {
    const std::optional<Platform> platform = parse_platform(text);
    if (!platform) throw PackError(Problem::kNotAPlatform, {text});
    if (std::find(available.begin(), available.end(), *platform) == available.end()) {
      std::string offer;
      for (const Platform& one : available) offer += (offer.empty() ? "" : ", ") + text_of(one);
      throw PackError(Problem::kNoSuchSlice, {options.bundle, text_of(*platform), offer});
    }
    if (std::find(wanted.begin(), wanted.end(), *platform) == wanted.end()) {
      wanted.push_back(*platform);
    }
  }
  return wanted;
}

/// What --config has to say.
struct GivenConfig {
  Json members = Json::object();
  std::vector<std::string> volumes;
  std::string working_directory;
};

void check_folder(const std::string& folder) {
  if (!folder.starts_with('/')) throw Fault(kFaultNotAbsolute, folder);
}

GivenConfig read_config(const std::string& path, Language language) {
  static const std::set<std::string, std::less<>> kKnown = {
      "Cmd", "Env", "ExposedPorts", "Healthcheck", "Labels", "StopSignal", "Volumes", "WorkingDir"};
  GivenConfig config;
  if (path.empty()) return config;
  try {
    config.members = parse_json(path, read_file(path));
    if (!config.members.is_object()) throw Fault(kFaultJson, path);
    for (const auto& item : config.members.items()) {
      if (!kKnown.contains(item.key())) throw Fault(kFaultUnknownMember, item.key());
    }
    for (const std::string& variable : text_list(config.members, "Env")) {
      if (variable.starts_with("PATH=")) throw Fault(kFaultOwnPath, variable);
    }
    for (const auto& volume : object_member(config.members, "Volumes").items()) {
      check_folder(volume.key());
      config.volumes.push_back(volume.key());
    }
    config.working_directory = text_member(config.members, "WorkingDir");
    if (!config.working_directory.empty()) check_folder(config.working_directory);
    (void)object_member(config.members, "ExposedPorts");
    for (const auto& label : object_member(config.members, "Labels").items()) {
      (void)text_member(config.members["Labels"], label.key().c_str());
    }
  } catch (const Fault& fault) {
    throw PackError(Problem::kBadImageConfig, {path, fault.text(language)});
  }
  return config;
}

/// A layer of the new images, and what its history says.
struct NewLayer {
  LayerBlob blob;
  std::string comment;
};

/// `name` with the tag that engines take where there is none.
std::string tagged(const std::string& name) {
  // A colon before the last slash belongs to a registry's port.
  const bool has_tag = name.find(':', name.rfind('/') + 1) != std::string::npos;
  return name.empty() || has_tag ? name : name + ":latest";
}

class ImageBuilder {
 public:
  explicit ImageBuilder(const ImageOptions& options)
      : options_(options),
        bundle_(open_whole_bundle(options.bundle)),
        given_(read_config(options.config, options.language)),
        name_(tagged(options.name)),
        created_(time_text(options.mtime)) {
    const Index& index = bundle_.bundle.index;
    parts_.program = std::string(index.program);
    parts_.volumes = given_.volumes;
    parts_.working_directory = given_.working_directory;
    for (const std::string& path : options.documents) {
      parts_.documents.emplace_back(base_name(path), read_file(path));
    }
    platforms_ = wanted_platforms(options, index);
    std::set<std::string> archs;
    for (const Platform& platform : platforms_) archs.emplace(platform.arch.view());
    parts_.launchers = read_launchers(
        options.launchers, options.kind == ImageKind::kUniversal ? architectures_of(index) : archs);
    annotations_ = object_member(given_.members, "Labels");
    annotations_["org.opencontainers.image.title"] = index.program;
    annotations_["org.opencontainers.image.version"] = index.version;
    annotations_["org.opencontainers.image.created"] = created_;
    for (const auto& [key, value] : options.annotations) annotations_[key] = value;
  }

  BuiltImages build() {
    const std::vector<NewLayer> shared = shared_layers();
    Json manifests = Json::array();
    for (const Platform& platform : platforms_) manifests.push_back(add_image(platform, shared));
    if (options_.single) {
      layout_.set_entry(manifests.front(), name_);
    } else {
      const Json index = {{"schemaVersion", 2},
                          {"mediaType", kIndexType},
                          {"manifests", manifests},
                          {"annotations", annotations_}};
      layout_.set_entry(layout_.add_json(kIndexType, index), name_);
    }
    layout_.write(options_.output, options_.mtime);
    built_.size = layout_.blob_size();
    return std::move(built_);
  }

 private:
  NewLayer add_layer(const LayerTree& tree, const std::string& name, std::string comment) {
    const std::string tar = tree.tar(options_.mtime);
    if (!options_.layers.empty()) {
      std::filesystem::create_directories(options_.layers);
      OutputFile file(options_.layers + "/" + name + ".tar", 0644);
      file.write(tar);
      file.publish();
    }
    return {layout_.add_layer(tar, options_.compression), std::move(comment)};
  }

  std::vector<NewLayer> shared_layers() {
    LayerTree base = base_layer(parts_);
    if (options_.kind == ImageKind::kSlim) {
      return {add_layer(base, "base", "users and folders")};
    }
    add_signposts(parts_, base);
    LayerTree bundle;
    bundle.add_file(std::string(kImageHome) + std::string(kBundleName), 0644,
                    bundle_content(bundle_));
    return {add_layer(base, "base", "users, folders, launchers, signposts"),
            add_layer(bundle, "bundle", "the bundle of all platforms")};
  }

  NewLayer own_layer(const Platform& platform) {
    const std::string_view arch = platform.arch.view();
    LayerTree tree;
    add_entrypoint(parts_, arch, tree);
    if (options_.kind == ImageKind::kSlim) add_slices(arch, tree);
    const std::string what =
        options_.kind == ImageKind::kSlim ? "launcher and program for " : "the entrypoint for ";
    return add_layer(tree, launcher_folder(arch), what + text_of(platform));
  }

  /// The launcher of `arch`, and an installed bundle of the programs for it.
  void add_slices(std::string_view arch, LayerTree& tree) {
    const std::string home(kImageHome);
    for (const Launcher& launcher : parts_.launchers) {
      if (launcher.arch != arch) continue;
      tree.add_file(home + "launcher/" + launcher_folder(arch) + "/pixelzx", 0755,
                    launcher.content);
    }
    std::vector<const Slice*> slices;
    for (const Slice& slice : bundle_.bundle.index.slices()) {
      if (slice.platform.arch.view() != arch) continue;
      slices.push_back(&slice);
      tree.add_file(home + "slices/" + std::string(slice.sha256) + "/" + parts_.program, 0755,
                    slice_content(bundle_.bundle, slice));
    }
    tree.add_file(home + std::string(kBundleName), 0644,
                  installed_index_text(bundle_.bundle.index, slices));
    for (const Share& share : bundle_.bundle.index.shares()) {
      tree.add_file(home + share_member(share.name), 0644, share_content(bundle_.bundle, share));
    }
  }

  [[nodiscard]] Json config_of(const Platform& platform,
                               const std::vector<NewLayer>& layers) const {
    Json config = given_.members;
    const std::string id = std::to_string(kImageUser);
    config["User"] = id + ":" + id;
    config["Entrypoint"] = {parts_.program};
    const std::string path = options_.kind == ImageKind::kUniversal
                                 ? signpost_path(parts_, platform.arch.view())
                                 : std::string(kImageBin);
    Json environment = {"PATH=" + path};
    for (const Json& variable : array_member(given_.members, "Env")) {
      environment.push_back(variable);
    }
    config["Env"] = environment;
    config["Labels"] = annotations_;
    Json digests = Json::array();
    Json history = Json::array();
    for (const NewLayer& layer : layers) {
      digests.push_back(layer.blob.diff_id);
      history.push_back(
          {{"created", created_}, {"created_by", "pixelzx-pack image: " + layer.comment}});
    }
    Json image = platform_json(platform);
    image["created"] = created_;
    image["config"] = config;
    image["rootfs"] = {{"type", "layers"}, {"diff_ids", digests}};
    image["history"] = history;
    return image;
  }

  /// Returns the descriptor of its manifest.
  Json add_image(const Platform& platform, std::vector<NewLayer> layers) {
    layers.push_back(own_layer(platform));
    Json descriptors = Json::array();
    for (const NewLayer& layer : layers) descriptors.push_back(layer.blob.descriptor);
    const Json manifest = {{"schemaVersion", 2},
                           {"mediaType", kManifestType},
                           {"config", layout_.add_json(kConfigType, config_of(platform, layers))},
                           {"layers", descriptors},
                           {"annotations", annotations_}};
    if (options_.single) layout_.add_docker_manifest(manifest, name_);
    Json descriptor = layout_.add_json(kManifestType, manifest);
    std::uint64_t size = size_of(descriptor) + size_of(manifest.at("config"));
    for (const Json& layer : descriptors) size += size_of(layer);
    built_.images.push_back({platform, size, descriptor.at("digest")});
    descriptor["platform"] = platform_json(platform);
    return descriptor;
  }

  const ImageOptions& options_;
  BundleFile bundle_;
  GivenConfig given_;
  std::string name_;
  std::string created_;
  ImageParts parts_;
  std::vector<Platform> platforms_;
  Json annotations_;
  OciLayout layout_;
  BuiltImages built_;
};

}  // namespace

BuiltImages build_image(const ImageOptions& options) {
  verify_bundle(options.bundle, [](std::string_view) {});
  return ImageBuilder(options).build();
}

std::string summary_text(const BuiltImages& built, Language language) {
  TextTable table({1});
  table.add({std::string(kColumnPlatform.in(language)), std::string(kColumnPull.in(language)),
             std::string(kColumnDigest.in(language))});
  for (const BuiltImages::One& image : built.images) {
    table.add({text_of(image.platform), grouped(image.size), image.digest});
  }
  return table.text() + grouped(built.size) + " " + std::string(kFileSize.in(language)) + "\n";
}

}  // namespace pixelzx::pack
