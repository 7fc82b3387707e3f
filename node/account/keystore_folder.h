// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <variant>
#include <vector>

#include "node/crypto/keystore.h"
#include "node/messages.h"

namespace pixelzx::node {

/// A file with a key, as the Web3 Secret Storage has it.
struct KeyFile {
  Address address{};
  std::filesystem::path path;
};

/// The key files of the folder, by their names, which begin with the time. Other files are passed
/// over; a folder that does not exist has none.
std::variant<std::vector<KeyFile>, Failure> list_keys(const std::filesystem::path& folder);

/// A new key from the system's random numbers.
std::variant<SecretKey, Failure> new_key();

/// Writes `key` into the folder, which is made if need be, to a file with geth's name:
/// `UTC--<time>--<address>`. Fails when the folder has that key.
std::variant<KeyFile, Failure> store_key(const std::filesystem::path& folder, const SecretKey& key,
                                         std::string_view password);

/// Fails too when the key is not that of the address.
std::variant<SecretKey, Failure> unlock_key(const KeyFile& file, std::string_view password);

}  // namespace pixelzx::node
