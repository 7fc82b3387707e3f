// SPDX-License-Identifier: Apache-2.0
#include "pack/extract.h"

#include <cstring>

#include "pack/bundle_file.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"
#include "unpack.h"

namespace pixelzx::pack {

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
  const Unpacked unpacked = unpack_slice(file.bundle, *slice, program.fd());
  if (unpacked.diagnosis) throw PackError(path, *unpacked.diagnosis);
  if (unpacked.status != UnpackStatus::kDone) {
    throw PackError(Problem::kCannotWrite, {output, std::strerror(unpacked.error)});
  }
  program.publish();
}

}  // namespace pixelzx::pack
