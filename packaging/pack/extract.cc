// SPDX-License-Identifier: Apache-2.0
#include "pack/extract.h"

#include <sys/mman.h>

#include <cstring>

#include "pack/byte_stream.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"
#include "unpack.h"

namespace pixelzx::pack {
namespace {

/// Unpacks `slice` into the empty file `output`, which is at `path`.
void unpack_to(const BundleFile& file, const Slice& slice, int output, const std::string& path) {
  const Unpacked unpacked = unpack_slice(file.bundle, slice, output);
  if (unpacked.diagnosis) {
    throw PackError(std::string(file.bundle.path.view()), *unpacked.diagnosis);
  }
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
  unpack_to(file, *slice, program.fd(), output);
  program.publish();
}

std::string slice_content(const BundleFile& file, const Slice& slice) {
  const Fd memory(memfd_create("slice", MFD_CLOEXEC));
  if (!memory) throw_errno(Problem::kCannotWrite, "memfd");
  unpack_to(file, slice, memory.get(), "memfd");
  FileRange content(memory.get(), 0, slice.size, "memfd");
  return read_all(content);
}

std::string share_content(const BundleFile& file, const Share& share) {
  const std::uint64_t begin = file.bundle.base + share.offset;
  FileRange content(file.bundle.file.get(), begin, begin + share.size,
                    std::string(file.bundle.path.view()));
  return read_all(content);
}

}  // namespace pixelzx::pack
