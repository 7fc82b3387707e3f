// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

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
};

/// Reads the headers out of `file`: the whole file, or its beginning (then what lies beyond, and
/// needs not be there to start the program, stays unknown). Returns nothing when it is no ELF file.
std::optional<Elf> parse_elf(std::string_view file);

/// e_machine of the ELF file that begins with `file`; 0 when it is none.
std::uint16_t elf_machine(std::string_view file);

/// The platform whose kernel would load the file, without a variant (arm: with the one it asks for,
/// if it says so). Nothing for a machine that no OCI platform is named after.
std::optional<Platform> elf_platform(const Elf& elf);

/// Why a program is not what its label says.
enum class Contradiction {
  kNone,
  kArchitecture,  // e_machine, class or byte order of another platform
  kAbi,           // right CPU, an ABI that its kernel does not load (x32, ELFv1, another OS)
  kLevel,         // the program needs a newer CPU than the label promises
  kType,          // no program: an object file or a core dump
};

/// Compares the program with the platform it is labelled as.
Contradiction check_label(const Elf& elf, const Platform& label);

}  // namespace pixelzx
