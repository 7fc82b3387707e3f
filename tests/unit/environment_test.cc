// SPDX-License-Identifier: Apache-2.0
#include "environment.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pixelzx {
namespace {

/// An environment as main gets it.
class Variables {
 public:
  explicit Variables(std::vector<std::string> entries) : entries_(std::move(entries)) {
    for (std::string& entry : entries_) pointers_.push_back(entry.data());
    pointers_.push_back(nullptr);
  }
  [[nodiscard]] char* const* envp() const { return pointers_.data(); }

 private:
  std::vector<std::string> entries_;
  std::vector<char*> pointers_;
};

TEST_CASE("the launcher's variables", "[environment]") {
  const Variables variables({"PATH=/bin", "PIXELZX_PLATFORM=linux/arm64", "PIXELZX_BUNDLE=/b",
                             "PIXELZX_RUN=/r", "PIXELZX_CACHE=/c", "PIXELZX_TRACE=json",
                             "CACHE_DIRECTORY=/d", "XDG_CACHE_HOME=/x", "HOME=/h",
                             "LANG=ko_KR.UTF-8"});
  const Environment environment = read_environment(variables.envp(), false);
  CHECK(environment.platform == "linux/arm64");
  CHECK(environment.bundle == "/b");
  CHECK(environment.run == "/r");
  CHECK(environment.trace == TraceFormat::kJson);
  CHECK(environment.cache.pixelzx_cache == "/c");
  CHECK(environment.cache.cache_directory == "/d");
  CHECK(environment.cache.xdg_cache_home == "/x");
  CHECK(environment.cache.home == "/h");
  CHECK(environment.language == Language::kKorean);
}

TEST_CASE("an empty environment", "[environment]") {
  const Environment environment = read_environment(Variables({}).envp(), false);
  CHECK(environment.platform.empty());
  CHECK(environment.bundle.empty());
  CHECK(environment.run.empty());
  CHECK(environment.trace == TraceFormat::kNone);
  CHECK(environment.cache.pixelzx_cache.empty());
  CHECK(environment.cache.cache_directory.empty());
  CHECK(environment.cache.xdg_cache_home.empty());
  CHECK(environment.cache.home.empty());
  CHECK(environment.language == Language::kEnglish);
}

TEST_CASE("a set-uid start takes nothing but the language", "[environment]") {
  const Variables variables({"PIXELZX_PLATFORM=linux/arm64", "PIXELZX_BUNDLE=/b", "PIXELZX_RUN=/r",
                             "PIXELZX_CACHE=/c", "PIXELZX_TRACE=json", "CACHE_DIRECTORY=/d",
                             "XDG_CACHE_HOME=/x", "HOME=/h", "LC_ALL=ko"});
  const Environment environment = read_environment(variables.envp(), true);
  CHECK(environment.platform.empty());
  CHECK(environment.bundle.empty());
  CHECK(environment.run.empty());
  CHECK(environment.trace == TraceFormat::kNone);
  CHECK(environment.cache.pixelzx_cache.empty());
  CHECK(environment.cache.cache_directory.empty());
  CHECK(environment.cache.xdg_cache_home.empty());
  CHECK(environment.cache.home.empty());
  CHECK(environment.language == Language::kKorean);
}

TEST_CASE("auto is no platform to insist on", "[environment]") {
  CHECK(read_environment(Variables({"PIXELZX_PLATFORM=auto"}).envp(), false).platform.empty());
  CHECK(read_environment(Variables({"PIXELZX_PLATFORM="}).envp(), false).platform.empty());
  CHECK(read_environment(Variables({"PIXELZX_PLATFORM=AUTO"}).envp(), false).platform == "AUTO");
}

TEST_CASE("a trace is text or JSON, or none", "[environment]") {
  const auto trace = [](const std::string& value) {
    return read_environment(Variables({"PIXELZX_TRACE=" + value}).envp(), false).trace;
  };
  CHECK(trace("json") == TraceFormat::kJson);
  CHECK(trace("text") == TraceFormat::kText);
  for (const char* other : {"", "JSON", "1", "json ", "yes"}) {
    CHECK(trace(other) == TraceFormat::kNone);
  }
}

TEST_CASE("names are compared whole", "[environment]") {
  const Variables variables({"PIXELZX_BUNDLES=/a", "XPIXELZX_BUNDLE=/b", "PIXELZX_BUNDLE",
                             "=PIXELZX_BUNDLE=/c", "PIXELZX_BUNDLE=/first=value",
                             "PIXELZX_BUNDLE=/second"});
  CHECK(read_environment(variables.envp(), false).bundle == "/first=value");
}

std::vector<std::string_view> listed(char* const* envp) {
  std::vector<std::string_view> result;
  for (; *envp != nullptr; ++envp) result.emplace_back(*envp);
  return result;
}

TEST_CASE("the program gets the environment and two variables more", "[environment]") {
  const Variables variables({"A=1", "", "no equals sign", "B=two words\nand a line", "A=again"});
  ProgramEnvironment environment(variables.envp());
  char* const* envp = environment.with("linux/arm/v7", 1234);
  REQUIRE(envp != nullptr);
  CHECK(listed(envp) ==
        std::vector<std::string_view>{"PIXELZX_SLICE=linux/arm/v7", "PIXELZX_LAUNCH_US=1234", "A=1",
                                      "", "no equals sign", "B=two words\nand a line", "A=again"});
  // A second slice is tried when the kernel refuses the first.
  CHECK(listed(environment.with("linux/arm64", 5)).at(0) == "PIXELZX_SLICE=linux/arm64");
  CHECK(listed(environment.with("linux/arm64", 5)).at(1) == "PIXELZX_LAUNCH_US=5");
  CHECK(listed(environment.with("linux/arm64", 5)).size() == 7);
}

TEST_CASE("variables of a launcher further up are replaced", "[environment]") {
  const Variables variables({"PIXELZX_LAUNCH_US=9", "PIXELZX_SLICED=kept", "PIXELZX_SLICE=old",
                             "PIXELZX_PLATFORM=linux/arm64"});
  ProgramEnvironment environment(variables.envp());
  CHECK(listed(environment.with("linux/s390x", 0)) ==
        std::vector<std::string_view>{"PIXELZX_SLICE=linux/s390x", "PIXELZX_LAUNCH_US=0",
                                      "PIXELZX_SLICED=kept", "PIXELZX_PLATFORM=linux/arm64"});
}

TEST_CASE("the longest values fit", "[environment]") {
  const std::string longest =
      std::string(15, 'o') + "/" + std::string(15, 'a') + "/" + std::string(15, 'v');
  const Variables variables({});
  ProgramEnvironment environment(variables.envp());
  const auto entries = listed(environment.with(longest, ~std::uint64_t{0}));
  CHECK(entries.at(0) == "PIXELZX_SLICE=" + longest);
  CHECK(entries.at(1) == "PIXELZX_LAUNCH_US=18446744073709551615");
}

}  // namespace
}  // namespace pixelzx
