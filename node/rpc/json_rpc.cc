// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/json_rpc.h"

#include <algorithm>
#include <exception>

#include <spdlog/spdlog.h>

#include "node/rpc/metrics.h"

namespace pixelzx::node {
namespace {

/// Whether arrays and objects are in each other in more than `depth` levels. What is not JSON is
/// the parser's matter.
bool is_deeper(std::string_view json, std::size_t depth) {
  std::size_t open = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string && c == '\\') ++i;
    if (c == '"') in_string = !in_string;
    if (in_string) continue;
    if (c == '[' || c == '{') ++open;
    if ((c == ']' || c == '}') && open != 0) --open;
    if (open > depth) return true;
  }
  return false;
}

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string response(const Json& id, const RpcResult& result) {
  Json object{{"jsonrpc", "2.0"}, {"id", id}};
  if (const RpcError* error = std::get_if<RpcError>(&result)) {
    Json& member = object["error"] = {{"code", error->code}, {"message", error->message}};
    if (!error->data.is_null()) member["data"] = error->data;
  } else {
    object["result"] = std::get<Json>(result);
  }
  return to_text(object);
}

bool is_id(const Json& id) {
  return id.is_string() || id.is_number() || id.is_null();
}

}  // namespace

RpcDispatcher::RpcDispatcher(std::span<const RpcMethod> methods, const RpcLimits& limits,
                             RpcBackend& backend, RpcMetrics& metrics)
    : methods_(methods), limits_(limits), backend_(backend), metrics_(metrics) {}

HttpReply RpcDispatcher::answer(std::string_view body) {
  const RpcContext context{.backend = backend_,
                           .stopping = stopping_,
                           .deadline = std::chrono::steady_clock::now() + limits_.time};
  if (is_deeper(body, limits_.depth)) {
    return {.body = response(nullptr, RpcError(kInvalidRequest, "nested too deeply"))};
  }
  const Json request = Json::parse(body, nullptr, false);
  if (request.is_discarded()) {
    return {.body = response(nullptr, RpcError(kParseError, "parse error"))};
  }
  std::string text = request.is_array()
                         ? answer_batch(context, request)
                         : answer_one(context, request, limits_.response).value_or("");
  // One that is refused for its size is only looked at.
  const bool many = request.is_array() && request.size() <= limits_.batch;
  const std::size_t requests = many ? request.size() : 1;
  if (text.empty()) return {.status = 204, .type = {}, .requests = requests};
  return {.body = std::move(text), .requests = requests};
}

/// Nothing for a notification.
std::optional<std::string> RpcDispatcher::answer_one(const RpcContext& context, const Json& request,
                                                     std::size_t room) {
  const RpcError invalid(kInvalidRequest, "invalid request");
  if (!request.is_object()) return response(nullptr, invalid);
  const bool wants_answer = request.contains("id");
  const Json id = request.value("id", Json());
  if (!is_id(id)) return response(nullptr, invalid);
  const Json method = request.value("method", Json());
  if (request.value("jsonrpc", Json()) != "2.0" || !method.is_string()) {
    return response(id, invalid);
  }
  const RpcResult result = room == 0 ? RpcError(kResponseTooLarge, "response too large")
                                     : call(context, method, request.value("params", Json()));
  if (!wants_answer) return std::nullopt;
  std::string text = response(id, result);
  if (room != 0 && text.size() > room) {
    return response(id, RpcError(kResponseTooLarge, "response too large"));
  }
  return text;
}

/// Empty when all are notifications.
std::string RpcDispatcher::answer_batch(const RpcContext& context, const Json& requests) {
  if (requests.empty()) return response(nullptr, RpcError(kInvalidRequest, "empty batch"));
  if (requests.size() > limits_.batch) {
    return response(nullptr, RpcError(kInvalidRequest, "batch too large"));
  }
  std::string responses;
  for (const Json& request : requests) {
    const std::size_t room = limits_.response - std::min(limits_.response, responses.size());
    const std::optional<std::string> answer = answer_one(context, request, room);
    if (!answer) continue;
    responses += responses.empty() ? '[' : ',';
    responses += *answer;
  }
  return responses.empty() ? responses : responses + ']';
}

RpcResult RpcDispatcher::call(const RpcContext& context, const std::string& name,
                              const Json& params) {
  const auto method = std::ranges::find(methods_, name, &RpcMethod::name);
  if (method == methods_.end()) {
    metrics_.count_unknown();
    return RpcError(kMethodNotFound, "the method " + name + " does not exist/is not available");
  }
  if (context.is_late()) return RpcError(kTimedOut, "request timed out");
  const auto begin = std::chrono::steady_clock::now();
  RpcResult result;
  try {
    result = method->run(context, params);
  } catch (const std::exception& fault) {
    spdlog::error("{}: {}", name, fault.what());
    result = RpcError(kInternalError, "internal error");
  }
  metrics_.count(static_cast<std::size_t>(method - methods_.begin()),
                 std::holds_alternative<Json>(result), std::chrono::steady_clock::now() - begin);
  return result;
}

}  // namespace pixelzx::node
