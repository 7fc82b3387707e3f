// SPDX-License-Identifier: Apache-2.0
//
// The command lines of node, pixelzx-pack and the launcher's doctor, and the launcher's
// environment. The input is words, one a line; those with a `=` are variables, too. While a command
// runs nothing can be opened, so that it reads and writes nothing.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "doctor.h"
#include "environment.h"
#include "fuzz.h"
#include "node/cli.h"
#include "pack/cli.h"
#include "plan.h"

namespace pixelzx::fuzz {
namespace {

constexpr node::BuildInfo kBuild{.version = "1.0.0",
                                 .build_time = "2026-01-02T03:04:05Z",
                                 .commit = "0123456789ab",
                                 .branch = "main",
                                 .platform = "linux/arm/v7",
                                 .compiler = "gcc 12.2.0"};

/// What main() gets.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

void check_node(const std::vector<std::string>& words) {
  // No variable has a value that makes sense, so that no command that was understood is carried
  // out.
  const auto environment = [](const char*) { return std::string_view("\x7f"); };
  const NoFiles none;
  for (const auto language : {node::Language::kEnglish, node::Language::kKorean}) {
    const node::CliResult result = node::run_cli(words, language, kBuild, environment);
    require(is_showable(result.out) && is_showable(result.err));
    require((result.status == node::kStatusUsage) == !result.err.empty());
    if (result.status != node::kStatusUsage) continue;
    require(result.out.empty() && result.err.ends_with('\n'));
    // A line for each failure, or the help.
    for (const std::string& line : lines_of(result.err)) {
      require(line.starts_with("pixelzx: ") || !result.err.starts_with("pixelzx: "));
    }
  }
}

void check_pack(std::vector<std::string> words) {
  words.insert(words.begin(), "pixelzx-pack");
  std::vector<char*> arguments = pointers_to(words);
  const NoFiles none;
  (void)survives(
      [&] { pack::run_cli(static_cast<int>(words.size()), arguments.data(), Language::kEnglish); });
}

Environment check_environment(std::vector<char*>& variables) {
  const Environment environment = read_environment(variables.data(), false);
  const Environment secure = read_environment(variables.data(), true);
  require(secure.bundle.empty() && secure.platform.empty() && secure.run.empty());
  if (const auto insisted = insisted_platform(environment); !insisted) {
    const auto message = format_diagnosis(insisted.diagnosis(), "a", Language::kEnglish, true);
    require(is_showable(message.view()));
  }
  for (const auto& candidate : cache_candidates(environment.cache)) {
    require(!candidate.path.truncated());
  }
  ProgramEnvironment program(variables.data());
  std::size_t given = 0;
  for (char* const* entry = program.with("linux/amd64", 1); *entry != nullptr; ++entry) ++given;
  require(given >= 2 && given <= variables.size() + 1);
  return environment;
}

void check_doctor(std::vector<std::string> words, const Environment& environment) {
  // Of a machine that is nowhere: the live one would be tried.
  words.insert(words.begin(), "--host=/nowhere");
  std::vector<char*> arguments = pointers_to(words);
  const Path launcher;
  Result<Bundle> bundle{Diagnosis(Cause::kNoBundle)};
  const NoFiles none;
  const int status = run_doctor({environment, "pixelzx", launcher, bundle}, arguments.data());
  require(status == 0 || status == 2);
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  static const fuzz::CapturedOutput output;
  std::vector<std::string> words = fuzz::lines_of(fuzz::text_of(data, size));
  // Words end with their first zero byte.
  for (std::string& word : words) word.resize(std::min(word.size(), word.find('\0')));
  fuzz::check_node(words);
  fuzz::check_pack(words);
  fuzz::require(fuzz::is_showable(output.take()));
  std::vector<std::string> variables = words;
  std::vector<char*> envp = fuzz::pointers_to(variables);
  fuzz::check_doctor(words, fuzz::check_environment(envp));
  fuzz::require(fuzz::is_showable(output.take()));
  return 0;
}
