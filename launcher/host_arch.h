// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "host.h"

namespace pixelzx {

/// What is special about one architecture when a host is looked at. One file each: host_<arch>.cc.
struct HostArch {
  /// The architecture as in a platform.
  std::string_view arch;
  /// Paths of which each exists on kernels of this architecture only (measured on real kernels).
  std::span<const std::string_view> signposts;
  /// How the `cpu:type:` of /sys/devices/system/cpu/modalias starts on such kernels.
  std::string_view modalias_type;
  /// The EM_ number of the kernel's programs (gabi ELF header, e_machine).
  std::uint16_t elf_machine;
  /// The CPU's variant in a platform: "" is the family's base. Null where there are no variants.
  /// `native` says that this very process runs on that CPU, so its own registers tell.
  PlatformName (*variant)(const HostSource& source, bool native);
};

/// Sets arm_version and no_float_unit of `host`, whose CPU is of 32-bit arm.
void look_at_arm_cpu(const HostSource& source, bool native, Host& host);

extern const HostArch kHostAmd64;
extern const HostArch kHostArm64;
extern const HostArch kHostArm;
extern const HostArch kHostRiscv64;
extern const HostArch kHostPpc64le;
extern const HostArch kHostS390x;

extern const std::array<const HostArch*, 6> kHostArchs;

/// Calls `visit(path)` for the signposts of all architectures.
template <typename Visit>
void for_each_signpost(const Visit& visit) {
  for (const HostArch* row : kHostArchs) {
    for (const std::string_view path : row->signposts) visit(path);
  }
}

/// `text` without blanks and line ends around it.
std::string_view trim(std::string_view text);

/// The value of the first line `key : value` of a /proc/cpuinfo, blanks around it removed; empty
/// when there is none. Case matters: on arm, `Processor` is the model and `processor` a number.
std::string_view cpuinfo_value(std::string_view cpuinfo, std::string_view key);

/// True when `words`, separated by blanks, has `word`.
bool has_word(std::string_view words, std::string_view word);

/// True when the `feature:` list of a CPU modalias has the feature number `number`.
bool modalias_has_feature(std::string_view modalias, unsigned number);

}  // namespace pixelzx
