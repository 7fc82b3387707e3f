// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "elf.h"
#include "host.h"
#include "memory.h"

namespace pixelzx {

/// How programs of some kind come to run on a machine.
enum class Way : std::uint8_t {
  kNone,
  kUnknown,  // nothing was tried
  kNative,
  kCompat,  // 32-bit on a 64-bit kernel
  kHandler  // through a binfmt_misc handler: an emulator
};

/// A registration with binfmt_misc (Documentation/admin-guide/binfmt-misc.rst).
struct Handler {
  FixedString<63> name;
  FixedString<255> interpreter;
  FixedString<7> flags;  // POCF
  bool enabled = false;
  std::size_t offset = 0;
  std::size_t size = 0;  // of magic and mask; 0 for a handler of file name extensions
  std::array<unsigned char, 128> magic{};
  std::array<unsigned char, 128> mask{};

  /// The flag F: the kernel keeps the interpreter open, so that it is there in containers, too.
  [[nodiscard]] bool is_fixed() const { return flags.view().find('F') != std::string_view::npos; }
  /// True when the kernel gives it a file that begins with `head`.
  [[nodiscard]] bool takes(std::string_view head) const;
};

/// `native`, `compat`, `handler`, `none`, `unknown`.
std::string_view name_of(Way way);

/// Reads what /proc/sys/fs/binfmt_misc/<name> says. Returns nothing when it is no registration.
std::optional<Handler> parse_handler(std::string_view name, std::string_view text);

/// The kinds of programs whose running is found out by running one: a minimal ELF file of each that
/// does nothing but exit.
struct ProbeRow {
  std::string_view platform;
  std::uint8_t elf_class;
  std::uint8_t data;
  std::uint16_t e_machine;
  std::uint32_t e_flags;
  std::string_view code;  // exit(kProbeStatus)
};
inline constexpr std::size_t kProbeCount = 8;
inline constexpr std::size_t kPlatformProbes = 6;  // the first six are the launcher's own platforms
inline constexpr int kProbeStatus = 42;
extern const std::array<ProbeRow, kProbeCount> kProbes;

/// The ELF file of a probe.
FixedString<255> make_probe(const ProbeRow& row);

/// Where the kernel shows its handlers, a file each.
inline constexpr std::string_view kHandlerFolder = "/proc/sys/fs/binfmt_misc";
inline constexpr std::size_t kMaxHandlers = 64;

/// A machine, as far as the question goes what runs on it.
struct Machine {
  Host host;
  /// Of this process: programs may be tried. Else a snapshot, or a platform by itself.
  bool live = false;
  /// Whether /proc/sys/fs/binfmt_misc could be looked at, and is switched on.
  bool handlers_known = false;
  bool handlers_on = false;
  Memory handler_memory;
  std::size_t handler_count = 0;
  /// By the rows of kProbes.
  std::array<Way, kProbeCount> ways{};
  /// By the rows of kProbes, what came of starting one: 0 when it ran, errno when it was refused, a
  /// signal's number as a negative one when that was its end.
  std::array<int, kProbeCount> outcomes{};
  /// What came of starting this machine's own probe from memory: 0 when it ran, else errno.
  int memory_outcome = 0;
  /// There was a file in memory, so that errno is execve's.
  bool memory_created = false;
  /// A file in a directory was tried as well.
  bool file_tried = false;

  /// What came of starting its own probe, from wherever.
  [[nodiscard]] int own_outcome() const;
  [[nodiscard]] std::span<Handler> handlers() const;
  /// The enabled handler that takes files beginning with `head`; null when there is none.
  [[nodiscard]] const Handler* handler_for(std::string_view head) const;
  /// The one that takes programs like that probe.
  [[nodiscard]] const Handler* handler_of(const ProbeRow& row) const {
    return handler_for(make_probe(row).view());
  }
  /// How a program runs whose file begins with `head`.
  [[nodiscard]] Way way_of(const Elf& elf, std::string_view head) const;
};

/// The machine of `source`. When `live`, tries a program of each kind, all at once and with a time
/// limit: from memory, and where that is refused from a file in `directory`.
void look_at_machine(const HostSource& source, bool live, const Path& directory, Machine& machine);

/// A machine of `platform` with a kernel and CPU of just that, no handlers: what an image is for.
void machine_of_platform(const Platform& platform, Machine& machine);

}  // namespace pixelzx
