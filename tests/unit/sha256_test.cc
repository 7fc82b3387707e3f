// SPDX-License-Identifier: Apache-2.0
#include "sha256.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>

namespace pixelzx {
namespace {

TEST_CASE("the examples of FIPS 180 and NIST's test vectors", "[sha256]") {
  struct Row {
    std::string message;
    std::string_view digest;
  };
  const std::array<Row, 5> rows = {{
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlm"
       "nopqrsmnopqrstnopqrstu",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
      {std::string(1000000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
  }};
  for (const Row& row : rows) CHECK(sha256(row.message).view() == row.digest);
}

TEST_CASE("a digest does not depend on how the message is cut", "[sha256]") {
  const std::string message(300, 'm');
  for (std::size_t cut = 0; cut <= message.size(); ++cut) {
    Sha256 hash;
    hash.update(message.data(), cut);
    // The digest of what is there so far leaves the computation alone.
    CHECK(hash.digest() == sha256(std::string_view(message).substr(0, cut)));
    hash.update(message.data() + cut, message.size() - cut);
    CHECK(hash.digest() == sha256(message));
  }
}

TEST_CASE("what a digest looks like", "[sha256]") {
  const std::string good(sha256("").view());
  CHECK(is_sha256_text(good));
  CHECK_FALSE(is_sha256_text(""));
  CHECK_FALSE(is_sha256_text(good.substr(1)));
  CHECK_FALSE(is_sha256_text(good + "0"));
  CHECK_FALSE(is_sha256_text(std::string(64, 'A')));
  CHECK_FALSE(is_sha256_text(std::string(64, 'g')));
  CHECK_FALSE(is_sha256_text(std::string(63, '0') + "\n"));
  CHECK_FALSE(is_sha256_text(std::string(63, '0') + "/"));
  CHECK_FALSE(is_sha256_text(std::string(64, '\0')));
}

}  // namespace
}  // namespace pixelzx
