// SPDX-License-Identifier: Apache-2.0
#include "pack/import.h"

#include <catch2/catch.hpp>

#include "pack/bundle_file.h"
#include "pack/create.h"
#include "pack/image_files.h"
#include "pack/pack_error.h"
#include "pack_image_samples.h"
#include "support.h"

namespace pixelzx::pack {
namespace {

constexpr Language kEn = Language::kEnglish;
const std::string kEnd(1024, '\0');

/// Lists an image that starts /app.
nlohmann::json image_of(const Folder& folder, const std::string& arch, const std::string& program) {
  return write_image(
      folder,
      {{"os", "linux"},
       {"architecture", arch},
       {"config",
        {{"Entrypoint", {"/app"}}, {"Labels", {{"org.opencontainers.image.version", "1.2"}}}}}},
      test::tar_member("app", program) + kEnd);
}

ImportOptions options_for(const Folder& images, const Folder& output) {
  ImportOptions options;
  options.archive = images.path("");
  options.level = 3;
  options.output = output.path("out.bundle");
  return options;
}

TEST_CASE("import makes what create makes of the same programs", "[pack]") {
  const Folder images;
  const Folder output;
  const std::string amd64 = make_elf(kAmd64, std::string(5000, 'x'));
  const std::string arm64 = make_elf(kArm64, std::string(5000, 'y'));
  write_index(images, {image_of(images, "arm64", arm64), image_of(images, "amd64", amd64)});
  CHECK(import_images(options_for(images, output), kEn).empty());

  CreateOptions options;
  options.program = "app";
  options.version = "1.2";
  options.level = 3;
  options.programs = {{"linux/amd64", output.file("amd64", amd64)},
                      {"linux/arm64", output.file("arm64", arm64)}};
  options.output = output.path("created.bundle");
  create_bundle(options);
  CHECK(output.content("out.bundle") == output.content("created.bundle"));
}

TEST_CASE("a program that contradicts its image is refused, and nothing is written", "[pack]") {
  const Folder images;
  const Folder output;
  write_index(images, {image_of(images, "arm64", make_elf(kAmd64))});
  try {
    import_images(options_for(images, output), kEn);
    FAIL("nothing was wrong");
  } catch (const PackError& error) {
    CHECK_THAT(error.message(kEn), Catch::Contains("linux/arm64: /app (layer 1 of 1, sha256:") &&
                                       Catch::Contains("[PZX-108]"));
  }
  CHECK(output.files() == 0);
}

TEST_CASE("the content of an image's file is taken out as it is", "[pack]") {
  const Folder images;
  const std::string content = make_elf(kAmd64, std::string(300'000, 'z'));
  write_index(images, {image_of(images, "amd64", content)});
  ImageArchive archive(images.path(""), kEn);
  const std::optional<Image> image = archive.read(archive.images().front());
  REQUIRE(image);
  CHECK(image->version == "1.2");
  Progress progress(0, false);
  ImageFiles files(archive, *image, progress);
  const Fd file = files.extract("/app");
  std::string read(content.size() + 1, '\0');
  REQUIRE(read_at(file.get(), read.data(), read.size(), 0) ==
          static_cast<std::ptrdiff_t>(content.size()));
  read.pop_back();
  CHECK(read == content);
  CHECK_THAT(files.layer_of("/app"), Catch::StartsWith("1 of 1, sha256:"));
  CHECK(files.layer_of("/none").empty());
}

}  // namespace
}  // namespace pixelzx::pack
