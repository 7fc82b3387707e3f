// SPDX-License-Identifier: Apache-2.0
#include "diagnosis.h"

#include <string.h>

namespace pixelzx {
namespace {

constexpr std::array<DiagnosisRow, 16> kTable = {{
    {Cause::kNoSliceForHost,
     126,
     {"this bundle has no program for this machine",
      "이 번들에는 이 컴퓨터에서 실행할 프로그램이 없습니다"},
     {"none of the programs in the bundle runs on {platform}",
      "번들에 있는 프로그램 중 {platform}에서 실행되는 것이 없습니다"},
     {"use a bundle that has {platform}; or, where an emulator such as qemu-user is registered, "
      "start "
      "the program of another platform, slowly, with PIXELZX_PLATFORM=<platform>",
      "{platform}용 프로그램이 든 번들을 사용하십시오. qemu-user 같은 에뮬레이터가 등록되어 있다면 "
      "PIXELZX_PLATFORM=<플랫폼>으로 다른 플랫폼의 프로그램을 (느리지만) 실행할 수 있습니다"}},
    {Cause::kNoBundle,
     127,
     {"no bundle found", "번들을 찾을 수 없습니다"},
     {"the launcher holds no program itself; it needs the file pixelzx.bundle: {detail}",
      "런처에는 프로그램이 들어 있지 않으며 pixelzx.bundle 파일이 필요합니다: {detail}"},
     {"put pixelzx.bundle beside the launcher, or name it: PIXELZX_BUNDLE=/path/to/pixelzx.bundle",
      "pixelzx.bundle을 런처와 같은 폴더에 두거나 PIXELZX_BUNDLE=/경로/pixelzx.bundle로 "
      "지정하십시오"}},
    {Cause::kNotABundle,
     126,
     {"this file is not a bundle", "이 파일은 번들이 아닙니다"},
     {"its first bytes are not those of a bundle's index",
      "파일의 첫 부분이 번들 색인의 형식이 아닙니다"},
     {"check that the path is right, and download or copy the bundle again",
      "경로가 맞는지 확인하고 번들을 다시 내려받거나 복사하십시오"}},
    {Cause::kDamagedIndex,
     126,
     {"the bundle's index is damaged", "번들의 색인이 손상되었습니다"},
     {"the list of programs in the bundle cannot be trusted: {detail}",
      "번들의 프로그램 목록을 신뢰할 수 없습니다: {detail}"},
     {"download or copy the bundle again and compare its checksum with the published one; then "
      "look "
      "at the disk it was on",
      "번들을 다시 내려받거나 복사하여 공개된 체크섬과 비교하고, 저장된 디스크를 점검하십시오"}},
    {Cause::kDamagedSlice,
     126,
     {"a program in the bundle is damaged", "번들 안의 프로그램이 손상되었습니다"},
     {"{slice} does not unpack to what the index promises: {detail}; it was not started",
      "{slice}을(를) 풀었을 때 색인의 내용과 다릅니다: {detail}. 실행하지 않았습니다"},
     {"download or copy the bundle again and compare its checksum with the published one; then "
      "look "
      "at the disk it was on",
      "번들을 다시 내려받거나 복사하여 공개된 체크섬과 비교하고, 저장된 디스크를 점검하십시오"}},
    {Cause::kTruncatedBundle,
     126,
     {"the bundle is cut off", "번들이 중간에 잘렸습니다"},
     {"the file ends before the programs that its index lists: {detail}",
      "색인에 있는 프로그램이 모두 나오기 전에 파일이 끝납니다: {detail}"},
     {"download or copy the bundle again; the last time it did not finish, perhaps for want of "
      "disk "
      "space",
      "번들을 다시 내려받거나 복사하십시오. 지난번에는 디스크 공간 부족 등으로 끝나지 않았습니다"}},
    {Cause::kNewerFormat,
     126,
     {"this bundle needs a newer launcher", "이 번들에는 더 새로운 런처가 필요합니다"},
     {"the bundle is of format {detail}, and this launcher reads format 1",
      "번들은 형식 {detail}이고 이 런처는 형식 1을 읽습니다"},
     {"use the launcher that was published together with this bundle",
      "이 번들과 함께 배포된 런처를 사용하십시오"}},
    {Cause::kContradictedLabel,
     126,
     {"a program in the bundle is not for the platform it is labelled with",
      "번들 안의 프로그램이 표시된 플랫폼용이 아닙니다"},
     {"{slice} is labelled so, but the program is: {detail}; it was not started",
      "{slice}(으)로 표시되어 있지만 실제 프로그램: {detail}. 실행하지 않았습니다"},
     {"this is a mistake of whoever packed the bundle: build the program for {slice} and pack it "
      "again with pixelzx-pack, which refuses such a mix-up",
      "번들을 만든 쪽의 실수입니다. {slice}용 프로그램을 빌드하여 이런 혼동을 거부하는 "
      "pixelzx-pack으로 다시 만드십시오"}},
    {Cause::kPlatformCannotRun,
     126,
     {"PIXELZX_PLATFORM asks for a platform that cannot run here",
      "PIXELZX_PLATFORM이 여기서 실행할 수 없는 플랫폼을 요구합니다"},
     {"PIXELZX_PLATFORM={variable}, and {detail}", "PIXELZX_PLATFORM={variable}: {detail}"},
     {"unset PIXELZX_PLATFORM (or set it to auto), so that the program for this machine is chosen; "
      "look for it in compose files, unit files and shell profiles",
      "PIXELZX_PLATFORM을 해제하거나 auto로 설정하면 이 컴퓨터에 맞는 프로그램이 선택됩니다. "
      "compose 파일, 유닛 파일, 셸 설정에서 찾아보십시오"}},
    {Cause::kBadPlatformVariable,
     126,
     {"PIXELZX_PLATFORM is not a platform", "PIXELZX_PLATFORM이 플랫폼 이름이 아닙니다"},
     {"PIXELZX_PLATFORM={variable} cannot be read as os/arch or os/arch/variant",
      "PIXELZX_PLATFORM={variable}은(는) os/arch 또는 os/arch/variant 형식이 아닙니다"},
     {"unset it, set it to auto, or name a platform such as linux/arm64 or linux/arm/v7",
      "해제하거나 auto로 설정하거나 linux/arm64, linux/arm/v7 같은 플랫폼을 지정하십시오"}},
    {Cause::kSliceNotInstalled,
     126,
     {"the program for this machine is not installed",
      "이 컴퓨터용 프로그램이 설치되어 있지 않습니다"},
     {"the index is of an installed bundle, whose programs lie beside it, and {slice} is not "
      "there, "
      "or is not safe to run: {detail}",
      "설치된 번들의 프로그램은 색인 옆에 있어야 하는데 {slice}이(가) 없거나 실행하기에 안전하지 "
      "않습니다: {detail}"},
     {"install again for this machine, or use the whole bundle",
      "이 컴퓨터에서 다시 설치하거나 전체 번들을 사용하십시오"}},
    {Cause::kNoPlaceToUnpack,
     126,
     {"there is nowhere to unpack the program", "프로그램을 풀 곳이 없습니다"},
     {"neither a cache directory nor memory can hold a program that may be executed",
      "캐시 디렉터리와 메모리 모두 실행 가능한 프로그램을 둘 수 없습니다"},
     {"give it a directory of its own, writable, on a file system mounted without noexec: "
      "PIXELZX_CACHE=/path; or allow memfd (sysctl vm.memfd_noexec below 2, and memfd_create in "
      "the "
      "seccomp profile)",
      "쓰기 가능하고 noexec 없이 마운트된 전용 디렉터리를 PIXELZX_CACHE=/경로로 지정하거나, "
      "memfd를 "
      "허용하십시오 (sysctl vm.memfd_noexec를 2 미만으로, seccomp 프로필에서 memfd_create 허용)"}},
    {Cause::kKernelRefused,
     126,
     {"the kernel refuses to start the program", "커널이 프로그램 실행을 거부합니다"},
     {"it was asked to start {slice}: {detail}", "{slice} 실행을 요청했습니다: {detail}"},
     {"if permission is denied, look at the mount options (noexec), SELinux, fapolicyd and "
      "systemd's "
      "NoExecPaths; PIXELZX_CACHE=/path names another place to run it from",
      "권한이 거부되었다면 마운트 옵션(noexec), SELinux, fapolicyd, systemd의 NoExecPaths를 "
      "확인하십시오. PIXELZX_CACHE=/경로로 실행할 다른 위치를 지정할 수 있습니다"}},
    {Cause::kArgumentsTooLong,
     126,
     {"the argument list is too long", "인수 목록이 너무 깁니다"},
     {"arguments and environment together are larger than the kernel takes (E2BIG)",
      "인수와 환경 변수의 합이 커널이 허용하는 크기를 넘습니다 (E2BIG)"},
     {"pass fewer arguments or a smaller environment, or raise the stack limit (ulimit -s): the "
      "kernel allows a quarter of it",
      "인수나 환경 변수를 줄이거나 스택 제한(ulimit -s)을 늘리십시오. 커널은 그 4분의 1까지 "
      "허용합니다"}},
    {Cause::kBundleUnreadable,
     126,
     {"the bundle cannot be read", "번들을 읽을 수 없습니다"},
     {"{detail}", "{detail}"},
     {"check the permissions of the file and of the folders above it, and the disk",
      "파일과 상위 폴더의 권한, 그리고 디스크를 확인하십시오"}},
    {Cause::kOutOfMemory,
     126,
     {"there is not enough memory to unpack the program",
      "프로그램을 풀기 위한 메모리가 부족합니다"},
     {"unpacking {slice} takes up to 10 MiB beside the program itself, and the system gave none: "
      "{detail}",
      "{slice}을(를) 푸는 데 프로그램 외에 최대 10 MiB가 필요하지만 할당되지 않았습니다: {detail}"},
     {"raise the memory limit of the container, the unit (MemoryMax) or the shell (ulimit -v)",
      "컨테이너, 유닛(MemoryMax) 또는 셸(ulimit -v)의 메모리 제한을 늘리십시오"}},
}};

struct EvidenceRow {
  std::string_view name;  // as `{name}` in the table's texts
  Text label;             // empty: shown only where a text names it
};

constexpr std::array<EvidenceRow, kEvidenceCount> kEvidence = {{
    {"machine", {"this machine", "이 컴퓨터"}},
    {"platform", {"", ""}},
    {"bundle", {"the bundle", "번들"}},
    {"path", {"the file", "파일"}},
    {"offer", {"programs for", "지원 플랫폼"}},
    {"slice", {"", ""}},
    {"detail", {"", ""}},
    {"cache", {"cache", "캐시"}},
    {"memfd", {"memory", "메모리"}},
    {"variable", {"", ""}},
}};

constexpr std::size_t kLabelColumns = 15;

EvidenceText evidence_named(const Diagnosis& diagnosis, std::string_view name, Language language) {
  for (std::size_t i = 0; i < kEvidence.size(); ++i) {
    if (kEvidence[i].name == name) return diagnosis.evidence(static_cast<Evidence>(i), language);
  }
  return {};
}

/// Appends `text` with each `{name}` replaced by that evidence.
void append_filled(MessageText& message, std::string_view text, const Diagnosis& diagnosis,
                   Language language) {
  for (;;) {
    const std::size_t open = text.find('{');
    message.append(text.substr(0, open));
    if (open == std::string_view::npos) return;
    const std::size_t close = text.find('}', open);
    const std::string_view name = text.substr(open + 1, close - open - 1);
    message.append(evidence_named(diagnosis, name, language).view());
    text.remove_prefix(close + 1);
  }
}

void append_label(MessageText& message, std::string_view label) {
  message.append("  ").append(label);
  for (std::size_t used = terminal_columns(label); used < kLabelColumns; ++used)
    message.append(" ");
}

}  // namespace

std::span<const DiagnosisRow> diagnosis_table() {
  return kTable;
}

const DiagnosisRow& diagnosis_row(Cause cause) {
  return *std::ranges::find_if(kTable,
                               [cause](const DiagnosisRow& row) { return row.cause == cause; });
}

Diagnosis& Diagnosis::with(Evidence evidence, std::string_view text) {
  Seen& seen = seen_[static_cast<std::size_t>(evidence)];
  seen = {};
  seen.value.append_printable(text);
  return *this;
}

Diagnosis& Diagnosis::with(Evidence evidence, const Text& phrase, std::string_view value) {
  with(evidence, value);
  seen_[static_cast<std::size_t>(evidence)].phrase = &phrase;
  return *this;
}

Diagnosis& Diagnosis::with_errno(Evidence evidence, std::string_view tried, int error) {
  EvidenceText text(tried);
  text.append(": ").append(strerror(error));
  return with(evidence, text.view());
}

EvidenceText Diagnosis::evidence(Evidence evidence, Language language) const {
  const Seen& seen = seen_[static_cast<std::size_t>(evidence)];
  if (seen.phrase == nullptr) return seen.value;
  const std::string_view phrase = seen.phrase->in(language);
  const std::size_t hole = phrase.find("{}");
  EvidenceText text(phrase.substr(0, hole));
  if (hole != std::string_view::npos) {
    text.append(seen.value.view()).append(phrase.substr(hole + 2));
  }
  return text;
}

MessageText format_diagnosis(const Diagnosis& diagnosis, std::string_view program,
                             Language language) {
  const DiagnosisRow& row = diagnosis_row(diagnosis.cause());
  MessageText message;
  message.append_printable(program).append(": ").append(messages::kCannotStart.in(language));
  message.append(": ").append(row.title.in(language));
  message.append("  [").append(code_of(diagnosis.cause()).view()).append("]\n\n");
  for (std::size_t i = 0; i < kEvidence.size(); ++i) {
    const std::string_view label = kEvidence[i].label.in(language);
    const EvidenceText text = diagnosis.evidence(static_cast<Evidence>(i), language);
    if (label.empty() || text.empty()) continue;
    append_label(message, label);
    message.append(text.view()).append("\n");
  }
  append_label(message, messages::kWhy.in(language));
  append_filled(message, row.why.in(language), diagnosis, language);
  message.append("\n");
  append_label(message, messages::kWhatToDo.in(language));
  append_filled(message, row.remedy.in(language), diagnosis, language);
  return message.append("\n");
}

FixedString<11> code_of(Cause cause) {
  FixedString<11> code("PZX-");
  return code.append_number(static_cast<std::uint64_t>(cause));
}

}  // namespace pixelzx
