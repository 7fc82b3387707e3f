// SPDX-License-Identifier: Apache-2.0
//
// Programs and folders for the tests of pixelzx-pack.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace pixelzx::pack {

/// The ELF header of a sample and what follows it.
struct Sample {
  std::uint16_t e_machine = EM_X86_64;
  std::uint8_t elf_class = ELFCLASS64;
  std::uint8_t data = ELFDATA2LSB;
  std::uint16_t e_type = ET_EXEC;
  std::uint32_t e_flags = 0;
  /// Adds a PT_INTERP with this path.
  std::string interpreter = {};
};

inline const Sample kAmd64;
inline const Sample kArm64{.e_machine = EM_AARCH64};
inline const Sample kArm{.e_machine = EM_ARM, .elf_class = ELFCLASS32, .e_flags = EF_ARM_EABI_VER5};
inline const Sample kS390x{.e_machine = EM_S390, .data = ELFDATA2MSB};
inline const Sample kPpc64le{.e_machine = EM_PPC64, .e_flags = 2};
inline const Sample kRiscv64{.e_machine = EM_RISCV};

/// The smallest file that a kernel would take for a program: its headers, and `payload` as the one
/// segment to load.
inline std::string make_elf(const Sample& sample, const std::string& payload = "payload") {
  const bool wide = sample.elf_class == ELFCLASS64;
  std::string file;
  const auto number = [&file, &sample](std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) {
      const int shift = 8 * (sample.data == ELFDATA2LSB ? i : size - 1 - i);
      file += static_cast<char>(value >> shift & 0xff);
    }
  };
  const int address = wide ? 8 : 4;
  const std::uint64_t header_size = wide ? 64 : 52;
  const std::uint64_t entry_size = wide ? 56 : 32;
  const std::uint64_t entries = sample.interpreter.empty() ? 1 : 2;
  const std::uint64_t begin = header_size + entries * entry_size;

  file = std::string("\177ELF") + static_cast<char>(sample.elf_class) +
         static_cast<char>(sample.data) + static_cast<char>(EV_CURRENT) + std::string(9, '\0');
  number(sample.e_type, 2);
  number(sample.e_machine, 2);
  number(EV_CURRENT, 4);
  number(0, address);            // e_entry
  number(header_size, address);  // e_phoff
  number(0, address);            // e_shoff
  number(sample.e_flags, 4);
  number(header_size, 2);
  number(entry_size, 2);
  number(entries, 2);
  number(0, 2);  // e_shentsize
  number(0, 2);  // e_shnum
  number(0, 2);  // e_shstrndx
  const auto segment = [&](std::uint32_t type, std::uint64_t offset, std::uint64_t size) {
    number(type, 4);
    if (wide) number(PF_R, 4);
    number(offset, address);
    number(offset, address);  // p_vaddr
    number(offset, address);  // p_paddr
    number(size, address);
    number(size, address);  // p_memsz
    if (!wide) number(PF_R, 4);
    number(1, address);  // p_align
  };
  segment(PT_LOAD, begin, payload.size());
  if (!sample.interpreter.empty()) {
    segment(PT_INTERP, begin + payload.size(), sample.interpreter.size() + 1);
  }
  return file + payload + sample.interpreter + '\0';
}

/// A folder of its own for one test, removed at its end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "pack-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file and returns its path.
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path(name);
  }
  std::string content(const std::string& name) const {
    std::ifstream in(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator(path_), {});
  }

 private:
  std::filesystem::path path_;
};

}  // namespace pixelzx::pack
