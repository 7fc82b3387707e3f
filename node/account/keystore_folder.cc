// SPDX-License-Identifier: Apache-2.0
#include "node/account/keystore_folder.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>

#include "node/account/address_text.h"
#include "node/base/files.h"

namespace pixelzx::node {
namespace {

constexpr std::size_t kMostKeyFile = 65536;

/// Whose key the file has; nothing when it is no key file.
std::optional<Address> address_in(const std::filesystem::path& path) {
  const auto text = read_file(path, kMostKeyFile);
  if (!std::holds_alternative<std::string>(text)) return std::nullopt;
  const auto json = nlohmann::json::parse(std::get<std::string>(text), nullptr,
                                          /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("crypto")) return std::nullopt;
  const auto address = json.find("address");
  if (address == json.end() || !address->is_string()) return std::nullopt;
  return array_from_hex<Address>(address->get<std::string>());
}

/// geth's name: `UTC--2026-11-28T09-00-00.123456789Z--` and the address.
std::string file_name(const Address& address) {
  using std::chrono::nanoseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now).count();
  const auto rest = std::chrono::duration_cast<nanoseconds>(now).count() % 1'000'000'000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> time{};
  (void)std::strftime(time.data(), time.size(), "%Y-%m-%dT%H-%M-%S", &utc);
  std::string fraction = std::to_string(rest);
  fraction.insert(0, 9 - fraction.size(), '0');
  return std::string("UTC--")
      .append(time.data())
      .append(".")
      .append(fraction)
      .append("Z--")
      .append(to_hex(address));
}

Failure key_failure(KeystoreError error, const std::filesystem::path& path) {
  if (error == KeystoreError::kWrongPassword) return {Phrase::kWrongPassword, {path.string()}};
  return {Phrase::kBadKeyFile, {path.string(), std::string(text(error))}};
}

}  // namespace

std::variant<std::vector<KeyFile>, Failure> list_keys(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<KeyFile> keys;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (!entry->is_regular_file(ignored)) continue;
    if (const auto address = address_in(entry->path())) keys.push_back({*address, entry->path()});
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return Failure{Phrase::kKeystoreUnreadable, {folder.string(), error.message()}};
  }
  std::sort(keys.begin(), keys.end(),
            [](const KeyFile& a, const KeyFile& b) { return a.path < b.path; });
  return keys;
}

std::variant<SecretKey, Failure> new_key() {
  SecretKey key{};
  // Hardly any 32 bytes are no key.
  do {
    if (::getentropy(key.data(), key.size()) != 0) {
      return Failure{Phrase::kNoRandomNumbers, {}};
    }
  } while (!address_of(key));
  return key;
}

std::variant<KeyFile, Failure> store_key(const std::filesystem::path& folder, const SecretKey& key,
                                         std::string_view password) {
  const std::optional<Address> address = address_of(key);
  if (!address) return Failure{Phrase::kNotAKey, {}};
  auto known = list_keys(folder);
  if (auto* failure = std::get_if<Failure>(&known)) return *failure;
  for (const KeyFile& file : std::get<std::vector<KeyFile>>(known)) {
    if (file.address == *address) {
      return Failure{Phrase::kKnownKey, {checksummed(*address), file.path.string()}};
    }
  }
  const KeyFile file{*address, folder / file_name(*address)};
  const auto json = encrypt_key(key, password);
  if (const auto* error = std::get_if<KeystoreError>(&json)) return key_failure(*error, file.path);
  std::error_code error = make_private_folder(folder);
  if (!error) error = write_file(file.path, std::get<std::string>(json));
  if (error) return Failure{Phrase::kCannotCreate, {folder.string(), error.message()}};
  return file;
}

std::variant<SecretKey, Failure> unlock_key(const KeyFile& file, std::string_view password) {
  const auto text = read_file(file.path, kMostKeyFile);
  if (const auto* error = std::get_if<std::error_code>(&text)) {
    return Failure{Phrase::kKeystoreUnreadable, {file.path.string(), error->message()}};
  }
  const auto key = decrypt_key(std::get<std::string>(text), password);
  if (const auto* error = std::get_if<KeystoreError>(&key)) return key_failure(*error, file.path);
  // The address is no part of what the password protects.
  if (address_of(std::get<SecretKey>(key)) != file.address) {
    return Failure{Phrase::kBadKeyFile, {file.path.string(), "its address is not that of its key"}};
  }
  return std::get<SecretKey>(key);
}

}  // namespace pixelzx::node
