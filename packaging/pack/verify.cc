// SPDX-License-Identifier: Apache-2.0
#include "pack/verify.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "pack/layout.h"
#include "pack/pack_error.h"
#include "sha256.h"
#include "unpack.h"

namespace pixelzx::pack {
namespace {

constexpr std::size_t kChunk = 256 << 10;

/// Reads a part of the file from its beginning to its end.
class Part {
 public:
  /// The bytes `begin` to `end` of the bundle, counted from its first.
  Part(const BundleFile& file, std::uint64_t begin, std::uint64_t end)
      : file_(file), next_(begin), end_(std::min(end, file.size())), buffer_(kChunk) {}

  /// The next bytes, empty at the end. Throws kCannotRead.
  std::string_view read() {
    const std::size_t size = std::min<std::uint64_t>(buffer_.size(), end_ - std::min(next_, end_));
    const Bundle& bundle = file_.bundle;
    const std::ptrdiff_t got =
        read_at(bundle.file.get(), buffer_.data(), size, bundle.base + next_);
    if (got < 0) throw_errno(Problem::kCannotRead, std::string(bundle.path.view()));
    next_ += static_cast<std::uint64_t>(got);
    return {buffer_.data(), static_cast<std::size_t>(got)};
  }

 private:
  const BundleFile& file_;
  std::uint64_t next_;
  std::uint64_t end_;
  std::vector<char> buffer_;
};

struct Member {
  std::string name;
  std::uint64_t size = 0;

  bool operator==(const Member&) const = default;
};

/// The members that the index lists, and the index itself, by their offsets.
std::map<std::uint64_t, Member> members_of_index(const BundleFile& file, std::uint64_t index_size) {
  const Index& index = file.bundle.index;
  std::map<std::uint64_t, Member> members;
  members[kTarBlock] = {std::string(kIndexName), index_size};
  for (const Slice& slice : index.slices()) {
    members[slice.offset] = {slice_member(slice.platform, index.program), slice.packed};
  }
  for (const Share& share : index.shares()) {
    members[share.offset] = {share_member(share.name), share.size};
  }
  return members;
}

/// Where libarchive, reading the tar with C callbacks, leaves what C cannot throw.
struct TarSource {
  Part part;
  std::exception_ptr error;
};

la_ssize_t read_tar(struct archive* tar, void* data, const void** buffer) {
  auto& source = *static_cast<TarSource*>(data);
  try {
    const std::string_view bytes = source.part.read();
    *buffer = bytes.data();
    return static_cast<la_ssize_t>(bytes.size());
  } catch (...) {
    source.error = std::current_exception();
    archive_set_error(tar, EIO, "read");
    return -1;
  }
}

/// The members that the tar's headers describe, by the offsets of their content.
std::map<std::uint64_t, Member> members_of_tar(const std::string& path, const BundleFile& file) {
  const std::unique_ptr<struct archive, decltype(&archive_read_free)> tar(archive_read_new(),
                                                                          &archive_read_free);
  if (!tar) throw std::bad_alloc();
  TarSource source{.part = Part(file, 0, file.size()), .error = {}};
  archive_read_support_format_tar(tar.get());
  int result = archive_read_open(tar.get(), &source, nullptr, read_tar, nullptr);
  std::map<std::uint64_t, Member> members;
  while (result == ARCHIVE_OK) {
    struct archive_entry* entry = nullptr;
    result = archive_read_next_header(tar.get(), &entry);
    if (result != ARCHIVE_OK) break;
    const char* name = archive_entry_pathname(entry);
    const Member member{name == nullptr ? "" : name,
                        static_cast<std::uint64_t>(archive_entry_size(entry))};
    const auto header = static_cast<std::uint64_t>(archive_read_header_position(tar.get()));
    if (archive_entry_filetype(entry) != AE_IFREG) {
      throw PackError(Problem::kMemberDiffers, {path, member.name});
    }
    members[header + kTarBlock] = member;
  }
  if (source.error) std::rethrow_exception(source.error);
  if (result != ARCHIVE_EOF) {
    const char* why = archive_error_string(tar.get());
    throw PackError(Problem::kTarUnreadable, {path, why == nullptr ? "libarchive" : why});
  }
  return members;
}

/// The size of the index as its tar header has it, which open_bundle found to be right.
void check_members(const std::string& path, const BundleFile& file) {
  const auto in_tar = members_of_tar(path, file);
  const auto first = in_tar.find(kTarBlock);
  const auto in_index = members_of_index(file, first == in_tar.end() ? 0 : first->second.size);
  for (const auto& [offset, member] : in_index) {
    const auto found = in_tar.find(offset);
    if (found == in_tar.end() || found->second != member) {
      throw PackError(Problem::kMemberDiffers, {path, member.name});
    }
  }
  for (const auto& [offset, member] : in_tar) {
    if (!in_index.contains(offset)) throw PackError(Problem::kMemberDiffers, {path, member.name});
  }
}

/// After the last member: the tar's end, zeros and nothing else.
void check_end(const std::string& path, const BundleFile& file) {
  const std::uint64_t end = whole_blocks(file.bundle.index.end);
  if (file.size() < end + kTarEnd) {
    throw PackError(
        path, Diagnosis(Cause::kTruncatedBundle)
                  .with(Evidence::kDetail, messages::kFileEndsAt, std::to_string(file.size())));
  }
  Part rest(file, end, file.size());
  for (std::string_view bytes = rest.read(); !bytes.empty(); bytes = rest.read()) {
    if (bytes.find_first_not_of('\0') != std::string_view::npos) {
      throw PackError(Problem::kBytesAfterEnd, {path});
    }
  }
}

void check_slice(const std::string& path, const Bundle& bundle, const Slice& slice) {
  const Fd nowhere = open_file(AT_FDCWD, "/dev/null", O_WRONLY);
  if (!nowhere) throw_errno(Problem::kCannotWrite, "/dev/null");
  const Unpacked unpacked = unpack_slice(bundle, slice, nowhere.get());
  if (unpacked.diagnosis) throw PackError(path, *unpacked.diagnosis);
  if (unpacked.status != UnpackStatus::kDone) {
    throw PackError(Problem::kCannotWrite, {"/dev/null", std::strerror(unpacked.error)});
  }
}

void check_share(const std::string& path, const BundleFile& file, const Share& share) {
  Sha256 hash;
  Part content(file, share.offset, share.offset + share.size);
  for (std::string_view bytes = content.read(); !bytes.empty(); bytes = content.read()) {
    hash.update(bytes.data(), bytes.size());
  }
  if (hash.digest().view() != share.sha256) {
    throw PackError(Problem::kDamagedShare, {path, std::string(share.name)});
  }
}

}  // namespace

void verify_bundle(const std::string& path, const std::function<void(std::string_view)>& report) {
  const BundleFile file = open_whole_bundle(path);
  check_end(path, file);
  check_members(path, file);
  for (const Slice& slice : file.bundle.index.slices()) {
    check_slice(path, file.bundle, slice);
    report(to_text(slice.platform).view());
  }
  for (const Share& share : file.bundle.index.shares()) {
    check_share(path, file, share);
    report(share_member(share.name));
  }
}

}  // namespace pixelzx::pack
