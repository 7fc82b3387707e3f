// SPDX-License-Identifier: Apache-2.0
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "pack/cli_commands.h"
#include "pack/file_io.h"
#include "pack/fleet.h"
#include "pack/fleet_page.h"
#include "pack/fleet_text.h"
#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

/// Where CLI11 leaves what it read.
struct FleetWords {
  std::vector<std::string> reports;
  std::string page;
  std::string bundle;
  std::string language;
  bool json = false;
};

/// Names the reports that are missing from the picture, the first few of them. Throws
/// kReportsLeftOut when there are any.
void tell_left_out(const Fleet& fleet, Language language) {
  constexpr std::size_t kMostShown = 10;
  const std::size_t count = fleet.left_out.size();
  if (count == 0) return;
  for (std::size_t i = 0; i < std::min(count, kMostShown); ++i) {
    spdlog::error("{}", fleet.left_out[i].message(language));  // and an empty line
  }
  throw PackError(Problem::kReportsLeftOut, {grouped(count), grouped(count + fleet.hosts.size())});
}

void show_fleet(const FleetWords& words, Language language) {
  std::optional<BundleFile> bundle;
  if (!words.bundle.empty()) bundle = open_whole_bundle(words.bundle);
  const Fleet fleet = read_fleet(words.reports, language);
  const FleetView view(fleet, bundle ? &*bundle : nullptr, language);
  if (!words.page.empty()) {
    OutputFile page(words.page, 0644);
    page.write(fleet_page(view));
    page.publish();
  }
  print(words.json ? fleet_json(view) : fleet_text(view));
  tell_left_out(fleet, language);
}

/// Errors, too, are in the language that was asked for. Returns the exit status.
int run_fleet(const FleetWords& words, Language language) {
  if (!words.language.empty()) {
    language = words.language == "ko" ? Language::kKorean : Language::kEnglish;
  }
  try {
    show_fleet(words, language);
    return 0;
  } catch (const PackError& error) {
    std::string message = error.message(language);
    message.pop_back();  // spdlog ends the line
    spdlog::error("{}", message);
    return error.exit_status();
  }
}

}  // namespace

void add_fleet_command(CLI::App& app, Language language, int& status) {
  CLI::App* fleet = app.add_subcommand(
      "fleet", "Show many hosts at once: what they are, what they need, what is wrong there");
  const auto words = std::make_shared<FleetWords>();
  fleet
      ->add_option("REPORT", words->reports,
                   "What pixelzx doctor --json has printed on a host, named after it; or a folder, "
                   "with all *.json below it")
      ->option_text("...")
      ->required();
  fleet->add_option("-o", words->page, "Write an HTML page, too")->option_text("PAGE.html");
  fleet
      ->add_option("--bundle", words->bundle,
                   "Choose slices from this bundle, and tell which of its slices no host needs")
      ->option_text("BUNDLE");
  fleet->add_flag("--json", words->json, "Print a JSON document instead of tables");
  fleet->add_option("--lang", words->language, "en or ko, whatever the locale says")
      ->option_text("LANGUAGE")
      ->check(CLI::IsMember({"en", "ko"}));
  fleet->callback([words, language, &status] { status = run_fleet(*words, language); });
}

}  // namespace pixelzx::pack
