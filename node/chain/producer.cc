// SPDX-License-Identifier: Apache-2.0
#include "node/chain/producer.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

#include "node/base/deep_thread.h"

namespace pixelzx::node {
namespace {

using std::chrono::seconds;

std::uint64_t seconds_since_1970() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(std::chrono::duration_cast<seconds>(since).count(), 0));
}

/// What wakes the thread. The pool's listener, which nobody can take back, shares it.
struct Alarm {
  std::mutex mutex;
  std::condition_variable changed;
  bool stopped = false;
  bool pending = false;  ///< since it was last looked at

  void set(bool Alarm::*flag) {
    const std::lock_guard lock(mutex);
    this->*flag = true;
    changed.notify_all();
  }
};

}  // namespace

struct Producer::Parts {
  Chain& chain;
  Pool& pool;
  SecretKey key;
  std::function<void(std::string_view why)> failed;
  std::shared_ptr<Alarm> alarm = std::make_shared<Alarm>();
  std::optional<DeepThread> thread{};

  void run();
  bool wait(const Header& head, bool busy);
  void make_block(const Pool::Transactions& offered);
};

/// Until the next block is due; false: no more are.
bool Producer::Parts::wait(const Header& head, bool busy) {
  std::unique_lock lock(alarm->mutex);
  const std::uint64_t block_time = chain.genesis().block_time;
  if (block_time == 0) {
    if (!busy) alarm->changed.wait(lock, [&] { return alarm->stopped || alarm->pending; });
    alarm->pending = false;
    return !alarm->stopped;
  }
  // By the clock on the wall, so that blocks do not drift from their timestamps. When it was set
  // back, it is not waited for longer than for any block.
  const std::uint64_t due = head.timestamp + block_time;
  const std::uint64_t now = seconds_since_1970();
  const seconds left(due > now ? std::min(due - now, block_time) : 0);
  alarm->changed.wait_for(lock, left, [&] { return alarm->stopped; });
  return !alarm->stopped;
}

void Producer::Parts::make_block(const Pool::Transactions& offered) {
  auto at = offered.begin();
  chain.produce_block(
      key, seconds_since_1970(),
      [&]() -> const SignedTransaction* { return at == offered.end() ? nullptr : (at++)->get(); },
      [&](const SignedTransaction& refused, const auto& /*why*/) { pool.remove(refused.hash); });
}

void Producer::Parts::run() {
  try {
    for (bool busy = true;;) {
      const Header head = chain.head()->block.header;
      if (!wait(head, busy)) return;
      const Header next = chain.next_header(head, {}, 0);
      const Pool::Transactions offered = pool.best(next.base_fee, next.gas_limit);
      busy = !offered.empty();
      if (busy || chain.genesis().block_time != 0) make_block(offered);
    }
  } catch (const std::exception& error) {
    failed(error.what());
  }
}

Producer::Producer(Chain& chain, Pool& pool, const SecretKey& key,
                   std::function<void(std::string_view why)> failed)
    : parts_(new Parts{.chain = chain, .pool = pool, .key = key, .failed = std::move(failed)}) {
  pool.on_pending([alarm = parts_->alarm](const SignedTransaction& /*transaction*/) {
    alarm->set(&Alarm::pending);
  });
  parts_->thread.emplace([parts = parts_.get()] { parts->run(); });
}

Producer::~Producer() {
  stop();
}

void Producer::stop() {
  parts_->alarm->set(&Alarm::stopped);
  parts_->thread.reset();
}

}  // namespace pixelzx::node
