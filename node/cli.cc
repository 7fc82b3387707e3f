// SPDX-License-Identifier: Apache-2.0
#include "node/cli.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "node/version.h"

namespace pixelzx::node {
namespace {

constexpr std::string_view kProgram = "pixelzx";

/// The command line's grammar, and where CLI11 leaves what it read.
struct Grammar {
  CLI::App app{"PIXELZX POS EVM Chain", std::string(kProgram)};
  CLI::App* version = nullptr;
  bool version_short = false;
  std::string version_output = "text";

  Grammar(Language language, const BuildInfo& info) {
    const auto say = [language](Message message) { return std::string(text(message, language)); };

    const auto formatter = std::make_shared<CLI::Formatter>();
    formatter->label("Usage", say(Message::kHelpUsage));
    formatter->label("OPTIONS", say(Message::kHelpSomeOptions));
    formatter->label("SUBCOMMAND", say(Message::kHelpSomeCommand));
    app.formatter(formatter);
    app.option_defaults()->group(say(Message::kHelpOptions));
    app.require_subcommand(0, 1);
    app.set_help_flag("-h,--help", say(Message::kAboutHelp))->disable_flag_override();
    app.set_version_flag("--version", std::string(kProgram).append(" ").append(info.version),
                         say(Message::kAboutVersionOption))
        ->disable_flag_override();
    // CLI11 would stop at the first word it does not know, in English and without a suggestion.
    app.allow_extras();

    // A subcommand inherits the settings above, but not the help flag's group or its strictness.
    version = app.add_subcommand("version", say(Message::kAboutVersionCommand));
    version->group(say(Message::kHelpCommands));
    version->set_help_flag("-h,--help", say(Message::kAboutHelp))->disable_flag_override();
    version->add_flag("--short", version_short, say(Message::kAboutShort))->disable_flag_override();
    version->add_option("--output", version_output, say(Message::kAboutOutput))
        ->option_text("text|json")
        ->take_last();
  }

  /// The command that was given, or the program itself when there was none.
  [[nodiscard]] const CLI::App& selected() const {
    const std::vector<CLI::App*> given = app.get_subcommands();
    return given.empty() ? app : *given.back();
  }

  /// `pixelzx` or `pixelzx version`: what to put before `--help`.
  [[nodiscard]] std::string selected_name() const {
    std::string name(kProgram);
    if (&selected() != &app) name.append(" ").append(selected().get_name());
    return name;
  }
};

CliResult usage_error(const std::string& sentence) {
  return {kStatusUsage, "", std::string(kProgram).append(": ").append(sentence).append("\n")};
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// Explains a word that is in no place of the grammar.
CliResult unknown_word(const Grammar& grammar, const std::string& word, Language language) {
  const std::string where = grammar.selected_name();
  const bool is_option = word.size() > 1 && word.front() == '-';
  if (!is_option && &grammar.selected() != &grammar.app) {
    return usage_error(
        fill(Message::kUnexpectedArgument, language, {escape_controls(word), where}));
  }

  const std::string name = is_option ? word.substr(0, word.find('=')) : word;
  const std::vector<std::string> known =
      is_option ? option_names(grammar.selected()) : command_names(grammar.app);
  const std::string_view meant = suggest(name, known);
  const std::string shown = escape_controls(name);
  if (meant.empty()) {
    return usage_error(fill(is_option ? Message::kUnknownOption : Message::kUnknownCommand,
                            language, {shown, where}));
  }
  return usage_error(
      fill(is_option ? Message::kUnknownOptionDidYouMean : Message::kUnknownCommandDidYouMean,
           language, {shown, meant, where}));
}

/// Explains what CLI11 could not accept. Its own sentences are English and begin with the option,
/// as in `--output: 1 required` or, without the dashes, `short was given`.
CliResult parse_error(const Grammar& grammar, const CLI::ParseError& error, Language language) {
  const std::string what = error.what();
  std::string name = what.substr(0, what.find_first_of(": "));
  if (!name.starts_with('-')) name.insert(0, "--");
  const CLI::Option* option = grammar.selected().get_option_no_throw(name);
  if (option != nullptr && dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const bool is_flag = option->get_items_expected_max() == 0;
    return usage_error(
        is_flag ? fill(Message::kOptionTakesNoValue, language, {name})
                : fill(Message::kOptionNeedsValue, language, {name, grammar.selected_name()}));
  }
  return usage_error(
      fill(Message::kBadArguments, language, {escape_controls(what), grammar.selected_name()}));
}

CliResult run_version(const Grammar& grammar, Language language, const BuildInfo& info) {
  if (grammar.version_short && grammar.version->count("--output") > 0) {
    return usage_error(fill(Message::kOptionsExclude, language, {"--short", "--output"}));
  }
  if (grammar.version_short) return {kStatusOk, version_short(info), ""};
  if (grammar.version_output == "text") return {kStatusOk, version_banner(info, language), ""};
  if (grammar.version_output == "json") return {kStatusOk, version_json(info), ""};
  return usage_error(
      fill(Message::kUnknownOutputFormat, language, {escape_controls(grammar.version_output)}));
}

/// Optimal string alignment distance: the number of slips between `a` and `b`.
std::size_t slips_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) current[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, current);
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before_last[j - 2] + 1);
      }
    }
  }
  return current[b.size()];
}

/// The length of the UTF-8 character that `bytes` begins with, or 0 when it is none (overlong forms
/// and surrogates are let through: a terminal shows a replacement for them and obeys nothing).
std::size_t utf8_length(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  const std::size_t length = first < 0x80                    ? 1
                             : first >= 0xC2 && first < 0xE0 ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  if (length > bytes.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(bytes[i]) & 0xC0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

CliResult run_cli(std::span<const std::string> args, Language language, const BuildInfo& info) {
  Grammar grammar(language, info);
  if (args.empty()) return {kStatusUsage, "", grammar.app.help()};

  // CLI11 takes its arguments from the back.
  std::vector<std::string> reversed(args.rbegin(), args.rend());
  try {
    grammar.app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return {kStatusOk, grammar.app.help(), ""};
  } catch (const CLI::CallForVersion& call) {
    return {kStatusOk, std::string(call.what()).append("\n"), ""};
  } catch (const CLI::ParseError& error) {
    return parse_error(grammar, error, language);
  }

  const std::vector<std::string> unknown = grammar.app.remaining(true);
  if (!unknown.empty()) return unknown_word(grammar, unknown.front(), language);
  if (grammar.version->parsed()) return run_version(grammar, language, info);
  return {kStatusUsage, "", grammar.app.help()};
}

std::string_view suggest(std::string_view word, std::span<const std::string> known) {
  constexpr std::size_t kMostSlips = 2;
  std::string_view best;
  std::size_t best_slips = kMostSlips + 1;
  for (const std::string& candidate : known) {
    // Half a word is no slip: `--x` is not a misspelt `--y`.
    const std::size_t letters =
        candidate.size() - std::min(candidate.find_first_not_of('-'), candidate.size());
    const bool begins =
        word.find_first_not_of('-') != std::string_view::npos && candidate.starts_with(word);
    const std::size_t slips = begins ? 0 : slips_between(word, candidate);
    if (slips < best_slips && 2 * slips < letters) {
      best = candidate;
      best_slips = slips;
    }
  }
  return best;
}

std::string escape_controls(std::string_view word) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string safe;
  while (!word.empty()) {
    const auto first = static_cast<unsigned char>(word.front());
    const std::size_t length = utf8_length(word);
    const bool control =
        first < 0x20 || first == 0x7F ||
        (first == 0xC2 && length == 2 && static_cast<unsigned char>(word[1]) < 0xA0);
    const std::size_t taken = std::max<std::size_t>(length, 1);
    for (const char c : word.substr(0, taken)) {
      const auto byte = static_cast<unsigned char>(c);
      if (control || length == 0) {
        safe.append("\\x").append({kHex[byte >> 4], kHex[byte & 0xF]});
      } else {
        safe += c;
      }
    }
    word.remove_prefix(taken);
  }
  return safe;
}

}  // namespace pixelzx::node
