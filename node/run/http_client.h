// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>

namespace pixelzx::node {

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

/// Asks the server at that numeric address, by that: a GET, or where there is a body, a POST of
/// JSON. Where there is no answer within `patience`, why, in lower case.
std::variant<HttpAnswer, std::string> ask_http(const std::string& address, std::uint16_t port,
                                               const std::string& path, const std::string& body,
                                               std::chrono::milliseconds patience);

}  // namespace pixelzx::node
