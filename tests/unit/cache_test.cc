// SPDX-License-Identifier: Apache-2.0
#include "cache.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "support.h"

namespace pixelzx {
namespace {

using test::Folder;

using Candidates = std::vector<std::pair<std::string, bool>>;

Candidates listed(const CacheVariables& variables) {
  Candidates result;
  for (const auto& candidate : cache_candidates(variables)) {
    result.emplace_back(candidate.path.view(), candidate.create);
  }
  return result;
}

TEST_CASE("the cache directories, best first", "[cache]") {
  CHECK(listed({.pixelzx_cache = {},
                .cache_directory = "/run/cache",
                .xdg_cache_home = "/x",
                .home = "/h"}) == Candidates{{"/run/cache", true},
                                             {"/var/cache/pixelzx", false},
                                             {"/x/pixelzx", true},
                                             {"/h/.cache/pixelzx", true}});
  CHECK(listed({}) == Candidates{{"/var/cache/pixelzx", false}});
  CHECK(listed({.pixelzx_cache = {}, .cache_directory = {}, .xdg_cache_home = {}, .home = "/h"}) ==
        Candidates{{"/var/cache/pixelzx", false}, {"/h/.cache/pixelzx", true}});
}

TEST_CASE("the directory that the operator named stands alone", "[cache]") {
  CHECK(listed({.pixelzx_cache = "/mine",
                .cache_directory = "/run/cache",
                .xdg_cache_home = "/x",
                .home = "/h"}) == Candidates{{"/mine", true}});
  CHECK(listed({.pixelzx_cache = "off",
                .cache_directory = "/run/cache",
                .xdg_cache_home = "/x",
                .home = "/h"})
            .empty());
  CHECK(
      listed({.pixelzx_cache = "./off", .cache_directory = {}, .xdg_cache_home = {}, .home = {}}) ==
      Candidates{{"./off", true}});
}

TEST_CASE("systemd's directories: the first of the list", "[cache]") {
  const auto first = [](std::string_view list) {
    return listed({.pixelzx_cache = {}, .cache_directory = list, .xdg_cache_home = {}, .home = {}})
        .at(0);
  };
  CHECK(first("/a:/b") == std::pair<std::string, bool>{"/a", true});
  CHECK(first("/a") == std::pair<std::string, bool>{"/a", true});
}

TEST_CASE("relative and overlong directories are left out", "[cache]") {
  const Candidates only_system = {{"/var/cache/pixelzx", false}};
  CHECK(listed({.pixelzx_cache = {}, .cache_directory = {}, .xdg_cache_home = "x", .home = "h"}) ==
        only_system);
  const std::string overlong = "/" + std::string(4090, 'd');
  CHECK(listed({.pixelzx_cache = {},
                .cache_directory = {},
                .xdg_cache_home = overlong,
                .home = overlong}) == only_system);
  const std::string far_too_long = "/" + std::string(5000, 'd');
  CHECK(
      listed(
          {.pixelzx_cache = far_too_long, .cache_directory = {}, .xdg_cache_home = {}, .home = {}})
          .empty());
}

TEST_CASE("reasons add up", "[cache]") {
  Reasons reasons;
  CHECK(reasons.text(Language::kEnglish).empty());
  reasons.add("/a", EROFS);
  CHECK(reasons.text(Language::kEnglish).view() == "/a: Read-only file system");
  reasons.add("/b", messages::kNoexec);
  reasons.add("", 9999);
  CHECK(reasons.text(Language::kEnglish).view() ==
        "/a: Read-only file system; /b: mounted noexec; : error 9999");
  CHECK(reasons.text(Language::kKorean).view() ==
        "/a: 읽기 전용 파일 시스템; /b: noexec로 마운트됨; : 오류 9999");
}

TEST_CASE("more reasons than there is room for are cut off, not mixed up", "[cache]") {
  Reasons reasons;
  const std::string place(300, 'p');
  for (int i = 0; i < 20; ++i) reasons.add(place, messages::kNoexec);
  const EvidenceText text = reasons.text(Language::kEnglish);
  CHECK(text.view().starts_with(place + ": mounted noexec; p"));
  CHECK(text.truncated());
}

/// Writes a bundle of one slice, `program` for linux/amd64, and returns its path.
std::string write_bundle(const Folder& folder, const std::string& program) {
  std::string frame(ZSTD_compressBound(program.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), program.data(), program.size(), 3));
  std::string tar = test::tar_member(
      kIndexName,
      test::with_end("pixelzx-bundle 1\nprogram sample 1\nslice linux/amd64 offset=2048 "
                     "packed=" +
                     std::to_string(frame.size()) + " size=" + std::to_string(program.size()) +
                     " sha256=" + std::string(sha256(program).view()) + "\n"));
  tar.resize(2048);
  frame.resize((frame.size() + 511) / 512 * 512);
  return folder.file("bundle", tar + frame);
}

/// An installed bundle of one slice, `program`, beside its index.
class Installed {
 public:
  Installed() {
    bundle_.path = folder_.path("pixelzx.bundle").c_str();
    bundle_.installed = true;
    bundle_.index.program = "program";
    slice_.platform = linux_platform("amd64");
    slice_.size = 4;
    slice_.sha256 = kSha256;
    program_ = folder_.file("slices/" + std::string(kSha256) + "/program", "ELF!");
    chmod(program_.c_str(), 0755);
    chmod(directory().c_str(), 0755);
  }
  [[nodiscard]] std::string directory() const {
    return folder_.path("slices/" + std::string(kSha256));
  }
  [[nodiscard]] const std::string& program() const { return program_; }
  std::string found() {
    why_ = {};
    const std::optional<Path> path = find_installed(bundle_, slice_, why_);
    return path ? std::string(path->view()) : "";
  }
  [[nodiscard]] Text why() const { return why_; }

 private:
  static constexpr std::string_view kSha256 =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  Folder folder_;
  Bundle bundle_;
  Slice slice_;
  std::string program_;
  Text why_;
};

TEST_CASE("an installed program is found beside its index", "[cache]") {
  Installed installed;
  CHECK(installed.found() == installed.program());
  CHECK(installed.why() == Text());
}

TEST_CASE("an installed program that is missing", "[cache]") {
  Installed installed;
  std::filesystem::remove(installed.program());
  CHECK(installed.found().empty());
  CHECK(installed.why() == messages::kMissing);
  std::filesystem::remove(installed.directory());
  CHECK(installed.found().empty());
  CHECK(installed.why() == messages::kMissing);
}

TEST_CASE("an installed program that cannot be trusted", "[cache]") {
  Installed installed;
  SECTION("others may write to it") {
    chmod(installed.program().c_str(), 0757);
  }
  SECTION("the group may write to it") {
    chmod(installed.program().c_str(), 0775);
  }
  SECTION("it is not executable") {
    chmod(installed.program().c_str(), 0644);
  }
  SECTION("others may write to its folder") {
    chmod(installed.directory().c_str(), 0757);
  }
  SECTION("it is too short") {
    std::filesystem::resize_file(installed.program(), 3);
  }
  SECTION("it is too long") {
    std::filesystem::resize_file(installed.program(), 5);
  }
  SECTION("it is a link") {
    std::filesystem::rename(installed.program(), installed.program() + ".real");
    std::filesystem::create_symlink("program.real", installed.program());
  }
  SECTION("its folder is a link") {
    std::filesystem::rename(installed.directory(), installed.directory() + ".real");
    std::filesystem::create_directory_symlink(installed.directory() + ".real",
                                              installed.directory());
  }
  SECTION("it is a folder") {
    std::filesystem::remove(installed.program());
    std::filesystem::create_directory(installed.program());
  }
  SECTION("it belongs to another user") {
    if (geteuid() != 0) return;  // only root can give files away
    REQUIRE(chown(installed.program().c_str(), 12345, 12345) == 0);
  }
  CHECK(installed.found().empty());
  CHECK(installed.why() == messages::kUntrusted);
}

/// A cache directory, and a bundle of one slice, linux/amd64, to unpack into it.
class Cached {
 public:
  Cached() : bundle_(open_bundle(write_bundle(folder_, program_).c_str())) {
    folder_.directory("cache");
    chmod(path().c_str(), 0700);
    candidate.path = path().c_str();
    candidate.create = true;
  }

  CacheCandidates::Candidate candidate;
  Reasons reasons;

  [[nodiscard]] std::string path() const { return folder_.path("cache"); }
  [[nodiscard]] std::string entry() const {
    return path() + "/" + std::string(sha256(program_).view());
  }
  [[nodiscard]] std::string program() const { return entry() + "/sample"; }
  [[nodiscard]] const std::string& content() const { return program_; }
  std::string found() { return text(find_in_cache(candidate, *bundle_, slice())); }
  std::string filled() {
    Result<std::optional<Path>> path = fill_cache(candidate, *bundle_, slice(), reasons);
    REQUIRE(path);
    return text(*path);
  }
  std::string why() const { return std::string(reasons.text(Language::kEnglish).view()); }

 private:
  static std::string text(const std::optional<Path>& path) {
    return path ? std::string(path->view()) : "";
  }
  const Slice& slice() { return bundle_->index.slices()[0]; }

  Folder folder_;
  std::string program_ = test::ElfFile{}.bytes();
  Result<Bundle> bundle_;
};

TEST_CASE("what is not in the cache is unpacked into it once", "[cache]") {
  Cached cached;
  CHECK(cached.found().empty());
  CHECK(std::filesystem::is_empty(cached.path()));  // to look changes nothing
  CHECK(cached.filled() == cached.program());
  CHECK(cached.found() == cached.program());
  CHECK(test::content_of(cached.program()) == cached.content());
  CHECK(std::filesystem::status(cached.program()).permissions() ==
        static_cast<std::filesystem::perms>(0555));
  CHECK(cached.why().empty());
}

TEST_CASE("a bad entry of the cache is replaced", "[cache]") {
  Cached cached;
  REQUIRE_FALSE(cached.filled().empty());
  SECTION("it is too short") {
    std::filesystem::resize_file(cached.program(), 3);
  }
  SECTION("others may write to it") {
    chmod(cached.program().c_str(), 0757);
  }
  SECTION("it is a link") {
    std::filesystem::rename(cached.program(), cached.program() + ".real");
    std::filesystem::create_symlink("sample.real", cached.program());
  }
  SECTION("others may write to its folder") {
    chmod(cached.entry().c_str(), 0777);
  }
  SECTION("a file is in the place of its folder") {
    std::filesystem::remove_all(cached.entry());
    std::ofstream(cached.entry()) << "file";
  }
  CHECK(cached.found().empty());
  CHECK(cached.filled() == cached.program());
  CHECK(cached.found() == cached.program());
  CHECK(test::content_of(cached.program()) == cached.content());
}

TEST_CASE("the state of an entry", "[cache]") {
  Cached cached;
  const std::string folder = std::filesystem::path(cached.entry()).filename();
  const Fd directory = open_file(AT_FDCWD, cached.path().c_str(), O_RDONLY | O_DIRECTORY);
  const auto state = [&] {
    return entry_state(directory.get(), folder.c_str(), "sample", cached.content().size());
  };
  CHECK(state() == EntryState::kMissing);
  REQUIRE_FALSE(cached.filled().empty());
  CHECK(state() == EntryState::kGood);
  CHECK(entry_state(directory.get(), folder.c_str(), "other", cached.content().size()) ==
        EntryState::kMissing);
  chmod(cached.program().c_str(), 0444);
  CHECK(state() == EntryState::kBad);
}

TEST_CASE("a cache directory that others may write to is not used", "[cache]") {
  Cached cached;
  chmod(cached.path().c_str(), 0777);
  CHECK(cached.filled().empty());
  CHECK(cached.why() == cached.path() + ": belongs to another user, or others may write to it");
  CHECK_FALSE(is_usable_cache(cached.candidate, 1, cached.reasons));
  CHECK(std::filesystem::is_empty(cached.path()));
  // Nor is what lies in it, however good that looks.
  chmod(cached.path().c_str(), 0700);
  REQUIRE_FALSE(cached.filled().empty());
  chmod(cached.path().c_str(), 0777);
  CHECK(cached.found().empty());
}

TEST_CASE("whether a cache could be filled is seen without creating anything", "[cache]") {
  Cached cached;
  CHECK(is_usable_cache(cached.candidate, 1 << 20, cached.reasons));
  cached.candidate.path = (cached.path() + "/not/there/yet").c_str();
  CHECK(is_usable_cache(cached.candidate, 1 << 20, cached.reasons));
  CHECK(cached.why().empty());
  CHECK(std::filesystem::is_empty(cached.path()));
  CHECK_FALSE(is_usable_cache(cached.candidate, std::uint64_t{1} << 60, cached.reasons));
  CHECK(cached.why() == cached.path() + "/not/there/yet: No space left on device");
}

TEST_CASE("a cache directory that is not to be made and not there is no reason", "[cache]") {
  Cached cached;
  cached.candidate.path = (cached.path() + "/missing").c_str();
  cached.candidate.create = false;
  CHECK_FALSE(is_usable_cache(cached.candidate, 1, cached.reasons));
  CHECK(cached.filled().empty());
  CHECK(cached.found().empty());
  CHECK(cached.why().empty());
}

TEST_CASE("a cache directory that is a file", "[cache]") {
  Cached cached;
  const std::string file = cached.path() + "/file";
  std::ofstream(file) << "content";
  cached.candidate.path = file.c_str();
  CHECK(cached.filled().empty());
  CHECK(cached.why() == file + ": Not a directory");
  CHECK_FALSE(is_usable_cache(cached.candidate, 1, cached.reasons));
}

}  // namespace
}  // namespace pixelzx
