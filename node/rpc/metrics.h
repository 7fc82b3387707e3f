// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "node/build_info.h"
#include "node/chain/pool.h"
#include "node/rpc/json_rpc.h"

namespace pixelzx::node {

/// Requests, counted. Any thread may call anything.
class RpcMetrics {
 public:
  explicit RpcMetrics(std::span<const RpcMethod> methods);

  /// One of the method at `index`.
  void count(std::size_t index, bool succeeded, std::chrono::nanoseconds duration);
  /// One of a method that there is not.
  void count_unknown() { ++unknown_; }

  /// Metrics as Prometheus reads them.
  [[nodiscard]] std::string text() const;

  /// Upper bounds of the duration's histogram, in seconds.
  static constexpr std::array<double, 9> kBounds = {0.0001, 0.0003, 0.001, 0.003, 0.01,
                                                    0.1,    1,      5,     30};

 private:
  struct Outcomes {
    std::atomic<std::uint64_t> succeeded = 0;
    std::atomic<std::uint64_t> failed = 0;
  };

  std::span<const RpcMethod> methods_;
  std::vector<Outcomes> outcomes_;  // by method
  std::atomic<std::uint64_t> unknown_ = 0;
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> durations_{};
  std::atomic<std::uint64_t> nanoseconds_ = 0;
};

/// Blocks that were added since it exists.
class ChainMetrics {
 public:
  explicit ChainMetrics(Chain& chain);
  [[nodiscard]] std::string text() const;

 private:
  struct Counts {
    std::atomic<std::uint64_t> blocks = 0;
    std::atomic<std::uint64_t> transactions = 0;
    std::atomic<std::uint64_t> gas = 0;
  };
  // Shared with the chain, which may be there longer.
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
};

/// How the program was started: what the launcher tells it.
struct LaunchFacts {
  std::string slice;  ///< PIXELZX_SLICE, such as `linux/arm/v7`; empty: there was no launcher
  std::optional<std::uint64_t> microseconds;  ///< PIXELZX_LAUNCH_US: how long the launcher took
};
LaunchFacts launch_facts();

/// What does not count but is: build, launch and process.
std::string program_text(const BuildInfo& build, const LaunchFacts& launch);

/// program_text(), and the chain and the pool.
std::string state_text(const Chain& chain, const Pool& pool, const BuildInfo& build,
                       const LaunchFacts& launch);

}  // namespace pixelzx::node
