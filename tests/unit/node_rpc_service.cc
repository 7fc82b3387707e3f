// SPDX-License-Identifier: Apache-2.0
//
// Health and metrics, as they come through a socket.
#include "node/rpc/service.h"

#include <catch2/catch.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "support.h"
#include "tests/unit/node_http_client.h"
#include "tests/unit/node_samples.h"

namespace pixelzx::node {
namespace {

using test::HttpAnswer;
using test::HttpClient;

constexpr BuildInfo kBuild{.version = "1.2.3",
                           .build_time = "2026-01-02T03:04:05Z",
                           .commit = "0123456789ab",
                           .branch = "main",
                           .platform = "linux/arm/v7",
                           .compiler = "gcc 12.2.0"};

RpcOptions free_ports() {
  RpcOptions options;
  options.http.port = 0;
  options.metrics->port = 0;
  return options;
}

struct Node {
  explicit Node(const RpcOptions& options = free_ports()) {
    auto started = RpcService::start(*chain, pool, options, kBuild);
    if (const auto* fault = std::get_if<RpcService::Fault>(&started)) FAIL(fault->why);
    service = std::move(std::get<std::unique_ptr<RpcService>>(started));
  }

  [[nodiscard]] HttpAnswer health() const {
    return HttpClient(service->port()).ask("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  [[nodiscard]] HttpAnswer metrics() const {
    return HttpClient(service->metrics_port()).ask("GET /metrics HTTP/1.1\r\nHost: node\r\n\r\n");
  }
  [[nodiscard]] Json call(std::string_view method) const {
    const Json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}};
    return Json::parse(HttpClient(service->port()).ask(test::post(request.dump())).body);
  }

  pixelzx::test::Folder folder;
  std::unique_ptr<Chain> chain = test::open_chain(folder.path("chain"));
  Pool pool{*chain};
  std::unique_ptr<RpcService> service;
};

TEST_CASE("requests through a socket", "[node][rpc]") {
  const Node node;
  CHECK(node.call("eth_chainId")["result"] == "0x539");
  CHECK(node.call("web3_clientVersion")["result"] ==
        "PIXELZX/v1.2.3-0123456789ab/linux-arm-v7/gcc-12.2.0");
}

TEST_CASE("no fee is suggested that the pool would refuse", "[node][rpc]") {
  const Node node;
  Transaction free = test::transfer(0);
  free.max_priority_fee = 0;
  REQUIRE(test::produce(*node.chain, {test::signed_with(0x11, free)})->receipts.size() == 1);
  CHECK(node.call("eth_maxPriorityFeePerGas")["result"] == "0x1");
}

TEST_CASE("health is the newest block's age", "[node][rpc]") {
  RpcOptions options = free_ports();
  const Node careless(options);
  HttpAnswer answer = careless.health();
  CHECK(answer.status == 200);
  Json json = Json::parse(answer.body);
  CHECK(json["ok"] == true);
  CHECK(json["head"] == 0);
  CHECK(json["age"] > 1000);

  options.max_head_age = std::chrono::hours(1);
  const Node node(options);
  answer = node.health();
  CHECK(answer.status == 503);
  CHECK(Json::parse(answer.body)["ok"] == false);
  test::produce(*node.chain, {}, static_cast<std::uint64_t>(std::time(nullptr)));
  answer = node.health();
  CHECK(answer.status == 200);
  json = Json::parse(answer.body);
  CHECK(json["ok"] == true);
  CHECK(json["head"] == 1);
}

TEST_CASE("health is no better for timestamps ahead of the clock", "[node][rpc]") {
  RpcOptions options = free_ports();
  options.max_head_age = std::chrono::seconds(1);
  const Node node(options);
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  const auto falls_ill = [&](const Node& which) {  // a guard against hanging is all that `end` is
    while (which.health().status == 200 && std::chrono::steady_clock::now() < end) usleep(100'000);
    return which.health().status == 503;
  };
  test::produce(*node.chain, {}, static_cast<std::uint64_t>(std::time(nullptr)) + 86400);
  CHECK(falls_ill(node));
}

TEST_CASE("metrics are in Prometheus' format", "[node][rpc]") {
  const Node node;
  test::produce(*node.chain, {test::signed_with(0x11, test::transfer(0))});
  CHECK(node.call("eth_chainId").contains("result"));
  CHECK(node.call("eth_getBalance").contains("error"));
  const HttpAnswer answer = node.metrics();
  CHECK(answer.status == 200);
  CHECK(answer.has("Content-Type: text/plain; version=0.0.4; charset=utf-8"));
  const std::regex comment("# (HELP|TYPE) [a-z_]+ .+");
  const std::regex sample(R"re([a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)re");
  std::set<std::string> samples;
  std::istringstream lines(answer.body);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(std::regex_match(line, line.starts_with('#') ? comment : sample));
    CHECK(samples.insert(line).second);
  }
  for (const std::string line :
       {"pixelzx_head_number 1", "pixelzx_head_gas_used 21000", "pixelzx_blocks_added_total 1",
        "pixelzx_transactions_total 1", "pixelzx_gas_used_total 21000", "pixelzx_pool_pending 0",
        R"(pixelzx_rpc_requests_total{method="eth_chainId",outcome="success"} 1)",
        R"(pixelzx_rpc_requests_total{method="eth_getBalance",outcome="error"} 1)",
        R"(pixelzx_rpc_duration_seconds_bucket{le="+Inf"} 2)",
        "pixelzx_rpc_duration_seconds_count 2", "# TYPE pixelzx_rpc_duration_seconds histogram"}) {
    INFO(line);
    CHECK(samples.contains(line));
  }
  for (const std::string name :
       {"process_cpu_seconds_total ", "process_resident_memory_bytes ",
        "process_virtual_memory_bytes ", "process_open_fds ", "process_start_time_seconds ",
        "pixelzx_build_info{version=\"1.2.3\""}) {
    INFO(name);
    CHECK(answer.body.find("\n" + name) != std::string::npos);
  }
}

TEST_CASE("labels are what they are of", "[node][rpc]") {
  const Node node;
  const LaunchFacts launch{.slice = "a\"b\\c\nd", .microseconds = 1500};
  const std::string text = state_text(*node.chain, node.pool, kBuild, launch);
  CHECK(text.find(R"(slice="a\"b\\c\nd"})") != std::string::npos);
  CHECK(text.find("\npixelzx_launch_seconds 0.0015\n") != std::string::npos);
}

TEST_CASE("a probe does not depend on who is connected", "[node][rpc]") {
  constexpr std::chrono::minutes kHangs{2};
  RpcOptions options = free_ports();
  options.metrics->max_connections = options.http.max_connections = 1;
  const Node node(options);
  const HttpClient rpc(node.service->port());
  const HttpClient metrics(node.service->metrics_port());
  CHECK(node.service->probe().wait_for(kHangs) == std::future_status::ready);
  options.metrics.reset();
  const Node without(options);
  CHECK(without.service->probe().wait_for(kHangs) == std::future_status::ready);
}

TEST_CASE("metrics can be left out, and ports be taken", "[node][rpc]") {
  RpcOptions options = free_ports();
  options.metrics.reset();
  const Node node(options);
  CHECK(node.service->metrics_port() == 0);
  options.http.port = node.service->port();
  Pool pool(*node.chain);
  const auto started = RpcService::start(*node.chain, pool, options, kBuild);
  const auto& fault = std::get<RpcService::Fault>(started);
  CHECK(fault.address == "127.0.0.1");
  CHECK(fault.port == node.service->port());
  CHECK(fault.why == "Address already in use");
}

}  // namespace
}  // namespace pixelzx::node
