// SPDX-License-Identifier: Apache-2.0
#include "elf.h"

#include <elf.h>  // NOLINT(readability-duplicate-include): the system's

#include <array>

namespace pixelzx {
namespace {

// Newer than some of the <elf.h> this is compiled with.
constexpr std::uint16_t kEmLoongArch = 258;
constexpr std::uint32_t kEfRiscvRve = 8;
constexpr std::uint32_t kGnuPropertyX86IsaNeeded = 0xc0008002;
constexpr std::uint64_t kDf1Pie = 0x08000000;
constexpr std::uint32_t kPtGnuProperty = 0x6474e553;

/// Reads numbers in the file's own byte order. Reading beyond the end gives 0 and marks failed().
class Reader {
 public:
  Reader(ByteSource& file, bool big_endian) : file_(&file), big_endian_(big_endian) {}

  std::uint64_t number(std::uint64_t offset, unsigned size) {
    const std::string_view digits = file_->bytes(offset, size);
    if (digits.size() < size) {
      failed_ = true;
      return 0;
    }
    std::uint64_t value = 0;
    for (unsigned i = 0; i < size; ++i) {
      value = value << 8 | static_cast<unsigned char>(digits[big_endian_ ? i : size - 1 - i]);
    }
    return value;
  }
  std::uint16_t half(std::uint64_t offset) { return static_cast<std::uint16_t>(number(offset, 2)); }
  std::uint32_t word(std::uint64_t offset) { return static_cast<std::uint32_t>(number(offset, 4)); }

  /// What of the `size` bytes at `offset` is there, until the next call.
  [[nodiscard]] std::string_view bytes(std::uint64_t offset, std::uint64_t size) const {
    return file_->bytes(
        offset, static_cast<std::size_t>(std::min<std::uint64_t>(size, ByteSource::kLongest)));
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  ByteSource* file_;
  bool big_endian_;
  bool failed_ = false;
};

/// Where the fields of a header lie in 32- and 64-bit files.
struct Layout {
  unsigned address;  // size of Elf_Addr, Elf_Off
  unsigned e_phoff, e_shoff, e_flags, e_phentsize, e_phnum, e_shentsize, e_shnum;
  unsigned p_flags, p_offset, p_vaddr, p_filesz, p_memsz;
  unsigned sh_type, sh_offset, sh_size;
  unsigned note_align;
};
constexpr Layout kLayout32 = {4, 0x1c, 0x20, 0x24, 0x2a, 0x2c, 0x2e, 0x30, 0x18,
                              4, 0x08, 0x10, 0x14, 0x04, 0x10, 0x14, 4};
constexpr Layout kLayout64 = {8, 0x20, 0x28, 0x30, 0x36, 0x38, 0x3a, 0x3c, 4,
                              8, 0x10, 0x20, 0x28, 0x04, 0x18, 0x20, 8};

/// Reads a GNU property note's level (x86-64 psABI, "Program Property"): bit 0 baseline, 1 v2, 2
/// v3, 3 v4.
int x86_level_in_property(Reader& reader, std::uint64_t at, std::uint64_t end, unsigned align) {
  while (at + 8 <= end && !reader.failed()) {
    const std::uint32_t size = reader.word(at + 4);
    if (reader.word(at) == kGnuPropertyX86IsaNeeded && size == 4) {
      int level = 0;
      for (std::uint32_t bits = reader.word(at + 8) & 15; bits != 0; bits >>= 1) ++level;
      return level;
    }
    at += 8 + (std::uint64_t{size} + align - 1) / align * align;
  }
  return 0;
}

/// With a reader of its own: what notes say is not needed to start the program.
void read_notes(Reader reader, std::uint64_t at, std::uint64_t size, unsigned align, Elf& elf) {
  const std::uint64_t end = at + std::min<std::uint64_t>(size, ByteSource::kLongest);
  while (at + 12 <= end) {
    const std::uint32_t name_size = reader.word(at);
    const std::uint32_t desc_size = reader.word(at + 4);
    const std::uint32_t type = reader.word(at + 8);
    const std::uint64_t desc = at + 12 + (std::uint64_t{name_size} + 3) / 4 * 4;
    if (reader.bytes(at + 12, 4) == std::string_view("GNU\0", 4)) {
      if (type == NT_GNU_ABI_TAG && desc_size >= 16) {
        elf.abi_system = reader.word(desc);
        elf.abi_kernel =
            reader.word(desc + 4) << 16 | reader.word(desc + 8) << 8 | reader.word(desc + 12);
      } else if (type == NT_GNU_PROPERTY_TYPE_0 && elf.e_machine == EM_X86_64 &&
                 elf.x86_level == 0) {
        elf.x86_level = x86_level_in_property(reader, desc, desc + desc_size, align);
      }
    }
    at = desc + (std::uint64_t{desc_size} + align - 1) / align * align;
    if (reader.failed()) return;
  }
}

std::uint64_t read_uleb128(Reader& reader, std::uint64_t& at) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const std::uint64_t byte = reader.number(at++, 1);
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  return value;
}

/// Tag_CPU_arch in an .ARM.attributes section, as the architecture's number ("Addenda to, and
/// Errata in, the ABI for the Arm Architecture", https://github.com/ARM-software/abi-aa).
int arm_version_in_attributes(Reader reader, std::uint64_t begin, std::uint64_t size) {
  constexpr std::array<int, 18> kVersions = {0, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 6, 6, 7, 8, 8, 8, 8};
  constexpr std::uint64_t kTagFile = 1;
  constexpr std::uint64_t kTagCpuRawName = 4;
  constexpr std::uint64_t kTagCpuName = 5;
  constexpr std::uint64_t kTagCpuArch = 6;
  constexpr std::uint64_t kTagCompatibility = 32;
  // 'A', then length and name of the vendor, then a tag with its length, then the attributes.
  if (size < 16 || reader.number(begin, 1) != 'A' ||
      reader.bytes(begin + 5, 6) != std::string_view("aeabi\0", 6)) {
    return 0;
  }
  std::uint64_t at = begin + 11;
  if (reader.number(at, 1) != kTagFile) return 0;
  const std::uint64_t end = std::min(begin + std::min<std::uint64_t>(size, ByteSource::kLongest),
                                     at + reader.word(at + 1));
  at += 5;
  while (at < end && !reader.failed()) {
    const std::uint64_t tag = read_uleb128(reader, at);
    const bool is_string =
        tag == kTagCpuRawName || tag == kTagCpuName || (tag > kTagCompatibility && tag % 2 == 1);
    if (tag == kTagCompatibility) read_uleb128(reader, at);
    if (is_string || tag == kTagCompatibility) {
      while (at < end && reader.number(at++, 1) != 0) {
      }
      continue;
    }
    const std::uint64_t value = read_uleb128(reader, at);
    if (tag == kTagCpuArch) {
      return kVersions[static_cast<std::size_t>(
          std::min<std::uint64_t>(value, kVersions.size() - 1))];
    }
  }
  return 0;
}

/// With a reader of its own: the beginning of a file may lack the dynamic section.
bool has_pie_flag(Reader reader, const Layout& layout, std::uint64_t offset, std::uint64_t size) {
  const std::uint64_t entry_size = std::uint64_t{2} * layout.address;
  for (std::uint64_t at = offset; at + entry_size <= offset + size && !reader.failed();
       at += entry_size) {
    const std::uint64_t tag = reader.number(at, layout.address);
    if (tag == DT_FLAGS_1)
      return (reader.number(at + layout.address, layout.address) & kDf1Pie) != 0;
    if (tag == DT_NULL) break;
  }
  return false;
}

constexpr std::uint64_t kMostHeaders = 1024;  // more than any program has; bounds the work

/// What is asked of the PT_LOAD segments one after the other.
class Segments {
 public:
  explicit Segments(Elf& elf) : elf_(elf) {}

  void add(std::uint64_t offset, std::uint64_t file_size, std::uint64_t address,
           std::uint64_t memory_size, bool executable) {
    elf_.has_load = true;
    if (file_size > memory_size) elf_.impossible = true;
    const std::uint64_t shift = address - offset;
    if (file_size > 0 && shift != 0) limit(shift & (~shift + 1));  // its lowest bit
    for (std::uint64_t page = kLargestPage; page > 0x1000 && code_end_ > 0 && !executable;
         page /= 2) {
      if (address / page == (code_end_ - 1) / page) limit(page / 2);
    }
    if (executable) code_end_ = address + memory_size;
  }

 private:
  static constexpr std::uint64_t kLargestPage = 0x10000;

  void limit(std::uint64_t page) {
    if (elf_.largest_page == 0 || page < elf_.largest_page) elf_.largest_page = page;
  }

  Elf& elf_;
  std::uint64_t code_end_ = 0;
};

void read_program_headers(Reader& reader, const Layout& layout, std::uint64_t file_size, Elf& elf) {
  const std::uint64_t table = reader.number(layout.e_phoff, layout.address);
  const std::uint64_t entry_size = reader.half(layout.e_phentsize);
  const std::uint64_t count = std::min<std::uint64_t>(reader.half(layout.e_phnum), kMostHeaders);
  Segments segments(elf);
  for (std::uint64_t i = 0; i < count && !reader.failed(); ++i) {
    const std::uint64_t header = table + i * entry_size;
    const std::uint32_t type = reader.word(header);
    const std::uint64_t offset = reader.number(header + layout.p_offset, layout.address);
    const std::uint64_t size = reader.number(header + layout.p_filesz, layout.address);
    if (type == PT_LOAD) {
      const bool executable = (reader.word(header + layout.p_flags) & PF_X) != 0;
      if (offset > file_size || file_size - offset < size) {
        elf.truncated = true;
      } else if (executable && size > elf.code_size) {
        elf.code_offset = offset;
        elf.code_size = size;
      }
      segments.add(offset, size, reader.number(header + layout.p_vaddr, layout.address),
                   reader.number(header + layout.p_memsz, layout.address), executable);
    } else if (type == PT_INTERP) {
      const std::string_view text = reader.bytes(offset, size);
      elf.interpreter = text.substr(0, text.find('\0'));
      if (text.size() == size && !text.ends_with('\0')) elf.impossible = true;
      if (elf.interpreter.empty()) elf.interpreter = "?";
    } else if (type == PT_DYNAMIC) {
      elf.pie = has_pie_flag(reader, layout, offset, size);
    } else if (type == PT_NOTE || type == kPtGnuProperty) {
      read_notes(reader, offset, size, type == PT_NOTE ? 4 : layout.note_align, elf);
    }
  }
  elf.truncated = elf.truncated || reader.failed();
}

/// The kernel needs no sections, so a file may have none. But one whose table lies beyond its end
/// has lost its tail.
void read_sections(Reader reader, const Layout& layout, std::uint64_t file_size, Elf& elf) {
  const std::uint64_t table = reader.number(layout.e_shoff, layout.address);
  const std::uint64_t entry_size = reader.half(layout.e_shentsize);
  const std::uint64_t count = table == 0 ? 0 : reader.half(layout.e_shnum);
  if (count == 0) return;
  if (table > file_size || file_size - table < count * entry_size) {
    elf.truncated = true;
    return;
  }
  if (elf.e_machine != EM_ARM) return;
  for (std::uint64_t i = 0; i < std::min(count, kMostHeaders) && !reader.failed(); ++i) {
    const std::uint64_t header = table + i * entry_size;
    if (reader.word(header + layout.sh_type) != SHT_ARM_ATTRIBUTES) continue;
    elf.arm_version =
        arm_version_in_attributes(reader, reader.number(header + layout.sh_offset, layout.address),
                                  reader.number(header + layout.sh_size, layout.address));
  }
}

struct MachineRow {
  std::uint16_t e_machine;
  std::uint8_t elf_class;
  std::uint8_t data;
  std::string_view arch;
};

constexpr std::array<MachineRow, 21> kMachines = {{
    {EM_386, ELFCLASS32, ELFDATA2LSB, "386"},
    {EM_X86_64, ELFCLASS64, ELFDATA2LSB, "amd64"},
    {EM_X86_64, ELFCLASS32, ELFDATA2LSB, "amd64"},  // x32: amd64 kernels only, by another ABI
    {EM_ARM, ELFCLASS32, ELFDATA2LSB, "arm"},
    {EM_ARM, ELFCLASS32, ELFDATA2MSB, "armbe"},
    {EM_AARCH64, ELFCLASS64, ELFDATA2LSB, "arm64"},
    {EM_AARCH64, ELFCLASS64, ELFDATA2MSB, "arm64be"},
    {EM_RISCV, ELFCLASS64, ELFDATA2LSB, "riscv64"},
    {EM_RISCV, ELFCLASS32, ELFDATA2LSB, "riscv"},
    {EM_PPC64, ELFCLASS64, ELFDATA2LSB, "ppc64le"},
    {EM_PPC64, ELFCLASS64, ELFDATA2MSB, "ppc64"},
    {EM_PPC, ELFCLASS32, ELFDATA2MSB, "ppc"},
    {EM_S390, ELFCLASS64, ELFDATA2MSB, "s390x"},
    {EM_S390, ELFCLASS32, ELFDATA2MSB, "s390"},
    {kEmLoongArch, ELFCLASS64, ELFDATA2LSB, "loong64"},
    {EM_MIPS, ELFCLASS64, ELFDATA2LSB, "mips64le"},
    {EM_MIPS, ELFCLASS64, ELFDATA2MSB, "mips64"},
    {EM_MIPS, ELFCLASS32, ELFDATA2LSB, "mipsle"},
    {EM_MIPS, ELFCLASS32, ELFDATA2MSB, "mips"},
    {EM_SPARCV9, ELFCLASS64, ELFDATA2MSB, "sparc64"},
    {EM_SPARC, ELFCLASS32, ELFDATA2MSB, "sparc"},
}};

/// The number in `v7`; 0 for no variant.
int variant_number(const PlatformName& variant) {
  std::string_view text = variant.view();
  text.remove_prefix(std::min<std::size_t>(text.size(), 1));
  return static_cast<int>(take_number(text).value_or(0));
}

bool needs_more_than(const Elf& elf, const Platform& label) {
  if (elf.e_machine == EM_X86_64) return elf.x86_level > std::max(1, variant_number(label.variant));
  if (elf.e_machine == EM_ARM) return elf.arm_version > variant_number(label.variant);
  return false;
}

}  // namespace

std::optional<Elf> parse_elf(std::string_view file) {
  MemoryBytes bytes(file);
  return parse_elf(bytes, file.size());
}

std::optional<Elf> parse_elf(ByteSource& file, std::uint64_t size) {
  const std::string_view ident = file.bytes(0, EI_NIDENT);
  if (!ident.starts_with(ELFMAG) || ident.size() < EI_NIDENT || size < EI_NIDENT + 4) {
    return std::nullopt;
  }
  Elf elf;
  elf.elf_class = static_cast<std::uint8_t>(ident[EI_CLASS]);
  elf.data = static_cast<std::uint8_t>(ident[EI_DATA]);
  elf.osabi = static_cast<std::uint8_t>(ident[EI_OSABI]);
  const bool sane = (elf.elf_class == ELFCLASS32 || elf.elf_class == ELFCLASS64) &&
                    (elf.data == ELFDATA2LSB || elf.data == ELFDATA2MSB);
  if (!sane) return std::nullopt;
  Reader reader(file, elf.data == ELFDATA2MSB);
  const Layout& layout = elf.elf_class == ELFCLASS64 ? kLayout64 : kLayout32;
  elf.e_type = reader.half(16);
  elf.e_machine = reader.half(18);
  elf.e_flags = reader.word(layout.e_flags);
  elf.e_phentsize = reader.half(layout.e_phentsize);
  read_program_headers(reader, layout, size, elf);
  read_sections(reader, layout, size, elf);
  return elf;
}

std::optional<Platform> elf_platform(const Elf& elf) {
  for (const MachineRow& row : kMachines) {
    if (row.e_machine != elf.e_machine || row.elf_class != elf.elf_class || row.data != elf.data)
      continue;
    Platform platform = linux_platform(row.arch);
    if (row.arch == "arm" && elf.arm_version >= 5) {
      platform.variant = PlatformName("v").append_number(static_cast<unsigned>(elf.arm_version));
    } else if (row.arch == "amd64" && elf.x86_level > 1) {
      platform.variant = PlatformName("v").append_number(static_cast<unsigned>(elf.x86_level));
    }
    return platform;
  }
  return std::nullopt;
}

bool abi_is_loadable(const Elf& elf) {
  if (elf.osabi != ELFOSABI_SYSV && elf.osabi != ELFOSABI_GNU && elf.osabi != ELFOSABI_ARM)
    return false;
  switch (elf.e_machine) {
    case EM_X86_64:
      return elf.elf_class == ELFCLASS64;  // else x32
    case EM_PPC64:
      return elf.data == ELFDATA2MSB || (elf.e_flags & 3) != 1;  // else ELFv1
    case EM_ARM:
      return (elf.e_flags & EF_ARM_EABIMASK) != 0;  // else the old ABI of before 2005
    case EM_RISCV:
      return (elf.e_flags & kEfRiscvRve) == 0;
    default:
      return true;
  }
}

Contradiction check_label(const Elf& elf, const Platform& label) {
  const std::optional<Platform> platform = elf_platform(elf);
  if (!platform || platform->arch != label.arch) return Contradiction::kArchitecture;
  if (!abi_is_loadable(elf)) return Contradiction::kAbi;
  if (elf.e_type != ET_EXEC && elf.e_type != ET_DYN) return Contradiction::kType;
  if (needs_more_than(elf, label)) return Contradiction::kLevel;
  return Contradiction::kNone;
}

FixedString<96> describe_contradiction(std::string_view beginning, const Platform& label) {
  const std::optional<Elf> elf = parse_elf(beginning);
  if (!elf) return {"-"};
  FixedString<96> found;
  if (check_label(*elf, label) == Contradiction::kNone) return found;
  if (const std::optional<Platform> platform = elf_platform(*elf)) {
    found.append(to_text(*platform).view()).append(", ");
  }
  found.append("e_machine ").append_number(elf->e_machine);
  found.append(", e_type ").append_number(elf->e_type);
  return found;
}

}  // namespace pixelzx
