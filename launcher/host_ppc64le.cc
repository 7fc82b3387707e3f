// SPDX-License-Identifier: Apache-2.0
//
// ppc64le starts at POWER8 and has no variants in OCI. Kernels mostly have 64 KiB pages, and a
// big-endian kernel (ppc64) is another architecture with the same e_machine. The modalias type is
// the AT_PLATFORM of the CPU: power8, power9, …
#include <array>

#include "host_arch.h"

namespace pixelzx {
namespace {

constexpr std::array<std::string_view, 1> kSignposts = {"/proc/powerpc"};

}  // namespace

constinit const HostArch kHostPpc64le = {"ppc64le", kSignposts, "power", 21, nullptr};

}  // namespace pixelzx
