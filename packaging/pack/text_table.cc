// SPDX-License-Identifier: Apache-2.0
#include "pack/text_table.h"

#include <algorithm>

#include "messages.h"

namespace pixelzx::pack {
namespace {

std::string blanks(std::string_view text, std::size_t columns) {
  std::string result;
  result.resize(columns - std::min(columns, terminal_columns(text)), ' ');
  return result;
}

}  // namespace

std::string padded(std::string_view text, std::size_t columns) {
  return std::string(text) + blanks(text, columns);
}

std::string labelled_line(std::string_view label, std::string_view text) {
  constexpr std::size_t kLabelColumns = 15;
  return "  " + padded(label, kLabelColumns) + std::string(text) + "\n";
}

std::string text_of(const Platform& platform) {
  return std::string(to_text(platform).view());
}

std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], terminal_columns(row[i]));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool right =
          std::find(right_aligned_.begin(), right_aligned_.end(), i) != right_aligned_.end();
      if (i > 0) line += "  ";
      line += right ? blanks(row[i], widths[i]) + row[i] : padded(row[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

}  // namespace pixelzx::pack
