// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace pixelzx::node {

/// How often each client may ask: a token bucket for each, which holds the allowance of
/// kBurstSeconds. Not for two threads at a time.
class RateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr double kBurstSeconds = 2;
  /// What a client can be charged beyond its allowance: the largest batch, or the allowance of so
  /// many seconds if that is more. Many batches at once thus do not shut it out for hours.
  static constexpr double kMaxBatch = 1000;
  static constexpr double kMaxDebtSeconds = 60;
  /// Clients that are remembered. With more, all begin anew.
  static constexpr std::size_t kMaxClients = 65536;

  /// `per_second` 0: no limit.
  explicit RateLimiter(double per_second) : per_second_(per_second) {}

  /// Takes one request and returns 0; or, when the client has none left, in how many seconds it
  /// has.
  std::chrono::seconds take(const std::string& client, Time now);
  /// Takes more afterwards, where they turned out to be: what is missing has to grow again before
  /// the client's next.
  void charge(const std::string& client, std::size_t requests, Time now);

 private:
  struct Bucket {
    double tokens = 0;
    Time filled;
  };
  Bucket& filled_bucket(const std::string& client, Time now);

  double per_second_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace pixelzx::node
