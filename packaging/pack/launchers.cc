// SPDX-License-Identifier: Apache-2.0
#include "pack/launchers.h"

#include <algorithm>

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

Launcher read_launcher(const std::string& launchers, const std::string& arch) {
  const std::string path = launchers + "/" + launcher_folder(arch) + "/pixelzx";
  std::string content = read_file(path);
  const std::optional<Elf> elf = parse_elf(content);
  if (!elf) throw PackError(Problem::kNotElf, {path, "linux/" + arch});
  const std::optional<Platform> found = elf_platform(*elf);
  if (!found || found->arch.view() != arch) {
    throw PackError(Problem::kOtherArchitecture,
                    {path, "linux/" + arch, found ? text_of(*found) : "another machine"});
  }
  if (elf->truncated) throw PackError(Problem::kTruncatedProgram, {path});
  if (!elf->interpreter.empty()) {
    throw PackError(Problem::kDynamic, {path, std::string(elf->interpreter.view())});
  }
  return {arch, std::move(content)};
}

std::vector<Launcher> read_launchers(const std::string& launchers,
                                     const std::set<std::string>& archs) {
  std::vector<Launcher> all;
  all.reserve(archs.size());
  for (const std::string& arch : archs) all.push_back(read_launcher(launchers, arch));
  return all;
}

std::set<std::string> architectures_of(const Index& bundle) {
  std::set<std::string> archs;
  for (const Platform& platform : bundle.platforms()) archs.emplace(platform.arch.view());
  return archs;
}

}  // namespace pixelzx::pack
