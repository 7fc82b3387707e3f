// SPDX-License-Identifier: Apache-2.0
//
// Tests of RLP, tries, transactions and key files.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "node/base/bytes.h"
#include "node/chain/transaction.h"
#include "node/crypto/keystore.h"
#include "node/state/rlp.h"
#include "node/state/trie.h"
#include "suites.h"

namespace pixelzx::node {
namespace {

namespace fs = std::filesystem;

std::string_view string_of(const Json& json) {
  return json.get_ref<const std::string&>();
}

/// The bytes of hexadecimal digits after `0x`, else of the text itself.
Bytes bytes_of(const Json& json) {
  const std::string_view text = string_of(json);
  if (text.starts_with("0x")) {
    if (const std::optional<Bytes> bytes = from_hex(text)) return *bytes;
  }
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

// ---- RLPTests ----

/// Big-endian, of any size.
Bytes big_number(std::string_view digits) {
  const boost::multiprecision::cpp_int number{std::string(digits)};
  Bytes bytes;
  if (number != 0) boost::multiprecision::export_bits(number, std::back_inserter(bytes), 8);
  return bytes;
}

Bytes rlp_string_of(const Json& value) {
  if (value.is_number()) return to_short_bytes(U256(value.get<std::uint64_t>()));
  const std::string_view text = string_of(value);
  if (text.starts_with('#')) return big_number(text.substr(1));
  const ByteView bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

void encode(Bytes& out, const Json& value) {
  if (!value.is_array()) return rlp::append_string(out, rlp_string_of(value));
  Bytes items;
  for (const Json& item : value) encode(items, item);
  rlp::append_list(out, items);
}

/// Whether the next item is `value`.
bool reads(rlp::Reader& reader, const Json& value) {
  if (!value.is_array()) return std::ranges::equal(reader.string(), rlp_string_of(value));
  reader.enter();
  const bool all =
      std::ranges::all_of(value, [&reader](const Json& item) { return reads(reader, item); });
  reader.leave();
  return all;
}

Failure check_rlp(const Json& test) {
  const std::optional<Bytes> encoded = from_hex(string_of(test.at("out")));
  if (!encoded) return "`out` is not hexadecimal";
  const rlp::Error error = rlp::validate(*encoded);
  const Json& in = test.at("in");
  if (in == "INVALID") return error == rlp::Error::kNone ? "accepted" : "";
  if (error != rlp::Error::kNone) return "refused: " + std::string(rlp::text(error));
  if (in == "VALID") return {};
  Bytes out;
  encode(out, in);
  if (out != *encoded) return "encoded to " + to_hex(out);
  rlp::Reader reader(*encoded);
  if (!reads(reader, in)) return "decoded to something else";
  return reader.finish() == rlp::Error::kNone ? "" : "decoded with something left";
}

// ---- TrieTests ----

struct Step {
  Bytes key;
  Bytes value;  // empty: the key is erased
};

Failure check_steps(std::span<const Step> steps, bool secure, const Hash& expected) {
  MemoryNodeStore store;
  Trie trie(&store, kEmptyRoot);
  std::map<Bytes, Bytes> content;
  for (const Step& step : steps) {
    const Hash hash = keccak256(step.key);
    const Bytes key = secure ? Bytes(hash.begin(), hash.end()) : step.key;
    trie.put(key, step.value);
    content[key] = step.value;
  }
  if (trie.root() != expected) return "root " + to_0x(trie.root());
  trie.commit([&store](const Hash& hash, ByteView node) { store.put(hash, node); });
  Trie stored(&store, expected);
  for (const auto& [key, value] : content) {
    if (stored.get(key).value_or(Bytes()) != value) return "read something else at " + to_0x(key);
  }
  return {};
}

Failure check_trie(const fs::path& file, const Json& test) {
  const std::string name = file.filename().string();
  const bool secure = name.find("ecure") != std::string::npos;
  const Json& in = test.at("in");
  std::vector<Step> steps;
  if (in.is_object()) {
    for (const auto& [key, value] : in.items()) {
      steps.push_back({.key = bytes_of(key), .value = bytes_of(value)});
    }
  } else {
    for (const Json& pair : in) {
      steps.push_back({.key = bytes_of(pair.at(0)),
                       .value = pair.at(1).is_null() ? Bytes() : bytes_of(pair.at(1))});
    }
  }
  const auto root = array_from_hex<Hash>(string_of(test.at("root")));
  if (!root) return "`root` is not a hash";
  Failure failure = check_steps(steps, secure, *root);
  // An object has no order: any one gives that root.
  std::mt19937 random(1);  // NOLINT: the same ones each time
  for (int i = 0; in.is_object() && failure.empty() && i < 50; ++i) {
    std::ranges::shuffle(steps, random);
    failure = check_steps(steps, secure, *root);
  }
  return failure;
}

// ---- TransactionTests ----

/// Of which errors the exceptions of the tests may be. A number that is too large is told from one
/// with leading zeros, but not by its field.
struct Reason {
  std::string_view exception;
  std::vector<TransactionError> errors;
};

const std::vector<Reason>& reasons() {
  using enum TransactionError;
  static const std::vector<Reason> kReasons{
      {"ADDRESS_TOO_LONG", {kWrongLength}},
      {"ADDRESS_TOO_SHORT", {kWrongLength}},
      {"EC_RECOVERY_FAIL", {kInvalidSignature}},
      {"GASLIMIT_OVERFLOW", {kNumberTooLarge, kLeadingZero}},
      {"GASLIMIT_PRICE_PRODUCT_OVERFLOW", {kFeeTooLarge, kNumberTooLarge}},
      {"GASPRICE_OVERFLOW", {kNumberTooLarge}},
      {"INITCODE_SIZE_EXCEEDED", {kInitCodeTooLarge}},
      {"INTRINSIC_GAS_TOO_LOW", {kGasLimitTooLow}},
      {"INVALID_CHAINID", {kOtherChain, kInvalidV}},
      {"INVALID_SIGNATURE_VRS", {kInvalidSignature, kInvalidV, kNumberTooLarge}},
      {"NONCE_OVERFLOW", {kNumberTooLarge}},
      {"NONCE_TOO_BIG", {kNonceTooLarge}},
      {"PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2", {kPriorityAboveFee}},
      {"PRIORITY_OVERFLOW", {kNumberTooLarge}},
      {"TYPE_NOT_SUPPORTED", {kUnknownType, kNotCanonical}},
      {"VALUE_OVERFLOW", {kNumberTooLarge}},
  };
  return kReasons;
}

/// Those that begin like this stand for one error wherever it is; the longest beginning counts.
const std::vector<Reason>& rlp_reasons() {
  using enum TransactionError;
  static const std::vector<Reason> kReasons{
      {"RLP_INVALID_ACCESS_LIST", {kWrongLength}},
      {"RLP_TOO_FEW_ELEMENTS", {kTooFewFields}},
      {"RLP_TOO_MANY_ELEMENTS", {kTooManyFields}},
      {"RLP_LEADING_ZEROS_DATA_SIZE", {kNotCanonical}},
      {"RLP_LEADING_ZEROS_NONCE_SIZE", {kNotCanonical}},
      {"RLP_LEADING_ZEROS", {kLeadingZero}},
  };
  return kReasons;
}

bool is_reason(std::string_view exception, TransactionError error) {
  exception.remove_prefix(std::min(exception.find('.') + 1, exception.size()));
  for (const Reason& reason : reasons()) {
    if (exception == reason.exception) return std::ranges::count(reason.errors, error) != 0;
  }
  for (const Reason& reason : rlp_reasons()) {
    if (exception.starts_with(reason.exception)) {
      return std::ranges::count(reason.errors, error) != 0;
    }
  }
  // What is wrong with RLP that was cut or mixed up at random depends on who looks first.
  return exception.starts_with("RLP_");
}

/// The newest of the forks that the test knows, none before London: those for all forks were not
/// filled again for Cancun.
const Json* result_of(const Json& test) {
  for (const char* fork : {"Cancun", "Shanghai", "Paris", "London"}) {
    if (test.at("result").contains(fork)) return &test.at("result").at(fork);
  }
  return nullptr;
}

Failure check_transaction_test(const Json& test, const Json& expected) {
  const std::optional<Bytes> encoded = from_hex(string_of(test.at("txbytes")));
  if (!encoded) return "`txbytes` is not hexadecimal";
  const auto decoded = decode_transaction(*encoded);
  const auto* transaction = std::get_if<Transaction>(&decoded);
  std::optional<TransactionError> error;
  std::optional<Address> sender;
  if (transaction == nullptr) {
    error = std::get<TransactionError>(decoded);
  } else {
    if (encode_transaction(*transaction) != *encoded) return "encoded to something else";
    const U256 gas = parse_u256(string_of(expected.at("intrinsicGas"))).value_or(0);
    // Zero: whoever filled the test has not come as far as that.
    if (gas != 0 && gas != intrinsic_gas(*transaction)) return "another intrinsic gas";
    error = check_transaction(*transaction, 1);
    sender = sender_of(*transaction);
    if (!error && !sender) error = TransactionError::kInvalidSignature;
  }
  if (expected.contains("exception")) {
    const std::string_view exception = string_of(expected.at("exception"));
    if (!error) return "accepted; expected " + std::string(exception);
    if (is_reason(exception, *error)) return {};
    // With two errors, the test may name the signature's.
    if (transaction != nullptr && !sender &&
        is_reason(exception, TransactionError::kInvalidSignature)) {
      return {};
    }
    return "refused because of '" + std::string(text(*error)) + "'; expected " +
           std::string(exception);
  }
  if (error) return "refused: " + std::string(text(*error));
  if (to_0x(transaction_hash(*transaction)) != expected.at("hash")) return "another hash";
  return to_0x(*sender) == expected.at("sender") ? "" : "another sender, " + to_0x(*sender);
}

// ---- KeyStoreTests ----

Failure check_keystore(const Json& test) {
  const auto result = decrypt_key(test.at("json").dump(), string_of(test.at("password")));
  if (const auto* error = std::get_if<KeystoreError>(&result)) {
    return "refused: " + std::string(text(*error));
  }
  return to_hex(std::get<SecretKey>(result)) == test.at("priv") ? "" : "another key";
}

/// Of a test without cases.
std::vector<TestOutcome> outcome(Failure failure) {
  const Verdict verdict = failure.empty() ? Verdict::kPassed : Verdict::kFailed;
  return {{verdict, "", std::move(failure)}};
}

}  // namespace

std::vector<TestOutcome> run_rlp(const fs::path& /*file*/, const Json& test) {
  return outcome(check_rlp(test));
}

std::vector<TestOutcome> run_trie(const fs::path& file, const Json& test) {
  return outcome(check_trie(file, test));
}

std::vector<TestOutcome> run_transaction(const fs::path& /*file*/, const Json& test) {
  const Json* expected = result_of(test);
  if (expected == nullptr) return {{Verdict::kExcluded, "", "no result of London or later"}};
  return outcome(check_transaction_test(test, *expected));
}

std::vector<TestOutcome> run_keystore(const fs::path& /*file*/, const Json& test) {
  return outcome(check_keystore(test));
}

}  // namespace pixelzx::node
