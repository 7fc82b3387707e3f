// SPDX-License-Identifier: Apache-2.0
#include "node/cli.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <utility>

#include "node/commands/commands.h"
#include "node/version.h"
#include "node/words.h"

namespace pixelzx::node {
namespace {

constexpr std::string_view kProgram = "pixelzx";

/// A command: one that does something, or one that others are below.
struct Command {
  std::string_view name;
  std::string_view above;  ///< the command that it is below; empty: the program
  Phrase about;
  std::uint8_t settings;                 ///< SettingGroup
  CliResult (*run)(const CommandLine&);  ///< null: others are below, or it is `version`
};

constexpr std::uint8_t kWhere = kDataSettings | kKeySettings;
constexpr std::array<Command, 16> kCommands{{
    {"version", "", Phrase::kAboutVersionCommand, 0, nullptr},
    {"init", "", Phrase::kAboutInit, kWhere | kNetworkSettings, run_init},
    {"start", "", Phrase::kAboutStart, kAllSettings, run_start},
    {"account", "", Phrase::kAboutAccount, 0, nullptr},
    {"new", "account", Phrase::kAboutAccountNew, kWhere, run_account_new},
    {"list", "account", Phrase::kAboutAccountList, kWhere, run_account_list},
    {"import", "account", Phrase::kAboutAccountImport, kWhere, run_account_import},
    {"config", "", Phrase::kAboutConfigCommand, 0, nullptr},
    {"show", "config", Phrase::kAboutConfigShow, kAllSettings, run_config_show},
    {"validate", "config", Phrase::kAboutConfigValidate, kAllSettings, run_config_validate},
    {"export", "", Phrase::kAboutExport, kDataSettings, run_export},
    {"import", "", Phrase::kAboutImport, kDataSettings, run_import},
    {"health", "", Phrase::kAboutHealth, kRpcSettings, run_health},
    {"admin", "", Phrase::kAboutAdmin, 0, nullptr},
    {"status", "admin", Phrase::kAboutAdminStatus, kRpcSettings, run_admin_status},
    {"doctor-exporter", "", Phrase::kAboutDoctorExporter, kMetricsSettings, run_doctor_exporter},
}};

/// The command line's grammar, and where CLI11 leaves what it read.
struct Grammar {
  CLI::App app{"PIXELZX POS EVM Chain", std::string(kProgram)};
  Language language;
  std::map<const CLI::App*, const Command*> commands;
  CLI::App* version = nullptr;
  bool version_short = false;
  std::string output = "text";
  CommandLine line;
  std::array<std::string, kSettingCount> settings;

  [[nodiscard]] std::string say(Phrase phrase) const { return std::string(text(phrase, language)); }

  Grammar(Language said_in, const BuildInfo& info)
      : language(said_in), line{{}, said_in, info, {}, {}, {}, {}, {}, false, false} {
    const auto formatter = std::make_shared<CLI::Formatter>();
    formatter->label("Usage", say(Phrase::kHelpUsage));
    formatter->label("OPTIONS", say(Phrase::kHelpSomeOptions));
    formatter->label("SUBCOMMAND", say(Phrase::kHelpSomeCommand));
    formatter->label("Positionals", say(Phrase::kHelpArguments));
    formatter->label("REQUIRED", "");
    app.formatter(formatter);
    app.option_defaults()->group(say(Phrase::kHelpOptions));
    app.require_subcommand(0, 1);
    app.set_help_flag("-h,--help", say(Phrase::kAboutHelp))->disable_flag_override();
    app.set_version_flag("--version", std::string(kProgram).append(" ").append(info.version),
                         say(Phrase::kAboutVersionOption))
        ->disable_flag_override();
    // CLI11 would stop at the first word it does not know, in English and without a suggestion.
    app.allow_extras();
    for (const Command& command : kCommands) add(command);
    add_arguments();
  }

  /// A subcommand inherits the settings above, but not the help flag's group or its strictness.
  void add(const Command& command) {
    CLI::App& above = command.above.empty() ? app : *app.get_subcommand(std::string(command.above));
    CLI::App* added = above.add_subcommand(std::string(command.name), say(command.about));
    added->group(say(Phrase::kHelpCommands));
    added->set_help_flag("-h,--help", say(Phrase::kAboutHelp))->disable_flag_override();
    commands.emplace(added, &command);
    for (const SettingInfo& info : setting_infos()) {
      if ((info.groups & command.settings) == 0) continue;
      added
          ->add_option(std::string(info.flag), settings.at(static_cast<std::size_t>(info.setting)),
                       say(info.about))
          ->option_text(std::string(info.value_name))
          ->take_last();
    }
  }

  /// What is not a setting.
  void add_arguments() {
    version = app.get_subcommand("version");
    version->add_flag("--short", version_short, say(Phrase::kAboutShort))->disable_flag_override();
    CLI::App* account_import = app.get_subcommand("account")->get_subcommand("import");
    account_import->add_option("FILE", line.file, say(Phrase::kAboutKeyFile))
        ->option_text(" ")
        ->required();
    CLI::App* init = app.get_subcommand("init");
    init->add_option("--genesis", line.genesis, say(Phrase::kAboutGenesis))
        ->option_text("FILE")
        ->take_last();
    init->add_option("--alloc", line.allocs, say(Phrase::kAboutAlloc))
        ->option_text("ADDRESS=AMOUNT")
        ->allow_extra_args(false);
    app.get_subcommand("start")
        ->add_flag("--dev", line.is_dev, say(Phrase::kAboutDev))
        ->disable_flag_override();
    for (const char* name : {"export", "import"}) {
      app.get_subcommand(name)
          ->add_option("FILE", line.file, say(Phrase::kAboutBlocksFile))
          ->option_text(" ")
          ->required();
    }
    CLI::App* blocks = app.get_subcommand("export");
    blocks->add_option("FIRST", line.first, say(Phrase::kAboutFirst))->option_text(" ");
    blocks->add_option("LAST", line.last, say(Phrase::kAboutLast))->option_text(" ");
    for (CLI::App* command : {version, app.get_subcommand("admin")->get_subcommand("status")}) {
      command->add_option("--output", output, say(Phrase::kAboutOutput))
          ->option_text("text|json")
          ->take_last();
    }
  }

  /// The command that was given, or the program itself when there was none.
  [[nodiscard]] const CLI::App& selected() const {
    const CLI::App* command = &app;
    for (auto given = app.get_subcommands(); !given.empty(); given = command->get_subcommands()) {
      command = given.back();
    }
    return *command;
  }

  /// `pixelzx` or `pixelzx account new`: what to put before `--help`.
  [[nodiscard]] std::string selected_name() const {
    std::string name;
    for (const CLI::App* command = &selected(); command != nullptr;
         command = command->get_parent()) {
      name.insert(0, name.empty() ? command->get_name() : command->get_name() + " ");
    }
    return name;
  }

  /// What the flags say of the settings.
  [[nodiscard]] SettingFlags flags() const {
    SettingFlags flags;
    for (const SettingInfo& info : setting_infos()) {
      const auto i = static_cast<std::size_t>(info.setting);
      const CLI::Option* option = selected().get_option_no_throw(std::string(info.flag));
      if (option != nullptr && option->count() > 0) flags.at(i) = settings.at(i);
    }
    return flags;
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
  if (!is_option && command_names(grammar.selected()).empty()) {
    return usage_error(fill(Phrase::kUnexpectedArgument, language, {escape_controls(word), where}));
  }

  const std::string name = is_option ? word.substr(0, word.find('=')) : word;
  const std::vector<std::string> known =
      is_option ? option_names(grammar.selected()) : command_names(grammar.selected());
  const std::string_view meant = suggest(name, known);
  const std::string shown = escape_controls(name);
  if (meant.empty()) {
    return usage_error(fill(is_option ? Phrase::kUnknownOption : Phrase::kUnknownCommand, language,
                            {shown, where}));
  }
  return usage_error(
      fill(is_option ? Phrase::kUnknownOptionDidYouMean : Phrase::kUnknownCommandDidYouMean,
           language, {shown, meant, where}));
}

/// Explains what CLI11 could not accept. Its own sentences are English and begin with the option,
/// as in `--output: 1 required` or, without the dashes, `short was given`.
CliResult parse_error(const Grammar& grammar, const CLI::ParseError& error, Language language) {
  const std::string what = error.what();
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    const std::string where = grammar.selected_name();
    return usage_error(
        fill(Phrase::kMissingArgument, language, {where, what.substr(0, what.find(' ')), where}));
  }
  std::string name = what.substr(0, what.find_first_of(": "));
  if (!name.starts_with('-')) name.insert(0, "--");
  const CLI::Option* option = grammar.selected().get_option_no_throw(name);
  if (option != nullptr && dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const bool is_flag = option->get_items_expected_max() == 0;
    return usage_error(
        is_flag ? fill(Phrase::kOptionTakesNoValue, language, {name})
                : fill(Phrase::kOptionNeedsValue, language, {name, grammar.selected_name()}));
  }
  return usage_error(
      fill(Phrase::kBadArguments, language, {escape_controls(what), grammar.selected_name()}));
}

CliResult run_version(const Grammar& grammar) {
  const CommandLine& line = grammar.line;
  if (grammar.version_short && grammar.version->count("--output") > 0) {
    return usage_error(fill(Phrase::kOptionsExclude, line.language, {"--short", "--output"}));
  }
  if (grammar.version_short) return {kStatusOk, version_short(line.info), ""};
  if (line.as_json) return {kStatusOk, version_json(line.info), ""};
  return {kStatusOk, version_banner(line.info, line.language), ""};
}

}  // namespace

CliResult run_cli(std::span<const std::string> args, Language language, const BuildInfo& info,
                  const Environment& environment) {
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
  if (grammar.output != "text" && grammar.output != "json") {
    return usage_error(
        fill(Phrase::kUnknownOutputFormat, language, {escape_controls(grammar.output)}));
  }
  CommandLine& line = grammar.line;
  line.as_json = grammar.output == "json";
  if (grammar.version->parsed()) return run_version(grammar);
  const auto command = grammar.commands.find(&grammar.selected());
  if (command == grammar.commands.end() || command->second->run == nullptr) {
    return {kStatusUsage, "", grammar.app.help()};
  }

  auto settings = resolve_settings(grammar.flags(), environment);
  if (auto* failures = std::get_if<std::vector<Failure>>(&settings)) {
    CliResult all{kStatusUsage, "", ""};
    for (const Failure& failure : *failures) all.err += failed(failure, language).err;
    return all;
  }
  line.settings = std::move(std::get<Settings>(settings));
  try {
    return command->second->run(line);
  } catch (const std::exception& error) {
    // The database, which throws wherever it is read or written.
    return failed({Phrase::kChainFailed, {line.settings.data_dir, std::string(error.what())}},
                  language);
  }
}

CliResult failed(const Failure& failure, Language language, int status) {
  return {status, "", std::string(kProgram).append(": ").append(text(failure, language)) + "\n"};
}

}  // namespace pixelzx::node
