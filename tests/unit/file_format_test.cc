// SPDX-License-Identifier: Apache-2.0
#include "file_format.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pixelzx {
namespace {

using namespace std::string_literals;

FileFormat format_of(const std::string& bytes) {
  MemoryBytes source(bytes);
  return file_format(source);
}

struct Row {
  std::string bytes;
  Cause cause;
  std::string_view name;
};

TEST_CASE("formats are told by their magic", "[file_format]") {
  const std::vector<Row> rows = {
      {"\xef\xbb\xbf#!/bin/sh\n", Cause::kByteOrderMark, ""},
      {"\xff\xfe#\0!\0"s, Cause::kUtf16, "UTF-16 LE"},
      {"\xfe\xff\0#\0!"s, Cause::kUtf16, "UTF-16 BE"},
      {"version https://git-lfs.github.com/spec/v1\n", Cause::kGitLfsPointer, "Git LFS"},
      {"MZ\x90\0"s, Cause::kWindowsProgram, "PE/MZ"},
      {"\xfe\xed\xfa\xce", Cause::kMacProgram, "Mach-O"},
      {"\xfe\xed\xfa\xcf", Cause::kMacProgram, "Mach-O"},
      {"\xce\xfa\xed\xfe", Cause::kMacProgram, "Mach-O"},
      {"\xcf\xfa\xed\xfe\x0c\0\0\x01"s, Cause::kMacProgram, "Mach-O"},
      {"\xca\xfe\xba\xbf\0\0\0\x02"s, Cause::kMacProgram, "Mach-O"},
      {"\0asm\x01\0\0\0"s, Cause::kVirtualMachineProgram, "WebAssembly"},
      {"BC\xc0\xde", Cause::kVirtualMachineProgram, "LLVM bitcode"},
      {"\x1bLuaS", Cause::kVirtualMachineProgram, "Lua"},
      {"dex\n035\0"s, Cause::kVirtualMachineProgram, "Android DEX"},
      {"\x1f\x8b\x08\0"s, Cause::kCompressedFile, "gzip"},
      {"\xfd"
       "7zXZ\0"s,
       Cause::kCompressedFile, "xz"},
      {"\x28\xb5\x2f\xfd", Cause::kCompressedFile, "zstd"},
      {"BZh91AY&SY", Cause::kCompressedFile, "bzip2"},
      {"\x04\x22\x4d\x18", Cause::kCompressedFile, "lz4"},
      {"\x1f\x9d\x90", Cause::kCompressedFile, "compress (.Z)"},
      {"\x5d\0\0\x80\0"s, Cause::kCompressedFile, "lzma"},
      {"LZIP\x01", Cause::kCompressedFile, "lzip"},
      {"file.txt" + std::string(249, '\0') + "ustar\00000"s, Cause::kArchive, "tar"},
      {"PK\x03\x04\x14\0"s, Cause::kArchive, "zip"},
      {"PK\x05\x06\0\0"s, Cause::kArchive, "zip"},
      {"!<arch>\ndebian-binary   ", Cause::kArchive, "Debian package (.deb)"},
      {"!<arch>\n/               ", Cause::kArchive, "ar (.a)"},
      {"!<thin>\n", Cause::kArchive, "ar (.a)"},
      {"\xed\xab\xee\xdb\x03", Cause::kArchive, "RPM"},
      {"07070100000000", Cause::kArchive, "cpio"},
      {"0707070000", Cause::kArchive, "cpio"},
      {"7z\xbc\xaf\x27\x1c", Cause::kArchive, "7-Zip"},
      {"Rar!\x1a\x07", Cause::kArchive, "RAR"},
      {"hsqs\x07\0"s, Cause::kArchive, "squashfs"},
      {"xar!\0\x1c"s, Cause::kArchive, "xar (.pkg)"},
      {std::string(32769, '\0') + "CD001\x01", Cause::kArchive, "ISO 9660"},
      {"\x89PNG\r\n\x1a\n", Cause::kDataFile, "PNG"},
      {"\xff\xd8\xff\xe0", Cause::kDataFile, "JPEG"},
      {"GIF89a", Cause::kDataFile, "GIF"},
      {"%PDF-1.7\n", Cause::kDataFile, "PDF"},
      {"SQLite format 3\0"s, Cause::kDataFile, "SQLite"},
      {"\x27\x05\x19\x56", Cause::kDataFile, "U-Boot"},
      {"\xd0\x0d\xfe\xed", Cause::kDataFile, "device tree"},
      {"-----BEGIN CERTIFICATE-----\n", Cause::kDataFile, "PEM"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const FileFormat format = format_of(row.bytes);
    CHECK(format.cause == row.cause);
    CHECK(format.name == row.name);
  }
}

TEST_CASE("Java and a fat Mach-O share their magic, not what follows", "[file_format]") {
  // A number of architectures, or a class file's version: 45 (Java 1.0) at least.
  for (const char architectures : {'\1', '\2', '\3', '\37'}) {
    CHECK(format_of("\xca\xfe\xba\xbe\0\0\0"s + architectures).cause == Cause::kMacProgram);
  }
  for (const char version : {'-', '4', 'A'}) {
    CHECK(format_of("\xca\xfe\xba\xbe\0\0\0"s + version).name == "Java class");
  }
  CHECK(format_of("\xca\xfe\xba\xbe\0\x03\0\x2d"s).name == "Java class");  // 45.3
  CHECK(format_of("\xca\xfe\xba\xbe").cause == Cause::kVirtualMachineProgram);
}

TEST_CASE("what a server sends in place of a program", "[file_format]") {
  for (const char* page : {"<!DOCTYPE html>\n<html>", "<!doctype html>", "\n  <HTML lang=en>",
                           "<head><title>", "<body>404", "<title>Not found</title>"}) {
    CAPTURE(page);
    CHECK(format_of(page).cause == Cause::kWebPage);
    CHECK(format_of(page).name == "HTML");
  }
  for (const char* page : {"<?xml version=\"1.0\"?>\n", "<Error><Code>AccessDenied</Code>"}) {
    CHECK(format_of(page).cause == Cause::kWebPage);
    CHECK(format_of(page).name == "XML");
  }
  CHECK(format_of("{\"message\":\"Not Found\"}").cause == Cause::kWebPage);
  CHECK(format_of("{\n  \"errors\": []}").name == "JSON");
}

TEST_CASE("text that says not what starts it", "[file_format]") {
  for (const char* text : {"echo hello\n", "# a comment\n", "{ echo; }\n", "<htm", "안녕\n", " ",
                           "Not Found", "!<arch>", "<h1>", " #!/bin/sh\n", "PK"}) {
    CAPTURE(text);
    CHECK(format_of(text).cause == Cause::kNoShebang);
    CHECK(format_of(text).name.empty());
  }
}

TEST_CASE("bytes of no known format", "[file_format]") {
  for (const std::string& bytes : {"\x01\x02\x03\x04"s, "text\0"s, std::string(600, '\0'), ""s}) {
    CHECK(format_of(bytes).cause == Cause::kUnknownFormat);
    CHECK(format_of(bytes).name.empty());
  }
}

TEST_CASE("a magic that is cut off is none", "[file_format]") {
  CHECK(format_of("\x1f").cause == Cause::kUnknownFormat);
  CHECK(format_of("\x28\xb5\x2f").name.empty());
  CHECK(format_of(std::string(257, '\0') + "usta").cause == Cause::kUnknownFormat);
}

TEST_CASE("text is what an editor shows", "[file_format]") {
  for (const char* text : {"a", "tab\tand\r\nline\n", "번들", "\xb9\xf8\xb5\xe9 (EUC-KR)",
                           "caf\xe9 (Latin-1)", "\x1b[31mred", "\f"}) {
    CAPTURE(text);
    CHECK(is_text(text));
  }
  for (const std::string& bytes : {""s, "\0"s, "a\0b"s, "\x01"s, "\x7f"s, "bell\a"s, "\x1f"s}) {
    CHECK_FALSE(is_text(bytes));
  }
}

}  // namespace
}  // namespace pixelzx
