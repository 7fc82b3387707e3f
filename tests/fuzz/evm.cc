// SPDX-License-Identifier: Apache-2.0
//
// Contracts, which anybody may write. The input is how the contract is called, its code, that of
// another one, and what it is called with; Input says how.
#include "node/evm/evm.h"

#include <algorithm>

#include "fuzz.h"
#include "table_state.h"

namespace pixelzx::fuzz {
namespace {

using node::Address;
using node::Bytes;
using node::ByteView;
using node::U256;

constexpr std::uint64_t kGasUnit = 16;  // so many for each number that two bytes can have
constexpr Address kCaller = {0xca};
constexpr Address kContract = {0xc0};
// By its number, so that code can name it in one byte.
constexpr Address kOther = [] {
  Address address{};
  address.back() = 0xff;
  return address;
}();
const U256 kBalance = 1000;

/// Takes the pieces of an input from its front; a short one ends in zeros.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  std::uint8_t byte() {
    const ByteView taken = bytes(1);
    return taken.empty() ? 0 : taken.front();
  }
  std::uint16_t number() { return static_cast<std::uint16_t>(byte() << 8U | byte()); }
  ByteView bytes(std::size_t size) {
    const ByteView taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  ByteView rest() { return bytes(rest_.size()); }

 private:
  ByteView rest_;
};

U256 sum_of_balances(const tests::TableState& table) {
  U256 sum = 0;
  for (const auto& [address, row] : table.rows()) sum += row.account.balance;
  return sum;
}

node::Message message_of(Input& input) {
  node::Message message{.caller = kCaller, .recipient = kContract, .code_address = kContract};
  const std::uint8_t kind = input.byte();
  if ((kind & 1U) != 0) message.kind = node::CallKind::kCreate;
  message.is_static = (kind & 2U) != 0 && (kind & 1U) == 0;
  if (!message.is_static) message.value = kind >> 2U;
  message.gas = input.number() * kGasUnit;
  return message;
}

void check(Input input) {
  node::Message message = message_of(input);
  const ByteView code = input.bytes(std::size_t{2} * input.byte());
  const ByteView other = input.bytes(input.byte());
  message.input = input.rest();
  tests::TableState table;
  table.put(kCaller, {}, kBalance, 0);
  auto& contract = table.put(kContract, {code.begin(), code.end()}, kBalance, 1);
  contract.storage = {{0, 1}, {1, 2}};
  table.put(kOther, {other.begin(), other.end()}, kBalance, 1);
  const U256 before = sum_of_balances(table);

  node::BlockContext block;
  block.number = 1000;
  block.chain_id = 8888;
  block.block_hash = [](std::uint64_t number) { return node::to_hash(number); };
  const node::TransactionContext transaction{.origin = kCaller, .gas_price = 7, .blob_hashes = {}};
  node::State state(table);
  node::Evm evm(state, block, transaction);
  const bool creates = message.kind == node::CallKind::kCreate;
  const node::ExecutionResult result = creates ? evm.create(message) : evm.call(message);
  require(result.gas_left <= message.gas);
  require(!node::to_text(result.outcome).empty());
  const bool success = result.outcome == node::Outcome::kSuccess;
  if (!success && result.outcome != node::Outcome::kRevert) require(result.output.empty());

  const std::vector<node::Log> logs = state.finish_transaction();
  const node::StateChanges changes = state.changes();
  // What has failed has changed nothing but the nonce of a creator.
  if (!success) require(logs.empty() && changes.size() <= (creates ? 1U : 0U));
  if (message.is_static) {
    require(logs.empty());
    require(std::ranges::all_of(changes, [](const auto& change) {
      return !change.second || change.second->storage.empty();
    }));
  }
  const bool all_stay =
      std::ranges::all_of(changes, [](const auto& change) { return change.second.has_value(); });
  table.apply(changes);
  const U256 after = sum_of_balances(table);
  // A contract that is gone may have taken value with it: EIP-6780.
  require(after <= before && (after == before || !all_stay));
  if (message.is_static) require(after == before);
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  fuzz::check({data, size});
  return 0;
}
