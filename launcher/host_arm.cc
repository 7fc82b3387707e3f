// SPDX-License-Identifier: Apache-2.0
//
// 32-bit arm is the one family where a wrong guess kills: a v7 program on a v6 board (Raspberry Pi
// 1 and Zero) dies of SIGILL, the kernel does not refuse it. And "CPU architecture: 7" in
// /proc/cpuinfo is what ARMv6 boards say too, since it means the CPUID scheme; their model name is
// honest: "ARMv6-compatible processor rev 7 (v6l)". AT_PLATFORM (v5l, v6l, v7l; v8l on a 64-bit
// kernel) comes from the same place in the kernel as that "(v6l)" and is honest as well.
//
// A v7 slice uses VFPv3 and a v6 slice VFPv2 by the hard-float conventions, which a few CPUs lack.
#include <array>

#include "host_arch.h"

namespace pixelzx {
namespace {

// arch/arm/include/uapi/asm/hwcap.h
constexpr std::uint64_t kHwcapVfp = 1U << 6;
constexpr std::uint64_t kHwcapVfpv3 = 1U << 13;
constexpr std::uint64_t kHwcapVfpv3D16 = 1U << 14;
constexpr std::uint64_t kHwcapVfpv4 = 1U << 16;

/// 6 for `v6l`, 7 for `armv7l`; 0 when the text names no version.
int version_in(std::string_view text) {
  const std::size_t v = text.find('v');
  if (v == std::string_view::npos || v + 1 >= text.size()) return 0;
  const char digit = text[v + 1];
  return digit >= '5' && digit <= '8' ? digit - '0' : 0;
}

/// The version in the `(v6l)` that ends the CPU's model name.
int version_in_model(std::string_view model) {
  const std::size_t open = model.rfind('(');
  return open == std::string_view::npos ? 0 : version_in(model.substr(open));
}

struct Floating {
  bool known;
  bool vfp;
  bool vfpv3;
};

Floating floating_point(std::uint64_t hwcap, std::string_view features) {
  if (hwcap != 0) {
    return {true, (hwcap & kHwcapVfp) != 0,
            (hwcap & (kHwcapVfpv3 | kHwcapVfpv3D16 | kHwcapVfpv4)) != 0};
  }
  return {
      !features.empty(), has_word(features, "vfp"),
      has_word(features, "vfpv3") || has_word(features, "vfpv3d16") || has_word(features, "vfpv4")};
}

struct Cpu {
  int version;  // 5 to 8
  Floating floating;
};

Cpu look_at_cpu(const HostSource& source, bool native) {
  const bool auxv_is_of_this_cpu = native || source.launcher_arch.empty();
  int version = auxv_is_of_this_cpu ? version_in(source.auxv.platform.view()) : 0;
  const std::uint64_t hwcap = auxv_is_of_this_cpu ? source.auxv.hwcap : 0;
  std::string_view features;
  std::array<char, 4096> buffer;  // NOLINT: filled by read
  if (version == 0 || hwcap == 0) {
    const std::string_view cpuinfo = source.files.read("/proc/cpuinfo", buffer);
    features = cpuinfo_value(cpuinfo, "Features");
    if (version == 0) version = version_in_model(cpuinfo_value(cpuinfo, "model name"));
    if (version == 0) version = version_in_model(cpuinfo_value(cpuinfo, "Processor"));
  }
  if (version == 0) version = version_in(source.uname_machine.view());
  return {version == 0 ? 5 : version, floating_point(hwcap, features)};
}

PlatformName variant(const HostSource& source, bool native) {
  auto [version, floating] = look_at_cpu(source, native);
  if (floating.known && version >= 7 && !floating.vfpv3) version = 6;
  if (floating.known && version == 6 && !floating.vfp) version = 5;
  return PlatformName("v").append_number(static_cast<std::uint64_t>(version));
}

constexpr std::array<std::string_view, 1> kSignposts = {"/proc/cpu"};

}  // namespace

void look_at_arm_cpu(const HostSource& source, bool native, Host& host) {
  const Cpu cpu = look_at_cpu(source, native);
  host.arm_version = cpu.version;
  host.no_float_unit = cpu.floating.known && !cpu.floating.vfp;
}

// ELF_PLATFORM is the modalias type here, and it has many names (v6l, v7l, …): "v" covers them.
constinit const HostArch kHostArm = {"arm", kSignposts, "v", 40, variant};

}  // namespace pixelzx
