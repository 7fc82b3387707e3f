// SPDX-License-Identifier: Apache-2.0
#include "pack/image.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "pack/captured_bytes.h"
#include "pack/image_doctor.h"
#include "pack/image_json.h"
#include "pack/image_report.h"
#include "pack/pack_error.h"
#include "pack_image_samples.h"
#include "support.h"

namespace pixelzx::pack {
namespace {

constexpr Language kEn = Language::kEnglish;
const std::string kEnd(1024, '\0');

nlohmann::json arm64_config() {
  return {{"os", "linux"},
          {"architecture", "arm64"},
          {"config", {{"Entrypoint", {"/app"}}, {"Cmd", nullptr}, {"Env", {"A=B"}}}},
          {"history",
           {{{"created_by", "FROM"}, {"empty_layer", true}}, {{"created_by", "COPY app /"}}}}};
}

/// Gives a text, once.
class TextStream final : public ByteStream {
 public:
  explicit TextStream(std::string_view text) : text_(text) {}
  std::string_view read() override { return std::exchange(text_, {}); }

 private:
  std::string_view text_;
};

Cause cause_of(const std::string& path) {
  try {
    const ImageArchive archive(path, kEn);
    for (const ListedImage& listed : archive.images()) (void)archive.read(listed);
  } catch (const PackError& error) {
    REQUIRE(error.diagnosis());
    return error.diagnosis()->cause();
  }
  FAIL("nothing was wrong");
  return {};
}

TEST_CASE("an OCI layout in a folder is read", "[pack]") {
  const Folder folder;
  auto manifest = write_image(folder, arm64_config(), test::tar_member("app", "x") + kEnd);
  manifest["platform"] = {{"os", "linux"}, {"architecture", "arm64"}, {"variant", "v8"}};
  manifest["annotations"] = {{"org.opencontainers.image.ref.name", "1.0"}};
  write_index(folder, {manifest});
  ImageArchive archive(folder.path(""), kEn);
  REQUIRE(archive.images().size() == 1);
  const ListedImage& listed = archive.images().front();
  CHECK(listed.tag == "1.0");
  CHECK(listed.platform == parse_platform("linux/arm64"));
  const std::optional<Image> image = archive.read(listed);
  REQUIRE(image);
  CHECK(image->platform == parse_platform("linux/arm64"));
  CHECK(image->entrypoint == std::vector<std::string>{"/app"});
  CHECK(image->command.empty());
  REQUIRE(image->layers.size() == 1);
  CHECK(image->layers.front().created_by == "COPY app /");
  CHECK(image->layers.front().diff_id == image->layers.front().digest);
  std::vector<std::string> paths;
  archive.read_layer(
      *image, 0,
      [&paths](LayerReader& layer) {
        while (layer.next()) paths.push_back(layer.entry().path);
      },
      nullptr);
  CHECK(paths == std::vector<std::string>{"app"});
}

/// A file of `size` bytes in a tar of GNU's old format for files with holes, whose one part with
/// content lies at `offset`.
std::string sparse_member(std::string_view content, std::uint64_t offset, std::uint64_t size) {
  std::string member = test::tar_member("app", content);
  const auto put = [&member](std::size_t at, std::string_view text) {
    member.replace(at, text.size(), text);
  };
  const auto octal = [](std::uint64_t value) { return fmt::format("{:011o}", value); };
  put(156, "S");
  put(257, std::string_view("ustar  ", 8));
  put(386, octal(offset));
  put(386 + 12, octal(content.size()));
  put(483, octal(size));
  put(148, "        ");
  unsigned sum = 0;
  for (const char c : member.substr(0, 512)) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum) + '\0');
  return member;
}

/// What is in the first file of a layer, holes as zeros.
std::string content_of_first(const std::string& tar) {
  TextStream stream(tar);
  LayerReader reader(stream);
  REQUIRE(reader.next());
  std::string content(reader.entry().size, '\0');
  std::uint64_t offset = 0;
  for (std::string_view part = reader.content(offset); !part.empty();
       part = reader.content(offset)) {
    content.replace(offset, part.size(), part);
  }
  return content;
}

TEST_CASE("a file with holes has nothing beyond its end", "[pack]") {
  CHECK(content_of_first(sparse_member("abc", 4, 7) + kEnd) == std::string(4, '\0') + "abc");
  CHECK_THROWS_AS(content_of_first(sparse_member("abc", 4, 6) + kEnd), Fault);
  CHECK_THROWS_AS(content_of_first(sparse_member("abc", 1 << 20, 6) + kEnd), Fault);
}

TEST_CASE("what docker save writes is read", "[pack]") {
  const Folder folder;
  const std::string layer = test::tar_member("app", "x") + kEnd;
  auto config = arm64_config();
  const std::string diff_id = "sha256:" + std::string(sha256(layer).view());
  config["rootfs"]["diff_ids"] = {diff_id, diff_id};
  const std::string document = config.dump();
  const std::string name = std::string(sha256(document).view()) + ".json";
  const nlohmann::json list = {
      {{"Config", name}, {"RepoTags", {"app:1.0"}}, {"Layers", {"a/layer.tar", "b/layer.tar"}}}};
  write_file(folder.path("image/manifest.json"), list.dump());
  write_file(folder.path("image/" + name), document);
  write_file(folder.path("image/a/layer.tar"), layer);
  write_file(folder.path("image/b/layer.tar"), layer);
  const ImageArchive archive(folder.path("image"), kEn);
  REQUIRE(archive.images().size() == 1);
  CHECK(archive.images().front().tag == "app:1.0");
  CHECK(archive.images().front().index == 0);
  CHECK(archive.read(archive.images().front())->layers.size() == 2);
  // A config that is not what its name says.
  write_file(folder.path("image/" + name), document + " ");
  CHECK(cause_of(folder.path("image")) == Cause::kDamagedImage);
}

TEST_CASE("hostile JSON is damage, and named", "[pack]") {
  const Folder folder;
  write_file(folder.path("oci-layout"), "{}");
  for (const char* index :
       {"", "{", "[]", "7", "\"x\"", R"({"manifests": {}})", R"({"manifests": [1]})",
        R"({"manifests": [{"digest": 1}]})", R"({"manifests": [{"digest": "sha256:xyz"}]})",
        R"({"manifests": [{"digest": "sha256:../../x", "size": 1}]})",
        R"({"manifests": [{"annotations": []}]})", R"({"manifests": [{"platform": "linux"}]})",
        R"({"manifests": [{"platform": {"os": "linux", "architecture": "a/b/c"}}]})",
        R"({"manifests": [{"size": -1}]})", R"({"manifests": [{"size": 1e99}]})"}) {
    CAPTURE(index);
    write_file(folder.path("index.json"), index);
    CHECK(cause_of(folder.path("")) == Cause::kDamagedImage);
  }
  write_file(folder.path("index.json"), std::string(4 << 20, '['));
  CHECK(cause_of(folder.path("")) == Cause::kDamagedImage);
  write_file(folder.path("index.json"), std::string((4 << 20) + 1, ' '));
  CHECK(cause_of(folder.path("")) == Cause::kDamagedImage);
}

TEST_CASE("an index in itself, or of too many, ends", "[pack]") {
  const Folder folder;
  nlohmann::json index = {{"manifests", nlohmann::json::array()}};
  for (int depth = 0; depth < 6; ++depth) {
    index = {{"manifests",
              {write_blob(folder, "application/vnd.oci.image.index.v1+json", index.dump())}}};
  }
  write_index(folder, index["manifests"]);
  CHECK(cause_of(folder.path("")) == Cause::kDamagedImage);
  const auto empty = write_blob(folder, "application/vnd.oci.image.index.v1+json", "{}");
  write_index(folder, std::vector<nlohmann::json>(1001, empty));
  CHECK(cause_of(folder.path("")) == Cause::kDamagedImage);
}

TEST_CASE("members of JSON have their types or are faults", "[pack]") {
  const Json json =
      parse_json("x", R"({"s": "t", "n": 7, "l": ["a"], "o": {}, "z": null, "b": true})");
  CHECK(text_member(json, "s") == "t");
  CHECK(text_member(json, "z").empty());
  CHECK(text_member(json, "absent").empty());
  CHECK(number_member(json, "n") == 7);
  CHECK(flag_member(json, "b"));
  CHECK(text_list(json, "l") == std::vector<std::string>{"a"});
  CHECK(text_list(json, "z").empty());
  CHECK(text_member(object_member(json, "z"), "deeper").empty());
  CHECK_THROWS_AS(text_member(json, "n"), Fault);
  CHECK_THROWS_AS(number_member(json, "s"), Fault);
  CHECK_THROWS_AS(flag_member(json, "n"), Fault);
  CHECK_THROWS_AS(text_list(json, "o"), Fault);
  CHECK_THROWS_AS(object_member(json, "l"), Fault);
  CHECK_THROWS_AS(text_member(json["l"], "s"), Fault);
  CHECK_THROWS_AS(parse_json("x", "{"), Fault);
}

TEST_CASE("names of members", "[pack]") {
  CHECK(clean_name("./a//b/./c/") == "a/b/c");
  CHECK(clean_name("/a") == "a");
  CHECK(clean_name("a/../b").empty());
  CHECK(clean_name("..").empty());
  CHECK(clean_name(".").empty());
  CHECK(clean_name("..a") == "..a");
}

TEST_CASE("the ends of a file are kept, and what an ELF file's headers lead to", "[pack]") {
  const std::string middle(200'000, 'm');
  test::ElfFile elf;
  elf.segments = {{PT_LOAD, "begin" + middle},
                  {PT_NOTE, "the note"},
                  {PT_LOAD, middle},
                  {PT_DYNAMIC, "the dynamic section"},
                  {PT_LOAD, middle}};
  for (const int elf_class : {ELFCLASS32, ELFCLASS64}) {
    for (const int data : {ELFDATA2LSB, ELFDATA2MSB}) {
      elf.elf_class = static_cast<std::uint8_t>(elf_class);
      elf.data = static_cast<std::uint8_t>(data);
      const std::string file = elf.bytes();
      for (const std::size_t step : {file.size(), std::size_t{1000}, std::size_t{16384}}) {
        CAPTURE(elf_class, data, step);
        CapturedBytes kept(file.size());
        for (std::size_t at = 0; at < file.size(); at += step) {
          kept.feed(at, std::string_view(file).substr(at, step));
        }
        kept.finish();
        CHECK(kept.bytes(0, 64) == file.substr(0, 64));
        for (const char* part : {"the note", "the dynamic section"}) {
          CHECK(kept.bytes(file.find(part), std::string(part).size()) == part);
        }
        CHECK(kept.bytes(file.size() - 4000, 9999) == file.substr(file.size() - 4000));
        CHECK(kept.bytes(100'000, 1).empty());
        CHECK(kept.bytes(file.size(), 1).empty());
        CHECK(kept.bytes(~std::uint64_t{0}, 1).empty());
      }
    }
  }
}

TEST_CASE("sizes that are lies keep nothing large", "[pack]") {
  CapturedBytes kept(~std::uint64_t{0});
  kept.feed(0, "\177ELF\2\1" + std::string(20'000, '\xff'));
  kept.feed(~std::uint64_t{0} - 10, "end");
  kept.finish();
  CHECK(kept.bytes(0, 4) == "\177ELF");
  CapturedBytes empty(0);
  empty.finish();
  CHECK(empty.bytes(0, 1).empty());
}

TEST_CASE("a report has a block for each image, and is JSON whatever the names are", "[pack]") {
  const Folder folder;
  auto config = arm64_config();
  config["config"]["Entrypoint"] = {"/\x1b[31m"};
  write_index(folder, {write_image(folder, config, test::tar_member("\xff", "x") + kEnd)});
  const ArchiveReport report = examine_archive(folder.path(""), kEn);
  CHECK(report.exit_status() == 1);
  const std::string text = report_text(report, kEn, false);
  CHECK_THAT(text, Catch::Contains("✗ linux/arm64") && Catch::Contains("[PZX-402]"));
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(report_text(report, kEn, true).find("\x1b[31m✗\x1b[0m") != std::string::npos);
  const auto json = nlohmann::json::parse(report_json(report, Language::kKorean));
  CHECK(json["schema_version"] == 1);
  CHECK(json["images"][0]["platform"] == "linux/arm64");
  CHECK(json["findings"][0]["code"] == "PZX-402");
}

}  // namespace
}  // namespace pixelzx::pack
