// SPDX-License-Identifier: Apache-2.0
//
// arm64's levels are Armv8.0 to v8.4 and v9 here. No register or file names a level: it follows
// from the features, which AT_HWCAP/AT_HWCAP2 have as bits
// (Documentation/arch/arm64/elf_hwcaps.rst), /proc/cpuinfo by name and the CPU modalias by bit
// number. v8.5 and later are not told apart: Apple's M1 has most of v8.5 but not all of it.
//
// A 32-bit process sees 32-bit hwcaps, so a 32-bit launcher asks the files.
#include <array>

#include "host_arch.h"

namespace pixelzx {
namespace {

// AT_HWCAP2 follows AT_HWCAP in one numbering. The kernel's own (and so the modalias) leaves 64
// bits to AT_HWCAP since Linux 5.2.
constexpr unsigned kHwcap2 = 64;

struct Feature {
  char variant[5];
  char name[9];  // in /proc/cpuinfo
  std::uint8_t bit;
};

// In rising order: a level needs its rows and all those above.
constexpr std::array<Feature, 15> kFeatures = {{
    {"v8.1", "atomics", 8},
    {"v8.1", "crc32", 7},
    {"v8.1", "asimdrdm", 12},
    {"v8.2", "dcpop", 16},
    {"v8.3", "fcma", 14},
    {"v8.3", "jscvt", 13},
    {"v8.3", "lrcpc", 15},
    {"v8.4", "uscat", 25},
    {"v8.4", "ilrcpc", 26},
    {"v8.4", "flagm", 27},
    {"v8.4", "asimddp", 20},
    {"v9", "flagm2", kHwcap2 + 7},
    {"v9", "frint", kHwcap2 + 8},
    {"v9", "sb", 29},
    {"v9", "sve2", kHwcap2 + 1},
}};

template <typename HasFeature>
PlatformName variant_of(const HasFeature& has) {
  std::string_view reached;
  for (std::size_t i = 0; i < kFeatures.size(); ++i) {
    if (!has(kFeatures[i])) break;
    const bool last_of_level = i + 1 == kFeatures.size() ||
                               kFeatures[i + 1].variant != std::string_view(kFeatures[i].variant);
    if (last_of_level) reached = kFeatures[i].variant;
  }
  return {reached};
}

PlatformName variant(const HostSource& source, bool native) {
  const AuxiliaryVector& auxv = source.auxv;
  const bool hwcaps_are_64_bit = native || source.launcher_arch.empty();
  if (hwcaps_are_64_bit && auxv.hwcap != 0) {
    return variant_of([&auxv](const Feature& feature) {
      const std::uint64_t word = feature.bit < kHwcap2 ? auxv.hwcap : auxv.hwcap2;
      return (word >> feature.bit % kHwcap2 & 1) != 0;
    });
  }
  std::array<char, 4096> buffer;  // NOLINT: filled by read
  const std::string_view modalias = source.files.read("/sys/devices/system/cpu/modalias", buffer);
  if (modalias.find("type:aarch64") != std::string_view::npos) {
    return variant_of(
        [modalias](const Feature& feature) { return modalias_has_feature(modalias, feature.bit); });
  }
  const std::string_view features =
      cpuinfo_value(source.files.read("/proc/cpuinfo", buffer), "Features");
  return variant_of(
      [features](const Feature& feature) { return has_word(features, feature.name); });
}

constexpr std::array<std::string_view, 1> kSignposts = {"/sys/devices/system/cpu/cpu0/regs"};

}  // namespace

constinit const HostArch kHostArm64 = {"arm64", kSignposts, "aarch64", 183, variant};

}  // namespace pixelzx
