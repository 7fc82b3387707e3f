// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "node/base/bytes.h"
#include "node/base/u256.h"
#include "node/crypto/secp256k1.h"

namespace pixelzx::node {

/// An address, and slots of its storage, that are paid for beforehand (EIP-2930).
struct AccessListEntry {
  Address address{};
  std::vector<Hash> storage_keys;

  bool operator==(const AccessListEntry&) const = default;
};

/// EIP-2718. The others are EIP-2930 and EIP-1559.
enum class TransactionType : std::uint8_t { kLegacy = 0, kAccessList = 1, kDynamicFee = 2 };

struct Transaction {
  TransactionType type = TransactionType::kLegacy;
  /// Nothing: a legacy one that is valid on every chain, from before EIP-155.
  std::optional<U256> chain_id;
  std::uint64_t nonce = 0;
  /// Both are the gas price, unless the type is kDynamicFee.
  U256 max_priority_fee;
  U256 max_fee;
  std::uint64_t gas_limit = 0;
  /// Nothing: `data` is the init code of a contract.
  std::optional<Address> to;
  U256 value;
  Bytes data;
  std::vector<AccessListEntry> access_list;
  Signature signature;

  bool operator==(const Transaction&) const = default;
};

enum class TransactionError : std::uint8_t {
  // of decode_transaction()
  kUnknownType,
  kBlob,          ///< Type 3 (EIP-4844), which this chain does not take.
  kNotCanonical,  ///< Not RLP, or not its only form.
  kUnexpectedList,
  kUnexpectedString,
  kTooFewFields,
  kTooManyFields,   ///< Also: bytes after the end.
  kLeadingZero,     ///< Of a number.
  kNumberTooLarge,  ///< Of more than 256 bits; of more than 64 the nonce and the gas limit.
  kWrongLength,     ///< Of an address or a slot.
  kInvalidV,        ///< Neither 27, 28 nor as EIP-155 has it; of the typed ones: neither 0 nor 1.
  kTooDeep,
  // of check_transaction()
  kOtherChain,
  kNonceTooLarge,     ///< EIP-2681.
  kInitCodeTooLarge,  ///< EIP-3860.
  kGasLimitTooLow,    ///< Below the intrinsic gas.
  kPriorityAboveFee,  ///< EIP-1559.
  kFeeTooLarge,       ///< gas_limit * max_fee needs more than 256 bits.
  // where sender_of() has nobody
  kInvalidSignature,
};

/// In lower case, without a full stop.
std::string_view text(TransactionError error);

/// What eth_sendRawTransaction takes, and what the transactions' trie has: a legacy transaction's
/// list, or a byte for the type and a list. Nothing but the one encoding of a transaction is
/// accepted.
std::variant<Transaction, TransactionError> decode_transaction(ByteView encoded);

/// The inverse. What a type does not have is left out.
Bytes encode_transaction(const Transaction& transaction);

/// The parity of the signature as the encoding has it: for legacy transactions with 27, or with the
/// chain's id (EIP-155).
U256 signature_v(const Transaction& transaction);

Hash transaction_hash(const Transaction& transaction);

/// The digest that the sender signs (EIP-155, EIP-2930, EIP-1559).
Hash signing_hash(const Transaction& transaction);

/// Who has signed; nothing when r or s is out of range, s is above half the order (EIP-2), or no
/// key signs so. Costs far more than all else here.
std::optional<Address> sender_of(const Transaction& transaction);

/// The gas that is due before any code runs, Yellow Paper g0 as of Cancun: EIP-2028 for data,
/// EIP-2930 for the access list, EIP-3860 for init code. Nothing when it needs more than 64 bits.
std::optional<std::uint64_t> intrinsic_gas(const Transaction& transaction);

constexpr std::size_t kMaxInitCode = 49152;  // EIP-3860

/// What makes a transaction invalid in every state of a chain: the first of the errors above from
/// kOtherChain to kFeeTooLarge. The signature is sender_of()'s matter.
std::optional<TransactionError> check_transaction(const Transaction& transaction,
                                                  const U256& chain_id);

}  // namespace pixelzx::node
