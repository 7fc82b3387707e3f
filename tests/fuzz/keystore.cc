// SPDX-License-Identifier: Apache-2.0
//
// Key files. The input is a password's line, and after it the file. One that asks for much work,
// but not for so much that it is refused, is passed over.
#include "node/crypto/keystore.h"

#include <nlohmann/json.hpp>

#include "fuzz.h"
#include "node/crypto/hash.h"

namespace pixelzx::fuzz {
namespace {

using nlohmann::json;
using node::KeystoreError;
using node::SecretKey;

constexpr node::ScryptCost kCost{.n = 2, .r = 1, .p = 1};

/// More work than a run can have, by any number in the file.
bool is_slow(std::string_view file) {
  constexpr std::uint64_t kMost = 1024;
  constexpr std::uint64_t kRefused = 1ULL << 24U;
  bool slow = false;
  (void)json::parse(
      file,
      [&slow](int /*depth*/, json::parse_event_t event, json& value) {
        if (event == json::parse_event_t::value && value.is_number_unsigned()) {
          const auto number = value.get<std::uint64_t>();
          slow = slow || (number > kMost && number <= kRefused);
        }
        return true;
      },
      /*allow_exceptions=*/false);
  return slow;
}

void check_file(std::string_view password, std::string_view file) {
  const auto opened = node::decrypt_key(file, password);
  if (const auto* key = std::get_if<SecretKey>(&opened))
    require(node::address_of(*key).has_value());
  if (const auto* error = std::get_if<KeystoreError>(&opened)) {
    require(is_showable(node::text(*error)));
  }
}

/// What was written is read again with that password, and with no other.
void check_password(std::string_view password, std::string_view secret) {
  const SecretKey key = node::keccak256(node::as_bytes(secret));
  const auto file = node::encrypt_key(key, password, kCost);
  const auto* text = std::get_if<std::string>(&file);
  require(text != nullptr && is_showable(*text));
  const auto opened = node::decrypt_key(*text, password);
  require(std::get_if<SecretKey>(&opened) != nullptr && std::get<SecretKey>(opened) == key);
  const auto refused = node::decrypt_key(*text, std::string(password) + "x");
  require(std::get<KeystoreError>(refused) == KeystoreError::kWrongPassword);
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  const std::string_view input = fuzz::text_of(data, size);
  const std::size_t end = input.find('\n');
  const std::string_view password = input.substr(0, end);
  const std::string_view file = end == std::string_view::npos ? "" : input.substr(end + 1);
  if (!fuzz::is_slow(file)) fuzz::check_file(password, file);
  fuzz::check_password(password, file);
  return 0;
}
