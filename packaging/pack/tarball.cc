// SPDX-License-Identifier: Apache-2.0
#include "pack/tarball.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "pack/bundle_file.h"
#include "pack/compress.h"
#include "pack/file_io.h"
#include "pack/launchers.h"
#include "pack/layer_tree.h"
#include "pack/pack_error.h"
#include "pack/shell_script.h"
#include "pack/verify.h"
#include "sha256.h"

namespace pixelzx::pack {
namespace {

namespace fs = std::filesystem;

struct File {
  unsigned mode = 0644;
  std::string content;
};

constexpr unsigned kExecutable = 0755;

/// The files below the top folder, by name.
class Files {
 public:
  void add(const std::string& name, File file) {
    if (!is_plain(name)) throw PackError(Problem::kBadFileName, {name});
    if (!files_.emplace(name, std::move(file)).second) {
      throw PackError(Problem::kFileTwice, {name});
    }
  }

  /// The file at `path`, or all below it when it is a folder.
  void add_from(const std::string& name, const std::string& path) {
    if (!fs::is_directory(path)) {
      add(name, {.content = read_file(path, true)});
      return;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.is_directory()) continue;
      add(name + "/" + entry.path().lexically_relative(path).string(),
          {.content = read_file(entry.path().string(), true)});
    }
  }

  [[nodiscard]] std::string sums() const {
    std::string lines;
    for (const auto& [name, file] : files_) {
      lines += std::string(sha256(file.content).view()) + "  " + name + "\n";
    }
    return lines;
  }

  [[nodiscard]] std::string tar(const std::string& top, std::int64_t mtime) const {
    LayerTree tree;
    const std::string folder = "/" + top + "/";
    for (const auto& [name, file] : files_) {
      tree.add_file(std::string(folder).append(name), file.mode, file.content);
    }
    return tree.tar(mtime);
  }

 private:
  /// install.sh takes lists of names for words.
  static bool is_plain(std::string_view name) {
    for (;;) {
      const std::size_t slash = name.find('/');
      if (!is_program_name(name.substr(0, slash))) return false;
      if (slash == std::string_view::npos) return true;
      name.remove_prefix(slash + 1);
    }
  }

  std::map<std::string, File, std::less<>> files_;
};

}  // namespace

void write_tarball(const TarballOptions& options) {
  const bool zstd = options.output.ends_with(".tar.zst");
  if (!zstd && !options.output.ends_with(".tar.gz")) {
    throw PackError(Problem::kBadTarballName, {options.output});
  }
  verify_bundle(options.bundle, [](std::string_view) {});
  const BundleFile bundle = open_whole_bundle(options.bundle);
  const Index& index = bundle.bundle.index;

  Files files;
  std::vector<std::string> archs;
  for (Launcher& launcher : read_launchers(options.launchers, architectures_of(index))) {
    files.add("launcher/" + launcher_folder(launcher.arch) + "/pixelzx",
              {kExecutable, std::move(launcher.content)});
    archs.push_back(launcher.arch);
  }
  files.add(std::string(kBundleName), {.content = bundle_content(bundle)});
  files.add("install.sh", {kExecutable, install_script(index, archs)});
  if (!options.sbom.empty()) files.add_from("sbom.spdx.json", options.sbom);
  for (const auto& [name, path] : options.files) files.add_from(name, path);
  files.add("SHA256SUMS", {.content = files.sums()});

  const std::string top = std::string(index.program) + "-" + std::string(index.version) + "-linux";
  const std::string tar = files.tar(top, options.mtime);
  OutputFile file(options.output, 0644);
  file.write(zstd ? compress(tar, {}, kDefaultLevel, [](std::size_t) {}) : gzip(tar));
  file.publish();
}

}  // namespace pixelzx::pack
