// SPDX-License-Identifier: Apache-2.0
//
// Signatures of files, as minisign makes and accepts them.
#pragma once

#include <string>

#include "pack/minisign.h"
#include "pack/passphrase.h"

namespace pixelzx::pack {

/// Makes a key: `name`.key, which only its owner can read, and `name`.pub. Returns the public key.
/// Throws kKeyExists when one of the files is there, kCannotWrite, and what new_passphrase throws.
PublicKey write_new_key(const std::string& name, const PassphraseSource& passphrase);

/// The secret key in the file at `path`. Throws kKeyNotPrivate when others can read the file,
/// kCannotRead, and what parse_secret_key and passphrase_for throw.
SecretKey read_secret_key(const std::string& path, const PassphraseSource& passphrase);

/// Writes `path`.minisig. Its comment has the file's name, the time in seconds since 1970, and the
/// version of what is in it: `version`, or that of the bundle in the file, or none. Throws
/// kCannotRead, kCannotWrite, kBadVersion.
void sign_file(const std::string& path, const SecretKey& key, const std::string& version,
               std::int64_t time);

/// What the file at `path` is said to be.
struct Release {
  KeyId key{};
  bool is_bundle = false;  // or has one attached
  std::string version;     // empty when neither the signature nor a bundle in the file has one
};

/// Checks the signature of the file at `path`, before anything else is read of it: the .minisig at
/// `signature_path`, by the owner of the public key in the file `key_path`. Throws kOtherKey,
/// kForged, kBadPublicKey, kBadSignature, kCannotRead.
Release check_signature(const std::string& path, const std::string& signature_path,
                        const std::string& key_path);

/// Throws kOlderRelease when `release`, the file at `path`, is older than the version of the bundle
/// at `installed`; kVersionUnknown when it has no version.
void check_not_older(const std::string& path, const Release& release, const std::string& installed);

}  // namespace pixelzx::pack
