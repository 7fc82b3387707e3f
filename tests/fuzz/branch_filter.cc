// SPDX-License-Identifier: Apache-2.0
//
// The filter for machine code: whatever a frame decodes to, in pieces of whatever size. The input
// is the number of an architecture, where the code begins and ends, the size of pieces, and a
// program.
#include "branch_filter.h"

#include <array>

#include "fuzz.h"

namespace pixelzx::fuzz {
namespace {

constexpr std::array<std::string_view, 7> kPlatforms = {
    "linux/amd64",   "linux/arm64", "linux/arm/v7", "linux/riscv64",
    "linux/ppc64le", "linux/s390x", "linux/386"};

/// As unpack.cc does: what is left over stands before the next piece.
std::string converted(std::string_view program, std::size_t piece, BranchFilter filter) {
  std::string result;
  std::size_t rest = 0;
  for (std::size_t at = 0; at < program.size() || rest > 0;) {
    const std::size_t more = std::min(piece, program.size() - at);
    // An allocation of its own, of just that size.
    std::vector<char> bytes(program.begin() + static_cast<std::ptrdiff_t>(at - rest),
                            program.begin() + static_cast<std::ptrdiff_t>(at + more));
    const std::size_t done = filter.convert(bytes.data(), bytes.size());
    require(done <= bytes.size() && bytes.size() - done <= BranchFilter::kMaxRest);
    // What is not done yet has not been touched.
    require(std::equal(bytes.begin() + static_cast<std::ptrdiff_t>(done), bytes.end(),
                       program.begin() + static_cast<std::ptrdiff_t>(at - rest + done)));
    result.append(bytes.data(), done);
    rest = bytes.size() - done;
    at += more;
    if (more == 0) break;  // the program ends within an instruction
  }
  return result;
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  constexpr std::size_t kHeader = 4;
  if (size < kHeader) return 0;
  const std::string_view program = fuzz::text_of(data + kHeader, size - kHeader);
  const Platform platform = *parse_platform(fuzz::kPlatforms[data[0] % fuzz::kPlatforms.size()]);
  CodeRange code;
  code.offset = std::min<std::size_t>(data[1], program.size());
  code.size = program.size() - code.offset;
  code.size -= std::min<std::uint64_t>(data[2], code.size);
  using Direction = BranchFilter::Direction;
  const std::size_t piece = std::size_t{data[3]} + BranchFilter::kMaxRest + 1;
  const std::string applied =
      fuzz::converted(program, program.size() + 1, BranchFilter(platform, code, Direction::kApply));
  const std::string in_pieces =
      fuzz::converted(program, piece, BranchFilter(platform, code, Direction::kApply));
  fuzz::require(in_pieces == applied);
  const std::string undone =
      fuzz::converted(applied, piece, BranchFilter(platform, code, Direction::kUndo));
  fuzz::require(undone == program);
  return 0;
}
