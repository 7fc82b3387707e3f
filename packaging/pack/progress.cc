// SPDX-License-Identifier: Apache-2.0
#include "pack/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "files.h"

namespace pixelzx::pack {
namespace {

constexpr std::string_view kClearLine = "\r\x1b[K";

void show(std::string_view text) {
  write_all(STDERR_FILENO, text.data(), text.size());
}

bool stderr_draws() {
  const char* terminal = std::getenv("TERM");
  return isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

Progress::Progress(std::uint64_t total, bool wanted)
    : total_(total), shown_(wanted && stderr_draws()) {}

Progress::~Progress() {
  if (shown_) show(kClearLine);
}

void Progress::set_task(std::string task) {
  const std::lock_guard lock(mutex_);
  task_ = std::move(task);
  if (shown_) draw();
}

void Progress::advance(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  done_ = std::min(done_ + bytes, total_);
  if (shown_ && std::chrono::steady_clock::now() >= next_draw_) draw();
}

void Progress::draw() {
  constexpr std::uint64_t kWidth = 30;
  const std::uint64_t filled = kWidth * done_ / std::max<std::uint64_t>(total_, 1);
  const std::uint64_t percent = 100 * done_ / std::max<std::uint64_t>(total_, 1);
  const std::string number = std::to_string(percent);
  show(std::string(kClearLine) + "[" + std::string(filled, '#') +
       std::string(kWidth - filled, ' ') + "] " + std::string(3 - number.size(), ' ') + number +
       "%  " + task_);
  next_draw_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
}

}  // namespace pixelzx::pack
