// SPDX-License-Identifier: Apache-2.0
#include <ctime>
#include <memory>

#include "pack/cli_commands.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"
#include "pack/sign.h"

namespace pixelzx::pack {
namespace {

/// Where CLI11 leaves what it read.
struct SignWords {
  PassphraseSource passphrase;
  std::string key;
  std::string version;
  std::vector<std::string> files;
};

void add_passphrase_file(CLI::App* command, SignWords& words) {
  command
      ->add_option("--passphrase-file", words.passphrase.file,
                   "Read the key's passphrase from the first line of FILE, not from the terminal")
      ->option_text("FILE");
}

void run_keygen(const SignWords& words) {
  const PublicKey key = write_new_key(words.key, words.passphrase);
  print(words.key + ".pub  " + key_id_text(key.id) + "\n");
}

/// When the signatures were made: SOURCE_DATE_EPOCH, so that they can be made again, else now.
std::int64_t signing_time() {
  const std::int64_t fixed = source_date();
  return fixed != 0 ? fixed : static_cast<std::int64_t>(std::time(nullptr));
}

void run_sign(const SignWords& words) {
  const SecretKey key = read_secret_key(words.key, words.passphrase);
  for (const std::string& file : words.files) {
    sign_file(file, key, words.version, signing_time());
    print(file + ".minisig\n");
  }
}

}  // namespace

void add_sign_commands(CLI::App& app) {
  const auto words = std::make_shared<SignWords>();
  CLI::App* keygen = app.add_subcommand("keygen", "Make a key that signs releases");
  keygen->add_flag("--no-passphrase", words->passphrase.none,
                   "Do not encrypt the secret key: whoever reads the file can sign");
  add_passphrase_file(keygen, *words);
  keygen
      ->add_option("-o", words->key, "Write the secret key to NAME.key, the public one to NAME.pub")
      ->option_text("NAME")
      ->required();
  keygen->callback([words] { run_keygen(*words); });

  CLI::App* sign = app.add_subcommand("sign", "Sign files, as minisign does, into FILE.minisig");
  sign->add_option("--key", words->key, "The secret key")->option_text("FILE")->required();
  add_passphrase_file(sign, *words);
  sign->add_option("--version", words->version,
                   "The version of what is in the files; that of a bundle is known")
      ->option_text("VERSION");
  sign->add_option("FILE", words->files, "The files to sign")->option_text("...")->required();
  sign->callback([words] { run_sign(*words); });
}

}  // namespace pixelzx::pack
