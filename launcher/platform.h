// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "fixed_string.h"

namespace pixelzx {

/// One component of a platform: `linux`, `arm64`, `v8.2`.
using PlatformName = FixedString<15>;

/// An OCI platform `os/arch[/variant]`, in the spelling that containerd's Normalize gives it:
/// `arm64` stands for `arm64/v8` and `amd64` for `amd64/v1`, while `arm` always has its variant.
struct Platform {
  PlatformName os;
  PlatformName arch;
  PlatformName variant;

  friend bool operator==(const Platform&, const Platform&) = default;
};

/// `linux/arm/v7`, the way a platform is written everywhere.
using PlatformText = FixedString<47>;

/// Reads `os/arch`, `os/arch/variant` or a lone known `arch` (then the OS is Linux), in any
/// spelling that containerd accepts (`x86_64`, `aarch64`, `armhf`, …), and normalises it. Returns
/// nothing when `text` is no platform.
std::optional<Platform> parse_platform(std::string_view text);

/// The platform `linux/arch[/variant]`. `arch` and `variant` must be normalised already.
Platform linux_platform(std::string_view arch, std::string_view variant = {});

PlatformText to_text(const Platform& platform);

/// The architecture that `uname -m` or /proc/sys/kernel/arch mean by `machine`: `x86_64` is
/// `amd64`, `armv7l` is `arm`. A name that is not in the table is returned as it is.
std::string_view arch_of_machine(std::string_view machine);

/// True when a kernel of architecture `kernel` can run programs of architecture `program` by itself
/// (its own, or 32-bit ones on a 64-bit kernel; whether this very CPU can is seen only by trying).
bool kernel_may_run(std::string_view kernel, std::string_view program);

/// The architecture this very code was compiled for, as in a platform.
constexpr std::string_view own_arch() {
#if defined(__x86_64__)
  return "amd64";
#elif defined(__aarch64__)
  return "arm64";
#elif defined(__arm__)
  return "arm";
#elif defined(__riscv) && __riscv_xlen == 64
  return "riscv64";
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
  return "ppc64le";
#elif defined(__s390x__)
  return "s390x";
#else
#error "no platform is defined for this architecture"
#endif
}

/// The platform of this launcher's builds: `own_arch()`, for arm the variant whose slice it stands
/// for.
Platform own_platform();

}  // namespace pixelzx
