// SPDX-License-Identifier: Apache-2.0
#include "node/evm/opcode.h"

#include "node/evm/gas.h"

namespace pixelzx::node {
namespace {

struct Row {
  Opcode first;
  Opcode last;
  std::uint8_t inputs;
  std::uint8_t outputs;
  std::uint64_t gas;
};

using enum Opcode;

/// Yellow Paper, appendix H, with the EIPs up to Cancun.
constexpr Row kRows[] = {
    {kStop, kStop, 0, 0, 0},
    {kAdd, kAdd, 2, 1, gas::kVeryLow},
    {kMul, kMul, 2, 1, gas::kLow},
    {kSub, kSub, 2, 1, gas::kVeryLow},
    {kDiv, kSmod, 2, 1, gas::kLow},
    {kAddmod, kMulmod, 3, 1, gas::kMid},
    {kExp, kExp, 2, 1, gas::kExp},
    {kSignextend, kSignextend, 2, 1, gas::kLow},
    {kLt, kEq, 2, 1, gas::kVeryLow},
    {kIszero, kIszero, 1, 1, gas::kVeryLow},
    {kAnd, kXor, 2, 1, gas::kVeryLow},
    {kNot, kNot, 1, 1, gas::kVeryLow},
    {kByte, kSar, 2, 1, gas::kVeryLow},
    {kKeccak256, kKeccak256, 2, 1, gas::kKeccak},
    {kAddress, kAddress, 0, 1, gas::kBase},
    {kBalance, kBalance, 1, 1, 0},
    {kOrigin, kCallvalue, 0, 1, gas::kBase},
    {kCalldataload, kCalldataload, 1, 1, gas::kVeryLow},
    {kCalldatasize, kCalldatasize, 0, 1, gas::kBase},
    {kCalldatacopy, kCalldatacopy, 3, 0, gas::kVeryLow},
    {kCodesize, kCodesize, 0, 1, gas::kBase},
    {kCodecopy, kCodecopy, 3, 0, gas::kVeryLow},
    {kGasprice, kGasprice, 0, 1, gas::kBase},
    {kExtcodesize, kExtcodesize, 1, 1, 0},
    {kExtcodecopy, kExtcodecopy, 4, 0, 0},
    {kReturndatasize, kReturndatasize, 0, 1, gas::kBase},
    {kReturndatacopy, kReturndatacopy, 3, 0, gas::kVeryLow},
    {kExtcodehash, kExtcodehash, 1, 1, 0},
    {kBlockhash, kBlockhash, 1, 1, gas::kBlockhash},
    {kCoinbase, kChainid, 0, 1, gas::kBase},
    {kSelfbalance, kSelfbalance, 0, 1, gas::kLow},
    {kBasefee, kBasefee, 0, 1, gas::kBase},
    {kBlobhash, kBlobhash, 1, 1, gas::kVeryLow},
    {kBlobbasefee, kBlobbasefee, 0, 1, gas::kBase},
    {kPop, kPop, 1, 0, gas::kBase},
    {kMload, kMload, 1, 1, gas::kVeryLow},
    {kMstore, kMstore8, 2, 0, gas::kVeryLow},
    {kSload, kSload, 1, 1, 0},
    {kSstore, kSstore, 2, 0, 0},
    {kJump, kJump, 1, 0, gas::kMid},
    {kJumpi, kJumpi, 2, 0, gas::kHigh},
    {kPc, kGas, 0, 1, gas::kBase},
    {kJumpdest, kJumpdest, 0, 0, gas::kJumpdest},
    {kTload, kTload, 1, 1, gas::kWarmAccess},
    {kTstore, kTstore, 2, 0, gas::kWarmAccess},
    {kMcopy, kMcopy, 3, 0, gas::kVeryLow},
    {kPush0, kPush0, 0, 1, gas::kBase},
    {kPush1, kPush32, 0, 1, gas::kVeryLow},
    {kCreate, kCreate, 3, 1, gas::kCreate},
    {kCall, kCallcode, 7, 1, 0},
    {kReturn, kReturn, 2, 0, 0},
    {kDelegatecall, kDelegatecall, 6, 1, 0},
    {kCreate2, kCreate2, 4, 1, gas::kCreate},
    {kStaticcall, kStaticcall, 6, 1, 0},
    {kRevert, kRevert, 2, 0, 0},
    {kSelfdestruct, kSelfdestruct, 1, 0, gas::kSelfdestruct},
};

constexpr std::array<OpcodeInfo, 256> make_opcodes() {
  std::array<OpcodeInfo, 256> opcodes{};
  const auto set = [&opcodes](unsigned opcode, std::size_t inputs, std::size_t outputs,
                              std::uint64_t cost) {
    opcodes[opcode] = {.defined = true,
                       .inputs = static_cast<std::uint8_t>(inputs),
                       .outputs = static_cast<std::uint8_t>(outputs),
                       .gas = static_cast<std::uint16_t>(cost)};
  };
  for (const Row& row : kRows) {
    for (auto opcode = static_cast<unsigned>(row.first); opcode <= static_cast<unsigned>(row.last);
         ++opcode) {
      set(opcode, row.inputs, row.outputs, row.gas);
    }
  }
  for (unsigned n = 0; n < 16; ++n) {
    set(static_cast<unsigned>(kDup1) + n, n + 1, n + 2, gas::kVeryLow);
    set(static_cast<unsigned>(kSwap1) + n, n + 2, n + 2, gas::kVeryLow);
  }
  for (unsigned n = 0; n <= 4; ++n) {
    set(static_cast<unsigned>(kLog0) + n, n + 2, 0, gas::kLog * (n + 1));
  }
  return opcodes;
}

}  // namespace

constexpr std::array<OpcodeInfo, 256> kOpcodes = make_opcodes();

}  // namespace pixelzx::node
