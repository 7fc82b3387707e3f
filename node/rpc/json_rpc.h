// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>

#include "node/rpc/http_server.h"
#include "node/rpc/params.h"

/// JSON-RPC 2.0 (https://www.jsonrpc.org/specification), over HTTP and with geth's limits and
/// texts.
namespace pixelzx::node {

struct RpcBackend;
class RpcMetrics;

// What the specification has, and what geth adds.
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kInternalError = -32603;
inline constexpr int kServerError = -32000;
inline constexpr int kTimedOut = -32002;
inline constexpr int kResponseTooLarge = -32003;
inline constexpr int kLimitExceeded = -32005;  // EIP-1474
inline constexpr int kReverted = 3;

struct RpcError {
  RpcError(int error_code, std::string_view error_message, Json error_data = nullptr)
      : code(error_code), message(error_message), data(std::move(error_data)) {}

  int code;
  std::string message;
  Json data;  ///< null: none
};
using RpcResult = std::variant<Json, RpcError>;

/// For one request of a client, a batch or not.
struct RpcContext {
  RpcBackend& backend;
  const std::atomic<bool>& stopping;
  std::chrono::steady_clock::time_point deadline;

  /// Whether a method that has not ended yet should give up, with kTimedOut.
  [[nodiscard]] bool is_late() const {
    return stopping || std::chrono::steady_clock::now() >= deadline;
  }
};

/// A row of the table of methods.
struct RpcMethod {
  std::string_view name;
  RpcResult (*run)(const RpcContext& context, const Json& params);
};

/// What makes a function that takes values one that takes the JSON of a request's `params`.
template <auto kFunction>
struct RpcCaller;
template <typename... Values, RpcResult (*kFunction)(const RpcContext&, const Values&...)>
struct RpcCaller<kFunction> {
  static RpcResult run(const RpcContext& context, const Json& params) {
    std::tuple<Values...> values;
    if (std::optional<std::string> why = read_params(params, values)) {
      return RpcError(kInvalidParams, *why);
    }
    return std::apply([&context](const Values&... value) { return kFunction(context, value...); },
                      values);
  }
};

/// The method `name`, which takes what `kFunction` takes. A std::optional may be absent or null.
template <auto kFunction>
constexpr RpcMethod rpc_method(std::string_view name) {
  return {name, &RpcCaller<kFunction>::run};
}

struct RpcLimits {
  std::size_t batch = 1000;                                   ///< requests
  std::size_t response = std::size_t{25} << 20U;              ///< bytes
  std::size_t depth = 64;                                     ///< arrays and objects in each other
  std::chrono::milliseconds time = std::chrono::seconds(30);  ///< for a batch or request
};

/// Answers requests by a table of methods. Any thread may call it.
class RpcDispatcher {
 public:
  /// All must outlive it.
  RpcDispatcher(std::span<const RpcMethod> methods, const RpcLimits& limits, RpcBackend& backend,
                RpcMetrics& metrics);

  /// Answers the body of a POST. What a method throws is an internal error; without memory for the
  /// rest it throws std::bad_alloc.
  HttpReply answer(std::string_view body);

  /// What has not been begun by now is answered with an error.
  void stop() { stopping_ = true; }

 private:
  std::optional<std::string> answer_one(const RpcContext& context, const Json& request,
                                        std::size_t room);
  std::string answer_batch(const RpcContext& context, const Json& requests);
  RpcResult call(const RpcContext& context, const std::string& name, const Json& params);

  std::span<const RpcMethod> methods_;
  RpcLimits limits_;
  RpcBackend& backend_;
  RpcMetrics& metrics_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace pixelzx::node
