// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "pack/cli_commands.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"
#include "pack/sign.h"
#include "pack/verify.h"

namespace pixelzx::pack {
namespace {

/// Where CLI11 leaves what it read.
struct VerifyWords {
  std::string file;
  std::string key;
  std::string signature;
  std::string installed;
};

void print_sound(std::string_view name, Language language) {
  print(std::string(kOk.in(language)) + "  " + std::string(name) + "\n");
}

void run_verify(const VerifyWords& words, Language language) {
  if (!words.key.empty()) {
    const Release release = check_signature(
        words.file, words.signature.empty() ? words.file + ".minisig" : words.signature, words.key);
    if (!words.installed.empty()) check_not_older(words.file, release, words.installed);
    print_sound(key_id_text(release.key) + (release.version.empty() ? "" : "  ") + release.version,
                language);
    if (!release.is_bundle) return;
  }
  verify_bundle(words.file, [language](std::string_view name) { print_sound(name, language); });
}

}  // namespace

void add_verify_command(CLI::App& app, Language language) {
  CLI::App* verify = app.add_subcommand(
      "verify", "Check a file's signature, and everything in a bundle by unpacking it");
  const auto words = std::make_shared<VerifyWords>();
  CLI::Option* key =
      verify
          ->add_option("--key", words->key,
                       "Check the signature first, by this public key; then FILE may be anything")
          ->option_text("FILE");
  verify->add_option("--signature", words->signature, "The signature (default: FILE.minisig)")
      ->option_text("FILE")
      ->needs(key);
  verify
      ->add_option("--installed", words->installed,
                   "Refuse a release that is older than this bundle")
      ->option_text("BUNDLE")
      ->needs(key);
  verify->add_option("FILE", words->file, "The bundle, or any signed file")
      ->option_text(" ")
      ->required();
  verify->callback([words, language] { run_verify(*words, language); });
}

}  // namespace pixelzx::pack
