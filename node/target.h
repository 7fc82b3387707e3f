// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// What the compiler itself says it compiles for. The build system is not asked: a program that was
// built with the wrong compiler and then mislabelled must still tell the truth about itself.

namespace pixelzx::node {

/// The OCI platform of this code, variant included where it is not the architecture's default.
constexpr std::string_view target_platform() {
#if !defined(__linux__)
#error "the node is built for Linux only"
#elif defined(__x86_64__) && !defined(__ILP32__)
// The psABI's micro-architecture levels, each told by the features that it adds.
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512CD__) && \
    defined(__AVX512DQ__) && defined(__AVX512VL__)
  return "linux/amd64/v4";
#elif defined(__AVX2__) && defined(__BMI__) && defined(__BMI2__) && defined(__F16C__) && \
    defined(__FMA__) && defined(__LZCNT__) && defined(__MOVBE__)
  return "linux/amd64/v3";
#elif defined(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_16) && defined(__POPCNT__) && \
    defined(__SSE4_2__) && defined(__SSSE3__)
  return "linux/amd64/v2";
#else
  return "linux/amd64";
#endif
#elif defined(__aarch64__) && defined(__AARCH64EL__) && defined(__LP64__)
  return "linux/arm64";
#elif defined(__arm__) && defined(__ARMEL__) && __ARM_ARCH == 7
  return "linux/arm/v7";
#elif defined(__arm__) && defined(__ARMEL__) && __ARM_ARCH == 6
  return "linux/arm/v6";
#elif defined(__arm__) && defined(__ARMEL__) && __ARM_ARCH == 5
  return "linux/arm/v5";
#elif defined(__riscv) && __riscv_xlen == 64
  return "linux/riscv64";
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
  return "linux/ppc64le";
#elif defined(__s390x__)
  return "linux/s390x";
#else
#error "the node has no platform name for this architecture: add it to node/target.h"
#endif
}

/// The compiler's name and version, such as `gcc 12.2.0`.
constexpr std::string_view target_compiler() {
#if defined(__clang__)
  constexpr std::string_view kName = "clang " __clang_version__;
#elif defined(__GNUC__)
  constexpr std::string_view kName = "gcc " __VERSION__;
#else
#error "the node has no name for this compiler: add it to node/target.h"
#endif
  // Some vendors write a date, a space or their own name after the number.
  return kName.substr(0, kName.find(' ', kName.find(' ') + 1));
}

}  // namespace pixelzx::node
