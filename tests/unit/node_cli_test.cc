// SPDX-License-Identifier: Apache-2.0
#include "node/cli.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/version.h"
#include "node/words.h"

namespace pixelzx::node {
namespace {

constexpr BuildInfo kInfo{
    .version = "1.0.0",
    .build_time = "2026-11-24T10:30:45Z",
    .commit = "abc123def456",
    .branch = "main",
    .platform = "linux/arm64",
    .compiler = "gcc 12.2.0",
};

CliResult run(const std::vector<std::string>& args, Language language = Language::kEnglish) {
  return run_cli(args, language, kInfo, [](const char*) { return std::string_view(); });
}

/// A refused command line: status 2, nothing on standard output, and this on standard error.
void check_refused(const std::vector<std::string>& args, const std::string& err,
                   Language language = Language::kEnglish) {
  const CliResult result = run(args, language);
  CHECK(result.status == 2);
  CHECK(result.out.empty());
  CHECK(result.err == err);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("the locale chooses the language", "[node][messages]") {
  CHECK(choose_language("ko_KR.UTF-8", "", "") == Language::kKorean);
  CHECK(choose_language("", "ko", "en_US.UTF-8") == Language::kKorean);
  CHECK(choose_language("", "", "ko@hanja") == Language::kKorean);
  CHECK(choose_language("", "", "ko.eucKR") == Language::kKorean);
  CHECK(choose_language("C", "ko_KR.UTF-8", "ko_KR.UTF-8") == Language::kEnglish);
  CHECK(choose_language("", "en_GB", "ko_KR.UTF-8") == Language::kEnglish);
  CHECK(choose_language("", "", "") == Language::kEnglish);
  // Konkani is another language, and locale names are case-sensitive.
  CHECK(choose_language("kok_IN", "", "") == Language::kEnglish);
  CHECK(choose_language("KO", "", "") == Language::kEnglish);
}

TEST_CASE("every phrase is in both languages, with the same gaps", "[node][messages]") {
  const auto gaps = [](std::string_view text) {
    int count = 0;
    for (auto at = text.find("{}"); at != std::string_view::npos; at = text.find("{}", at + 2))
      ++count;
    return count;
  };
  for (int i = 0; i < static_cast<int>(Phrase::kCount); ++i) {
    const auto phrase = static_cast<Phrase>(i);
    INFO(text(phrase, Language::kEnglish));
    CHECK_FALSE(text(phrase, Language::kEnglish).empty());
    CHECK(text(phrase, Language::kKorean) != text(phrase, Language::kEnglish));
    CHECK(gaps(text(phrase, Language::kKorean)) == gaps(text(phrase, Language::kEnglish)));
  }
}

TEST_CASE("values are filled in once, in order", "[node][messages]") {
  CHECK(fill(Phrase::kUnknownCommandDidYouMean, Language::kEnglish, {"{}", "b", "c"}) ==
        "unknown command '{}'; did you mean 'b'? Run 'c --help' for the commands.");
}

TEST_CASE("version in each form", "[node][cli]") {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"version"}, version_banner(kInfo, Language::kEnglish)},
      {{"version", "--output", "text"}, version_banner(kInfo, Language::kEnglish)},
      {{"version", "--output=json"}, version_json(kInfo)},
      {{"version", "--output", "text", "--output", "json"}, version_json(kInfo)},
      {{"version", "--short"}, "v1.0.0\n"},
      {{"version", "--short", "--short"}, "v1.0.0\n"},
      {{"--version"}, "pixelzx 1.0.0\n"},
  };
  for (const auto& [args, out] : cases) {
    const CliResult result = run(args);
    CHECK(result.status == 0);
    CHECK(result.out == out);
    CHECK(result.err.empty());
  }
  CHECK(run({"version"}, Language::kKorean).out == version_banner(kInfo, Language::kKorean));
}

TEST_CASE("help goes to standard output and lists what there is", "[node][cli]") {
  for (const char* flag : {"--help", "-h"}) {
    const CliResult result = run({flag});
    CHECK(result.status == 0);
    CHECK(result.err.empty());
    CHECK(contains(result.out, "Usage: pixelzx [options] [command]\n"));
    CHECK(contains(result.out, "Commands:\n  version "));
    CHECK(contains(result.out, "--version"));
  }
  const CliResult version = run({"version", "--help"});
  CHECK(version.status == 0);
  CHECK(contains(version.out, "Usage: pixelzx version [options]\n"));
  CHECK(contains(version.out, "--short"));
  CHECK(contains(version.out, "--output text|json"));
}

TEST_CASE("help is Korean throughout under a Korean locale", "[node][cli]") {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"--help"}, std::vector<std::string>{"version", "--help"}}) {
    const std::string out = run(args, Language::kKorean).out;
    CHECK(contains(out, "사용법: pixelzx"));
    CHECK(contains(out, "\n옵션:\n"));
    for (const char* english : {"Usage", "Options", "options", "Commands", "Subcommands", "Show"}) {
      INFO(english);
      CHECK_FALSE(contains(out, english));
    }
  }
}

TEST_CASE("no arguments: the help, as an error", "[node][cli]") {
  check_refused({}, run({"--help"}).out);
  check_refused({"--"}, "pixelzx: unknown option '--'. Run 'pixelzx --help' for the options.\n");
}

TEST_CASE("an unknown command is named, with the likely one", "[node][cli]") {
  check_refused({"versoin"},
                "pixelzx: unknown command 'versoin'; did you mean 'version'? "
                "Run 'pixelzx --help' for the commands.\n");
  check_refused({"versoin"},
                "pixelzx: 알 수 없는 명령 'versoin'. 혹시 'version'인가요? "
                "'pixelzx --help'로 명령 목록을 볼 수 있습니다.\n",
                Language::kKorean);
  check_refused({"xyzzy", "--short"},
                "pixelzx: unknown command 'xyzzy'. Run 'pixelzx --help' for the commands.\n");
  check_refused({""}, "pixelzx: unknown command ''. Run 'pixelzx --help' for the commands.\n");
  check_refused({"-"}, "pixelzx: unknown command '-'. Run 'pixelzx --help' for the commands.\n");
}

TEST_CASE("an unknown option is named, with the likely one", "[node][cli]") {
  check_refused({"version", "--shrot"},
                "pixelzx: unknown option '--shrot'; did you mean '--short'? "
                "Run 'pixelzx version --help' for the options.\n");
  check_refused({"version", "--outptu=json"},
                "pixelzx: unknown option '--outptu'; did you mean '--output'? "
                "Run 'pixelzx version --help' for the options.\n");
  check_refused({"-version"},
                "pixelzx: unknown option '-version'; did you mean '--version'? "
                "Run 'pixelzx --help' for the options.\n");
  check_refused({"--datadir", "version"},
                "pixelzx: unknown option '--datadir'. "
                "Run 'pixelzx version --help' for the options.\n");
  check_refused({"-x"}, "pixelzx: unknown option '-x'. Run 'pixelzx --help' for the options.\n");
}

TEST_CASE("an argument too many is refused", "[node][cli]") {
  const std::string err =
      "pixelzx: unexpected argument 'extra'. Leave it out, or run 'pixelzx version --help' "
      "to see what is accepted.\n";
  check_refused({"version", "extra"}, err);
  check_refused({"version", "--", "extra"}, err);
}

TEST_CASE("options are used as they are meant", "[node][cli]") {
  check_refused({"version", "--output", "xml"},
                "pixelzx: unknown output format 'xml'. Use 'text' or 'json'.\n");
  check_refused({"version", "--output"},
                "pixelzx: option '--output' needs a value. "
                "Run 'pixelzx version --help' to see which are accepted.\n");
  check_refused({"version", "--short=yes"},
                "pixelzx: option '--short' takes no value. "
                "Leave out the '=' and what follows.\n");
  check_refused({"--help=me"},
                "pixelzx: option '--help' takes no value. Leave out the '=' and what follows.\n");
  check_refused({"version", "--short", "--output", "json"},
                "pixelzx: options '--short' and '--output' contradict each other. "
                "Use only one of them.\n");
}

TEST_CASE("what was typed cannot drive the terminal", "[node][cli]") {
  check_refused({"\x1b[2J\n"},
                "pixelzx: unknown command '\\x1b[2J\\x0a'. "
                "Run 'pixelzx --help' for the commands.\n");
  CHECK(escape_controls("버전 ok") == "버전 ok");
  CHECK(escape_controls("\x7f\t") == "\\x7f\\x09");
  // C1 controls, as UTF-8 and as a lone byte; a character cut short.
  CHECK(escape_controls("\xC2\x9B") == "\\xc2\\x9b");
  CHECK(escape_controls("\x9B") == "\\x9b");
  CHECK(escape_controls("\xEB\xB2") == "\\xeb\\xb2");
  CHECK(escape_controls("\xC2\xA0") == "\xC2\xA0");
}

TEST_CASE("a suggestion is near, or there is none", "[node][cli]") {
  const std::vector<std::string> known{"version", "start", "status"};
  CHECK(suggest("verion", known) == "version");
  CHECK(suggest("vresion", known) == "version");
  CHECK(suggest("versions", known) == "version");
  CHECK(suggest("ver", known) == "version");
  CHECK(suggest("statr", known) == "start");
  CHECK(suggest("stats", known) == "status");
  CHECK(suggest("help", known).empty());
  CHECK(suggest("", known).empty());
  CHECK(suggest(std::string(100000, 'v'), known).empty());

  const std::vector<std::string> options{"--help", "--short"};
  CHECK(suggest("--shot", options) == "--short");
  CHECK(suggest("-short", options) == "--short");
  CHECK(suggest("--", options).empty());
  CHECK(suggest("--kelq", std::vector<std::string>{"--ab"}).empty());
}

}  // namespace
}  // namespace pixelzx::node
