// SPDX-License-Identifier: Apache-2.0
#include "pack/run_file.h"

#include "pack/attach.h"
#include "pack/file_io.h"
#include "pack/launchers.h"
#include "pack/shell_script.h"
#include "pack/verify.h"
#include "sha256.h"

namespace pixelzx::pack {
namespace {

void fill_block(std::string& content, char filling) {
  content.resize((content.size() + kRunBlock - 1) / kRunBlock * kRunBlock, filling);
}

struct RunFile {
  std::string script;
  std::uint64_t bundle_offset = 0;
};

/// The script for `launchers`, which are of whole blocks. Its own length moves them, so it is
/// written until both agree.
RunFile make_script(const Index& index, const std::vector<Launcher>& launchers,
                    std::uint64_t bundle_size) {
  RunFile file;
  for (;;) {
    std::vector<LauncherPlace> places;
    std::uint64_t offset = file.script.size();
    for (const Launcher& launcher : launchers) {
      places.push_back({launcher_platform(launcher.arch), offset / kRunBlock,
                        launcher.content.size() / kRunBlock,
                        std::string(sha256(launcher.content).view())});
      offset += launcher.content.size();
    }
    file.bundle_offset = offset;
    std::string script = run_script(index, places, offset + bundle_size + kTrailerSize);
    fill_block(script, '\n');
    if (script.size() == file.script.size()) {
      file.script = std::move(script);
      return file;
    }
    file.script = std::move(script);
  }
}

}  // namespace

void write_run_file(const std::string& launchers_folder, const std::string& bundle,
                    const std::string& output) {
  verify_bundle(bundle, [](std::string_view) {});
  const BundleFile file = open_whole_bundle(bundle);
  std::vector<Launcher> launchers =
      read_launchers(launchers_folder, architectures_of(file.bundle.index));
  for (Launcher& launcher : launchers) fill_block(launcher.content, '\0');
  const RunFile run = make_script(file.bundle.index, launchers, file.size());

  OutputFile out(output, 0755);
  out.write(run.script);
  for (const Launcher& launcher : launchers) out.write(launcher.content);
  append_bundle(out, file, run.bundle_offset);
  publish_verified(out, output);
}

}  // namespace pixelzx::pack
