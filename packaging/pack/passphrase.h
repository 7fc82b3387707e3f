// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pixelzx::pack {

/// Where a secret key's passphrase comes from. Never from an argument, which every user of the
/// machine can read.
struct PassphraseSource {
  std::string file;   // its first line; empty: the terminal
  bool none = false;  // a key without one
};

/// For a new key: asked for twice. Empty for `none`. Throws kNoPassphrase when there is no terminal
/// or nothing was entered, kPassphrasesDiffer, kCannotRead.
std::string new_passphrase(const PassphraseSource& source);

/// For the key at `path`. Throws kNoPassphrase, kCannotRead.
std::string passphrase_for(const std::string& path, const PassphraseSource& source);

}  // namespace pixelzx::pack
