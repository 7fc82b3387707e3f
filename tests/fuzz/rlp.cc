// SPDX-License-Identifier: Apache-2.0
//
// RLP: what peers and clients send. Of each value there is one encoding, so whatever is accepted is
// encoded to the same bytes again.
#include "node/state/rlp.h"

#include "fuzz.h"

namespace pixelzx::fuzz {
namespace {

using node::Bytes;
using node::ByteView;
namespace rlp = node::rlp;

/// The items at hand as another encoder would write them.
Bytes encoded_again(rlp::Reader& reader) {
  Bytes items;
  while (reader.more()) {
    if (reader.at_list()) {
      reader.enter();
      const Bytes inner = encoded_again(reader);
      reader.leave();
      rlp::append_list(items, inner);
    } else {
      rlp::append_string(items, reader.string());
    }
  }
  return items;
}

void check_item(ByteView encoded) {
  const rlp::Error error = rlp::validate(encoded);
  require(is_showable(rlp::text(error)));
  rlp::Reader items(encoded);
  const Bytes again = encoded_again(items);
  const bool all_accepted = items.finish() == rlp::Error::kNone;
  if (error == rlp::Error::kNone) require(all_accepted);
  if (all_accepted) require(std::ranges::equal(again, encoded));

  rlp::Reader reader(encoded);
  const ByteView raw = reader.raw();
  require(raw.size() <= encoded.size());
  if (error == rlp::Error::kNone) require(raw.size() == encoded.size());
}

/// A number is accepted when it is written as it would be by us, and only then.
void check_numbers(ByteView encoded) {
  rlp::Reader small(encoded);
  const std::uint64_t number = small.u64();
  rlp::Reader large(encoded);
  const node::U256 word = large.u256();
  Bytes again;
  rlp::append_number(again, word);
  require(std::ranges::equal(again, encoded) == (large.finish() == rlp::Error::kNone));
  if (small.finish() == rlp::Error::kNone) {
    require(large.error() == rlp::Error::kNone && word == number);
    again.clear();
    rlp::append_number(again, number);
    require(std::ranges::equal(again, encoded));
  }
  rlp::Reader address(encoded);
  (void)address.array<20>();
  if (address.finish() == rlp::Error::kNone) require(encoded.size() == 21);
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  fuzz::check_item({data, size});
  fuzz::check_numbers({data, size});
  return 0;
}
