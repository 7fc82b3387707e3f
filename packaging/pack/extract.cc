// SPDX-License-Identifier: Apache-2.0
#include "pack/extract.h"

#include <sys/mman.h>

#include <cstring>

#include "decoder.h"
#include "pack/byte_stream.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"
#include "unpack.h"

namespace pixelzx::pack {
namespace {

/// Unpacks `slice` into the empty file `output`, which is at `path`.
void unpack_to(const Bundle& bundle, const Slice& slice, int output, const std::string& path) {
  const Unpacked unpacked = unpack_slice(bundle, slice, output);
  if (unpacked.diagnosis) throw PackError(std::string(bundle.path.view()), *unpacked.diagnosis);
  if (unpacked.status != UnpackStatus::kDone) {
    throw PackError(Problem::kCannotWrite, {path, std::strerror(unpacked.error)});
  }
}

}  // namespace

void extract_slice(const std::string& path, const std::string& platform,
                   const std::string& output) {
  const std::optional<Platform> wanted = parse_platform(platform);
  if (!wanted) throw PackError(Problem::kNotAPlatform, {platform});
  const BundleFile file = open_whole_bundle(path);
  const Slice* slice = file.bundle.index.find(*wanted);
  if (slice == nullptr) {
    throw PackError(Problem::kNoSuchSlice, {path, std::string(to_text(*wanted).view()),
                                            std::string(offer_text(file.bundle.index).view())});
  }
  OutputFile program(output, 0755);
  unpack_to(file.bundle, *slice, program.fd(), output);
  program.publish();
}

std::string slice_content(const Bundle& bundle, const Slice& slice) {
  const Fd memory(memfd_create("slice", MFD_CLOEXEC));
  if (!memory) throw_errno(Problem::kCannotWrite, "memfd");
  unpack_to(bundle, slice, memory.get(), "memfd");
  FileRange content(memory.get(), 0, slice.size, "memfd");
  return read_all(content);
}

PackedSlice packed_slice(const Bundle& bundle, const Slice& slice, const std::string& label) {
  return {.platform = slice.platform,
          .prefix = slice.prefix,
          .uses_common = slice.uses_common,
          .code = slice.code,
          .size = slice.size,
          .sha256 = std::string(slice.sha256),
          .frame = read_part(bundle, slice.offset, slice.packed, label)};
}

std::string frame_content(std::string_view frame, std::uint64_t size) {
  std::string content(size, '\0');
  if (!decode_whole(frame, {}, content.data(), content.size())) {
    throw PackError(std::string(kCommonMember),
                    Diagnosis(Cause::kDamagedSlice)
                        .with(Evidence::kSlice, kCommonName)
                        .with(Evidence::kDetail, messages::kSliceDigest));
  }
  return content;
}

std::string share_content(const Bundle& bundle, const Share& share) {
  return read_part(bundle, share.offset, share.size, std::string(bundle.path.view()));
}

}  // namespace pixelzx::pack
