// SPDX-License-Identifier: Apache-2.0
#include "node/config/settings_file.h"

#include <yaml-cpp/yaml.h>

#include "node/base/files.h"

namespace pixelzx::node {
namespace {

std::string place_of(const std::string& path, const YAML::Mark& mark) {
  // The mark of what was never parsed is -1.
  return path + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

constexpr int kMostKeys = 8;
constexpr std::size_t kMostEntries = 10'000;

struct Reader {
  std::string path;
  std::vector<FileSetting> found;
  std::size_t entries = 0;

  /// `depth`: how many keys it is below. Aliases can make more of a file than it has bytes, and
  /// lead back to where they are.
  std::optional<Failure> read(const YAML::Node& node, const std::string& key, int depth) {
    if (node.IsMap()) {
      for (const auto& item : node) {
        if (!item.first.IsScalar() || depth == kMostKeys || ++entries > kMostEntries) {
          return Failure{Phrase::kConfigNotASetting, {place_of(path, item.first.Mark())}};
        }
        const std::string& name = item.first.Scalar();
        std::string below = key;
        below.append(key.empty() ? "" : ".").append(name);
        // An error is looked for where the value is, an unknown key where the key is: the same
        // line.
        if (auto failure =
                read_value(item.second, below, place_of(path, item.first.Mark()), depth + 1)) {
          return failure;
        }
      }
      return std::nullopt;
    }
    if (node.IsNull()) return std::nullopt;
    return Failure{Phrase::kConfigNotASetting, {place_of(path, node.Mark())}};
  }

  std::optional<Failure> read_value(const YAML::Node& node, const std::string& key,
                                    const std::string& place, int depth) {
    if (node.IsMap()) return read(node, key, depth);
    std::optional<std::string> text;
    if (node.IsScalar()) text = node.Scalar();
    if (node.IsSequence()) {
      text.emplace();
      for (const YAML::Node& item : node) {
        if (!item.IsScalar() || ++entries > kMostEntries) {
          return Failure{Phrase::kConfigNotASetting, {place_of(path, item.Mark())}};
        }
        text->append(text->empty() ? "" : ",").append(item.Scalar());
      }
    }
    found.push_back({key, text, place});
    return std::nullopt;
  }
};

}  // namespace

std::variant<std::vector<FileSetting>, Failure> read_settings_file(const std::string& path) {
  constexpr std::size_t kMost = 1U << 20U;
  auto text = read_file(path, kMost);
  if (auto* error = std::get_if<std::error_code>(&text)) {
    return Failure{Phrase::kConfigUnreadable, {path, error->message()}};
  }
  Reader reader{path, {}, 0};
  try {
    for (const YAML::Node& document : YAML::LoadAll(std::get<std::string>(text))) {
      if (auto failure = reader.read(document, "", 0)) return *failure;
    }
  } catch (const YAML::Exception& error) {
    return Failure{Phrase::kConfigNotYaml, {place_of(path, error.mark), error.msg}};
  }
  return reader.found;
}

}  // namespace pixelzx::node
