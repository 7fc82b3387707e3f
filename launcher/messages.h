// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace pixelzx {

enum class Language { kEnglish, kKorean };

/// A text in every language the program speaks.
struct Text {
  std::string_view english;
  std::string_view korean;

  [[nodiscard]] constexpr std::string_view in(Language language) const {
    return language == Language::kKorean ? korean : english;
  }
};

/// The language that the locale asks for: LC_ALL, LC_MESSAGES, LANG, the first that is not empty
/// (locale(7)); null pointers count as empty.
Language locale_language(const char* lc_all, const char* lc_messages, const char* lang);

/// Terminal columns that `text` takes. Of what has three bytes in UTF-8, only Hangul is ever shown.
std::size_t terminal_columns(std::string_view text);

/// What the launcher says besides the diagnosis table. `{}` stands for a value.
namespace messages {

inline constexpr Text kCannotStart = {"cannot start", "시작할 수 없음"};
inline constexpr Text kWhy = {"why", "이유"};
inline constexpr Text kWhatToDo = {"what to do", "해결 방법"};

inline constexpr Text kKernel = {", kernel ", ", 커널 "};
inline constexpr Text kPages = {" KiB pages", " KiB 페이지"};
inline constexpr Text kEmulating = {", emulating ", ", 에뮬레이션 중: "};

inline constexpr Text kNoSuchFile = {"there is no {}", "{} 파일이 없습니다"};
inline constexpr Text kNotAroundLauncher = {
    "it is neither attached to {} nor beside it, nor in ../lib/pixelzx or ../.. from there",
    "{}에 붙어 있지도 않고, 같은 폴더나 거기에서 본 ../lib/pixelzx, ../..에도 없습니다"};
inline constexpr Text kLauncherUnknown = {
    "the launcher cannot find its own file, and so not what lies beside it",
    "런처가 자기 파일의 위치를 알 수 없어 그 주변을 찾지 못합니다"};
inline constexpr Text kForeignBundle = {
    "this is a set-uid start, and the bundle belongs to another user, or others may write to it",
    "set-uid로 시작되었는데 번들이 다른 사용자의 것이거나 다른 사용자가 쓸 수 있습니다"};
inline constexpr Text kFileEndsAt = {"it ends after {} bytes", "{}바이트에서 끝납니다"};

inline constexpr Text kIndexTooLong = {"it is longer than any index", "색인이 너무 깁니다"};
inline constexpr Text kIndexDigest = {"its SHA-256 is not the one at its end",
                                      "SHA-256이 끝에 적힌 값과 다릅니다"};
inline constexpr Text kIndexLine = {"line {} is impossible", "{}번째 줄이 올바르지 않습니다"};
inline constexpr Text kIndexNoSlice = {"it lists no program", "프로그램이 하나도 없습니다"};
inline constexpr Text kIndexOverlap = {"two of its entries share the same bytes",
                                       "두 항목이 같은 바이트를 차지합니다"};

inline constexpr Text kZstdError = {"zstd error {}", "zstd 오류 {}"};
inline constexpr Text kFrameCutOff = {"its frame is cut off", "프레임이 잘렸습니다"};
inline constexpr Text kFrameTooLong = {"there are bytes after its frame",
                                       "프레임 뒤에 남는 바이트가 있습니다"};
inline constexpr Text kSliceTooLarge = {"it is larger than it should be", "크기가 더 큽니다"};
inline constexpr Text kSliceTooSmall = {"it is smaller than it should be", "크기가 더 작습니다"};
inline constexpr Text kSliceDigest = {"its SHA-256 differs", "SHA-256이 다릅니다"};
inline constexpr Text kNotElf = {"not an ELF file", "ELF 파일이 아님"};

inline constexpr Text kMissing = {"missing", "없음"};
inline constexpr Text kUntrusted = {"of the wrong size or owner, or writable by others",
                                    "크기나 소유자가 다르거나 다른 사용자가 쓸 수 있음"};
inline constexpr Text kForeignDirectory = {"belongs to another user, or others may write to it",
                                           "다른 사용자의 것이거나 다른 사용자가 쓸 수 있음"};
inline constexpr Text kNoexec = {"mounted noexec", "noexec로 마운트됨"};
inline constexpr Text kCacheOff = {"off", "꺼짐"};

inline constexpr Text kInterpreterMissing = {
    "what it is started through is not there: an emulator registered without the flag F, or the "
    "loader of a dynamically linked program",
    "실행에 필요한 것이 없습니다: F 플래그 없이 등록된 에뮬레이터이거나 동적 링크 프로그램의 로더"};
inline constexpr Text kNotInBundle = {"the bundle has no program for that platform",
                                      "번들에 그 플랫폼용 프로그램이 없습니다"};
inline constexpr Text kCpuTooOld = {"this CPU is of a lower level", "이 CPU의 등급이 더 낮습니다"};
inline constexpr Text kNoEmulator = {
    "the kernel runs no such program, and no emulator is registered for it",
    "커널이 그런 프로그램을 실행하지 못하고, 등록된 에뮬레이터도 없습니다"};

}  // namespace messages
}  // namespace pixelzx
