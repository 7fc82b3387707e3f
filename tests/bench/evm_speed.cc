// SPDX-License-Identifier: Apache-2.0
//
//   evm_speed
//
// How much gas the node's EVM works off in a second, in loops of one kind of instruction. Prints a
// line for each: millions of gas a second, instructions' name. The best of some rounds.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "node/evm/evm.h"
#include "table_state.h"

namespace {

using namespace pixelzx::node;

constexpr std::uint64_t kGas = 30'000'000;  // as a block has
constexpr Address kContract = {0xc0};
constexpr Address kOther = {0x0c};

struct Loop {
  std::string_view name;
  std::string_view before;  ///< code in hexadecimal digits, executed once
  std::string_view body;    ///< leaves the stack as it finds it
  unsigned repeats;         ///< of the body in one round of the loop
};

constexpr std::array kLoops = {
    // DUP1 PUSH1 3 ADD DUP2 MUL PUSH1 7 XOR NOT SWAP1 POP
    Loop{"add, mul, xor", "7f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
         "806003018102600718199050", 40},
    // DUP2 DUP2 DIV POP DUP2 DUP2 MOD POP
    Loop{"div, mod of 256 by 128 bits",
         "7ff23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"
         "6ffedcba9876543210fedcba9876543210",
         "8181045081810650", 40},
    // DUP3 DUP3 DUP3 MULMOD POP
    Loop{"mulmod",
         "7ff23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"
         "7f923456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef1"
         "7f823456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef1",
         "8282820950", 40},
    // DUP1 DUP1 EXP POP
    Loop{"exp with 256 bits", "7f823456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef1",
         "80800a50", 40},
    // PUSH1 1 PUSH1 2 DUP2 SWAP1 POP POP POP
    Loop{"push, dup, swap, pop", "", "600160028190505050", 40},
    // PUSH0 MLOAD PUSH1 32 MSTORE PUSH1 33 MLOAD PUSH1 64 MSTORE
    Loop{"mload, mstore", "", "5f51602052602151604052", 40},
    // PUSH2 1024 PUSH1 1 PUSH0 MCOPY
    Loop{"mcopy of 1 KiB", "", "61040060015f5e", 40},
    // PUSH1 32 PUSH0 KECCAK256 PUSH0 MSTORE
    Loop{"keccak256 of 32 bytes", "", "60205f205f52", 40},
    // PUSH2 1024 PUSH0 KECCAK256 PUSH0 MSTORE
    Loop{"keccak256 of 1 KiB", "", "6104005f205f52", 40},
    // PUSH0 SLOAD PUSH1 1 ADD PUSH0 SSTORE
    Loop{"sload, sstore of one slot", "", "5f546001015f55", 40},
    // PUSH1 1 ADD PUSH1 1 DUP2 SSTORE
    Loop{"sstore of new slots", "5f", "60010160018155", 1},
    // PUSH1 1 ADD DUP1 SLOAD POP
    Loop{"sload of cold slots", "5f", "600101805450", 10},
    // PUSH0 TLOAD PUSH1 1 ADD PUSH0 TSTORE
    Loop{"tload, tstore", "", "5f5c6001015f5d", 40},
    // PUSH0 PUSH0 PUSH0 PUSH0 PUSH20 other GAS STATICCALL POP
    Loop{"staticcall of a contract", "", "5f5f5f5f730c000000000000000000000000000000000000005afa50",
         10},
    // PUSH0 PUSH0 PUSH1 32 PUSH0 PUSH1 4 GAS STATICCALL POP
    Loop{"staticcall of the identity", "", "5f5f60205f60045afa50", 10},
    // PUSH1 32 PUSH0 LOG0
    Loop{"log0 of 32 bytes", "", "60205fa0", 10},
};

/// The loop, until little gas is left.
Bytes program(const Loop& loop) {
  const auto hex = [](std::string_view digits) { return from_hex(digits).value(); };
  Bytes code = hex(loop.before);
  const auto start = static_cast<std::uint8_t>(code.size());
  code.push_back(0x5b);
  for (unsigned i = 0; i < loop.repeats; ++i) append(code, hex(loop.body));
  // PUSH3 300000 GAS GT PUSH1 start JUMPI
  append(code, hex("620493e05a1160"));
  code.push_back(start);
  code.push_back(0x57);
  return code;
}

double gas_a_second(const Loop& loop) {
  using Clock = std::chrono::steady_clock;
  pixelzx::tests::TableState table;
  table.put(kContract, program(loop), 0, 1);
  table.put(kOther, from_hex("00").value(), 0, 1);
  double best = 0;
  for (int round = 0; round < 7; ++round) {
    State state(table);
    const BlockContext block;
    const TransactionContext transaction;
    Evm evm(state, block, transaction);
    const Message message{.gas = kGas, .recipient = kContract, .code_address = kContract};
    const Clock::time_point begin = Clock::now();
    const ExecutionResult result = evm.call(message);
    const std::chrono::duration<double> taken = Clock::now() - begin;
    if (result.outcome != Outcome::kSuccess) {
      (void)std::fprintf(stderr, "evm_speed: %s: %s\n", loop.name.data(),
                         to_text(result.outcome).data());
      std::exit(1);
    }
    best = std::max(best, static_cast<double>(kGas - result.gas_left) / taken.count());
  }
  return best;
}

}  // namespace

int main() {
  for (const Loop& loop : kLoops) {
    (void)std::printf("%8.1f %s\n", gas_a_second(loop) / 1e6, loop.name.data());
  }
}
