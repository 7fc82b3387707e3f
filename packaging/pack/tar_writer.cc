// SPDX-License-Identifier: Apache-2.0
#include "pack/tar_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <cstring>

#include "pack/pack_error.h"

namespace pixelzx::pack {

void TarWriter::Free::operator()(struct archive* tar) const {
  archive_write_free(tar);
}

TarWriter::TarWriter(int fd, std::string path, std::int64_t mtime)
    : path_(std::move(path)), mtime_(mtime), tar_(archive_write_new()) {
  if (!tar_) throw std::bad_alloc();
  check(archive_write_set_format_ustar(tar_.get()));
  // Else libarchive pads the file to a multiple of 10 KiB, as tapes want it.
  check(archive_write_set_bytes_in_last_block(tar_.get(), 1));
  check(archive_write_open_fd(tar_.get(), fd));
}

void TarWriter::add(const std::string& name, std::string_view content) {
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(),
                                                                            &archive_entry_free);
  if (!entry) throw std::bad_alloc();
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), mtime_, 0);
  archive_entry_set_size(entry.get(), static_cast<std::int64_t>(content.size()));
  check(archive_write_header(tar_.get(), entry.get()));
  const la_ssize_t written = archive_write_data(tar_.get(), content.data(), content.size());
  if (written != static_cast<la_ssize_t>(content.size())) check(ARCHIVE_FATAL);
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
