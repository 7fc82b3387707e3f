// SPDX-License-Identifier: Apache-2.0
#include "node/version.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "node/target.h"

namespace pixelzx::node {
namespace {

constexpr BuildInfo kInfo{
    .version = "1.0.0",
    .build_time = "2026-11-24T10:30:45Z",
    .commit = "abc123def456",
    .branch = "main",
    .platform = "linux/arm64",
    .compiler = "gcc 12.2.0",
};

TEST_CASE("the banner is the one operators know, in Korean", "[node][version]") {
  CHECK(version_banner(kInfo, Language::kKorean) ==
        "🚀 PIXELZX POS EVM Chain\n"
        "════════════════════════════════════════════════════════════════\n"
        "📦 버전 정보:\n"
        "  버전: v1.0.0\n"
        "  빌드: 2026-11-24T10:30:45Z\n"
        "  커밋: abc123def456 (main)\n"
        "  플랫폼: linux/arm64\n"
        "  컴파일러: gcc 12.2.0\n");
}

TEST_CASE("the banner in English", "[node][version]") {
  CHECK(version_banner(kInfo, Language::kEnglish) ==
        "🚀 PIXELZX POS EVM Chain\n"
        "════════════════════════════════════════════════════════════════\n"
        "📦 Version information:\n"
        "  Version: v1.0.0\n"
        "  Build: 2026-11-24T10:30:45Z\n"
        "  Commit: abc123def456 (main)\n"
        "  Platform: linux/arm64\n"
        "  Compiler: gcc 12.2.0\n");
}

TEST_CASE("the short form is the version alone", "[node][version]") {
  CHECK(version_short(kInfo) == "v1.0.0\n");
}

TEST_CASE("the JSON form is one line with every field", "[node][version]") {
  CHECK(version_json(kInfo) ==
        R"({"name":"pixelzx","version":"1.0.0","build_time":"2026-11-24T10:30:45Z",)"
        R"("commit":"abc123def456","branch":"main","platform":"linux/arm64",)"
        R"("compiler":"gcc 12.2.0"})"
        "\n");
}

TEST_CASE("JSON stays valid whatever the branch is called", "[node][version]") {
  BuildInfo info = kInfo;
  info.branch = "say-\"hi\"-\xff";
  const std::string line = version_json(info);
  CHECK(line.find('\n') == line.size() - 1);
  CHECK(nlohmann::json::parse(line).at("branch") == "say-\"hi\"-\xEF\xBF\xBD");
}

TEST_CASE("the compiler says which platform this is", "[node][version]") {
  const std::string_view platform = target_platform();
#if defined(__x86_64__)
  CHECK(platform.substr(0, platform.find("/v")) == "linux/amd64");
#elif defined(__aarch64__)
  CHECK(platform == "linux/arm64");
#elif defined(__arm__)
  CHECK(platform.substr(0, platform.find("/v")) == "linux/arm");
#else
  CHECK(platform.substr(0, 6) == "linux/");
#endif
  CHECK(target_compiler().find_first_of("0123456789") != std::string_view::npos);
}

}  // namespace
}  // namespace pixelzx::node
