// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "diagnosis.h"

namespace pixelzx::pack {

/// Everything that makes pixelzx-pack give up, beside the diagnoses that it shares with the
/// launcher. The texts stand in messages.cc.
enum class Problem {
  kBadArguments,
  kNotAPair,
  kNotAPlatform,
  kBadDate,

  kCannotRead,
  kEmptyFile,
  kTooLarge,
  kCannotWrite,
  kOutputNotAFile,
  kCannotPrint,
  kOutOfMemory,
  kUnexpected,

  kNotElf,
  kTruncatedProgram,
  kOtherArchitecture,
  kOtherAbi,
  kNewerCpu,
  kObjectFile,
  kSharedLibrary,
  kNotAProgram,
  kDynamic,

  kNotASlicePlatform,
  kPlatformTwice,
  kTooManySlices,
  kTooManyShares,
  kShareTwice,
  kBadShareName,
  kBadProgramName,
  kBadVersion,
  kPrefixAbsent,
  kPrefixNotAlone,
  kPrefixTwice,
  kSelfCheck,

  kInstalledBundle,
  kNoSuchSlice,
  kTarUnreadable,
  kMemberDiffers,
  kBytesAfterEnd,
  kDamagedShare,

  kLauncherNotElf,
  kAlreadyAttached,

  kCount,
};

/// What is wrong, why, and what to do. `{0}`, `{1}`, … stand for the values that PackError holds.
struct ProblemRow {
  Problem problem = Problem::kUnexpected;
  /// 2 for wrong usage, else 1.
  int exit_status = 1;
  /// The diagnosis that a launcher would give, if it got that far.
  std::optional<Cause> cause;
  Text what;
  Text why;
  Text remedy;
};

std::span<const ProblemRow> problem_table();
const ProblemRow& problem_row(Problem problem);

inline constexpr Text kColumnPlatform{"platform", "플랫폼"};
inline constexpr Text kColumnSize{"size", "크기"};
inline constexpr Text kColumnPacked{"packed", "압축 후"};
inline constexpr Text kColumnRatio{"ratio", "압축률"};
inline constexpr Text kColumnPrefix{"prefix", "기준"};
inline constexpr Text kOptions{"options", "옵션"};
inline constexpr Text kFileSize{"bytes in all", "바이트 (전체)"};
inline constexpr Text kOk{"ok", "정상"};

}  // namespace pixelzx::pack
