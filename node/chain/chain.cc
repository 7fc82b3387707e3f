// SPDX-License-Identifier: Apache-2.0
#include "node/chain/chain.h"

#include <algorithm>
#include <atomic>
#include <list>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "node/chain/database.h"
#include "node/crypto/hash.h"
#include "node/state/rlp.h"

namespace pixelzx::node {
namespace {

constexpr std::uint64_t kFormat = 1;
constexpr std::uint64_t kLeastGas = 21000;  // that a transaction can use

/// Of encoded nodes that the head's state keeps in memory, where they need about five times that.
constexpr std::size_t kMaxStateBytes = 16U << 20;
/// Of blocks that are kept in memory, with their receipts.
constexpr std::size_t kMaxCachedBytes = 16U << 20;
/// More blocks, empty ones, than the two logs have room for that LevelDB may have to read.
constexpr std::uint64_t kCheckedBlocks = 10'000;

// ---- keys and values of the database ----

/// Big-endian.
std::array<std::uint8_t, 8> number_key(std::uint64_t number) {
  std::array<std::uint8_t, 8> key{};
  std::ranges::copy(ByteView(to_hash(number)).last<8>(), key.begin());
  return key;
}

std::uint64_t number_of(ByteView bytes) {
  if (bytes.size() != 8) throw DatabaseError("a number that is not 8 bytes long");
  return saturated_u64(u256_from(bytes));
}

/// About as many as it takes.
std::size_t bytes_in_memory(const ChainBlock& block) {
  constexpr std::size_t kOfTransaction =
      sizeof(Transaction) + sizeof(Hash) + sizeof(Address) + sizeof(Receipt);
  std::size_t bytes = sizeof(block) + block.size + block.block.transactions.size() * kOfTransaction;
  for (const Receipt& receipt : block.receipts) {
    for (const Log& log : receipt.logs) {
      bytes += sizeof(log) + log.topics.size() * sizeof(Hash) + log.data.size();
    }
  }
  return bytes;
}

struct StoredHeader {
  Header header;
  Hash hash{};
};

std::optional<StoredHeader> read_header(const Database& database, std::uint64_t number) {
  const auto value = database.get(Table::kHeader, number_key(number));
  if (!value) return std::nullopt;
  StoredHeader stored;
  const ByteView bytes(*value);
  auto header = bytes.size() < 32 ? std::nullopt : decode_header(bytes.subspan(32));
  if (!header) throw DatabaseError("malformed header of block " + std::to_string(number));
  stored.header = std::move(*header);
  std::ranges::copy(bytes.first(32), stored.hash.begin());
  return stored;
}

/// Transactions and their senders.
Bytes encode_body(const ChainBlock& block) {
  Bytes senders;
  for (const Address& sender : block.senders) append(senders, sender);
  Bytes items = encode_transactions(block.block.transactions);
  rlp::append_string(items, senders);
  Bytes encoded;
  rlp::append_list(encoded, items);
  return encoded;
}

bool decode_body(ByteView encoded, ChainBlock& block) {
  rlp::Reader reader(encoded);
  reader.enter();
  auto transactions = decode_transactions(reader.raw());
  ByteView senders = reader.string();
  reader.leave();
  if (reader.finish() != rlp::Error::kNone || !transactions) return false;
  if (senders.size() != transactions->size() * sizeof(Address)) return false;
  block.block.transactions = std::move(*transactions);
  for (; !senders.empty(); senders = senders.subspan(sizeof(Address))) {
    std::ranges::copy(senders.first(sizeof(Address)), block.senders.emplace_back().begin());
  }
  return true;
}

/// What does not follow from anything else.
Bytes encode_receipts(const std::vector<Receipt>& receipts) {
  Bytes items;
  for (const Receipt& receipt : receipts) {
    Bytes fields;
    rlp::append_number(fields, std::uint64_t{receipt.success ? 1U : 0U});
    rlp::append_number(fields, receipt.cumulative_gas_used);
    append(fields, encode_logs(receipt.logs));
    rlp::append_list(items, fields);
  }
  Bytes encoded;
  rlp::append_list(encoded, items);
  return encoded;
}

std::vector<Log> read_logs(rlp::Reader& reader) {
  std::vector<Log> logs;
  reader.enter();
  while (reader.more()) {
    Log log;
    reader.enter();
    log.address = reader.array<20>();
    reader.enter();
    while (reader.more()) log.topics.push_back(reader.array<32>());
    reader.leave();
    const ByteView data = reader.string();
    log.data.assign(data.begin(), data.end());
    reader.leave();
    logs.push_back(std::move(log));
  }
  reader.leave();
  return logs;
}

bool decode_receipts(ByteView encoded, ChainBlock& block) {
  rlp::Reader reader(encoded);
  reader.enter();
  for (const Transaction& transaction : block.block.transactions) {
    Receipt receipt;
    receipt.type = transaction.type;
    reader.enter();
    receipt.success = reader.u64() != 0;
    receipt.cumulative_gas_used = reader.u64();
    receipt.logs = read_logs(reader);
    reader.leave();
    for (const Log& log : receipt.logs) add_to_bloom(receipt.logs_bloom, log);
    block.receipts.push_back(std::move(receipt));
  }
  reader.leave();
  return reader.finish() == rlp::Error::kNone;
}

std::shared_ptr<const ChainBlock> read_block(const Database& database, std::uint64_t number) {
  const auto stored = read_header(database, number);
  if (!stored) return nullptr;
  auto block = std::make_shared<ChainBlock>();
  block->block.header = stored->header;
  block->hash = stored->hash;
  const auto body = database.get(Table::kBody, number_key(number));
  const auto receipts = database.get(Table::kReceipts, number_key(number));
  if (!body || !receipts || !decode_body(*body, *block) || !decode_receipts(*receipts, *block)) {
    throw DatabaseError("missing or malformed parts of block " + std::to_string(number));
  }
  block->size = encode_block(block->block).size();
  for (const Transaction& transaction : block->block.transactions) {
    block->transaction_hashes.push_back(transaction_hash(transaction));
  }
  return block;
}

// ---- the head's state ----

/// What goes through here stays in the memory of tries.
class CountedNodes : public NodeStore {
 public:
  explicit CountedNodes(Database& database) : database_(database) {}

  std::optional<Bytes> get(const Hash& hash) override {
    auto node = database_.get(hash);
    if (node) bytes_ += node->size();
    return node;
  }
  NodeSink sink_into(Database::Batch& batch) {
    return [this, &batch](const Hash& hash, ByteView node) {
      bytes_ += node.size();
      batch.put(Table::kNode, hash, node);
    };
  }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  Database& database_;
  std::size_t bytes_ = 0;
};

struct HeadState {
  HeadState(Database& database, const Hash& root) : nodes(database), state(nodes, root) {}
  CountedNodes nodes;
  ChainState state;
};

// ---- executing blocks ----

/// The transactions of one block, one after the other.
class Execution {
 public:
  Execution(ChainState& parent, BlockContext context)
      : context_(std::move(context)), state_(parent) {}

  using Why = std::variant<Rejection, TransactionError>;
  /// Nothing: it was carried out. Else nothing has happened.
  std::optional<Why> add(const Transaction& transaction, const Address& sender) {
    auto result = execute(state_, context_, transaction, sender, gas_left());
    if (const auto* rejection = std::get_if<Rejection>(&result)) return *rejection;
    if (const auto* error = std::get_if<TransactionError>(&result)) return *error;
    auto& executed = std::get<Executed>(result);
    gas_used_ += executed.gas_used;
    Receipt receipt;
    receipt.type = transaction.type;
    receipt.success = executed.outcome == Outcome::kSuccess;
    receipt.cumulative_gas_used = gas_used_;
    receipt.logs = std::move(executed.logs);
    for (const Log& log : receipt.logs) add_to_bloom(receipt.logs_bloom, log);
    for (std::size_t i = 0; i < bloom_.size(); ++i) bloom_.at(i) |= receipt.logs_bloom.at(i);
    receipts_.push_back(std::move(receipt));
    return std::nullopt;
  }

  [[nodiscard]] std::uint64_t gas_used() const { return gas_used_; }
  [[nodiscard]] std::uint64_t gas_left() const { return context_.gas_limit - gas_used_; }
  [[nodiscard]] const Bloom& bloom() const { return bloom_; }
  [[nodiscard]] StateChanges changes() const { return state_.changes(); }
  [[nodiscard]] Hash receipts_root() const {
    std::vector<Bytes> encoded;
    for (const Receipt& receipt : receipts_) encoded.push_back(encode_receipt(receipt));
    return ordered_root(encoded);
  }
  std::vector<Receipt> take_receipts() { return std::move(receipts_); }

 private:
  BlockContext context_;
  State state_;
  std::uint64_t gas_used_ = 0;
  Bloom bloom_{};
  std::vector<Receipt> receipts_;
};

std::vector<Bytes> encode_each(const std::vector<Transaction>& transactions) {
  std::vector<Bytes> encoded;
  encoded.reserve(transactions.size());
  for (const Transaction& transaction : transactions) {
    encoded.push_back(encode_transaction(transaction));
  }
  return encoded;
}

/// Of all transactions, by all CPUs; nothing when one of them has no sender.
std::optional<std::vector<Address>> senders_of(const std::vector<Transaction>& transactions) {
  constexpr std::size_t kPerThread = 16;  // a thread costs as much as one or two
  std::vector<Address> senders(transactions.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> all = true;
  const auto recover = [&] {
    for (std::size_t i = next++; i < transactions.size() && all; i = next++) {
      const std::optional<Address> sender = sender_of(transactions[i]);
      if (sender) senders[i] = *sender;
      if (!sender) all = false;
    }
  };
  {
    std::vector<std::jthread> others;
    const std::size_t threads = std::min<std::size_t>(std::thread::hardware_concurrency(),
                                                      transactions.size() / kPerThread);
    while (others.size() + 1 < threads) others.emplace_back(recover);
    recover();
  }
  if (!all) return std::nullopt;
  return senders;
}

std::uint64_t next_gas_limit(std::uint64_t parent) {
  const std::uint64_t step = parent / 1024 - 1;
  return parent < kTargetGasLimit ? std::min(parent + step, kTargetGasLimit)
                                  : std::max(parent - step, kTargetGasLimit);
}

bool is_gas_limit(std::uint64_t gas_limit, std::uint64_t parent) {
  const std::uint64_t distance = std::max(gas_limit, parent) - std::min(gas_limit, parent);
  return distance < parent / 1024 && gas_limit >= kMinGasLimit;
}

/// Whether all is alike that neither the validator nor the transactions decide.
bool same_constants(const Header& a, const Header& b) {
  return a.ommers_hash == b.ommers_hash && a.difficulty == b.difficulty && a.nonce == b.nonce &&
         a.prev_randao == b.prev_randao && a.withdrawals_root == b.withdrawals_root &&
         a.blob_gas_used == b.blob_gas_used && a.excess_blob_gas == b.excess_blob_gas &&
         a.parent_beacon_block_root == b.parent_beacon_block_root;
}

ChainFault fault_of(const DatabaseFault& fault) {
  using Kind = ChainFault::Kind;
  constexpr std::array kKinds = {Kind::kAbsent, Kind::kLocked, Kind::kDamaged, Kind::kUnusable};
  return {.kind = kKinds.at(static_cast<std::size_t>(fault.kind)), .detail = fault.detail};
}

}  // namespace

std::string_view text(BlockError error) {
  switch (error) {
    case BlockError::kUnknownParent:
      return "the parent is not the last block of the chain";
    case BlockError::kNotNext:
      return "the chain has another block of that number";
    case BlockError::kWrongNumber:
      return "the number is not the parent's and one";
    case BlockError::kWrongTimestamp:
      return "the timestamp is too early, or in the year 36812 or later";
    case BlockError::kWrongGasLimit:
      return "the gas limit is too far from the parent's, or too low";
    case BlockError::kWrongBaseFee:
      return "the base fee does not follow from the parent";
    case BlockError::kWrongConstant:
      return "a field that the validator has no choice of is wrong";
    case BlockError::kNotSealed:
      return "it is not sealed by a validator of the chain who is the beneficiary";
    case BlockError::kInvalidTransaction:
      return "a transaction is not valid there";
    case BlockError::kWrongTransactionsRoot:
      return "the root of the transactions is wrong";
    case BlockError::kWrongGasUsed:
      return "the gas used is wrong";
    case BlockError::kWrongReceiptsRoot:
      return "the root of the receipts is wrong";
    case BlockError::kWrongBloom:
      return "the bloom of the logs is wrong";
    case BlockError::kWrongStateRoot:
      return "the root of the state is wrong";
  }
  return {};
}

U256 next_base_fee(const Header& parent) {
  constexpr unsigned kMaxChangeDenominator = 8;
  const std::uint64_t target = parent.gas_limit / 2;
  const std::uint64_t distance =
      std::max(parent.gas_used, target) - std::min(parent.gas_used, target);
  const U512 fee(parent.base_fee);
  U512 change = fee * distance / target / kMaxChangeDenominator;
  if (parent.gas_used <= target) return U256(fee - change);
  if (change == 0) change = 1;
  return U256(std::min(fee + change, U512(std::numeric_limits<U256>::max())));
}

struct Chain::Parts {
  Genesis genesis;
  std::unique_ptr<Database> database;

  std::mutex writing;                     // held by who adds a block
  std::unique_ptr<HeadState> head_state;  // null: to be read from the database
  std::vector<std::function<void(const BlockPointer&)>> listeners;

  mutable std::mutex reading;  // held for a moment
  BlockPointer head;
  struct Cached {
    BlockPointer block;
    std::size_t bytes;
    std::list<std::uint64_t>::iterator used;
  };
  mutable std::unordered_map<std::uint64_t, Cached> cache;
  mutable std::list<std::uint64_t> used;  // numbers of the cache's blocks, the last used first
  mutable std::size_t cached_bytes = 0;

  /// With `reading` held.
  void remember(const BlockPointer& block) const {
    const std::uint64_t number = block->block.header.number;
    if (cache.contains(number)) return;
    used.push_front(number);
    const std::size_t bytes = bytes_in_memory(*block);
    cache.emplace(number, Cached{.block = block, .bytes = bytes, .used = used.begin()});
    cached_bytes += bytes;
    while (cached_bytes > kMaxCachedBytes && used.size() > 1) {
      const auto oldest = cache.find(used.back());
      cached_bytes -= oldest->second.bytes;
      cache.erase(oldest);
      used.pop_back();
    }
  }

  /// Leaves nothing behind: who does not put it back has made changes that do not count.
  std::unique_ptr<HeadState> take_state() {
    if (head_state && head_state->nodes.bytes() <= kMaxStateBytes) return std::move(head_state);
    head_state.reset();
    return std::make_unique<HeadState>(*database, head->block.header.state_root);
  }

  bool is_validator(const Address& address) const {
    return std::ranges::count(genesis.validators, address) != 0;
  }

  void write(const ChainBlock& block, Database::Batch batch) const;
  BlockPointer add(ChainBlock block, const std::vector<Bytes>& encoded, Database::Batch batch,
                   std::unique_ptr<HeadState> state);
  std::optional<ChainFault> begin() const;
  std::optional<ChainFault> load(const std::optional<Genesis>& first);
  std::optional<ChainFault> check() const;
};

void Chain::Parts::write(const ChainBlock& block, Database::Batch batch) const {
  const auto number = number_key(block.block.header.number);
  Bytes header(block.hash.begin(), block.hash.end());
  append(header, encode_header(block.block.header));
  batch.put(Table::kHeader, number, header);
  batch.put(Table::kBody, number, encode_body(block));
  batch.put(Table::kReceipts, number, encode_receipts(block.receipts));
  batch.put(Table::kNumber, block.hash, number);
  for (std::size_t i = 0; i < block.transaction_hashes.size(); ++i) {
    Bytes place(number.begin(), number.end());
    append(place, number_key(i));
    batch.put(Table::kTransaction, block.transaction_hashes[i], place);
  }
  batch.put(Table::kMeta, as_bytes("head"), number);
  database->write(std::move(batch));
}

BlockPointer Chain::Parts::add(ChainBlock block, const std::vector<Bytes>& encoded,
                               Database::Batch batch, std::unique_ptr<HeadState> state) {
  block.hash = block_hash(block.block.header);
  block.size = encode_block(block.block).size();
  for (const Bytes& transaction : encoded) {
    block.transaction_hashes.push_back(keccak256(transaction));
  }
  write(block, std::move(batch));
  head_state = std::move(state);
  BlockPointer added = std::make_shared<const ChainBlock>(std::move(block));
  {
    const std::lock_guard lock(reading);
    head = added;
    remember(added);
  }
  for (const auto& listener : listeners) listener(added);
  return added;
}

/// Writes the genesis block.
std::optional<ChainFault> Chain::Parts::begin() const {
  Database::Batch batch;
  ChainBlock block;
  block.block.header = genesis.header;
  HeadState state(*database, kEmptyRoot);
  block.block.header.state_root =
      state.state.apply(changes_of(genesis.alloc), state.nodes.sink_into(batch));
  block.hash = block_hash(block.block.header);
  batch.put(Table::kMeta, as_bytes("format"), number_key(kFormat));
  batch.put(Table::kMeta, as_bytes("genesis"), as_bytes(to_json(genesis)));
  try {
    write(block, std::move(batch));
  } catch (const DatabaseError& error) {
    return ChainFault{.kind = ChainFault::Kind::kUnusable, .detail = error.what()};
  }
  return std::nullopt;
}

/// That the last blocks are all there, and that the head's state is.
std::optional<ChainFault> Chain::Parts::check() const {
  const auto damaged = [](std::string detail) {
    return ChainFault{.kind = ChainFault::Kind::kDamaged, .detail = std::move(detail)};
  };
  const Header& last = head->block.header;
  if (last.state_root != kEmptyRoot && !database->get(Table::kNode, last.state_root)) {
    return damaged("the state of block " + std::to_string(last.number) + " is missing");
  }
  Hash hash = head->hash;
  for (std::uint64_t i = 0; i <= std::min(last.number, kCheckedBlocks); ++i) {
    const auto stored = read_header(*database, last.number - i);
    if (!stored || stored->hash != hash) {
      return damaged("block " + std::to_string(last.number - i) + " is missing");
    }
    hash = stored->header.parent_hash;
  }
  return std::nullopt;
}

/// Reads what is there, or begins with `first` where nothing is.
std::optional<ChainFault> Chain::Parts::load(const std::optional<Genesis>& first) {
  using Kind = ChainFault::Kind;
  if (database->empty()) {
    // Whoever began it came no further.
    if (!first) return ChainFault{.kind = Kind::kAbsent, .detail = {}};
    genesis = *first;
    if (auto fault = begin()) return fault;
  }
  const auto format = database->get(Table::kMeta, as_bytes("format"));
  if (!format) throw DatabaseError("the format is missing");
  if (number_of(*format) != kFormat) return ChainFault{.kind = Kind::kOtherFormat, .detail = {}};
  const auto stored = database->get(Table::kMeta, as_bytes("genesis"));
  const auto last = database->get(Table::kMeta, as_bytes("head"));
  if (!stored || !last) throw DatabaseError("the genesis or the number of the head is missing");
  auto parsed = parse_genesis(
      {reinterpret_cast<const char*>(stored->data()), stored->size()});  // NOLINT: byte to char
  if (const auto* error = std::get_if<GenesisError>(&parsed)) {
    throw DatabaseError("the stored genesis: " + error->where + " " + error->why);
  }
  genesis = std::move(std::get<Genesis>(parsed));
  if (first && to_json(*first) != to_json(genesis)) {
    const auto block = read_header(*database, 0);
    return ChainFault{.kind = Kind::kOtherChain,
                      .detail = "its genesis block is " + (block ? to_0x(block->hash) : "lost")};
  }
  head = read_block(*database, number_of(*last));
  if (!head) throw DatabaseError("the head is missing");
  return check();
}

std::variant<std::unique_ptr<Chain>, ChainFault> Chain::open(
    const std::filesystem::path& directory, const std::optional<Genesis>& genesis) {
  auto opened = Database::open(directory, genesis.has_value());
  if (const auto* fault = std::get_if<DatabaseFault>(&opened)) return fault_of(*fault);
  auto parts = std::make_unique<Parts>();
  parts->database = std::move(std::get<std::unique_ptr<Database>>(opened));
  try {
    if (auto fault = parts->load(genesis)) return *fault;
  } catch (const DatabaseError& error) {
    return ChainFault{.kind = ChainFault::Kind::kDamaged, .detail = error.what()};
  }
  return std::unique_ptr<Chain>(new Chain(std::move(parts)));
}

Chain::Chain(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Chain::~Chain() = default;

bool Chain::was_repaired() const {
  return parts_->database->was_repaired();
}

const Genesis& Chain::genesis() const {
  return parts_->genesis;
}

BlockPointer Chain::head() const {
  const std::lock_guard lock(parts_->reading);
  return parts_->head;
}

BlockPointer Chain::block(std::uint64_t number) const {
  {
    const std::lock_guard lock(parts_->reading);
    const auto found = parts_->cache.find(number);
    if (found != parts_->cache.end()) {
      parts_->used.splice(parts_->used.begin(), parts_->used, found->second.used);
      return found->second.block;
    }
  }
  BlockPointer block = read_block(*parts_->database, number);
  if (!block) return nullptr;
  const std::lock_guard lock(parts_->reading);
  parts_->remember(block);
  return block;
}

BlockPointer Chain::block(const Hash& hash) const {
  const auto number = parts_->database->get(Table::kNumber, hash);
  return number ? block(number_of(*number)) : nullptr;
}

std::optional<Header> Chain::header(std::uint64_t number) const {
  auto stored = read_header(*parts_->database, number);
  if (!stored) return std::nullopt;
  return std::move(stored->header);
}

std::optional<TransactionPlace> Chain::find_transaction(const Hash& hash) const {
  const auto place = parts_->database->get(Table::kTransaction, hash);
  if (!place) return std::nullopt;
  const ByteView bytes(*place);
  if (bytes.size() != 16) throw DatabaseError("malformed place of a transaction");
  TransactionPlace found{.block = block(number_of(bytes.first(8))),
                         .index = static_cast<std::size_t>(number_of(bytes.last(8)))};
  if (!found.block || found.index >= found.block->block.transactions.size()) {
    throw DatabaseError("a transaction is not where it should be");
  }
  return found;
}

std::unique_ptr<ChainState> Chain::state(const Header& header) const {
  return std::make_unique<ChainState>(*parts_->database, header.state_root);
}

BlockContext Chain::context(const Header& header) const {
  return {.number = header.number,
          .timestamp = header.timestamp,
          .gas_limit = header.gas_limit,
          .coinbase = header.beneficiary,
          .prev_randao = header.prev_randao,
          .base_fee = header.base_fee,
          .blob_base_fee = 1,
          .chain_id = parts_->genesis.chain_id,
          .block_hash = [database = parts_->database.get()](std::uint64_t number) {
            const auto stored = read_header(*database, number);
            return stored ? stored->hash : Hash();
          }};
}

Header Chain::next_header(const Header& parent, const Address& beneficiary,
                          std::uint64_t timestamp) const {
  const std::uint64_t distance = std::max<std::uint64_t>(parts_->genesis.block_time, 1);
  Header header;
  header.parent_hash = block_hash(parent);
  header.beneficiary = beneficiary;
  header.number = parent.number + 1;
  header.gas_limit = next_gas_limit(parent.gas_limit);
  header.timestamp = std::max(timestamp, parent.timestamp + distance);
  header.base_fee = next_base_fee(parent);
  Bytes seed(parent.prev_randao.begin(), parent.prev_randao.end());
  append(seed, header.parent_hash);
  header.prev_randao = keccak256(seed);
  return header;
}

std::variant<BlockPointer, BlockError> Chain::import_block(const Block& block) {
  const std::lock_guard lock(parts_->writing);
  const Header& header = block.header;
  const Header& parent = parts_->head->block.header;
  if (header.number <= parent.number) {
    BlockPointer there = this->block(header.number);
    if (!there || there->hash != block_hash(header)) return BlockError::kNotNext;
    if (there->block.transactions != block.transactions) return BlockError::kWrongTransactionsRoot;
    return there;
  }
  if (header.parent_hash != parts_->head->hash) return BlockError::kUnknownParent;
  if (header.number != parent.number + 1) return BlockError::kWrongNumber;
  const Header expected = next_header(parent, header.beneficiary, header.timestamp);
  if (header.timestamp != expected.timestamp || header.timestamp > kMaxTimestamp) {
    return BlockError::kWrongTimestamp;
  }
  if (!is_gas_limit(header.gas_limit, parent.gas_limit)) return BlockError::kWrongGasLimit;
  if (header.base_fee != expected.base_fee) return BlockError::kWrongBaseFee;
  if (!same_constants(header, expected)) return BlockError::kWrongConstant;
  if (!parts_->is_validator(header.beneficiary) || sealer_of(header) != header.beneficiary) {
    return BlockError::kNotSealed;
  }
  const std::vector<Bytes> encoded = encode_each(block.transactions);
  if (header.transactions_root != ordered_root(encoded)) return BlockError::kWrongTransactionsRoot;
  auto senders = senders_of(block.transactions);
  if (!senders) return BlockError::kInvalidTransaction;

  std::unique_ptr<HeadState> state = parts_->take_state();
  Execution execution(state->state, context(header));
  for (std::size_t i = 0; i < block.transactions.size(); ++i) {
    if (execution.add(block.transactions[i], (*senders)[i])) return BlockError::kInvalidTransaction;
  }
  if (header.gas_used != execution.gas_used()) return BlockError::kWrongGasUsed;
  if (header.receipts_root != execution.receipts_root()) return BlockError::kWrongReceiptsRoot;
  if (header.logs_bloom != execution.bloom()) return BlockError::kWrongBloom;
  Database::Batch batch;
  const Hash root = state->state.apply(execution.changes(), state->nodes.sink_into(batch));
  if (header.state_root != root) return BlockError::kWrongStateRoot;
  ChainBlock added;
  added.block = block;
  added.senders = std::move(*senders);
  added.receipts = execution.take_receipts();
  return parts_->add(std::move(added), encoded, std::move(batch), std::move(state));
}

BlockPointer Chain::produce_block(const SecretKey& key, std::uint64_t timestamp,
                                  const std::function<const SignedTransaction*()>& next,
                                  const Refused& refused) {
  const std::optional<Address> validator = address_of(key);
  if (!validator || !parts_->is_validator(*validator)) {
    throw std::invalid_argument("the key is not a validator's");
  }
  const std::lock_guard lock(parts_->writing);
  ChainBlock added;
  Header& header = added.block.header;
  header = next_header(parts_->head->block.header, *validator, timestamp);
  std::unique_ptr<HeadState> state = parts_->take_state();
  Execution execution(state->state, context(header));
  // After one that is left out, the nonces of that sender's others are wrong.
  std::unordered_set<Address, ArrayHash> left_out;
  while (execution.gas_left() >= kLeastGas) {
    const SignedTransaction* offered = next();
    if (offered == nullptr) break;
    if (left_out.contains(offered->sender)) continue;
    const auto why = execution.add(offered->transaction, offered->sender);
    if (!why) {
      added.block.transactions.push_back(offered->transaction);
      added.senders.push_back(offered->sender);
      continue;
    }
    left_out.insert(offered->sender);
    if (*why != Execution::Why(Rejection::kGasAboveBlock)) refused(*offered, *why);
  }
  const std::vector<Bytes> encoded = encode_each(added.block.transactions);
  Database::Batch batch;
  header.state_root = state->state.apply(execution.changes(), state->nodes.sink_into(batch));
  header.transactions_root = ordered_root(encoded);
  header.receipts_root = execution.receipts_root();
  header.logs_bloom = execution.bloom();
  header.gas_used = execution.gas_used();
  seal(header, key);
  added.receipts = execution.take_receipts();
  return parts_->add(std::move(added), encoded, std::move(batch), std::move(state));
}

void Chain::on_block(std::function<void(const BlockPointer&)> listener) {
  const std::lock_guard lock(parts_->writing);
  parts_->listeners.push_back(std::move(listener));
}

}  // namespace pixelzx::node
