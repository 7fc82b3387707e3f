// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "node/base/bytes.h"
#include "node/base/u256.h"
#include "node/chain/transaction.h"
#include "node/state/state.h"
#include "node/state/trie.h"

namespace pixelzx::node {

/// Which addresses and topics the logs of a receipt or block have: Yellow Paper, section 4.3.1.
using Bloom = std::array<std::uint8_t, 256>;

/// The ommers' hash of a block that has none: keccak256 of the empty list's RLP.
inline constexpr Hash kNoOmmers = {0x1d, 0xcc, 0x4d, 0xe8, 0xde, 0xc7, 0x5d, 0x7a, 0xab, 0x85, 0xb5,
                                   0x67, 0xb6, 0xcc, 0xd4, 0x1a, 0xd3, 0x12, 0x45, 0x1b, 0x94, 0x8a,
                                   0x74, 0x13, 0xf0, 0xa1, 0x42, 0xfd, 0x40, 0xd4, 0x93, 0x47};

/// Bytes of extra data: those of the validator's choice before all else, and the signature after
/// it (EIP-225).
inline constexpr std::size_t kVanity = 32;
inline constexpr std::size_t kSeal = 65;

/// Seconds; the year 36812. Of a genesis and of blocks: sums with it need no more than 64 bits.
inline constexpr std::uint64_t kMaxTimestamp = 1ULL << 40U;

/// A block's header with the fields of Cancun, in the order of their encoding. Those of proof of
/// work, withdrawals, blobs and the beacon chain have constant values. decode_header() checks
/// lengths only, Chain checks values.
struct Header {
  Hash parent_hash{};
  Hash ommers_hash = kNoOmmers;
  Address beneficiary{};  ///< the validator that made the block, and gets its fees
  Hash state_root{};
  Hash transactions_root = kEmptyRoot;
  Hash receipts_root = kEmptyRoot;
  Bloom logs_bloom{};
  U256 difficulty = 0;
  std::uint64_t number = 0;
  std::uint64_t gas_limit = 0;
  std::uint64_t gas_used = 0;
  std::uint64_t timestamp = 0;  ///< seconds since 1970
  /// 32 bytes of the validator's choice and its signature of seal_hash(), r, s and the parity; of
  /// the genesis block as its file has it, with the validators' addresses between (EIP-225).
  Bytes extra_data;
  Hash prev_randao{};
  std::array<std::uint8_t, 8> nonce{};
  U256 base_fee = 0;
  Hash withdrawals_root = kEmptyRoot;
  std::uint64_t blob_gas_used = 0;
  std::uint64_t excess_blob_gas = 0;
  Hash parent_beacon_block_root{};

  bool operator==(const Header&) const = default;
};

struct Block {
  Header header;
  std::vector<Transaction> transactions;

  bool operator==(const Block&) const = default;
};

/// What came of a transaction.
struct Receipt {
  TransactionType type = TransactionType::kLegacy;
  bool success = false;
  std::uint64_t cumulative_gas_used = 0;  ///< by the block's transactions up to this one
  Bloom logs_bloom{};
  std::vector<Log> logs;
};

Bytes encode_header(const Header& header);
/// The second item of a block: typed transactions are strings in it (EIP-2718).
Bytes encode_transactions(const std::vector<Transaction>& transactions);
Bytes encode_block(const Block& block);
/// A list of [address, [topics], data].
Bytes encode_logs(const std::vector<Log>& logs);
/// As the receipts' trie has it (EIP-2718).
Bytes encode_receipt(const Receipt& receipt);

/// Nothing but the one encoding is accepted; otherwise nothing comes back.
std::optional<Header> decode_header(ByteView encoded);
std::optional<std::vector<Transaction>> decode_transactions(ByteView encoded);
std::optional<Block> decode_block(ByteView encoded);

Hash block_hash(const Header& header);

/// What the validator signs: the hash of the header without the signature, the last 65 bytes of its
/// extra data. Nothing when that is not 97 bytes long.
std::optional<Hash> seal_hash(const Header& header);

/// Puts 32 zeros and the signature into the extra data; false when `key` is none.
bool seal(Header& header, const SecretKey& key);

/// Who has sealed the header; nothing when nobody has. s must be small (EIP-2).
std::optional<Address> sealer_of(const Header& header);

void add_to_bloom(Bloom& bloom, const Log& log);
/// Whether it may have been added: never false when it was.
bool may_contain(const Bloom& bloom, ByteView address_or_topic);

}  // namespace pixelzx::node
