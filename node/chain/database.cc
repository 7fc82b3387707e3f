// SPDX-License-Identifier: Apache-2.0
#include "node/chain/database.h"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>

#include <algorithm>
#include <utility>

namespace pixelzx::node {
namespace {

constexpr std::size_t kCacheSize = 32U << 20;
constexpr std::size_t kWriteBufferSize = 4U << 20;
constexpr int kFilterBitsPerKey = 10;  // 1 % of the look-ups for what is not there read a block
constexpr int kMaxOpenFiles = 256;  // of 2 MiB; leaves room for connections below a limit of 1024

leveldb::Slice to_slice(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};  // NOLINT: byte to char
}

std::string key_of(Table table, ByteView key) {
  std::string full(1, static_cast<char>(table));
  full.append(to_slice(key).data(), key.size());
  return full;
}

DatabaseFault fault_of(const leveldb::Status& status) {
  using Kind = DatabaseFault::Kind;
  const std::string detail = status.ToString();
  Kind kind = Kind::kUnusable;
  if (status.IsCorruption()) kind = Kind::kDamaged;
  // There is no code for it, only the name of what it tried to do.
  if (detail.starts_with("IO error: lock ")) kind = Kind::kLocked;
  return {.kind = kind, .detail = detail};
}

/// Whether there are logs or tables. A manifest alone is what is left of a beginning that was
/// interrupted.
bool has_data(const std::filesystem::path& directory) {
  std::error_code error;
  return std::ranges::any_of(std::filesystem::directory_iterator(directory, error),
                             std::filesystem::directory_iterator(), [](const auto& file) {
                               const std::string extension = file.path().extension();
                               return extension == ".log" || extension == ".ldb";
                             });
}

}  // namespace

Database::Database() = default;
Database::~Database() = default;

std::variant<std::unique_ptr<Database>, DatabaseFault> Database::open(
    const std::filesystem::path& directory, bool create) {
  using Kind = DatabaseFault::Kind;
  std::error_code error;
  if (!std::filesystem::exists(directory / "CURRENT", error) && !error) {
    // LevelDB would begin a new one, and delete these.
    if (has_data(directory)) return DatabaseFault{.kind = Kind::kDamaged, .detail = "no CURRENT"};
    // LevelDB would leave a directory behind.
    if (!create) return DatabaseFault{.kind = Kind::kAbsent, .detail = {}};
  }
  if (create) std::filesystem::create_directories(directory, error);
  if (error) {
    return DatabaseFault{.kind = Kind::kUnusable, .detail = error.message()};
  }
  std::unique_ptr<Database> database(new Database);
  database->cache_.reset(leveldb::NewLRUCache(kCacheSize));
  database->filter_.reset(leveldb::NewBloomFilterPolicy(kFilterBitsPerKey));
  leveldb::Options options;
  options.create_if_missing = create;
  options.paranoid_checks = true;
  options.write_buffer_size = kWriteBufferSize;
  options.max_open_files = kMaxOpenFiles;
  options.block_cache = database->cache_.get();
  options.filter_policy = database->filter_.get();
  // A build of LevelDB without Snappy could not read the other's tables; hashes do not shrink.
  options.compression = leveldb::kNoCompression;
  const auto open_once = [&] {
    leveldb::DB* opened = nullptr;
    leveldb::Status status = leveldb::DB::Open(options, directory.string(), &opened);
    database->db_.reset(opened);
    return status;
  };
  leveldb::Status status = open_once();
  if (status.IsCorruption()) {
    // A power failure may have left a part of the last batch in the log. LevelDB drops all that
    // follows a damaged record in its block of 32 KiB, which may be more than that batch when it
    // is the disk that has changed a bit.
    options.paranoid_checks = false;
    status = open_once();
    database->db_.reset();
    options.paranoid_checks = true;
    if (status.ok()) status = open_once();
    database->was_repaired_ = true;
  }
  if (!status.ok()) return fault_of(status);
  return database;
}

std::optional<Bytes> Database::get(Table table, ByteView key) const {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  std::string value;
  const leveldb::Status status = db_->Get(options, key_of(table, key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) throw DatabaseError(status.ToString());
  const ByteView bytes = as_bytes(value);
  return Bytes(bytes.begin(), bytes.end());
}

bool Database::empty() const {
  const std::unique_ptr<leveldb::Iterator> all(db_->NewIterator({}));
  all->SeekToFirst();
  if (!all->status().ok()) throw DatabaseError(all->status().ToString());
  return !all->Valid();
}

void Database::Batch::put(Table table, ByteView key, ByteView value) {
  batch_.Put(key_of(table, key), to_slice(value));
}

void Database::write(Batch batch) {
  if (failed_) throw DatabaseError("an earlier write has failed");
  leveldb::WriteOptions options;
  options.sync = true;
  const leveldb::Status status = db_->Write(options, &batch.batch_);
  if (status.ok()) return;
  failed_ = true;
  throw DatabaseError(status.ToString());
}

}  // namespace pixelzx::node
