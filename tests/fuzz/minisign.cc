// SPDX-License-Identifier: Apache-2.0
//
// Keys and signatures that were downloaded. The input is a file's content, and after it the parts
// `signature`, `public` and `secret`, the content of such files.
#include "pack/minisign.h"

#include "fuzz.h"

namespace pixelzx::fuzz {
namespace {

constexpr std::string_view kSigned = "what was signed\n";
constexpr std::string_view kComment = "file:it version:1.0.0";

/// Gives a text, once.
class Text final : public pack::ByteStream {
 public:
  explicit Text(std::string_view text) : text_(text) {}
  std::string_view read() override { return std::exchange(text_, {}); }

 private:
  std::string_view text_;
};

/// The key of the test, whose one signature is of kSigned. Not random, so that the corpus can have
/// that signature.
const pack::SecretKey& own_key() {
  static const pack::SecretKey key = [] {
    (void)pack::generate_key();  // starts libsodium
    pack::SecretKey made;
    made.id = {1, 2, 3, 4, 5, 6, 7, 8};
    std::array<std::uint8_t, crypto_sign_SEEDBYTES> seed{};
    std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> half{};
    crypto_sign_seed_keypair(half.data(), made.key.data(), seed.data());
    return made;
  }();
  return key;
}

/// Nobody but the key's owner can sign anything else, nor change the comment.
void check_signature(std::string_view text, std::string_view content) {
  const pack::Signature signature = pack::parse_signature(text, "it.minisig");
  Text stream(content);
  const bool right = pack::is_signed_by(public_key_of(own_key()), signature, stream);
  require(!right || (content == kSigned && signature.comment == kComment && signature.hashed));
}

void check_public_key(std::string_view text) {
  const pack::PublicKey key = pack::parse_public_key(text, "key.pub");
  const pack::PublicKey again = pack::parse_public_key(pack::public_key_text(key), "key.pub");
  require(again.id == key.id && again.key == key.key);
}

void check_secret_key(std::string_view text) {
  if (pack::is_encrypted(text, "key")) return;  // would take seconds
  const pack::SecretKey key = pack::parse_secret_key(text, {}, "key");
  const pack::SecretKey again = pack::parse_secret_key(pack::secret_key_text(key, {}), {}, "key");
  require(again.id == key.id && again.key == key.key);
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  const std::vector<fuzz::Part> parts = fuzz::parts_of(fuzz::text_of(data, size));
  fuzz::Text content(fuzz::kSigned);
  static const std::string own = signature_text(content, fuzz::own_key(), fuzz::kComment);
  for (const fuzz::Part& part : parts) {
    (void)fuzz::survives([&] {
      if (part.name == "signature") fuzz::check_signature(part.content, parts.front().content);
      if (part.name == "public") fuzz::check_public_key(part.content);
      if (part.name == "secret") fuzz::check_secret_key(part.content);
    });
  }
  // Ours is right, and of nothing else.
  const pack::Signature signature = pack::parse_signature(own, "it.minisig");
  fuzz::Text other(parts.front().content);
  fuzz::require(pack::is_signed_by(public_key_of(fuzz::own_key()), signature, other) ==
                (parts.front().content == fuzz::kSigned));
  return 0;
}
