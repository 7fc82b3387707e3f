// SPDX-License-Identifier: Apache-2.0
#include "node/base/deep_thread.h"

#include <catch2/catch.hpp>
#include <cstddef>

namespace pixelzx::node {
namespace {

TEST_CASE("a deep thread has more room than others", "[node]") {
  bool done = false;
  {
    const DeepThread thread([&done] {
      // With the 8 MiB that are usual, this ends the program.
      constexpr std::size_t kRoom = std::size_t{12} << 20U;
      char room[kRoom];
      volatile char* const bytes = room;
      for (std::size_t i = kRoom; i >= 4096; i -= 4096) bytes[i - 1] = 1;
      done = true;
    });
  }
  CHECK(done);
}

}  // namespace
}  // namespace pixelzx::node
