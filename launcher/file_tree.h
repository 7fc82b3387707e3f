// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "files.h"

namespace pixelzx {

/// The bytes of a file, read where they are needed.
class ByteSource {
 public:
  /// The `size` bytes at `offset`, fewer where the file ends or cannot be read; at most kLongest.
  /// Valid until the next call.
  virtual std::string_view bytes(std::uint64_t offset, std::size_t size) = 0;

  static constexpr std::size_t kLongest = 4096;

 protected:
  ~ByteSource() = default;
};

/// Bytes that are in memory.
class MemoryBytes final : public ByteSource {
 public:
  explicit MemoryBytes(std::string_view all) : all_(all) {}
  std::string_view bytes(std::uint64_t offset, std::size_t size) override {
    if (offset > all_.size()) return {};
    return all_.substr(static_cast<std::size_t>(offset), size);
  }

 private:
  std::string_view all_;
};

/// The bytes of an open file.
class FileBytes final : public ByteSource {
 public:
  void open(Fd file) {
    file_ = std::move(file);
    filled_ = 0;
  }
  std::string_view bytes(std::uint64_t offset, std::size_t size) override;

 private:
  Fd file_;
  std::array<char, kLongest> buffer_{};
  std::uint64_t begin_ = 0;
  std::size_t filled_ = 0;
};

/// The files that starting a program may lead to: those of this machine, or of an image. Paths are
/// absolute, or relative to the tree's own working directory; links are followed.
class FileTree {
 public:
  struct Status {
    int error = 0;  // errno: nothing else is known then
    unsigned mode = 0;
    std::uint64_t size = 0;
    bool may_execute = false;  // this user may
    bool denied = false;       // may not, though the mode bits say so: by a security module
  };
  virtual Status status(const Path& path) = 0;

  /// Where the symbolic link at `path` itself points; empty when it is no link.
  virtual Path link_target(const Path& path) = 0;

  /// A mount with the option noexec.
  struct NoexecMount {
    Path point;         // empty when /proc does not tell
    bool bind = false;  // shows a part of a file system that is mounted elsewhere, too
  };
  /// That of the file at `path`; nothing when programs may be executed there.
  virtual std::optional<NoexecMount> noexec_mount(const Path& /*path*/) { return {}; }

  /// True when the file is open for writing somewhere, as far as that can be told.
  virtual bool is_being_written(const Path& /*path*/) { return false; }

  /// errno with which the kernel refuses to start the program at `path`, all of whose permissions
  /// are right: EACCES or EPERM. 0 when it does not, or when that cannot be found out.
  virtual int denial(const Path& /*path*/) { return 0; }

  /// The content of a regular file, valid until the next call; null, and errno in `error`, when it
  /// cannot be read.
  virtual ByteSource* open(const Path& path, int& error) = 0;

  /// PATH of whoever starts programs here, for what `#!/usr/bin/env` looks up.
  std::string_view search_path;
  /// Whoever starts programs here is a unit of systemd.
  bool in_unit = false;

 protected:
  ~FileTree() = default;
};

/// The files that this process sees. Opening never waits, and no program runs.
class LiveFiles final : public FileTree {
 public:
  Status status(const Path& path) override;
  Path link_target(const Path& path) override;
  std::optional<NoexecMount> noexec_mount(const Path& path) override;
  bool is_being_written(const Path& path) override;
  int denial(const Path& path) override;
  ByteSource* open(const Path& path, int& error) override;

 private:
  FileBytes bytes_;
};

}  // namespace pixelzx
