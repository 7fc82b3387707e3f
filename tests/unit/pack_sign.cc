// SPDX-License-Identifier: Apache-2.0
//
// Keys and signatures; that minisign agrees is tested end to end (test_sign.py).
#include <catch2/catch.hpp>

#include "pack/minisign.h"
#include "pack/pack_error.h"
#include "pack/version_order.h"

namespace pixelzx::pack {
namespace {

/// Bytes in memory, in two pieces.
class Text final : public ByteStream {
 public:
  explicit Text(std::string_view text) : rest_(text) {}
  std::string_view read() override {
    const std::string_view piece = rest_.substr(0, (rest_.size() + 1) / 2);
    rest_.remove_prefix(piece.size());
    return piece;
  }

 private:
  std::string_view rest_;
};

bool is_accepted(std::string_view content, const std::string& signature, const PublicKey& key) {
  Text stream(content);
  return is_signed_by(key, parse_signature(signature, "x.minisig"), stream);
}

TEST_CASE("keys are read back as they were written", "[pack]") {
  const SecretKey secret = generate_key();
  const std::string text = secret_key_text(secret, "");
  CHECK_FALSE(is_encrypted(text, "x.key"));
  const SecretKey again = parse_secret_key(text, "", "x.key");
  CHECK(again.key == secret.key);
  CHECK(again.id == secret.id);
  const PublicKey key = public_key_of(secret);
  const std::string public_text = public_key_text(key);
  CHECK(parse_public_key(public_text, "x.pub").key == key.key);
  // The line alone, as it stands in a document; with the line ends of Windows.
  const std::string line = public_text.substr(public_text.find('\n') + 1, 56);
  CHECK(line.starts_with("RW"));
  CHECK(parse_public_key(line, "x.pub").id == key.id);
  CHECK(parse_public_key("untrusted comment: x\r\n" + line + "\r\n", "x.pub").id == key.id);
}

TEST_CASE("a key of a known text", "[pack]") {
  // The 8 bytes of the id are a number in little endian.
  CHECK(key_id_text({0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01}) == "0123456789ABCDEF");
}

TEST_CASE("no damaged key is taken", "[pack]") {
  const SecretKey secret = generate_key();
  const std::string public_text = public_key_text(public_key_of(secret));
  const std::string text = secret_key_text(secret, "");
  for (const std::size_t cut : {std::size_t{0}, std::size_t{5}, text.find('\n'), text.size() - 3}) {
    CHECK_THROWS_AS(parse_secret_key(text.substr(0, cut), "", "x"), PackError);
    CHECK_THROWS_AS(is_encrypted(text.substr(0, cut), "x"), PackError);
  }
  CHECK_THROWS_AS(parse_public_key(public_text.substr(0, public_text.size() - 3), "x"), PackError);
  CHECK_THROWS_AS(parse_public_key("", "x"), PackError);
  // In the middle of the key: its checksum differs.
  std::string damaged = text;
  damaged[text.size() - 60] = damaged[text.size() - 60] == 'A' ? 'B' : 'A';
  CHECK_THROWS_AS(parse_secret_key(damaged, "", "x"), PackError);
}

TEST_CASE("signatures", "[pack]") {
  const SecretKey secret = generate_key();
  const PublicKey key = public_key_of(secret);
  Text content("what is signed");
  const std::string text = signature_text(content, secret, "timestamp:1\tfile:x\thashed");
  CHECK(is_accepted("what is signed", text, key));
  CHECK(parse_signature(text, "x").comment == "timestamp:1\tfile:x\thashed");
  CHECK_FALSE(is_accepted("what is signed.", text, key));
  CHECK_FALSE(is_accepted("", text, key));
  CHECK_FALSE(is_accepted("what is signed", text, public_key_of(generate_key())));

  SECTION("no changed byte passes") {
    for (std::size_t i = text.find('\n') + 1; i + 1 < text.size(); ++i) {
      std::string changed = text;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      bool accepted = false;
      try {
        const Signature signature = parse_signature(changed, "x");
        // The key's id is compared before: check_signature.
        accepted = signature.key == key.id && is_accepted("what is signed", changed, key);
      } catch (const PackError&) {
        continue;
      }
      INFO("byte " << i);
      CHECK_FALSE(accepted);
    }
  }
  SECTION("no cut-off one passes") {
    for (std::size_t size = 0; size + 1 < text.size(); ++size) {
      CHECK_THROWS_AS(parse_signature(text.substr(0, size), "x"), PackError);
    }
  }
}

TEST_CASE("which version is older", "[pack]") {
  const std::vector<std::string> in_order = {"0.9",
                                             "1.0.0-alpha",
                                             "1.0.0-alpha.1",
                                             "1.0.0-alpha.x",
                                             "1.0.0-rc.2",
                                             "1.0.0-rc.10",
                                             "1.0.0",
                                             "1.0.1",
                                             "1.9",
                                             "1.10-rc.1",
                                             "1.10",
                                             "2",
                                             "99999999999999999999999999"};
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    for (std::size_t j = 0; j < in_order.size(); ++j) {
      INFO(in_order[i] << " and " << in_order[j]);
      CHECK(is_older(in_order[i], in_order[j]) == (i < j));
    }
  }
  CHECK_FALSE(is_older("1.0", "1.0.0"));
  CHECK_FALSE(is_older("1.0.0", "1.0"));
  CHECK_FALSE(is_older("1.0.0", "v1.00.0+build.7"));
  CHECK_FALSE(is_older("", ""));
}

}  // namespace
}  // namespace pixelzx::pack
