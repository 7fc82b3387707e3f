// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <future>
#include <memory>
#include <variant>

#include "node/build_info.h"
#include "node/chain/chain.h"
#include "node/config/settings.h"
#include "node/crypto/secp256k1.h"

namespace pixelzx::node {

/// A node at work: it makes blocks and answers requests.
class RunningNode {
 public:
  /// Begins. Fails when it cannot listen.
  static std::variant<std::unique_ptr<RunningNode>, Failure> start(std::unique_ptr<Chain> chain,
                                                                   const SecretKey& key,
                                                                   const Settings& settings,
                                                                   const BuildInfo& info);
  ~RunningNode();
  RunningNode(const RunningNode&) = delete;
  RunningNode& operator=(const RunningNode&) = delete;

  /// RpcService::probe().
  [[nodiscard]] std::future<void> probe();

  /// Answers the requests that it has, makes no more blocks, and closes the chain.
  void stop();

  /// Whether a block could not be written. The process then has been asked to stop.
  [[nodiscard]] bool has_failed() const;

 private:
  struct Parts;
  explicit RunningNode(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace pixelzx::node
