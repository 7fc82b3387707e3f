// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <functional>

namespace pixelzx::node {

/// A thread with room for calls of contracts by contracts, as deep as the EVM lets them be. What
/// stack std::thread gives depends on RLIMIT_STACK, which is whoever's who starts the program.
class DeepThread {
 public:
  /// Throws std::system_error when there can be no more threads.
  explicit DeepThread(std::function<void()> run);
  /// Waits for its end.
  ~DeepThread();
  DeepThread(const DeepThread&) = delete;
  DeepThread& operator=(const DeepThread&) = delete;

 private:
  std::function<void()> run_;
  pthread_t thread_{};
};

}  // namespace pixelzx::node
