// SPDX-License-Identifier: Apache-2.0
#include "host.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "elf.h"
#include "host_arch.h"
#include "selection.h"
#include "support.h"

namespace pixelzx {
namespace {

using test::content_of;
using test::Folder;

std::vector<std::filesystem::path> snapshots_in(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> result;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (std::filesystem::exists(entry.path() / "expected")) result.push_back(entry.path());
  }
  return result;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

void check_snapshot(const std::filesystem::path& folder) {
  CAPTURE(folder.filename());
  const std::optional<HostSource> source = snapshot_host_source(folder.string());
  REQUIRE(source);
  const Host host = detect_host(*source);
  CHECK(to_text(host.platform).view() == first_line(content_of(folder / "expected")));
  CHECK_FALSE(host.emulated);
  CHECK(host.userland == host.platform);
  CHECK(host.launcher == host.platform);
  // "Linux RELEASE MACHINE"
  const std::string uname = content_of(folder / "uname");
  const std::size_t release = uname.find(' ') + 1;
  CHECK(host.kernel_release.view() == uname.substr(release, uname.find(' ', release) - release));
}

TEST_CASE("every snapshot gives its platform", "[host]") {
  const auto folders = snapshots_in(std::filesystem::path(PIXELZX_SOURCE_DIR) / "tests/hosts");
  CHECK(folders.size() >= 13);
  for (const auto& folder : folders) check_snapshot(folder);
}

TEST_CASE("so does every snapshot shared with other projects, where they are", "[host]") {
  const auto shared = std::filesystem::path(PIXELZX_SOURCE_DIR) / "../shared/hosts";
  if (!std::filesystem::exists(shared)) return;
  for (const auto& folder : snapshots_in(shared)) check_snapshot(folder);
}

TEST_CASE("a snapshot tells the page size, where it is known", "[host]") {
  const std::string hosts = std::string(PIXELZX_SOURCE_DIR) + "/tests/hosts/";
  CHECK(detect_host(*snapshot_host_source(hosts + "raspberry-pi-5")).page_size == 16384);
  CHECK(detect_host(*snapshot_host_source(hosts + "raspberry-pi-4-64bit")).page_size == 4096);
  CHECK(detect_host(*snapshot_host_source(hosts + "armv7")).page_size == 0);
}

TEST_CASE("a folder without a readable uname is no snapshot", "[host]") {
  const Folder folder;
  CHECK_FALSE(snapshot_host_source(folder.path()));
  CHECK_FALSE(snapshot_host_source(folder.path("missing")));
  folder.file("uname", "");
  CHECK_FALSE(snapshot_host_source(folder.path()));
  folder.file("uname", "Linux 6.1\n");
  CHECK_FALSE(snapshot_host_source(folder.path()));
  folder.file("uname", "Linux 6.1 s390x");
  REQUIRE(snapshot_host_source(folder.path()));
  CHECK(to_text(detect_host(*snapshot_host_source(folder.path())).platform).view() ==
        "linux/s390x");
}

TEST_CASE("the auxiliary vector of a snapshot", "[host]") {
  const Folder folder;
  folder.file("uname", "Linux 6.1 armv7l\n");
  folder.file("auxv",
              "AT_HWCAP=0x10\n"
              "AT_HWCAP2 = 3\n"
              "AT_PLATFORM=v7l\n"
              "AT_UNKNOWN=1\n"
              "nonsense\n"
              "\n"
              "AT_PAGESZ= 65536");
  const std::optional<HostSource> source = snapshot_host_source(folder.path());
  REQUIRE(source);
  CHECK(source->auxv.hwcap == 0x10);
  CHECK(source->auxv.platform.view() == "v7l");
  CHECK(source->auxv.page_size == 65536);
  CHECK(source->launcher_arch.empty());
}

TEST_CASE("values of /proc/cpuinfo", "[host]") {
  constexpr std::string_view kText =
      "processor\t: 0\n"
      "model name\t: ARMv6-compatible processor rev 7 (v6l)\n"
      "Features\t: half thumb vfp \n"
      "empty\t:\n"
      "no colon\n"
      "\n"
      "Features\t: of the second CPU\n"
      "last: one";
  CHECK(cpuinfo_value(kText, "processor") == "0");
  CHECK(cpuinfo_value(kText, "model name") == "ARMv6-compatible processor rev 7 (v6l)");
  CHECK(cpuinfo_value(kText, "Features") == "half thumb vfp");
  CHECK(cpuinfo_value(kText, "empty").empty());
  CHECK(cpuinfo_value(kText, "no colon").empty());
  CHECK(cpuinfo_value(kText, "model").empty());
  CHECK(cpuinfo_value(kText, "last") == "one");
  CHECK(cpuinfo_value("", "processor").empty());
}

TEST_CASE("words of a list", "[host]") {
  CHECK(has_word("avx", "avx"));
  CHECK(has_word("sse avx avx2", "avx"));
  CHECK(has_word("avx2 avx", "avx"));
  CHECK(has_word("avx avx2", "avx"));
  CHECK_FALSE(has_word("avx2 xavx avx512f", "avx"));
  CHECK_FALSE(has_word("", "avx"));
  CHECK_FALSE(has_word("av", "avx"));
}

TEST_CASE("features of a CPU modalias", "[host]") {
  constexpr std::string_view kAlias = "cpu:type:x86,ven0002:feature:,0000,000A,0125,02AC";
  CHECK(modalias_has_feature(kAlias, 0));
  CHECK(modalias_has_feature(kAlias, 0x0a));
  CHECK(modalias_has_feature(kAlias, 0x125));
  CHECK_FALSE(modalias_has_feature(kAlias, 2));
  CHECK_FALSE(modalias_has_feature(kAlias, 0x12));
  CHECK_FALSE(modalias_has_feature(kAlias, 0xa0));
  CHECK_FALSE(modalias_has_feature("", 0));
  // The kernel ends the list with a comma or with the line.
  CHECK(modalias_has_feature("cpu:type:x86:feature:,0125,\n", 0x125));
  CHECK(modalias_has_feature("cpu:type:x86:feature:,0000,0125\n", 0x125));
  CHECK(modalias_has_feature(kAlias, 0x2ac));
}

std::uint16_t running_nothing(const HostFiles& /*files*/) {
  return 0;
}
std::uint16_t running_amd64(const HostFiles& /*files*/) {
  return EM_X86_64;
}
std::uint16_t running_arm64(const HostFiles& /*files*/) {
  return EM_AARCH64;
}
std::uint16_t running_arm(const HostFiles& /*files*/) {
  return EM_ARM;
}
std::uint16_t running_s390x(const HostFiles& /*files*/) {
  return EM_S390;
}

/// A launcher of architecture `arch` on a machine whose files lie in `folder`.
HostSource launcher_source(const Folder& folder, std::string_view arch, std::string_view machine,
                           std::uint16_t (*running)(const HostFiles&)) {
  return {.files = HostFiles(folder.path()),
          .auxv = {},
          .uname_machine = machine,
          .uname_release = "6.1.0",
          .launcher_arch = arch,
          .running_machine = running};
}

constexpr std::string_view kHaswell =
    "processor\t: 0\n"
    "flags\t\t: fpu lm cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3 avx avx2 bmi1 bmi2 f16c fma abm "
    "movbe xsave\n";
constexpr std::string_view kHaswellModalias =
    "cpu:type:x86,ven0000fam0006mod003C:feature:,0000,0080,0089,008C,008D,0093,0094,0096,0097,009A,"
    "009B,009C,009D,00C0,00C5,0123,0125,0128,\n";

TEST_CASE("all signs of emulation on an amd64 kernel", "[host]") {
  for (const bool arch_is_told : {true, false}) {
    for (const bool signpost : {true, false}) {
      for (const bool modalias : {true, false}) {
        for (const bool emulator : {true, false}) {
          CAPTURE(arch_is_told, signpost, modalias, emulator);
          const Folder folder;
          folder.file("proc/cpuinfo", kHaswell);
          if (arch_is_told) folder.file("proc/sys/kernel/arch", "x86_64\n");
          if (signpost) folder.directory("sys/kernel/boot_params");
          if (modalias) folder.file("sys/devices/system/cpu/modalias", kHaswellModalias);
          const Host host = detect_host(launcher_source(
              folder, "arm64", "aarch64", emulator ? running_amd64 : running_nothing));
          const bool any_sign = arch_is_told || signpost || modalias || emulator;
          CHECK(host.emulated == any_sign);
          CHECK(to_text(host.platform).view() == (any_sign ? "linux/amd64/v3" : "linux/arm64"));
          CHECK(host.userland == host.platform);
        }
      }
    }
  }
}

TEST_CASE("every launcher on every kernel", "[host]") {
  struct Row {
    std::string_view arch;
    std::string_view machine;
    std::string_view signpost;
    std::string_view modalias;
  };
  constexpr std::array<Row, 6> kRows = {{
      {"amd64", "x86_64", "sys/kernel/boot_params", "cpu:type:x86,ven0000fam0006mod003C:feature:,"},
      {"arm64", "aarch64", "sys/devices/system/cpu/cpu0/regs", "cpu:type:aarch64:feature:,0000,"},
      {"arm", "armv7l", "proc/cpu", "cpu:type:v7l:feature:,0001,"},
      {"riscv64", "riscv64", "sys/bus/platform/drivers/riscv-plic", ""},
      {"ppc64le", "ppc64le", "proc/powerpc", "cpu:type:power9:feature:,0001,"},
      {"s390x", "s390x", "sys/bus/ccw", "cpu:type:z13:feature:,0001,"},
  }};
  for (const Row& kernel : kRows) {
    for (const Row& launcher : kRows) {
      for (const std::string_view sign : {"arch", "signpost", "modalias"}) {
        if (sign == "modalias" && kernel.modalias.empty()) continue;
        CAPTURE(kernel.arch, launcher.arch, sign);
        const Folder folder;
        if (sign == "arch") {
          folder.file("proc/sys/kernel/arch", std::string(kernel.machine) + "\n");
        } else if (sign == "signpost") {
          folder.directory(std::string(kernel.signpost));
        } else {
          folder.file("sys/devices/system/cpu/modalias", std::string(kernel.modalias) + "\n");
        }
        // uname is the launcher's own: native, or faked by the emulator.
        const Host host =
            detect_host(launcher_source(folder, launcher.arch, launcher.machine, running_nothing));
        CHECK(host.platform.arch.view() == kernel.arch);
        CHECK(host.emulated == !kernel_may_run(kernel.arch, launcher.arch));
      }
    }
  }
}

TEST_CASE("a native launcher is not emulated, whatever uname says", "[host]") {
  const Folder folder;
  folder.file("proc/sys/kernel/arch", "aarch64\n");
  HostSource source = launcher_source(folder, "arm64", "armv8l", running_arm64);
  source.auxv = {.hwcap = 0x119fff, .hwcap2 = 0, .page_size = 65536, .platform = "aarch64"};
  const Host host = detect_host(source);
  CHECK_FALSE(host.emulated);
  CHECK(to_text(host.platform).view() == "linux/arm64/v8.2");
  CHECK(host.userland == host.platform);
  CHECK(host.page_size == 65536);
  CHECK(host.kernel_release.view() == "6.1.0");
}

TEST_CASE("ppc64le's signpost is big-endian ppc64's as well", "[host]") {
  const Folder folder;
  folder.directory("proc/powerpc");
  folder.file("proc/sys/kernel/arch", "ppc64\n");
  const Host host = detect_host(launcher_source(folder, "ppc64le", "ppc64le", running_nothing));
  CHECK(to_text(host.platform).view() == "linux/ppc64");
}

TEST_CASE("a CPU's level is looked at only where it matters", "[host]") {
  const Folder folder;
  folder.file("proc/sys/kernel/arch", "aarch64\n");
  HostSource source = launcher_source(folder, "arm64", "aarch64", running_arm64);
  source.auxv = {.hwcap = 0x119fff, .hwcap2 = 0, .page_size = 4096, .platform = "aarch64"};
  struct Row {
    std::vector<Platform> offer;
    std::string_view expected;
  };
  const Platform arm64 = linux_platform("arm64");
  const std::array<Row, 5> rows = {{
      {{}, "linux/arm64/v8.2"},
      {{arm64}, "linux/arm64"},
      {{arm64, linux_platform("amd64", "v3"), linux_platform("arm", "v7")}, "linux/arm64"},
      {{arm64, linux_platform("arm64", "v8.1")}, "linux/arm64/v8.2"},
      {{linux_platform("arm64", "v9")}, "linux/arm64/v8.2"},
  }};
  for (const Row& row : rows) {
    const Host host = detect_host(source, row.offer);
    CHECK(to_text(host.platform).view() == row.expected);
    if (row.offer.empty()) continue;
    const Selection chosen = select_slices(host, row.offer, std::nullopt);
    const Selection with_level = select_slices(detect_host(source), row.offer, std::nullopt);
    CHECK(std::ranges::equal(chosen, with_level));
  }
}

TEST_CASE("a 32-bit launcher on a 64-bit kernel", "[host]") {
  const Folder folder;
  folder.file("proc/cpuinfo",
              "processor\t: 0\nFeatures\t: fp asimd atomics crc32 asimdrdm dcpop\n");
  for (const std::string_view machine : {"aarch64", "armv8l"}) {
    for (const std::string_view sign : {"arch", "signpost"}) {
      CAPTURE(machine, sign);
      const Folder own;
      own.file("proc/cpuinfo", content_of(folder.path("proc/cpuinfo")));
      if (sign == "arch") own.file("proc/sys/kernel/arch", "aarch64\n");
      if (sign == "signpost") own.directory("sys/devices/system/cpu/cpu0/regs");
      const Host host = detect_host(launcher_source(own, "arm", machine, running_arm));
      CHECK_FALSE(host.emulated);
      CHECK(to_text(host.platform).view() == "linux/arm64/v8.2");
      CHECK(to_text(host.userland).view() == "linux/arm/v8");
    }
  }
  // Without any sign, uname and the running file agree on the 64-bit kernel.
  const Host host = detect_host(launcher_source(folder, "arm", "aarch64", running_arm));
  CHECK_FALSE(host.emulated);
  CHECK(to_text(host.userland).view() == "linux/arm/v8");
  CHECK(host.platform.arch.view() == "arm64");
}

TEST_CASE("32-bit hwcaps do not describe the 64-bit CPU", "[host]") {
  const Folder folder;
  folder.file("proc/sys/kernel/arch", "aarch64\n");
  folder.file("proc/cpuinfo", "Features\t: fp asimd\n");
  HostSource source = launcher_source(folder, "arm", "aarch64", running_arm);
  source.auxv = {.hwcap = ~std::uint64_t{0},
                 .hwcap2 = ~std::uint64_t{0},
                 .page_size = 4096,
                 .platform = "v8l"};
  CHECK(to_text(detect_host(source).platform).view() == "linux/arm64");
}

TEST_CASE("a kernel may emulate what it could run by itself", "[host]") {
  const Folder folder;
  folder.file("proc/sys/kernel/arch", "aarch64\n");
  const Host host = detect_host(launcher_source(folder, "arm", "armv7l", running_arm64));
  CHECK(host.emulated);
  CHECK(to_text(host.platform).view() == "linux/arm64");
  CHECK(host.userland == host.platform);
}

TEST_CASE("the emulator's architecture counts only where the kernel could not run it", "[host]") {
  const Folder folder;
  CHECK(to_text(detect_host(launcher_source(folder, "riscv64", "riscv64", running_s390x)).platform)
            .view() == "linux/s390x");
  CHECK(detect_host(launcher_source(folder, "riscv64", "riscv64", running_s390x)).emulated);
  CHECK_FALSE(detect_host(launcher_source(folder, "s390x", "s390x", running_s390x)).emulated);
  CHECK_FALSE(detect_host(launcher_source(folder, "s390x", "s390x", nullptr)).emulated);
}

TEST_CASE("the files of an emulated amd64 tell its level, not the emulator's CPU", "[host]") {
  const Folder folder;
  folder.file("proc/sys/kernel/arch", "x86_64\n");
  folder.file("sys/devices/system/cpu/modalias", kHaswellModalias);
  // As qemu 10 fakes it for an arm64 program.
  folder.file("proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd\n");
  HostSource source = launcher_source(folder, "arm64", "aarch64", running_amd64);
  source.auxv.hwcap = ~std::uint64_t{0};
  CHECK(to_text(detect_host(source).platform).view() == "linux/amd64/v3");
}

/// A feature that a level asks for, and the level that is left without it.
struct Needed {
  unsigned number;  // in the modalias: the bit of AT_HWCAP (arm64: of AT_HWCAP2 from 64 on)
  std::string_view name;
  std::string_view without;
};

// Documentation/arch/arm64/elf_hwcaps.rst and arch/arm64/include/uapi/asm/hwcap.h of Linux.
constexpr std::array<Needed, 15> kArm64Features = {{
    {7, "crc32", "linux/arm64"},
    {8, "atomics", "linux/arm64"},
    {12, "asimdrdm", "linux/arm64"},
    {16, "dcpop", "linux/arm64/v8.1"},
    {13, "jscvt", "linux/arm64/v8.2"},
    {14, "fcma", "linux/arm64/v8.2"},
    {15, "lrcpc", "linux/arm64/v8.2"},
    {20, "asimddp", "linux/arm64/v8.3"},
    {25, "uscat", "linux/arm64/v8.3"},
    {26, "ilrcpc", "linux/arm64/v8.3"},
    {27, "flagm", "linux/arm64/v8.3"},
    {29, "sb", "linux/arm64/v8.4"},
    {65, "sve2", "linux/arm64/v8.4"},
    {71, "flagm2", "linux/arm64/v8.4"},
    {72, "frint", "linux/arm64/v8.4"},
}};

// arch/x86/include/asm/cpufeatures.h of Linux: word * 32 + bit.
constexpr std::array<Needed, 20> kAmd64Features = {{
    {4 * 32 + 9, "ssse3", "linux/amd64"},        {4 * 32 + 13, "cx16", "linux/amd64"},
    {4 * 32 + 19, "sse4_1", "linux/amd64"},      {4 * 32 + 20, "sse4_2", "linux/amd64"},
    {4 * 32 + 23, "popcnt", "linux/amd64"},      {6 * 32 + 0, "lahf_lm", "linux/amd64"},
    {4 * 32 + 12, "fma", "linux/amd64/v2"},      {4 * 32 + 22, "movbe", "linux/amd64/v2"},
    {4 * 32 + 26, "xsave", "linux/amd64/v2"},    {4 * 32 + 28, "avx", "linux/amd64/v2"},
    {4 * 32 + 29, "f16c", "linux/amd64/v2"},     {6 * 32 + 5, "abm", "linux/amd64/v2"},
    {9 * 32 + 3, "bmi1", "linux/amd64/v2"},      {9 * 32 + 5, "avx2", "linux/amd64/v2"},
    {9 * 32 + 8, "bmi2", "linux/amd64/v2"},      {9 * 32 + 16, "avx512f", "linux/amd64/v3"},
    {9 * 32 + 17, "avx512dq", "linux/amd64/v3"}, {9 * 32 + 28, "avx512cd", "linux/amd64/v3"},
    {9 * 32 + 30, "avx512bw", "linux/amd64/v3"}, {9 * 32 + 31, "avx512vl", "linux/amd64/v3"},
}};

/// The platform of a snapshot that has the features, but for `missing`, in /proc/cpuinfo or in the
/// modalias.
std::string platform_without(std::span<const Needed> features, std::string_view missing,
                             bool is_amd64, bool in_modalias) {
  std::string names;
  std::string numbers;
  for (const Needed& feature : features) {
    if (feature.name == missing) continue;
    names += " " + std::string(feature.name);
    constexpr std::string_view kHex = "0123456789ABCDEF";
    numbers += ',';
    for (const unsigned shift : {12U, 8U, 4U, 0U}) numbers += kHex[feature.number >> shift & 15];
  }
  const Folder folder;
  folder.file("uname", std::string("Linux 6.1 ") + (is_amd64 ? "x86_64" : "aarch64") + "\n");
  if (in_modalias) {
    folder.file("sys/devices/system/cpu/modalias", std::string("cpu:type:") +
                                                       (is_amd64 ? "x86,ven0000" : "aarch64") +
                                                       ":feature:" + numbers + "\n");
  } else {
    folder.file("proc/cpuinfo",
                std::string(is_amd64 ? "flags" : "Features") + "\t:" + names + " other\n");
  }
  return std::string(to_text(detect_host(*snapshot_host_source(folder.path())).platform).view());
}

TEST_CASE("each feature of amd64's levels counts", "[host]") {
  for (const bool in_modalias : {false, true}) {
    CAPTURE(in_modalias);
    CHECK(platform_without(kAmd64Features, "", true, in_modalias) == "linux/amd64/v4");
    for (const Needed& feature : kAmd64Features) {
      CAPTURE(feature.name);
      CHECK(platform_without(kAmd64Features, feature.name, true, in_modalias) == feature.without);
    }
  }
}

TEST_CASE("each feature of arm64's levels counts", "[host]") {
  for (const bool in_modalias : {false, true}) {
    CAPTURE(in_modalias);
    CHECK(platform_without(kArm64Features, "", false, in_modalias) == "linux/arm64/v9");
    for (const Needed& feature : kArm64Features) {
      CAPTURE(feature.name);
      CHECK(platform_without(kArm64Features, feature.name, false, in_modalias) == feature.without);
    }
  }
}

TEST_CASE("each feature of arm64's levels counts in the auxiliary vector", "[host]") {
  for (const Needed& missing : kArm64Features) {
    CAPTURE(missing.name);
    const Folder folder;
    folder.file("proc/sys/kernel/arch", "aarch64\n");
    HostSource source = launcher_source(folder, "arm64", "aarch64", running_arm64);
    for (const Needed& feature : kArm64Features) {
      if (feature.name == missing.name) continue;
      std::uint64_t& word = feature.number < 64 ? source.auxv.hwcap : source.auxv.hwcap2;
      word |= std::uint64_t{1} << feature.number % 64;
    }
    CHECK(to_text(detect_host(source).platform).view() == missing.without);
  }
}

TEST_CASE("arm's version from /proc/cpuinfo, where uname is an emulator's", "[host]") {
  struct Row {
    std::string_view cpuinfo;
    std::string_view expected;
  };
  constexpr std::array<Row, 6> kRows = {{
      {"model name\t: ARMv6-compatible processor rev 7 (v6l)\nFeatures\t: half vfp\n"
       "CPU architecture: 7\n",
       "linux/arm/v6"},
      {"Processor\t: ARMv7 Processor rev 4 (v7l)\nprocessor\t: 0\nFeatures\t: vfp vfpv3\n",
       "linux/arm/v7"},
      {"model name\t: ARMv7 Processor rev 4 (v7l)\nFeatures\t: vfp vfpv3d16\n", "linux/arm/v7"},
      {"model name\t: Feroceon 88FR131 rev 1 (v5l)\nFeatures\t: swp half\n", "linux/arm/v5"},
      {"model name\t: something new\n", "linux/arm/v5"},
      {"", "linux/arm/v5"},
  }};
  for (const Row& row : kRows) {
    CAPTURE(row.cpuinfo);
    const Folder folder;
    folder.file("proc/sys/kernel/arch", "armv6l\n");
    folder.file("proc/cpuinfo", row.cpuinfo);
    const Host host = detect_host(launcher_source(folder, "arm64", "aarch64", running_arm));
    CHECK(host.emulated);
    CHECK(to_text(host.platform).view() == row.expected);
  }
}

TEST_CASE("arm's version and floating point, from the auxiliary vector", "[host]") {
  constexpr std::uint64_t kVfp = 1U << 6;
  constexpr std::uint64_t kNeon = 1U << 12;
  constexpr std::uint64_t kVfpv3 = 1U << 13;
  constexpr std::uint64_t kVfpv3D16 = 1U << 14;
  constexpr std::uint64_t kVfpv4 = 1U << 16;
  struct Row {
    std::string_view platform;
    std::uint64_t hwcap;
    std::string_view expected;
  };
  constexpr std::array<Row, 10> kRows = {{
      {"v8l", kVfp | kVfpv3 | kNeon | kVfpv4, "linux/arm/v8"},
      {"v7l", kVfp | kVfpv3 | kNeon, "linux/arm/v7"},
      {"v7l", kVfp | kVfpv3 | kVfpv3D16, "linux/arm/v7"},
      {"v7l", kVfp | kVfpv3D16, "linux/arm/v7"},
      {"v7l", kVfp | kVfpv4, "linux/arm/v7"},
      {"v7l", kVfp, "linux/arm/v6"},
      {"v7l", 1, "linux/arm/v5"},
      {"v6l", kVfp, "linux/arm/v6"},
      {"v6l", 1, "linux/arm/v5"},
      {"v5l", 1, "linux/arm/v5"},
  }};
  for (const Row& row : kRows) {
    CAPTURE(row.platform, row.hwcap);
    const Folder folder;
    folder.file("proc/sys/kernel/arch", "armv7l\n");
    HostSource source = launcher_source(folder, "arm", "armv7l", running_arm);
    source.auxv = {.hwcap = row.hwcap, .hwcap2 = 0, .page_size = 4096, .platform = row.platform};
    CHECK(to_text(detect_host(source).platform).view() == row.expected);
  }
}

TEST_CASE("the machine that runs this test", "[host]") {
  const HostSource source = live_host_source();
  const Host host = detect_host(source);
  CHECK(host.launcher == own_platform());
  CHECK(host.page_size == static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
  CHECK_FALSE(host.kernel_release.empty());
  CHECK(kernel_may_run(host.platform.arch.view(), own_arch()));
  CHECK_FALSE(host.emulated);
  CHECK(source.running_machine(source.files) == elf_machine(content_of("/proc/self/exe")));
}

}  // namespace
}  // namespace pixelzx
