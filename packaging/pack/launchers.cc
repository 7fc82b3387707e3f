// SPDX-License-Identifier: Apache-2.0
#include "pack/launchers.h"

#include <algorithm>
#include <set>

#include "elf.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"
#include "pack/program.h"
#include "pack/text_table.h"

namespace pixelzx::pack {

Platform launcher_platform(std::string_view arch) {
  return linux_platform(arch, arch == "arm" ? "v7" : "");
}

std::string launcher_folder(std::string_view arch) {
  std::string folder = text_of(launcher_platform(arch));
  std::replace(folder.begin(), folder.end(), '/', '-');
  return folder;
}

std::string read_launcher(const std::string& launchers, std::string_view arch) {
  const std::string path = launchers + "/" + launcher_folder(arch) + "/pixelzx";
  std::string launcher = read_file(path);
  const std::optional<Elf> elf = parse_elf(launcher);
  if (!elf) throw PackError(Problem::kNotElf, {path, "linux/" + std::string(arch)});
  const std::optional<Platform> found = elf_platform(*elf);
  if (!found || found->arch.view() != arch) {
    throw PackError(Problem::kOtherArchitecture, {path, "linux/" + std::string(arch),
                                                  found ? text_of(*found) : "another machine"});
  }
  if (elf->truncated) throw PackError(Problem::kTruncatedProgram, {path});
  if (!elf->interpreter.empty()) {
    throw PackError(Problem::kDynamic, {path, std::string(elf->interpreter.view())});
  }
  return launcher;
}

std::vector<Launcher> read_launchers(const std::string& launchers, const Index& bundle) {
  std::set<std::string, std::less<>> archs;
  for (const Platform& platform : bundle.platforms()) archs.emplace(platform.arch.view());
  std::vector<Launcher> all;
  all.reserve(archs.size());
  for (const std::string& arch : archs) all.push_back({arch, read_launcher(launchers, arch)});
  return all;
}

}  // namespace pixelzx::pack
