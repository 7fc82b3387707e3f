// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <catch2/catch.hpp>

#include "elf.h"
#include "pack/create.h"
#include "pack/layout.h"
#include "pack/list.h"
#include "pack/pack_error.h"
#include "pack/program.h"
#include "pack/verify.h"
#include "pack_samples.h"
#include "unpack.h"

namespace pixelzx::pack {
namespace {

const Platform kLabelAmd64 = linux_platform("amd64");

CreateOptions options_for(const Folder& folder) {
  CreateOptions options;
  options.program = "hello";
  options.version = "1.0";
  options.level = 3;
  options.output = folder.path("out.bundle");
  return options;
}

std::string unpacked(const Bundle& bundle, const Slice& slice, const Folder& folder) {
  const std::string path = folder.file("unpacked", "");
  const Fd file = open_file(AT_FDCWD, path.c_str(), O_RDWR | O_TRUNC);
  const Unpacked result = unpack_slice(bundle, slice, file.get());
  CHECK(result.status == UnpackStatus::kDone);
  return folder.content("unpacked");
}

/// 30,000 bytes that do not compress.
std::string noise() {
  std::string bytes;
  for (unsigned i = 0; i < 30'000; ++i) bytes += static_cast<char>(i * i * 2654435761u >> 13);
  return bytes;
}

/// What `create` says when it is given `options`, and that it leaves nothing behind.
std::string refusal(const CreateOptions& options, const Folder& folder) {
  const auto files = folder.files();
  try {
    create_bundle(options);
  } catch (const PackError& error) {
    CHECK(folder.files() == files);
    return error.message(Language::kEnglish);
  }
  return "";
}

/// What is wrong with `content` as a program for `label`; empty when nothing is.
std::string fault(const std::string& content, const Platform& label, bool allow_dynamic = false) {
  try {
    check_program(content, "FILE", label, allow_dynamic);
  } catch (const PackError& error) {
    return error.message(Language::kEnglish);
  }
  return "";
}

TEST_CASE("what create packs is what a launcher unpacks", "[pack]") {
  const Folder folder;
  const std::vector<std::pair<std::string, Sample>> samples = {
      {"linux/amd64", kAmd64},     {"linux/arm/v7", kArm},      {"linux/arm64", kArm64},
      {"linux/ppc64le", kPpc64le}, {"linux/riscv64", kRiscv64}, {"linux/s390x", kS390x}};
  CreateOptions options = options_for(folder);
  options.own_name = true;
  options.shares = {folder.file("genesis.json", "{}"), folder.file("empty", "")};
  std::vector<std::string> programs;
  for (const auto& [platform, sample] : samples) {
    programs.push_back(make_elf(sample, std::string(100'000, 'x') + platform));
    options.programs.emplace_back(platform,
                                  folder.file(std::to_string(programs.size()), programs.back()));
  }
  create_bundle(options);

  Result<Bundle> bundle = open_bundle(Path(options.output));
  REQUIRE(bundle);
  CHECK(bundle->index.program == "hello");
  CHECK(bundle->index.own_name);
  CHECK_FALSE(bundle->index.doctor);
  REQUIRE(bundle->index.slices().size() == samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Slice& slice = bundle->index.slices()[i];
    CHECK(to_text(slice.platform).view() == samples[i].first);
    CHECK(unpacked(*bundle, slice, folder) == programs[i]);
  }
  const std::string file = folder.content("out.bundle");
  REQUIRE(bundle->index.shares().size() == 2);
  const Share& genesis = bundle->index.shares()[1];
  CHECK(file.substr(genesis.offset, genesis.size) == "{}");
  CHECK(file.size() == whole_blocks(bundle->index.end) + kTarEnd);
}

TEST_CASE("the order of arguments makes no difference, the date does", "[pack]") {
  const Folder folder;
  const std::string arm64 = folder.file("arm64", make_elf(kArm64));
  const std::string amd64 = folder.file("amd64", make_elf(kAmd64));
  const std::string a = folder.file("a.txt", "a");
  const std::string b = folder.file("b.txt", "b");
  CreateOptions options = options_for(folder);
  options.programs = {{"linux/arm64", arm64}, {"linux/amd64", amd64}};
  options.shares = {a, b};
  create_bundle(options);
  const std::string first = folder.content("out.bundle");
  options.programs = {{"x86_64", amd64}, {"linux/aarch64/v8", arm64}};
  options.shares = {b, a};
  create_bundle(options);
  CHECK(folder.content("out.bundle") == first);
  options.mtime = 1;
  create_bundle(options);
  CHECK(folder.content("out.bundle") != first);
  CHECK(folder.content("out.bundle").size() == first.size());
}

TEST_CASE("a slice can be compressed against another, wherever that one's name sorts", "[pack]") {
  const Folder folder;
  const std::string shared = noise();
  const std::string amd64 = make_elf(kAmd64, shared);
  CreateOptions options = options_for(folder);
  options.programs = {{"linux/amd64", folder.file("amd64", amd64)},
                      {"linux/arm64", folder.file("arm64", make_elf(kArm64, shared))},
                      {"linux/amd64/v3", folder.file("v3", amd64)}};
  options.prefixes = {{"linux/amd64", "linux/arm64"}, {"linux/amd64/v3", "linux/arm64"}};
  create_bundle(options);
  Result<Bundle> bundle = open_bundle(Path(options.output));
  REQUIRE(bundle);
  const Slice* slice = bundle->index.find(kLabelAmd64);
  REQUIRE(slice != nullptr);
  CHECK(slice->prefix == linux_platform("arm64"));
  CHECK(slice->packed < 1000);
  CHECK(bundle->index.find(linux_platform("arm64"))->packed > 10'000);
  CHECK(unpacked(*bundle, *slice, folder) == amd64);
}

/// One program for each of two platforms, with much in common, and what `create` makes of them.
struct Related {
  Folder folder;
  CreateOptions options = options_for(folder);
  std::string shared = noise();
  std::vector<std::string> programs = {make_elf(kAmd64, shared + "amd64"),
                                       make_elf(kArm64, shared + "arm64")};

  Related() {
    options.programs = {{"linux/amd64", folder.file("amd64", programs[0])},
                        {"linux/arm64", folder.file("arm64", programs[1])}};
  }
};

TEST_CASE("what programs have in common is packed once", "[pack]") {
  Related related;
  create_bundle(related.options);
  Result<Bundle> bundle = open_bundle(Path(related.options.output));
  REQUIRE(bundle);
  const Index& index = bundle->index;
  CHECK(index.common.size >= related.shared.size());
  CHECK(index.common.size < related.shared.size() + 200);
  REQUIRE(index.slices().size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const Slice& slice = index.slices()[i];
    CHECK(slice.uses_common);
    CHECK(slice.packed < 1000);
    CHECK(unpacked(*bundle, slice, related.folder) == related.programs[i]);
  }
}

TEST_CASE("damage to what slices have in common is found", "[pack]") {
  Related related;
  create_bundle(related.options);
  std::string bytes = related.folder.content("out.bundle");
  Result<Bundle> bundle = open_bundle(Path(related.options.output));
  REQUIRE(bundle);
  const auto verified = [&related, &bytes] {
    const std::string path = related.folder.file("damaged", bytes);
    try {
      verify_bundle(path, [](std::string_view) {});
    } catch (const PackError&) {
      return false;
    }
    return true;
  };
  CHECK(verified());
  for (const std::uint64_t at : {0U, 100U, 9000U}) {
    bytes[bundle->index.common.offset + at] ^= 1;
    CHECK_FALSE(verified());
    bytes[bundle->index.common.offset + at] ^= 1;
  }
}

TEST_CASE("slices of programs that have not changed can be taken from another bundle", "[pack]") {
  Related related;
  Folder& folder = related.folder;
  CHECK(create_bundle(related.options).bytes ==
        related.programs[0].size() + related.programs[1].size());
  const std::string first = folder.content("out.bundle");
  CreateOptions again = related.options;
  again.reuse = folder.file("old.bundle", first);
  CHECK(create_bundle(again).bytes == 0);
  CHECK((folder.content("out.bundle") == first));

  SECTION("the level of the old one stays") {
    again.level = 19;
    create_bundle(again);
    CHECK((folder.content("out.bundle") == first));
  }
  SECTION("a changed program is compressed, against what the old ones had in common") {
    const std::string changed = make_elf(kArm64, related.shared + "changed");
    folder.file("arm64", changed);
    CHECK(create_bundle(again).bytes == changed.size());
    Result<Bundle> bundle = open_bundle(Path(again.output));
    REQUIRE(bundle);
    CHECK(unpacked(*bundle, bundle->index.slices()[0], folder) == related.programs[0]);
    CHECK(unpacked(*bundle, bundle->index.slices()[1], folder) == changed);
    CHECK(bundle->index.slices()[1].packed < 1000);
  }
  SECTION("not those that another is compressed against, or the other way round") {
    again.prefixes = {{"linux/arm64", "linux/amd64"}};
    CHECK(create_bundle(again).bytes == related.programs[0].size() + related.programs[1].size());
  }
  SECTION("damage in the old one is an error") {
    std::string damaged = first;
    Result<Bundle> bundle = open_bundle(Path(again.output));
    REQUIRE(bundle);
    const Slice& slice = bundle->index.slices()[0];
    damaged[slice.offset + slice.packed / 2] ^= 1;
    again.reuse = folder.file("damaged.bundle", damaged);
    CHECK_FALSE(refusal(again, folder).empty());
  }
}

TEST_CASE("prefixes that no launcher could follow are refused", "[pack]") {
  const Folder folder;
  CreateOptions options = options_for(folder);
  const std::string amd64 = folder.file("amd64", make_elf(kAmd64));
  options.programs = {{"linux/amd64", amd64}, {"linux/amd64/v2", amd64}, {"linux/amd64/v3", amd64}};
  options.prefixes = {{"linux/amd64", "linux/arm64"}};
  CHECK_THAT(refusal(options, folder), Catch::Contains("names linux/arm64, which is not packed"));
  options.prefixes = {{"linux/arm64", "linux/amd64"}};
  CHECK_THAT(refusal(options, folder), Catch::Contains("names linux/arm64, which is not packed"));
  options.prefixes = {{"linux/amd64", "linux/amd64"}};
  CHECK_THAT(refusal(options, folder), Catch::Contains("does not stand alone"));
  options.prefixes = {{"linux/amd64/v3", "linux/amd64/v2"}, {"linux/amd64/v2", "linux/amd64"}};
  CHECK_THAT(refusal(options, folder), Catch::Contains("linux/amd64/v2 does not stand alone"));
  options.prefixes = {{"linux/amd64/v3", "linux/amd64/v2"}, {"linux/amd64/v3", "linux/amd64"}};
  CHECK_THAT(refusal(options, folder), Catch::Contains("two --prefix for linux/amd64/v3"));
}

TEST_CASE("a frame tells its size, has a checksum, and fits a launcher at every level", "[pack]") {
  std::string content;
  for (std::size_t i = 0; content.size() < (9u << 20); ++i) content += std::to_string(i % 251);
  std::size_t done = 0;
  const std::string frame =
      compress(content, {}, kHighestLevel, [&done](std::size_t bytes) { done += bytes; });
  CHECK(done == content.size());
  CHECK(ZSTD_getFrameContentSize(frame.data(), frame.size()) == content.size());
  CHECK((frame[4] & 4) != 0);  // Content_Checksum_flag, RFC 8878 3.1.1.1.1

  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     &ZSTD_freeDCtx);
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  std::string decoded(content.size() + 1, '\0');
  ZSTD_outBuffer out{decoded.data(), decoded.size(), 0};
  ZSTD_inBuffer in{frame.data(), frame.size(), 0};
  std::size_t left = 1;
  while (left != 0 && ZSTD_isError(left) == 0) {
    left = ZSTD_decompressStream(context.get(), &out, &in);
  }
  CHECK(left == 0);
  decoded.resize(out.pos);
  CHECK((decoded == content));
}

TEST_CASE("a slice that contradicts its label is refused with the diagnosis of the launcher",
          "[pack]") {
  CHECK(fault(make_elf(kAmd64), kLabelAmd64).empty());
  const std::string other = fault(make_elf(kArm64), kLabelAmd64);
  CHECK_THAT(other, Catch::Contains("FILE is not a program for linux/amd64  [PZX-108]"));
  CHECK_THAT(other, Catch::Contains("labelled linux/amd64, but its ELF header says linux/arm64"));
  CHECK_THAT(fault(make_elf(kAmd64), linux_platform("s390x")), Catch::Contains("[PZX-108]"));
  Sample elfv1 = kPpc64le;
  elfv1.e_flags = 1;
  CHECK_THAT(fault(make_elf(elfv1), linux_platform("ppc64le")),
             Catch::Contains("[PZX-108]") && Catch::Contains("ABI"));
  Sample unknown;
  unknown.e_machine = 999;
  CHECK_THAT(fault(make_elf(unknown), kLabelAmd64), Catch::Contains("e_machine 999"));
}

TEST_CASE("what is no whole static program is refused", "[pack]") {
  CHECK_THAT(fault("#!/bin/sh\n", kLabelAmd64), Catch::Contains("FILE is not a Linux program"));
  CHECK_THAT(fault("\177ELF", kLabelAmd64), Catch::Contains("FILE is not a Linux program"));
  const std::string whole = make_elf(kAmd64);
  for (const std::size_t size : {40u, 70u, 125u}) {
    CHECK_THAT(fault(whole.substr(0, size), kLabelAmd64), Catch::Contains("FILE is cut off"));
  }
  Sample sample;
  sample.e_type = ET_REL;
  CHECK_THAT(fault(make_elf(sample), kLabelAmd64), Catch::Contains("is an object file"));
  sample.e_type = ET_CORE;
  CHECK_THAT(fault(make_elf(sample), kLabelAmd64), Catch::Contains("its e_type is 4"));
  sample.e_type = ET_DYN;
  CHECK_THAT(fault(make_elf(sample), kLabelAmd64), Catch::Contains("is a shared library"));
  sample.interpreter = "/lib/ld.so";
  CHECK_THAT(fault(make_elf(sample), kLabelAmd64),
             Catch::Contains("is dynamically linked") && Catch::Contains("/lib/ld.so"));
  CHECK(fault(make_elf(sample), kLabelAmd64, true).empty());
}

TEST_CASE("labels are platforms that a launcher chooses", "[pack]") {
  CHECK(to_text(parse_slice_platform("aarch64")).view() == "linux/arm64");
  CHECK(to_text(parse_slice_platform("linux/x86_64/v1")).view() == "linux/amd64");
  for (const char* text : {"linux/amd64/v2", "linux/amd64/v4", "linux/arm/v5", "linux/arm/v8",
                           "linux/arm64/v8.1", "linux/arm64/v9", "linux/arm64/v9.2", "linux/386",
                           "linux/riscv64", "linux/ppc64le", "linux/s390x", "linux/loong64"}) {
    CHECK(to_text(parse_slice_platform(text)).view() == text);
  }
  for (const char* text :
       {"", "linux", "linux/", "windows/amd64", "linux/foo", "linux/amd64/v5", "linux/amd64/v",
        "linux/amd64/v33", "linux/arm/v4", "linux/arm/v77", "linux/arm64/v7", "linux/arm64/v8.",
        "linux/arm64/v10", "amd64/v3", "linux/riscv64/v2", "linux/arm64/v8/x", "linux amd64"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_slice_platform(text), PackError);
  }
}

TEST_CASE("inputs that cannot be packed are refused by name, and nothing is left behind",
          "[pack]") {
  const Folder folder;
  CreateOptions options = options_for(folder);
  const std::string amd64 = folder.file("amd64", make_elf(kAmd64));
  const auto with = [&](const std::string& platform, const std::string& path) {
    options.programs = {{platform, path}};
    return refusal(options, folder);
  };
  CHECK_THAT(
      with("linux/amd64", folder.path("none")),
      Catch::Contains("cannot read " + folder.path("none")) && Catch::Contains("No such file"));
  CHECK_THAT(with("linux/amd64", folder.file("empty", "")), Catch::Contains("empty is empty"));
  CHECK_THAT(with("linux/amd64", folder.path("")), Catch::Contains("Is a directory"));
  CHECK_THAT(with("windows/amd64", amd64), Catch::Contains("'windows/amd64' is not a platform"));

  options.programs = {{"linux/amd64", amd64}, {"x86_64", amd64}};
  CHECK_THAT(refusal(options, folder), Catch::Contains("two programs for linux/amd64") &&
                                           Catch::Contains("linux/amd64=" + amd64) &&
                                           Catch::Contains("x86_64=" + amd64));
  options.programs.assign(kMaxSlices + 1, {"linux/amd64", amd64});
  CHECK_THAT(refusal(options, folder), Catch::Contains("33 programs are too many"));

  const std::string large = folder.file("large", "");
  REQUIRE(truncate(large.c_str(), static_cast<off_t>(kMaxSliceSize) + 1) == 0);
  CHECK_THAT(with("linux/amd64", large), Catch::Contains("too large"));

  options = options_for(folder);
  options.programs = {{"linux/amd64", amd64}};
  options.shares = {folder.file("a b", "")};
  CHECK_THAT(refusal(options, folder), Catch::Contains("cannot keep its name"));
  options.shares = {amd64, amd64};
  CHECK_THAT(refusal(options, folder), Catch::Contains("two files would be share/amd64"));
  options.shares.assign(kMaxShares + 1, amd64);
  CHECK_THAT(refusal(options, folder), Catch::Contains("65 shared files are too many"));
  options.shares.clear();
  options.program = "../hello";
  CHECK_THAT(refusal(options, folder), Catch::Contains("cannot be a program's name"));
  options.program = "hello";
  options.version = "1 0";
  CHECK_THAT(refusal(options, folder), Catch::Contains("cannot be a version"));
}

TEST_CASE("a failed create leaves the old bundle alone", "[pack]") {
  const Folder folder;
  CreateOptions options = options_for(folder);
  options.programs = {{"linux/amd64", folder.file("amd64", make_elf(kAmd64))}};
  create_bundle(options);
  const std::string before = folder.content("out.bundle");
  options.programs = {{"linux/arm64", folder.path("amd64")}};
  CHECK_THAT(refusal(options, folder), Catch::Contains("[PZX-108]"));
  CHECK(folder.content("out.bundle") == before);
}

TEST_CASE("an output is a regular file, or what a link leads to", "[pack]") {
  const Folder folder;
  CreateOptions options = options_for(folder);
  options.programs = {{"linux/amd64", folder.file("amd64", make_elf(kAmd64))}};
  options.output = "/dev/null";
  CHECK_THAT(refusal(options, folder), Catch::Contains("will not replace /dev/null"));
  options.output = folder.path("no/such/folder");
  CHECK_THAT(refusal(options, folder), Catch::Contains("cannot write"));

  folder.file("real.bundle", "old");
  std::filesystem::create_symlink("real.bundle", folder.path("link"));
  options.output = folder.path("link");
  create_bundle(options);
  CHECK(std::filesystem::is_symlink(folder.path("link")));
  CHECK(open_bundle(Path(folder.path("real.bundle"))));
  struct stat status {};
  REQUIRE(stat(folder.path("real.bundle").c_str(), &status) == 0);
  const mode_t mask = umask(0);
  umask(mask);
  CHECK((status.st_mode & 07777) == (0644 & ~mask));
}

TEST_CASE("a bundle can be listed for people and for programs", "[pack]") {
  const Folder folder;
  CreateOptions options = options_for(folder);
  options.programs = {
      {"linux/amd64", folder.file("amd64", make_elf(kAmd64, std::string(5000, '.')))}};
  options.shares = {folder.file("genesis.json", "{}")};
  options.doctor = true;
  create_bundle(options);
  const BundleFile file = open_bundle_file(options.output);
  const std::string text = list_text(file, Language::kEnglish);
  CHECK_THAT(text, Catch::StartsWith("hello 1.0\noptions: doctor\n"));
  CHECK_THAT(text, Catch::Contains("linux/amd64         5,121"));
  CHECK_THAT(text, Catch::Contains("share/genesis.json      2"));
  CHECK_THAT(list_text(file, Language::kKorean), Catch::Contains("플랫폼"));
  const std::string json = list_json(file);
  CHECK_THAT(json, Catch::Contains("\"platform\": \"linux/amd64\"") &&
                       Catch::Contains("\"size\": 5121") && Catch::Contains("\"doctor\""));
}

}  // namespace
}  // namespace pixelzx::pack
