// SPDX-License-Identifier: Apache-2.0
#include "node/chain/transaction.h"

#include <limits>

#include "node/crypto/hash.h"
#include "node/state/rlp.h"

namespace pixelzx::node {
namespace {

constexpr std::uint8_t kBlobType = 3;
constexpr std::uint64_t kMaxU64 = std::numeric_limits<std::uint64_t>::max();

// ---- decoding ----

TransactionError from_rlp(rlp::Error error) {
  switch (error) {
    case rlp::Error::kNone:
    case rlp::Error::kTruncated:
    case rlp::Error::kNotCanonical:
      return TransactionError::kNotCanonical;
    case rlp::Error::kUnexpectedList:
      return TransactionError::kUnexpectedList;
    case rlp::Error::kUnexpectedString:
      return TransactionError::kUnexpectedString;
    case rlp::Error::kLeadingZero:
      return TransactionError::kLeadingZero;
    case rlp::Error::kTooLarge:
      return TransactionError::kNumberTooLarge;
    case rlp::Error::kWrongLength:
      return TransactionError::kWrongLength;
    case rlp::Error::kTooFewItems:
      return TransactionError::kTooFewFields;
    case rlp::Error::kTooManyItems:
      return TransactionError::kTooManyFields;
    case rlp::Error::kTooDeep:
      return TransactionError::kTooDeep;
  }
  return TransactionError::kNotCanonical;
}

std::optional<Address> read_to(rlp::Reader& fields) {
  const ByteView bytes = fields.string();
  Address to{};
  if (bytes.empty()) return std::nullopt;
  if (bytes.size() != to.size()) {
    fields.fail(rlp::Error::kWrongLength);
    return std::nullopt;
  }
  std::ranges::copy(bytes, to.begin());
  return to;
}

std::vector<AccessListEntry> read_access_list(rlp::Reader& fields) {
  std::vector<AccessListEntry> list;
  fields.enter();
  while (fields.more()) {
    AccessListEntry entry;
    fields.enter();
    entry.address = fields.array<20>();
    fields.enter();
    while (fields.more()) entry.storage_keys.push_back(fields.array<32>());
    fields.leave();
    fields.leave();
    list.push_back(std::move(entry));
  }
  fields.leave();
  return list;
}

/// Of a legacy transaction: 27 or 28, or since EIP-155, 35 + 2 * chain_id or one more.
bool take_v(const U256& v, Transaction& transaction) {
  if (v >= 27 && v <= 28) {
    transaction.signature.y_parity = v == 28;
    return true;
  }
  if (v < 35) return false;
  const U256 rest = v - 35;
  transaction.signature.y_parity = (rest & 1U) != 0;
  transaction.chain_id = rest >> 1U;
  return true;
}

// ---- encoding ----

void append_to(Bytes& fields, const std::optional<Address>& to) {
  rlp::append_string(fields, to ? ByteView(*to) : ByteView());
}

void append_access_list(Bytes& fields, const std::vector<AccessListEntry>& list) {
  Bytes entries;
  for (const AccessListEntry& entry : list) {
    Bytes keys;
    for (const Hash& key : entry.storage_keys) rlp::append_string(keys, key);
    Bytes items;
    rlp::append_string(items, entry.address);
    rlp::append_list(items, keys);
    rlp::append_list(entries, items);
  }
  rlp::append_list(fields, entries);
}

/// All fields up to the signature.
Bytes unsigned_fields(const Transaction& transaction) {
  const bool typed = transaction.type != TransactionType::kLegacy;
  Bytes fields;
  if (typed) rlp::append_number(fields, transaction.chain_id.value_or(0));
  rlp::append_number(fields, transaction.nonce);
  if (transaction.type == TransactionType::kDynamicFee) {
    rlp::append_number(fields, transaction.max_priority_fee);
  }
  rlp::append_number(fields, transaction.max_fee);
  rlp::append_number(fields, transaction.gas_limit);
  append_to(fields, transaction.to);
  rlp::append_number(fields, transaction.value);
  rlp::append_string(fields, transaction.data);
  if (typed) append_access_list(fields, transaction.access_list);
  return fields;
}

Bytes with_type(TransactionType type, ByteView fields) {
  Bytes encoded;
  encoded.reserve(fields.size() + 10);
  if (type != TransactionType::kLegacy) encoded.push_back(static_cast<std::uint8_t>(type));
  rlp::append_list(encoded, fields);
  return encoded;
}

/// Adds `count` things of `price`; false when the sum needs more than 64 bits.
bool charge(std::uint64_t& gas, std::uint64_t count, std::uint64_t price) {
  if (count > (kMaxU64 - gas) / price) return false;
  gas += count * price;
  return true;
}

}  // namespace

std::string_view text(TransactionError error) {
  switch (error) {
    case TransactionError::kUnknownType:
      return "unknown transaction type";
    case TransactionError::kBlob:
      return "blob transactions (type 3) are not supported on this chain";
    case TransactionError::kNotCanonical:
      return "the encoding is not canonical RLP";
    case TransactionError::kUnexpectedList:
      return "a list where a string must be";
    case TransactionError::kUnexpectedString:
      return "a string where a list must be";
    case TransactionError::kTooFewFields:
      return "too few fields";
    case TransactionError::kTooManyFields:
      return "too many fields, or bytes after the end";
    case TransactionError::kLeadingZero:
      return "a number with leading zeros";
    case TransactionError::kNumberTooLarge:
      return "a number with too many bits";
    case TransactionError::kWrongLength:
      return "an address or storage key of the wrong length";
    case TransactionError::kInvalidV:
      return "invalid signature value v";
    case TransactionError::kTooDeep:
      return "lists nested too deeply";
    case TransactionError::kOtherChain:
      return "signed for another chain";
    case TransactionError::kNonceTooLarge:
      return "the nonce is the largest number, which no account can reach";
    case TransactionError::kInitCodeTooLarge:
      return "the init code is longer than 49152 bytes";
    case TransactionError::kGasLimitTooLow:
      return "the gas limit is below the intrinsic gas";
    case TransactionError::kPriorityAboveFee:
      return "the priority fee is above the fee";
    case TransactionError::kFeeTooLarge:
      return "gas limit times fee needs more than 256 bits";
    case TransactionError::kInvalidSignature:
      return "invalid signature";
  }
  return "unknown error";
}

std::variant<Transaction, TransactionError> decode_transaction(ByteView encoded) {
  if (encoded.empty()) return TransactionError::kNotCanonical;
  Transaction transaction;
  // From 0xc0 on it is a list. What is between the types and that is the string of something.
  const std::uint8_t first = encoded.front();
  const bool typed = first < 0xc0;
  if (typed) {
    if (first >= 0x80) return TransactionError::kNotCanonical;
    if (first == kBlobType) return TransactionError::kBlob;
    transaction.type = static_cast<TransactionType>(first);
    if (transaction.type != TransactionType::kAccessList &&
        transaction.type != TransactionType::kDynamicFee) {
      return TransactionError::kUnknownType;
    }
    encoded = encoded.subspan(1);
  }
  rlp::Reader fields(encoded);
  fields.enter();
  if (typed) transaction.chain_id = fields.u256();
  transaction.nonce = fields.u64();
  transaction.max_priority_fee = fields.u256();
  transaction.max_fee = transaction.type == TransactionType::kDynamicFee
                            ? fields.u256()
                            : transaction.max_priority_fee;
  transaction.gas_limit = fields.u64();
  transaction.to = read_to(fields);
  transaction.value = fields.u256();
  const ByteView data = fields.string();
  transaction.data.assign(data.begin(), data.end());
  if (typed) transaction.access_list = read_access_list(fields);
  const U256 v = fields.u256();
  transaction.signature.r = fields.u256();
  transaction.signature.s = fields.u256();
  fields.leave();
  const rlp::Error error = fields.finish();
  if (error != rlp::Error::kNone) return from_rlp(error);
  if (typed) {
    if (v > 1) return TransactionError::kInvalidV;
    transaction.signature.y_parity = v == 1;
  } else if (!take_v(v, transaction)) {
    return TransactionError::kInvalidV;
  }
  return transaction;
}

U256 signature_v(const Transaction& transaction) {
  U256 v = transaction.signature.y_parity ? 1 : 0;
  if (transaction.type == TransactionType::kLegacy) {
    v += transaction.chain_id ? *transaction.chain_id * 2 + 35 : 27;
  }
  return v;
}

Bytes encode_transaction(const Transaction& transaction) {
  Bytes fields = unsigned_fields(transaction);
  rlp::append_number(fields, signature_v(transaction));
  rlp::append_number(fields, transaction.signature.r);
  rlp::append_number(fields, transaction.signature.s);
  return with_type(transaction.type, fields);
}

Hash transaction_hash(const Transaction& transaction) {
  return keccak256(encode_transaction(transaction));
}

Hash signing_hash(const Transaction& transaction) {
  Bytes fields = unsigned_fields(transaction);
  if (transaction.type == TransactionType::kLegacy && transaction.chain_id) {
    rlp::append_number(fields, *transaction.chain_id);
    rlp::append_number(fields, std::uint64_t{0});
    rlp::append_number(fields, std::uint64_t{0});
  }
  return keccak256(with_type(transaction.type, fields));
}

std::optional<Address> sender_of(const Transaction& transaction) {
  if (transaction.signature.s > kSecp256k1Order / 2) return std::nullopt;
  return recover_address(signing_hash(transaction), transaction.signature);
}

std::optional<std::uint64_t> intrinsic_gas(const Transaction& transaction) {
  const std::uint64_t size = transaction.data.size();
  const auto zeros = static_cast<std::uint64_t>(
      std::ranges::count(transaction.data, static_cast<std::uint8_t>(0)));
  std::uint64_t gas = 21000;
  bool fits = charge(gas, zeros, 4) && charge(gas, size - zeros, 16);
  if (!transaction.to) {
    const std::uint64_t words = size / 32 + (size % 32 != 0 ? 1 : 0);
    fits = fits && charge(gas, 1, 32000) && charge(gas, words, 2);
  }
  fits = fits && charge(gas, transaction.access_list.size(), 2400);
  for (const AccessListEntry& entry : transaction.access_list) {
    fits = fits && charge(gas, entry.storage_keys.size(), 1900);
  }
  if (!fits) return std::nullopt;
  return gas;
}

std::optional<TransactionError> check_transaction(const Transaction& transaction,
                                                  const U256& chain_id) {
  if (transaction.chain_id && *transaction.chain_id != chain_id) {
    return TransactionError::kOtherChain;
  }
  if (transaction.nonce == kMaxU64) return TransactionError::kNonceTooLarge;
  if (!transaction.to && transaction.data.size() > kMaxInitCode) {
    return TransactionError::kInitCodeTooLarge;
  }
  const std::optional<std::uint64_t> gas = intrinsic_gas(transaction);
  if (!gas || transaction.gas_limit < *gas) return TransactionError::kGasLimitTooLow;
  if (transaction.max_priority_fee > transaction.max_fee) {
    return TransactionError::kPriorityAboveFee;
  }
  if (U512(transaction.max_fee) * transaction.gas_limit > U512(std::numeric_limits<U256>::max())) {
    return TransactionError::kFeeTooLarge;
  }
  return std::nullopt;
}

}  // namespace pixelzx::node
