// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "pack/cli_commands.h"
#include "pack/image_builder.h"

namespace pixelzx::pack {
namespace {

/// Where CLI11 leaves what it read.
struct ImageWords {
  ImageOptions options;
  std::string kind = "universal";
  std::string compression = "gzip";
  std::string single;
  std::vector<std::string> annotations;
  bool quiet = false;
};

void run_image(ImageWords& words, Language language) {
  ImageOptions& options = words.options;
  options.kind = words.kind == "slim" ? ImageKind::kSlim : ImageKind::kUniversal;
  options.compression =
      words.compression == "zstd" ? LayerCompression::kZstd : LayerCompression::kGzip;
  options.single = !words.single.empty();
  if (options.single) options.platforms = {words.single};
  options.annotations =
      split_pairs(words.annotations, "KEY=VALUE", "org.opencontainers.image.vendor=PIXELZX");
  options.mtime = source_date();
  options.language = language;
  const BuiltImages built = build_image(options);
  if (words.quiet) return;
  print_summary(summary_text(built, language));
}

}  // namespace

void add_image_command(CLI::App& app, Language language) {
  CLI::App* image = app.add_subcommand("image", "Make container images of a bundle");
  const auto words = std::make_shared<ImageWords>();
  ImageOptions& options = words->options;
  image
      ->add_option("--kind", words->kind,
                   "universal (all launchers and the bundle, the default) or slim (one platform's "
                   "launcher and programs, unpacked)")
      ->option_text("KIND")
      ->check(CLI::IsMember({"universal", "slim"}));
  image
      ->add_option("--launchers", options.launchers,
                   "The folder with linux-amd64/pixelzx, linux-arm64/pixelzx and so on")
      ->option_text("DIR")
      ->required();
  CLI::Option* platform =
      image
          ->add_option("--platform", options.platforms,
                       "Make an image for this platform only; may be given several times")
          ->option_text("PLATFORM ...")
          ->allow_extra_args(false);
  image
      ->add_option("--single", words->single,
                   "Make one image, for PLATFORM, and no index; docker load reads it, too")
      ->option_text("PLATFORM")
      ->excludes(platform);
  image->add_option("--compression", words->compression, "gzip (the default) or zstd")
      ->option_text("FORMAT")
      ->check(CLI::IsMember({"gzip", "zstd"}));
  image
      ->add_option("--config", options.config,
                   "A JSON file with Cmd, Env, ExposedPorts, Healthcheck, Labels, StopSignal, "
                   "Volumes and WorkingDir as in the image specification")
      ->option_text("FILE");
  image
      ->add_option("--doc", options.documents,
                   "A file for the images' /usr/share/doc; may be given several times")
      ->option_text("FILE ...")
      ->allow_extra_args(false);
  image->add_option("--name", options.name, "The images' name, and tag: latest when there is none")
      ->option_text("REPOSITORY[:TAG]");
  image
      ->add_option("--annotation", words->annotations,
                   "An annotation, and a label; may be given several times")
      ->option_text("KEY=VALUE ...")
      ->allow_extra_args(false);
  image->add_option("--layers", options.layers, "Write the layers as tars into this folder, too")
      ->option_text("DIR");
  image->add_flag("-q,--quiet", words->quiet, "Say nothing unless something is wrong");
  image
      ->add_option("-o", options.output,
                   "The OCI image layout to write: a tar when it ends with .tar, else a folder")
      ->option_text("OUT")
      ->required();
  image->add_option("BUNDLE", options.bundle, "The bundle")->option_text(" ")->required();
  image->callback([words, language] { run_image(*words, language); });
}

}  // namespace pixelzx::pack
