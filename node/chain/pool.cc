// SPDX-License-Identifier: Apache-2.0
#include "node/chain/pool.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <queue>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "node/crypto/hash.h"

namespace pixelzx::node {
namespace {

using Pointer = std::shared_ptr<const SignedTransaction>;

/// By PoolError.
constexpr std::array<std::string_view, 11> kTexts = {
    "already known",
    {},
    "invalid sender",
    "nonce too low",
    "insufficient funds for gas * price + value",
    "exceeds block gas limit",
    "transaction underpriced",
    "replacement transaction underpriced",
    "txpool is full",
    "oversized data",
    "nonce too high",
};

/// Reads of one ChainState, which keeps in memory all that they have led to.
constexpr std::size_t kMaxReads = 4096;

/// Wei. By EIP-1559 the base fee of empty blocks falls to this, and no further.
constexpr std::uint64_t kFloorOfBaseFee = 7;

/// What the sender may have to pay.
U512 cost_of(const Transaction& transaction) {
  return U512(transaction.max_fee) * transaction.gas_limit + U512(transaction.value);
}

/// A tenth more, and more at all.
bool is_raised(const U256& fee, const U256& old_fee) {
  return fee > old_fee && U512(fee) * 100 >= U512(old_fee) * 110;
}

struct Entry {
  Pointer transaction;
  std::size_t bytes = 0;  ///< encoded
  U512 cost;
  std::uint64_t arrival = 0;
  bool pending = false;
};

using Entries = std::map<std::uint64_t, Entry>;  // by nonce

struct Sender {
  std::uint64_t nonce = 0;  ///< in the head's state
  std::size_t pending = 0;  ///< how many are, from `nonce` on
  U512 cost = 0;
  Entries entries;
};

/// What pays least first; of two that pay the same, the later one.
struct Rank {
  U256 max_fee;
  U256 max_priority_fee;
  std::uint64_t arrival = 0;
  Address sender{};
  std::uint64_t nonce = 0;

  [[nodiscard]] bool pays_less_than(const Transaction& transaction) const {
    return std::tie(max_fee, max_priority_fee) <
           std::tie(transaction.max_fee, transaction.max_priority_fee);
  }
  bool operator<(const Rank& other) const {
    return std::tie(max_fee, max_priority_fee, other.arrival) <
           std::tie(other.max_fee, other.max_priority_fee, arrival);
  }
};

Rank rank_of(const Entry& entry) {
  const Transaction& transaction = entry.transaction->transaction;
  return {.max_fee = transaction.max_fee,
          .max_priority_fee = transaction.max_priority_fee,
          .arrival = entry.arrival,
          .sender = entry.transaction->sender,
          .nonce = transaction.nonce};
}

}  // namespace

std::string_view text(const PoolRefusal& refusal) {
  if (!refusal.invalid) return kTexts.at(static_cast<std::size_t>(refusal.error));
  switch (*refusal.invalid) {
    case TransactionError::kGasLimitTooLow:
      return "intrinsic gas too low";
    case TransactionError::kPriorityAboveFee:
      return "max priority fee per gas higher than max fee per gas";
    case TransactionError::kInitCodeTooLarge:
      return "max initcode size exceeded";
    case TransactionError::kNonceTooLarge:
      return "nonce has max value";
    case TransactionError::kOtherChain:
      return "invalid chain id for signer";
    default:
      return text(*refusal.invalid);
  }
}

struct Pool::Parts {
  Parts(Chain& its_chain, PoolLimits its_limits)
      : chain(its_chain), limits(std::move(its_limits)) {}

  Chain& chain;
  const PoolLimits limits;

  mutable std::mutex mutex;  // guards all that follows
  std::uint64_t gas_limit = 0;
  Hash state_root{};
  mutable std::unique_ptr<ChainState> state;  // the head's
  mutable std::size_t reads = 0;
  std::unordered_map<Address, Sender, ArrayHash> senders;
  std::unordered_map<Hash, Pointer, ArrayHash> by_hash;
  std::set<Rank> pending;
  std::set<Rank> queued;
  std::size_t bytes = 0;
  std::uint64_t arrivals = 0;
  std::vector<std::function<void(const SignedTransaction&)>> listeners;

  Account account(const Address& address) const {
    if (++reads > kMaxReads) renew_state();
    return state->account(address).value_or(Account());
  }
  void renew_state() const {
    Header header;
    header.state_root = state_root;
    state = chain.state(header);
    reads = 0;
  }

  void follow(const BlockPointer& block);
  std::optional<PoolError> why_refused(const SignedTransaction& signed_transaction,
                                       const Account& account) const;
  bool make_room(const SignedTransaction& newcomer, std::size_t size, std::uint64_t nonce);
  Transactions insert(Pointer transaction, std::size_t size, std::uint64_t nonce);
  Transactions settle(Sender& sender, std::uint64_t nonce);
  void drop(Sender& sender, Entries::iterator at);
  void erase(const Address& address, std::uint64_t nonce);
  Transactions all(const std::set<Rank>& ranks) const;
};

/// To the state after `block`. Only who has sent in it has another nonce or a lower balance: an
/// account without code pays for nothing else.
void Pool::Parts::follow(const BlockPointer& block) {
  gas_limit = block->block.header.gas_limit;
  state_root = block->block.header.state_root;
  renew_state();
  for (const Address& address : block->senders) {
    const auto found = senders.find(address);
    if (found == senders.end()) continue;
    Sender& sender = found->second;
    const Account account = this->account(address);
    sender.nonce = account.nonce;
    auto& entries = sender.entries;
    while (!entries.empty() && entries.begin()->first < account.nonce) {
      drop(sender, entries.begin());
    }
    while (sender.cost > U512(account.balance)) drop(sender, std::prev(entries.end()));
    settle(sender, account.nonce);
    if (entries.empty()) senders.erase(found);
  }
}

/// For what depends on the state and on what is in the pool.
std::optional<PoolError> Pool::Parts::why_refused(const SignedTransaction& signed_transaction,
                                                  const Account& account) const {
  const Transaction& transaction = signed_transaction.transaction;
  if (by_hash.contains(signed_transaction.hash)) return PoolError::kKnown;
  if (transaction.gas_limit > gas_limit) return PoolError::kGasAboveBlock;
  if (transaction.nonce < account.nonce) return PoolError::kNonceTooLow;
  if (transaction.nonce - account.nonce >= limits.per_sender) return PoolError::kNonceTooHigh;
  U512 cost = cost_of(transaction);
  if (const auto sender = senders.find(signed_transaction.sender); sender != senders.end()) {
    cost += sender->second.cost;
    const auto& entries = sender->second.entries;
    const auto old = entries.find(transaction.nonce);
    if (old != entries.end()) {
      const Transaction& replaced = old->second.transaction->transaction;
      if (!is_raised(transaction.max_fee, replaced.max_fee) ||
          !is_raised(transaction.max_priority_fee, replaced.max_priority_fee)) {
        return PoolError::kReplacementUnderpriced;
      }
      cost -= old->second.cost;
    }
  }
  if (cost > U512(account.balance)) return PoolError::kInsufficientFunds;
  return std::nullopt;
}

/// Drives out what pays less than `newcomer`: first what is queued, then, if that would be pending,
/// what is pending. False, and nobody goes, when that is not enough. `nonce`: the sender's.
bool Pool::Parts::make_room(const SignedTransaction& newcomer, std::size_t size,
                            std::uint64_t nonce) {
  std::size_t count = by_hash.size() + 1;
  std::size_t total = bytes + size;
  const auto sender = senders.find(newcomer.sender);
  std::uint64_t next = nonce;
  if (sender != senders.end()) {
    next += sender->second.pending;
    const auto old = sender->second.entries.find(newcomer.transaction.nonce);
    if (old != sender->second.entries.end()) {
      --count;
      total -= old->second.bytes;
    }
  }
  const bool is_pending = newcomer.transaction.nonce <= next;
  std::vector<Rank> victims;
  for (const std::set<Rank>* ranks : {&queued, &pending}) {
    if (ranks == &pending && !is_pending) break;
    for (const Rank& rank : *ranks) {
      if (count <= limits.transactions && total <= limits.bytes) break;
      if (!rank.pays_less_than(newcomer.transaction)) break;
      if (rank.sender == newcomer.sender) continue;
      --count;
      total -= senders.at(rank.sender).entries.at(rank.nonce).bytes;
      victims.push_back(rank);
    }
  }
  if (count > limits.transactions || total > limits.bytes) return false;
  for (const Rank& victim : victims) erase(victim.sender, victim.nonce);
  return true;
}

/// Returns what has become pending by it. `nonce`: the sender's.
Pool::Transactions Pool::Parts::insert(Pointer transaction, std::size_t size, std::uint64_t nonce) {
  const std::uint64_t own_nonce = transaction->transaction.nonce;
  Sender& sender = senders[transaction->sender];
  sender.nonce = nonce;
  const auto old = sender.entries.find(own_nonce);
  if (old != sender.entries.end()) drop(sender, old);
  Entry& entry = sender.entries[own_nonce];
  entry.bytes = size;
  entry.cost = cost_of(transaction->transaction);
  entry.arrival = ++arrivals;
  entry.transaction = std::move(transaction);
  by_hash.emplace(entry.transaction->hash, entry.transaction);
  bytes += size;
  sender.cost += entry.cost;
  queued.insert(rank_of(entry));
  return settle(sender, own_nonce);
}

/// Finds out anew which of the sender's are pending, from `nonce` on, where something has changed;
/// returns those that have become so.
Pool::Transactions Pool::Parts::settle(Sender& sender, std::uint64_t nonce) {
  Transactions promoted;
  auto at = sender.entries.lower_bound(nonce);
  bool follows = false;  // whether `next` can be pending
  std::uint64_t next = sender.nonce;
  if (at == sender.entries.begin()) {
    follows = true;
  } else {
    const auto before = std::prev(at);
    follows = before->second.pending;
    next = before->first + 1;
  }
  for (; at != sender.entries.end(); ++at, ++next) {
    Entry& entry = at->second;
    follows = follows && at->first == next;
    if (entry.pending == follows) break;
    entry.pending = follows;
    (follows ? queued : pending).erase(rank_of(entry));
    (follows ? pending : queued).insert(rank_of(entry));
    sender.pending += follows ? 1U : static_cast<std::size_t>(-1);
    if (follows) promoted.push_back(entry.transaction);
  }
  return promoted;
}

/// The caller settles what comes after it.
void Pool::Parts::drop(Sender& sender, Entries::iterator at) {
  const Entry& entry = at->second;
  by_hash.erase(entry.transaction->hash);
  (entry.pending ? pending : queued).erase(rank_of(entry));
  if (entry.pending) --sender.pending;
  bytes -= entry.bytes;
  sender.cost -= entry.cost;
  sender.entries.erase(at);
}

void Pool::Parts::erase(const Address& address, std::uint64_t nonce) {
  const auto sender = senders.find(address);
  drop(sender->second, sender->second.entries.find(nonce));
  settle(sender->second, nonce);
  if (sender->second.entries.empty()) senders.erase(sender);
}

Pool::Transactions Pool::Parts::all(const std::set<Rank>& ranks) const {
  const std::lock_guard lock(mutex);
  Transactions transactions;
  for (const Rank& rank : ranks) {
    transactions.push_back(senders.at(rank.sender).entries.at(rank.nonce).transaction);
  }
  return transactions;
}

Pool::Pool(Chain& chain, const PoolLimits& limits)
    : parts_(std::make_unique<Parts>(chain, limits)) {
  Parts* parts = parts_.get();
  chain.on_block([parts](const BlockPointer& block) {
    const std::lock_guard lock(parts->mutex);
    parts->follow(block);
  });
  const std::lock_guard lock(parts->mutex);
  parts->follow(chain.head());
}

Pool::~Pool() = default;

std::variant<Hash, PoolRefusal> Pool::add(ByteView encoded) {
  const auto refusal = [](PoolError error, std::optional<TransactionError> invalid = {}) {
    return PoolRefusal{.error = error, .invalid = invalid};
  };
  if (encoded.size() > parts_->limits.transaction_bytes) return refusal(PoolError::kTooLarge);
  auto added = std::make_shared<SignedTransaction>();
  added->hash = keccak256(encoded);
  if (find(added->hash)) return refusal(PoolError::kKnown);
  auto decoded = decode_transaction(encoded);
  if (const auto* error = std::get_if<TransactionError>(&decoded)) {
    return refusal(PoolError::kInvalid, *error);
  }
  added->transaction = std::move(std::get<Transaction>(decoded));
  const Transaction& transaction = added->transaction;
  if (const auto error = check_transaction(transaction, parts_->chain.genesis().chain_id)) {
    return refusal(PoolError::kInvalid, *error);
  }
  const U256 least_fee = std::min<U256>(kFloorOfBaseFee, parts_->chain.genesis().header.base_fee);
  if (transaction.max_priority_fee < parts_->limits.min_priority_fee ||
      transaction.max_fee < least_fee) {
    return refusal(PoolError::kUnderpriced);
  }
  // This takes most of the time: before the lock.
  const std::optional<Address> sender = sender_of(transaction);
  if (!sender) return refusal(PoolError::kNoSender);
  added->sender = *sender;

  Transactions promoted;
  std::vector<std::function<void(const SignedTransaction&)>> listeners;
  {
    const std::lock_guard lock(parts_->mutex);
    const Account account = parts_->account(*sender);
    if (const auto error = parts_->why_refused(*added, account)) return refusal(*error);
    if (!parts_->make_room(*added, encoded.size(), account.nonce)) {
      return refusal(PoolError::kPoolFull);
    }
    promoted = parts_->insert(added, encoded.size(), account.nonce);
    listeners = parts_->listeners;
  }
  for (const Pointer& each : promoted) {
    for (const auto& listener : listeners) listener(*each);
  }
  return added->hash;
}

Pointer Pool::find(const Hash& hash) const {
  const std::lock_guard lock(parts_->mutex);
  const auto found = parts_->by_hash.find(hash);
  return found == parts_->by_hash.end() ? nullptr : found->second;
}

std::uint64_t Pool::next_nonce(const Address& sender) const {
  const std::lock_guard lock(parts_->mutex);
  const auto found = parts_->senders.find(sender);
  if (found == parts_->senders.end()) return parts_->account(sender).nonce;
  return found->second.nonce + found->second.pending;
}

PoolStatus Pool::status() const {
  const std::lock_guard lock(parts_->mutex);
  return {.pending = parts_->pending.size(), .queued = parts_->queued.size()};
}

Pool::Transactions Pool::pending() const {
  return parts_->all(parts_->pending);
}

Pool::Transactions Pool::queued() const {
  return parts_->all(parts_->queued);
}

Pool::Transactions Pool::best(const U256& base_fee, std::uint64_t gas_limit) const {
  struct Candidate {
    U256 priority_fee;
    Entries::const_iterator at;
    Entries::const_iterator end;

    bool operator<(const Candidate& other) const {  // the greatest comes first
      return std::tie(priority_fee, other.at->second.arrival) <
             std::tie(other.priority_fee, at->second.arrival);
    }
  };
  std::priority_queue<Candidate> candidates;
  const auto offer = [&](Entries::const_iterator at, Entries::const_iterator end) {
    if (at == end || !at->second.pending) return;
    const Transaction& transaction = at->second.transaction->transaction;
    if (transaction.max_fee < base_fee || transaction.gas_limit > gas_limit) return;
    candidates.push({.priority_fee = effective_gas_price(transaction, base_fee) - base_fee,
                     .at = at,
                     .end = end});
  };
  const std::lock_guard lock(parts_->mutex);
  for (const auto& [address, sender] : parts_->senders) {
    offer(sender.entries.begin(), sender.entries.end());
  }
  Transactions best;
  while (!candidates.empty()) {
    const Candidate first = candidates.top();
    candidates.pop();
    best.push_back(first.at->second.transaction);
    offer(std::next(first.at), first.end);
  }
  return best;
}

void Pool::remove(const Hash& hash) {
  const std::lock_guard lock(parts_->mutex);
  const auto found = parts_->by_hash.find(hash);
  if (found == parts_->by_hash.end()) return;
  const Pointer removed = found->second;
  parts_->erase(removed->sender, removed->transaction.nonce);
}

void Pool::on_pending(std::function<void(const SignedTransaction&)> listener) {
  const std::lock_guard lock(parts_->mutex);
  parts_->listeners.push_back(std::move(listener));
}

}  // namespace pixelzx::node
