// SPDX-License-Identifier: Apache-2.0
#include "node/evm/evm.h"

#include <limits>
#include <utility>

#include "node/crypto/hash.h"
#include "node/evm/gas.h"
#include "node/evm/precompiles.h"
#include "node/state/rlp.h"

namespace pixelzx::node {
namespace {

ExecutionResult run_precompile(const Precompile& precompile, const Message& message) {
  const std::uint64_t cost = precompile.gas(message.input);
  if (cost > message.gas) return {.outcome = Outcome::kOutOfGas};
  std::optional<Bytes> output = precompile.run(message.input);
  if (!output) return {.outcome = Outcome::kPrecompileFailed};
  return {.gas_left = message.gas - cost, .output = std::move(*output)};
}

/// EIP-1014.
Address contract_address_of_create2(const Message& message) {
  Bytes text = {0xff};
  append(text, message.caller);
  append(text, message.salt);
  append(text, keccak256(message.input));
  return to_address(keccak256(text));
}

}  // namespace

Address contract_address(const Address& creator, std::uint64_t nonce) {
  Bytes items;
  rlp::append_string(items, creator);
  rlp::append_number(items, nonce);
  Bytes text;
  rlp::append_list(text, items);
  return to_address(keccak256(text));
}

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSuccess:
      return "success";
    case Outcome::kRevert:
      return "execution reverted";
    case Outcome::kOutOfGas:
      return "out of gas";
    case Outcome::kStackUnderflow:
      return "stack underflow";
    case Outcome::kStackOverflow:
      return "stack overflow";
    case Outcome::kBadJump:
      return "invalid jump destination";
    case Outcome::kUndefinedInstruction:
      return "undefined instruction";
    case Outcome::kInvalidInstruction:
      return "invalid instruction";
    case Outcome::kStaticViolation:
      return "state change in a static call";
    case Outcome::kReturnDataOutOfBounds:
      return "return data out of bounds";
    case Outcome::kPrecompileFailed:
      return "precompiled contract failed";
    case Outcome::kAddressTaken:
      return "contract address is taken";
    case Outcome::kCodeTooLarge:
      return "contract code is too large";
    case Outcome::kCodeBeginsWithEf:
      return "contract code begins with 0xef";
    case Outcome::kCallTooDeep:
      return "call is too deep";
    case Outcome::kBalanceTooLow:
      return "balance is too low";
    case Outcome::kNonceTooHigh:
      return "nonce is too high";
    case Outcome::kInterrupted:
      return "execution aborted";
  }
  return {};
}

ExecutionResult Evm::call(const Message& message) {
  if (message.depth > kMaxCallDepth) {
    return {.outcome = Outcome::kCallTooDeep, .gas_left = message.gas};
  }
  const bool moves_value = message.kind == CallKind::kCall;
  if (message.kind != CallKind::kDelegatecall && state_.balance(message.caller) < message.value) {
    return {.outcome = Outcome::kBalanceTooLow, .gas_left = message.gas};
  }
  const State::Snapshot snapshot = state_.snapshot();
  if (moves_value) {
    state_.subtract_balance(message.caller, message.value);
    state_.add_balance(message.recipient, message.value);
  } else if (message.kind == CallKind::kStaticcall) {
    state_.add_balance(message.recipient, 0);  // touched
  }
  ExecutionResult result;
  if (const Precompile* precompile = find_precompile(message.code_address)) {
    result = run_precompile(*precompile, message);
  } else {
    result = interpret(*this, message, *state_.code(message.code_address));
  }
  take_back_failure(snapshot, result);
  return result;
}

ExecutionResult Evm::create(Message message) {
  if (message.depth > kMaxCallDepth) {
    return {.outcome = Outcome::kCallTooDeep, .gas_left = message.gas};
  }
  if (state_.balance(message.caller) < message.value) {
    return {.outcome = Outcome::kBalanceTooLow, .gas_left = message.gas};
  }
  const std::uint64_t nonce = state_.nonce(message.caller);
  if (nonce == std::numeric_limits<std::uint64_t>::max()) {
    return {.outcome = Outcome::kNonceTooHigh, .gas_left = message.gas};
  }
  state_.increment_nonce(message.caller);
  message.recipient = message.kind == CallKind::kCreate2 ? contract_address_of_create2(message)
                                                         : contract_address(message.caller, nonce);
  // Also when the creation fails: EIP-2929.
  state_.warm(message.recipient);
  if (state_.is_taken(message.recipient)) return {.outcome = Outcome::kAddressTaken};

  const State::Snapshot snapshot = state_.snapshot();
  state_.create_contract(message.recipient);
  state_.subtract_balance(message.caller, message.value);
  state_.add_balance(message.recipient, message.value);
  ExecutionResult result = run_init_code(message);
  if (result.outcome == Outcome::kSuccess) result.created = message.recipient;
  take_back_failure(snapshot, result);
  return result;
}

void Evm::take_back_failure(State::Snapshot snapshot, ExecutionResult& result) {
  if (result.outcome == Outcome::kSuccess) return;
  state_.revert(snapshot);
  if (result.outcome != Outcome::kRevert) result.gas_left = 0;
}

ExecutionResult Evm::run_init_code(const Message& message) {
  const Code init_code({message.input.begin(), message.input.end()});
  Message without_input = message;
  without_input.input = {};
  ExecutionResult result = interpret(*this, without_input, init_code);
  if (result.outcome != Outcome::kSuccess) return result;
  Bytes code = std::exchange(result.output, {});
  if (code.size() > kMaxCodeSize) return {.outcome = Outcome::kCodeTooLarge};
  if (!code.empty() && code.front() == 0xef) return {.outcome = Outcome::kCodeBeginsWithEf};
  const std::uint64_t cost = gas::kCodeByte * code.size();
  if (cost > result.gas_left) return {.outcome = Outcome::kOutOfGas};
  result.gas_left -= cost;
  state_.set_code(message.recipient, std::move(code));
  return result;
}

}  // namespace pixelzx::node
