// SPDX-License-Identifier: Apache-2.0
#include "pack/image_content.h"

#include <algorithm>

#include "host_arch.h"

namespace pixelzx::pack {
namespace {

constexpr std::string_view kLauncherName = "/pixelzx";

std::string launcher_path(std::string_view arch) {
  return std::string(kImageHome) + "launcher/" + launcher_folder(arch) + std::string(kLauncherName);
}

/// A folder of PATH, and the folder of the kernel's through which its link leads.
struct Signpost {
  std::string_view arch;
  std::string folder;
  std::string_view landmark;
};

std::vector<Signpost> signposts_of(const ImageParts& parts) {
  std::vector<Signpost> signposts;
  for (const HostArch* row : kHostArchs) {
    const auto is_its = [row](const auto& launcher) { return launcher.arch == row->arch; };
    if (std::none_of(parts.launchers.begin(), parts.launchers.end(), is_its)) continue;
    int number = 0;
    for (const std::string_view landmark : row->signposts) {
      std::string folder = std::string(kImageHome) + "signpost/" + std::string(row->arch);
      if (++number > 1) folder += "-" + std::to_string(number);
      signposts.push_back({row->arch, std::move(folder), landmark});
    }
  }
  return signposts;
}

/// A path to the absolute path `target` that leads through `landmark`.
std::string through(std::string_view landmark, const std::string& target) {
  std::string path(landmark);
  for (const char c : landmark) path += c == '/' ? "/.." : "";
  return path + target;
}

}  // namespace

LayerTree base_layer(const ImageParts& parts) {
  const std::string id = std::to_string(kImageUser);
  const std::string home = parts.working_directory.empty() ? "/" : parts.working_directory;
  LayerTree layer;
  constexpr unsigned kReadable = 0644;
  constexpr unsigned kPrivate = 0700;
  constexpr unsigned kForAll = 01777;
  layer.add_file("/etc/passwd", kReadable,
                 "root:x:0:0:root:/root:/sbin/nologin\n" + parts.program + ":x:" + id + ":" + id +
                     "::" + home + ":/sbin/nologin\n");
  layer.add_file("/etc/group", kReadable, "root:x:0:\n" + parts.program + ":x:" + id + ":\n");
  layer.add_folder("/tmp", kForAll);
  layer.add_folder("/var/cache/pixelzx", kPrivate, kImageUser);
  if (home != "/") layer.add_folder(home);
  for (const std::string& volume : parts.volumes) layer.add_folder(volume, kPrivate, kImageUser);
  for (const auto& [name, content] : parts.documents) {
    layer.add_file("/usr/share/doc/" + parts.program + "/" + name, kReadable, content);
  }
  return layer;
}

void add_signposts(const ImageParts& parts, LayerTree& layer) {
  for (const Launcher& launcher : parts.launchers) {
    constexpr unsigned kExecutable = 0755;
    layer.add_file(launcher_path(launcher.arch), kExecutable, launcher.content);
  }
  for (const Signpost& signpost : signposts_of(parts)) {
    layer.add_link(signpost.folder + "/" + parts.program,
                   through(signpost.landmark, launcher_path(signpost.arch)));
  }
}

std::string signpost_path(const ImageParts& parts, std::string_view arch) {
  std::string path;
  for (const Signpost& signpost : signposts_of(parts)) {
    // A 32-bit container on a 64-bit kernel: its seccomp profile forbids the calls of the 64-bit
    // launcher, which would be killed.
    if (arch == "arm" && signpost.arch == "arm64") continue;
    path += signpost.folder + ":";
  }
  return path + std::string(kImageBin);
}

void add_entrypoint(const ImageParts& parts, std::string_view arch, LayerTree& layer) {
  layer.add_link(std::string(kImageBin) + "/" + parts.program, "../../.." + launcher_path(arch));
}

}  // namespace pixelzx::pack
