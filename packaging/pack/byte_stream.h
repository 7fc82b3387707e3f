// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <archive.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pack/messages.h"

namespace pixelzx::pack {

/// Something wrong with the bytes of an image, before it is known whose bytes they are: `phrase`
/// with `value` for its `{}`.
struct Fault : std::exception {
  explicit Fault(const PackText& what, std::string seen = {})
      : phrase(what), value(std::move(seen)) {}

  [[nodiscard]] std::string text(Language language) const;

  PackText phrase;
  std::string value;
};

/// Bytes that come one after the other.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// The next bytes, valid until the next call; empty at the end.
  virtual std::string_view read() = 0;
};

/// All that `stream` still has.
std::string read_all(ByteStream& stream);

/// A part of an open file.
class FileRange final : public ByteStream {
 public:
  /// The bytes `begin` to `end`; `path` names the file in errors.
  FileRange(int fd, std::uint64_t begin, std::uint64_t end, std::string path);
  /// Throws kCannotRead.
  std::string_view read() override;

 private:
  int fd_;
  std::uint64_t next_;
  std::uint64_t end_;
  std::string path_;
  std::vector<char> buffer_;
};

/// What libarchive reads out of a stream. It cannot throw through C, so exceptions wait here.
class StreamArchive {
 public:
  explicit StreamArchive(ByteStream& source);

  [[nodiscard]] struct archive* get() const { return archive_.get(); }
  /// Lets libarchive look at the first bytes. Throws Fault.
  void open();
  /// Throws what the stream threw, or Fault with libarchive's words, when `result` says that
  /// something failed; a warning is no failure. Returns false at the end.
  [[nodiscard]] bool check(int result);

 private:
  static la_ssize_t read_source(struct archive* archive, void* self, const void** buffer);

  struct Free {
    void operator()(struct archive* archive) const { archive_read_free(archive); }
  };
  ByteStream& source_;
  std::exception_ptr error_;
  std::unique_ptr<struct archive, Free> archive_;
};

/// A stream without its compression: gzip, zstd, xz, bzip2, or none at all. Throws Fault when it
/// cannot be decoded, and when it has more than kLongest bytes.
class UnpackedStream final : public ByteStream {
 public:
  static constexpr std::uint64_t kLongest = std::uint64_t{1} << 37;  // 128 GiB

  explicit UnpackedStream(ByteStream& packed);
  std::string_view read() override;

 private:
  StreamArchive archive_;
  bool at_end_ = false;
  std::uint64_t given_ = 0;
};

}  // namespace pixelzx::pack
