// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "platform.h"

namespace pixelzx::pack {

/// `text` and blanks up to `columns` of a terminal, where a Hangul syllable takes two.
std::string padded(std::string_view text, std::size_t columns);

/// A line of a message: two blanks, `label` in a column of its own, `text`.
std::string labelled_line(std::string_view label, std::string_view text);

/// `linux/arm/v7`
std::string text_of(const Platform& platform);

/// `1,234,567`
std::string grouped(std::uint64_t number);

/// Lines of cells below each other, each column as wide as its widest cell.
class TextTable {
 public:
  /// `right_aligned`: the columns, counted from 0, that hold numbers.
  explicit TextTable(std::vector<std::size_t> right_aligned)
      : right_aligned_(std::move(right_aligned)) {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  /// All lines, each with its line feed.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::size_t> right_aligned_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace pixelzx::pack
