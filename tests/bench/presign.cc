// SPDX-License-Identifier: Apache-2.0
//
//   presign KEY                                     the key's address
//   presign KEY CHAIN_ID NONCE ACCOUNTS TRANSFERS
//
// Signs transactions for node_load.py, in advance: what it measures is the node. Prints one a line,
// as eth_sendRawTransaction takes it: first those of KEY, from NONCE on, which give each account
// what it will need; then TRANSFERS of one wei, the accounts in turn.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "node/chain/transaction.h"
#include "node/crypto/hash.h"

namespace {

using namespace pixelzx::node;

const U256 kMaxFee = 100'000'000'000;
const U256 kPriorityFee = 1'000'000'000;
constexpr std::uint64_t kTransferGas = 21000;

void print(const SecretKey& key, const U256& chain_id, std::uint64_t nonce, const Address& to,
           const U256& value) {
  Transaction transaction{.type = TransactionType::kDynamicFee,
                          .chain_id = chain_id,
                          .nonce = nonce,
                          .max_priority_fee = kPriorityFee,
                          .max_fee = kMaxFee,
                          .gas_limit = kTransferGas,
                          .to = to,
                          .value = value,
                          .data = {},
                          .access_list = {},
                          .signature = {}};
  transaction.signature = sign(signing_hash(transaction), key).value();
  std::cout << to_0x(encode_transaction(transaction)) << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::uint64_t> numbers;
  for (int i = 2; i < argc; ++i) {
    const auto number = parse_u256(argv[i]);
    if (number) numbers.push_back(saturated_u64(*number));
  }
  const auto key = argc > 1 ? array_from_hex<SecretKey>(argv[1]) : std::nullopt;
  if (argc == 2 && key && address_of(*key)) {
    std::cout << to_0x(*address_of(*key)) << "\n";
    return 0;
  }
  if (!key || !address_of(*key) || numbers.size() != 4 || numbers[2] == 0) {
    std::cerr << "usage: presign KEY [CHAIN_ID NONCE ACCOUNTS TRANSFERS]\n";
    return 2;
  }
  const auto [chain_id, nonce, accounts, transfers] =
      std::array{numbers[0], numbers[1], numbers[2], numbers[3]};
  const U256 needed = kMaxFee * kTransferGas * (transfers / accounts + 2);
  std::vector<SecretKey> keys;
  for (std::uint64_t i = 0; i < accounts; ++i) {
    keys.push_back(keccak256(as_bytes("account " + std::to_string(i))));
    print(*key, chain_id, nonce + i, *address_of(keys.back()), needed);
  }
  for (std::uint64_t i = 0; i < transfers; ++i) {
    print(keys[i % accounts], chain_id, i / accounts, to_address(U256(0x1000 + i % 1000)), 1);
  }
  return 0;
}
