// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/prometheus.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace pixelzx::node::prometheus {

std::string number(double value) {
  // std::to_chars() has tables of 70 KB.
  std::string text = nlohmann::json(value).dump();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string label(std::string_view name, std::string_view value) {
  std::string text = std::string(name) + "=\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n') {
      text += "\\n";
    } else {
      text += c;
    }
  }
  return text + '"';
}

std::string head(std::string_view name, std::string_view type, std::string_view help) {
  return std::string("# HELP ")
      .append(name)
      .append(" ")
      .append(help)
      .append("\n# TYPE ")
      .append(name)
      .append(" ")
      .append(type)
      .append("\n");
}

std::string sample(std::string_view name, std::string_view labels, double value) {
  std::string text(name);
  if (!labels.empty()) text.append("{").append(labels).append("}");
  return text.append(" ").append(number(value)).append("\n");
}

HttpReply page(std::string text) {
  return {.type = "text/plain; version=0.0.4; charset=utf-8", .body = std::move(text)};
}

}  // namespace pixelzx::node::prometheus
