// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <leveldb/write_batch.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

#include "node/base/bytes.h"
#include "node/state/trie.h"

namespace leveldb {
class Cache;
class DB;
class FilterPolicy;
}  // namespace leveldb

namespace pixelzx::node {

/// A database that is damaged, or cannot be read or written any more.
class DatabaseError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Why a database cannot be opened.
struct DatabaseFault {
  enum class Kind : std::uint8_t { kAbsent, kLocked, kDamaged, kUnusable };
  Kind kind{};
  std::string detail;  ///< LevelDB's own words
};

/// What the keys of a table begin with.
enum class Table : char {
  kMeta = 'm',
  kHeader = 'h',
  kBody = 'b',
  kReceipts = 'r',
  kNumber = 'n',
  kTransaction = 't',
  kNode = 's',  ///< of tries, and code
};

/// Tables of keys and values in a LevelDB database. Its bytes are the same on every platform. Any
/// thread may call anything.
class Database : public NodeStore {
 public:
  /// `create`: begin an empty one where there is none.
  static std::variant<std::unique_ptr<Database>, DatabaseFault> open(
      const std::filesystem::path& directory, bool create);
  ~Database() override;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Nothing when there is none. Throws DatabaseError.
  [[nodiscard]] std::optional<Bytes> get(Table table, ByteView key) const;
  std::optional<Bytes> get(const Hash& node) override { return get(Table::kNode, node); }

  /// Whether opening it has dropped a part of its log: from a damaged record on, up to 32 KiB.
  [[nodiscard]] bool was_repaired() const { return was_repaired_; }

  /// Whether there is nothing in any table. Throws DatabaseError.
  [[nodiscard]] bool empty() const;

  class Batch {
   public:
    void put(Table table, ByteView key, ByteView value);

   private:
    friend class Database;
    leveldb::WriteBatch batch_;
  };
  /// Writes all of it or, with an exception, nothing. It is on the disk when this returns. Throws
  /// DatabaseError, and does so from then on: what LevelDB wrote after a record that it could not
  /// finish, it could not read again.
  void write(Batch batch);

 private:
  Database();

  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::DB> db_;
  bool was_repaired_ = false;
  std::atomic<bool> failed_ = false;  ///< a write has
};

}  // namespace pixelzx::node
