// SPDX-License-Identifier: Apache-2.0
#include "pack/tar_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <cstring>

#include "pack/pack_error.h"

namespace pixelzx::pack {
namespace {

la_ssize_t append_bytes(struct archive* /*tar*/, void* bytes, const void* data, std::size_t size) {
  static_cast<std::string*>(bytes)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

void TarWriter::Free::operator()(struct archive* tar) const {
  archive_write_free(tar);
}

TarWriter::TarWriter(int fd, std::string path, std::int64_t mtime)
    : path_(std::move(path)), mtime_(mtime), tar_(archive_write_new()) {
  prepare();
  check(archive_write_open_fd(tar_.get(), fd));
}

TarWriter::TarWriter(std::string& bytes, std::int64_t mtime)
    : mtime_(mtime), tar_(archive_write_new()) {
  prepare();
  check(archive_write_open2(tar_.get(), &bytes, nullptr, append_bytes, nullptr, nullptr));
}

void TarWriter::prepare() {
  if (!tar_) throw std::bad_alloc();
  check(archive_write_set_format_pax_restricted(tar_.get()));
  // Else libarchive pads the file to a multiple of 10 KiB, as tapes want it.
  check(archive_write_set_bytes_in_last_block(tar_.get(), 1));
}

void TarWriter::add(const TarMember& member) {
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                            &archive_entry_free);
  if (!entry) throw std::bad_alloc();
  archive_entry_set_pathname(entry.get(), member.name.c_str());
  archive_entry_set_perm(entry.get(), member.mode);
  archive_entry_set_uid(entry.get(), member.owner);
  archive_entry_set_gid(entry.get(), member.owner);
  archive_entry_set_mtime(entry.get(), mtime_, 0);
  switch (member.kind) {
    case TarMember::Kind::kFile:
      archive_entry_set_filetype(entry.get(), AE_IFREG);
      archive_entry_set_size(entry.get(), static_cast<std::int64_t>(member.content.size()));
      break;
    case TarMember::Kind::kFolder:
      archive_entry_set_filetype(entry.get(), AE_IFDIR);
      break;
    case TarMember::Kind::kSymbolicLink:
      archive_entry_set_filetype(entry.get(), AE_IFLNK);
      archive_entry_set_symlink(entry.get(), std::string(member.content).c_str());
      break;
  }
  check(archive_write_header(tar_.get(), entry.get()));
  if (member.kind != TarMember::Kind::kFile) return;
  const la_ssize_t written =
      archive_write_data(tar_.get(), member.content.data(), member.content.size());
  if (written != static_cast<la_ssize_t>(member.content.size())) check(ARCHIVE_FATAL);
}

void TarWriter::close() {
  check(archive_write_close(tar_.get()));
}

void TarWriter::check(int result) {
  if (result == ARCHIVE_OK) return;
  std::string why = "libarchive";
  if (const char* text = archive_error_string(tar_.get()); text != nullptr) why = text;
  if (const int error = archive_errno(tar_.get()); error > 0) {
    why += std::string(": ") + std::strerror(error);
  }
  throw PackError(Problem::kCannotWrite, {path_, why});
}

}  // namespace pixelzx::pack
