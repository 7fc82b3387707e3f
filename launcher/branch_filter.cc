// SPDX-License-Identifier: Apache-2.0
#include "branch_filter.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include <algorithm>
#include <array>
#include <bit>

namespace pixelzx {
namespace {

using Direction = BranchFilter::Direction;

// Distances are bits of an instruction that never decide what instruction it is, so that both
// directions see the same ones. All arithmetic wraps around.

std::uint32_t read_le(const unsigned char* bytes) {
  return bytes[0] | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 |
         std::uint32_t{bytes[3]} << 24;
}

void write_le(unsigned char* bytes, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes[i] = static_cast<unsigned char>(value >> 8 * i);
}

/// The bits `field` of `word`, plus or minus `position`.
std::uint32_t moved(std::uint32_t word, std::uint32_t field, std::uint32_t position,
                    Direction direction) {
  const std::uint32_t sum = direction == Direction::kApply ? word + position : word - position;
  return (word & ~field) | (sum & field);
}

/// True where an instruction that convert_amd64 knows may begin; looks at three bytes.
bool may_begin_amd64(const unsigned char* code) {
  return (code[0] & 0xfe) == 0xe8 || ((code[2] & 0xc7) == 0x05 && (code[0] & 0xf0) == 0x40);
}

constexpr std::size_t kLongestAmd64 = 7;

/// The first such place from `at`, or one from which fewer than kLongestAmd64 bytes are left.
std::size_t find_amd64(const unsigned char* code, std::size_t at, std::size_t size) {
#if defined(__SSE2__)  // every amd64 has it
  const auto bytes_at = [code](std::size_t place) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(code + place));  // NOLINT
  };
  const auto are = [](__m128i bytes, int mask, int value) {
    return _mm_cmpeq_epi8(_mm_and_si128(bytes, _mm_set1_epi8(static_cast<char>(mask))),
                          _mm_set1_epi8(static_cast<char>(value)));
  };
  for (; at + 18 <= size; at += 16) {
    const __m128i first = bytes_at(at);
    const __m128i rex = _mm_and_si128(are(first, 0xf0, 0x40), are(bytes_at(at + 2), 0xc7, 0x05));
    const int found = _mm_movemask_epi8(_mm_or_si128(are(first, 0xfe, 0xe8), rex));
    if (found != 0)
      return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(found)));
  }
#endif
  while (at + kLongestAmd64 <= size && !may_begin_amd64(code + at)) ++at;
  return at;
}

/// CALL and JMP rel32, and instructions with a REX prefix that address memory by RIP (Intel SDM
/// volume 2: E8, E9; REX opcode ModRM with mod 0 and r/m 5).
std::size_t convert_amd64(unsigned char* code, std::size_t size, std::uint32_t position,
                          Direction direction) {
  // No length decoder, so much that is no instruction looks like one. Only distances to within the
  // first 32 MiB become addresses, and those that would look like such an address take the place of
  // what these leave: a rotation of the numbers from -position to kReach.
  constexpr std::int32_t kReach = 1 << 25;
  std::size_t at = find_amd64(code, 0, size);
  for (; at + kLongestAmd64 <= size; at = find_amd64(code, at, size)) {
    std::size_t operand = at + 1;
    if ((code[at] & 0xfe) != 0xe8) {
      if ((code[at + 1] & 0xfe) == 0xe8) {  // which would make it a byte that is converted
        ++at;
        continue;
      }
      operand = at + 3;
    }
    auto value = static_cast<std::int32_t>(read_le(code + operand));
    const auto here = static_cast<std::int32_t>(position + operand + 4);
    if (here < kReach) {
      if (direction == Direction::kApply) {
        if (value >= -here && value < kReach) {
          value += value < kReach - here ? here : -kReach;
        }
      } else if (value >= -here && value < kReach) {
        value += value < 0 ? kReach : -here;
      }
    }
    write_le(code + operand, static_cast<std::uint32_t>(value));
    at = operand + 4;
  }
  return at;
}

/// BL and ADRP (Arm ARM, C6.2).
std::size_t convert_arm64(unsigned char* code, std::size_t size, std::uint32_t position,
                          Direction direction) {
  std::size_t at = 0;
  for (; at + 4 <= size; at += 4) {
    const std::uint32_t here = position + static_cast<std::uint32_t>(at);
    std::uint32_t word = read_le(code + at);
    if ((word & 0xfc000000) == 0x94000000) {
      word = moved(word, 0x03ffffff, here >> 2, direction);
    } else if ((word & 0x9f000000) == 0x90000000) {
      // 21 bits, the lowest two in front of the others.
      const std::uint32_t page =
          moved((word >> 3 & 0x1ffffc) | (word >> 29 & 3), ~0U, here >> 12, direction);
      word = (word & 0x9f00001f) | (page & 0x1ffffc) << 3 | (page & 3) << 29;
    } else {
      continue;
    }
    write_le(code + at, word);
  }
  return at;
}

/// BL in Thumb code, to within 4 MiB (Arm ARM for ARMv7, A8.8.25, with J1 and J2 set).
std::size_t convert_thumb(unsigned char* code, std::size_t size, std::uint32_t position,
                          Direction direction) {
  std::size_t at = 0;
  for (; at + 4 <= size; at += 2) {
    const std::uint32_t word = read_le(code + at);
    if ((word & 0xf800f800) != 0xf800f000) continue;
    const std::uint32_t here = position + static_cast<std::uint32_t>(at);
    const std::uint32_t target =
        moved((word & 0x7ff) << 11 | (word >> 16 & 0x7ff), ~0U, here >> 1, direction);
    write_le(code + at, 0xf800f000 | (target >> 11 & 0x7ff) | (target & 0x7ff) << 16);
    at += 2;
  }
  return at;
}

/// BL (Power ISA, book I, 2.4).
std::size_t convert_ppc64le(unsigned char* code, std::size_t size, std::uint32_t position,
                            Direction direction) {
  std::size_t at = 0;
  for (; at + 4 <= size; at += 4) {
    const std::uint32_t word = read_le(code + at);
    if ((word & 0xfc000003) != 0x48000001) continue;
    const std::uint32_t here = position + static_cast<std::uint32_t>(at);
    write_le(code + at, moved(word, 0x03fffffc, here & ~3U, direction));
  }
  return at;
}

/// JAL to the link register, and AUIPC with an I-type instruction that adds to it (RISC-V
/// unprivileged ISA, 2.5, 2.4).
std::size_t convert_riscv64(unsigned char* code, std::size_t size, std::uint32_t position,
                            Direction direction) {
  std::size_t at = 0;
  while (at + 8 <= size) {
    const std::uint32_t here = position + static_cast<std::uint32_t>(at);
    std::uint32_t word = read_le(code + at);
    if ((word & 3) != 3) {  // a compressed instruction
      at += 2;
      continue;
    }
    if ((word & 0xfff) == 0x0ef) {
      // imm[20|10:1|11|19:12], as imm[20:1] when it is an address.
      const bool apply = direction == Direction::kApply;
      std::uint32_t target = apply ? (word >> 31 & 1) << 19 | (word >> 12 & 0xff) << 11 |
                                         (word >> 20 & 1) << 10 | (word >> 21 & 0x3ff)
                                   : word >> 12;
      target = moved(target, 0xfffff, here >> 1, direction);
      word &= 0xfff;
      word |= apply ? target << 12
                    : (target >> 19 & 1) << 31 | (target >> 11 & 0xff) << 12 |
                          (target >> 10 & 1) << 20 | (target & 0x3ff) << 21;
      write_le(code + at, word);
    } else if ((word & 0x7f) == 0x17) {
      std::uint32_t next = read_le(code + at + 4);
      constexpr std::array<unsigned char, 5> kImmediate{0x03, 0x07, 0x13, 0x1b, 0x67};
      const bool adds = (next >> 15 & 31) == (word >> 7 & 31) &&
                        std::ranges::find(kImmediate, next & 0x7f) != kImmediate.end();
      if (adds) {
        // The low part is signed.
        const std::uint32_t low = (next >> 20 ^ 0x800) - 0x800;
        const std::uint32_t target = moved((word & 0xfffff000) + low, ~0U, here, direction);
        write_le(code + at, (word & 0xfff) | ((target + 0x800) & 0xfffff000));
        write_le(code + at + 4, (next & 0xfffff) | target << 20);
        at += 4;
      }
    }
    at += 4;
  }
  return at;
}

/// Six-byte instructions of the formats RIL-b and RIL-c: LARL, BRASL, BRCL, and the relative loads,
/// stores and comparisons (z/Architecture Principles of Operation, opcodes C0, C4, C6).
std::size_t convert_s390x(unsigned char* code, std::size_t size, std::uint32_t position,
                          Direction direction) {
  std::size_t at = 0;
  while (at + 6 <= size) {
    unsigned char* instruction = code + at;
    const unsigned opcode = instruction[0];
    if (opcode < 0xc0) {  // the first two bits have the length
      at += opcode < 0x40 ? 2 : 4;
      continue;
    }
    constexpr unsigned kC0 = 1U << 0 | 1U << 4 | 1U << 5;
    if (opcode == 0xc4 || opcode == 0xc6 ||
        (opcode == 0xc0 && (kC0 >> (instruction[1] & 15) & 1) != 0)) {
      std::reverse(instruction + 2, instruction + 6);
      write_le(instruction + 2, moved(read_le(instruction + 2), ~0U,
                                      (position + static_cast<std::uint32_t>(at)) >> 1, direction));
      std::reverse(instruction + 2, instruction + 6);
    }
    at += 6;
  }
  return at;
}

struct Row {
  std::string_view arch;
  BranchFilter::Convert convert;
};

constexpr std::array kRows{
    Row{"amd64", convert_amd64},     Row{"arm64", convert_arm64},     Row{"arm", convert_thumb},
    Row{"ppc64le", convert_ppc64le}, Row{"riscv64", convert_riscv64}, Row{"s390x", convert_s390x},
};

BranchFilter::Convert find_convert(const Platform& platform) {
  const auto* row = std::ranges::find(kRows, platform.arch.view(), &Row::arch);
  return row == kRows.end() ? nullptr : row->convert;
}

}  // namespace

BranchFilter::BranchFilter(const Platform& platform, const CodeRange& code, Direction direction)
    : convert_(find_convert(platform)), code_(code), direction_(direction) {}

std::size_t BranchFilter::convert(char* bytes, std::size_t size) {
  const std::uint64_t begin = std::max(code_.offset, position_);
  const std::uint64_t code_end = code_.offset + code_.size;
  const std::uint64_t end = std::min(code_end, position_ + size);
  std::size_t done = size;
  if (convert_ != nullptr && begin < end) {
    const auto before = static_cast<std::size_t>(begin - position_);
    auto* code = reinterpret_cast<unsigned char*>(bytes) + before;  // NOLINT
    const std::size_t converted = convert_(code, static_cast<std::size_t>(end - begin),
                                           static_cast<std::uint32_t>(begin), direction_);
    // What begins at the end of the code is no instruction.
    if (end != code_end) done = before + converted;
  }
  position_ += done;
  return done;
}

bool BranchFilter::knows(const Platform& platform) {
  return find_convert(platform) != nullptr;
}

}  // namespace pixelzx
