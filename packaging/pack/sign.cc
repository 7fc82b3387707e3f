// SPDX-License-Identifier: Apache-2.0
#include "pack/sign.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "pack/bundle_file.h"
#include "pack/file_io.h"
#include "pack/layout.h"
#include "pack/pack_error.h"
#include "pack/version_order.h"

namespace pixelzx::pack {
namespace {

constexpr std::string_view kVersionField = "\tversion:";

/// A file to be read from its first byte to its last.
struct WholeFile {
  explicit WholeFile(const std::string& path) : file(open_file(AT_FDCWD, path.c_str(), O_RDONLY)) {
    if (!file || fstat(file.get(), &status) != 0) throw_errno(Problem::kCannotRead, path);
    content.emplace(file.get(), 0, static_cast<std::uint64_t>(status.st_size), path);
  }

  Fd file;
  struct stat status {};
  std::optional<FileRange> content;
};

/// That of the bundle in the file at `path`; nothing when there is none.
std::optional<std::string> version_of_bundle(const std::string& path) {
  try {
    return std::string(open_bundle_file(path).bundle.index.version);
  } catch (const PackError& error) {
    if (error.diagnosis() && error.diagnosis()->cause() == Cause::kNotABundle) {
      return std::nullopt;
    }
    throw;
  }
}

void write_whole(const std::string& path, unsigned mode, const std::string& text) {
  OutputFile file(path, mode);
  file.write(text);
  file.publish();
}

std::string version_in(std::string_view comment) {
  const std::size_t at = comment.find(kVersionField);
  if (at == std::string_view::npos) return {};
  comment.remove_prefix(at + kVersionField.size());
  return std::string(comment.substr(0, comment.find('\t')));
}

}  // namespace

PublicKey write_new_key(const std::string& name, const PassphraseSource& passphrase) {
  const std::string secret_path = name + ".key";
  const std::string public_path = name + ".pub";
  for (const std::string& path : {secret_path, public_path}) {
    struct stat status {};
    if (lstat(path.c_str(), &status) == 0) throw PackError(Problem::kKeyExists, {path});
  }
  const SecretKey secret = generate_key();
  std::string text = secret_key_text(secret, new_passphrase(passphrase));
  write_whole(secret_path, 0600, text);
  sodium_memzero(text.data(), text.size());
  const PublicKey key = public_key_of(secret);
  write_whole(public_path, 0644, public_key_text(key));
  return key;
}

SecretKey read_secret_key(const std::string& path, const PassphraseSource& passphrase) {
  WholeFile file(path);
  if (S_ISREG(file.status.st_mode) && (file.status.st_mode & 077) != 0) {
    throw PackError(Problem::kKeyNotPrivate,
                    {path, fmt::format("{:04o}", file.status.st_mode & 07777)});
  }
  std::string text = read_all(*file.content);
  const std::string words = is_encrypted(text, path) ? passphrase_for(path, passphrase) : "";
  SecretKey key = parse_secret_key(text, words, path);
  sodium_memzero(text.data(), text.size());
  return key;
}

void sign_file(const std::string& path, const SecretKey& key, const std::string& version,
               std::int64_t time) {
  const std::string known = version.empty() ? version_of_bundle(path).value_or("") : version;
  if (!known.empty() && !index_takes_version(known)) throw PackError(Problem::kBadVersion, {known});
  const std::string comment =
      fmt::format("timestamp:{}\tfile:{}\thashed{}{}", time, printable(base_name(path)),
                  known.empty() ? "" : kVersionField, known);
  WholeFile file(path);
  write_whole(path + ".minisig", 0644, signature_text(*file.content, key, comment));
}

Release check_signature(const std::string& path, const std::string& signature_path,
                        const std::string& key_path) {
  const PublicKey key = parse_public_key(read_file(key_path), key_path);
  const Signature signature = parse_signature(read_file(signature_path), signature_path);
  if (signature.key != key.id) {
    throw PackError(Problem::kOtherKey,
                    {path, key_id_text(signature.key), key_path, key_id_text(key.id)});
  }
  WholeFile file(path);
  if (!is_signed_by(key, signature, *file.content)) {
    throw PackError(Problem::kForged, {path, signature_path});
  }
  const auto of_bundle = version_of_bundle(path);
  return {key.id, of_bundle.has_value(), of_bundle ? *of_bundle : version_in(signature.comment)};
}

void check_not_older(const std::string& path, const Release& release,
                     const std::string& installed) {
  if (release.version.empty()) throw PackError(Problem::kVersionUnknown, {path});
  const std::string before(open_bundle_file(installed).bundle.index.version);
  if (is_older(release.version, before)) {
    throw PackError(Problem::kOlderRelease, {path, release.version, installed, before});
  }
}

}  // namespace pixelzx::pack
