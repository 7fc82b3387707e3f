// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/filters.h"

#include <sys/random.h>

#include <algorithm>

#include "node/rpc/backend.h"
#include "node/rpc/encoding.h"

namespace pixelzx::node {
namespace {

/// That a filter of pending transactions can tell. Older ones were in the pool before those.
constexpr std::size_t kMaxPending = 16384;
/// Bytes of a filter's addresses and topics: as many addresses as a request may have, and more.
constexpr std::size_t kMaxCriteria = std::size_t{32} << 10U;

std::size_t size_of(const LogCriteria& criteria) {
  std::size_t size = criteria.addresses.size() * sizeof(Address);
  for (const std::vector<Hash>& any : criteria.topics) size += any.size() * sizeof(Hash);
  return size;
}

bool matches(const LogCriteria& criteria, const Log& log) {
  if (!criteria.addresses.empty() &&
      std::ranges::find(criteria.addresses, log.address) == criteria.addresses.end()) {
    return false;
  }
  if (log.topics.size() < criteria.topics.size()) return false;
  for (std::size_t i = 0; i < criteria.topics.size(); ++i) {
    const std::vector<Hash>& any = criteria.topics[i];
    if (!any.empty() && std::ranges::find(any, log.topics[i]) == any.end()) return false;
  }
  return true;
}

/// Whether any of `values` may have been added; also when there are none.
template <typename Values>
bool may_contain_any(const Bloom& bloom, const Values& values) {
  return values.empty() || std::ranges::any_of(values, [&bloom](const auto& value) {
           return may_contain(bloom, value);
         });
}

bool may_match(const LogCriteria& criteria, const Bloom& bloom) {
  return may_contain_any(bloom, criteria.addresses) &&
         std::ranges::all_of(criteria.topics, [&bloom](const std::vector<Hash>& any) {
           return may_contain_any(bloom, any);
         });
}

/// The logs that were found, as long as they are not too many.
class FoundLogs {
 public:
  explicit FoundLogs(const RpcContext& context) : context_(context) {}

  void add_from(const ChainBlock& block, const LogCriteria& criteria) {
    before_ = logs_.size();
    std::size_t log_index = 0;
    for (std::size_t i = 0; i < block.receipts.size(); ++i) {
      for (const Log& log : block.receipts[i].logs) {
        if (!too_many() && matches(criteria, log)) {
          logs_.push_back(log_json(block, i, log, log_index));
          data_ += log.data.size();
        }
        ++log_index;
      }
    }
  }

  [[nodiscard]] bool too_many() const {
    return logs_.size() > context_.backend.bounds.logs || data_ > kMaxData;
  }
  /// Without those of the last block when that has made them too many.
  Json take_some() {
    if (too_many()) logs_.erase(logs_.begin() + static_cast<std::ptrdiff_t>(before_), logs_.end());
    return std::move(logs_);
  }
  RpcResult take() {
    if (!too_many()) return std::move(logs_);
    return RpcError(kLimitExceeded, "query returned more than " +
                                        std::to_string(context_.backend.bounds.logs) +
                                        " results, or too much data: ask for fewer blocks");
  }

 private:
  /// Bytes, which become twice as many characters: no larger response would be sent.
  static constexpr std::size_t kMaxData = std::size_t{12} << 20U;

  const RpcContext& context_;
  Json logs_ = Json::array();
  std::size_t before_ = 0;  ///< how many were there before the last block's
  std::size_t data_ = 0;
};

/// Adds the logs of the blocks `first` to `last`, which are there, as long as they are not too
/// many. Returns the block after the last that fits; nothing: there was no time for that.
std::optional<std::uint64_t> search(const RpcContext& context, const LogCriteria& criteria,
                                    std::uint64_t first, std::uint64_t last, FoundLogs& found) {
  const Chain& chain = context.backend.chain;
  for (std::uint64_t number = first; number <= last; ++number) {
    if (context.is_late()) return std::nullopt;
    const std::optional<Header> header = chain.header(number);
    if (!header || !may_match(criteria, header->logs_bloom)) continue;
    found.add_from(*chain.block(number), criteria);
    if (found.too_many()) return number;
  }
  return last + 1;
}

/// The logs of the blocks `first` to `last`, as far as there are such.
RpcResult logs_between(const RpcContext& context, const LogCriteria& criteria, std::uint64_t first,
                       std::uint64_t last) {
  const Chain& chain = context.backend.chain;
  last = std::min(last, chain.head()->block.header.number);
  FoundLogs found(context);
  if (first > last) return found.take();
  if (last - first >= context.backend.bounds.log_blocks) {
    return RpcError(kLimitExceeded, "block range too large: ask for at most " +
                                        std::to_string(context.backend.bounds.log_blocks) +
                                        " blocks");
  }
  if (!search(context, criteria, first, last, found)) {
    return RpcError(kTimedOut, "request timed out");
  }
  return found.take();
}

/// Where the search begins and ends.
std::uint64_t number_of(const Chain& chain, const BlockId& id) {
  return id.number ? *id.number : chain.head()->block.header.number;
}

Json hashes_json(const auto& hashes) {
  Json json = Json::array();
  for (const Hash& hash : hashes) json.push_back(to_0x(hash));
  return json;
}

}  // namespace

RpcResult find_logs(const RpcContext& context, const LogCriteria& criteria) {
  const Chain& chain = context.backend.chain;
  if (criteria.block_hash) {
    const BlockPointer block = chain.block(*criteria.block_hash);
    if (!block) return RpcError(kServerError, "unknown block");
    FoundLogs found(context);
    found.add_from(*block, criteria);
    return found.take();
  }
  const std::uint64_t first = number_of(chain, criteria.from);
  const std::uint64_t last = number_of(chain, criteria.to);
  if (criteria.from.number && criteria.to.number && first > last) {
    return RpcError(kInvalidParams, "invalid block range params");
  }
  return logs_between(context, criteria, first, last);
}

RpcFilters::RpcFilters(Pool& pool) : pending_(std::make_shared<Pending>()) {
  pool.on_pending([pending = pending_](const SignedTransaction& transaction) {
    const std::lock_guard lock(pending->mutex);
    pending->newest.push_back(transaction.hash);
    ++pending->end;
    if (pending->newest.size() > kMaxPending) pending->newest.pop_front();
  });
}

RpcResult RpcFilters::add(const RpcContext& context, Kind kind, const LogCriteria& criteria) {
  if (size_of(criteria) > kMaxCriteria) {
    return RpcError(kInvalidParams, "filter with too many addresses or topics");
  }
  // Nobody must be able to guess others' ids.
  Hash random{};
  constexpr std::size_t kIdSize = 16;
  if (getrandom(random.data(), kIdSize, 0) != kIdSize) {
    return RpcError(kInternalError, "no random numbers");
  }
  const U256 id = u256_from(ByteView(random).first(kIdSize));
  const Time now = std::chrono::steady_clock::now();
  std::uint64_t next = context.backend.chain.head()->block.header.number + 1;
  if (kind == Kind::kPending) {
    const std::lock_guard lock(pending_->mutex);
    next = pending_->end;
  }
  const std::lock_guard lock(mutex_);
  drop_unused(context, now);
  if (filters_.size() >= context.backend.bounds.filters) {
    filters_.erase(std::ranges::min_element(filters_, {},
                                            [](const auto& entry) { return entry.second.used; }));
  }
  filters_.emplace(id, Filter{.kind = kind, .criteria = criteria, .next = next, .used = now});
  return Json(quantity(id));
}

RpcResult RpcFilters::changes(const RpcContext& context, const U256& id) {
  const Chain& chain = context.backend.chain;
  const std::uint64_t end = chain.head()->block.header.number + 1;
  std::optional<Filter> filter;
  std::vector<Hash> waiting;
  {
    const std::lock_guard lock(mutex_);
    filter = find(context, id);
    if (!filter) return RpcError(kServerError, "filter not found");
    std::uint64_t& next = filters_.at(id).next;
    if (filter->kind == Kind::kPending) {
      const std::lock_guard pending_lock(pending_->mutex);
      const std::uint64_t begin = pending_->end - pending_->newest.size();
      const auto seen = std::max(next, begin) - begin;
      waiting.assign(pending_->newest.begin() + static_cast<std::ptrdiff_t>(seen),
                     pending_->newest.end());
      next = pending_->end;
    } else if (filter->kind == Kind::kBlocks) {
      next = end;
    }
  }
  if (filter->kind == Kind::kPending) return hashes_json(waiting);
  if (filter->kind == Kind::kLogs) {
    const std::uint64_t first = std::max(filter->next, filter->criteria.from.number.value_or(0));
    const std::uint64_t last = std::min({end - 1, filter->criteria.to.number.value_or(end),
                                         first + context.backend.bounds.log_blocks - 1});
    if (first > last) return Json(Json::array());
    FoundLogs found(context);
    const std::optional<std::uint64_t> next = search(context, filter->criteria, first, last, found);
    if (!next) return RpcError(kTimedOut, "request timed out");
    if (*next == first) return found.take();
    const std::lock_guard lock(mutex_);
    if (const auto kept = filters_.find(id); kept != filters_.end()) kept->second.next = *next;
    return found.take_some();
  }
  std::vector<Hash> hashes;
  for (std::uint64_t number = filter->next; number < end; ++number) {
    hashes.push_back(block_hash(*chain.header(number)));
  }
  return hashes_json(hashes);
}

RpcResult RpcFilters::logs(const RpcContext& context, const U256& id) {
  std::optional<Filter> filter;
  {
    const std::lock_guard lock(mutex_);
    filter = find(context, id);
  }
  if (!filter || filter->kind != Kind::kLogs) return RpcError(kServerError, "filter not found");
  return find_logs(context, filter->criteria);
}

bool RpcFilters::remove(const U256& id) {
  const std::lock_guard lock(mutex_);
  return filters_.erase(id) != 0;
}

std::optional<RpcFilters::Filter> RpcFilters::find(const RpcContext& context, const U256& id) {
  const Time now = std::chrono::steady_clock::now();
  drop_unused(context, now);
  const auto found = filters_.find(id);
  if (found == filters_.end()) return std::nullopt;
  found->second.used = now;
  return found->second;
}

void RpcFilters::drop_unused(const RpcContext& context, Time now) {
  std::erase_if(filters_, [&](const auto& entry) {
    return now - entry.second.used > context.backend.bounds.filter_life;
  });
}

}  // namespace pixelzx::node
