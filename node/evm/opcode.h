// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace pixelzx::node {

/// Of the Cancun revision. PUSHn, DUPn, SWAPn and LOGn follow the first of theirs.
enum class Opcode : std::uint8_t {
  kStop = 0x00,
  kAdd,
  kMul,
  kSub,
  kDiv,
  kSdiv,
  kMod,
  kSmod,
  kAddmod,
  kMulmod,
  kExp,
  kSignextend,
  kLt = 0x10,
  kGt,
  kSlt,
  kSgt,
  kEq,
  kIszero,
  kAnd,
  kOr,
  kXor,
  kNot,
  kByte,
  kShl,
  kShr,
  kSar,
  kKeccak256 = 0x20,
  kAddress = 0x30,
  kBalance,
  kOrigin,
  kCaller,
  kCallvalue,
  kCalldataload,
  kCalldatasize,
  kCalldatacopy,
  kCodesize,
  kCodecopy,
  kGasprice,
  kExtcodesize,
  kExtcodecopy,
  kReturndatasize,
  kReturndatacopy,
  kExtcodehash,
  kBlockhash = 0x40,
  kCoinbase,
  kTimestamp,
  kNumber,
  kPrevrandao,
  kGaslimit,
  kChainid,
  kSelfbalance,
  kBasefee,
  kBlobhash,
  kBlobbasefee,
  kPop = 0x50,
  kMload,
  kMstore,
  kMstore8,
  kSload,
  kSstore,
  kJump,
  kJumpi,
  kPc,
  kMsize,
  kGas,
  kJumpdest,
  kTload,
  kTstore,
  kMcopy,
  kPush0,
  kPush1,
  kPush32 = 0x7f,
  kDup1 = 0x80,
  kDup16 = 0x8f,
  kSwap1 = 0x90,
  kSwap16 = 0x9f,
  kLog0 = 0xa0,
  kLog4 = 0xa4,
  kCreate = 0xf0,
  kCall,
  kCallcode,
  kReturn,
  kDelegatecall,
  kCreate2,
  kStaticcall = 0xfa,
  kRevert = 0xfd,
  kInvalid = 0xfe,
  kSelfdestruct = 0xff,
};

/// What every use of an instruction costs and does to the stack; more gas may depend on its
/// arguments.
struct OpcodeInfo {
  bool defined = false;
  std::uint8_t inputs = 0;
  std::uint8_t outputs = 0;
  std::uint16_t gas = 0;
};

extern const std::array<OpcodeInfo, 256> kOpcodes;

}  // namespace pixelzx::node
