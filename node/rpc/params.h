// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "node/base/bytes.h"
#include "node/base/u256.h"
#include "node/chain/transaction.h"

/// What requests have as parameters, in the encodings of the Ethereum execution API
/// (https://ethereum.github.io/execution-apis/). Each read_value() says why it cannot, in geth's
/// words and without a full stop; an empty text says that it could.
namespace pixelzx::node {

using Json = nlohmann::json;

/// A block: neither, the newest one, which is also what is safe and finalized, since this chain has
/// no forks.
struct BlockId {
  std::optional<Hash> hash{};
  std::optional<std::uint64_t> number{};
  /// Asked for with the transactions that wait.
  bool pending = false;
};

/// A transaction as eth_call and eth_estimateGas take it.
struct CallRequest {
  Address from{};
  std::optional<Address> to;
  std::optional<std::uint64_t> gas;
  std::optional<U256> max_fee;  ///< or the gas price
  std::optional<U256> max_priority_fee;
  U256 value;
  Bytes data;
  std::vector<AccessListEntry> access_list;
};

/// What eth_call is to find in place of an account's own.
struct AccountOverride {
  std::optional<U256> balance;
  std::optional<std::uint64_t> nonce;
  std::optional<Bytes> code;
  std::optional<std::map<U256, U256>> state;       ///< all of its storage
  std::optional<std::map<U256, U256>> state_diff;  ///< some slots of it
};
using StateOverrides = std::map<Address, AccountOverride>;

/// Which logs: EIP-1474, eth_newFilter.
struct LogCriteria {
  std::optional<Hash> block_hash;
  BlockId from;
  BlockId to;
  std::vector<Address> addresses;  ///< empty: of any
  /// By position, which topics may be there; empty: any, but one must be.
  std::vector<std::vector<Hash>> topics;
};

/// A slot of storage, and how it was written: eth_getProof repeats that.
struct SlotKey {
  U256 slot;
  bool whole = false;  ///< as 32 bytes, not as a quantity
};

/// How many: also a number, as geth has it for eth_feeHistory.
struct Count {
  std::uint64_t value = 0;
};

std::string read_value(const Json& json, bool& value);
/// A quantity: no leading zeros.
std::string read_value(const Json& json, std::uint64_t& value);
std::string read_value(const Json& json, U256& value);
std::string read_value(const Json& json, Count& value);
std::string read_value(const Json& json, double& value);
std::string read_value(const Json& json, Bytes& value);
std::string read_value(const Json& json, Address& value);
std::string read_value(const Json& json, Hash& value);
std::string read_value(const Json& json, SlotKey& value);
/// A tag, a quantity, a hash, or an object of EIP-1898.
std::string read_value(const Json& json, BlockId& value);
std::string read_value(const Json& json, AccessListEntry& value);
std::string read_value(const Json& json, CallRequest& value);
std::string read_value(const Json& json, StateOverrides& value);
std::string read_value(const Json& json, LogCriteria& value);

template <typename Value>
std::string read_value(const Json& json, std::vector<Value>& values) {
  if (!json.is_array()) return "not an array";
  for (const Json& item : json) {
    if (std::string why = read_value(item, values.emplace_back()); !why.empty()) return why;
  }
  return {};
}

/// Absent, or null.
template <typename Value>
std::string read_value(const Json& json, std::optional<Value>& value) {
  return json.is_null() ? std::string() : read_value(json, value.emplace());
}

template <typename Value>
inline constexpr bool kIsOptional = false;
template <typename Value>
inline constexpr bool kIsOptional<std::optional<Value>> = true;

/// Reads all of `params`, an array or null, into `values`; or says why it cannot.
template <typename... Values>
std::optional<std::string> read_params(const Json& params, std::tuple<Values...>& values) {
  if (!params.is_array() && !params.is_null()) return "non-array args";
  if (params.size() > sizeof...(Values)) {
    return "too many arguments, want at most " + std::to_string(sizeof...(Values));
  }
  std::optional<std::string> error;
  std::size_t at = 0;
  const auto read_next = [&](auto& value) {
    const Json absent;
    const Json& json = at < params.size() ? params[at] : absent;
    const std::string number = std::to_string(at++);
    if (json.is_null() && !kIsOptional<std::remove_reference_t<decltype(value)>>) {
      error = "missing value for required argument " + number;
    } else if (const std::string why = read_value(json, value); !why.empty()) {
      error = "invalid argument " + number + ": " + why;
    }
    return !error;
  };
  std::apply([&](Values&... value) { (void)(read_next(value) && ...); }, values);
  return error;
}

}  // namespace pixelzx::node
