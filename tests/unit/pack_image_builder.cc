// SPDX-License-Identifier: Apache-2.0
#include "pack/image_builder.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "pack/create.h"
#include "pack/image.h"
#include "pack/image_content.h"
#include "pack/image_json.h"
#include "pack/pack_error.h"
#include "pack_samples.h"

namespace pixelzx::pack {
namespace {

constexpr Language kEn = Language::kEnglish;
constexpr std::int64_t kDate = 1'700'000'000;

/// A bundle of hello for amd64 (two levels), arm64 and arm/v7, and launchers for these.
struct Parts {
  Folder folder;
  ImageOptions options;
  const std::string v3 = make_elf(kAmd64, "hello for v3");

  Parts() {
    CreateOptions create;
    create.program = "hello";
    create.version = "1.0";
    create.level = 3;
    create.own_name = true;
    create.mtime = kDate;
    create.output = folder.path("bundle");
    create.shares = {folder.file("genesis.json", "{}")};
    create.programs = {
        {"linux/amd64", folder.file("amd64", make_elf(kAmd64, "hello"))},
        {"linux/amd64/v3", folder.file("v3", v3)},
        {"linux/arm64", folder.file("arm64", make_elf(kArm64, "hello"))},
        {"linux/arm/v7", folder.file("arm", make_elf(kArm, "hello"))},
    };
    create_bundle(create);
    launcher("linux-amd64", make_elf(kAmd64, "launcher"));
    launcher("linux-arm64", make_elf(kArm64, "launcher"));
    launcher("linux-arm-v7", make_elf(kArm, "launcher"));
    options.bundle = create.output;
    options.launchers = folder.path("launcher");
    options.mtime = kDate;
    options.output = folder.path("image.tar");
  }
  void launcher(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories(folder.path("launcher/" + name));
    (void)folder.file("launcher/" + name + "/pixelzx", content);
  }
  void config(const std::string& text) { options.config = folder.file("config.json", text); }

  /// What build_image says, and that it writes no image then.
  std::string refusal() const {
    try {
      build_image(options);
    } catch (const PackError& error) {
      CHECK_FALSE(std::filesystem::exists(options.output));
      return error.message(kEn);
    }
    return "";
  }
};

/// An image of an archive and, by path, its files: the content, or the target of a link.
struct Opened {
  Image image;
  std::map<std::string, LayerEntry> entries;
  std::map<std::string, std::string> content;
};

std::vector<Opened> open_images(const std::string& path) {
  ImageArchive archive(path, kEn);
  std::vector<Opened> all;
  for (const ListedImage& listed : archive.images()) {
    Opened opened{*archive.read(listed), {}, {}};
    const auto visit = [&opened](LayerReader& layer) {
      while (layer.next()) {
        std::string name = layer.entry().path;
        if (name.back() == '/') name.pop_back();  // of a folder
        std::string& content = opened.content[name];
        opened.entries[name] = layer.entry();
        content = layer.entry().target;
        std::uint64_t offset = 0;
        for (std::string_view part = layer.content(offset); !part.empty();
             part = layer.content(offset)) {
          content += part;
        }
      }
    };
    for (std::size_t i = 0; i < opened.image.layers.size(); ++i) {
      archive.read_layer(opened.image, i, visit, [](std::size_t) {});
    }
    all.push_back(std::move(opened));
  }
  return all;
}

std::string text_of_environment(const Opened& opened) {
  std::string text;
  for (const std::string& variable : opened.image.environment) text += variable + "\n";
  return text;
}

TEST_CASE("the universal image has all launchers and the bundle, in shared layers", "[pack]") {
  Parts parts;
  parts.config(R"({"Env": ["A=B"], "Volumes": {"/app/data": {}}, "WorkingDir": "/app"})");
  build_image(parts.options);
  const std::vector<Opened> images = open_images(parts.options.output);
  REQUIRE(images.size() == 3);
  CHECK(images[0].image.platform == linux_platform("amd64"));
  CHECK(images[1].image.platform == linux_platform("arm", "v7"));
  CHECK(images[2].image.platform == linux_platform("arm64"));
  for (const Opened& opened : images) {
    CHECK(opened.image.entrypoint == std::vector<std::string>{"hello"});
    CHECK(opened.image.user == "1000:1000");
    CHECK(opened.image.working_directory == "/app");
    REQUIRE(opened.image.layers.size() == 3);
    CHECK(opened.image.layers[0].digest == images[0].image.layers[0].digest);
    CHECK(opened.image.layers[1].digest == images[0].image.layers[1].digest);
    CHECK(opened.content.at("opt/pixelzx/pixelzx.bundle") == parts.folder.content("bundle"));
    CHECK(opened.content.at("opt/pixelzx/launcher/linux-arm-v7/pixelzx") ==
          make_elf(kArm, "launcher"));
    CHECK(opened.content.at("opt/pixelzx/signpost/arm64/hello") ==
          "/sys/devices/system/cpu/cpu0/regs/../../../../../../opt/pixelzx/launcher/linux-arm64/"
          "pixelzx");
    CHECK(opened.entries.at("app/data").uid == 1000);
    CHECK(opened.entries.at("app/data").mode == 0700);
    CHECK(opened.entries.at("app").uid == 0);
    CHECK(opened.entries.at("tmp").mode == 01777);
    // No launcher, no signpost.
    CHECK_FALSE(opened.entries.contains("opt/pixelzx/signpost/s390x"));
  }
  CHECK(images[1].content.at("usr/local/bin/hello") ==
        "../../../opt/pixelzx/launcher/linux-arm-v7/pixelzx");
  CHECK(text_of_environment(images[0]) ==
        "PATH=/opt/pixelzx/signpost/amd64:/opt/pixelzx/signpost/arm64:/opt/pixelzx/signpost/arm:"
        "/usr/local/bin\nA=B\n");
  CHECK(text_of_environment(images[1]) ==
        "PATH=/opt/pixelzx/signpost/amd64:/opt/pixelzx/signpost/arm:/usr/local/bin\nA=B\n");
}

TEST_CASE("a slim image has the programs of its platform, installed", "[pack]") {
  Parts parts;
  parts.options.kind = ImageKind::kSlim;
  build_image(parts.options);
  const std::vector<Opened> images = open_images(parts.options.output);
  REQUIRE(images.size() == 3);
  const Opened& amd64 = images[0];
  REQUIRE(amd64.image.layers.size() == 2);
  CHECK(amd64.image.layers[0].digest == images[1].image.layers[0].digest);
  const std::string& text = amd64.content.at("opt/pixelzx/pixelzx.bundle");
  Result<Index> index = parse_index(text);
  REQUIRE(index);
  CHECK(index->own_name);
  REQUIRE(index->slices().size() == 2);
  const Slice* v3 = index->find(linux_platform("amd64", "v3"));
  REQUIRE(v3 != nullptr);
  const std::string path = "opt/pixelzx/slices/" + std::string(v3->sha256) + "/hello";
  CHECK(amd64.content.at(path) == parts.v3);
  CHECK(amd64.entries.at(path).mode == 0755);
  CHECK(amd64.content.at("opt/pixelzx/share/genesis.json") == "{}");
  CHECK(text_of_environment(amd64) == "PATH=/usr/local/bin\n");
  CHECK_FALSE(amd64.entries.contains("opt/pixelzx/launcher/linux-arm64"));
}

TEST_CASE("one image needs no index, and docker load reads it", "[pack]") {
  Parts parts;
  parts.options.single = true;
  parts.options.platforms = {"aarch64"};
  parts.options.name = "example/hello:1.0";
  parts.options.output = parts.folder.path("layout");
  build_image(parts.options);
  const std::vector<Opened> images = open_images(parts.options.output);
  REQUIRE(images.size() == 1);
  CHECK(images[0].image.platform == linux_platform("arm64"));
  CHECK(images[0].entries.contains("opt/pixelzx/signpost/amd64/hello"));
  const Json docker = Json::parse(parts.folder.content("layout/manifest.json"));
  CHECK(docker.at(0).at("RepoTags") == Json::array({"example/hello:1.0"}));
  for (const Json& layer : docker.at(0).at("Layers")) {
    CHECK(std::filesystem::exists(parts.options.output + "/" + layer.get<std::string>()));
  }
  const Json index = Json::parse(parts.folder.content("layout/index.json"));
  CHECK(index.at("manifests").at(0).at("annotations").at("org.opencontainers.image.ref.name") ==
        "1.0");
}

TEST_CASE("a name without a tag gets one, and a port is no tag", "[pack]") {
  Parts parts;
  const auto [name, full, tag] = GENERATE(table<std::string, std::string, std::string>({
      {"example/hello:1.0", "example/hello:1.0", "1.0"},
      {"hello", "hello:latest", "latest"},
      {"localhost:5000/hello", "localhost:5000/hello:latest", "latest"},
      {"localhost:5000/hello:2", "localhost:5000/hello:2", "2"},
  }));
  parts.options.name = name;
  parts.options.output = parts.folder.path("layout");
  build_image(parts.options);
  const Json entry = Json::parse(parts.folder.content("layout/index.json")).at("manifests").at(0);
  CHECK(entry.at("annotations").at("io.containerd.image.name") == full);
  CHECK(entry.at("annotations").at("org.opencontainers.image.ref.name") == tag);
}

TEST_CASE("the same parts give the same image, whatever the compression", "[pack]") {
  Parts parts;
  build_image(parts.options);
  const std::string first = parts.folder.content("image.tar");
  build_image(parts.options);
  CHECK(parts.folder.content("image.tar") == first);
  const std::string diff_id = open_images(parts.options.output)[0].image.layers[1].diff_id;
  parts.options.compression = LayerCompression::kZstd;
  build_image(parts.options);
  CHECK(parts.folder.content("image.tar") != first);
  CHECK(open_images(parts.options.output)[0].image.layers[1].diff_id == diff_id);
}

TEST_CASE("the sizes told are those of the files", "[pack]") {
  Parts parts;
  parts.options.output = parts.folder.path("layout");
  const BuiltImages built = build_image(parts.options);
  std::uint64_t all = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(parts.options.output + "/blobs/sha256")) {
    all += file.file_size();
  }
  CHECK(built.size == all);
  REQUIRE(built.images.size() == 3);
  // Each has its own manifest, config and link only.
  CHECK(built.images[0].size < all);
  CHECK(built.images[0].size + built.images[1].size + built.images[2].size > all);
  const std::string text = summary_text(built, kEn);
  CHECK(text.find("linux/arm/v7") != std::string::npos);
  CHECK(text.find(built.images[2].digest) != std::string::npos);
}

TEST_CASE("layers are written as tars, too", "[pack]") {
  Parts parts;
  parts.options.layers = parts.folder.path("layers");
  build_image(parts.options);
  for (const char* name : {"base", "bundle", "linux-amd64", "linux-arm-v7", "linux-arm64"}) {
    const std::string tar = parts.folder.content("layers/" + std::string(name) + ".tar");
    CHECK(tar.substr(257, 5) == "ustar");
  }
}

TEST_CASE("what makes no image is refused by name, and nothing is written", "[pack]") {
  Parts parts;
  std::string wanted;
  SECTION("a launcher that is missing") {
    std::filesystem::remove_all(parts.folder.path("launcher/linux-arm64"));
    wanted = "launcher/linux-arm64/pixelzx";
  }
  SECTION("a launcher for another CPU") {
    parts.launcher("linux-arm64", make_elf(kAmd64, "launcher"));
    wanted = "its ELF header says linux/amd64";
  }
  SECTION("a launcher that needs shared libraries") {
    Sample sample = kArm64;
    sample.interpreter = "/lib/ld.so";
    parts.launcher("linux-arm64", make_elf(sample));
    wanted = "/lib/ld.so";
  }
  SECTION("a platform that the bundle lacks") {
    parts.options.platforms = {"linux/s390x"};
    wanted = "no program for linux/s390x";
  }
  SECTION("what is no platform") {
    parts.options.platforms = {"linux"};
    wanted = "'linux' is not a platform";
  }
  SECTION("a config with a member that we set") {
    parts.config(R"({"Entrypoint": ["sh"]})");
    wanted = "'Entrypoint' is not one of";
  }
  SECTION("a config with a PATH") {
    parts.config(R"({"Env": ["PATH=/bin"]})");
    wanted = "PATH leads to the launchers";
  }
  SECTION("a config with a folder that is nowhere") {
    parts.config(R"({"Volumes": {"data": {}}})");
    wanted = "'data' does not begin with a slash";
  }
  SECTION("a config with wrong types") {
    parts.config(R"({"Labels": {"a": 1}})");
    wanted = "a";
  }
  SECTION("a config that is no JSON") {
    parts.config("{");
    wanted = "config.json";
  }
  SECTION("a bundle with a byte changed") {
    std::string bundle = parts.folder.content("bundle");
    bundle[bundle.size() - 2048] = static_cast<char>(bundle[bundle.size() - 2048] ^ 1);
    (void)parts.folder.file("bundle", bundle);
    wanted = "bundle";
  }
  CHECK(parts.refusal().find(wanted) != std::string::npos);
  CHECK_FALSE(wanted.empty());
}

TEST_CASE("a folder with something in it is not written into", "[pack]") {
  Parts parts;
  parts.options.output = parts.folder.path("launcher");
  CHECK_THROWS_AS(build_image(parts.options), PackError);
  CHECK(std::filesystem::exists(parts.folder.path("launcher/linux-arm64/pixelzx")));
}

}  // namespace
}  // namespace pixelzx::pack
