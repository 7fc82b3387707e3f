// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pixelzx::node {

enum class Language { kEnglish, kKorean };

/// The language that the locale variables LC_ALL, LC_MESSAGES and LANG ask for, given their values
/// (empty when unset): the first that is not empty decides, as in setlocale(3). Korean for the
/// language `ko` with any territory, encoding or modifier; English for everything else.
Language choose_language(std::string_view lc_all, std::string_view lc_messages,
                         std::string_view lang);

/// Everything the node says to people. The texts stand in messages.cc, in this order.
enum class Phrase {
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
  kHelpArguments,
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

  kAboutConfig,
  kAboutNetwork,
  kAboutChainId,
  kAboutDataDir,
  kAboutKeystoreDir,
  kAboutValidator,
  kAboutPasswordFile,
  kAboutRpcAddress,
  kAboutRpcPort,
  kAboutRpcCors,
  kAboutRpcHosts,
  kAboutRpcRate,
  kAboutMetricsAddress,
  kAboutMetricsPort,
  kAboutWsPort,
  kAboutP2pPort,
  kAboutLogLevel,
  kAboutLogFormat,
  kAboutLogFile,
  kAboutLogFileSize,
  kAboutLogFiles,

  kExpectPath,
  kExpectNetwork,
  kExpectChainId,
  kExpectAddress,
  kExpectListenAddress,
  kExpectPort,
  kExpectList,
  kExpectNumber,
  kExpectPositive,
  kExpectLogFiles,
  kExpectLogLevel,
  kExpectLogFormat,

  kBadSetting,
  kSettingTwice,
  kUnknownSetting,
  kUnknownSettingDidYouMean,
  kOtherChainId,
  kTakenChainId,
  kConfigUnreadable,
  kConfigNotYaml,
  kConfigNotASetting,
  kConfigIsValid,
  kNoDataDir,

  kAskNewPassword,
  kAskPasswordAgain,
  kAskPassword,
  kNoTerminal,
  kNoPassword,
  kPasswordsDiffer,
  kCancelled,
  kPasswordUnreadable,
  kWrongPassword,
  kBadKeyFile,
  kKeystoreUnreadable,
  kCannotCreate,
  kNoRandomNumbers,
  kNotAKey,
  kKnownKey,
  kNewKey,
  kNoKeys,

  kAboutInit,
  kAboutStart,
  kAboutAccount,
  kAboutAccountNew,
  kAboutAccountList,
  kAboutAccountImport,
  kAboutConfigCommand,
  kAboutConfigShow,
  kAboutConfigValidate,
  kAboutExport,
  kAboutImport,
  kAboutHealth,
  kAboutAdmin,
  kAboutAdminStatus,
  kAboutDoctorExporter,
  kAboutGenesis,
  kAboutAlloc,
  kAboutDev,
  kAboutKeyFile,
  kAboutBlocksFile,
  kAboutFirst,
  kAboutLast,
  kMissingArgument,

  kNoChain,
  kChainLocked,
  kOtherChain,
  kOtherFormat,
  kChainDamaged,
  kChainUnusable,
  kChainFailed,
  kGenesisUnreadable,
  kBadGenesis,
  kGenesisOfOtherChain,
  kBadAlloc,
  kNoAlloc,
  kNoValidator,
  kManyValidators,
  kChainBegun,
  kDevAtOnce,
  kDevElsewhere,
  kWantedOtherChain,
  kNoValidatorKey,
  kCannotListen,
  kCannotLog,

  kBadBlockNumber,
  kFileIsThere,
  kCannotExport,
  kExported,
  kCannotImport,
  kImported,
  kImportEnded,
  kInterrupted,

  kNoAnswer,
  kBadAnswer,
  kIsHealthy,
  kIsUnhealthy,
  kNoReport,
  kDoctorTooSlow,
  kCannotServeMetrics,
  kStatusNode,
  kStatusChain,
  kStatusHead,
  kStatusHash,
  kStatusTime,
  kStatusPending,
  kStatusQueued,
  kStatusPeers,
  kStatusUptime,

  kCount,
};

/// The text of `phrase`, with its `{}` still in it.
std::string_view text(Phrase phrase, Language language);

/// The text of `phrase` with each `{}` replaced by the next of `values`, in order.
std::string fill(Phrase phrase, Language language, std::initializer_list<std::string_view> values);

/// What went wrong, why, and what to do: a text and what is in its gaps, in the language of whoever
/// reads it.
struct Failure {
  Phrase phrase{};
  std::vector<std::variant<std::string, Phrase>> values;
};

/// Control characters of the values cannot drive a terminal.
std::string text(const Failure& failure, Language language);

}  // namespace pixelzx::node
