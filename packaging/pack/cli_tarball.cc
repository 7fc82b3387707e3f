// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "pack/cli_commands.h"
#include "pack/tarball.h"

namespace pixelzx::pack {
namespace {

/// Where CLI11 leaves what it read.
struct TarballWords {
  TarballOptions options;
  std::vector<std::string> files;
};

void run_tarball(TarballWords& words) {
  words.options.files = split_pairs(words.files, "NAME=PATH", "--file LICENSE=LICENSE");
  words.options.mtime = source_date();
  write_tarball(words.options);
}

}  // namespace

void add_tarball_command(CLI::App& app, Language /*language*/) {
  CLI::App* tarball = app.add_subcommand("tarball", "Make a tarball with an install.sh");
  const auto words = std::make_shared<TarballWords>();
  TarballOptions& options = words->options;
  tarball
      ->add_option("--launchers", options.launchers,
                   "The folder with linux-amd64/pixelzx, linux-arm64/pixelzx and so on")
      ->option_text("DIR")
      ->required();
  tarball->add_option("--sbom", options.sbom, "An SPDX document, as sbom.spdx.json")
      ->option_text("FILE");
  tarball
      ->add_option(
          "--file", words->files,
          "A file or folder to go along under NAME; install.sh installs man/PROGRAM.1, "
          "completions/PROGRAM.bash, _PROGRAM and PROGRAM.fish, systemd/PROGRAM.service and "
          "PROGRAM.sysusers")
      ->option_text("NAME=PATH ...")
      ->allow_extra_args(false);
  tarball->add_option("-o", options.output, "The tarball to write: *.tar.zst or *.tar.gz")
      ->option_text("FILE")
      ->required();
  tarball->add_option("BUNDLE", options.bundle, "The bundle")->option_text(" ")->required();
  tarball->callback([words] { run_tarball(*words); });
}

}  // namespace pixelzx::pack
