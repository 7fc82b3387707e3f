// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

namespace pixelzx::node {

/// How a program has ended.
struct ChildResult {
  std::string out;  ///< what it wrote to standard output
  int status = 0;   ///< its exit status, or 128 and the signal that ended it
};

/// Runs a program that is found as a shell finds it, its name first in `words`, and waits for it.
/// It is ended, and an error comes back, when it writes more than `most` bytes
/// (std::errc::file_too_large), when `patience` ends (stream_timeout), and when `interrupt`, a
/// descriptor, can be read (operation_canceled). Its standard error is that of this process.
std::variant<ChildResult, std::error_code> run_child(std::vector<std::string> words,
                                                     std::size_t most,
                                                     std::chrono::milliseconds patience,
                                                     int interrupt);

}  // namespace pixelzx::node
