// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/call.h"

#include <algorithm>

#include "node/crypto/hash.h"
#include "node/evm/execute.h"
#include "node/evm/gas.h"
#include "node/rpc/backend.h"
#include "node/rpc/encoding.h"

namespace pixelzx::node {
namespace {

using Execution = std::variant<Executed, Rejection, TransactionError>;

/// A state with some things put in place of its own.
class OverriddenState : public StateReader {
 public:
  OverriddenState(StateReader& below, const StateOverrides& overrides)
      : below_(below), overrides_(overrides) {
    for (const auto& [address, account] : overrides) {
      if (account.code) codes_[keccak256(*account.code)] = *account.code;
    }
  }

  std::optional<Account> account(const Address& address) override {
    std::optional<Account> account = below_.account(address);
    const AccountOverride* const other = find(address);
    if (other == nullptr) return account;
    if (!account) account.emplace();
    account->balance = other->balance.value_or(account->balance);
    account->nonce = other->nonce.value_or(account->nonce);
    if (other->code) account->code_hash = keccak256(*other->code);
    return account;
  }

  U256 storage(const Address& address, const U256& slot) override {
    const AccountOverride* const other = find(address);
    if (other != nullptr && other->state_diff && other->state_diff->contains(slot)) {
      return other->state_diff->at(slot);
    }
    if (other == nullptr || !other->state) return below(address, slot);
    const auto found = other->state->find(slot);
    return found == other->state->end() ? U256(0) : found->second;
  }

  bool has_storage(const Address& address) override {
    const AccountOverride* const other = find(address);
    if (other != nullptr && other->state) return !other->state->empty();
    return below_.account(address) && below_.has_storage(address);
  }

  Bytes code(const Hash& code_hash) override {
    const auto found = codes_.find(code_hash);
    return found == codes_.end() ? below_.code(code_hash) : found->second;
  }

 private:
  [[nodiscard]] const AccountOverride* find(const Address& address) const {
    const auto found = overrides_.find(address);
    return found == overrides_.end() ? nullptr : &found->second;
  }
  /// That of an account which may be there by an override only.
  U256 below(const Address& address, const U256& slot) {
    return below_.account(address) ? below_.storage(address, slot) : U256(0);
  }

  StateReader& below_;
  const StateOverrides& overrides_;
  std::map<Hash, Bytes> codes_;
};

/// A request and the block that it is carried out after.
class Caller {
 public:
  Caller(const Chain& chain, const Header& header, const CallRequest& request,
         const StateOverrides& overrides)
      : state_(chain.state(header)),
        overridden_(*state_, overrides),
        context_(chain.context(header)),
        sender_(request.from) {
    transaction_.type = TransactionType::kDynamicFee;
    transaction_.max_fee = request.max_fee.value_or(0);
    transaction_.max_priority_fee = request.max_priority_fee.value_or(0);
    transaction_.to = request.to;
    transaction_.value = request.value;
    transaction_.data = request.data;
    transaction_.access_list = request.access_list;
  }

  Execution run(std::uint64_t gas) {
    transaction_.gas_limit = gas;
    State state(overridden_);
    return execute_call(state, context_, transaction_, sender_);
  }

  U256 balance() {
    const std::optional<Account> account = overridden_.account(sender_);
    return account ? account->balance : 0;
  }

 private:
  std::unique_ptr<ChainState> state_;
  OverriddenState overridden_;
  BlockContext context_;
  Transaction transaction_;
  Address sender_;
};

/// What a client is told of one that did not succeed.
RpcError failure(const Execution& execution) {
  if (const auto* error = std::get_if<TransactionError>(&execution)) {
    return {kServerError, text(*error)};
  }
  if (const auto* rejection = std::get_if<Rejection>(&execution)) {
    return {kServerError, to_text(*rejection)};
  }
  const auto& executed = std::get<Executed>(execution);
  if (executed.outcome != Outcome::kRevert) return {kServerError, to_text(executed.outcome)};
  std::string message(to_text(executed.outcome));
  if (const auto reason = revert_reason(executed.output)) message += ": " + *reason;
  return {kReverted, message, to_0x(executed.output)};
}

const Executed* succeeded(const Execution& execution) {
  const auto* executed = std::get_if<Executed>(&execution);
  return executed != nullptr && executed->outcome == Outcome::kSuccess ? executed : nullptr;
}

bool lacks_gas(const Execution& execution) {
  if (const auto* error = std::get_if<TransactionError>(&execution)) {
    return *error == TransactionError::kGasLimitTooLow;
  }
  const auto* executed = std::get_if<Executed>(&execution);
  return executed != nullptr && executed->outcome == Outcome::kOutOfGas;
}

}  // namespace

RpcResult call_contract(const RpcContext& context, const CallRequest& request, const BlockId& id,
                        const StateOverrides& overrides) {
  const BlockPointer block = find_block(context.backend.chain, id);
  if (!block) return no_block(id);
  Caller caller(context.backend.chain, block->block.header, request, overrides);
  const std::uint64_t most = context.backend.bounds.call_gas;
  const Execution execution = caller.run(std::min(request.gas.value_or(most), most));
  if (const Executed* executed = succeeded(execution)) return Json(to_0x(executed->output));
  return failure(execution);
}

RpcResult estimate_gas(const RpcContext& context, const CallRequest& request, const BlockId& id,
                       const StateOverrides& overrides) {
  const BlockPointer block = find_block(context.backend.chain, id);
  if (!block) return no_block(id);
  const Header& header = block->block.header;
  Caller caller(context.backend.chain, header, request, overrides);

  std::uint64_t enough = std::max(request.gas.value_or(header.gas_limit), gas::kTransaction);
  enough = std::min(enough, context.backend.bounds.call_gas);
  if (const U256 fee = request.max_fee.value_or(0); fee != 0) {
    const U256 balance = caller.balance();
    if (balance < request.value) {
      return RpcError(kServerError, "insufficient funds for transfer");
    }
    enough = std::min(enough, saturated_u64((balance - request.value) / fee));
  }
  Execution execution = caller.run(enough);
  const Executed* executed = succeeded(execution);
  if (executed == nullptr && lacks_gas(execution)) {
    return RpcError(kServerError,
                    "gas required exceeds allowance (" + std::to_string(enough) + ")");
  }
  if (executed == nullptr) return failure(execution);

  // That is less than it needs where gas comes back at the end, or is held back by calls (EIP-150).
  std::uint64_t too_little = executed->gas_used;
  if (succeeded(caller.run(too_little)) != nullptr) return Json(quantity(too_little));
  constexpr double kTolerance = 0.015;
  while (static_cast<double>(enough - too_little) > static_cast<double>(enough) * kTolerance) {
    if (context.is_late()) return RpcError(kTimedOut, "request timed out");
    // Most need little more than what they use.
    const std::uint64_t middle = std::min(too_little + (enough - too_little) / 2, too_little * 2);
    (succeeded(caller.run(middle)) != nullptr ? enough : too_little) = middle;
  }
  return Json(quantity(enough));
}

std::optional<std::string> revert_reason(ByteView output) {
  // Error(string): https://docs.soliditylang.org/en/latest/control-structures.html#revert
  constexpr std::array<std::uint8_t, 4> kSelector = {0x08, 0xc3, 0x79, 0xa0};
  constexpr std::size_t kWord = 32;
  if (output.size() < kSelector.size() || !std::ranges::equal(output.first(4), kSelector)) {
    return std::nullopt;
  }
  const ByteView arguments = output.subspan(kSelector.size());
  if (arguments.size() < 2 * kWord || u256_from(arguments.first(kWord)) != kWord) {
    return std::nullopt;
  }
  const U256 size = u256_from(arguments.subspan(kWord, kWord));
  const ByteView rest = arguments.subspan(2 * kWord);
  if (size > rest.size()) return std::nullopt;
  const ByteView reason = rest.first(static_cast<std::size_t>(size));
  return std::string(reason.begin(), reason.end());
}

}  // namespace pixelzx::node
