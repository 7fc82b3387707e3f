// SPDX-License-Identifier: Apache-2.0
#include "pack/layer_entry.h"

#include <archive_entry.h>

#include "pack/image_store.h"

namespace pixelzx::pack {
namespace {

EntryKind kind_of(unsigned filetype) {
  switch (filetype) {
    case AE_IFDIR:
      return EntryKind::kDirectory;
    case AE_IFREG:
      return EntryKind::kFile;
    case AE_IFLNK:
      return EntryKind::kSymlink;
    default:
      return EntryKind::kOther;
  }
}

}  // namespace

LayerReader::LayerReader(ByteStream& tar) : archive_(tar) {
  archive_read_support_format_tar(archive_.get());
  archive_read_support_format_empty(archive_.get());
  archive_.open();
}

bool LayerReader::next() {
  struct archive_entry* found = nullptr;
  if (!archive_.check(archive_read_next_header(archive_.get(), &found))) return false;
  ++count_;
  entry_ = {};
  entry_.path = entry_text(archive_entry_pathname_utf8(found), archive_entry_pathname(found));
  entry_.kind = kind_of(archive_entry_filetype(found));
  entry_.mode = archive_entry_perm(found);
  entry_.uid = static_cast<std::uint64_t>(archive_entry_uid(found));
  entry_.gid = static_cast<std::uint64_t>(archive_entry_gid(found));
  entry_.size = static_cast<std::uint64_t>(archive_entry_size(found));
  entry_.target = entry_text(archive_entry_symlink_utf8(found), archive_entry_symlink(found));
  const std::string hardlink =
      entry_text(archive_entry_hardlink_utf8(found), archive_entry_hardlink(found));
  if (!hardlink.empty()) {
    entry_.kind = EntryKind::kHardlink;
    entry_.target = hardlink;
  }
  return true;
}

std::string_view LayerReader::content(std::uint64_t& offset) {
  for (;;) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t at = 0;
    if (!archive_.check(archive_read_data_block(archive_.get(), &block, &size, &at))) return {};
    if (size == 0) continue;
    offset = static_cast<std::uint64_t>(at);
    // A sparse file's map may say so.
    if (offset > entry_.size || size > entry_.size - offset)
      throw Fault(kFaultUndecodable, entry_.path);
    return {static_cast<const char*>(block), size};
  }
}

}  // namespace pixelzx::pack
