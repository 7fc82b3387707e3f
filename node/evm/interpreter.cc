// SPDX-License-Identifier: Apache-2.0
//
// The instructions: Yellow Paper, appendix H, and the EIPs up to Cancun.
#include <algorithm>
#include <limits>
#include <utility>

#include "node/chain/transaction.h"
#include "node/crypto/hash.h"
#include "node/evm/evm.h"
#include "node/evm/gas.h"
#include "node/evm/opcode.h"

namespace pixelzx::node {
namespace {

constexpr std::size_t kStackLimit = 1024;
/// More memory costs more gas than a block has.
constexpr std::uint64_t kMemoryLimit = std::numeric_limits<std::uint32_t>::max();

bool is_negative(const U256& value) {
  return bit_test(value, 255U);
}

U256 negated(const U256& value) {
  return U256(0) - value;
}

U256 magnitude(const U256& value) {
  return is_negative(value) ? negated(value) : value;
}

U256 signed_divide(const U256& a, const U256& b) {
  if (b == 0) return 0;
  const U256 quotient = magnitude(a) / magnitude(b);
  return is_negative(a) != is_negative(b) ? negated(quotient) : quotient;
}

U256 signed_modulo(const U256& a, const U256& b) {
  if (b == 0) return 0;
  const U256 rest = magnitude(a) % magnitude(b);
  return is_negative(a) ? negated(rest) : rest;
}

bool signed_less(const U256& a, const U256& b) {
  return is_negative(a) != is_negative(b) ? is_negative(a) : a < b;
}

U256 power(U256 base, const U256& exponent) {
  U256 result = 1;
  const unsigned bits = exponent == 0 ? 0 : msb(exponent) + 1;
  for (unsigned i = 0; i < bits; ++i) {
    if (bit_test(exponent, i)) result *= base;
    base *= base;
  }
  return result;
}

/// `value` continued with the sign of its byte number `index`, counted from the lowest.
U256 sign_extended(const U256& index, const U256& value) {
  if (index >= 31) return value;
  const unsigned sign = static_cast<unsigned>(index) * 8 + 7;
  const U256 below = (U256(1) << sign) - 1;
  return bit_test(value, sign) ? value | ~below : value & below;
}

U256 arithmetic_shift(const U256& shift, const U256& value) {
  const bool negative = is_negative(value);
  if (shift >= 256) return negative ? ~U256(0) : U256(0);
  const auto count = static_cast<unsigned>(shift);
  if (!negative) return value >> count;
  return ~(~value >> count);
}

std::uint64_t words(std::uint64_t bytes) {
  return (bytes + 31) / 32;
}

/// Fills `to` with what `bytes` has from `offset` on, and with zeros behind their end.
void copy_padded(ByteView bytes, const U256& offset, std::span<std::uint8_t> to) {
  const ByteView from =
      offset < bytes.size() ? bytes.subspan(static_cast<std::size_t>(offset)) : ByteView();
  const std::size_t size = std::min(to.size(), from.size());
  std::ranges::copy(from.first(size), to.begin());
  std::ranges::fill(to.subspan(size), std::uint8_t{0});
}

U256 padded_word(ByteView bytes, const U256& offset, std::size_t size) {
  Hash word;  // NOLINT: filled next
  copy_padded(bytes, offset, std::span(word).first(size));
  return u256_from(ByteView(word).first(size));
}

/// One execution of a contract's code.
class Frame {
 public:
  Frame(Evm& evm, const Message& message, const Code& code)
      : evm_(evm), state_(evm.state()), message_(message), code_(code), gas_(message.gas) {
    stack_.reserve(kStackLimit);
    if (evm.watch() != nullptr) ask_below_ = gas_;
  }

  ExecutionResult run() {
    const Outcome outcome = execute();
    ExecutionResult result{.outcome = outcome};
    if (outcome == Outcome::kSuccess || outcome == Outcome::kRevert) {
      result.gas_left = gas_;
      result.output = std::move(output_);
    }
    return result;
  }

 private:
  // ---- stack, gas and memory ----

  U256 pop() {
    U256 value = stack_.back();
    stack_.pop_back();
    return value;
  }
  U256& top() { return stack_.back(); }
  void push(const U256& value) { stack_.push_back(value); }
  void push(const Address& address) { push(u256_from(address)); }

  bool charge(std::uint64_t cost) {
    if (cost > gas_) return false;
    gas_ -= cost;
    return true;
  }

  /// A part of memory that an instruction names, once it is there and paid for.
  struct Range {
    std::size_t offset = 0;
    std::size_t size = 0;
  };

  bool reserve(const U256& offset, const U256& size, Range& range) {
    if (size == 0) return true;
    if (offset > kMemoryLimit || size > kMemoryLimit) return false;
    const std::uint64_t end = static_cast<std::uint64_t>(offset) + static_cast<std::uint64_t>(size);
    if (end > kMemoryLimit) return false;
    range = {.offset = static_cast<std::size_t>(offset), .size = static_cast<std::size_t>(size)};
    if (end <= memory_.size()) return true;
    const auto cost = [](std::uint64_t count) {
      return gas::kMemoryWord * count + count * count / gas::kMemoryQuadratic;
    };
    if (!charge(cost(words(end)) - cost(memory_.size() / 32))) return false;
    memory_.resize(static_cast<std::size_t>(words(end) * 32));
    return true;
  }

  [[nodiscard]] ByteView bytes_of(const Range& range) const {
    return ByteView(memory_).subspan(range.offset, range.size);
  }

  /// Pops offset and size.
  bool pop_range(Range& range) {
    const U256 offset = pop();
    const U256 size = pop();
    return reserve(offset, size, range);
  }

  /// Return whether it was warm before, for this transaction (EIP-2929), and tell who watches.
  bool warm(const Address& address) {
    if (is_noted()) (*evm_.watch()->accessed)[address];
    return state_.warm(address);
  }
  bool warm_slot(const U256& slot) {
    if (is_noted()) (*evm_.watch()->accessed)[message_.recipient].insert(slot);
    return state_.warm(message_.recipient, slot);
  }
  [[nodiscard]] bool is_noted() const { return evm_.watch() != nullptr && evm_.watch()->accessed; }

  /// For the first access of the transaction there is more to pay.
  bool charge_access(const Address& address) {
    return charge(warm(address) ? gas::kWarmAccess : gas::kColdAccount);
  }

  /// Whether whoever watches wants no more. Asked at jumps and calls: without them code is soon at
  /// its end.
  bool is_interrupted() {
    constexpr std::uint64_t kBetween = 10'000;
    if (gas_ >= ask_below_) return false;
    ask_below_ = gas_ - std::min(gas_, kBetween);
    return evm_.watch()->is_late();
  }

  // ---- instructions ----

  Outcome execute();
  Outcome step(Opcode opcode);
  Outcome exp();
  Outcome keccak();
  Outcome copy_code_of_account();
  Outcome copy(ByteView from);
  Outcome copy_return_data();
  Outcome copy_within_memory();
  Outcome load_word();
  Outcome store_word();
  Outcome store_byte();
  Outcome load_storage();
  Outcome store_storage();
  Outcome store_transient();
  Outcome jump(const U256& target);
  Outcome log(unsigned topics);
  Outcome create(CallKind kind);
  Outcome call(CallKind kind);
  Outcome destruct();
  Outcome end(Outcome outcome);

  Evm& evm_;
  State& state_;
  const Message& message_;
  const Code& code_;
  std::uint64_t gas_;
  std::uint64_t ask_below_ = 0;  ///< the gas; 0 when nobody watches
  std::size_t position_ = 0;
  bool running_ = true;
  std::vector<U256> stack_;
  Bytes memory_;
  Bytes return_data_;
  Bytes output_;
};

Outcome Frame::execute() {
  const ByteView code = code_.bytes();
  while (running_ && position_ < code.size()) {
    const std::uint8_t opcode = code[position_];
    const OpcodeInfo& info = kOpcodes[opcode];
    if (!info.defined) {
      return static_cast<Opcode>(opcode) == Opcode::kInvalid ? Outcome::kInvalidInstruction
                                                             : Outcome::kUndefinedInstruction;
    }
    if (stack_.size() < info.inputs) return Outcome::kStackUnderflow;
    if (stack_.size() - info.inputs + info.outputs > kStackLimit) return Outcome::kStackOverflow;
    if (!charge(info.gas)) return Outcome::kOutOfGas;
    ++position_;
    const Outcome outcome = step(static_cast<Opcode>(opcode));
    if (outcome != Outcome::kSuccess) return outcome;
  }
  return Outcome::kSuccess;
}

Outcome Frame::step(Opcode opcode) {
  using enum Opcode;
  const auto number = static_cast<unsigned>(opcode);
  const BlockContext& block = evm_.block();

  if (opcode >= kPush1 && opcode <= kPush32) {
    const std::size_t size = number - static_cast<unsigned>(kPush1) + 1;
    const ByteView code = code_.bytes();
    if (position_ + size <= code.size()) {
      push(u256_from(code.subspan(position_, size)));
    } else {
      push(padded_word(code, position_, size));
    }
    position_ += size;
    return Outcome::kSuccess;
  }
  if (opcode >= kDup1 && opcode <= kDup16) {
    push(U256(stack_[stack_.size() - 1 - (number - static_cast<unsigned>(kDup1))]));
    return Outcome::kSuccess;
  }
  if (opcode >= kSwap1 && opcode <= kSwap16) {
    std::swap(top(), stack_[stack_.size() - 2 - (number - static_cast<unsigned>(kSwap1))]);
    return Outcome::kSuccess;
  }
  if (opcode >= kLog0 && opcode <= kLog4) return log(number - static_cast<unsigned>(kLog0));

  switch (opcode) {
    case kStop:
      running_ = false;
      break;
    case kAdd: {
      const U256 a = pop();
      top() += a;
      break;
    }
    case kMul: {
      const U256 a = pop();
      top() *= a;
      break;
    }
    case kSub: {
      const U256 a = pop();
      top() = a - top();
      break;
    }
    case kDiv: {
      const U256 a = pop();
      top() = top() == 0 ? U256(0) : a / top();
      break;
    }
    case kSdiv: {
      const U256 a = pop();
      top() = signed_divide(a, top());
      break;
    }
    case kMod: {
      const U256 a = pop();
      top() = top() == 0 ? U256(0) : a % top();
      break;
    }
    case kSmod: {
      const U256 a = pop();
      top() = signed_modulo(a, top());
      break;
    }
    case kAddmod: {
      const U256 a = pop();
      const U256 b = pop();
      top() = top() == 0 ? U256(0) : U256((U512(a) + U512(b)) % U512(top()));
      break;
    }
    case kMulmod: {
      const U256 a = pop();
      const U256 b = pop();
      top() = top() == 0 ? U256(0) : U256((U512(a) * U512(b)) % U512(top()));
      break;
    }
    case kExp:
      return exp();
    case kSignextend: {
      const U256 index = pop();
      top() = sign_extended(index, top());
      break;
    }

    case kLt: {
      const U256 a = pop();
      top() = a < top() ? 1 : 0;
      break;
    }
    case kGt: {
      const U256 a = pop();
      top() = a > top() ? 1 : 0;
      break;
    }
    case kSlt: {
      const U256 a = pop();
      top() = signed_less(a, top()) ? 1 : 0;
      break;
    }
    case kSgt: {
      const U256 a = pop();
      top() = signed_less(top(), a) ? 1 : 0;
      break;
    }
    case kEq: {
      const U256 a = pop();
      top() = a == top() ? 1 : 0;
      break;
    }
    case kIszero:
      top() = top() == 0 ? 1 : 0;
      break;
    case kAnd: {
      const U256 a = pop();
      top() &= a;
      break;
    }
    case kOr: {
      const U256 a = pop();
      top() |= a;
      break;
    }
    case kXor: {
      const U256 a = pop();
      top() ^= a;
      break;
    }
    case kNot:
      top() = ~top();
      break;
    case kByte: {
      const U256 index = pop();
      top() = index >= 32 ? U256(0) : (top() >> (8 * (31 - static_cast<unsigned>(index)))) & 0xff;
      break;
    }
    case kShl: {
      const U256 shift = pop();
      top() = shift >= 256 ? U256(0) : top() << static_cast<unsigned>(shift);
      break;
    }
    case kShr: {
      const U256 shift = pop();
      top() = shift >= 256 ? U256(0) : top() >> static_cast<unsigned>(shift);
      break;
    }
    case kSar: {
      const U256 shift = pop();
      top() = arithmetic_shift(shift, top());
      break;
    }
    case kKeccak256:
      return keccak();

    case kAddress:
      push(message_.recipient);
      break;
    case kBalance: {
      const Address address = to_address(top());
      if (!charge_access(address)) return Outcome::kOutOfGas;
      top() = state_.balance(address);
      break;
    }
    case kOrigin:
      push(evm_.transaction().origin);
      break;
    case kCaller:
      push(message_.caller);
      break;
    case kCallvalue:
      push(message_.value);
      break;
    case kCalldataload:
      top() = padded_word(message_.input, top(), 32);
      break;
    case kCalldatasize:
      push(message_.input.size());
      break;
    case kCalldatacopy:
      return copy(message_.input);
    case kCodesize:
      push(code_.bytes().size());
      break;
    case kCodecopy:
      return copy(code_.bytes());
    case kGasprice:
      push(evm_.transaction().gas_price);
      break;
    case kExtcodesize: {
      const Address address = to_address(top());
      if (!charge_access(address)) return Outcome::kOutOfGas;
      top() = state_.code(address)->bytes().size();
      break;
    }
    case kExtcodecopy:
      return copy_code_of_account();
    case kReturndatasize:
      push(return_data_.size());
      break;
    case kReturndatacopy:
      return copy_return_data();
    case kExtcodehash: {
      const Address address = to_address(top());
      if (!charge_access(address)) return Outcome::kOutOfGas;
      top() = state_.is_empty(address) ? U256(0) : u256_from(state_.code_hash(address));
      break;
    }

    case kBlockhash: {
      const bool known = top() < block.number && block.number - top() <= 256 && block.block_hash;
      top() = known ? u256_from(block.block_hash(static_cast<std::uint64_t>(top()))) : U256(0);
      break;
    }
    case kCoinbase:
      push(block.coinbase);
      break;
    case kTimestamp:
      push(block.timestamp);
      break;
    case kNumber:
      push(block.number);
      break;
    case kPrevrandao:
      push(u256_from(block.prev_randao));
      break;
    case kGaslimit:
      push(block.gas_limit);
      break;
    case kChainid:
      push(block.chain_id);
      break;
    case kSelfbalance:
      push(state_.balance(message_.recipient));
      break;
    case kBasefee:
      push(block.base_fee);
      break;
    case kBlobhash: {
      const auto& hashes = evm_.transaction().blob_hashes;
      top() = top() < hashes.size() ? u256_from(hashes[static_cast<std::size_t>(top())]) : U256(0);
      break;
    }
    case kBlobbasefee:
      push(block.blob_base_fee);
      break;

    case kPop:
      stack_.pop_back();
      break;
    case kMload:
      return load_word();
    case kMstore:
      return store_word();
    case kMstore8:
      return store_byte();
    case kSload:
      return load_storage();
    case kSstore:
      return store_storage();
    case kJump:
      return jump(pop());
    case kJumpi: {
      const U256 target = pop();
      const U256 condition = pop();
      if (condition != 0) return jump(target);
      break;
    }
    case kPc:
      push(position_ - 1);
      break;
    case kMsize:
      push(memory_.size());
      break;
    case kGas:
      push(gas_);
      break;
    case kJumpdest:
      break;
    case kTload:
      top() = state_.transient(message_.recipient, top());
      break;
    case kTstore:
      return store_transient();
    case kMcopy:
      return copy_within_memory();
    case kPush0:
      push(0);
      break;

    case kCreate:
      return create(CallKind::kCreate);
    case kCreate2:
      return create(CallKind::kCreate2);
    case kCall:
      return call(CallKind::kCall);
    case kCallcode:
      return call(CallKind::kCallcode);
    case kDelegatecall:
      return call(CallKind::kDelegatecall);
    case kStaticcall:
      return call(CallKind::kStaticcall);
    case kReturn:
      return end(Outcome::kSuccess);
    case kRevert:
      return end(Outcome::kRevert);
    case kSelfdestruct:
      return destruct();
    default:
      return Outcome::kUndefinedInstruction;
  }
  return Outcome::kSuccess;
}

Outcome Frame::exp() {
  const U256 base = pop();
  const U256 exponent = pop();
  const std::uint64_t bytes = exponent == 0 ? 0 : msb(exponent) / 8 + 1;
  if (!charge(gas::kExpByte * bytes)) return Outcome::kOutOfGas;
  push(power(base, exponent));
  return Outcome::kSuccess;
}

Outcome Frame::keccak() {
  Range range;
  if (!pop_range(range)) return Outcome::kOutOfGas;
  if (!charge(gas::kKeccakWord * words(range.size))) return Outcome::kOutOfGas;
  push(u256_from(keccak256(bytes_of(range))));
  return Outcome::kSuccess;
}

Outcome Frame::copy_code_of_account() {
  const Address address = to_address(pop());
  if (!charge_access(address)) return Outcome::kOutOfGas;
  return copy(state_.code(address)->bytes());
}

Outcome Frame::copy(ByteView from) {
  const U256 to = pop();
  const U256 offset = pop();
  const U256 size = pop();
  Range range;
  if (!reserve(to, size, range)) return Outcome::kOutOfGas;
  if (!charge(gas::kCopyWord * words(range.size))) return Outcome::kOutOfGas;
  copy_padded(from, offset, std::span(memory_).subspan(range.offset, range.size));
  return Outcome::kSuccess;
}

Outcome Frame::copy_return_data() {
  const U256 offset = stack_[stack_.size() - 2];
  const U256 size = stack_[stack_.size() - 3];
  if (U512(offset) + U512(size) > return_data_.size()) return Outcome::kReturnDataOutOfBounds;
  return copy(return_data_);
}

Outcome Frame::copy_within_memory() {
  const U256 to = pop();
  const U256 from = pop();
  const U256 size = pop();
  Range target;
  Range source;
  if (!reserve(to, size, target) || !reserve(from, size, source)) return Outcome::kOutOfGas;
  if (!charge(gas::kCopyWord * words(target.size))) return Outcome::kOutOfGas;
  if (target.size != 0) {
    std::memmove(memory_.data() + target.offset, memory_.data() + source.offset, target.size);
  }
  return Outcome::kSuccess;
}

Outcome Frame::load_word() {
  Range range;
  if (!reserve(top(), 32, range)) return Outcome::kOutOfGas;
  top() = u256_from(bytes_of(range));
  return Outcome::kSuccess;
}

Outcome Frame::store_word() {
  const U256 offset = pop();
  const U256 value = pop();
  Range range;
  if (!reserve(offset, 32, range)) return Outcome::kOutOfGas;
  std::ranges::copy(to_hash(value), memory_.begin() + static_cast<std::ptrdiff_t>(range.offset));
  return Outcome::kSuccess;
}

Outcome Frame::store_byte() {
  const U256 offset = pop();
  const U256 value = pop();
  Range range;
  if (!reserve(offset, 1, range)) return Outcome::kOutOfGas;
  memory_[range.offset] = static_cast<std::uint8_t>(value & 0xff);
  return Outcome::kSuccess;
}

Outcome Frame::load_storage() {
  const bool warm = warm_slot(top());
  if (!charge(warm ? gas::kWarmAccess : gas::kColdSlot)) return Outcome::kOutOfGas;
  top() = state_.storage(message_.recipient, top());
  return Outcome::kSuccess;
}

/// EIP-2200 with the prices of EIP-2929 and EIP-3529.
Outcome Frame::store_storage() {
  if (message_.is_static) return Outcome::kStaticViolation;
  if (gas_ <= gas::kStorageStipend) return Outcome::kOutOfGas;
  const U256 slot = pop();
  const U256 value = pop();
  const Address& address = message_.recipient;
  std::uint64_t cost = warm_slot(slot) ? 0 : gas::kColdSlot;
  std::int64_t refund = 0;
  const U256 current = state_.storage(address, slot);
  const U256 original = state_.original_storage(address, slot);
  if (value == current) {
    cost += gas::kWarmAccess;
  } else if (original == current) {
    cost += original == 0 ? gas::kStorageSet : gas::kStorageReset;
    if (original != 0 && value == 0) refund += gas::kStorageClearedRefund;
  } else {
    cost += gas::kWarmAccess;
    if (original != 0 && current == 0) refund -= gas::kStorageClearedRefund;
    if (original != 0 && value == 0) refund += gas::kStorageClearedRefund;
    if (original == value) {
      const std::uint64_t first = original == 0 ? gas::kStorageSet : gas::kStorageReset;
      refund += static_cast<std::int64_t>(first - gas::kWarmAccess);
    }
  }
  if (!charge(cost)) return Outcome::kOutOfGas;
  if (refund != 0) state_.add_refund(refund);
  if (value != current) state_.set_storage(address, slot, value);
  return Outcome::kSuccess;
}

Outcome Frame::store_transient() {
  if (message_.is_static) return Outcome::kStaticViolation;
  const U256 slot = pop();
  const U256 value = pop();
  state_.set_transient(message_.recipient, slot, value);
  return Outcome::kSuccess;
}

Outcome Frame::jump(const U256& target) {
  if (is_interrupted()) return Outcome::kInterrupted;
  if (!code_.is_jump_target(saturated_u64(target))) return Outcome::kBadJump;
  position_ = static_cast<std::size_t>(target);
  return Outcome::kSuccess;
}

Outcome Frame::log(unsigned topics) {
  if (message_.is_static) return Outcome::kStaticViolation;
  Range range;
  if (!pop_range(range)) return Outcome::kOutOfGas;
  if (!charge(gas::kLogByte * range.size)) return Outcome::kOutOfGas;
  const ByteView data = bytes_of(range);
  Log log{.address = message_.recipient, .topics = {}, .data = {data.begin(), data.end()}};
  for (unsigned i = 0; i < topics; ++i) log.topics.push_back(to_hash(pop()));
  state_.add_log(std::move(log));
  return Outcome::kSuccess;
}

Outcome Frame::create(CallKind kind) {
  if (is_interrupted()) return Outcome::kInterrupted;
  if (message_.is_static) return Outcome::kStaticViolation;
  Message message{
      .kind = kind, .depth = message_.depth + 1, .caller = message_.recipient, .value = pop()};
  Range range;
  if (!pop_range(range)) return Outcome::kOutOfGas;
  if (range.size > kMaxInitCode) return Outcome::kOutOfGas;
  std::uint64_t word_cost = gas::kInitCodeWord;
  if (kind == CallKind::kCreate2) {
    message.salt = to_hash(pop());
    word_cost += gas::kKeccakWord;
  }
  if (!charge(word_cost * words(range.size))) return Outcome::kOutOfGas;
  message.gas = gas_ - gas_ / 64;  // EIP-150
  gas_ -= message.gas;
  message.input = bytes_of(range);
  ExecutionResult result = evm_.create(message);
  if (result.outcome == Outcome::kInterrupted) return result.outcome;
  gas_ += result.gas_left;
  return_data_ = result.outcome == Outcome::kRevert ? std::move(result.output) : Bytes();
  push(result.outcome == Outcome::kSuccess ? u256_from(result.created) : U256(0));
  return Outcome::kSuccess;
}

Outcome Frame::call(CallKind kind) {
  if (is_interrupted()) return Outcome::kInterrupted;
  const U256 wanted_gas = pop();
  const Address address = to_address(pop());
  Message message{.kind = kind,
                  .depth = message_.depth + 1,
                  .is_static = message_.is_static || kind == CallKind::kStaticcall,
                  .caller = message_.recipient,
                  .recipient = address,
                  .code_address = address};
  const bool takes_value = kind == CallKind::kCall || kind == CallKind::kCallcode;
  if (takes_value) message.value = pop();
  const bool has_value = message.value != 0;
  if (kind == CallKind::kCallcode) message.recipient = message_.recipient;
  if (kind == CallKind::kDelegatecall) {
    message.caller = message_.caller;
    message.recipient = message_.recipient;
    message.value = message_.value;
  }
  if (kind == CallKind::kCall && has_value && message_.is_static) return Outcome::kStaticViolation;

  Range input;
  Range output;
  if (!pop_range(input) || !pop_range(output)) return Outcome::kOutOfGas;
  if (!charge_access(address)) return Outcome::kOutOfGas;
  if (has_value && !charge(gas::kCallValue)) return Outcome::kOutOfGas;
  if (kind == CallKind::kCall && has_value && state_.is_empty(address) &&
      !charge(gas::kNewAccount)) {
    return Outcome::kOutOfGas;
  }
  message.gas = std::min(saturated_u64(wanted_gas), gas_ - gas_ / 64);  // EIP-150
  gas_ -= message.gas;
  if (has_value) message.gas += gas::kCallStipend;
  message.input = bytes_of(input);

  ExecutionResult result = evm_.call(message);
  if (result.outcome == Outcome::kInterrupted) return result.outcome;
  gas_ += result.gas_left;
  return_data_ = std::move(result.output);
  std::ranges::copy(ByteView(return_data_).first(std::min(return_data_.size(), output.size)),
                    memory_.begin() + static_cast<std::ptrdiff_t>(output.offset));
  push(result.outcome == Outcome::kSuccess ? 1 : 0);
  return Outcome::kSuccess;
}

Outcome Frame::destruct() {
  if (message_.is_static) return Outcome::kStaticViolation;
  const Address heir = to_address(pop());
  if (!warm(heir) && !charge(gas::kColdAccount)) return Outcome::kOutOfGas;
  const Address& self = message_.recipient;
  const U256 balance = state_.balance(self);
  if (balance != 0 && state_.is_empty(heir) && !charge(gas::kNewAccount)) {
    return Outcome::kOutOfGas;
  }
  state_.subtract_balance(self, balance);
  // What a contract leaves to itself is lost if it goes, and stays if it does not: EIP-6780.
  if (heir != self || !state_.is_new_contract(self)) state_.add_balance(heir, balance);
  state_.destruct(self);
  running_ = false;
  return Outcome::kSuccess;
}

Outcome Frame::end(Outcome outcome) {
  Range range;
  if (!pop_range(range)) return Outcome::kOutOfGas;
  const ByteView bytes = bytes_of(range);
  output_.assign(bytes.begin(), bytes.end());
  running_ = false;
  return outcome;
}

}  // namespace

ExecutionResult interpret(Evm& evm, const Message& message, const Code& code) {
  if (code.bytes().empty()) return {.gas_left = message.gas};
  return Frame(evm, message, code).run();
}

}  // namespace pixelzx::node
