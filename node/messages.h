// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace pixelzx::node {

enum class Language { kEnglish, kKorean };

/// The language that the locale variables LC_ALL, LC_MESSAGES and LANG ask for, given their values
/// (empty when unset): the first that is not empty decides, as in setlocale(3). Korean for the
/// language `ko` with any territory, encoding or modifier; English for everything else.
Language choose_language(std::string_view lc_all, std::string_view lc_messages,
                         std::string_view lang);

/// Everything the node says to people. The texts stand in messages.cc, in this order.
enum class Message {
  kVersionTitle,
  kVersion,
  kBuild,
  kCommit,
  kPlatform,
  kCompiler,

  kHelpUsage,
  kHelpOptions,
  kHelpCommands,
  kHelpSomeOptions,
  kHelpSomeCommand,
  kAboutVersionCommand,
  kAboutHelp,
  kAboutVersionOption,
  kAboutShort,
  kAboutOutput,

  kUnknownCommand,
  kUnknownCommandDidYouMean,
  kUnknownOption,
  kUnknownOptionDidYouMean,
  kUnexpectedArgument,
  kOptionNeedsValue,
  kOptionTakesNoValue,
  kOptionsExclude,
  kUnknownOutputFormat,
  kBadArguments,
  kCannotWrite,

  kCount,
};

/// The text of `message`, with its `{}` still in it.
std::string_view text(Message message, Language language);

/// The text of `message` with each `{}` replaced by the next of `values`, in order.
std::string fill(Message message, Language language,
                 std::initializer_list<std::string_view> values);

}  // namespace pixelzx::node
