// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "files.h"
#include "platform.h"

namespace pixelzx {

/// The machine as the launcher sees it.
struct Host {
  /// The kernel's architecture and the CPU's level, e.g. linux/amd64/v3.
  Platform platform;
  /// What suits programs of the launcher's own width: `platform`, or linux/arm/v8 for a 32-bit
  /// launcher on a 64-bit kernel.
  Platform userland;
  /// What the launcher was compiled for; equals `platform` for a snapshot.
  Platform launcher;
  /// The launcher runs through an emulator (qemu-user, Rosetta, …).
  bool emulated = false;
  /// Of an arm CPU: its version, 5 to 8, and whether it lacks VFP, which hard-float programs need;
  /// 0 and false when that is not known. `platform` has the version of hard-float programs.
  int arm_version = 0;
  bool no_float_unit = false;
  /// Bytes; 0 when a snapshot does not tell.
  std::uint64_t page_size = 0;
  /// The kernel's release (`uname -r`).
  FixedString<65> kernel_release;
};

/// The auxiliary vector's part that detection needs (getauxval(3)); 0 and "" where unknown.
struct AuxiliaryVector {
  std::uint64_t hwcap = 0;
  std::uint64_t hwcap2 = 0;
  std::uint64_t page_size = 0;
  PlatformName platform;  // AT_PLATFORM
};

/// The two doors through which detection reads the world: files, and what the kernel handed over at
/// start. Tests and snapshots replace both.
struct HostSource {
  HostFiles files;
  AuxiliaryVector auxv;
  FixedString<65> uname_machine;
  FixedString<65> uname_release;
  /// The architecture of the running launcher; empty for a snapshot.
  std::string_view launcher_arch;
  /// e_machine of the ELF file at /proc/thread-self/exe, which is an emulator's where one runs us
  /// (only /proc/self/exe is faked by qemu-user); 0 when it cannot be read.
  std::uint16_t (*running_machine)(const HostFiles& files) = nullptr;
};

/// The machine this process runs on.
HostSource live_host_source();

/// The snapshot in the folder `directory`: `uname`, `auxv`, `proc/…`, `sys/…`
/// (docs/ARCHITECTURE.md). Returns nothing when the folder has no readable `uname`.
std::optional<HostSource> snapshot_host_source(std::string_view directory);

/// Looks at the host, with as few calls as it can: on a native start it looks for a signpost. Where
/// it makes no difference to the choice from `offer`, the CPU's level is left out: CPUID, which a
/// virtual machine does not answer by itself, costs as much as all the rest. An empty offer: always
/// with the level.
Host detect_host(const HostSource& source, std::span<const Platform> offer = {});

}  // namespace pixelzx
