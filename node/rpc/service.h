// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "node/build_info.h"
#include "node/chain/pool.h"
#include "node/rpc/backend.h"
#include "node/rpc/http_server.h"
#include "node/rpc/metrics.h"

namespace pixelzx::node {

struct RpcOptions {
  /// Where JSON-RPC (`/`) and `/health` are served.
  HttpOptions http = {.port = 8545};
  /// Where `/metrics` is; nothing: nowhere. It is asked for by any name, and tells no secrets.
  std::optional<HttpOptions> metrics = HttpOptions{.port = 6060, .virtual_hosts = {"*"}};
  RpcLimits limits;
  RpcBounds bounds;
  /// For how long the newest block has been that in a node that is well. 0: for any time.
  std::chrono::seconds max_head_age{0};
};

/// What clients and operators talk to: JSON-RPC, health and metrics of a chain.
class RpcService {
 public:
  /// Why it cannot serve there, such as `Address already in use`.
  struct Fault {
    std::string address;
    std::uint16_t port = 0;
    std::string why;
  };
  /// Serves from now on. `chain` and `pool` must outlive it, and `build` what it has text from.
  static std::variant<std::unique_ptr<RpcService>, Fault> start(Chain& chain, Pool& pool,
                                                                const RpcOptions& options,
                                                                const BuildInfo& build);
  /// Stops without patience.
  ~RpcService();
  RpcService(const RpcService&) = delete;
  RpcService& operator=(const RpcService&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  /// 0: metrics are not served.
  [[nodiscard]] std::uint16_t metrics_port() const;

  /// Becomes ready when the threads that serve connections have had their turn, and the one of
  /// JSON-RPC has looked at chain and pool. It does not depend on who is connected.
  [[nodiscard]] std::future<void> probe();

  /// Takes no more requests, answers those that were read, and closes all connections, at the
  /// latest after `patience` and the calls that are at work then.
  void stop(std::chrono::milliseconds patience);

 private:
  struct Parts;
  explicit RpcService(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace pixelzx::node
