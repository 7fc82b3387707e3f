// SPDX-License-Identifier: Apache-2.0
#include "pack/image_doctor.h"

#include <algorithm>

#include "pack/entrypoint.h"
#include "pack/image_examiner.h"
#include "pack/pack_error.h"
#include "pack/progress.h"
#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

/// For use in a handler: adds what `error` is about if that is damage of the image, else throws it
/// again.
void add_damage(const PackError& error, std::vector<Finding>& findings) {
  if (!error.diagnosis() || error.diagnosis()->cause() != Cause::kDamagedImage) throw;
  findings.push_back(finding_of(*error.diagnosis()));
}

struct Candidate {
  const ListedImage* listed = nullptr;
  std::optional<Image> image;  // nothing: it cannot be read
  ImageReport report;
};

ImageReport start_report(const ListedImage& listed) {
  ImageReport report;
  report.tag = listed.tag;
  report.digest = listed.digest;
  report.platform = listed.platform ? text_of(*listed.platform) : "";
  report.index = listed.index;
  return report;
}

/// The configs and manifests of all images. What is no container image is left out.
std::vector<Candidate> read_all(const ImageArchive& archive) {
  std::vector<Candidate> candidates;
  for (const ListedImage& listed : archive.images()) {
    Candidate candidate{.listed = &listed, .image = {}, .report = start_report(listed)};
    ImageReport& report = candidate.report;
    if (archive.lacks(listed)) {
      report.skipped = kNotInArchive.in(archive.language());
      candidates.push_back(std::move(candidate));
      continue;
    }
    try {
      candidate.image = archive.read(listed);
      if (!candidate.image) continue;
      report.platform = text_of(candidate.image->platform);
      report.words = start_words(*candidate.image);
    } catch (const PackError& error) {
      add_damage(error, report.findings);
    }
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

void examine_image(ImageArchive& archive, Candidate& candidate, Progress& progress) {
  const Image& image = *candidate.image;
  ImageReport& report = candidate.report;
  progress.set_task(report.platform);
  if (const auto diagnosis = index_contradiction(*candidate.listed, image)) {
    report.findings.push_back(finding_of(*diagnosis));
  }
  if (image.platform.os.view() != "linux") {
    report.skipped = kOnlyLinux.in(archive.language());
    return;
  }
  try {
    examine_files(archive, image, progress, report);
  } catch (const PackError& error) {
    add_damage(error, report.findings);
  }
}

/// Tells which platforms the images of an index have programs for, while the index lacks them.
void check_missing_platforms(ArchiveReport& report) {
  std::map<int, std::set<std::string>> offered;
  std::map<int, std::set<std::string>> possible;
  const auto arch_of = [](const std::string& platform) {
    const auto parsed = parse_platform(platform);
    return parsed ? std::string(parsed->arch.view()) : platform;
  };
  for (const ImageReport& image : report.images) {
    offered[image.index].insert(arch_of(image.platform));
    possible[image.index].insert(image.programs_for.begin(), image.programs_for.end());
  }
  for (const auto& [index, platforms] : possible) {
    if (index == 0) continue;
    std::string missing;
    for (const std::string& platform : platforms) {
      if (offered[index].contains(arch_of(platform))) continue;
      missing += (missing.empty() ? "" : ", ") + platform;
    }
    if (missing.empty()) continue;
    report.findings.push_back(
        finding_of(Diagnosis(Cause::kPlatformMissing).with(Evidence::kNeeds, missing)));
  }
}

}  // namespace

Finding finding_of(const Diagnosis& diagnosis) {
  return {.diagnosis = diagnosis,
          .severity = diagnosis_row(diagnosis.cause()).severity,
          .path = {},
          .layer = {}};
}

int ArchiveReport::exit_status() const {
  const auto is_error = [](const Finding& finding) { return finding.severity == Severity::kError; };
  const bool bad = std::ranges::any_of(findings, is_error) ||
                   std::ranges::any_of(images, [&is_error](const ImageReport& image) {
                     return std::ranges::any_of(image.findings, is_error);
                   });
  return bad ? 1 : 0;
}

ArchiveReport examine_archive(const std::string& path, Language language) {
  ArchiveReport report{.archive = path, .images = {}, .findings = {}};
  try {
    ImageArchive archive(path, language);
    std::vector<Candidate> candidates = read_all(archive);
    std::uint64_t total = 0;
    for (const Candidate& candidate : candidates) {
      if (!candidate.image) continue;
      for (const Layer& layer : candidate.image->layers) total += layer.size;
    }
    bool any = false;
    {
      Progress progress(2 * total, true);
      for (Candidate& candidate : candidates) {
        if (candidate.image) examine_image(archive, candidate, progress);
        any = any || candidate.report.skipped != kNotInArchive.in(language);
        report.images.push_back(std::move(candidate.report));
      }
    }
    if (!any) {
      report.findings.push_back(finding_of(Diagnosis(Cause::kNotAnImage)
                                               .with(Evidence::kPath, path)
                                               .with(Evidence::kDetail, kHasNoImage.in(language))));
    }
  } catch (const PackError& error) {
    if (error.diagnosis() && error.diagnosis()->cause() == Cause::kNotAnImage) {
      report.findings.push_back(finding_of(*error.diagnosis()));
    } else {
      add_damage(error, report.findings);
    }
  }
  check_missing_platforms(report);
  return report;
}

}  // namespace pixelzx::pack
