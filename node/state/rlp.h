// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "node/base/bytes.h"
#include "node/base/u256.h"

/// Recursive Length Prefix, Yellow Paper appendix B: byte strings and lists of these. A number is
/// the string of its big-endian bytes without leading zeros.
namespace pixelzx::node::rlp {

// ---- encoding: everything is appended to `out` ----

void append_string(Bytes& out, ByteView string);
void append_number(Bytes& out, std::uint64_t number);
void append_number(Bytes& out, const U256& number);

/// `items`: what the list has in it, each item encoded.
void append_list(Bytes& out, ByteView items);

// ---- decoding ----

enum class Error : std::uint8_t {
  kNone,
  kTruncated,     ///< An item is longer than what it is in.
  kNotCanonical,  ///< A length, or a byte below 0x80, in more bytes than it needs.
  kUnexpectedList,
  kUnexpectedString,
  kLeadingZero,  ///< Of a number.
  kTooLarge,     ///< A number with more bits than asked for.
  kWrongLength,  ///< A string that must have another number of bytes.
  kTooFewItems,
  kTooManyItems,  ///< Also: bytes after the end.
  kTooDeep,       ///< Lists in lists in more than kMaxDepth levels.
};

/// In lower case, without a full stop.
std::string_view text(Error error);

/// Far more than anything of Ethereum's nests.
constexpr std::size_t kMaxDepth = 32;

/// Reads one item after the other, strictly: there is exactly one encoding of a value. The first
/// error stays; from then on everything read is empty or zero, and more() is false. So a caller
/// reads all it expects, and asks finish() once.
class Reader {
 public:
  /// `encoded` must outlive the reader and all views that it returns.
  explicit Reader(ByteView encoded) : rest_(encoded) {}

  /// Whether the list at hand (outside any list: the input) has another item.
  [[nodiscard]] bool more() const { return error_ == Error::kNone && !rest_.empty(); }
  /// Whether that is a list. False where none is.
  [[nodiscard]] bool at_list() const { return more() && rest_.front() >= 0xc0; }

  ByteView string();
  std::uint64_t u64();
  U256 u256();
  /// Of exactly N bytes.
  template <std::size_t N>
  std::array<std::uint8_t, N> array() {
    std::array<std::uint8_t, N> array{};
    const ByteView bytes = string();
    if (bytes.size() == N) {
      std::ranges::copy(bytes, array.begin());
    } else {
      fail(Error::kWrongLength);
    }
    return array;
  }

  /// The next item as it is encoded. What is in a list is not looked at.
  ByteView raw();

  /// The next item must be a list: what is read then are its items, until leave().
  void enter();
  /// Back to the list around, after the one at hand, of which nothing must be left.
  void leave();

  /// For errors that only the caller can see. The first one stays.
  void fail(Error error);
  [[nodiscard]] Error error() const { return error_; }
  /// How many items have been asked for, entered lists included; with an error, that is of the
  /// last.
  [[nodiscard]] std::size_t items_begun() const { return items_begun_; }

  /// The first error, where nothing has been left unread.
  Error finish();

 private:
  struct Item {
    bool is_list = false;
    ByteView encoded;
    ByteView payload;
  };
  Item next();
  ByteView number(std::size_t max_size);

  ByteView rest_;
  std::array<ByteView, kMaxDepth> outer_{};  // what comes after each list that was entered
  std::size_t depth_ = 0;
  std::size_t items_begun_ = 0;
  Error error_ = Error::kNone;
};

/// Whether `encoded` is one item, canonical in all its depth.
Error validate(ByteView encoded);

}  // namespace pixelzx::node::rlp
