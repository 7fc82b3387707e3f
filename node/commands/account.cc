// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "node/account/address_text.h"
#include "node/account/keystore_folder.h"
#include "node/account/password.h"
#include "node/base/files.h"
#include "node/commands/commands.h"
#include "node/words.h"

namespace pixelzx::node {
namespace {

CliResult store(const CommandLine& line, const std::variant<SecretKey, Failure>& key) {
  if (line.settings.keystore_dir.empty()) return failed({Phrase::kNoDataDir, {}}, line.language);
  if (const auto* failure = std::get_if<Failure>(&key)) return failed(*failure, line.language);
  auto given = new_password(line.settings.password_file, line.language);
  if (const auto* failure = std::get_if<Failure>(&given)) return failed(*failure, line.language);
  auto& password = std::get<std::string>(given);
  const auto file = store_key(line.settings.keystore_dir, std::get<SecretKey>(key), password);
  ::explicit_bzero(password.data(), password.size());
  if (const auto* failure = std::get_if<Failure>(&file)) return failed(*failure, line.language);
  const auto& stored = std::get<KeyFile>(file);
  return {kStatusOk,
          fill(Phrase::kNewKey, line.language,
               {checksummed(stored.address), escape_controls(stored.path.string())}) +
              "\n",
          ""};
}

/// The key whose 64 digits are in the file, with or without white space around them.
std::variant<SecretKey, Failure> read_key(const std::string& path) {
  constexpr std::size_t kMost = 4096;
  auto read = read_file(path, kMost);
  if (const auto* error = std::get_if<std::error_code>(&read)) {
    return Failure{Phrase::kKeystoreUnreadable, {path, error->message()}};
  }
  std::string_view digits = std::get<std::string>(read);
  constexpr std::string_view kSpace = " \t\r\n";
  digits.remove_prefix(std::min(digits.find_first_not_of(kSpace), digits.size()));
  digits = digits.substr(0, digits.find_last_not_of(kSpace) + 1);
  const auto key = array_from_hex<SecretKey>(digits);
  if (!key || !address_of(*key)) return Failure{Phrase::kNotAKey, {path}};
  return *key;
}

}  // namespace

CliResult run_account_new(const CommandLine& line) {
  return store(line, new_key());
}

CliResult run_account_import(const CommandLine& line) {
  return store(line, read_key(line.file));
}

CliResult run_account_list(const CommandLine& line) {
  if (line.settings.keystore_dir.empty()) return failed({Phrase::kNoDataDir, {}}, line.language);
  const auto keys = list_keys(line.settings.keystore_dir);
  if (const auto* failure = std::get_if<Failure>(&keys)) return failed(*failure, line.language);
  CliResult result;
  for (const KeyFile& file : std::get<std::vector<KeyFile>>(keys)) {
    result.out += checksummed(file.address) + "  " + escape_controls(file.path.string()) + "\n";
  }
  if (result.out.empty()) {
    result.err =
        fill(Phrase::kNoKeys, line.language, {escape_controls(line.settings.keystore_dir)}) + "\n";
  }
  return result;
}

}  // namespace pixelzx::node
