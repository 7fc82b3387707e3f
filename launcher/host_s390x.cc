// SPDX-License-Identifier: Apache-2.0
//
// s390x is big-endian and has no variants in OCI. The modalias type is the AT_PLATFORM of the
// machine: z900, z196, zEC12, z13, z14, …
#include <array>

#include "host_arch.h"

namespace pixelzx {
namespace {

constexpr std::array<std::string_view, 1> kSignposts = {"/sys/bus/ccw"};

}  // namespace

constinit const HostArch kHostS390x = {"s390x", kSignposts, "z", 22, nullptr};

}  // namespace pixelzx
