// SPDX-License-Identifier: Apache-2.0
#include "memory.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <string_view>

namespace pixelzx {
namespace {

TEST_CASE("memory is zeroed and belongs to one owner", "[memory]") {
  Memory first(10000);
  REQUIRE(first.data() != nullptr);
  CHECK(first.size() == 10000);
  CHECK(std::all_of(first.data(), first.data() + first.size(), [](char c) { return c == 0; }));
  first.data()[9999] = 'x';

  Memory second(std::move(first));
  CHECK(first.data() == nullptr);  // NOLINT: what moved-from Memory is
  CHECK(second.data()[9999] == 'x');
  Memory third(16);
  third = std::move(second);
  CHECK(third.size() == 10000);
  CHECK(third.data()[9999] == 'x');
}

TEST_CASE("no memory", "[memory]") {
  CHECK(Memory().data() == nullptr);
  CHECK(Memory(0).data() == nullptr);
  CHECK(Memory(std::numeric_limits<std::size_t>::max() / 2).data() == nullptr);
}

}  // namespace
}  // namespace pixelzx
