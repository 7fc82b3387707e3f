// SPDX-License-Identifier: Apache-2.0
#include "pack/attach.h"

#include "elf.h"
#include "pack/byte_stream.h"
#include "pack/layout.h"
#include "pack/pack_error.h"
#include "pack/verify.h"

namespace pixelzx::pack {

void append_bundle(OutputFile& file, const BundleFile& bundle, std::uint64_t offset) {
  FileRange content(bundle.bundle.file.get(), bundle.bundle.base, bundle.end,
                    std::string(bundle.bundle.path.view()));
  for (std::string_view bytes = content.read(); !bytes.empty(); bytes = content.read()) {
    file.write(bytes);
  }
  const Trailer trailer = make_trailer(offset);
  file.write({trailer.data(), trailer.size()});
}

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
  append_bundle(file, open_whole_bundle(bundle), offset);
  publish_verified(file, output);
}

}  // namespace pixelzx::pack
