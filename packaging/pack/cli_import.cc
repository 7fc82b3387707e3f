// SPDX-License-Identifier: Apache-2.0
#include <spdlog/spdlog.h>

#include <memory>

#include "pack/cli_commands.h"
#include "pack/import.h"
#include "pack/list.h"

namespace pixelzx::pack {
namespace {

void run_import(ImportOptions& options, bool quiet, Language language) {
  options.mtime = source_date();
  options.show_progress = !quiet;
  for (const std::string& image : import_images(options, language)) spdlog::warn("{}", image);
  if (quiet) return;
  print_summary(list_text(open_bundle_file(options.output), language));
}

}  // namespace

void add_import_command(CLI::App& app, Language language) {
  CLI::App* command =
      app.add_subcommand("import", "Make a bundle of what the images in an archive start");
  const auto options = std::make_shared<ImportOptions>();
  const auto quiet = std::make_shared<bool>(false);
  command
      ->add_option("--program", options->program,
                   "The program's name (default: what the images start)")
      ->option_text("NAME");
  command
      ->add_option("--version", options->version,
                   "The program's version (default: the images' label)")
      ->option_text("VERSION");
  command->add_flag("--doctor", options->doctor, "The launcher keeps the word doctor for itself");
  command->add_flag("--own-name", options->own_name,
                    "The launcher drops a first argument that is the program's own name");
  command->add_flag("--allow-dynamic", options->allow_dynamic,
                    "Pack programs that need shared libraries, too");
  command->add_flag("-q,--quiet", *quiet, "Say nothing unless something is wrong or left out");
  command->add_option("-o", options->output, "The bundle to write")
      ->option_text("BUNDLE")
      ->required();
  command
      ->add_option("ARCHIVE", options->archive,
                   "What docker save or podman save has written, or an OCI image layout (a folder "
                   "or a tar)")
      ->option_text(" ")
      ->required();
  command->callback([options, quiet, language] { run_import(*options, *quiet, language); });
}

}  // namespace pixelzx::pack
