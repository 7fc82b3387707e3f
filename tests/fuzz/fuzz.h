// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz targets share. A target is one LLVMFuzzerTestOneInput
// (https://llvm.org/docs/LibFuzzer.html) that calls the functions which read what others wrote.
// A crash is a finding, and so is what require() was told wrongly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "file_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace pixelzx::fuzz {

/// Ends the run when something does not hold that always must.
void require(bool holds);

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};  // NOLINT: bytes are bytes
}

/// Several files in one input. The first has no name and ends where a line `== name` begins the
/// next one, and so on.
struct Part {
  std::string_view name;
  std::string_view content;
};
std::vector<Part> parts_of(std::string_view input);

/// The lines of an input, without their ends.
std::vector<std::string> lines_of(std::string_view input);

/// True for what may be shown: no control bytes but line feeds, with which bytes of others could
/// steer a terminal.
bool is_showable(std::string_view text);

/// SHA-256 in hexadecimal digits, by another implementation than the launcher's.
std::string independent_sha256(std::string_view bytes);

/// Calls `read`. Throws nothing that pixelzx-pack's functions may throw, but looks at the messages
/// that would be printed. Returns false when something was thrown.
bool survives(const std::function<void()>& read);

/// A file in memory, for functions that want a path.
class MemoryFile {
 public:
  MemoryFile();
  void fill(std::string_view content) const;
  [[nodiscard]] std::string content() const;
  [[nodiscard]] int fd() const { return file_.get(); }
  [[nodiscard]] Path path() const { return descriptor_path(file_); }

 private:
  Fd file_;
};

/// Standard output, from the first call on.
class CapturedOutput {
 public:
  CapturedOutput();
  /// What was written since the last call.
  [[nodiscard]] std::string take() const;

 private:
  MemoryFile file_;
};

/// While it exists nothing can be opened: a command line may name any file.
class NoFiles {
 public:
  NoFiles();
  ~NoFiles();
  NoFiles(const NoFiles&) = delete;
  NoFiles& operator=(const NoFiles&) = delete;

 private:
  std::uint64_t before_;
};

/// A folder that is removed at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::string path(std::string_view name) const;
  /// Writes a file, and the folders above it.
  void write(std::string_view name, std::string_view content) const;
  /// Removes all that is in the folder `name`.
  void clear(std::string_view name) const;

 private:
  std::string path_;
};

/// The bytes of a file, each time in an allocation of just that size: whoever reads beyond them, or
/// after the next call, is found out.
class StrictBytes final : public ByteSource {
 public:
  explicit StrictBytes(std::string_view all) : all_(all) {}
  std::string_view bytes(std::uint64_t offset, std::size_t size) override;

 private:
  std::string_view all_;
  std::vector<char> given_;
};

/// Files by their paths: executable, or not when the name begins with `-`; symbolic links when the
/// content is `-> target`. The part without a name is /program.
class PartsTree final : public FileTree {
 public:
  explicit PartsTree(std::vector<Part> parts);

  Status status(const Path& path) override;
  Path link_target(const Path& path) override;
  ByteSource* open(const Path& path, int& error) override;

 private:
  [[nodiscard]] const Part* find(std::string_view path) const;
  [[nodiscard]] const Part* follow(std::string_view path) const;

  std::vector<Part> parts_;
  StrictBytes bytes_;
};

}  // namespace pixelzx::fuzz
