// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>

#include "diagnosis.h"

namespace pixelzx::pack {

/// A text of pixelzx-pack in every language it speaks.
struct PackText {
  std::string_view english;
  std::string_view korean;

  [[nodiscard]] constexpr std::string_view in(Language language) const {
    return language == Language::kKorean ? korean : english;
  }
};

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

  kOutputNotEmpty,
  kBadImageConfig,

  kImageTwice,
  kEntrypointNotAFile,
  kScriptEntrypoint,
  kProgramUnclear,
  kVersionUnclear,
  kMixedImages,
  kBundlesDiffer,
  kNothingInstalled,
  kShareMissing,

  kBadScriptVersion,
  kBadFileName,
  kFileTwice,
  kBadTarballName,

  kKeyExists,
  kKeyNotPrivate,
  kBadPublicKey,
  kBadSecretKey,
  kNoPassphrase,
  kPassphrasesDiffer,
  kWrongPassphrase,
  kBadSignature,
  kOtherKey,
  kForged,
  kVersionUnknown,
  kOlderRelease,

  kNotAReport,
  kNewerReport,
  kReportTooLong,
  kHostTwice,
  kNoReports,
  kReportsLeftOut,

  kCount,
};

/// What is wrong, why, and what to do. `{0}`, `{1}`, … stand for the values that PackError holds.
struct ProblemRow {
  Problem problem = Problem::kUnexpected;
  /// 2 for wrong usage, else 1.
  int exit_status = 1;
  /// The diagnosis that a launcher would give, if it got that far.
  std::optional<Cause> cause;
  PackText what;
  PackText why;
  PackText remedy;
};

std::span<const ProblemRow> problem_table();
const ProblemRow& problem_row(Problem problem);

inline constexpr PackText kColumnPlatform{"platform", "플랫폼"};
inline constexpr PackText kColumnSize{"size", "크기"};
inline constexpr PackText kColumnPacked{"packed", "압축 후"};
inline constexpr PackText kColumnRatio{"ratio", "압축률"};
inline constexpr PackText kColumnPrefix{"prefix", "기준"};
inline constexpr PackText kColumnPull{"bytes to pull", "내려받을 바이트"};
inline constexpr PackText kColumnDigest{"digest", "다이제스트"};
inline constexpr PackText kOptions{"options", "옵션"};
inline constexpr PackText kFileSize{"bytes in all", "바이트 (전체)"};
/// Bytes, seconds, megabytes in a second, threads.
inline constexpr PackText kEffort{"compressed {} bytes in {:.1f} s, {:.2f} MB/s, {} threads\n",
                                  "{}바이트를 {:.1f}초 만에 압축함, {:.2f}MB/s, 스레드 {}개\n"};
inline constexpr PackText kOk{"ok", "정상"};

// What can be wrong with the bytes of an image; `{}` stands for what was seen.
inline constexpr PackText kFaultUndecodable{"it cannot be decoded: {}", "풀 수 없습니다: {}"};
inline constexpr PackText kFaultTooLong{"it unpacks to more than 128 GiB",
                                        "압축을 풀면 128 GiB가 넘습니다"};
inline constexpr PackText kFaultMissing{"the archive has no {}", "아카이브에 {}이(가) 없습니다"};
inline constexpr PackText kFaultDocumentTooLong{"{} is longer than 4 MiB",
                                                "{}이(가) 4 MiB보다 깁니다"};
inline constexpr PackText kFaultArchive{"the archive is damaged or cut off: {}",
                                        "아카이브가 손상되었거나 잘렸습니다: {}"};
inline constexpr PackText kFaultCutOff{"the archive ends inside {}",
                                       "아카이브가 {} 안에서 끝납니다"};
inline constexpr PackText kFaultDigestForm{
    "'{}' is not a digest of the form sha256:<64 hexadecimal digits>",
    "'{}'은(는) sha256:<16진수 64자리> 형식의 다이제스트가 아닙니다"};
inline constexpr PackText kFaultPlatform{"'{}' is not a platform", "'{}'은(는) 플랫폼이 아닙니다"};
inline constexpr PackText kFaultNoArchitecture{"the config names no os and architecture",
                                               "설정에 os와 architecture가 없습니다"};
inline constexpr PackText kFaultLayerCount{
    "the config and the manifest count different numbers of layers: {}",
    "설정과 매니페스트의 레이어 수가 다릅니다: {}"};
inline constexpr PackText kFaultTooManyImages{
    "it lists more than 1,000 images, or indexes too deep",
    "이미지가 1,000개를 넘거나 색인이 너무 깊습니다"};
inline constexpr PackText kFaultTooManyLayers{"it has more than 500 layers",
                                              "레이어가 500개를 넘습니다"};
inline constexpr PackText kFaultSize{"{} has another size than its descriptor says",
                                     "{}의 크기가 설명과 다릅니다"};
inline constexpr PackText kFaultDigest{"the SHA-256 of {} is not the one in its name",
                                       "{}의 SHA-256이 이름과 다릅니다"};
inline constexpr PackText kFaultBlobDigest{"the blob's SHA-256 is {}, not the one in its name",
                                           "블롭의 SHA-256이 이름과 달리 {}입니다"};
inline constexpr PackText kFaultDiffId{
    "unpacked, the layer's SHA-256 is {}, not the config's diff_id",
    "압축을 푼 레이어의 SHA-256이 설정의 diff_id와 달리 {}입니다"};
inline constexpr PackText kFaultJson{"{} is not JSON of the right form",
                                     "{}은(는) 올바른 형식의 JSON이 아닙니다"};
inline constexpr PackText kFaultJsonType{"the member '{}' is of the wrong type",
                                         "'{}' 항목의 형식이 올바르지 않습니다"};
inline constexpr PackText kFaultLeadsOut{"a path leads out of the image: {}",
                                         "이미지 밖을 가리키는 경로가 있습니다: {}"};
inline constexpr PackText kFaultLongPath{"a path is longer than Linux allows: {}…",
                                         "경로가 리눅스의 한도보다 깁니다: {}…"};
inline constexpr PackText kFaultTooManyEntries{"the image has more than 1,000,000 files",
                                               "이미지에 파일이 1,000,000개를 넘습니다"};
inline constexpr PackText kFaultLinkLoop{"symbolic links go in a circle on the way to {}",
                                         "{}에 이르는 심볼릭 링크가 순환합니다"};
inline constexpr PackText kFaultHardlink{"a hard link leads to {}, which is not there",
                                         "하드 링크가 없는 파일 {}을(를) 가리킵니다"};

// What can be wrong with the config that images shall have.
inline constexpr PackText kFaultUnknownMember{
    "'{}' is not one of Cmd, Env, ExposedPorts, Healthcheck, Labels, StopSignal, Volumes and "
    "WorkingDir",
    "'{}'은(는) Cmd, Env, ExposedPorts, Healthcheck, Labels, StopSignal, Volumes, WorkingDir 중 "
    "하나가 아닙니다"};
inline constexpr PackText kFaultOwnPath{"'{}': PATH leads to the launchers and is set already",
                                        "'{}': PATH는 런처를 가리키도록 이미 정해져 있습니다"};
inline constexpr PackText kFaultNotAbsolute{"'{}' does not begin with a slash",
                                            "'{}'이(가) 슬래시로 시작하지 않습니다"};

// Why something is no image.
inline constexpr PackText kIsNoTar{"it is not a tar archive", "tar 아카이브가 아닙니다"};
inline constexpr PackText kHasNoIndex{"it has neither index.json nor manifest.json",
                                      "index.json도 manifest.json도 없습니다"};
inline constexpr PackText kHasTooManyMembers{"it has more than 100,000 members",
                                             "항목이 100,000개를 넘습니다"};
inline constexpr PackText kHasNoImage{"it lists no container image", "컨테이너 이미지가 없습니다"};
inline constexpr PackText kIsBundle{"it is a PIXELZX bundle; pixelzx-pack verify checks those",
                                    "PIXELZX 번들입니다. pixelzx-pack verify로 검사하십시오"};
inline constexpr PackText kIsRootFilesystem{
    "it is a root file system, as docker export writes it; docker save writes images",
    "docker export가 만든 루트 파일 시스템입니다. 이미지는 docker save로 만듭니다"};

// What `doctor` says beside the diagnoses.
inline constexpr PackText kNotInPath{"it is in no folder of PATH ({})",
                                     "PATH의 어느 폴더에도 없습니다 ({})"};
inline constexpr PackText kLeadsNowhere{"a link leads nowhere: {}",
                                        "링크가 가리키는 파일이 없습니다: {}"};
inline constexpr PackText kWasRemoved{"a later layer removes it (whiteout)",
                                      "뒤의 레이어가 삭제했습니다 (whiteout)"};
inline constexpr PackText kNothingThere{"nothing is there", "아무것도 없습니다"};
inline constexpr PackText kLayerOf{"{0} of {1}, {2}", "{1}개 중 {0}번째, {2}"};
inline constexpr PackText kNotInArchive{"not in this archive", "이 아카이브에 없음"};
inline constexpr PackText kOnlyLinux{"not examined: only images for Linux are",
                                     "검사하지 않음: 리눅스 이미지만 검사합니다"};
inline constexpr PackText kOnlyLinuxImported{"left out: bundles are for Linux",
                                             "제외함: 번들은 리눅스용입니다"};
inline constexpr PackText kNone{"none", "없음"};
inline constexpr PackText kUnknownPlatform{"unknown platform", "알 수 없는 플랫폼"};
inline constexpr PackText kStarts{"starts", "시작 파일"};
inline constexpr PackText kIts{"it is", "종류"};
inline constexpr PackText kLayerLabel{"layer", "레이어"};
inline constexpr PackText kSeen{"seen", "확인된 것"};
inline constexpr PackText kAlso{"also", "그 밖에"};
inline constexpr PackText kAlsoFor{"also carries", "다른 플랫폼"};
inline constexpr PackText kAndMore{"and {} more", "외 {}개"};

// Why something is no report of the doctor's.
inline constexpr PackText kFaultReportNoJson{"it is not JSON", "JSON이 아닙니다"};
inline constexpr PackText kFaultReportCutOff{
    "its JSON ends in the middle: it was not written or copied to the end",
    "JSON이 중간에 끝납니다. 끝까지 쓰거나 복사하지 못한 파일입니다"};
inline constexpr PackText kFaultReportOther{
    "it is JSON, but has not what `pixelzx doctor --json` prints: schema_version, host, findings",
    "JSON이지만 `pixelzx doctor --json`이 출력하는 schema_version, host, findings가 없습니다"};

// What `fleet` says, on the terminal and on its page.
inline constexpr PackText kFleet{"Fleet", "호스트 현황"};
/// Hosts, reports left out.
inline constexpr PackText kFleetSummary{"hosts: {}, reports left out: {}",
                                        "호스트 {}대, 제외한 보고서 {}개"};
inline constexpr PackText kFleetFrom{"What pixelzx doctor has reported of each host.",
                                     "각 호스트에서 pixelzx doctor가 보고한 내용입니다."};
inline constexpr PackText kFleetBundle{"Slices are chosen from {0} {1}, {2} bytes.",
                                       "슬라이스는 {0} {1} ({2}바이트)에서 골랐습니다."};
inline constexpr PackText kHosts{"hosts", "호스트"};
inline constexpr PackText kAllHosts{"all hosts", "모든 호스트"};
inline constexpr PackText kUnserved{"no slice runs there", "맞는 슬라이스 없음"};
inline constexpr PackText kUnservedHosts{"hosts that no slice serves",
                                         "맞는 슬라이스가 없는 호스트"};
inline constexpr PackText kWithErrors{"with errors", "오류 있음"};
inline constexpr PackText kInEmulation{"in emulation", "에뮬레이션"};
inline constexpr PackText kLeftOut{"reports left out", "제외한 보고서"};
inline constexpr PackText kPlatforms{"platforms", "플랫폼"};
inline constexpr PackText kPageSize{"page size", "페이지 크기"};
inline constexpr PackText kEmulation{"emulation", "에뮬레이션"};
inline constexpr PackText kNativeHost{"native", "네이티브"};
inline constexpr PackText kEmulatedHost{"emulated", "에뮬레이션"};
inline constexpr PackText kNotKnown{"not known", "알 수 없음"};
inline constexpr PackText kProblems{"problems", "문제"};
inline constexpr PackText kNoProblems{"No host has reported a problem.",
                                      "문제를 보고한 호스트가 없습니다."};
inline constexpr PackText kExplainProblem{"What to do: {}", "해결 방법: {}"};
inline constexpr PackText kCode{"code", "코드"};
inline constexpr PackText kSeverity{"severity", "심각도"};
/// By Severity.
inline constexpr std::array<PackText, 3> kSeverityNames = {
    {{"note", "참고"}, {"warning", "경고"}, {"error", "오류"}}};
inline constexpr PackText kWhatIsWrong{"what is wrong", "무엇이 문제인가"};
inline constexpr PackText kHost{"host", "호스트"};
inline constexpr PackText kReport{"report", "보고서"};
inline constexpr PackText kSlice{"slice", "슬라이스"};
inline constexpr PackText kSlices{"slices", "슬라이스"};
inline constexpr PackText kInBundle{"in the bundle", "번들에서"};
inline constexpr PackText kNeeded{"needed", "필요함"};
inline constexpr PackText kNeededAsBase{"needed to unpack others",
                                        "다른 슬라이스를 푸는 데 필요함"};
inline constexpr PackText kNotNeeded{"no host needs it", "필요한 호스트 없음"};
/// The platforms, bytes less, bytes of the smaller bundle, bytes now.
inline constexpr PackText kSmallerBundle{
    "No host needs {0}. A bundle of the others is about {1} bytes smaller: {2} instead of {3}.",
    "{0}이(가) 필요한 호스트가 없습니다. 나머지만 담은 번들은 약 {1}바이트 작습니다: {3} 대신 "
    "{2}바이트."};
inline constexpr PackText kAllNeeded{"Some host needs each slice of the bundle.",
                                     "번들의 모든 슬라이스에 필요한 호스트가 있습니다."};

}  // namespace pixelzx::pack
