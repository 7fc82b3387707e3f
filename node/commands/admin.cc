// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>
#include <optional>

#include "node/base/u256.h"
#include "node/commands/commands.h"
#include "node/run/http_client.h"
#include "node/words.h"

namespace pixelzx::node {
namespace {

using Json = nlohmann::ordered_json;

/// A line of the status: where it is in the answers, and what it is called.
struct Row {
  Phrase label;
  const char* member;
  std::size_t request;  ///< its number in kRequests
  const char* path;     ///< a JSON pointer (RFC 6901) into the result
};

constexpr const char* kRequests = R"([
{"jsonrpc":"2.0","id":0,"method":"web3_clientVersion","params":[]},
{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]},
{"jsonrpc":"2.0","id":2,"method":"eth_getBlockByNumber","params":["latest",false]},
{"jsonrpc":"2.0","id":3,"method":"txpool_status","params":[]},
{"jsonrpc":"2.0","id":4,"method":"net_peerCount","params":[]}])";

constexpr std::array<Row, 8> kRows{{
    {Phrase::kStatusNode, "node", 0, ""},
    {Phrase::kStatusChain, "chain_id", 1, ""},
    {Phrase::kStatusHead, "head_number", 2, "/number"},
    {Phrase::kStatusHash, "head_hash", 2, "/hash"},
    {Phrase::kStatusTime, "head_timestamp", 2, "/timestamp"},
    {Phrase::kStatusPending, "pending", 3, "/pending"},
    {Phrase::kStatusQueued, "queued", 3, "/queued"},
    {Phrase::kStatusPeers, "peers", 4, ""},
}};

/// What the pointer leads to; null when it leads nowhere.
Json value_at(const Json& json, const char* path) {
  const Json::json_pointer pointer(path);
  return json.contains(pointer) ? json.at(pointer) : Json();
}

/// The results of kRequests; nothing when what answers is no node.
std::optional<std::array<Json, 5>> results_in(const std::string& body) {
  const Json answers = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  std::array<Json, 5> results;
  if (!answers.is_array() || answers.size() != results.size()) return std::nullopt;
  for (const Json& answer : answers) {
    const Json id = value_at(answer, "/id");
    const Json result = value_at(answer, "/result");
    if (!id.is_number_unsigned() || id >= results.size() || result.is_null()) return std::nullopt;
    results.at(id.get<std::size_t>()) = result;
  }
  return results;
}

/// Quantities become numbers.
Json shown(const Json& value) {
  constexpr std::size_t kMostDigits = 18;  // with 0x, below 2^64; hashes have more
  const auto* text = value.get_ptr<const std::string*>();
  if (text == nullptr || !text->starts_with("0x") || text->size() > kMostDigits) return value;
  const std::optional<U256> number = parse_u256(*text);
  return number ? Json(saturated_u64(*number)) : value;
}

}  // namespace

CliResult run_admin_status(const CommandLine& line) {
  constexpr std::chrono::seconds kPatience{10};
  const Settings& settings = line.settings;
  const std::string where = settings.rpc_address + ":" + std::to_string(settings.rpc_port);
  const auto asked = ask_http(settings.rpc_address, settings.rpc_port, "/", kRequests, kPatience);
  if (const auto* why = std::get_if<std::string>(&asked)) {
    return failed({Phrase::kNoAnswer, {where, *why}}, line.language);
  }
  const auto results = results_in(std::get<HttpAnswer>(asked).body);
  const auto health = ask_http(settings.rpc_address, settings.rpc_port, "/health", "", kPatience);
  const auto* body = std::get_if<HttpAnswer>(&health);
  const Json uptime =
      value_at(Json::parse(body == nullptr ? "" : body->body, nullptr, /*allow_exceptions=*/false),
               "/uptime");
  if (!results || uptime.is_null()) return failed({Phrase::kBadAnswer, {where}}, line.language);
  CliResult status;
  Json members;
  for (const Row& row : kRows) {
    const Json value = shown(value_at(results->at(row.request), row.path));
    members[row.member] = value;
    status.out.append(text(row.label, line.language))
        .append(": ")
        .append(escape_controls(value.is_string() ? value.get<std::string>() : value.dump()))
        .append("\n");
  }
  members["uptime"] = uptime;
  status.out.append(text(Phrase::kStatusUptime, line.language)).append(": ").append(uptime.dump());
  status.out += "\n";
  if (line.as_json) status.out = members.dump() + "\n";
  return status;
}

}  // namespace pixelzx::node
