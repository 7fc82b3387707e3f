// SPDX-License-Identifier: Apache-2.0
#include "node/base/deep_thread.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstddef>

namespace pixelzx::node {
namespace {

TEST_CASE("a deep thread has more room than others", "[node]") {
  bool done = false;
  {
    const DeepThread thread([&done] {
      // With the 8 MiB that are usual, this ends the program.
      volatile std::array<char, std::size_t{12} << 20U> room;
      for (std::size_t i = 0; i < room.size(); i += 4096) room[room.size() - 1 - i] = 1;
      done = true;
    });
  }
  CHECK(done);
}

}  // namespace
}  // namespace pixelzx::node
