// SPDX-License-Identifier: Apache-2.0
#include "branch_filter.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>

namespace pixelzx {
namespace {

using Direction = BranchFilter::Direction;

const std::vector<std::string> kPlatforms = {"linux/amd64",   "linux/arm64",   "linux/arm/v7",
                                             "linux/ppc64le", "linux/riscv64", "linux/s390x"};

/// What becomes of `program` when it comes in pieces of `piece` bytes.
std::string converted(const std::string& platform, std::string program, const CodeRange& code,
                      Direction direction, std::size_t piece) {
  BranchFilter filter(*parse_platform(platform), code, direction);
  std::size_t given = 0;
  for (std::size_t done = 0; done < program.size();) {
    given = std::min(given + piece, program.size());
    done += filter.convert(program.data() + done, given - done);
    REQUIRE(done <= given);
    REQUIRE(given - done <= BranchFilter::kMaxRest);
    REQUIRE((given < program.size() || done == given));
  }
  return program;
}

std::string applied(const std::string& platform, const std::string& program) {
  return converted(platform, program, {0, program.size()}, Direction::kApply, program.size());
}

/// Bytes of which many look like the beginning of an instruction that is converted.
std::string like_code(std::size_t size, unsigned seed) {
  constexpr std::string_view kLikely(
      "\xe8\xe9\x48\x4c\x05\x0d\x94\x97\x90\xb0\xf0\xf7\xf8\xff\x48\x4b\x01\xef\x97\x17\x13\xc0"
      "\xc4\xc6\x00\x00",
      26);
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) {
    const auto value = static_cast<unsigned>(random());
    byte =
        (value & 0x300) == 0 ? static_cast<char>(value) : kLikely[(value >> 10) % kLikely.size()];
  }
  return bytes;
}

TEST_CASE("any bytes come back as they were, whatever the pieces", "[branch_filter]") {
  for (const std::string& platform : kPlatforms) {
    CAPTURE(platform);
    REQUIRE(BranchFilter::knows(*parse_platform(platform)));
    for (unsigned seed = 0; seed < 30; ++seed) {
      const std::string program = like_code(3000 + seed, seed);
      const CodeRange code{seed * 7, program.size() - seed * 11};
      const std::string filtered =
          converted(platform, program, code, Direction::kApply, program.size());
      CHECK((filtered != program));
      for (const std::size_t piece :
           {std::size_t{1}, std::size_t{7}, std::size_t{100}, program.size()}) {
        CAPTURE(seed, piece);
        CHECK((converted(platform, program, code, Direction::kApply, piece) == filtered));
        CHECK((converted(platform, filtered, code, Direction::kUndo, piece) == program));
      }
    }
  }
}

TEST_CASE("nothing but the machine code is touched", "[branch_filter]") {
  for (const std::string& platform : kPlatforms) {
    CAPTURE(platform);
    const std::string program = like_code(4000, 1);
    const std::string filtered =
        converted(platform, program, {1000, 2000}, Direction::kApply, program.size());
    CHECK((filtered.substr(0, 1000) == program.substr(0, 1000)));
    CHECK((filtered.substr(3000) == program.substr(3000)));
    CHECK((filtered != program));
    CHECK((converted(platform, program, {}, Direction::kApply, 100) == program));
  }
}

TEST_CASE("machine code of other platforms stays as it is", "[branch_filter]") {
  for (const char* platform : {"linux/386", "linux/mips64le", "linux/loong64", "linux/ppc64"}) {
    CAPTURE(platform);
    CHECK_FALSE(BranchFilter::knows(*parse_platform(platform)));
    const std::string program = like_code(1000, 1);
    CHECK((applied(platform, program) == program));
  }
}

/// Two instructions for one target, as an assembler makes them at `first` and at `second`, and no
/// other instruction around them.
struct Calls {
  const char* platform;
  std::size_t first;
  std::string at_first;
  std::size_t second;
  std::string at_second;
};

std::string bytes(std::initializer_list<unsigned> values) {
  std::string text;
  for (const unsigned value : values) text += static_cast<char>(value);
  return text;
}

TEST_CASE("two calls of one function become the same bytes", "[branch_filter]") {
  // Of `objdump -d`: each target is 0x1000.
  const std::vector<Calls> all = {
      {"linux/amd64", 0x100, bytes({0xe8, 0xfb, 0x0e, 0, 0}), 0x2000,
       bytes({0xe8, 0xfb, 0xef, 0xff, 0xff})},
      // lea 0x…(%rip),%rdi
      {"linux/amd64", 0x100, bytes({0x48, 0x8d, 0x3d, 0xf9, 0x0e, 0, 0}), 0x2000,
       bytes({0x48, 0x8d, 0x3d, 0xf9, 0xef, 0xff, 0xff})},
      {"linux/arm64", 0x100, bytes({0xc0, 0x03, 0, 0x94}), 0x2000, bytes({0, 0xfc, 0xff, 0x97})},
      // adrp x0: the page 0x1000
      {"linux/arm64", 0x100, bytes({0, 0, 0, 0xb0}), 0x2000, bytes({0xe0, 0xff, 0xff, 0xf0})},
      {"linux/arm/v7", 0x100, bytes({0, 0xf0, 0x7e, 0xff}), 0x2000,
       bytes({0xfe, 0xf7, 0xfe, 0xff})},
      {"linux/ppc64le", 0x100, bytes({0x01, 0x0f, 0, 0x48}), 0x2000,
       bytes({0x01, 0xf0, 0xff, 0x4b})},
      // jal
      {"linux/riscv64", 0x100, bytes({0xef, 0x00, 0x10, 0x70}), 0x2000,
       bytes({0xef, 0xf0, 0x0f, 0x80})},
      // auipc a0, addi a0, a0
      {"linux/riscv64", 0x100, bytes({0x17, 0x15, 0, 0, 0x13, 0x05, 0x05, 0xf0}), 0x2000,
       bytes({0x17, 0xf5, 0xff, 0xff, 0x13, 0x05, 0x05, 0x00})},
      // brasl, larl
      {"linux/s390x", 0x100, bytes({0xc0, 0xe5, 0, 0, 0x07, 0x80}), 0x2000,
       bytes({0xc0, 0xe5, 0xff, 0xff, 0xf8, 0})},
      {"linux/s390x", 0x100, bytes({0xc0, 0x20, 0, 0, 0x07, 0x80}), 0x2000,
       bytes({0xc0, 0x20, 0xff, 0xff, 0xf8, 0})},
  };
  for (const Calls& calls : all) {
    CAPTURE(calls.platform, calls.at_first);
    std::string program(0x3000, '\0');
    program.replace(calls.first, calls.at_first.size(), calls.at_first);
    program.replace(calls.second, calls.at_second.size(), calls.at_second);
    const std::string filtered = applied(calls.platform, program);
    CHECK((calls.at_first != calls.at_second));
    CHECK((filtered.substr(calls.first, calls.at_first.size()) ==
           filtered.substr(calls.second, calls.at_second.size())));
  }
}

}  // namespace
}  // namespace pixelzx
