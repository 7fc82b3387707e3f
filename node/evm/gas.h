// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// Prices of the Cancun revision: Yellow Paper, appendix G, and the EIPs named.
namespace pixelzx::node::gas {

inline constexpr std::uint64_t kBase = 2;
inline constexpr std::uint64_t kVeryLow = 3;
inline constexpr std::uint64_t kLow = 5;
inline constexpr std::uint64_t kMid = 8;
inline constexpr std::uint64_t kHigh = 10;
inline constexpr std::uint64_t kJumpdest = 1;
inline constexpr std::uint64_t kExp = 10;
inline constexpr std::uint64_t kExpByte = 50;  // EIP-160
inline constexpr std::uint64_t kKeccak = 30;
inline constexpr std::uint64_t kKeccakWord = 6;
inline constexpr std::uint64_t kBlockhash = 20;
inline constexpr std::uint64_t kCopyWord = 3;
inline constexpr std::uint64_t kMemoryWord = 3;
inline constexpr std::uint64_t kMemoryQuadratic = 512;
inline constexpr std::uint64_t kLog = 375;  // and as much again for each topic
inline constexpr std::uint64_t kLogByte = 8;

// EIP-2929
inline constexpr std::uint64_t kWarmAccess = 100;
inline constexpr std::uint64_t kColdAccount = 2600;
inline constexpr std::uint64_t kColdSlot = 2100;

// EIP-2200, EIP-3529
inline constexpr std::uint64_t kStorageSet = 20000;
inline constexpr std::uint64_t kStorageReset = 5000 - kColdSlot;
inline constexpr std::int64_t kStorageClearedRefund = 4800;
inline constexpr std::uint64_t kStorageStipend = 2300;  // SSTORE needs more gas than that

inline constexpr std::uint64_t kCallValue = 9000;
inline constexpr std::uint64_t kCallStipend = 2300;
inline constexpr std::uint64_t kNewAccount = 25000;
inline constexpr std::uint64_t kSelfdestruct = 5000;
inline constexpr std::uint64_t kCreate = 32000;
inline constexpr std::uint64_t kInitCodeWord = 2;  // EIP-3860
inline constexpr std::uint64_t kCodeByte = 200;

inline constexpr std::uint64_t kTransaction = 21000;
inline constexpr std::uint64_t kRefundQuotient = 5;  // EIP-3529

}  // namespace pixelzx::node::gas
