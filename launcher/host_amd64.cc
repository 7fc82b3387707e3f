// SPDX-License-Identifier: Apache-2.0
//
// amd64 has four levels, v1 to v4, defined by the psABI
// (https://gitlab.com/x86-psABIs/x86-64-ABI, "Micro-Architecture Levels"). A program for a level
// that the CPU lacks starts and then dies of SIGILL, so the level must be known beforehand.
//
// Three doors show the same bits. CPUID is exact, but an emulator answers it for the CPU it makes
// up; then /sys/devices/system/cpu/modalias has the kernel's feature numbers (word * 32 + bit of
// arch/x86/include/asm/cpufeatures.h, whose words 4, 6 and 9 are CPUID registers as they are), and
// /proc/cpuinfo the same by name. AVX counts only when the OS saves its registers: CPUID alone does
// not tell, XGETBV does; the kernel's two lists have taken that into account.
#include <array>

#include "host_arch.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace pixelzx {
namespace {

constexpr unsigned kLeaf1Ecx = 4;         // CPUID 1, ECX
constexpr unsigned kLeaf80000001Ecx = 6;  // CPUID 0x80000001, ECX
constexpr unsigned kLeaf7Ebx = 9;         // CPUID 7.0, EBX

struct Feature {
  std::uint8_t level;
  char name[9];  // in /proc/cpuinfo
  std::uint8_t word;
  std::uint8_t bit;
};

constexpr std::array<Feature, 20> kFeatures = {{
    {2, "cx16", kLeaf1Ecx, 13},      {2, "lahf_lm", kLeaf80000001Ecx, 0},
    {2, "popcnt", kLeaf1Ecx, 23},    {2, "sse4_1", kLeaf1Ecx, 19},
    {2, "sse4_2", kLeaf1Ecx, 20},    {2, "ssse3", kLeaf1Ecx, 9},
    {3, "avx", kLeaf1Ecx, 28},       {3, "avx2", kLeaf7Ebx, 5},
    {3, "bmi1", kLeaf7Ebx, 3},       {3, "bmi2", kLeaf7Ebx, 8},
    {3, "f16c", kLeaf1Ecx, 29},      {3, "fma", kLeaf1Ecx, 12},
    {3, "abm", kLeaf80000001Ecx, 5}, {3, "movbe", kLeaf1Ecx, 22},
    {3, "xsave", kLeaf1Ecx, 26},     {4, "avx512f", kLeaf7Ebx, 16},
    {4, "avx512bw", kLeaf7Ebx, 30},  {4, "avx512cd", kLeaf7Ebx, 28},
    {4, "avx512dq", kLeaf7Ebx, 17},  {4, "avx512vl", kLeaf7Ebx, 31},
}};

template <typename HasFeature>
int level_of(const HasFeature& has) {
  int level = 4;
  for (const Feature& feature : kFeatures) {
    if (!has(feature)) level = std::min(level, feature.level - 1);
  }
  return level;
}

#if defined(__x86_64__)
int cpuid_level() {
  std::array<unsigned, kLeaf7Ebx + 1> words{};
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  __get_cpuid(1, &eax, &ebx, &words[kLeaf1Ecx], &edx);
  __get_cpuid(0x80000001, &eax, &ebx, &words[kLeaf80000001Ecx], &edx);
  __get_cpuid_count(7, 0, &eax, &words[kLeaf7Ebx], &ecx, &edx);
  constexpr unsigned kOsxsave = 1U << 27;
  constexpr unsigned kAvxState = 0x06;     // XMM and YMM
  constexpr unsigned kAvx512State = 0xe6;  // and the mask registers and both halves of ZMM
  unsigned state = 0;
  if ((words[kLeaf1Ecx] & kOsxsave) != 0) {
    unsigned high = 0;
    __asm__("xgetbv" : "=a"(state), "=d"(high) : "c"(0));
  }
  const int by_state = (state & kAvx512State) == kAvx512State ? 4
                       : (state & kAvxState) == kAvxState     ? 3
                                                              : 2;
  const int by_cpu = level_of(
      [&words](const Feature& feature) { return (words[feature.word] >> feature.bit & 1) != 0; });
  return std::min(by_state, by_cpu);
}
#endif

int level_from_files(const HostFiles& files) {
  std::array<char, 4096> buffer;  // NOLINT: filled by read
  const std::string_view modalias = files.read("/sys/devices/system/cpu/modalias", buffer);
  if (modalias.find("type:x86") != std::string_view::npos) {
    return level_of([modalias](const Feature& feature) {
      return modalias_has_feature(modalias, feature.word * 32 + feature.bit);
    });
  }
  const std::string_view flags = cpuinfo_value(files.read("/proc/cpuinfo", buffer), "flags");
  return level_of([flags](const Feature& feature) { return has_word(flags, feature.name); });
}

PlatformName variant(const HostSource& source, bool native) {
#if defined(__x86_64__)
  const int level = native ? cpuid_level() : level_from_files(source.files);
#else
  static_cast<void>(native);
  const int level = level_from_files(source.files);
#endif
  if (level == 1) return {};
  return PlatformName("v").append_number(static_cast<std::uint64_t>(level));
}

constexpr std::array<std::string_view, 1> kSignposts = {"/sys/kernel/boot_params"};

}  // namespace

constinit const HostArch kHostAmd64 = {"amd64", kSignposts, "x86", 62, variant};

}  // namespace pixelzx
