// SPDX-License-Identifier: Apache-2.0
#include "node/words.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace pixelzx::node {
namespace {

/// Optimal string alignment distance: the number of slips between `a` and `b`.
std::size_t slips_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) current[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, current);
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], before_last[j - 2] + 1);
      }
    }
  }
  return current[b.size()];
}

/// The length of the UTF-8 character that `bytes` begins with, or 0 when it is none (overlong forms
/// and surrogates are let through: a terminal shows a replacement for them and obeys nothing).
std::size_t utf8_length(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  const std::size_t length = first < 0x80                    ? 1
                             : first >= 0xC2 && first < 0xE0 ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  if (length > bytes.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(bytes[i]) & 0xC0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

std::string_view suggest(std::string_view word, std::span<const std::string> known) {
  constexpr std::size_t kMostSlips = 2;
  std::string_view best;
  std::size_t best_slips = kMostSlips + 1;
  for (const std::string& candidate : known) {
    // Half a word is no slip: `--x` is not a misspelt `--y`.
    const std::size_t letters =
        candidate.size() - std::min(candidate.find_first_not_of('-'), candidate.size());
    const bool begins =
        word.find_first_not_of('-') != std::string_view::npos && candidate.starts_with(word);
    const std::size_t slips = begins ? 0 : slips_between(word, candidate);
    if (slips < best_slips && 2 * slips < letters) {
      best = candidate;
      best_slips = slips;
    }
  }
  return best;
}

std::string escape_controls(std::string_view word) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string safe;
  while (!word.empty()) {
    const auto first = static_cast<unsigned char>(word.front());
    const std::size_t length = utf8_length(word);
    const bool control =
        first < 0x20 || first == 0x7F ||
        (first == 0xC2 && length == 2 && static_cast<unsigned char>(word[1]) < 0xA0);
    const std::size_t taken = std::max<std::size_t>(length, 1);
    for (const char c : word.substr(0, taken)) {
      const auto byte = static_cast<unsigned char>(c);
      if (control || length == 0) {
        safe.append("\\x").append({kHex[byte >> 4], kHex[byte & 0xF]});
      } else {
        safe += c;
      }
    }
    word.remove_prefix(taken);
  }
  return safe;
}

}  // namespace pixelzx::node
