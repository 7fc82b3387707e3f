// SPDX-License-Identifier: Apache-2.0
#include "pack/version_order.h"

#include <algorithm>
#include <compare>

#include "fixed_string.h"

namespace pixelzx::pack {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Nothing before something; numbers by their value, of any length, and before words; words by
/// their bytes.
std::strong_ordering compare_parts(std::string_view left, std::string_view right) {
  if (left.empty() || right.empty()) return right.empty() <=> left.empty();
  if (is_number(left) != is_number(right)) return is_number(right) <=> is_number(left);
  if (!is_number(left)) return left <=> right;
  left.remove_prefix(std::min(left.find_first_not_of('0'), left.size()));
  right.remove_prefix(std::min(right.find_first_not_of('0'), right.size()));
  if (left.size() != right.size()) return left.size() <=> right.size();
  return left <=> right;
}

/// The parts one by one; `missing` stands for those that one of the two lacks.
std::strong_ordering compare_lists(std::string_view left, std::string_view right,
                                   std::string_view missing) {
  while (!left.empty() || !right.empty()) {
    const std::string_view one = left.empty() ? missing : take_until(left, '.');
    const std::string_view other = right.empty() ? missing : take_until(right, '.');
    const auto order = compare_parts(one, other);
    if (std::is_neq(order)) return order;
  }
  return std::strong_ordering::equal;
}

struct Version {
  explicit Version(std::string_view text) {
    if (text.starts_with('v')) text.remove_prefix(1);
    text = text.substr(0, text.find('+'));
    numbers = take_until(text, '-');
    before = text;
  }

  std::string_view numbers;
  std::string_view before;  // rc.1: what comes before the release
};

}  // namespace

bool is_older(std::string_view left, std::string_view right) {
  const Version one(left);
  const Version other(right);
  const auto order = compare_lists(one.numbers, other.numbers, "0");
  if (std::is_neq(order)) return std::is_lt(order);
  if (one.before.empty() || other.before.empty()) {
    return !one.before.empty() && other.before.empty();
  }
  return std::is_lt(compare_lists(one.before, other.before, ""));
}

}  // namespace pixelzx::pack
