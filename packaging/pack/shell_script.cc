// SPDX-License-Identifier: Apache-2.0
#include "pack/shell_script.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "diagnosis.h"
#include "pack/launchers.h"
#include "pack/pack_error.h"
#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

// Made of packaging/bare_metal by CMake.
constexpr std::string_view kHostScript =
#include "host.sh.inc"
    ;
constexpr std::string_view kExplainScript =
#include "explain.sh.inc"
    ;
constexpr std::string_view kRunScript =
#include "run.sh.inc"
    ;
constexpr std::string_view kInstallScript =
#include "install.sh.inc"
    ;

/// Puts `text` in place of every `mark`.
void replace(std::string& script, std::string_view mark, std::string_view text) {
  for (std::size_t at = script.find(mark); at != std::string::npos;
       at = script.find(mark, at + text.size())) {
    script.replace(at, mark.size(), text);
  }
}

/// `text` as a word in double quotes, in which `{name}` stands for the variable pzx_name.
std::string quoted(std::string_view text) {
  std::string word = "\"";
  for (const char c : text) {
    if (c == '{') {
      word += "${pzx_";
    } else {
      if (std::string_view("\"$`\\").find(c) != std::string_view::npos) word += '\\';
      word += c;
    }
  }
  return word + '"';
}

std::string quoted(Text text, Language language) {
  return quoted(text.in(language));
}

/// In English and in Korean, as pzx_say takes them; `value` in place of `{}`.
std::string both_filled(Text text, std::string_view value) {
  std::string words;
  for (const Language language : {Language::kEnglish, Language::kKorean}) {
    std::string filled(text.in(language));
    replace(filled, "{}", value);
    words += (words.empty() ? "\"" : " \"") + filled + '"';
  }
  return words;
}

std::string both_labels(Text text) {
  std::string words;
  for (const Language language : {Language::kEnglish, Language::kKorean}) {
    std::string label = labelled_line(text.in(language), {});
    label.pop_back();
    words += (words.empty() ? "" : " ") + quoted(label);
  }
  return words;
}

/// As pzx_fail takes it: the code, then title, why and what to do in both languages.
std::string diagnosis_words(Cause cause) {
  const DiagnosisRow& row = diagnosis_row(cause);
  std::string words(code_of(cause).view());
  for (const Language language : {Language::kEnglish, Language::kKorean}) {
    for (const Text text : {row.title, row.why(), row.remedy()}) {
      words += " \\\n    " + quoted(text, language);
    }
  }
  return words;
}

/// A part without the comment that it begins with.
std::string_view body_of(std::string_view script) {
  while (script.starts_with('#')) script.remove_prefix(script.find('\n') + 1);
  while (script.starts_with('\n')) script.remove_prefix(1);
  while (script.ends_with('\n')) script.remove_suffix(1);
  return script;
}

std::string complete(std::string_view script, const Index& index, std::string_view launchers) {
  // It becomes a part of words and of names.
  const bool plain = std::all_of(index.version.begin(), index.version.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("._+~-").find(c) != std::string_view::npos;
  });
  if (!plain) throw PackError(Problem::kBadScriptVersion, {std::string(index.version)});

  std::string text(script);
  replace(text, "# @INCLUDE host.sh@", body_of(kHostScript));
  replace(text, "# @INCLUDE explain.sh@", body_of(kExplainScript));
  replace(text, "    # @LAUNCHERS@\n", launchers);
  replace(text, "@PROGRAM@", index.program);
  replace(text, "@VERSION@", index.version);
  replace(text, "@DOCTOR@", index.doctor ? "yes" : "no");
  replace(text, "@OFFER@", quoted(offer_text(index).view()));
  replace(text, "@LABEL_MACHINE@", both_labels(messages::kThisMachine));
  replace(text, "@LABEL_OFFER@", both_labels(messages::kProgramsFor));
  replace(text, "@LABEL_WHY@", both_labels(messages::kWhy));
  replace(text, "@LABEL_DO@", both_labels(messages::kWhatToDo));
  replace(text, "@PZX_101@", diagnosis_words(Cause::kNoSliceForHost));
  replace(text, "@PZX_105@", diagnosis_words(Cause::kDamagedSlice));
  replace(text, "@PZX_106@", diagnosis_words(Cause::kTruncatedBundle));
  replace(text, "@PZX_306@", diagnosis_words(Cause::kNoexecMount));
  const Text nowhere = diagnosis_row(Cause::kNoPlaceToUnpack).title;
  replace(text, "@PZX_301_TITLE_EN@", quoted(nowhere, Language::kEnglish));
  replace(text, "@PZX_301_TITLE_KO@", quoted(nowhere, Language::kKorean));
  replace(text, "@ENDS_AT@", both_filled(messages::kFileEndsAt, "${pzx_size}"));
  replace(text, "@KERNEL@", both_filled(messages::kKernel, "${pzx_release}"));
  return text;
}

}  // namespace

std::string run_script(const Index& index, const std::vector<LauncherPlace>& launchers,
                       std::uint64_t size) {
  std::string rows;
  for (const LauncherPlace& launcher : launchers) {
    rows += "    " + text_of(launcher.platform) + ") pzx_block=" + std::to_string(launcher.block) +
            " pzx_blocks=" + std::to_string(launcher.blocks) + " pzx_sha256=" + launcher.sha256 +
            " ;;\n";
  }
  std::string script = complete(kRunScript, index, rows);
  replace(script, "@SIZE@", std::to_string(size));
  return script;
}

std::string install_script(const Index& index, const std::vector<std::string>& archs) {
  std::string rows;
  for (const std::string& arch : archs) {
    rows += "    " + text_of(launcher_platform(arch)) + ") launcher=launcher/" +
            launcher_folder(arch) + "/pixelzx ;;\n";
  }
  return complete(kInstallScript, index, rows);
}

}  // namespace pixelzx::pack
