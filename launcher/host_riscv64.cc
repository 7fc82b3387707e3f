// SPDX-License-Identifier: Apache-2.0
//
// riscv64 programs here are rv64gc, which every Linux distribution asks for; its profiles
// (rva22u64, …) have no agreed OCI variants, so the host reports none. The two directories exist
// only where the kernel is configured for that hardware; best effort.
#include <array>

#include "host_arch.h"

namespace pixelzx {
namespace {

constexpr std::array<std::string_view, 2> kSignposts = {"/sys/bus/platform/drivers/riscv-pmu-sbi",
                                                        "/sys/bus/platform/drivers/riscv-plic"};

}  // namespace

constinit const HostArch kHostRiscv64 = {"riscv64", kSignposts, "riscv", 243, nullptr};

}  // namespace pixelzx
