// SPDX-License-Identifier: Apache-2.0
//
// Reports of many hosts: `pixelzx-pack fleet`. The input has a report in each part, whose name is
// the file's.
#include "fuzz.h"
#include "nlohmann/json.hpp"
#include "pack/fleet_page.h"
#include "pack/fleet_text.h"

namespace pixelzx::fuzz {
namespace {

/// The page has no tag that is not its own.
void check_page(const std::string& page) {
  require(is_showable(page) && nlohmann::json::accept(nlohmann::json(page).dump()));
  for (const char* tag : {"<script", "<img", "<a ", "<iframe", "<b>\xff"}) {
    require(page.find(tag) == std::string::npos);
  }
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  pack::Fleet fleet;
  for (const fuzz::Part& part : fuzz::parts_of(fuzz::text_of(data, size))) {
    const std::string path(part.name);
    const std::string text(part.content);
    (void)fuzz::survives(
        [&] { fleet.hosts.push_back(pack::parse_report(path, text, Language::kEnglish)); });
    try {
      (void)pack::parse_report(path, text, Language::kKorean);
    } catch (const pack::PackError& error) {
      fleet.left_out.push_back(error);
    }
  }
  if (fleet.hosts.empty()) return 0;
  for (const Language language : {Language::kEnglish, Language::kKorean}) {
    const pack::FleetView view(fleet, nullptr, language);
    fuzz::check_page(fleet_page(view));
    fuzz::require(fuzz::is_showable(fleet_text(view)));
    fuzz::require(nlohmann::json::accept(fleet_json(view)));
  }
  return 0;
}
