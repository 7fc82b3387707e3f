// SPDX-License-Identifier: Apache-2.0
#include "file_format.h"

namespace pixelzx {
namespace {

struct Magic {
  std::uint16_t offset;
  std::uint8_t size;
  Cause cause;
  const char* bytes;
  const char* name;
};

template <std::size_t N>
constexpr Magic magic(std::uint16_t offset, const char (&bytes)[N], Cause cause, const char* name) {
  return {offset, N - 1, cause, bytes, name};
}

using enum Cause;

// The first that fits counts. Bytes are those of the formats' own documents and of file(1).
constexpr Magic kMagics[] = {
    magic(0, "\xef\xbb\xbf#!", kByteOrderMark, ""),
    magic(0, "\xff\xfe", kUtf16, "UTF-16 LE"),
    magic(0, "\xfe\xff", kUtf16, "UTF-16 BE"),
    magic(0, "#\0!\0", kUtf16, "UTF-16 LE"),
    magic(0, "\0#\0!", kUtf16, "UTF-16 BE"),
    magic(0, "version https://git-lfs.github.com/", kGitLfsPointer, "Git LFS"),
    magic(0, "MZ", kWindowsProgram, "PE/MZ"),
    magic(0, "\xfe\xed\xfa\xce", kMacProgram, "Mach-O"),
    magic(0, "\xfe\xed\xfa\xcf", kMacProgram, "Mach-O"),
    magic(0, "\xce\xfa\xed\xfe", kMacProgram, "Mach-O"),
    magic(0, "\xcf\xfa\xed\xfe", kMacProgram, "Mach-O"),
    // Fat Mach-O and Java have the same magic; then comes a number of architectures, or a version
    // of at least 45.
    magic(0, "\xca\xfe\xba\xbe\0\0\0\0", kMacProgram, "Mach-O"),
    magic(0, "\xca\xfe\xba\xbe", kVirtualMachineProgram, "Java class"),
    magic(0, "\xca\xfe\xba\xbf", kMacProgram, "Mach-O"),
    magic(0, "\0asm", kVirtualMachineProgram, "WebAssembly"),
    magic(0, "BC\xc0\xde", kVirtualMachineProgram, "LLVM bitcode"),
    magic(0, "\x1bLua", kVirtualMachineProgram, "Lua"),
    magic(0, "dex\n", kVirtualMachineProgram, "Android DEX"),
    magic(2, "\r\n", kVirtualMachineProgram, "Python .pyc"),  // text may have that, too
    magic(30, "META-INF/", kVirtualMachineProgram, "Java archive (.jar)"),
    magic(0, "\x1f\x8b", kCompressedFile, "gzip"),
    magic(0,
          "\xfd"
          "7zXZ",
          kCompressedFile, "xz"),
    magic(0, "\x28\xb5\x2f\xfd", kCompressedFile, "zstd"),
    magic(0, "BZh", kCompressedFile, "bzip2"),
    magic(0, "\x04\x22\x4d\x18", kCompressedFile, "lz4"),
    magic(0, "\x1f\x9d", kCompressedFile, "compress (.Z)"),
    magic(0, "\x5d\0\0", kCompressedFile, "lzma"),
    magic(0, "LZIP", kCompressedFile, "lzip"),
    magic(257, "ustar", kArchive, "tar"),
    magic(0, "PK\x03\x04", kArchive, "zip"),
    magic(0, "PK\x05\x06", kArchive, "zip"),
    magic(0, "!<arch>\ndebian-binary", kArchive, "Debian package (.deb)"),
    magic(0, "!<arch>\n", kArchive, "ar (.a)"),
    magic(0, "!<thin>\n", kArchive, "ar (.a)"),
    magic(0, "\xed\xab\xee\xdb", kArchive, "RPM"),
    magic(0, "070701", kArchive, "cpio"),
    magic(0, "070707", kArchive, "cpio"),
    magic(0, "7z\xbc\xaf\x27\x1c", kArchive, "7-Zip"),
    magic(0, "Rar!", kArchive, "RAR"),
    magic(0, "hsqs", kArchive, "squashfs"),
    magic(0, "xar!", kArchive, "xar (.pkg)"),
    magic(32769, "CD001", kArchive, "ISO 9660"),
    magic(0, "\x89PNG", kDataFile, "PNG"),
    magic(0, "\xff\xd8\xff", kDataFile, "JPEG"),
    magic(0, "GIF8", kDataFile, "GIF"),
    magic(0, "RIFF", kDataFile, "RIFF"),
    magic(0, "%PDF", kDataFile, "PDF"),
    magic(0, "SQLite format 3", kDataFile, "SQLite"),
    magic(0, "\x27\x05\x19\x56", kDataFile, "U-Boot"),
    magic(0, "\xd0\x0d\xfe\xed", kDataFile, "device tree"),
    magic(0, "-----BEGIN ", kDataFile, "PEM"),
};

constexpr std::size_t kTextSize = 1024;  // enough to tell text

/// Text that is no script: what a download gives instead of a program.
std::string_view web_format(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  text.remove_prefix(first);
  for (const std::string_view html : {"<!doctype", "<html", "<head", "<body", "<title"}) {
    if (equal_ignoring_case(text.substr(0, html.size()), html)) return "HTML";
  }
  if (text.starts_with("<?xml") || text.starts_with("<Error")) return "XML";
  if (text[0] == '{' && text.find("\":") != std::string_view::npos) return "JSON";
  return {};
}

}  // namespace

bool is_text(std::string_view bytes) {
  return !bytes.empty() && std::ranges::all_of(bytes, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= ' ' ? byte != 0x7f : (byte >= '\t' && byte <= '\r') || byte == 0x1b;
  });
}

FileFormat file_format(ByteSource& file) {
  const bool text = is_text(file.bytes(0, kTextSize));
  for (const Magic& row : kMagics) {
    if (row.offset == 2 && text) continue;
    const std::string_view magic_bytes(row.bytes, row.size);
    std::string_view found = file.bytes(row.offset, row.size);
    if (row.cause == kMacProgram && row.size == 8) {
      // The number that follows, up to 31, stands for any.
      if (found.size() == 8 && found.substr(0, 7) == magic_bytes.substr(0, 7) && found[7] < 32 &&
          found[7] > 0) {
        return {row.cause, row.name};
      }
      continue;
    }
    if (found == magic_bytes) return {row.cause, row.name};
  }
  if (!text) return {kUnknownFormat, {}};
  const std::string_view head = file.bytes(0, kTextSize);
  if (const auto name = web_format(head); !name.empty()) return {kWebPage, name};
  return {kNoShebang, {}};
}

}  // namespace pixelzx
