// SPDX-License-Identifier: Apache-2.0
#include "pack/attach.h"

#include "elf.h"
#include "pack/bundle_file.h"
#include "pack/file_io.h"
#include "pack/layout.h"
#include "pack/pack_error.h"
#include "pack/verify.h"

namespace pixelzx::pack {
namespace {

void copy_bundle(const std::string& path, OutputFile& output) {
  const BundleFile file = open_whole_bundle(path);
  std::string buffer(std::size_t{1} << 20, '\0');
  for (std::uint64_t at = file.bundle.base; at < file.end;) {
    const std::size_t size = std::min<std::uint64_t>(buffer.size(), file.end - at);
    const std::ptrdiff_t got = read_at(file.bundle.file.get(), buffer.data(), size, at);
    if (got <= 0) throw_errno(Problem::kCannotRead, path);
    output.write({buffer.data(), static_cast<std::size_t>(got)});
    at += static_cast<std::uint64_t>(got);
  }
}

}  // namespace

void attach_bundle(const std::string& launcher, const std::string& bundle,
                   const std::string& output) {
  const std::string program = read_file(launcher);
  if (attached_at(launcher)) throw PackError(Problem::kAlreadyAttached, {launcher});
  const std::optional<Elf> elf = parse_elf(program);
  if (!elf || elf->truncated) throw PackError(Problem::kLauncherNotElf, {launcher});
  verify_bundle(bundle, [](std::string_view) {});

  OutputFile file(output, 0755);
  file.write(program);
  const std::uint64_t offset = whole_blocks(program.size());
  file.write(std::string(offset - program.size(), '\0'));
  copy_bundle(bundle, file);
  const Trailer trailer = make_trailer(offset);
  file.write({trailer.data(), trailer.size()});
  try {
    verify_bundle(file.temporary_path(), [](std::string_view) {});
  } catch (const PackError& error) {
    throw PackError(Problem::kSelfCheck, {output, error.what()});
  }
  file.publish();
}

}  // namespace pixelzx::pack
