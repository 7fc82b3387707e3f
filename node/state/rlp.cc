// SPDX-License-Identifier: Apache-2.0
#include "node/state/rlp.h"

namespace pixelzx::node::rlp {
namespace {

// First bytes. Below kString: a byte that stands for itself. A string or list of up to kMaxShort
// bytes has its length in the first byte, a longer one the length of its length.
constexpr std::uint8_t kString = 0x80;
constexpr std::uint8_t kList = 0xc0;
constexpr std::uint8_t kMaxShort = 55;

/// The big-endian bytes of a number without leading zeros.
class ShortNumber {
 public:
  explicit ShortNumber(std::uint64_t number) {
    for (; number != 0; number >>= 8U) bytes_.at(--first_) = static_cast<std::uint8_t>(number);
  }
  [[nodiscard]] ByteView bytes() const { return ByteView(bytes_).subspan(first_); }

 private:
  std::array<std::uint8_t, 8> bytes_{};
  std::size_t first_ = bytes_.size();
};

void append_header(Bytes& out, std::uint8_t kind, std::size_t size) {
  if (size <= kMaxShort) {
    out.push_back(static_cast<std::uint8_t>(kind + size));
    return;
  }
  const ShortNumber length(size);
  out.push_back(static_cast<std::uint8_t>(kind + kMaxShort + length.bytes().size()));
  append(out, length.bytes());
}

}  // namespace

void append_string(Bytes& out, ByteView string) {
  if (string.size() != 1 || string.front() >= kString) append_header(out, kString, string.size());
  append(out, string);
}

void append_number(Bytes& out, std::uint64_t number) {
  append_string(out, ShortNumber(number).bytes());
}

void append_number(Bytes& out, const U256& number) {
  const Hash bytes = to_hash(number);
  const auto* first = std::ranges::find_if(bytes, [](std::uint8_t byte) { return byte != 0; });
  append_string(out, {first, bytes.end()});
}

void append_list(Bytes& out, ByteView items) {
  append_header(out, kList, items.size());
  append(out, items);
}

std::string_view text(Error error) {
  switch (error) {
    case Error::kNone:
      return "no error";
    case Error::kTruncated:
      return "an item is longer than what it is in";
    case Error::kNotCanonical:
      return "a length or byte has more bytes than it needs";
    case Error::kUnexpectedList:
      return "a list where a string must be";
    case Error::kUnexpectedString:
      return "a string where a list must be";
    case Error::kLeadingZero:
      return "a number with leading zeros";
    case Error::kTooLarge:
      return "a number with too many bits";
    case Error::kWrongLength:
      return "a string of the wrong length";
    case Error::kTooFewItems:
      return "too few items";
    case Error::kTooManyItems:
      return "too many items, or bytes after the end";
    case Error::kTooDeep:
      return "lists nested too deeply";
  }
  return "unknown error";
}

void Reader::fail(Error error) {
  if (error_ == Error::kNone) error_ = error;
  rest_ = {};
}

Reader::Item Reader::next() {
  if (error_ != Error::kNone) return {};
  ++items_begun_;
  if (rest_.empty()) {
    fail(Error::kTooFewItems);
    return {};
  }
  const std::uint8_t first = rest_.front();
  const bool is_list = first >= kList;
  std::size_t header = 1;
  std::size_t size = 0;
  if (first < kString) {
    header = 0;
    size = 1;
  } else {
    size = first - (is_list ? kList : kString);
    if (size > kMaxShort) {
      const std::size_t length_size = size - kMaxShort;
      if (length_size > rest_.size() - 1) {
        fail(Error::kTruncated);
        return {};
      }
      const ByteView length = rest_.subspan(1, length_size);
      std::uint64_t number = 0;  // length_size is 8 at the most
      for (const std::uint8_t byte : length) number = number << 8U | byte;
      if (length.front() == 0 || number <= kMaxShort) {
        fail(Error::kNotCanonical);
        return {};
      }
      header = 1 + length_size;
      if (number > rest_.size() - header) {
        fail(Error::kTruncated);
        return {};
      }
      size = static_cast<std::size_t>(number);
    }
  }
  if (size > rest_.size() - header) {
    fail(Error::kTruncated);
    return {};
  }
  const Item item{.is_list = is_list,
                  .encoded = rest_.first(header + size),
                  .payload = rest_.subspan(header, size)};
  if (!is_list && header == 1 && size == 1 && item.payload.front() < kString) {
    fail(Error::kNotCanonical);
    return {};
  }
  rest_ = rest_.subspan(header + size);
  return item;
}

ByteView Reader::string() {
  const Item item = next();
  if (item.is_list) {
    fail(Error::kUnexpectedList);
    return {};
  }
  return item.payload;
}

ByteView Reader::number(std::size_t max_size) {
  const ByteView bytes = string();
  if (bytes.empty()) return {};
  if (bytes.front() == 0 || bytes.size() > max_size) {
    fail(bytes.front() == 0 ? Error::kLeadingZero : Error::kTooLarge);
    return {};
  }
  return bytes;
}

std::uint64_t Reader::u64() {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : number(8)) value = value << 8U | byte;
  return value;
}

U256 Reader::u256() {
  return u256_from(number(32));
}

ByteView Reader::raw() {
  return next().encoded;
}

void Reader::enter() {
  const Item item = next();
  if (error_ != Error::kNone) return;
  if (!item.is_list) return fail(Error::kUnexpectedString);
  if (depth_ == kMaxDepth) return fail(Error::kTooDeep);
  outer_.at(depth_++) = rest_;
  rest_ = item.payload;
}

void Reader::leave() {
  if (error_ != Error::kNone) return;
  if (!rest_.empty()) return fail(Error::kTooManyItems);
  rest_ = outer_.at(--depth_);
}

Error Reader::finish() {
  if (more() || depth_ != 0) fail(Error::kTooManyItems);
  return error_;
}

Error validate(ByteView encoded) {
  Reader reader(encoded);
  std::size_t depth = 0;
  do {
    if (depth != 0 && !reader.more()) {
      reader.leave();
      --depth;
    } else if (reader.at_list()) {
      reader.enter();
      ++depth;
    } else {
      reader.string();
    }
  } while (depth != 0 && reader.error() == Error::kNone);
  return reader.finish();
}

}  // namespace pixelzx::node::rlp
