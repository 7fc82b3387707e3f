// SPDX-License-Identifier: Apache-2.0
#include "node/messages.h"

#include <array>
#include <cstddef>

namespace pixelzx::node {
namespace {

struct Row {
  Message message;
  std::string_view english;
  std::string_view korean;
};

// Both languages take their `{}` in the same order.
constexpr std::array<Row, static_cast<std::size_t>(Message::kCount)> kTable{{
    {Message::kVersionTitle, "Version information", "버전 정보"},
    {Message::kVersion, "Version", "버전"},
    {Message::kBuild, "Build", "빌드"},
    {Message::kCommit, "Commit", "커밋"},
    {Message::kPlatform, "Platform", "플랫폼"},
    {Message::kCompiler, "Compiler", "컴파일러"},

    {Message::kHelpUsage, "Usage", "사용법"},
    {Message::kHelpOptions, "Options", "옵션"},
    {Message::kHelpCommands, "Commands", "명령"},
    {Message::kHelpSomeOptions, "options", "옵션"},
    {Message::kHelpSomeCommand, "command", "명령"},
    {Message::kAboutVersionCommand, "Show the version, build and platform of this program",
     "이 프로그램의 버전, 빌드, 플랫폼을 보여 줍니다"},
    {Message::kAboutHelp, "Show this help", "이 도움말을 보여 줍니다"},
    {Message::kAboutVersionOption, "Show the program's name and version",
     "프로그램의 이름과 버전을 보여 줍니다"},
    {Message::kAboutShort, "Show the version alone, such as v1.0.0",
     "버전만 보여 줍니다(예: v1.0.0)"},
    {Message::kAboutOutput, "Output format (default: text)", "출력 형식(기본값: text)"},

    {Message::kUnknownCommand, "unknown command '{}'. Run '{} --help' for the commands.",
     "알 수 없는 명령 '{}'. '{} --help'로 명령 목록을 볼 수 있습니다."},
    {Message::kUnknownCommandDidYouMean,
     "unknown command '{}'; did you mean '{}'? Run '{} --help' for the commands.",
     "알 수 없는 명령 '{}'. 혹시 '{}'인가요? '{} --help'로 명령 목록을 볼 수 있습니다."},
    {Message::kUnknownOption, "unknown option '{}'. Run '{} --help' for the options.",
     "알 수 없는 옵션 '{}'. '{} --help'로 옵션 목록을 볼 수 있습니다."},
    {Message::kUnknownOptionDidYouMean,
     "unknown option '{}'; did you mean '{}'? Run '{} --help' for the options.",
     "알 수 없는 옵션 '{}'. 혹시 '{}'인가요? '{} --help'로 옵션 목록을 볼 수 있습니다."},
    {Message::kUnexpectedArgument,
     "unexpected argument '{}'. Leave it out, or run '{} --help' to see what is accepted.",
     "예상하지 못한 인수 '{}'. 이 인수를 빼거나 '{} --help'로 사용법을 확인하십시오."},
    {Message::kOptionNeedsValue,
     "option '{}' needs a value. Run '{} --help' to see which are accepted.",
     "옵션 '{}'에 값이 필요합니다. '{} --help'로 쓸 수 있는 값을 확인하십시오."},
    {Message::kOptionTakesNoValue,
     "option '{}' takes no value. Leave out the '=' and what follows.",
     "옵션 '{}'에는 값을 줄 수 없습니다. '='부터 뒤를 빼 주십시오."},
    {Message::kOptionsExclude, "options '{}' and '{}' contradict each other. Use only one of them.",
     "옵션 '{}', '{}'은(는) 함께 쓸 수 없습니다. 하나만 쓰십시오."},
    {Message::kUnknownOutputFormat, "unknown output format '{}'. Use 'text' or 'json'.",
     "알 수 없는 출력 형식 '{}'. 'text' 또는 'json'을 쓰십시오."},
    {Message::kBadArguments, "cannot understand the arguments: {}. Run '{} --help' for the usage.",
     "인수를 이해할 수 없습니다: {}. '{} --help'로 사용법을 확인하십시오."},
    {Message::kCannotWrite,
     "cannot write to standard output: {}. Check where the output goes: a full disk, a closed "
     "pipe?",
     "표준 출력에 쓸 수 없습니다: {}. 출력이 가는 곳을 확인하십시오(가득 찬 디스크, 닫힌 파이프 "
     "등)."},
}};

constexpr bool table_is_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].message != static_cast<Message>(i)) return false;
  }
  return true;
}
static_assert(table_is_in_order(), "messages.cc must list its rows in the order of enum Message");

}  // namespace

Language choose_language(std::string_view lc_all, std::string_view lc_messages,
                         std::string_view lang) {
  const std::string_view locale = !lc_all.empty()        ? lc_all
                                  : !lc_messages.empty() ? lc_messages
                                                         : lang;
  const std::string_view language = locale.substr(0, locale.find_first_of("_.@"));
  return language == "ko" ? Language::kKorean : Language::kEnglish;
}

std::string_view text(Message message, Language language) {
  const Row& row = kTable[static_cast<std::size_t>(message)];
  return language == Language::kKorean ? row.korean : row.english;
}

std::string fill(Message message, Language language,
                 std::initializer_list<std::string_view> values) {
  std::string_view rest = text(message, language);
  std::string filled;
  for (const std::string_view value : values) {
    const std::size_t gap = rest.find("{}");
    if (gap == std::string_view::npos) break;
    filled.append(rest.substr(0, gap)).append(value);
    rest.remove_prefix(gap + 2);
  }
  return filled.append(rest);
}

}  // namespace pixelzx::node
