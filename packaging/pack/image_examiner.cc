// SPDX-License-Identifier: Apache-2.0
#include "pack/image_examiner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "examine.h"
#include "pack/entrypoint.h"
#include "pack/image_files.h"
#include "pack/pack_error.h"
#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

constexpr std::size_t kMostExecutables = 1000;
// A script's interpreters, five deep, a loader, and the users.
constexpr int kMostRounds = 10;

/// The program is for another machine than the image.
constexpr std::array kForeign = {Cause::kWrongArchitecture, Cause::kWrongByteOrder, Cause::kNo32Bit,
                                 Cause::kUncommonAbi,       Cause::kNo64Bit,        Cause::kElfV1,
                                 Cause::kOldArmAbi};
/// It is for a newer CPU than the image promises.
constexpr std::array kTooNew = {Cause::kCpuTooOld, Cause::kArmTooOld, Cause::kNoFloatUnit};
/// What is told of executables besides the entrypoint. Many are no programs at all (libraries, data
/// with the x bit), which is of no consequence.
constexpr std::array kTold = {
    Cause::kInterpreterMissing, Cause::kGlibcOnMusl,    Cause::kMuslOnGlibc,
    Cause::kInterpreterWrong,   Cause::kFloatAbiLoader, Cause::kRiscvFloatAbi,
    Cause::kTruncatedElf,       Cause::kDamagedElf,     Cause::kShebangCrlf,
    Cause::kByteOrderMark,      Cause::kShebangMissing, Cause::kShebangUnrunnable,
    Cause::kShebangArguments,   Cause::kShebangTooLong, Cause::kShebangLoop,
    Cause::kShebangEmpty,       Cause::kGitLfsPointer,  Cause::kCpuTooOld,
    Cause::kArmTooOld,          Cause::kNoFloatUnit,    Cause::kGlibcNeedsLevel};

template <typename List>
bool contains(const List& list, const auto& item) {
  return std::ranges::find(list, item) != list.end();
}

/// Looks at the files that the layers of an image make up.
class Examiner {
 public:
  Examiner(ImageArchive& archive, const Image& image, Progress& progress, ImageReport& report)
      : image_(image),
        language_(archive.language()),
        report_(report),
        files_(archive, image, progress),
        tree_(files_.tree()) {
    machine_of_platform(image.platform, machine_);
  }

  void run() {
    // Content is kept only of files that are looked at, so every round shows which are missing for
    // the next: the interpreter of a script, its loader, ….
    const std::vector<Finding> before = report_.findings;
    for (int round = 0; round < kMostRounds; ++round) {
      report_.findings = before;
      look();
      if (!files_.read_wanted()) return;
    }
  }

 private:
  void look() {
    tree_.set_user(find_user(tree_, image_.user));
    platforms_.clear();
    report_.programs_for.clear();
    look_at_start();
    const std::vector<std::string> paths = tree_.executables(kMostExecutables, report_.executables);
    for (const std::string& path : paths) look_at(path);
    mark_sets();
    if (report_.executables > kMostExecutables) {
      report_.findings.push_back(
          finding_of(Diagnosis(Cause::kTooManyExecutables)
                         .with(Evidence::kDetail,
                               fmt::format("{} / {}", kMostExecutables, report_.executables))));
    }
  }

  std::string layer_of(const std::string& path) { return files_.layer_of(path); }

  void add(Diagnosis diagnosis, Severity severity, const std::string& path,
           const std::string& layer) {
    if (!layer.empty()) diagnosis.with(Evidence::kLayer, layer);
    report_.findings.push_back(
        {.diagnosis = diagnosis, .severity = severity, .path = path, .layer = layer});
  }

  void look_at_start() {
    const Start start = find_start(tree_, image_, language_);
    report_.file = start.file;
    if (start.diagnosis) {
      const std::string layer =
          start.removed_by ? layer_words(image_, *start.removed_by, language_) : "";
      add(*start.diagnosis, diagnosis_row(start.diagnosis->cause()).severity, "", layer);
      return;
    }
    report_.real_path = tree_.real_path(start.file);
    report_.layer = layer_of(start.file);
    Examination seen = examine(tree_, Path(start.file), machine_, language_);
    report_.found = seen.found.view();
    std::string culprit = start.file;
    // What is wrong with a script's interpreter is what matters.
    for (int depth = 0; depth < kMostRounds; ++depth) {
      if (!seen.diagnosis || seen.diagnosis->cause() != Cause::kShebangUnrunnable) break;
      const std::string next(seen.interpreter.view());
      const Examination deeper = examine(tree_, Path(next), machine_, language_);
      const bool foreign =
          deeper.diagnosis && (is_mismatch(deeper.diagnosis->cause()) ||
                               deeper.diagnosis->cause() == Cause::kShebangUnrunnable);
      if (!foreign) break;
      culprit = next;
      seen = deeper;
    }
    if (!seen.diagnosis) return;
    const Diagnosis diagnosis = is_mismatch(seen.diagnosis->cause())
                                    ? mismatch(Cause::kImageWrongArchitecture, culprit, seen)
                                    : *seen.diagnosis;
    add(diagnosis, diagnosis_row(diagnosis.cause()).severity, tree_.real_path(culprit),
        layer_of(culprit));
  }

  static bool is_mismatch(Cause cause) {
    return contains(kForeign, cause) || contains(kTooNew, cause);
  }

  /// The image is for one platform, the file for another.
  [[nodiscard]] Diagnosis mismatch(Cause cause, const std::string& path,
                                   const Examination& seen) const {
    std::string found = seen.platform ? text_of(*seen.platform) : std::string(seen.found.view());
    // `linux/amd64` against `linux/amd64` says nothing: the level or ABI differs.
    if (seen.platform && seen.platform->arch == image_.platform.arch) {
      const EvidenceText needs = seen.diagnosis->evidence(Evidence::kNeeds, language_);
      found = needs.view().starts_with("linux/") ? std::string(seen.found.view()) : needs.view();
    }
    return Diagnosis(cause)
        .with(Evidence::kPath, path)
        .with(Evidence::kFound, found)
        .with(Evidence::kNeeds, text_of(image_.platform));
  }

  void look_at(const std::string& path) {
    const Examination seen = examine(tree_, Path(path), machine_, language_);
    const std::string name(base_name(path));
    if (seen.platform) {
      platforms_[name].insert(text_of(*seen.platform));
      const bool same_name =
          name == base_name(report_.file) || name == base_name(report_.real_path);
      if (!report_.file.empty() && same_name && path != report_.real_path) {
        report_.programs_for.insert(text_of(*seen.platform));
      }
    }
    if (!seen.diagnosis || path == report_.real_path) return;
    const Cause cause = seen.diagnosis->cause();
    if (contains(kForeign, cause)) {
      add(mismatch(Cause::kForeignBinary, path, seen), Severity::kWarning, path, layer_of(path));
    } else if (contains(kTold, cause)) {
      add(*seen.diagnosis, Severity::kWarning, path, layer_of(path));
    }
  }

  /// A program that is there for several platforms is so on purpose.
  void mark_sets() {
    for (Finding& finding : report_.findings) {
      const bool foreign = finding.diagnosis.cause() == Cause::kForeignBinary;
      const auto platforms = platforms_.find(std::string(base_name(finding.path)));
      if (foreign && platforms != platforms_.end() && platforms->second.size() > 1) {
        finding.severity = Severity::kNote;
      }
    }
  }

  const Image& image_;
  Language language_;
  ImageReport& report_;
  ImageFiles files_;
  ImageTree& tree_;
  Machine machine_;
  std::map<std::string, std::set<std::string>> platforms_;  // of the executables, by name
};

}  // namespace

void examine_files(ImageArchive& archive, const Image& image, Progress& progress,
                   ImageReport& report) {
  Examiner(archive, image, progress, report).run();
}

}  // namespace pixelzx::pack
