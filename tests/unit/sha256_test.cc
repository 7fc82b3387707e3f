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

std::string digest_by(Sha256Blocks blocks, std::string_view message, std::size_t cut) {
  Sha256 hash(blocks);
  hash.update(message.data(), cut);
  CHECK(hash.digest() == sha256(message.substr(0, cut)));
  hash.update(message.data() + cut, message.size() - cut);
  return std::string(hash.digest().view());
}

TEST_CASE("the CPU's own instructions compute the same digests", "[sha256]") {
  const Sha256Blocks blocks = sha256_of_cpu();
  if (blocks == nullptr) {
    WARN("this CPU has no instructions for SHA-256 that we know");
    return;
  }
  CHECK(digest_by(blocks, "", 0) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digest_by(blocks, std::string(1000000, 'a'), 0) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  std::string message;
  std::uint32_t state = 1;
  for (std::size_t size = 0; size <= 300; ++size) {
    for (const std::size_t cut : {std::size_t{0}, size / 3, size}) {
      CHECK(digest_by(blocks, message, cut) == sha256(message).view());
    }
    state = state * 1664525 + 1013904223;
    message += static_cast<char>(state >> 24);
  }
  for (int round = 0; round < 50; ++round) {
    state = state * 1664525 + 1013904223;
    message.resize(1 + (state >> 16), static_cast<char>(state >> 8));
    for (char& c : message) {
      state = state * 1664525 + 1013904223;
      c = static_cast<char>(state >> 24);
    }
    CHECK(digest_by(blocks, message, state % message.size()) == sha256(message).view());
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
