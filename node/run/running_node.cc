// SPDX-License-Identifier: Apache-2.0
#include "node/run/running_node.h"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "node/chain/pool.h"
#include "node/chain/producer.h"
#include "node/rpc/service.h"
#include "node/run/metrics_options.h"
#include "node/run/signals.h"

namespace pixelzx::node {
namespace {

/// Descriptors that connections to JSON-RPC leave to the database (256), to metrics, and to the
/// rest. Without one for a file of the database no block can be written.
constexpr std::size_t kOtherDescriptors = 384;

/// Lets the process have more of them, as systems have low limits only for those who use select().
/// Returns how many it may have.
std::size_t raise_descriptor_limit() {
  constexpr rlim_t kEnough = 4096;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < std::min(limit.rlim_max, kEnough)) {
    rlimit raised = limit;
    raised.rlim_cur = std::min(limit.rlim_max, kEnough);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return static_cast<std::size_t>(std::min(limit.rlim_cur, kEnough));
}

/// Of `most`, the connections for which there are descriptors; some in any case.
std::size_t connections_of(std::size_t most) {
  const std::size_t descriptors = std::max(raise_descriptor_limit(), kOtherDescriptors);
  return std::clamp(descriptors - kOtherDescriptors, std::size_t{16}, most);
}

RpcOptions options_of(const Settings& settings, std::uint64_t block_time) {
  // Blocks of a slow machine under load are some seconds late.
  constexpr std::uint64_t kMissedBlocks = 10;
  return {
      .http = {.address = settings.rpc_address,
               .port = settings.rpc_port,
               .cors_origins = settings.rpc_cors,
               .virtual_hosts = settings.rpc_hosts,
               .max_connections = connections_of(HttpOptions{}.max_connections),
               .requests_per_second = static_cast<double>(settings.rpc_rate)},
      .metrics = metrics_options(settings),
      .limits = {},
      .bounds = {},
      .max_head_age = std::chrono::seconds(kMissedBlocks * block_time),
  };
}

}  // namespace

struct RunningNode::Parts {
  // Each is used by those after it.
  std::atomic<bool> has_failed = false;
  std::unique_ptr<Chain> chain;
  std::unique_ptr<Pool> pool;
  std::unique_ptr<RpcService> rpc;
  std::unique_ptr<Producer> producer;
};

std::variant<std::unique_ptr<RunningNode>, Failure> RunningNode::start(std::unique_ptr<Chain> chain,
                                                                       const SecretKey& key,
                                                                       const Settings& settings,
                                                                       const BuildInfo& info) {
  auto parts = std::make_unique<Parts>();
  parts->chain = std::move(chain);
  parts->pool = std::make_unique<Pool>(*parts->chain);
  auto rpc = RpcService::start(*parts->chain, *parts->pool,
                               options_of(settings, parts->chain->genesis().block_time), info);
  if (const auto* fault = std::get_if<RpcService::Fault>(&rpc)) {
    return Failure{Phrase::kCannotListen,
                   {fault->address + " port " + std::to_string(fault->port), fault->why}};
  }
  parts->rpc = std::move(std::get<std::unique_ptr<RpcService>>(rpc));
  parts->chain->on_block([](const BlockPointer& block) {
    const Header& header = block->block.header;
    spdlog::info("block {} {}: {} transactions, {} gas", header.number, to_0x(block->hash),
                 block->block.transactions.size(), header.gas_used);
  });
  parts->producer = std::make_unique<Producer>(*parts->chain, *parts->pool, key,
                                               [&failed = parts->has_failed](std::string_view why) {
                                                 spdlog::critical("cannot write a block: {}", why);
                                                 failed = true;
                                                 ask_to_stop();
                                               });
  spdlog::info("JSON-RPC on {} port {}, metrics on {} port {}", settings.rpc_address,
               parts->rpc->port(), settings.metrics_address, parts->rpc->metrics_port());
  return std::unique_ptr<RunningNode>(new RunningNode(std::move(parts)));
}

RunningNode::RunningNode(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RunningNode::~RunningNode() = default;

std::future<void> RunningNode::probe() {
  return parts_->rpc->probe();
}

void RunningNode::stop() {
  constexpr std::chrono::seconds kPatience{2};
  parts_->rpc->stop(kPatience);
  parts_->producer->stop();
  parts_->producer.reset();
  parts_->rpc.reset();
  parts_->pool.reset();
  parts_->chain.reset();
}

bool RunningNode::has_failed() const {
  return parts_->has_failed;
}

}  // namespace pixelzx::node
