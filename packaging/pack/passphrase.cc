// SPDX-License-Identifier: Apache-2.0
#include "pack/passphrase.h"

#include <bsd/readpassphrase.h>
#include <sodium.h>

#include <array>

#include "pack/file_io.h"
#include "pack/pack_error.h"

namespace pixelzx::pack {
namespace {

/// What is typed at the terminal, unseen.
std::string asked(const std::string& prompt) {
  std::array<char, 1024> typed{};
  if (readpassphrase(prompt.c_str(), typed.data(), typed.size(), RPP_REQUIRE_TTY) == nullptr ||
      typed[0] == '\0') {
    throw PackError(Problem::kNoPassphrase);
  }
  std::string text(typed.data());
  sodium_memzero(typed.data(), typed.size());
  return text;
}

std::string first_line(const std::string& path) {
  std::string text = read_file(path);
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty()) throw PackError(Problem::kNoPassphrase);
  return text;
}

}  // namespace

std::string new_passphrase(const PassphraseSource& source) {
  if (source.none) return {};
  if (!source.file.empty()) return first_line(source.file);
  std::string passphrase = asked("Passphrase for the new key: ");
  if (asked("The same again: ") != passphrase) throw PackError(Problem::kPassphrasesDiffer);
  return passphrase;
}

std::string passphrase_for(const std::string& path, const PassphraseSource& source) {
  return source.file.empty() ? asked("Passphrase for " + path + ": ") : first_line(source.file);
}

}  // namespace pixelzx::pack
