// SPDX-License-Identifier: Apache-2.0
#include "node/version.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace pixelzx::node {

std::string version_banner(const BuildInfo& info, Language language) {
  std::string banner = "🚀 PIXELZX POS EVM Chain\n";
  for (int column = 0; column < 64; ++column) banner += "═";
  banner.append("\n📦 ").append(text(Phrase::kVersionTitle, language)).append(":\n");

  const auto add = [&](Phrase label, std::string_view value) {
    banner.append("  ").append(text(label, language)).append(": ").append(value).append("\n");
  };
  add(Phrase::kVersion, std::string("v").append(info.version));
  add(Phrase::kBuild, info.build_time);
  add(Phrase::kCommit, std::string(info.commit).append(" (").append(info.branch).append(")"));
  add(Phrase::kPlatform, info.platform);
  add(Phrase::kCompiler, info.compiler);
  return banner;
}

std::string version_short(const BuildInfo& info) {
  return std::string("v").append(info.version).append("\n");
}

std::string version_json(const BuildInfo& info) {
  const nlohmann::ordered_json object{
      {"name", "pixelzx"},         {"version", info.version}, {"build_time", info.build_time},
      {"commit", info.commit},     {"branch", info.branch},   {"platform", info.platform},
      {"compiler", info.compiler},
  };
  // Git takes any bytes for a branch name, JSON only UTF-8.
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace pixelzx::node
