// SPDX-License-Identifier: Apache-2.0
#include "pack/verify.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <map>

#include "pack/byte_stream.h"
#include "pack/extract.h"
#include "pack/layout.h"
#include "pack/pack_error.h"
#include "sha256.h"
#include "unpack.h"

namespace pixelzx::pack {
namespace {

/// The bytes `begin` to `end` of the bundle, counted from its first, as far as they are there.
FileRange part_of(const BundleFile& file, std::uint64_t begin, std::uint64_t end) {
  const Bundle& bundle = file.bundle;
  return {bundle.file.get(), bundle.base + begin, bundle.base + std::min(end, file.size()),
          std::string(bundle.path.view())};
}

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
  if (index.common.packed != 0) {
    members[index.common.offset] = {std::string(kCommonMember), index.common.packed};
  }
  for (const Slice& slice : index.slices()) {
    members[slice.offset] = {slice_member(slice.platform, index.program), slice.packed};
  }
  for (const Share& share : index.shares()) {
    members[share.offset] = {share_member(share.name), share.size};
  }
  return members;
}

/// The members that the tar's headers describe, by the offsets of their content. Throws Fault when
/// libarchive cannot read them.
std::map<std::uint64_t, Member> members_of_tar(const std::string& path, const BundleFile& file) {
  FileRange source = part_of(file, 0, file.size());
  StreamArchive tar(source);
  archive_read_support_format_tar(tar.get());
  tar.open();
  std::map<std::uint64_t, Member> members;
  for (;;) {
    struct archive_entry* entry = nullptr;
    const int result = archive_read_next_header(tar.get(), &entry);
    if (!tar.check(result)) return members;
    if (result != ARCHIVE_OK) throw Fault(kFaultUndecodable, archive_error_string(tar.get()));
    const char* name = archive_entry_pathname(entry);
    const Member member{name == nullptr ? "" : name,
                        static_cast<std::uint64_t>(archive_entry_size(entry))};
    const auto header = static_cast<std::uint64_t>(archive_read_header_position(tar.get()));
    if (archive_entry_filetype(entry) != AE_IFREG) {
      throw PackError(Problem::kMemberDiffers, {path, member.name});
    }
    members[header + kTarBlock] = member;
  }
}

std::map<std::uint64_t, Member> read_members(const std::string& path, const BundleFile& file) {
  try {
    return members_of_tar(path, file);
  } catch (const Fault& fault) {
    throw PackError(Problem::kTarUnreadable, {path, fault.value});
  }
}

/// The size of the index as its tar header has it, which open_bundle found to be right.
void check_members(const std::string& path, const BundleFile& file) {
  const auto in_tar = read_members(path, file);
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
  FileRange rest = part_of(file, end, file.size());
  for (std::string_view bytes = rest.read(); !bytes.empty(); bytes = rest.read()) {
    if (bytes.find_first_not_of('\0') != std::string_view::npos) {
      throw PackError(Problem::kBytesAfterEnd, {path});
    }
  }
}

void check_common(const std::string& path, const BundleFile& file) {
  const Slice& common = file.bundle.index.common;
  const std::string frame = read_part(file.bundle, common.offset, common.packed, path);
  if (sha256(frame_content(frame, common.size)).view() != common.sha256) {
    throw PackError(Problem::kDamagedShare, {path, std::string(kCommonMember)});
  }
}

void check_share(const std::string& path, const BundleFile& file, const Share& share) {
  Sha256 hash;
  FileRange content = part_of(file, share.offset, share.offset + share.size);
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
  if (file.bundle.index.common.packed != 0) {
    check_common(path, file);
    report(kCommonMember);
  }
  for (const Slice& slice : file.bundle.index.slices()) {
    if (const auto problem = verify_slice(file.bundle, slice)) throw PackError(path, *problem);
    report(to_text(slice.platform).view());
  }
  for (const Share& share : file.bundle.index.shares()) {
    check_share(path, file, share);
    report(share_member(share.name));
  }
}

void publish_verified(OutputFile& file, const std::string& path) {
  try {
    verify_bundle(file.temporary_path(), [](std::string_view) {});
  } catch (const PackError& error) {
    throw PackError(Problem::kSelfCheck, {path, error.what()});
  }
  file.publish();
}

}  // namespace pixelzx::pack
