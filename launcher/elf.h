// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "file_tree.h"
#include "platform.h"

namespace pixelzx {

/// What an ELF file says of itself. Field names are the ELF specification's
/// (https://gabi.xinuos.com, elf(5)).
struct Elf {
  std::uint8_t elf_class = 0;  // ELFCLASS32 or ELFCLASS64
  std::uint8_t data = 0;       // ELFDATA2LSB or ELFDATA2MSB
  std::uint8_t osabi = 0;
  std::uint16_t e_type = 0;
  std::uint16_t e_machine = 0;
  std::uint32_t e_flags = 0;
  std::uint16_t e_phentsize = 0;
  /// The file ends before what its program headers load, or before its section table.
  bool truncated = false;
  /// PT_INTERP: the kernel starts the program through this loader. Empty when there is none.
  FixedString<255> interpreter;
  /// PT_DYNAMIC marks a position-independent program (DF_1_PIE); a shared library lacks the mark.
  bool pie = false;
  /// The x86-64 level the program asks for in its GNU property note, 1 to 4; 0 when it says
  /// nothing.
  int x86_level = 0;
  /// The oldest ARM architecture that runs it (Tag_CPU_arch of .ARM.attributes) as 4 to 8; 0 when
  /// it says nothing.
  int arm_version = 0;
  /// What NT_GNU_ABI_TAG asks for: the system (0: Linux) and its oldest version, as
  /// major << 16 | minor << 8 | patch. 0 when it says nothing.
  std::uint32_t abi_system = 0;
  std::uint32_t abi_kernel = 0;
  /// The largest page that every PT_LOAD can be mapped with, and with which no later one takes the
  /// right to execute from the page that it shares with code; 0 when any will do. Bytes.
  std::uint64_t largest_page = 0;
  /// Where in the file its machine code is: the largest PT_LOAD that is executable, and there to
  /// its end. Bytes; size 0 when there is none.
  std::uint64_t code_offset = 0;
  std::uint64_t code_size = 0;
  /// There is something to load.
  bool has_load = false;
  /// A segment larger in the file than in memory, or a loader's path without an end.
  bool impossible = false;
};

/// Reads the headers of `file`, which is `size` bytes long. What `file` does not give, and needs
/// not be there to start the program, stays unknown. Returns nothing when it is no ELF file, or an
/// impossible one.
std::optional<Elf> parse_elf(ByteSource& file, std::uint64_t size);
/// The same for a whole file in memory, or its beginning.
std::optional<Elf> parse_elf(std::string_view file);

/// e_machine of the ELF file that begins with `file`; 0 when it is none.
std::uint16_t elf_machine(std::string_view file);

/// The platform whose kernel would load the file, without a variant (arm: with the one it asks for,
/// if it says so). Nothing for a machine that no OCI platform is named after.
std::optional<Platform> elf_platform(const Elf& elf);

/// True when the kernel of the file's platform knows its ABI: not for x32, ELFv1, OABI, RVE, or
/// another system.
bool abi_is_loadable(const Elf& elf);

/// Why a program is not what its label says.
enum class Contradiction {
  kNone,
  kArchitecture,  // e_machine, class or byte order of another platform
  kAbi,           // right CPU, an ABI that its kernel does not load (x32, ELFv1, another OS)
  kLevel,         // the program needs a newer CPU than the label promises
  kType,          // no program: an object file or a core dump
};

/// What the program that begins with `beginning` is, when that contradicts its label: `linux/arm64,
/// e_machine 183, e_type 2`; empty when all is right.
FixedString<96> describe_contradiction(std::string_view beginning, const Platform& label);

/// Compares the program with the platform it is labelled as.
Contradiction check_label(const Elf& elf, const Platform& label);

}  // namespace pixelzx
