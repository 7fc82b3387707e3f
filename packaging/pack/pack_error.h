// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <vector>

#include "pack/messages.h"

namespace pixelzx::pack {

/// The one exception of pixelzx-pack: a problem and what was seen of it, thrown where it is known
/// and printed in main.
class PackError : public std::exception {
 public:
  explicit PackError(Problem problem, std::vector<std::string> values = {});
  /// The file at `path` has a fault for which the launcher has a diagnosis.
  PackError(const std::string& path, const Diagnosis& diagnosis);

  /// What is wrong, in one line of English.
  [[nodiscard]] const char* what() const noexcept override { return english_.c_str(); }
  [[nodiscard]] int exit_status() const { return exit_status_; }

  /// The launcher's diagnosis, if it is one.
  [[nodiscard]] const std::optional<Diagnosis>& diagnosis() const { return diagnosis_; }

  struct Words {
    std::string what;
    std::string why;
    std::string remedy;
  };
  /// What there is to say, part by part.
  [[nodiscard]] Words words(Language language) const;
  /// The same in several lines, with the code of the launcher's diagnosis.
  [[nodiscard]] std::string message(Language language) const;

 private:
  Problem problem_ = Problem::kUnexpected;
  std::vector<std::string> values_;
  std::optional<Diagnosis> diagnosis_;
  std::optional<Cause> cause_;
  int exit_status_ = 1;
  std::string english_;
};

/// Throws kCannotRead or kCannotWrite for `path` with errno's text.
[[noreturn]] void throw_errno(Problem problem, const std::string& path);

/// `text` made safe for one line of a terminal: control bytes become `\xNN`.
std::string printable(std::string_view text);

}  // namespace pixelzx::pack
