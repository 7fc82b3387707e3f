// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/service.h"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <utility>

#include "node/rpc/methods.h"
#include "node/rpc/prometheus.h"

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
        chain_metrics(chain) {
    chain.on_block([since = head_since](const BlockPointer& /*block*/) { *since = Clock::now(); });
    const auto timestamp = static_cast<std::time_t>(chain.head()->block.header.timestamp);
    const std::time_t age = std::max<std::time_t>(std::time(nullptr) - timestamp, 0);
    *head_since = started - std::chrono::seconds(age);
  }

  /// For load balancers and health checks of containers.
  [[nodiscard]] HttpReply health() const {
    using std::chrono::seconds;
    const auto now = Clock::now();
    // A block may have come since.
    const auto age = std::max(std::chrono::floor<seconds>(now - head_since->load()), seconds(0));
    const bool ok = options.max_head_age == seconds(0) || age <= options.max_head_age;
    const Json json{{"ok", ok},
                    {"head", backend.chain.head()->block.header.number},
                    {"age", age.count()},
                    {"uptime", std::chrono::floor<seconds>(now - started).count()}};
    return {.status = ok ? 200U : 503U, .body = json.dump() + "\n"};
  }

  [[nodiscard]] HttpReply metrics_page() const {
    return prometheus::page(state_text(backend.chain, backend.pool, build, launch) +
                            chain_metrics.text() + metrics.text());
  }

  using Clock = std::chrono::steady_clock;

  Clock::time_point started = Clock::now();
  /// By a clock that nobody sets, and not by timestamps, which may run ahead; of a block from
  /// before `started`, by its timestamp. Shared with the chain, which may be there longer.
  std::shared_ptr<std::atomic<Clock::time_point>> head_since =
      std::make_shared<std::atomic<Clock::time_point>>();
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

std::future<void> RpcService::probe() {
  auto done = std::make_shared<std::promise<void>>();
  parts_->http->post([parts = parts_.get(), done] {
    (void)parts->backend.chain.head();
    (void)parts->backend.pool.status();
    if (!parts->metrics_http) return done->set_value();
    parts->metrics_http->post([done] { done->set_value(); });
  });
  return done->get_future();
}

void RpcService::stop(std::chrono::milliseconds patience) {
  parts_->dispatcher.stop();
  parts_->http->stop(patience);
  if (parts_->metrics_http) parts_->metrics_http->stop(std::chrono::milliseconds(0));
}

}  // namespace pixelzx::node
