// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/service.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "node/rpc/methods.h"

namespace pixelzx::node {
namespace {

/// In the form of geth's: `PIXELZX/v1.0.0-0123456789ab/linux-arm-v7/gcc-12.2.0`.
std::string client_version(const BuildInfo& build) {
  const auto with_dashes = [](std::string_view text) {
    std::string dashed(text);
    std::ranges::replace_if(
        dashed, [](char c) { return c == '/' || c == ' '; }, '-');
    return dashed;
  };
  return "PIXELZX/v" + with_dashes(build.version) + "-" + with_dashes(build.commit) + "/" +
         with_dashes(build.platform) + "/" + with_dashes(build.compiler);
}

}  // namespace

struct RpcService::Parts {
  Parts(Chain& chain, Pool& pool, const RpcOptions& service_options, const BuildInfo& build_info)
      : options(service_options),
        build(build_info),
        backend{.chain = chain,
                .pool = pool,
                .bounds = service_options.bounds,
                .client_version = client_version(build_info),
                .oracle = {},
                .filters = RpcFilters(pool)},
        chain_metrics(chain) {}

  /// For load balancers and health checks of containers.
  [[nodiscard]] HttpReply health() const {
    const BlockPointer head = backend.chain.head();
    const auto now = static_cast<std::uint64_t>(std::time(nullptr));
    const std::uint64_t timestamp = head->block.header.timestamp;
    const std::uint64_t age = now - std::min(now, timestamp);
    const auto most = static_cast<std::uint64_t>(options.max_head_age.count());
    const bool ok = most == 0 || age <= most;
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::steady_clock::now() - started);
    const Json json{
        {"ok", ok}, {"head", head->block.header.number}, {"age", age}, {"uptime", uptime.count()}};
    return {.status = ok ? 200U : 503U, .body = json.dump() + "\n"};
  }

  [[nodiscard]] HttpReply metrics_page() const {
    return {.type = "text/plain; version=0.0.4; charset=utf-8",
            .body = state_text(backend.chain, backend.pool, build, launch) + chain_metrics.text() +
                    metrics.text()};
  }

  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  RpcOptions options;
  BuildInfo build;
  LaunchFacts launch = launch_facts();
  RpcBackend backend;
  RpcMetrics metrics{rpc_methods()};
  ChainMetrics chain_metrics;
  RpcDispatcher dispatcher{rpc_methods(), options.limits, backend, metrics};
  // What the servers call is there before and after them.
  std::unique_ptr<HttpServer> http;
  std::unique_ptr<HttpServer> metrics_http;
};

RpcService::RpcService(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RpcService::~RpcService() {
  stop(std::chrono::milliseconds(0));
}

std::variant<std::unique_ptr<RpcService>, RpcService::Fault> RpcService::start(
    Chain& chain, Pool& pool, const RpcOptions& options, const BuildInfo& build) {
  auto owned = std::make_unique<Parts>(chain, pool, options, build);
  Parts* const parts = owned.get();
  const auto serve = [](const HttpOptions& where, HttpHandlers handlers,
                        std::unique_ptr<HttpServer>& server) -> std::optional<Fault> {
    auto started = HttpServer::start(where, std::move(handlers));
    if (const std::string* why = std::get_if<std::string>(&started)) {
      return Fault{.address = where.address, .port = where.port, .why = *why};
    }
    server = std::move(std::get<std::unique_ptr<HttpServer>>(started));
    return std::nullopt;
  };
  const auto metrics_page = [parts] { return parts->metrics_page(); };
  const auto health = [parts] { return parts->health(); };
  const auto answer = [parts](std::string_view body) { return parts->dispatcher.answer(body); };
  std::optional<Fault> fault;
  if (options.metrics) {
    fault = serve(*options.metrics, {.post = {}, .pages = {{"/metrics", metrics_page}}},
                  parts->metrics_http);
  }
  if (!fault) {
    fault = serve(options.http, {.post = answer, .pages = {{"/health", health}}}, parts->http);
  }
  if (fault) return *fault;
  return std::unique_ptr<RpcService>(new RpcService(std::move(owned)));
}

std::uint16_t RpcService::port() const {
  return parts_->http->port();
}

std::uint16_t RpcService::metrics_port() const {
  return parts_->metrics_http ? parts_->metrics_http->port() : 0;
}

void RpcService::stop(std::chrono::milliseconds patience) {
  parts_->dispatcher.stop();
  parts_->http->stop(patience);
  if (parts_->metrics_http) parts_->metrics_http->stop(std::chrono::milliseconds(0));
}

}  // namespace pixelzx::node
