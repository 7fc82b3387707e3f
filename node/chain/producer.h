// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "node/chain/pool.h"

namespace pixelzx::node {

/// Makes blocks in a thread of its own: one every block_time seconds, with or without transactions;
/// where block_time is 0, as soon as there is a transaction for it.
class Producer {
 public:
  /// Begins. `key` must be a validator's. `failed` is called in that thread when a block cannot be
  /// written, with the reason; no more blocks are made then. It must not call stop().
  Producer(Chain& chain, Pool& pool, const SecretKey& key,
           std::function<void(std::string_view why)> failed);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Returns when the block at work, if there is one, is part of the chain. No more are made.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pixelzx::node
