// SPDX-License-Identifier: Apache-2.0
#include "pack/select.h"

#include <algorithm>

#include "pack/pack_error.h"
#include "selection.h"

namespace pixelzx::pack {
namespace {

Platform parsed(std::string_view text) {
  const std::optional<Platform> platform = parse_platform(text);
  if (!platform) throw PackError(Problem::kNotAPlatform, {std::string(text)});
  return *platform;
}

}  // namespace

std::vector<std::string> select_offered(const std::string& host, std::string_view offer) {
  std::vector<Platform> platforms;
  for (bool more = true; more;) {
    const std::size_t comma = offer.find(',');
    const Platform platform = parsed(offer.substr(0, comma));
    if (std::find(platforms.begin(), platforms.end(), platform) == platforms.end()) {
      platforms.push_back(platform);
    }
    more = comma != std::string_view::npos;
    if (more) offer.remove_prefix(comma + 1);
  }
  std::vector<std::string> fitting;
  for (const std::size_t position : select_platforms(parsed(host), platforms)) {
    fitting.emplace_back(to_text(platforms[position]).view());
  }
  return fitting;
}

}  // namespace pixelzx::pack
