// SPDX-License-Identifier: Apache-2.0
#include "platform.h"

#include <array>

namespace pixelzx {
namespace {

constexpr bool is_component(std::string_view text) {
  if (text.empty() || text.size() > 15) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

PlatformName lower(std::string_view text) {
  PlatformName result;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    result.append({&c, 1});
  }
  return result;
}

// GOARCH names that containerd takes for an architecture when nothing else is given
// (https://github.com/containerd/platforms, database.go).
constexpr std::string_view kKnownArchs =
    " 386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le "
    "mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 ";

struct Alias {
  char arch[6];
  char variant[5];  // "*": any
  char normal_arch[6];
  char normal_variant[3];
};

// containerd's normalizeArch, first match wins.
constexpr std::array<Alias, 12> kAliases = {{
    {"i386", "*", "386", ""},
    {"amd64", "v1", "amd64", ""},
    {"arm64", "8", "arm64", ""},
    {"arm64", "v8", "arm64", ""},
    {"arm64", "v8.0", "arm64", ""},
    {"arm64", "9", "arm64", "v9"},
    {"arm64", "9.0", "arm64", "v9"},
    {"arm64", "v9.0", "arm64", "v9"},
    {"armhf", "*", "arm", "v7"},
    {"armel", "*", "arm", "v6"},
    {"arm", "", "arm", "v7"},
    {"arm", "7", "arm", "v7"},
}};

void normalize(Platform& platform) {
  if (platform.arch.view() == "aarch64") platform.arch = "arm64";
  if (platform.arch.view() == "x86_64" || platform.arch.view() == "x86-64") platform.arch = "amd64";
  const std::string_view variant = platform.variant.view();
  for (const Alias& alias : kAliases) {
    if (alias.arch != platform.arch.view()) continue;
    if (alias.variant[0] != '*' && alias.variant != variant) continue;
    platform.arch = alias.normal_arch;
    platform.variant = alias.normal_variant;
    return;
  }
  if (platform.arch.view() == "arm" && (variant == "5" || variant == "6" || variant == "8")) {
    platform.variant = PlatformName("v").append(PlatformName(variant).view());
  }
}

struct Machine {
  char machine[12];
  char arch[8];
};

// UTS_MACHINE of the kernel's architectures (uname -m), where it differs from GOARCH.
constexpr std::array<Machine, 17> kMachines = {{
    {"x86_64", "amd64"},
    {"aarch64", "arm64"},
    {"aarch64_be", "arm64be"},
    {"armv5tel", "arm"},
    {"armv5tejl", "arm"},
    {"armv6l", "arm"},
    {"armv7l", "arm"},
    {"armv8l", "arm"},
    {"i386", "386"},
    {"i486", "386"},
    {"i586", "386"},
    {"i686", "386"},
    {"loongarch64", "loong64"},
    {"riscv32", "riscv"},
    {"armv8b", "armbe"},
    {"armv7b", "armbe"},
    {"sparc64", "sparc64"},
}};

}  // namespace

std::optional<Platform> parse_platform(std::string_view text) {
  std::array<std::string_view, 3> parts;
  std::size_t count = 0;
  for (;;) {
    const std::size_t slash = text.find('/');
    if (count == parts.size() || !is_component(text.substr(0, slash))) return std::nullopt;
    parts[count++] = text.substr(0, slash);
    if (slash == std::string_view::npos) break;
    text.remove_prefix(slash + 1);
  }
  Platform platform;
  platform.os = count == 1 ? PlatformName("linux") : lower(parts[0]);
  platform.arch = lower(parts[count == 1 ? 0 : 1]);
  if (count == 3) platform.variant = lower(parts[2]);
  normalize(platform);
  if (count == 1) {
    const auto word = FixedString<17>(" ").append(platform.arch.view()).append(" ");
    if (kKnownArchs.find(word.view()) == std::string_view::npos) return std::nullopt;
  }
  return platform;
}

Platform linux_platform(std::string_view arch, std::string_view variant) {
  return {PlatformName("linux"), PlatformName(arch), PlatformName(variant)};
}

PlatformText to_text(const Platform& platform) {
  PlatformText text(platform.os.view());
  text.append("/").append(platform.arch.view());
  if (!platform.variant.empty()) text.append("/").append(platform.variant.view());
  return text;
}

std::string_view arch_of_machine(std::string_view machine) {
  for (const Machine& row : kMachines) {
    if (row.machine == machine) return row.arch;
  }
  return machine;
}

bool kernel_may_run(std::string_view kernel, std::string_view program) {
  constexpr std::string_view kPairs =
      " arm64/arm amd64/386 s390x/s390 ppc64/ppc sparc64/sparc mips64/mips mips64le/mipsle ";
  const auto pair = FixedString<40>(" ").append(kernel).append("/").append(program).append(" ");
  return kernel == program || kPairs.find(pair.view()) != std::string_view::npos;
}

Platform own_platform() {
  return linux_platform(own_arch(), own_arch() == "arm" ? "v7" : "");
}

}  // namespace pixelzx
