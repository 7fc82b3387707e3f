// SPDX-License-Identifier: Apache-2.0
//
// Short texts of others: platforms, versions, names, and what goes into shell scripts. Every reader
// gets every line.
#include <array>

#include "fuzz.h"
#include "index.h"
#include "node/messages.h"
#include "node/words.h"
#include "pack/image_store.h"
#include "pack/layout.h"
#include "pack/pack_error.h"
#include "pack/select.h"
#include "pack/shell_script.h"
#include "pack/version_order.h"
#include "selection.h"

namespace pixelzx::fuzz {
namespace {

void check_platform(std::string_view line) {
  const std::optional<Platform> platform = parse_platform(line);
  if (!platform) return;
  const PlatformText normal = to_text(*platform);
  require(is_showable(normal.view()) && parse_platform(normal.view()) == platform);
  const std::array<Platform, 3> offer = {*platform, *parse_platform("linux/arm64"),
                                         *parse_platform("linux/amd64/v3")};
  const Selection fitting = select_platforms(*platform, offer);
  require(fitting.size <= offer.size());
  // Of arm64 there are variants that match nothing.
  require(platform->arch.view() == "arm64" ||
          *compatible_platforms(*platform).begin() == *platform);
}

/// An order: nothing is older than itself, and of three the outer two agree.
void check_versions(const std::string& a, const std::string& b, const std::string& c) {
  require(!pack::is_older(a, a));
  require(!pack::is_older(a, b) || !pack::is_older(b, a));
  if (pack::is_older(a, b) && pack::is_older(b, c)) require(pack::is_older(a, c));
  // As old as each other.
  if (!pack::is_older(a, b) && !pack::is_older(b, a)) {
    require(pack::is_older(a, c) == pack::is_older(b, c));
  }
}

void check_names(const std::string& line) {
  const std::string clean = pack::clean_name(line);
  require(!clean.starts_with('/') && ("/" + clean + "/").find("/../") == std::string::npos);
  require(pack::clean_name(clean) == clean);
  require(is_showable(pack::printable(line)));
  require(is_showable(node::escape_controls(line)));
  const std::array<std::string, 3> known = {"version", "start", "help"};
  (void)node::suggest(line, known);
  require(directory_of(line).size() <= std::max<std::size_t>(line.size(), 1));
  if (pack::index_takes_share(line)) require(pack::clean_name(line) == line);
  if (pack::index_takes_version(line)) require(is_showable(line));
}

/// A version becomes a part of shell scripts: no character may mean anything to a shell.
void check_scripts(const std::string& version) {
  constexpr std::string_view kHarmless =
      "0123456789.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (version.find_first_not_of(kHarmless) == std::string::npos) return;  // would cost time
  Index index;
  index.program = "program";
  index.version = version;
  const bool written = survives([&index] {
    require(pack::install_script(index, {"amd64"}).find("@VERSION@") == std::string::npos);
  });
  if (written) require(version.find_first_of("\"'$`\\ \t\n;&|<>()*?[]#!{}/") == std::string::npos);
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  std::vector<std::string> lines = fuzz::lines_of(fuzz::text_of(data, size));
  lines.resize(std::max<std::size_t>(lines.size(), 3));
  constexpr std::size_t kMost = 8;
  lines.resize(std::min(lines.size(), kMost));
  for (const std::string& line : lines) {
    fuzz::check_platform(line);
    fuzz::check_names(line);
  }
  fuzz::check_scripts(lines[0]);
  for (std::size_t i = 0; i + 2 < lines.size(); ++i) {
    fuzz::check_versions(lines[i], lines[i + 1], lines[i + 2]);
  }
  (void)fuzz::survives([&lines] { (void)pack::select_offered(lines[0], lines[1]); });
  fuzz::require(locale_language(lines[0].c_str(), lines[1].c_str(), lines[2].c_str()) ==
                Language::kKorean ==
                (node::choose_language(lines[0].c_str(), lines[1].c_str(), lines[2].c_str()) ==
                 node::Language::kKorean));
  return 0;
}
