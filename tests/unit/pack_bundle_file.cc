// SPDX-License-Identifier: Apache-2.0
//
// verify, extract and attach, over sound and damaged bundles.
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "pack/attach.h"
#include "pack/create.h"
#include "pack/extract.h"
#include "pack/layout.h"
#include "pack/pack_error.h"
#include "pack/verify.h"
#include "pack_samples.h"

namespace pixelzx::pack {
namespace {

/// A folder with a bundle of two slices and a shared file.
struct BundleFolder : Folder {
  std::string amd64 = make_elf(kAmd64, std::string(3000, 'a'));
  std::string arm64 = make_elf(kArm64, std::string(3000, 'b'));
  std::string bundle = path("test.bundle");

  BundleFolder() {
    CreateOptions options;
    options.program = "hello";
    options.version = "1.0";
    options.level = 3;
    options.programs = {{"linux/amd64", file("amd64", amd64)},
                        {"linux/arm64", file("arm64", arm64)}};
    options.shares = {file("genesis.json", "{}")};
    options.output = bundle;
    create_bundle(options);
  }
};

/// The names that verify found sound, then what it says is wrong.
std::string verdict(const std::string& path) {
  std::string said;
  try {
    verify_bundle(path, [&said](std::string_view name) { said += std::string(name) + "\n"; });
  } catch (const PackError& error) {
    CHECK(error.exit_status() == 1);
    said += error.message(Language::kEnglish);
  }
  return said;
}

/// Writes `name` into the tar header at `at` and sets its checksum right.
void rename_member(std::string& tar, std::size_t at, const std::string& name) {
  tar.replace(at, 100, name + std::string(100 - name.size(), '\0'));
  tar.replace(at + 148, 8, "        ");
  unsigned sum = 0;
  for (std::size_t i = 0; i < kTarBlock; ++i) sum += static_cast<unsigned char>(tar[at + i]);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  tar.replace(at + 148, 7, digits, 7);
}

template <typename Call>
std::string refusal(const Call& call) {
  try {
    call();
  } catch (const PackError& error) {
    return error.message(Language::kEnglish);
  }
  return "";
}

TEST_CASE("verify names everything that is sound", "[pack]") {
  const BundleFolder folder;
  CHECK(verdict(folder.bundle) == "linux/amd64\nlinux/arm64\nshare/genesis.json\n");
}

TEST_CASE("verify finds every byte that was changed where it matters", "[pack]") {
  const BundleFolder folder;
  const std::string sound = folder.content("test.bundle");
  Result<Bundle> bundle = open_bundle(Path(folder.bundle));
  REQUIRE(bundle);
  const auto damaged_at = [&](std::uint64_t offset) {
    std::string content = sound;
    content[offset] = static_cast<char>(content[offset] ^ 1);
    return verdict(folder.file("damaged", content));
  };
  const Slice& arm64 = bundle->index.slices()[1];
  std::uint64_t found = 0;
  for (std::uint64_t i = 0; i < arm64.packed; ++i) {
    CAPTURE(i);
    const std::string said = damaged_at(arm64.offset + i);
    if (said == verdict(folder.bundle)) {
      // zstd's format has a few bits without a meaning: the program is the same.
      extract_slice(folder.path("damaged"), "linux/arm64", folder.path("out"));
      CHECK(folder.content("out") == folder.arm64);
      continue;
    }
    CHECK_THAT(said, Catch::StartsWith("linux/amd64\npixelzx-pack: ") &&
                         Catch::Contains("a program in the bundle is damaged  [PZX-105]"));
    ++found;
  }
  CHECK(found * 10 > arm64.packed * 9);
  for (std::uint64_t i = kTarBlock; sound[i] != '\0'; ++i) {
    CAPTURE(i);
    CHECK_THAT(damaged_at(i), Catch::Contains("[PZX-10"));
  }
  CHECK_THAT(damaged_at(bundle->index.shares()[0].offset), Catch::Contains("share/genesis.json"));
}

TEST_CASE("verify finds what was cut off or added", "[pack]") {
  const BundleFolder folder;
  const std::string sound = folder.content("test.bundle");
  for (const std::size_t missing : {std::size_t{1}, std::size_t{1024}, sound.size() - 600}) {
    CAPTURE(missing);
    CHECK_THAT(verdict(folder.file("cut", sound.substr(0, sound.size() - missing))),
               Catch::Contains("[PZX-106]"));
  }
  CHECK_THAT(verdict(folder.file("longer", sound + "x")), Catch::Contains("goes on after its end"));
  // Some tar programs fill their last record with zeros.
  CHECK_THAT(verdict(folder.file("filled", sound + std::string(512, '\0'))),
             Catch::EndsWith("share/genesis.json\n"));
}

TEST_CASE("verify compares the tar's headers with the index", "[pack]") {
  const BundleFolder folder;
  const std::string sound = folder.content("test.bundle");
  Result<Bundle> bundle = open_bundle(Path(folder.bundle));
  REQUIRE(bundle);
  const std::uint64_t header = bundle->index.slices()[1].offset - kTarBlock;
  std::string other = sound;
  rename_member(other, header, "linux/amd64/v2/hello.zst");
  CHECK_THAT(verdict(folder.file("other", other)),
             Catch::Contains("tar headers contradict its index") &&
                 Catch::Contains("linux/arm64/hello.zst"));
  other = sound;
  other[header + 150] = '7';
  CHECK_THAT(verdict(folder.file("other", other)), Catch::Contains("cannot be read as a tar"));
  // The same header written anew is as good: rename_member does what it should.
  other = sound;
  rename_member(other, header, "linux/arm64/hello.zst");
  CHECK(other == sound);
}

TEST_CASE("verify and extract want the programs themselves", "[pack]") {
  const BundleFolder folder;
  const std::string sound = folder.content("test.bundle");
  const std::string index = sound.substr(kTarBlock, sound.find('\0', kTarBlock) - kTarBlock);
  const std::string installed = folder.file("installed", index);
  CHECK_THAT(verdict(installed), Catch::Contains("index of an installed bundle"));
  CHECK_THAT(refusal([&] { extract_slice(installed, "linux/amd64", folder.path("out")); }),
             Catch::Contains("index of an installed bundle"));
  CHECK_THAT(verdict(folder.path("amd64")), Catch::Contains("[PZX-103]"));
  CHECK_THAT(verdict(folder.path("none")), Catch::Contains("cannot read"));
}

TEST_CASE("extract writes exactly the program that was packed", "[pack]") {
  const BundleFolder folder;
  extract_slice(folder.bundle, "aarch64", folder.path("out"));
  CHECK(folder.content("out") == folder.arm64);
  struct stat status {};
  REQUIRE(stat(folder.path("out").c_str(), &status) == 0);
  CHECK((status.st_mode & 0700) == 0700);
}

TEST_CASE("extract gives no substitute, and keeps what was there", "[pack]") {
  const BundleFolder folder;
  folder.file("out", "old");
  const auto files = folder.files();
  CHECK_THAT(refusal([&] { extract_slice(folder.bundle, "linux/amd64/v3", folder.path("out")); }),
             Catch::Contains("has no program for linux/amd64/v3") &&
                 Catch::Contains("linux/amd64, linux/arm64"));
  CHECK_THROWS_AS(extract_slice(folder.bundle, "amd/64/v3/x", folder.path("out")), PackError);
  std::string damaged = folder.content("test.bundle");
  damaged[open_bundle(Path(folder.bundle))->index.slices()[0].offset + 60] ^= 1;
  folder.file("test.bundle", damaged);
  CHECK_THAT(refusal([&] { extract_slice(folder.bundle, "linux/amd64", folder.path("out")); }),
             Catch::Contains("[PZX-105]"));
  CHECK(folder.content("out") == "old");
  CHECK(folder.files() == files);
}

TEST_CASE("an attached bundle is found, and is as good as it was alone", "[pack]") {
  const BundleFolder folder;
  const std::string launcher = folder.file("launcher", make_elf(kS390x));
  attach_bundle(launcher, folder.bundle, folder.path("one"));
  const std::string one = folder.content("one");
  CHECK(one.starts_with(make_elf(kS390x)));
  CHECK(one.size() == kTarBlock + folder.content("test.bundle").size() + kTrailerSize);
  CHECK(one.substr(kTarBlock, folder.content("test.bundle").size()) ==
        folder.content("test.bundle"));
  CHECK(find_bundle("", Path(folder.path("one")), false)->base == kTarBlock);
  CHECK(verdict(folder.path("one")) == verdict(folder.bundle));
  extract_slice(folder.path("one"), "linux/amd64", folder.path("out"));
  CHECK(folder.content("out") == folder.amd64);

  // From one launcher to another.
  attach_bundle(launcher, folder.path("one"), folder.path("two"));
  CHECK(folder.content("two") == one);
}

TEST_CASE("attach refuses what would not work", "[pack]") {
  const BundleFolder folder;
  const std::string launcher = folder.file("launcher", make_elf(kAmd64));
  attach_bundle(launcher, folder.bundle, folder.path("one"));
  const auto files = folder.files();
  const auto attached = [&](const std::string& to, const std::string& bundle) {
    return refusal([&] { attach_bundle(to, bundle, folder.path("out")); });
  };
  CHECK_THAT(attached(folder.path("one"), folder.bundle), Catch::Contains("attached already"));
  CHECK_THAT(attached(folder.bundle, folder.bundle), Catch::Contains("is not a launcher"));
  CHECK_THAT(attached(launcher, launcher), Catch::Contains("[PZX-103]"));
  const std::string sound = folder.content("test.bundle");
  folder.file("test.bundle", sound.substr(0, sound.size() - 2000));
  CHECK_THAT(attached(launcher, folder.bundle), Catch::Contains("[PZX-106]"));
  CHECK(folder.files() == files);
}

}  // namespace
}  // namespace pixelzx::pack
