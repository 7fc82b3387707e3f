// SPDX-License-Identifier: Apache-2.0
#include "cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
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
  Reasons reasons(Language::kEnglish);
  CHECK(reasons.view().empty());
  reasons.add("/a", EROFS);
  CHECK(reasons.view() == "/a: Read-only file system");
  reasons.add("/b", messages::kNoexec);
  reasons.add("/c", "anything");
  CHECK(reasons.view() == "/a: Read-only file system; /b: mounted noexec; /c: anything");
  Reasons korean(Language::kKorean);
  korean.add("/b", messages::kNoexec);
  CHECK(korean.view() == "/b: " + std::string(messages::kNoexec.korean));
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
    why_ = nullptr;
    const std::optional<Path> path = find_installed(bundle_, slice_, why_);
    return path ? std::string(path->view()) : "";
  }
  [[nodiscard]] const Text* why() const { return why_; }

 private:
  static constexpr std::string_view kSha256 =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  Folder folder_;
  Bundle bundle_;
  Slice slice_;
  std::string program_;
  const Text* why_ = nullptr;
};

TEST_CASE("an installed program is found beside its index", "[cache]") {
  Installed installed;
  CHECK(installed.found() == installed.program());
  CHECK(installed.why() == nullptr);
}

TEST_CASE("an installed program that is missing", "[cache]") {
  Installed installed;
  std::filesystem::remove(installed.program());
  CHECK(installed.found().empty());
  CHECK(installed.why() == &messages::kMissing);
  std::filesystem::remove(installed.directory());
  CHECK(installed.found().empty());
  CHECK(installed.why() == &messages::kMissing);
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
  CHECK(installed.why() == &messages::kUntrusted);
}

}  // namespace
}  // namespace pixelzx
