// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "node/rpc/http_server.h"

/// Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/).
namespace pixelzx::node::prometheus {

std::string number(double value);
/// `name="value"`; a value may have any characters.
std::string label(std::string_view name, std::string_view value);
/// What begins a metric. `type` is `counter`, `gauge` or `histogram`.
std::string head(std::string_view name, std::string_view type, std::string_view help);
/// A line with a value; `labels` are separated by commas.
std::string sample(std::string_view name, std::string_view labels, double value);

/// One without labels.
std::string metric(std::string_view name, std::string_view type, std::string_view help,
                   auto value) {
  return head(name, type, help) + sample(name, {}, static_cast<double>(value));
}

/// What /metrics answers.
HttpReply page(std::string text);

}  // namespace pixelzx::node::prometheus
