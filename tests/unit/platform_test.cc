// SPDX-License-Identifier: Apache-2.0
#include "platform.h"

#include <array>
#include <catch2/catch.hpp>

namespace pixelzx {
namespace {

struct Row {
  std::string_view text;
  std::string_view normal;  // empty: not a platform
};

// By containerd's normalizeArch (https://github.com/containerd/platforms, database.go, as vendored
// by containerd 2 and Docker Engine 28).
constexpr std::array kNormalised = {
    Row{"linux/amd64", "linux/amd64"},
    Row{"linux/amd64/v1", "linux/amd64"},
    Row{"linux/amd64/v2", "linux/amd64/v2"},
    Row{"linux/amd64/v4", "linux/amd64/v4"},
    Row{"linux/amd64/1", "linux/amd64/1"},
    Row{"linux/x86_64", "linux/amd64"},
    Row{"linux/x86_64/v1", "linux/amd64"},
    Row{"linux/x86_64/v3", "linux/amd64/v3"},
    Row{"linux/x86-64", "linux/amd64"},
    Row{"linux/x86-64/v2", "linux/amd64/v2"},
    Row{"linux/386", "linux/386"},
    Row{"linux/i386", "linux/386"},
    Row{"linux/i386/sse2", "linux/386"},
    Row{"linux/i686", "linux/i686"},
    Row{"linux/arm64", "linux/arm64"},
    Row{"linux/arm64/8", "linux/arm64"},
    Row{"linux/arm64/v8", "linux/arm64"},
    Row{"linux/arm64/v8.0", "linux/arm64"},
    Row{"linux/arm64/v8.2", "linux/arm64/v8.2"},
    Row{"linux/arm64/9", "linux/arm64/v9"},
    Row{"linux/arm64/9.0", "linux/arm64/v9"},
    Row{"linux/arm64/v9", "linux/arm64/v9"},
    Row{"linux/arm64/v9.0", "linux/arm64/v9"},
    Row{"linux/arm64/v9.2", "linux/arm64/v9.2"},
    Row{"linux/aarch64", "linux/arm64"},
    Row{"linux/aarch64/v8", "linux/arm64"},
    Row{"linux/aarch64/v9", "linux/arm64/v9"},
    Row{"linux/arm", "linux/arm/v7"},
    Row{"linux/arm/5", "linux/arm/v5"},
    Row{"linux/arm/6", "linux/arm/v6"},
    Row{"linux/arm/7", "linux/arm/v7"},
    Row{"linux/arm/8", "linux/arm/v8"},
    Row{"linux/arm/v5", "linux/arm/v5"},
    Row{"linux/arm/v7", "linux/arm/v7"},
    Row{"linux/arm/9", "linux/arm/9"},
    Row{"linux/armhf", "linux/arm/v7"},
    Row{"linux/armhf/v6", "linux/arm/v7"},
    Row{"linux/armel", "linux/arm/v6"},
    Row{"linux/armel/v5", "linux/arm/v6"},
    Row{"linux/riscv64", "linux/riscv64"},
    Row{"linux/riscv64/rva22u64", "linux/riscv64/rva22u64"},
    Row{"linux/ppc64le", "linux/ppc64le"},
    Row{"linux/ppc64le/power9", "linux/ppc64le/power9"},
    Row{"linux/s390x", "linux/s390x"},
    Row{"linux/mips64p32le", "linux/mips64p32le"},
    Row{"linux/unheard-of", "linux/unheard-of"},
    Row{"Linux/AARCH64/V8", "linux/arm64"},
    Row{"LINUX/ArmHF", "linux/arm/v7"},
    Row{"windows/amd64", "windows/amd64"},
    // A lone architecture that containerd knows; the OS is Linux.
    Row{"amd64", "linux/amd64"},
    Row{"x86_64", "linux/amd64"},
    Row{"aarch64", "linux/arm64"},
    Row{"arm", "linux/arm/v7"},
    Row{"armhf", "linux/arm/v7"},
    Row{"armel", "linux/arm/v6"},
    Row{"i386", "linux/386"},
    Row{"s390x", "linux/s390x"},
    Row{"loong64", "linux/loong64"},
    Row{"unheard-of", ""},
    Row{"linux", ""},
    Row{"auto", ""},
    // No platform at all.
    Row{"", ""},
    Row{"/", ""},
    Row{"linux/", ""},
    Row{"/amd64", ""},
    Row{"linux//v7", ""},
    Row{"linux/arm/", ""},
    Row{"linux/arm/v7/", ""},
    Row{"linux/arm/v7/extra", ""},
    Row{"linux /arm", ""},
    Row{"linux/&arm", ""},
    Row{"linux/arm/v7\n", ""},
    Row{"linux/*", ""},
    Row{" linux/arm", ""},
    Row{"linux/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
};

TEST_CASE("platforms are normalised as containerd does", "[platform]") {
  for (const Row& row : kNormalised) {
    CAPTURE(row.text);
    const std::optional<Platform> platform = parse_platform(row.text);
    CHECK((platform ? to_text(*platform).view() : "") == row.normal);
  }
}

TEST_CASE("the normal spelling of a platform reads as itself", "[platform]") {
  for (const Row& row : kNormalised) {
    if (row.normal.empty()) continue;
    CAPTURE(row.normal);
    const std::optional<Platform> platform = parse_platform(row.normal);
    REQUIRE(platform);
    CHECK(to_text(*platform).view() == row.normal);
    CHECK(*platform == *parse_platform(row.text));
  }
}

TEST_CASE("the parts of a platform", "[platform]") {
  const std::optional<Platform> platform = parse_platform("linux/arm/v7");
  REQUIRE(platform);
  CHECK(platform->os.view() == "linux");
  CHECK(platform->arch.view() == "arm");
  CHECK(platform->variant.view() == "v7");
  CHECK(*platform == linux_platform("arm", "v7"));
  CHECK_FALSE(*platform == linux_platform("arm", "v6"));
  CHECK(linux_platform("s390x") == *parse_platform("linux/s390x"));
}

TEST_CASE("names of kernels are names of architectures", "[platform]") {
  constexpr std::array<Row, 22> kRows = {{
      {"x86_64", "amd64"},       {"i386", "386"},
      {"i486", "386"},           {"i586", "386"},
      {"i686", "386"},           {"aarch64", "arm64"},
      {"aarch64_be", "arm64be"}, {"armv5tel", "arm"},
      {"armv5tejl", "arm"},      {"armv6l", "arm"},
      {"armv7l", "arm"},         {"armv8l", "arm"},
      {"armv7b", "armbe"},       {"armv8b", "armbe"},
      {"riscv64", "riscv64"},    {"riscv32", "riscv"},
      {"ppc64le", "ppc64le"},    {"ppc64", "ppc64"},
      {"s390x", "s390x"},        {"loongarch64", "loong64"},
      {"sparc64", "sparc64"},    {"unheard-of", "unheard-of"},
  }};
  for (const Row& row : kRows) CHECK(arch_of_machine(row.text) == row.normal);
}

TEST_CASE("which programs a kernel runs by itself", "[platform]") {
  constexpr std::array<std::string_view, 8> kArchs = {"amd64",   "arm64",   "arm",   "386",
                                                      "riscv64", "ppc64le", "s390x", "ppc64"};
  for (const std::string_view kernel : kArchs) {
    for (const std::string_view program : kArchs) {
      CAPTURE(kernel, program);
      const bool may = kernel == program || (kernel == "amd64" && program == "386") ||
                       (kernel == "arm64" && program == "arm");
      CHECK(kernel_may_run(kernel, program) == may);
    }
  }
}

TEST_CASE("this program has a platform", "[platform]") {
  const Platform own = own_platform();
  CHECK(own.os.view() == "linux");
  CHECK(own.arch.view() == own_arch());
  CHECK(own == *parse_platform(to_text(own).view()));
}

}  // namespace
}  // namespace pixelzx
