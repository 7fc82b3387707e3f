// SPDX-License-Identifier: Apache-2.0
//
// Transactions as eth_sendRawTransaction takes them. What is accepted is encoded to the same bytes
// again; whoever has signed it is found again.
#include "node/chain/transaction.h"

#include "fuzz.h"
#include "node/crypto/hash.h"

namespace pixelzx::fuzz {
namespace {

using node::Transaction;

constexpr unsigned kChainId = 8888;

void check_signatures(Transaction transaction) {
  if (const auto sender = node::sender_of(transaction)) {
    // With the other parity, or s turned over (EIP-2), it is another's, or nobody's.
    transaction.signature.y_parity = !transaction.signature.y_parity;
    require(node::sender_of(transaction) != sender);
    transaction.signature.s = node::kSecp256k1Order - transaction.signature.s;
    require(!node::sender_of(transaction));
  }
  // Of the largest v, the other parity's is beyond 256 bits.
  if (transaction.chain_id) transaction.chain_id = kChainId;
  const node::SecretKey key = {1, 2, 3};
  transaction.signature = *node::sign(node::signing_hash(transaction), key);
  require(node::sender_of(transaction) == node::address_of(key));
  const auto again = node::decode_transaction(node::encode_transaction(transaction));
  require(std::get<Transaction>(again) == transaction);
}

void check_gas(const Transaction& transaction) {
  const auto gas = node::intrinsic_gas(transaction);
  require(gas && *gas >= 21000);
  const auto error = node::check_transaction(transaction, kChainId);
  if (!error) require(transaction.gas_limit >= *gas);
  if (error) require(is_showable(node::text(*error)));
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  const node::ByteView encoded(data, size);
  const auto decoded = node::decode_transaction(encoded);
  if (const auto* error = std::get_if<node::TransactionError>(&decoded)) {
    fuzz::require(fuzz::is_showable(node::text(*error)));
    return 0;
  }
  const auto& transaction = std::get<node::Transaction>(decoded);
  fuzz::require(std::ranges::equal(node::encode_transaction(transaction), encoded));
  fuzz::require(node::transaction_hash(transaction) == node::keccak256(encoded));
  fuzz::check_gas(transaction);
  fuzz::check_signatures(transaction);
  return 0;
}
