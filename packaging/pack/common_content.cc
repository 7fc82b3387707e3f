// SPDX-License-Identifier: Apache-2.0
#include "pack/common_content.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <unordered_map>

#include "index.h"

namespace pixelzx::pack {
namespace {

// A program is cut into blocks, which are looked for at every byte of the programs after it, as
// rsync does: whatever is as long as two blocks is found. What is shorter zstd stores well enough.
constexpr std::size_t kBlock = 32;
constexpr std::size_t kShortest = 96;
constexpr std::size_t kLongestContent = kMaxCommonSize / 2;
constexpr std::size_t kWorthwhile = 4096;

/// A hash of kBlock bytes that is cheap to move on by a byte.
class RollingHash {
 public:
  explicit RollingHash(const char* block) {
    for (std::size_t i = 0; i < kBlock; ++i) append(block[i]);
  }

  void roll(char out, char in) {
    value_ -= kHighest * term(out);
    append(in);
  }

  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  static constexpr std::uint64_t kBase = 0x9e3779b97f4a7c15;
  static constexpr std::uint64_t kHighest = [] {
    std::uint64_t power = 1;
    for (std::size_t i = 1; i < kBlock; ++i) power *= kBase;
    return power;
  }();

  static std::uint64_t term(char byte) { return static_cast<unsigned char>(byte) + 1U; }
  void append(char in) { value_ = value_ * kBase + term(in); }

  std::uint64_t value_ = 0;
};

struct Range {
  std::size_t begin;
  std::size_t end;
};

class Search {
 public:
  explicit Search(const std::vector<std::string_view>& programs)
      : programs_(programs), shared_(programs.size()) {
    for (std::size_t i = 0; i < programs.size(); ++i) scan(i);
  }

  [[nodiscard]] std::string content() {
    std::string content;
    for (std::size_t i = 0; i < programs_.size(); ++i) {
      std::ranges::sort(shared_[i], {}, &Range::begin);
      std::size_t end = 0;  // of what is taken
      for (const Range& range : shared_[i]) {
        const std::size_t begin = std::max(range.begin, end);
        if (begin >= range.end) continue;
        const std::size_t room = kLongestContent - content.size();
        content += programs_[i].substr(begin, std::min(range.end - begin, room));
        end = range.end;
      }
    }
    return content;
  }

 private:
  struct Place {
    std::size_t program;
    std::size_t offset;
  };

  /// Finds what earlier programs have of this one; what they have not becomes findable.
  void scan(std::size_t number) {
    const std::string_view program = programs_[number];
    if (program.size() < kBlock) return;
    std::vector<Range> fresh;
    std::size_t covered = 0;  // what is before was found, or is in `fresh`
    std::size_t at = 0;
    RollingHash hash(program.data());
    while (at + kBlock < program.size()) {
      const Range found = share(program, covered, at, hash.value());
      if (found.begin == found.end) {
        hash.roll(program[at], program[at + kBlock]);
        ++at;
        continue;
      }
      fresh.push_back({covered, found.begin});
      covered = at = found.end;
      if (at + kBlock < program.size()) hash = RollingHash(program.data() + at);
    }
    fresh.push_back({covered, program.size()});
    for (const Range& range : fresh) {
      for (std::size_t block = range.begin; block + kBlock <= range.end; block += kBlock) {
        blocks_.try_emplace(RollingHash(program.data() + block).value(), Place{number, block});
      }
    }
  }

  /// The part of `program` around the block at `at`, but not before `covered`, that an earlier one
  /// has as well, and marks it there. Empty when there is none of kShortest bytes.
  Range share(std::string_view program, std::size_t covered, std::size_t at, std::uint64_t hash) {
    const auto found = blocks_.find(hash);
    if (found == blocks_.end()) return {0, 0};
    const std::string_view other = programs_[found->second.program];
    const std::size_t there = found->second.offset;
    const auto ahead =
        std::ranges::mismatch(program.substr(at), other.substr(there)).in1 - program.begin();
    const auto end = static_cast<std::size_t>(ahead);
    if (end < at + kBlock) return {0, 0};
    std::size_t before = 0;
    while (before < std::min(at - covered, there) &&
           program[at - before - 1] == other[there - before - 1]) {
      ++before;
    }
    const Range range{at - before, end};
    if (range.end - range.begin < kShortest) return {0, 0};
    shared_[found->second.program].push_back(
        {there - before, there - before + range.end - range.begin});
    return range;
  }

  const std::vector<std::string_view>& programs_;
  std::unordered_map<std::uint64_t, Place> blocks_;
  std::vector<std::vector<Range>> shared_;  // of each program
};

}  // namespace

std::string common_content(const std::vector<std::string_view>& programs) {
  std::string content = Search(programs).content();
  if (content.size() < kWorthwhile) content.clear();
  return content;
}

}  // namespace pixelzx::pack
