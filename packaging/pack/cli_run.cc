// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "pack/cli_commands.h"
#include "pack/run_file.h"

namespace pixelzx::pack {
namespace {

/// Where CLI11 leaves what it read.
struct RunWords {
  std::string launchers;
  std::string output;
  std::string bundle;
};

}  // namespace

void add_run_command(CLI::App& app, Language /*language*/) {
  CLI::App* run = app.add_subcommand(
      "run", "Make one executable file for every machine: script, launchers, bundle");
  const auto words = std::make_shared<RunWords>();
  run->add_option("--launchers", words->launchers,
                  "The folder with linux-amd64/pixelzx, linux-arm64/pixelzx and so on")
      ->option_text("DIR")
      ->required();
  run->add_option("-o", words->output, "The file to write")->option_text("FILE")->required();
  run->add_option("BUNDLE", words->bundle, "The bundle")->option_text(" ")->required();
  run->callback([words] { write_run_file(words->launchers, words->bundle, words->output); });
}

}  // namespace pixelzx::pack
