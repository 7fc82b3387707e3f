// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <random>

#include "pack/common_content.h"

namespace pixelzx::pack {
namespace {

std::string random_bytes(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST_CASE("what several programs contain is common once", "[pack]") {
  const std::string table = random_bytes(50'000, 1);
  const std::string text = random_bytes(9'000, 2);
  const std::string a = random_bytes(20'001, 3) + table + random_bytes(777, 4);
  const std::string b = random_bytes(3, 5) + text + random_bytes(5'000, 6) + table;
  const std::string c = table + random_bytes(10'000, 7) + text;
  const std::string content = common_content({a, b, c});
  CHECK(count(content, table) == 1);
  CHECK(count(content, text) == 1);
  // And nothing else, but for a chance byte at the ends.
  CHECK(content.size() < table.size() + text.size() + 10);
}

TEST_CASE("what one program contains twice is not common", "[pack]") {
  const std::string table = random_bytes(50'000, 1);
  CHECK(common_content({table + table}).empty());
  CHECK(common_content({table + table, random_bytes(50'000, 2)}).empty());
}

TEST_CASE("little in common is not worth a member", "[pack]") {
  const std::string text = random_bytes(2'000, 1);
  CHECK(common_content({random_bytes(5'000, 2) + text, random_bytes(5'000, 3) + text}).empty());
  CHECK(common_content({}).empty());
  CHECK(common_content({"", "short", "short"}).empty());
}

TEST_CASE("not more is common than a window has room for", "[pack]") {
  const std::string large = random_bytes((8 << 20) + 1, 1);
  CHECK(common_content({large, large}).size() == std::size_t{4} << 20);
}

}  // namespace
}  // namespace pixelzx::pack
