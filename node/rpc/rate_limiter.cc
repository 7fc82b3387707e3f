// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/rate_limiter.h"

#include <algorithm>

namespace pixelzx::node {

std::chrono::seconds RateLimiter::take(const std::string& client, Time now) {
  if (per_second_ <= 0) return std::chrono::seconds(0);
  Bucket& bucket = filled_bucket(client, now);
  if (bucket.tokens < 1) {
    return std::chrono::ceil<std::chrono::seconds>(
        std::chrono::duration<double>((1 - bucket.tokens) / per_second_));
  }
  bucket.tokens -= 1;
  return std::chrono::seconds(0);
}

void RateLimiter::charge(const std::string& client, std::size_t requests, Time now) {
  if (per_second_ <= 0 || requests == 0) return;
  const double most = std::max(kMaxBatch, per_second_ * kMaxDebtSeconds);
  double& tokens = filled_bucket(client, now).tokens;
  tokens = std::max(tokens - static_cast<double>(requests), -most);
}

RateLimiter::Bucket& RateLimiter::filled_bucket(const std::string& client, Time now) {
  const double full = std::max(per_second_ * kBurstSeconds, 1.0);
  const auto known = buckets_.find(client);
  if (known == buckets_.end()) {
    if (buckets_.size() >= kMaxClients) buckets_.clear();
    return buckets_[client] = {.tokens = full, .filled = now};
  }
  Bucket& bucket = known->second;
  const double seconds = std::chrono::duration<double>(now - bucket.filled).count();
  bucket.tokens = std::min(full, bucket.tokens + seconds * per_second_);
  bucket.filled = now;
  return bucket;
}

}  // namespace pixelzx::node
