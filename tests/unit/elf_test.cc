// SPDX-License-Identifier: Apache-2.0
#include "elf.h"

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "support.h"

namespace pixelzx {
namespace {

using test::content_of;
using test::ElfFile;
using test::number;

constexpr std::uint16_t kEmLoongArch = 258;
constexpr std::uint32_t kPtGnuProperty = 0x6474e553;
constexpr std::uint32_t kShtArmAttributes = 0x70000003;
constexpr std::array<std::uint8_t, 2> kClasses = {ELFCLASS32, ELFCLASS64};
constexpr std::array<std::uint8_t, 2> kByteOrders = {ELFDATA2LSB, ELFDATA2MSB};

std::string platform_of(const std::string& file) {
  const std::optional<Elf> elf = parse_elf(file);
  if (!elf) return "not ELF";
  const std::optional<Platform> platform = elf_platform(*elf);
  return platform ? std::string(to_text(*platform).view()) : "none";
}

Contradiction contradiction(const std::string& file, std::string_view label) {
  const std::optional<Elf> elf = parse_elf(file);
  REQUIRE(elf);
  return check_label(*elf, *parse_platform(label));
}

TEST_CASE("the machines of ELF files", "[elf]") {
  struct Row {
    std::uint16_t e_machine;
    std::uint8_t elf_class;
    std::uint8_t data;
    std::string_view platform;
  };
  constexpr std::array kRows = {
      Row{EM_386, ELFCLASS32, ELFDATA2LSB, "linux/386"},
      Row{EM_386, ELFCLASS64, ELFDATA2LSB, "none"},
      Row{EM_X86_64, ELFCLASS64, ELFDATA2LSB, "linux/amd64"},
      Row{EM_X86_64, ELFCLASS32, ELFDATA2LSB, "linux/amd64"},
      Row{EM_X86_64, ELFCLASS64, ELFDATA2MSB, "none"},
      Row{EM_ARM, ELFCLASS32, ELFDATA2LSB, "linux/arm"},
      Row{EM_ARM, ELFCLASS32, ELFDATA2MSB, "linux/armbe"},
      Row{EM_ARM, ELFCLASS64, ELFDATA2LSB, "none"},
      Row{EM_AARCH64, ELFCLASS64, ELFDATA2LSB, "linux/arm64"},
      Row{EM_AARCH64, ELFCLASS64, ELFDATA2MSB, "linux/arm64be"},
      Row{EM_AARCH64, ELFCLASS32, ELFDATA2LSB, "none"},  // ilp32 never got into Linux
      Row{EM_RISCV, ELFCLASS64, ELFDATA2LSB, "linux/riscv64"},
      Row{EM_RISCV, ELFCLASS32, ELFDATA2LSB, "linux/riscv"},
      Row{EM_RISCV, ELFCLASS64, ELFDATA2MSB, "none"},
      Row{EM_PPC64, ELFCLASS64, ELFDATA2LSB, "linux/ppc64le"},
      Row{EM_PPC64, ELFCLASS64, ELFDATA2MSB, "linux/ppc64"},
      Row{EM_PPC, ELFCLASS32, ELFDATA2MSB, "linux/ppc"},
      Row{EM_S390, ELFCLASS64, ELFDATA2MSB, "linux/s390x"},
      Row{EM_S390, ELFCLASS32, ELFDATA2MSB, "linux/s390"},
      Row{EM_S390, ELFCLASS64, ELFDATA2LSB, "none"},
      Row{kEmLoongArch, ELFCLASS64, ELFDATA2LSB, "linux/loong64"},
      Row{EM_MIPS, ELFCLASS64, ELFDATA2LSB, "linux/mips64le"},
      Row{EM_MIPS, ELFCLASS64, ELFDATA2MSB, "linux/mips64"},
      Row{EM_MIPS, ELFCLASS32, ELFDATA2LSB, "linux/mipsle"},
      Row{EM_MIPS, ELFCLASS32, ELFDATA2MSB, "linux/mips"},
      Row{EM_SPARCV9, ELFCLASS64, ELFDATA2MSB, "linux/sparc64"},
      Row{EM_68K, ELFCLASS32, ELFDATA2MSB, "none"},
      Row{EM_IA_64, ELFCLASS64, ELFDATA2LSB, "none"},
      Row{EM_NONE, ELFCLASS64, ELFDATA2LSB, "none"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.e_machine, int{row.elf_class}, int{row.data});
    const std::string file =
        ElfFile{.e_machine = row.e_machine, .elf_class = row.elf_class, .data = row.data}.bytes();
    CHECK(platform_of(file) == row.platform);
    CHECK(elf_machine(file) == row.e_machine);
  }
}

TEST_CASE("the fields of a header, in both classes and byte orders", "[elf]") {
  for (const std::uint8_t elf_class : kClasses) {
    for (const std::uint8_t data : kByteOrders) {
      CAPTURE(int{elf_class}, int{data});
      const ElfFile file{
          .e_machine = 0x1234,
          .elf_class = elf_class,
          .data = data,
          .e_type = 0x0203,
          .e_flags = 0x01020304,
          .osabi = ELFOSABI_GNU,
          .segments = {
              {PT_LOAD, "code"}, {PT_INTERP, std::string("/lib/ld.so.1\0", 13)}, {PT_NULL, ""}}};
      const std::optional<Elf> elf = parse_elf(file.bytes());
      REQUIRE(elf);
      CHECK(elf->elf_class == elf_class);
      CHECK(elf->data == data);
      CHECK(elf->osabi == ELFOSABI_GNU);
      CHECK(elf->e_type == 0x0203);
      CHECK(elf->e_machine == 0x1234);
      CHECK(elf->e_flags == 0x01020304);
      CHECK(elf->interpreter.view() == "/lib/ld.so.1");
      CHECK_FALSE(elf->truncated);
      CHECK_FALSE(elf->pie);
      CHECK(elf->x86_level == 0);
      CHECK(elf->arm_version == 0);
    }
  }
}

TEST_CASE("what is no ELF file", "[elf]") {
  const std::string good = ElfFile{}.bytes();
  CHECK(parse_elf(good));
  CHECK_FALSE(parse_elf(""));
  CHECK_FALSE(parse_elf("#!/bin/sh\nexec true and some more text\n"));
  CHECK_FALSE(parse_elf(std::string(64, '\0')));
  CHECK_FALSE(parse_elf("MZ" + good.substr(2)));
  for (const char elf_class : {'\0', '\3', '\x7f', '\xff'}) {
    std::string file = good;
    file[EI_CLASS] = elf_class;
    CHECK_FALSE(parse_elf(file));
  }
  for (const char data : {'\0', '\3', '\x7f', '\xff'}) {
    std::string file = good;
    file[EI_DATA] = data;
    CHECK_FALSE(parse_elf(file));
  }
  CHECK(elf_machine("") == 0);
  CHECK(elf_machine("#!/bin/sh\nexec true and some more text\n") == 0);
  CHECK(elf_machine(good.substr(0, 19)) == 0);
  CHECK(elf_machine(good.substr(0, 20)) == EM_X86_64);
}

TEST_CASE("a file cut off at any byte", "[elf]") {
  for (const std::uint8_t elf_class : kClasses) {
    for (const std::uint8_t data : kByteOrders) {
      const ElfFile file{.e_machine = EM_ARM,
                         .elf_class = elf_class,
                         .data = data,
                         .segments = {{PT_INTERP, std::string("/lib/ld.so.1\0", 13)},
                                      {PT_LOAD, "the program"},
                                      {PT_DYNAMIC, std::string(64, '\0')}},
                         .sections = {{kShtArmAttributes, "A\x0a"}}};
      const std::string bytes = file.bytes();
      for (std::size_t size = 0; size <= bytes.size(); ++size) {
        CAPTURE(int{elf_class}, int{data}, size);
        const std::string prefix = bytes.substr(0, size);  // a copy: the sanitizer sees its end
        const std::optional<Elf> elf = parse_elf(prefix);
        REQUIRE(elf.has_value() == (size >= 20));
        if (!elf) continue;
        CHECK(elf->truncated == (size < bytes.size()));
      }
    }
  }
}

TEST_CASE("no byte of the headers can make the reader fail", "[elf]") {
  for (const std::uint8_t elf_class : kClasses) {
    const ElfFile file{
        .e_machine = elf_class == ELFCLASS64 ? std::uint16_t{EM_X86_64} : std::uint16_t{EM_ARM},
        .elf_class = elf_class,
        .segments = {{PT_LOAD, "the program"},
                     {PT_DYNAMIC, std::string(32, '\1')},
                     {kPtGnuProperty, std::string(40, '\4')}},
        .sections = {{kShtArmAttributes, std::string(40, 'A')}}};
    const std::string good = file.bytes();
    std::size_t parsed = 0;
    for (std::size_t i = 4; i < good.size(); ++i) {
      for (const char value : {'\0', '\1', '\x7f', '\x80', '\xff'}) {
        std::string bad = good;
        bad[i] = value;
        const std::optional<Elf> elf = parse_elf(bad);
        if (!elf) continue;
        ++parsed;
        static_cast<void>(check_label(*elf, linux_platform("amd64")));
      }
    }
    CHECK(parsed > good.size());
  }
}

TEST_CASE("the interpreter of a dynamic program", "[elf]") {
  ElfFile file;
  CHECK(parse_elf(file.bytes())->interpreter.empty());
  file.segments.push_back({PT_INTERP, std::string("/lib64/ld-linux-x86-64.so.2\0", 28)});
  CHECK(parse_elf(file.bytes())->interpreter.view() == "/lib64/ld-linux-x86-64.so.2");
  // Not terminated, empty or beyond the end: a program that asks for an interpreter all the same.
  file.segments.back().content = "/lib/ld.so";
  CHECK(parse_elf(file.bytes())->interpreter.view() == "/lib/ld.so");
  file.segments.back().content = std::string("\0", 1);
  CHECK_FALSE(parse_elf(file.bytes())->interpreter.empty());
  file.segments.back().content = std::string(20, 'i');
  CHECK_FALSE(parse_elf(file.bytes().substr(0, file.headers_end()))->interpreter.empty());
  file.segments.back().content = std::string(5000, 'i');
  CHECK(parse_elf(file.bytes())->interpreter.truncated());
}

TEST_CASE("position-independent programs carry a mark", "[elf]") {
  for (const std::uint8_t elf_class : kClasses) {
    for (const std::uint8_t data : kByteOrders) {
      CAPTURE(int{elf_class}, int{data});
      const unsigned size = elf_class == ELFCLASS64 ? 8 : 4;
      const auto entry = [size, data](std::uint64_t tag, std::uint64_t value) {
        return number(tag, size, data) + number(value, size, data);
      };
      const auto pie = [&](const std::string& dynamic) {
        const ElfFile file{.elf_class = elf_class,
                           .data = data,
                           .e_type = ET_DYN,
                           .segments = {{PT_LOAD, "code"}, {PT_DYNAMIC, dynamic}}};
        return parse_elf(file.bytes())->pie;
      };
      CHECK(pie(entry(DT_SONAME, 1) + entry(DT_FLAGS_1, 0x08000001) + entry(DT_NULL, 0)));
      CHECK_FALSE(pie(entry(DT_SONAME, 1) + entry(DT_FLAGS_1, 1) + entry(DT_NULL, 0)));
      CHECK_FALSE(pie(entry(DT_SONAME, 1) + entry(DT_NULL, 0)));
      CHECK_FALSE(pie(entry(DT_NULL, 0) + entry(DT_FLAGS_1, 0x08000000)));
      CHECK_FALSE(pie(""));
    }
  }
}

/// A GNU note, its parts padded to `align`.
std::string note(std::string_view name, std::uint32_t type, const std::string& desc) {
  std::string padded_name(name);
  padded_name += '\0';
  const std::string name_size = number(padded_name.size(), 4);
  while (padded_name.size() % 4 != 0) padded_name += '\0';
  return name_size + number(desc.size(), 4) + number(type, 4) + padded_name + desc;
}

std::string property(std::uint32_t type, std::uint32_t bits) {
  return number(type, 4) + number(4, 4) + number(bits, 4) + number(0, 4);
}

constexpr std::uint32_t kX86Feature1And = 0xc0000002;
constexpr std::uint32_t kX86IsaUsed = 0xc0010002;
constexpr std::uint32_t kX86IsaNeeded = 0xc0008002;

int x86_level(const std::string& notes) {
  const ElfFile file{.segments = {{PT_LOAD, "code"}, {kPtGnuProperty, notes}}};
  return parse_elf(file.bytes())->x86_level;
}

TEST_CASE("the x86-64 level that a program asks for", "[elf]") {
  const auto needed = [](std::uint32_t bits) {
    return x86_level(note("GNU", NT_GNU_PROPERTY_TYPE_0, property(kX86IsaNeeded, bits)));
  };
  CHECK(needed(0) == 0);
  CHECK(needed(1) == 1);
  CHECK(needed(2) == 2);
  CHECK(needed(3) == 2);
  CHECK(needed(4) == 3);
  CHECK(needed(7) == 3);
  CHECK(needed(8) == 4);
  CHECK(needed(15) == 4);

  // What other linkers put before and beside it.
  const std::string v3 = property(kX86IsaNeeded, 4);
  CHECK(x86_level(note("GNU", NT_GNU_PROPERTY_TYPE_0, property(kX86Feature1And, 3) + v3)) == 3);
  CHECK(x86_level(note("GNU", NT_GNU_PROPERTY_TYPE_0, v3 + property(kX86IsaUsed, 1))) == 3);
  CHECK(x86_level(note("GNU", NT_GNU_BUILD_ID, std::string(24, 'b')) +
                  note("GNU", NT_GNU_PROPERTY_TYPE_0, v3)) == 3);
  CHECK(x86_level(note("XEN", NT_GNU_PROPERTY_TYPE_0, v3)) == 0);
  CHECK(x86_level(note("GNU", NT_GNU_PROPERTY_TYPE_0, property(kX86IsaUsed, 4))) == 0);
  CHECK(x86_level("") == 0);
}

TEST_CASE("damaged property notes say nothing", "[elf]") {
  const std::string good = note("GNU", NT_GNU_PROPERTY_TYPE_0,
                                property(kX86Feature1And, 3) + property(kX86IsaNeeded, 4));
  for (std::size_t size = 0; size + 4 < good.size(); ++size) {
    CAPTURE(size);
    CHECK(x86_level(good.substr(0, size)) == 0);
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string bad = good;
      bad[i] = value;
      CHECK(x86_level(bad) <= 4);
    }
  }
}

std::string arm_attributes(const std::string& attributes, std::uint8_t data = ELFDATA2LSB,
                           std::string_view vendor = "aeabi") {
  const std::string file = std::string("\1") + number(5 + attributes.size(), 4, data) + attributes;
  const std::string name = std::string(vendor) + '\0';
  return "A" + number(4 + name.size() + file.size(), 4, data) + name + file;
}

int arm_version(const std::string& section, std::uint8_t data = ELFDATA2LSB) {
  const ElfFile file{.e_machine = EM_ARM,
                     .elf_class = ELFCLASS32,
                     .data = data,
                     .e_flags = EF_ARM_EABI_VER5,
                     .sections = {{SHT_PROGBITS, "code"}, {kShtArmAttributes, section}}};
  const std::optional<Elf> elf = parse_elf(file.bytes());
  CHECK_FALSE(elf->truncated);
  return elf->arm_version;
}

TEST_CASE("the ARM architecture that a program asks for", "[elf]") {
  // Tag_CPU_arch, "Addenda to, and Errata in, the ABI for the Arm Architecture", section 3.3.5.1.
  constexpr std::array<int, 18> kVersions = {0, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 6, 6, 7, 8, 8, 8, 8};
  for (std::size_t i = 0; i < kVersions.size(); ++i) {
    CAPTURE(i);
    const std::string tag = std::string("\6") + static_cast<char>(i);
    CHECK(arm_version(arm_attributes(tag)) == kVersions.at(i));
    CHECK(arm_version(arm_attributes(tag, ELFDATA2MSB), ELFDATA2MSB) == kVersions.at(i));
  }
  CHECK(arm_version(arm_attributes("\6\x16")) == 8);  // v9-A, newer than the table

  // As GCC writes it: Tag_CPU_name and others before.
  const std::string name("\5Cortex-A7\0", 11);
  CHECK(arm_version(arm_attributes(name + "\6\x0a\7\x41\x08\1")) == 7);
  const std::string compatibility("\x20\1gnu\0", 6);
  CHECK(arm_version(arm_attributes(compatibility + "\6\4")) == 5);
  const std::string no_compatibility("\x20\0\0", 3);
  CHECK(arm_version(arm_attributes(no_compatibility + "\6\4")) == 5);
  const std::string uleb("\x08\x81\x01\6\6", 5);
  CHECK(arm_version(arm_attributes(uleb)) == 6);
  const std::string conformance(
      "\x43"
      "2.09\0\6\x0a",
      8);
  CHECK(arm_version(arm_attributes(conformance)) == 7);

  CHECK(arm_version(arm_attributes(name)) == 0);
  CHECK(arm_version(arm_attributes("")) == 0);
  CHECK(arm_version("") == 0);
  CHECK(arm_version(arm_attributes("\6\x0a", ELFDATA2LSB, "other")) == 0);
  CHECK(arm_version("B" + arm_attributes("\6\x0a").substr(1)) == 0);
}

TEST_CASE("damaged ARM attributes say nothing wrong", "[elf]") {
  const std::string good = arm_attributes(std::string("\5Cortex-A7\0\6\x0a", 13));
  REQUIRE(arm_version(good) == 7);
  for (std::size_t size = 0; size < good.size() - 1; ++size) {
    CAPTURE(size);
    CHECK(arm_version(good.substr(0, size)) == 0);
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char value : {'\0', '\1', '\x7f', '\x80', '\xff'}) {
      std::string bad = good;
      bad[i] = value;
      CHECK(arm_version(bad) <= 8);
    }
  }
}

TEST_CASE("the platform of an ELF file has the level it asks for", "[elf]") {
  ElfFile arm{.e_machine = EM_ARM,
              .elf_class = ELFCLASS32,
              .e_flags = EF_ARM_EABI_VER5,
              .sections = {{kShtArmAttributes, arm_attributes("\6\x0a")}}};
  CHECK(platform_of(arm.bytes()) == "linux/arm/v7");
  arm.sections = {{kShtArmAttributes, arm_attributes("\6\4")}};
  CHECK(platform_of(arm.bytes()) == "linux/arm/v5");
  arm.sections = {{kShtArmAttributes, arm_attributes("\6\2")}};
  CHECK(platform_of(arm.bytes()) == "linux/arm");

  ElfFile amd64;
  const auto with_level = [&amd64](std::uint32_t bits) {
    amd64.segments = {
        {PT_LOAD, "code"},
        {kPtGnuProperty, note("GNU", NT_GNU_PROPERTY_TYPE_0, property(kX86IsaNeeded, bits))}};
    return platform_of(amd64.bytes());
  };
  CHECK(with_level(1) == "linux/amd64");
  CHECK(with_level(2) == "linux/amd64/v2");
  CHECK(with_level(8) == "linux/amd64/v4");
}

TEST_CASE("a program must be what its label says", "[elf]") {
  const ElfFile amd64;
  const ElfFile arm64{.e_machine = EM_AARCH64};
  const ElfFile arm{.e_machine = EM_ARM, .elf_class = ELFCLASS32, .e_flags = EF_ARM_EABI_VER5};
  const ElfFile riscv64{.e_machine = EM_RISCV, .e_flags = 5};
  const ElfFile ppc64le{.e_machine = EM_PPC64, .e_flags = 2};
  const ElfFile s390x{.e_machine = EM_S390, .data = ELFDATA2MSB};
  struct Row {
    const ElfFile* file;
    std::string_view label;
  };
  const std::array<Row, 6> rows = {{{&amd64, "linux/amd64"},
                                    {&arm64, "linux/arm64"},
                                    {&arm, "linux/arm/v7"},
                                    {&riscv64, "linux/riscv64"},
                                    {&ppc64le, "linux/ppc64le"},
                                    {&s390x, "linux/s390x"}}};
  for (const Row& program : rows) {
    for (const Row& label : rows) {
      CAPTURE(program.label, label.label);
      CHECK(contradiction(program.file->bytes(), label.label) ==
            (&program == &label ? Contradiction::kNone : Contradiction::kArchitecture));
    }
  }
  CHECK(contradiction(arm64.bytes(), "linux/arm64/v8.2") == Contradiction::kNone);
  CHECK(contradiction(arm.bytes(), "linux/arm/v5") == Contradiction::kNone);
  CHECK(contradiction(ElfFile{.e_machine = EM_68K, .data = ELFDATA2MSB}.bytes(), "linux/amd64") ==
        Contradiction::kArchitecture);
}

TEST_CASE("byte order and class contradict a label", "[elf]") {
  CHECK(contradiction(ElfFile{.e_machine = EM_PPC64, .data = ELFDATA2MSB}.bytes(),
                      "linux/ppc64le") == Contradiction::kArchitecture);
  CHECK(contradiction(
            ElfFile{.e_machine = EM_S390, .elf_class = ELFCLASS32, .data = ELFDATA2MSB}.bytes(),
            "linux/s390x") == Contradiction::kArchitecture);
  CHECK(contradiction(ElfFile{.e_machine = EM_AARCH64, .data = ELFDATA2MSB}.bytes(),
                      "linux/arm64") == Contradiction::kArchitecture);
  CHECK(contradiction(
            ElfFile{.e_machine = EM_ARM, .elf_class = ELFCLASS32, .data = ELFDATA2MSB}.bytes(),
            "linux/arm/v7") == Contradiction::kArchitecture);
  CHECK(contradiction(ElfFile{.e_machine = EM_RISCV, .elf_class = ELFCLASS32}.bytes(),
                      "linux/riscv64") == Contradiction::kArchitecture);
}

TEST_CASE("ABIs that the kernel of the platform does not load", "[elf]") {
  // x32
  CHECK(contradiction(ElfFile{.elf_class = ELFCLASS32}.bytes(), "linux/amd64") ==
        Contradiction::kAbi);
  // ELFv1 for a little-endian kernel; ELFv2 and unmarked files are fine
  CHECK(contradiction(ElfFile{.e_machine = EM_PPC64, .e_flags = 1}.bytes(), "linux/ppc64le") ==
        Contradiction::kAbi);
  CHECK(contradiction(ElfFile{.e_machine = EM_PPC64, .e_flags = 0}.bytes(), "linux/ppc64le") ==
        Contradiction::kNone);
  // the arm ABI before EABI
  CHECK(contradiction(ElfFile{.e_machine = EM_ARM, .elf_class = ELFCLASS32}.bytes(),
                      "linux/arm/v7") == Contradiction::kAbi);
  // RISC-V's embedded base, with half the registers
  CHECK(contradiction(ElfFile{.e_machine = EM_RISCV, .e_flags = 8}.bytes(), "linux/riscv64") ==
        Contradiction::kAbi);
  // other systems
  for (const int osabi : {ELFOSABI_NETBSD, ELFOSABI_SOLARIS, ELFOSABI_FREEBSD, 255}) {
    CAPTURE(osabi);
    CHECK(contradiction(ElfFile{.osabi = static_cast<std::uint8_t>(osabi)}.bytes(),
                        "linux/amd64") == Contradiction::kAbi);
  }
  CHECK(contradiction(ElfFile{.osabi = ELFOSABI_GNU}.bytes(), "linux/amd64") ==
        Contradiction::kNone);
}

TEST_CASE("only programs are programs", "[elf]") {
  CHECK(contradiction(ElfFile{.e_type = ET_REL}.bytes(), "linux/amd64") == Contradiction::kType);
  CHECK(contradiction(ElfFile{.e_type = ET_CORE}.bytes(), "linux/amd64") == Contradiction::kType);
  CHECK(contradiction(ElfFile{.e_type = ET_NONE}.bytes(), "linux/amd64") == Contradiction::kType);
  CHECK(contradiction(ElfFile{.e_type = ET_DYN}.bytes(), "linux/amd64") == Contradiction::kNone);
}

TEST_CASE("a program for a newer CPU than its label promises", "[elf]") {
  ElfFile amd64;
  amd64.segments.push_back(
      {kPtGnuProperty, note("GNU", NT_GNU_PROPERTY_TYPE_0, property(kX86IsaNeeded, 4))});
  CHECK(contradiction(amd64.bytes(), "linux/amd64") == Contradiction::kLevel);
  CHECK(contradiction(amd64.bytes(), "linux/amd64/v2") == Contradiction::kLevel);
  CHECK(contradiction(amd64.bytes(), "linux/amd64/v3") == Contradiction::kNone);
  CHECK(contradiction(amd64.bytes(), "linux/amd64/v4") == Contradiction::kNone);
  amd64.segments.back().content = note("GNU", NT_GNU_PROPERTY_TYPE_0, property(kX86IsaNeeded, 1));
  CHECK(contradiction(amd64.bytes(), "linux/amd64") == Contradiction::kNone);

  const ElfFile arm{.e_machine = EM_ARM,
                    .elf_class = ELFCLASS32,
                    .e_flags = EF_ARM_EABI_VER5,
                    .sections = {{kShtArmAttributes, arm_attributes("\6\x0a")}}};
  CHECK(contradiction(arm.bytes(), "linux/arm/v5") == Contradiction::kLevel);
  CHECK(contradiction(arm.bytes(), "linux/arm/v6") == Contradiction::kLevel);
  CHECK(contradiction(arm.bytes(), "linux/arm/v7") == Contradiction::kNone);
  CHECK(contradiction(arm.bytes(), "linux/arm/v8") == Contradiction::kNone);
}

TEST_CASE("the beginning of a position-independent program tells its level", "[elf]") {
  // The launcher checks the first part of what it unpacks; the dynamic section lies far behind it.
  ElfFile file{.e_type = ET_DYN,
               .segments = {{PT_LOAD, std::string(1000, 'c')},
                            {PT_DYNAMIC, std::string(64, '\0')},
                            {kPtGnuProperty,
                             note("GNU", NT_GNU_PROPERTY_TYPE_0, property(kX86IsaNeeded, 4))}}};
  std::string bytes = file.bytes();
  // As linkers do, with the note at the front: its segment points into the first one.
  const std::size_t note_header = file.header_size() + 2 * file.segment_header_size();
  const std::size_t front = file.headers_end() + 100;
  bytes.replace(front, file.segments[2].content.size(), file.segments[2].content);
  bytes.replace(note_header + 8, 8, number(front, 8));
  REQUIRE(parse_elf(bytes)->x86_level == 3);
  CHECK(parse_elf(bytes.substr(0, front + 200))->x86_level == 3);
}

#ifndef PIXELZX_SOURCE_DIR
#error "PIXELZX_SOURCE_DIR must be the top of the source tree"
#endif

TEST_CASE("this test's own program", "[elf]") {
  const std::optional<Elf> elf = parse_elf(content_of("/proc/self/exe"));
  REQUIRE(elf);
  CHECK(elf_platform(*elf)->arch.view() == own_arch());
  CHECK_FALSE(elf->interpreter.empty());
  CHECK(elf->pie);
  CHECK_FALSE(elf->truncated);
}

TEST_CASE("files of Debian's cross compilers, where they are installed", "[elf]") {
  struct Row {
    std::string_view triple;
    std::string_view library;  // the platform of libc.so.6
    std::string_view label;
  };
  constexpr std::array<Row, 7> kRows = {{
      {"x86_64-linux-gnu", "linux/amd64", "linux/amd64"},
      {"aarch64-linux-gnu", "linux/arm64", "linux/arm64"},
      {"arm-linux-gnueabihf", "linux/arm/v7", "linux/arm/v7"},
      {"arm-linux-gnueabi", "linux/arm/v5", "linux/arm/v5"},
      {"riscv64-linux-gnu", "linux/riscv64", "linux/riscv64"},
      {"powerpc64le-linux-gnu", "linux/ppc64le", "linux/ppc64le"},
      {"s390x-linux-gnu", "linux/s390x", "linux/s390x"},
  }};
  for (const Row& row : kRows) {
    const std::filesystem::path folder =
        std::filesystem::path("/usr") / std::string(row.triple) / "lib";
    const std::string library = content_of(folder / "libc.so.6");
    if (library.empty()) continue;
    CAPTURE(row.triple);
    CHECK(platform_of(library) == row.library);
    CHECK_FALSE(parse_elf(library)->interpreter.empty());
    CHECK_FALSE(parse_elf(library)->pie);
    CHECK_FALSE(parse_elf(library)->truncated);
    CHECK(parse_elf(library.substr(0, library.size() / 2))->truncated);
    CHECK(contradiction(library, row.label) == Contradiction::kNone);

    const std::string object = content_of(folder / "crt1.o");
    CHECK(contradiction(object, row.label) == Contradiction::kType);
  }
}

TEST_CASE("the project's own launchers, where they are built", "[elf]") {
  const std::filesystem::path dist = std::filesystem::path(PIXELZX_SOURCE_DIR) / "dist/launcher";
  constexpr std::array<std::string_view, 6> kPlatforms = {"linux/amd64",   "linux/arm64",
                                                          "linux/arm/v5",  "linux/riscv64",
                                                          "linux/ppc64le", "linux/s390x"};
  constexpr std::array<std::string_view, 6> kFolders = {"linux-amd64",   "linux-arm64",
                                                        "linux-arm-v7",  "linux-riscv64",
                                                        "linux-ppc64le", "linux-s390x"};
  for (std::size_t i = 0; i < kFolders.size(); ++i) {
    const std::string launcher = content_of(dist / std::string(kFolders.at(i)) / "pixelzx");
    if (launcher.empty()) continue;
    CAPTURE(kFolders.at(i));
    CHECK(contradiction(launcher, kPlatforms.at(i)) == Contradiction::kNone);
    CHECK(parse_elf(launcher)->interpreter.empty());
    CHECK_FALSE(parse_elf(launcher)->truncated);
  }
}

TEST_CASE("the machine code of a program is its largest executable segment", "[elf]") {
  for (const std::uint8_t elf_class : kClasses) {
    for (const std::uint8_t data : kByteOrders) {
      CAPTURE(int{elf_class}, int{data});
      const ElfFile file{
          .elf_class = elf_class,
          .data = data,
          .p_flags = PF_R | PF_X,
          .segments = {{PT_NOTE, "note"}, {PT_LOAD, "the machine code"}, {PT_LOAD, "short"}}};
      const std::string bytes = file.bytes();
      const std::optional<Elf> elf = parse_elf(bytes);
      REQUIRE(elf);
      CHECK(bytes.substr(elf->code_offset, elf->code_size) == "the machine code");
      for (std::size_t size = 0; size < bytes.size(); ++size) {
        const std::string cut = bytes.substr(0, size);  // a copy: the sanitizer sees its end
        const std::optional<Elf> found = parse_elf(cut);
        if (!found) continue;
        REQUIRE(found->code_offset + found->code_size <= size);
      }
    }
  }
  CHECK(parse_elf(ElfFile{}.bytes())->code_size == 0);  // nothing of it is executable
  CHECK_FALSE(parse_elf("no program"));
}

}  // namespace
}  // namespace pixelzx
