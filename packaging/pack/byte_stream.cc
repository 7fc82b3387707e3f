// SPDX-License-Identifier: Apache-2.0
#include "pack/byte_stream.h"

#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "files.h"
#include "pack/pack_error.h"

namespace pixelzx::pack {
namespace {

constexpr std::size_t kChunk = 256 << 10;

}  // namespace

std::string Fault::text(Language language) const {
  return fmt::format(fmt::runtime(phrase.in(language)), value);
}

std::string read_all(ByteStream& stream) {
  std::string all;
  for (std::string_view bytes = stream.read(); !bytes.empty(); bytes = stream.read()) all += bytes;
  return all;
}

FileRange::FileRange(int fd, std::uint64_t begin, std::uint64_t end, std::string path)
    : fd_(fd), next_(begin), end_(end), path_(std::move(path)), buffer_(kChunk) {}

std::string_view FileRange::read() {
  const std::size_t size = std::min<std::uint64_t>(buffer_.size(), end_ - std::min(next_, end_));
  const std::ptrdiff_t got = read_at(fd_, buffer_.data(), size, next_);
  if (got < 0) throw_errno(Problem::kCannotRead, path_);
  next_ += static_cast<std::uint64_t>(got);
  return {buffer_.data(), static_cast<std::size_t>(got)};
}

StreamArchive::StreamArchive(ByteStream& source) : source_(source), archive_(archive_read_new()) {
  if (!archive_) throw std::bad_alloc();
}

la_ssize_t StreamArchive::read_source(struct archive* archive, void* self, const void** buffer) {
  auto& reader = *static_cast<StreamArchive*>(self);
  try {
    const std::string_view bytes = reader.source_.read();
    *buffer = bytes.data();
    return static_cast<la_ssize_t>(bytes.size());
  } catch (...) {
    reader.error_ = std::current_exception();
    archive_set_error(archive, EIO, "read");
    return -1;
  }
}

void StreamArchive::open() {
  (void)check(archive_read_open(get(), this, nullptr, read_source, nullptr));
}

bool StreamArchive::check(int result) {
  if (error_) std::rethrow_exception(error_);
  if (result == ARCHIVE_EOF) return false;
  if (result >= ARCHIVE_WARN) return true;
  const char* why = archive_error_string(get());
  throw Fault(kFaultUndecodable, why == nullptr ? "libarchive" : why);
}

UnpackedStream::UnpackedStream(ByteStream& packed) : archive_(packed) {
  struct archive* raw = archive_.get();
  archive_read_support_format_raw(raw);
  archive_read_support_format_empty(raw);
  archive_read_support_filter_gzip(raw);
  archive_read_support_filter_zstd(raw);
  archive_read_support_filter_xz(raw);
  archive_read_support_filter_bzip2(raw);
  archive_.open();
  struct archive_entry* entry = nullptr;
  at_end_ = !archive_.check(archive_read_next_header(raw, &entry));
}

std::string_view UnpackedStream::read() {
  while (!at_end_) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    at_end_ = !archive_.check(archive_read_data_block(archive_.get(), &block, &size, &offset));
    given_ += size;
    if (given_ > kLongest) throw Fault(kFaultTooLong);
    if (size > 0) return {static_cast<const char*>(block), size};
  }
  return {};
}

}  // namespace pixelzx::pack
