// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/call.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "node/crypto/hash.h"
#include "node/evm/execute.h"
#include "node/evm/gas.h"
#include "node/evm/precompiles.h"
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
  Caller(const RpcContext& context, const Header& header, const CallRequest& request,
         const StateOverrides& overrides)
      : state_(context.backend.chain.state(header)),
        overridden_(*state_, overrides),
        context_(context.backend.chain.context(header)),
        sender_(request.from) {
    const auto end = std::chrono::steady_clock::now() + context.backend.bounds.call_time;
    watch_.is_late = [&context, end] {
      return context.is_late() || std::chrono::steady_clock::now() >= end;
    };
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
    if (watch_.accessed) watch_.accessed->clear();
    return execute_call(state, context_, transaction_, sender_, &watch_);
  }

  /// From the next run on, for extend_access_list().
  void note_accesses() { watch_.accessed.emplace(); }

  /// Takes into the access list what the last run has asked for. Returns whether that is more than
  /// was there: also what is warm in any case need not be, but for slots.
  bool extend_access_list() {
    std::map<Address, std::set<U256>> list;
    for (const auto& [address, slots] : *watch_.accessed) {
      if (!slots.empty() || !is_warm(address)) list[address] = slots;
    }
    for (const AccessListEntry& entry : transaction_.access_list) {
      std::set<U256>& slots = list[entry.address];
      for (const Hash& slot : entry.storage_keys) slots.insert(u256_from(slot));
    }
    std::vector<AccessListEntry> entries;
    const auto count = [](const std::vector<AccessListEntry>& of) {
      std::size_t sum = of.size();
      for (const AccessListEntry& entry : of) sum += entry.storage_keys.size();
      return sum;
    };
    for (const auto& [address, slots] : list) {
      AccessListEntry& entry = entries.emplace_back();
      entry.address = address;
      for (const U256& slot : slots) entry.storage_keys.push_back(to_hash(slot));
    }
    const bool grown = count(entries) > count(transaction_.access_list);
    if (grown) transaction_.access_list = std::move(entries);
    return grown;
  }
  [[nodiscard]] const std::vector<AccessListEntry>& access_list() const {
    return transaction_.access_list;
  }

  U256 balance() {
    const std::optional<Account> account = overridden_.account(sender_);
    return account ? account->balance : 0;
  }

 private:
  bool is_warm(const Address& address) {
    const std::optional<Account> account = overridden_.account(sender_);
    const Address to = transaction_.to ? *transaction_.to
                                       : contract_address(sender_, account ? account->nonce : 0);
    return address == sender_ || address == to || address == context_.coinbase ||
           find_precompile(address) != nullptr;
  }

  std::unique_ptr<ChainState> state_;
  OverriddenState overridden_;
  BlockContext context_;
  Transaction transaction_;
  Address sender_;
  Watch watch_;
};

/// What a client is told of one that did not succeed.
RpcError failure(const RpcContext& context, const Execution& execution) {
  if (const auto* error = std::get_if<TransactionError>(&execution)) {
    return {kServerError, text(*error)};
  }
  if (const auto* rejection = std::get_if<Rejection>(&execution)) {
    return {kServerError, to_text(*rejection)};
  }
  const auto& executed = std::get<Executed>(execution);
  std::string message(to_text(executed.outcome));
  if (executed.outcome == Outcome::kInterrupted) {
    message += " (timeout = " + std::to_string(context.backend.bounds.call_time.count()) + "s)";
  }
  if (executed.outcome != Outcome::kRevert) return {kServerError, message};
  if (const auto reason = revert_reason(executed.output)) message += ": " + *reason;
  return {kReverted, message, to_0x(executed.output)};
}

const Executed* succeeded(const Execution& execution) {
  const auto* executed = std::get_if<Executed>(&execution);
  return executed != nullptr && executed->outcome == Outcome::kSuccess ? executed : nullptr;
}

bool was_interrupted(const Execution& execution) {
  const auto* executed = std::get_if<Executed>(&execution);
  return executed != nullptr && executed->outcome == Outcome::kInterrupted;
}

bool lacks_gas(const Execution& execution) {
  if (const auto* error = std::get_if<TransactionError>(&execution)) {
    return *error == TransactionError::kGasLimitTooLow;
  }
  const auto* executed = std::get_if<Executed>(&execution);
  return executed != nullptr && executed->outcome == Outcome::kOutOfGas;
}

/// Of Panic(uint256), in geth's words:
/// https://docs.soliditylang.org/en/latest/control-structures.html#panic-via-assert-and-error-via-require
std::string panic_reason(const U256& code) {
  using Reason = std::pair<unsigned, std::string_view>;
  constexpr std::array kReasons = {
      Reason{0x00, "generic panic"},
      Reason{0x01, "assert(false)"},
      Reason{0x11, "arithmetic underflow or overflow"},
      Reason{0x12, "division or modulo by zero"},
      Reason{0x21, "enum overflow"},
      Reason{0x22, "invalid encoded storage byte array accessed"},
      Reason{0x31, "out-of-bounds array access; popping on an empty array"},
      Reason{0x32, "out-of-bounds access of an array or bytesN"},
      Reason{0x41, "out of memory"},
      Reason{0x51, "uninitialized function"}};
  for (const auto& [known, words] : kReasons) {
    if (code == known) return std::string(words);
  }
  return "unknown panic code: " + quantity(code);
}

}  // namespace

RpcResult call_contract(const RpcContext& context, const CallRequest& request, const BlockId& id,
                        const StateOverrides& overrides) {
  const BlockPointer block = find_block(context.backend.chain, id);
  if (!block) return no_block(id);
  Caller caller(context, block->block.header, request, overrides);
  const std::uint64_t most = context.backend.bounds.call_gas;
  const Execution execution = caller.run(std::min(request.gas.value_or(most), most));
  if (const Executed* executed = succeeded(execution)) return Json(to_0x(executed->output));
  return failure(context, execution);
}

RpcResult estimate_gas(const RpcContext& context, const CallRequest& request, const BlockId& id,
                       const StateOverrides& overrides) {
  const BlockPointer block = find_block(context.backend.chain, id);
  if (!block) return no_block(id);
  const Header& header = block->block.header;
  Caller caller(context, header, request, overrides);

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
  if (executed == nullptr) return failure(context, execution);

  // That is less than it needs where gas comes back at the end, or is held back by calls (EIP-150).
  std::uint64_t too_little = executed->gas_used;
  execution = caller.run(too_little);
  if (succeeded(execution) != nullptr) return Json(quantity(too_little));
  constexpr double kTolerance = 0.015;
  while (static_cast<double>(enough - too_little) > static_cast<double>(enough) * kTolerance) {
    // Most need little more than what they use.
    const std::uint64_t middle = std::min(too_little + (enough - too_little) / 2, too_little * 2);
    execution = caller.run(middle);
    if (was_interrupted(execution)) return failure(context, execution);
    (succeeded(execution) != nullptr ? enough : too_little) = middle;
  }
  return Json(quantity(enough));
}

RpcResult create_access_list(const RpcContext& context, const CallRequest& request,
                             const BlockId& id, const StateOverrides& overrides) {
  const BlockPointer block = find_block(context.backend.chain, id);
  if (!block) return no_block(id);
  Caller caller(context, block->block.header, request, overrides);
  const std::uint64_t most = context.backend.bounds.call_gas;
  const std::uint64_t gas = std::min(request.gas.value_or(most), most);
  caller.note_accesses();
  // What code does may depend on the gas that it has left, and so on the list.
  Execution execution = caller.run(gas);
  while (std::holds_alternative<Executed>(execution) && !was_interrupted(execution) &&
         caller.extend_access_list()) {
    execution = caller.run(gas);
  }
  const auto* executed = std::get_if<Executed>(&execution);
  if (executed == nullptr || was_interrupted(execution)) return failure(context, execution);
  Json json{{"accessList", access_list_json(caller.access_list())},
            {"gasUsed", quantity(executed->gas_used)}};
  if (executed->outcome != Outcome::kSuccess) json["error"] = failure(context, execution).message;
  return json;
}

std::optional<std::string> revert_reason(ByteView output) {
  // Error(string): https://docs.soliditylang.org/en/latest/control-structures.html#revert
  constexpr std::array<std::uint8_t, 4> kSelector = {0x08, 0xc3, 0x79, 0xa0};
  constexpr std::size_t kWord = 32;
  constexpr std::array<std::uint8_t, 4> kPanic = {0x4e, 0x48, 0x7b, 0x71};  // Panic(uint256)
  if (output.size() == kPanic.size() + kWord && std::ranges::equal(output.first(4), kPanic)) {
    return panic_reason(u256_from(output.subspan(kPanic.size())));
  }
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
