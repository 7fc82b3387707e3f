// SPDX-License-Identifier: Apache-2.0
#include "pack/cli.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "pack/attach.h"
#include "pack/cli_commands.h"
#include "pack/create.h"
#include "pack/extract.h"
#include "pack/file_io.h"
#include "pack/image_doctor.h"
#include "pack/image_report.h"
#include "pack/list.h"
#include "pack/pack_error.h"
#include "pack/select.h"
#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

/// The command line's grammar, and where CLI11 leaves what it read.
struct Grammar {
  CLI::App app{"Makes and examines PIXELZX bundles: one file with a program for every platform",
               "pixelzx-pack"};

  CLI::App* create = app.add_subcommand("create", "Make a bundle of programs");
  CreateOptions create_options;
  std::vector<std::string> programs;
  std::vector<std::string> prefixes;
  bool quiet = false;

  CLI::App* list = app.add_subcommand("list", "Show what is in a bundle");
  CLI::App* extract = app.add_subcommand("extract", "Write one program of a bundle to a file");
  CLI::App* attach = app.add_subcommand("attach", "Write a launcher that carries a bundle");
  CLI::App* doctor = app.add_subcommand(
      "doctor", "Tell whether container images can start on the machines they are for");
  std::vector<std::string> archives;
  bool json = false;
  std::string language;

  CLI::App* select =
      app.add_subcommand("select", "Print which platforms fit a machine, best first");
  std::string bundle;
  std::string platform;
  std::string launcher;
  std::string format = "text";
  std::string host;
  std::string offer;
  std::string output;

  Grammar() {
    app.require_subcommand(0, 1);  // with 1, CLI11 would not name a word that is no command
    app.set_version_flag("--version", "pixelzx-pack " PIXELZX_VERSION,
                         "Print the version and exit");
    app.footer("BUNDLE may also be a launcher with a bundle attached.");
    add_create();
    for (CLI::App* command : {list, extract}) add_bundle(command);
    list->add_option("--output", format, "text or json")
        ->option_text("FORMAT")
        ->check(CLI::IsMember({"text", "json"}));
    extract->add_option("PLATFORM", platform, "For example linux/arm64")
        ->option_text(" ")
        ->required();
    attach->add_option("LAUNCHER", launcher, "A launcher without a bundle")
        ->option_text(" ")
        ->required();
    add_bundle(attach);
    for (CLI::App* command : {extract, attach}) {
      command->add_option("-o", output, "The file to write")->option_text("FILE")->required();
    }
    doctor
        ->add_option(
            "ARCHIVE", archives,
            "What docker save or podman save has written, or an OCI image layout (a folder "
            "or a tar)")
        ->option_text("...")
        ->required();
    doctor->add_flag("--json", json, "Print a JSON document for each archive");
    doctor->add_option("--lang", language, "en or ko, whatever the locale says")
        ->option_text("LANGUAGE")
        ->check(CLI::IsMember({"en", "ko"}));
    select->add_option("--host", host, "The machine's platform")
        ->option_text("PLATFORM")
        ->required();
    select->add_option("--offer", offer, "The platforms on offer, separated by commas")
        ->option_text("PLATFORM,...")
        ->required();
  }

 private:
  void add_create() {
    create->add_option("--program", create_options.program, "The program's name")
        ->option_text("NAME")
        ->required();
    create->add_option("--version", create_options.version, "The program's version")
        ->option_text("VERSION")
        ->required();
    create->add_option("--share", create_options.shares, "A file to go along, for every platform")
        ->option_text("FILE ...")
        ->allow_extra_args(false);
    create
        ->add_option("--level", create_options.level,
                     "Effort of compression, 1 to 22 (default: 19)")
        ->option_text("N")
        ->check(CLI::Range(1, kHighestLevel));
    create->add_option("--prefix", prefixes, "Compress PLATFORM against the program for BASE")
        ->option_text("PLATFORM=BASE ...")
        ->allow_extra_args(false);
    create
        ->add_option("--reuse", create_options.reuse,
                     "A bundle to take slices of unchanged programs from")
        ->option_text("BUNDLE");
    create->add_flag("--doctor", create_options.doctor,
                     "The launcher keeps the word doctor for itself");
    create->add_flag("--own-name", create_options.own_name,
                     "The launcher drops a first argument that is the program's own name");
    create->add_flag("--allow-dynamic", create_options.allow_dynamic,
                     "Pack programs that need shared libraries, too");
    create->add_flag("-q,--quiet", quiet, "Say nothing unless something is wrong");
    create->add_option("-o", create_options.output, "The bundle to write")
        ->option_text("OUT")
        ->required();
    create->add_option("PLATFORM=FILE", programs, "A program, for example linux/arm64=build/hello")
        ->option_text("...")
        ->required();
  }

  void add_bundle(CLI::App* command) {
    command->add_option("BUNDLE", bundle, "The bundle")->option_text(" ")->required();
  }
};

/// How fast it was.
std::string effort_text(const Effort& effort, Language language) {
  if (effort.bytes == 0) return {};
  const double megabytes = static_cast<double>(effort.bytes) / 1e6;
  return fmt::format(fmt::runtime(kEffort.in(language)), grouped(effort.bytes), effort.seconds,
                     megabytes / std::max(effort.seconds, 1e-3), effort.threads);
}

void run_create(Grammar& grammar, Language language) {
  CreateOptions& options = grammar.create_options;
  options.programs = split_pairs(grammar.programs, "PLATFORM=FILE", "linux/arm64=build/hello");
  options.prefixes =
      split_pairs(grammar.prefixes, "PLATFORM=BASE", "--prefix linux/amd64/v3=linux/amd64");
  options.mtime = source_date();
  options.show_progress = !grammar.quiet;
  const Effort effort = create_bundle(options);
  if (grammar.quiet) return;
  print_summary(list_text(open_bundle_file(options.output), language) +
                effort_text(effort, language));
}

int run_select(const Grammar& grammar) {
  const std::vector<std::string> fitting = select_offered(grammar.host, grammar.offer);
  std::string lines;
  for (const std::string& platform : fitting) lines += platform + "\n";
  print(lines);
  return fitting.empty() ? 1 : 0;
}

/// True when the output may have colours (https://no-color.org).
bool stdout_has_colours() {
  const char* unwanted = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && (unwanted == nullptr || *unwanted == '\0') &&
         terminal != nullptr && std::string_view(terminal) != "dumb";
}

int run_doctor(const Grammar& grammar, Language language) {
  if (!grammar.language.empty()) {
    language = grammar.language == "ko" ? Language::kKorean : Language::kEnglish;
  }
  int status = 0;
  bool first = true;
  for (const std::string& archive : grammar.archives) {
    try {
      const ArchiveReport report = examine_archive(archive, language);
      status = std::max(status, report.exit_status());
      if (!grammar.json && !first) print("\n");
      print(grammar.json ? report_json(report, language)
                         : report_text(report, language, stdout_has_colours()));
      first = false;
    } catch (const PackError& error) {
      // The other archives may be there.
      std::string message = error.message(language);
      message.pop_back();  // spdlog ends the line
      spdlog::error("{}", message);
      status = 1;
    }
  }
  return status;
}

int run_command(Grammar& grammar, Language language) {
  if (grammar.create->parsed()) run_create(grammar, language);
  if (grammar.list->parsed()) {
    const BundleFile file = open_bundle_file(grammar.bundle);
    print(grammar.format == "json" ? list_json(file) : list_text(file, language));
  }
  if (grammar.extract->parsed()) {
    extract_slice(grammar.bundle, grammar.platform, grammar.output);
  }
  if (grammar.attach->parsed()) {
    attach_bundle(grammar.launcher, grammar.bundle, grammar.output);
  }
  if (grammar.doctor->parsed()) return run_doctor(grammar, language);
  if (grammar.select->parsed()) return run_select(grammar);
  return 0;
}

/// `pixelzx-pack create`: what to put before `--help`.
std::string command_of(const Grammar& grammar) {
  const auto given = grammar.app.get_subcommands();
  return grammar.app.get_name() + (given.empty() ? "" : " " + given.front()->get_name());
}

}  // namespace

std::vector<std::pair<std::string, std::string>> split_pairs(const std::vector<std::string>& words,
                                                             const std::string& form,
                                                             const std::string& example) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == word.size()) {
      throw PackError(Problem::kNotAPair, {word, form, example});
    }
    pairs.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return pairs;
}

void print_summary(std::string text) {
  text.pop_back();  // spdlog ends the line
  spdlog::info("{}", text);
}

std::int64_t source_date() {
  constexpr std::int64_t kLatest = 077777777777;  // what ustar's field holds
  const char* text = std::getenv("SOURCE_DATE_EPOCH");
  if (text == nullptr || *text == '\0') return 0;
  const std::string_view digits(text);
  std::int64_t seconds = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (!whole || seconds < 0 || seconds > kLatest) throw PackError(Problem::kBadDate, {text});
  return seconds;
}

int run_cli(int argc, char** argv, Language language) {
  Grammar grammar;
  int fleet_status = 0;
  add_fleet_command(grammar.app, language, fleet_status);
  add_image_command(grammar.app, language);
  add_import_command(grammar.app, language);
  add_run_command(grammar.app, language);
  add_tarball_command(grammar.app, language);
  add_verify_command(grammar.app, language);
  add_sign_commands(grammar.app);
  try {
    grammar.app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print(grammar.app.help());
    return 0;
  } catch (const CLI::CallForVersion& version) {
    print(std::string(version.what()) + "\n");
    return 0;
  } catch (const CLI::ParseError& error) {
    throw PackError(Problem::kBadArguments, {error.what(), command_of(grammar)});
  }
  if (grammar.app.get_subcommands().empty()) {
    throw PackError(Problem::kBadArguments, {"there is no command", command_of(grammar)});
  }
  return std::max(fleet_status, run_command(grammar, language));
}

}  // namespace pixelzx::pack
