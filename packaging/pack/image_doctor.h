// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "diagnosis.h"
#include "pack/image.h"

namespace pixelzx::pack {

/// A diagnosis of an image.
struct Finding {
  Diagnosis diagnosis;
  Severity severity = Severity::kError;
  /// The culprit, free of links; empty when it is no file of the image.
  std::string path;
  /// The layer that brought the culprit, in words; empty when unknown.
  std::string layer;
};

/// `diagnosis` with the severity of its row.
Finding finding_of(const Diagnosis& diagnosis);

struct ImageReport {
  std::string tag;
  std::string digest;
  std::string platform;            // of the config; of the index where the config cannot be read
  int index = 0;                   // as ListedImage has it
  std::vector<std::string> words;  // Entrypoint and Cmd
  std::string file;                // the program that the first word leads to
  std::string real_path;           // the same, free of links
  std::string found;               // what it is
  std::string layer;               // that brought it
  /// Why it was not looked at; then there are no findings.
  std::string skipped;
  std::vector<Finding> findings;
  /// The platforms that programs in the image with the file's name are for.
  std::set<std::string> programs_for;
  std::size_t executables = 0;
};

struct ArchiveReport {
  std::string archive;
  std::vector<ImageReport> images;
  /// Of the archive as a whole.
  std::vector<Finding> findings;

  /// 1 when there is a finding of severity error, else 0.
  [[nodiscard]] int exit_status() const;
};

/// Examines every image in the archive or folder at `path`, without running anything. Damage is a
/// finding; throws PackError only when the archive cannot be read at all.
ArchiveReport examine_archive(const std::string& path, Language language);

}  // namespace pixelzx::pack
