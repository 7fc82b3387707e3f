// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

namespace pixelzx::pack {

/// A bar on a terminal's last line, which is cleared at the end; nothing when stderr is no
/// terminal.
class Progress {
 public:
  /// `total`: bytes to do. `wanted`: false for silence.
  Progress(std::uint64_t total, bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// What is being done now.
  void set_task(std::string task);
  /// `bytes` more are done.
  void advance(std::size_t bytes);

 private:
  void draw();

  std::mutex mutex_;  // threads report to one bar
  std::uint64_t total_;
  std::uint64_t done_ = 0;
  bool shown_;
  std::string task_;
  std::chrono::steady_clock::time_point next_draw_;
};

}  // namespace pixelzx::pack
