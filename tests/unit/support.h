// SPDX-License-Identifier: Apache-2.0
//
// What the unit tests of launcher/ share: folders, and ELF files and bundles written field by field
// from their specifications, so that no mistake of the code under test is repeated here.
#pragma once

#include <elf.h>
#include <sys/stat.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "fixed_string.h"
#include "sha256.h"

namespace pixelzx::test {

/// A folder of its own for one test, removed at its end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "unit-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder(Folder&&) = delete;
  Folder& operator=(Folder&&) = delete;

  [[nodiscard]] std::string path(const std::string& name = {}) const {
    return name.empty() ? path_.string() : (path_ / name).string();
  }
  /// Writes a file below the folder, with the folders that it needs, and returns its path.
  // NOLINTNEXTLINE(modernize-use-nodiscard): that it is there may be all that counts
  std::string file(const std::string& name, std::string_view content) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
    return file.string();
  }
  void directory(const std::string& name) const {
    std::filesystem::create_directories(path_ / name);
  }

 private:
  std::filesystem::path path_;
};

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The `size` bytes of `value` in the byte order that an ELF file's `data` (EI_DATA) names.
inline std::string number(std::uint64_t value, unsigned size, unsigned data = ELFDATA2LSB) {
  std::string bytes;
  for (unsigned i = 0; i < size; ++i) {
    const unsigned shift = 8 * (data == ELFDATA2LSB ? i : size - 1 - i);
    bytes += static_cast<char>(value >> shift & 0xff);
  }
  return bytes;
}

struct Part {
  std::uint32_t type;  // p_type or sh_type
  std::string content;
};

/// An ELF file: header, program headers, what they name, section headers.
struct ElfFile {
  std::uint16_t e_machine = EM_X86_64;
  std::uint8_t elf_class = ELFCLASS64;
  std::uint8_t data = ELFDATA2LSB;
  std::uint16_t e_type = ET_EXEC;
  std::uint32_t e_flags = 0;
  std::uint8_t osabi = ELFOSABI_SYSV;
  std::uint32_t p_flags = PF_R;  // of every segment
  std::vector<Part> segments = {{PT_LOAD, "the program"}};
  std::vector<Part> sections = {};

  [[nodiscard]] unsigned address_size() const { return elf_class == ELFCLASS64 ? 8 : 4; }
  [[nodiscard]] std::size_t header_size() const { return elf_class == ELFCLASS64 ? 64 : 52; }
  [[nodiscard]] std::size_t segment_header_size() const {
    return elf_class == ELFCLASS64 ? 56 : 32;
  }
  [[nodiscard]] std::size_t section_header_size() const {
    return elf_class == ELFCLASS64 ? 64 : 40;
  }
  /// Where the program headers end.
  [[nodiscard]] std::size_t headers_end() const {
    return header_size() + segments.size() * segment_header_size();
  }

  [[nodiscard]] std::string bytes() const {
    std::size_t contents_size = 0;
    for (const Part& part : segments) contents_size += part.content.size();
    for (const Part& part : sections) contents_size += part.content.size();

    std::string file = std::string(ELFMAG) + static_cast<char>(elf_class) +
                       static_cast<char>(data) + static_cast<char>(EV_CURRENT) +
                       static_cast<char>(osabi) + std::string(8, '\0');
    const auto add = [&file, this](std::uint64_t value, unsigned size) {
      file += number(value, size, data);
    };
    const auto add_address = [&add, this](std::uint64_t value) { add(value, address_size()); };
    add(e_type, 2);
    add(e_machine, 2);
    add(EV_CURRENT, 4);
    add_address(0x10000);                                               // e_entry
    add_address(segments.empty() ? 0 : header_size());                  // e_phoff
    add_address(sections.empty() ? 0 : headers_end() + contents_size);  // e_shoff
    add(e_flags, 4);
    add(header_size(), 2);
    add(segment_header_size(), 2);
    add(segments.size(), 2);
    add(section_header_size(), 2);
    add(sections.size(), 2);
    add(0, 2);  // e_shstrndx

    std::size_t offset = headers_end();
    for (const Part& part : segments) {
      const std::uint64_t size = part.content.size();
      add(part.type, 4);
      if (elf_class == ELFCLASS64) add(p_flags, 4);
      add_address(offset);
      add_address(0x10000 + offset);  // p_vaddr
      add_address(0x10000 + offset);  // p_paddr
      add_address(size);
      add_address(size);  // p_memsz
      if (elf_class == ELFCLASS32) add(p_flags, 4);
      add_address(1);  // p_align
      offset += size;
    }
    for (const Part& part : segments) file += part.content;
    std::string section_headers;
    for (const Part& part : sections) {
      std::string contents;
      contents.swap(file);
      add(0, 4);  // sh_name
      add(part.type, 4);
      add_address(0);  // sh_flags
      add_address(0);  // sh_addr
      add_address(offset);
      add_address(part.content.size());
      add(0, 4);       // sh_link
      add(0, 4);       // sh_info
      add_address(1);  // sh_addralign
      add_address(0);  // sh_entsize
      section_headers += file;
      file = contents + part.content;
      offset += part.content.size();
    }
    return file + section_headers;
  }
};

/// The text of an index: `body`, and the line that ends it.
inline std::string with_end(const std::string& body) {
  return body + "end sha256=" + std::string(sha256(body).view()) + "\n";
}

/// A member of a tar archive (POSIX ustar), padded to the block size.
inline std::string tar_member(std::string_view name, std::string_view content) {
  std::string header(512, '\0');
  const auto put = [&header](std::size_t at, std::string_view text) {
    header.replace(at, text.size(), text);
  };
  const auto octal = [](std::uint64_t value, unsigned digits) {
    std::string text;
    for (unsigned i = digits; i-- > 0;) text += static_cast<char>('0' + (value >> (3 * i) & 7));
    return text;
  };
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, octal(content.size(), 11));
  put(136, "00000000000");
  put(148, "        ");
  put(156, "0");
  put(257, std::string_view("ustar\00000", 8));
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, octal(sum, 6) + std::string("\0 ", 2));
  const std::size_t padding = (512 - content.size() % 512) % 512;
  return header + std::string(content) + std::string(padding, '\0');
}

}  // namespace pixelzx::test
