// SPDX-License-Identifier: Apache-2.0
#include "pack/bundle_writer.h"

#include <algorithm>

#include "pack/compress.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"
#include "pack/progress.h"
#include "pack/tar_writer.h"
#include "pack/text_table.h"
#include "pack/verify.h"
#include "sha256.h"

namespace pixelzx::pack {
namespace {

/// Those that stand alone come first, as the index parser wants it of a prefix.
void sort_slices(std::vector<PackedSlice>& slices) {
  std::sort(slices.begin(), slices.end(), [](const PackedSlice& a, const PackedSlice& b) {
    return std::pair(a.prefix.has_value(), to_text(a.platform).view()) <
           std::pair(b.prefix.has_value(), to_text(b.platform).view());
  });
}

void write_tar(const BundleContent& content, const OutputFile& file, const std::string& output,
               std::int64_t mtime) {
  TarWriter tar(file.fd(), output, mtime);
  const std::string index = index_text(content);
  tar.add({.name = std::string(kIndexName), .content = index});
  for (const PackedSlice& slice : content.slices) {
    tar.add({.name = slice_member(slice.platform, content.program), .content = slice.frame});
  }
  for (const SharedFile& share : content.shares) {
    tar.add({.name = share_member(share.name), .content = share.content});
  }
  tar.close();
}

}  // namespace

void check_identity(const std::string& program, const std::string& version) {
  if (!is_program_name(program)) throw PackError(Problem::kBadProgramName, {program});
  if (!index_takes_version(version)) throw PackError(Problem::kBadVersion, {version});
}

std::vector<PackedSlice> compress_programs(const std::vector<Program>& programs, int level,
                                           bool show_progress) {
  std::uint64_t total = 0;
  for (const Program& program : programs) total += program.content.size();
  Progress progress(total, show_progress);
  std::vector<PackedSlice> slices;
  for (const Program& program : programs) {
    progress.set_task(text_of(program.platform));
    std::string_view prefix;
    if (program.prefix) {
      prefix = std::ranges::find(programs, *program.prefix, &Program::platform)->content;
    }
    std::string frame = compress(program.content, prefix, level,
                                 [&progress](std::size_t bytes) { progress.advance(bytes); });
    if (frame.size() > kMaxSliceSize) throw PackError(Problem::kTooLarge, {program.name});
    slices.push_back({program.platform, program.prefix, program.content.size(),
                      std::string(sha256(program.content).view()), std::move(frame)});
  }
  return slices;
}

void write_bundle(BundleContent& content, const std::string& output, std::int64_t mtime) {
  sort_slices(content.slices);
  OutputFile file(output, 0644);
  write_tar(content, file, output, mtime);
  publish_verified(file, output);
}

}  // namespace pixelzx::pack
