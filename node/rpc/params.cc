// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/params.h"

#include <algorithm>
#include <array>

#include "node/evm/precompiles.h"

namespace pixelzx::node {
namespace {

// As geth has them. A request that wants more wants to keep us busy.
constexpr std::size_t kMaxAddresses = 1000;
constexpr std::size_t kMaxTopics = 4;

/// The text of a string that begins with 0x, in `digits` without that.
std::string read_digits(const Json& json, std::string_view& digits) {
  if (!json.is_string()) return "non-string";
  digits = json.get_ref<const std::string&>();
  if (digits.empty()) return "empty hex string";
  if (!digits.starts_with("0x")) return "hex string without 0x prefix";
  digits.remove_prefix(2);
  return {};
}

/// The same as from_hex(), which would take another 0x.
std::optional<Bytes> from_digits(std::string_view digits) {
  return digits.starts_with("0x") ? std::nullopt : from_hex(digits);
}

std::string read_quantity(const Json& json, std::size_t bits, U256& value) {
  std::string_view digits;
  if (std::string why = read_digits(json, digits); !why.empty()) return why;
  if (digits.empty()) return "hex string \"0x\"";
  if (digits.size() > 1 && digits[0] == '0') return "hex number with leading zero digits";
  const auto& text = json.get_ref<const std::string&>();
  const bool hex = digits.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (!hex) return "invalid hex string";
  if (digits.size() > bits / 4) return "hex number > " + std::to_string(bits) + " bits";
  value = *parse_u256(text);
  return {};
}

template <typename Array>
std::string read_array(const Json& json, std::string_view what, Array& value) {
  std::string_view digits;
  if (std::string why = read_digits(json, digits); !why.empty()) return why;
  if (digits.size() != value.size() * 2) {
    return "hex string has length " + std::to_string(digits.size()) + ", want " +
           std::to_string(value.size() * 2) + " for " + std::string(what);
  }
  const auto read = array_from_hex<Array>(digits);
  if (!read) return "invalid hex string";
  value = *read;
  return {};
}

/// A member that may be absent; what it is named is part of the error.
template <typename Value>
std::string read_member(const Json& object, const char* name, Value& value) {
  const auto member = object.find(name);
  if (member == object.end() || member->is_null()) return {};
  std::string why = read_value(*member, value);
  return why.empty() ? why : std::string(name) + ": " + why;
}

/// The first that is not empty.
std::string first_of(std::initializer_list<std::string> errors) {
  const auto* error = std::ranges::find_if(errors, [](const auto& why) { return !why.empty(); });
  return error == errors.end() ? std::string() : *error;
}

/// A value, or an array of such.
template <typename Value>
std::string read_one_or_more(const Json& json, std::vector<Value>& values) {
  return json.is_array() ? read_value(json, values) : read_value(json, values.emplace_back());
}

std::string read_slots(const Json& json, std::optional<std::map<U256, U256>>& slots) {
  if (!json.is_object()) return "not an object";
  slots.emplace();
  for (const auto& [name, content] : json.items()) {
    Hash slot{};
    Hash value{};
    if (std::string why = first_of({read_value(Json(name), slot), read_value(content, value)});
        !why.empty()) {
      return why;
    }
    (*slots)[u256_from(slot)] = u256_from(value);
  }
  return {};
}

std::string read_value(const Json& json, AccountOverride& account) {
  if (!json.is_object()) return "not an object";
  if (json.contains("movePrecompileToAddress")) return "movePrecompileToAddress is not supported";
  std::string why = first_of({read_member(json, "balance", account.balance),
                              read_member(json, "nonce", account.nonce),
                              read_member(json, "code", account.code)});
  if (json.contains("state") && why.empty()) why = read_slots(json["state"], account.state);
  if (json.contains("stateDiff") && why.empty()) {
    why = read_slots(json["stateDiff"], account.state_diff);
  }
  if (why.empty() && account.state && account.state_diff) {
    return "an account has both 'state' and 'stateDiff'";
  }
  return why;
}

std::string read_topics(const Json& json, std::vector<std::vector<Hash>>& topics) {
  if (!json.is_array()) return "not an array";
  if (json.size() > kMaxTopics) return "exceed max topics";
  for (const Json& alternatives : json) {
    std::vector<Hash>& position = topics.emplace_back();
    // In geth any topic will do where one of the alternatives is null.
    if (alternatives.is_null()) continue;
    if (alternatives.is_array() && std::any_of(alternatives.begin(), alternatives.end(),
                                               [](const Json& topic) { return topic.is_null(); })) {
      continue;
    }
    if (std::string why = read_one_or_more(alternatives, position); !why.empty()) return why;
    if (position.size() > kMaxAddresses) return "exceed max topics";
  }
  return {};
}

}  // namespace

std::string read_value(const Json& json, bool& value) {
  if (!json.is_boolean()) return "not a boolean";
  value = json.get<bool>();
  return {};
}

std::string read_value(const Json& json, std::uint64_t& value) {
  U256 number;
  std::string why = read_quantity(json, 64, number);
  value = static_cast<std::uint64_t>(number);
  return why;
}

std::string read_value(const Json& json, U256& value) {
  return read_quantity(json, 256, value);
}

std::string read_value(const Json& json, Count& value) {
  if (!json.is_number_unsigned()) return read_value(json, value.value);
  value.value = json.get<std::uint64_t>();
  return {};
}

std::string read_value(const Json& json, double& value) {
  if (!json.is_number()) return "not a number";
  value = json.get<double>();
  return {};
}

std::string read_value(const Json& json, Bytes& value) {
  std::string_view digits;
  if (std::string why = read_digits(json, digits); !why.empty()) return why;
  if (digits.size() % 2 != 0) return "hex string of odd length";
  std::optional<Bytes> bytes = from_digits(digits);
  if (!bytes) return "invalid hex string";
  value = std::move(*bytes);
  return {};
}

std::string read_value(const Json& json, Address& value) {
  return read_array(json, "common.Address", value);
}

std::string read_value(const Json& json, Hash& value) {
  return read_array(json, "common.Hash", value);
}

std::string read_value(const Json& json, SlotKey& value) {
  std::string_view digits;
  if (std::string why = read_digits(json, digits); !why.empty()) return why;
  constexpr std::size_t kDigits = 64;
  if (digits.size() > kDigits) return "hex string too long, want at most 32 bytes";
  value.whole = digits.size() == kDigits;
  // Zeros before it are taken: clients pad or not as they like.
  const std::optional<Bytes> bytes =
      from_digits(std::string(digits.size() % 2, '0').append(digits));
  if (!bytes) return "invalid hex string";
  value.slot = u256_from(*bytes);
  return {};
}

std::string read_value(const Json& json, BlockId& value) {
  if (json.is_object()) {
    std::string why = first_of({read_member(json, "blockHash", value.hash),
                                read_member(json, "blockNumber", value.number)});
    if (why.empty() && value.hash.has_value() == value.number.has_value()) {
      return "cannot specify both BlockHash and BlockNumber, choose one or the other";
    }
    return why;
  }
  if (!json.is_string()) return "non-string";
  constexpr std::array<std::string_view, 4> kNewest = {"latest", "pending", "safe", "finalized"};
  const auto& text = json.get_ref<const std::string&>();
  if (std::ranges::find(kNewest, text) != kNewest.end()) {
    value.pending = text == "pending";
    return {};
  }
  if (text == "earliest") {
    value.number = 0;
    return {};
  }
  constexpr std::size_t kHash = 66;
  if (text.size() == kHash) return read_value(json, value.hash.emplace());
  return read_value(json, value.number.emplace());
}

std::string read_value(const Json& json, AccessListEntry& value) {
  if (!json.is_object()) return "not an object";
  return first_of({read_member(json, "address", value.address),
                   read_member(json, "storageKeys", value.storage_keys)});
}

std::string read_value(const Json& json, CallRequest& value) {
  if (!json.is_object()) return "not an object";
  std::optional<U256> gas_price;
  std::optional<Bytes> data;
  std::optional<Bytes> input;
  std::string why = first_of(
      {read_member(json, "from", value.from), read_member(json, "to", value.to),
       read_member(json, "gas", value.gas), read_member(json, "gasPrice", gas_price),
       read_member(json, "maxFeePerGas", value.max_fee),
       read_member(json, "maxPriorityFeePerGas", value.max_priority_fee),
       read_member(json, "value", value.value), read_member(json, "data", data),
       read_member(json, "input", input), read_member(json, "accessList", value.access_list)});
  if (!why.empty()) return why;
  if (data && input && *data != *input) {
    return "both \"data\" and \"input\" are set and not equal. Please use \"input\" to pass "
           "transaction call data";
  }
  if (gas_price && (value.max_fee || value.max_priority_fee)) {
    return "both gasPrice and (maxFeePerGas or maxPriorityFeePerGas) specified";
  }
  if (gas_price) value.max_fee = value.max_priority_fee = gas_price;
  if (data) value.data = std::move(*data);
  if (input) value.data = std::move(*input);
  return {};
}

std::string read_value(const Json& json, StateOverrides& value) {
  if (!json.is_object()) return "not an object";
  for (const auto& [name, content] : json.items()) {
    Address address{};
    if (std::string why = read_value(Json(name), address); !why.empty()) return why;
    if (std::string why = read_value(content, value[address]); !why.empty()) return why;
    if (value[address].code && find_precompile(address) != nullptr) {
      return "the code of a precompiled contract cannot be overridden";
    }
  }
  return {};
}

std::string read_value(const Json& json, LogCriteria& value) {
  if (!json.is_object()) return "not an object";
  std::string why = first_of({read_member(json, "blockHash", value.block_hash),
                              read_member(json, "fromBlock", value.from),
                              read_member(json, "toBlock", value.to)});
  if (!why.empty()) return why;
  if (value.from.hash || value.to.hash) return "fromBlock and toBlock must be numbers or tags";
  const auto has = [&json](const char* name) { return !json.value(name, Json()).is_null(); };
  if (value.block_hash && (has("fromBlock") || has("toBlock"))) {
    return "cannot specify both BlockHash and FromBlock/ToBlock, choose one or the other";
  }
  if (const auto address = json.find("address"); address != json.end() && !address->is_null()) {
    why = read_one_or_more(*address, value.addresses);
    if (!why.empty()) return "address: " + why;
    if (value.addresses.size() > kMaxAddresses) return "exceed max addresses";
  }
  if (const auto topics = json.find("topics"); topics != json.end() && !topics->is_null()) {
    why = read_topics(*topics, value.topics);
    if (!why.empty()) return "topics: " + why;
  }
  return {};
}

}  // namespace pixelzx::node
