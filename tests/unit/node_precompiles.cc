// SPDX-License-Identifier: Apache-2.0
#include "node/evm/precompiles.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>

#include "node/base/u256.h"

namespace pixelzx::node {
namespace {

const Precompile& precompile(std::uint8_t number) {
  Address address{};
  address.back() = number;
  const Precompile* found = find_precompile(address);
  REQUIRE(found != nullptr);
  return *found;
}

std::uint64_t gas(std::uint8_t number, const std::string& input) {
  return precompile(number).gas(from_hex(input).value());
}

std::string run(std::uint8_t number, const std::string& input) {
  const std::optional<Bytes> output = precompile(number).run(from_hex(input).value());
  return output ? to_hex(*output) : "fails";
}

/// The digits of `count` zero bytes.
std::string zeros(std::size_t count) {
  std::string digits;
  digits.resize(count * 2, '0');
  return digits;
}

std::string word(const U256& value) {
  return to_hex(to_hash(value));
}

TEST_CASE("Precompiles are at the addresses from 1 to 10", "[node]") {
  for (int number = 0; number < 256; ++number) {
    Address address{};
    address.back() = static_cast<std::uint8_t>(number);
    CHECK((find_precompile(address) != nullptr) == (number >= 1 && number <= 10));
    address.front() = 1;
    CHECK(find_precompile(address) == nullptr);
  }
}

TEST_CASE("Recovering an address", "[node]") {
  const std::string digest = "18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c";
  const std::string r = "73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f";
  const std::string s = "eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549";
  const std::string address = "000000000000000000000000a94f5374fce5edbc8e2a8697c15331677e6ebf0b";
  CHECK(gas(1, "") == 3000);
  CHECK(run(1, digest + word(28) + r + s) == address);
  CHECK(run(1, digest + word(28) + r + s + "0102") == address);
  CHECK(run(1, digest + word(27) + r + s) != address);

  CHECK(run(1, "").empty());
  CHECK(run(1, digest + word(28) + r + s.substr(0, 62)) != address);
  CHECK(run(1, digest + word(29) + r + s).empty());
  CHECK(run(1, digest + word(0) + r + s).empty());
  CHECK(run(1, digest + word((U256(1) << 255) + 28) + r + s).empty());
  CHECK(run(1, digest + word(28) + word(0) + s).empty());
  CHECK(run(1, digest + word(28) + r + std::string(64, 'f')).empty());
}

TEST_CASE("Hashes and the identity as precompiles", "[node]") {
  CHECK(gas(2, "") == 60);
  CHECK(gas(2, zeros(32)) == 72);
  CHECK(gas(2, zeros(33)) == 84);
  CHECK(run(2, "") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(run(2, "616263") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

  CHECK(gas(3, "") == 600);
  CHECK(gas(3, "00") == 720);
  CHECK(run(3, "") == zeros(12) + "9c1185a5c5e9fc54612808977ee8f548b2258d31");
  CHECK(run(3, "616263") == zeros(12) + "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");

  CHECK(gas(4, "") == 15);
  CHECK(gas(4, zeros(65)) == 24);
  CHECK(run(4, "").empty());
  CHECK(run(4, "00ff01") == "00ff01");
}

TEST_CASE("Powers of EIP-198", "[node]") {
  const std::string p = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
  const std::string p1 = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e";
  const auto lengths = [](const U256& base, const U256& exponent, const U256& modulus) {
    return word(base) + word(exponent) + word(modulus);
  };
  // The EIP's examples.
  CHECK(run(5, lengths(1, 32, 32) + "03" + p1 + p) == word(1));
  CHECK(run(5, lengths(0, 32, 32) + p1 + p) == word(0));
  const std::string power_of_two =
      "3b01b01ac41f2d6e917c6d6a221ce793802469026d9ab7578fa2e79e4da6aaab";
  CHECK(run(5, lengths(1, 2, 32) + "03ffff80" + zeros(31) + "07") == power_of_two);
  CHECK(run(5, lengths(1, 2, 32) + "03ffff80") == power_of_two);

  CHECK(run(5, "").empty());
  CHECK(run(5, lengths(1, 1, 0) + "0202").empty());
  CHECK(run(5, lengths(0, std::numeric_limits<U256>::max(), 0)).empty());
  CHECK(run(5, lengths(1, 1, 1)) == "00");                                // modulus 0
  CHECK(run(5, lengths(1, 1, 3) + "0203") == "000000");                   // the same
  CHECK(run(5, lengths(0, 0, 1) + "01") == "00");                         // 0^0 mod 1
  CHECK(run(5, lengths(0, 0, 2) + "0007") == "0001");                     // 0^0
  CHECK(run(5, lengths(1, 1, 1) + "000005") == "01");                     // the same
  CHECK(run(5, lengths(1, 1, 1) + "000305") == "00");                     // 0^3
  CHECK(run(5, lengths(1, 1, 2) + "020a03e9") == "0017");                 // 1024 mod 1001
  CHECK(run(5, lengths(2, 1, 1) + "010203fb") == "5c");                   // 258^3 mod 251
  CHECK(run(5, lengths(1, 1, 2) + "0a0503e8") == "0000");                 // 10^5 mod 1000
  CHECK(run(5, lengths(1, 100, 1) + "0201" + zeros(99) + "0b") == "09");  // 2^(256^99) mod 11
}

TEST_CASE("The price of powers, EIP-2565", "[node]") {
  const auto price = [](const U256& base, const U256& exponent, const U256& modulus,
                        const std::string& rest) {
    return gas(5, word(base) + word(exponent) + word(modulus) + rest);
  };
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const U256 most = std::numeric_limits<U256>::max();
  CHECK(gas(5, "") == 200);
  CHECK(price(1, 32, 32, "03" + std::string(128, 'f')) == 1360);
  CHECK(price(0, 32, 32, std::string(128, 'f')) == 1360);
  CHECK(price(64, 1, 64, std::string(128, 'f') + "02") == 200);
  CHECK(price(64, 3, 64, std::string(128, 'f') + "010001") == 341);
  CHECK(price(128, 3, 64, std::string(256, 'f') + "010001") == 1365);
  CHECK(price(64, 3, 1024, std::string(128, 'f') + "010001") == 87381);
  CHECK(price(33, 1, 1, std::string(66, 'f') + "ff") == 200);
  // Of a long exponent, the first 32 bytes and the length count.
  CHECK(price(64, 64, 64, std::string(128, 'f') + "80") == (256 + 255) * 64 / 3);
  CHECK(price(64, 64, 64, std::string(128, 'f') + zeros(32) + "ff") == 256 * 64 / 3);
  CHECK(price(64, 64, 64, std::string(128, 'f') + zeros(31) + "01") == 256 * 64 / 3);
  // The exponent is partly, or all, after the end of the input.
  CHECK(price(64, 32, 64, std::string(128, 'f') + "80") == 255 * 64 / 3);
  CHECK(price(64, 32, 64, "") == 200);
  CHECK(price(1000, 1, 1, "ff") == 125 * 125 / 3);
  CHECK(price(most, 32, 1, std::string(128, 'f')) == kMost);
  CHECK(price(1, most, 1, std::string(128, 'f')) == kMost);
  CHECK(price(1, 1, most, std::string(128, 'f')) == kMost);
  CHECK(price(most, most, most, std::string(128, 'f')) == kMost);
  CHECK(price(std::numeric_limits<std::uint64_t>::max(), 32, 1, "ff") == kMost);
  CHECK(price(0, most, 0, "ff") == 200);
  CHECK(run(5, word(1) + word(1) + word(most)) == "fails");
  CHECK(run(5, word(most) + word(1) + word(1)) == "fails");
  CHECK(run(5, word(1) + word(std::numeric_limits<std::uint64_t>::max()) + word(1)) == "fails");
}

TEST_CASE("bn254 as precompiles, EIP-1108's prices", "[node]") {
  CHECK(gas(6, "") == 150);
  CHECK(run(6, "") == zeros(64));
  CHECK(run(6, "01") == "fails");
  CHECK(gas(7, "") == 6000);
  CHECK(run(7, "") == zeros(64));
  CHECK(gas(8, "") == 45000);
  CHECK(gas(8, zeros(191)) == 45000);
  CHECK(gas(8, zeros(384)) == 113000);
  CHECK(run(8, "") == word(1));
  CHECK(run(8, zeros(191)) == "fails");
}

TEST_CASE("BLAKE2b's compression, EIP-152", "[node]") {
  const auto input = [](const std::string& rounds, const std::string& last) {
    return rounds +
           "48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
           "d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b616263" +
           zeros(125) + "03" + zeros(15) + last;
  };
  CHECK(run(9, "") == "fails");
  CHECK(run(9, input("00000c", "01")) == "fails");
  CHECK(run(9, input("000000000c", "01")) == "fails");
  CHECK(run(9, input("0000000c", "02")) == "fails");
  CHECK(run(9, input("00000000", "01")) ==
        "08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"
        "d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319cde05b");
  CHECK(run(9, input("0000000c", "01")) ==
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
        "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
  CHECK(run(9, input("0000000c", "00")) ==
        "75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d28752"
        "98743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735");
  CHECK(run(9, input("00000001", "01")) ==
        "b63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fb"
        "a551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421");
  CHECK(gas(9, input("00000000", "01")) == 0);
  CHECK(gas(9, input("ffffffff", "01")) == 0xffffffff);
  CHECK(gas(9, input("ffffff", "01")) == 0);
}

TEST_CASE("Point evaluation, EIP-4844", "[node]") {
  const std::string output =
      word(4096) + "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
  const std::string hash = "01228461eb9cfa5aecb883d64f7434b6c092be63e8599fa9da8473a13f8b804e";
  const std::string z = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000";
  const std::string y = "58cdc98c4c44791bb8ba7e58a80324ef8c021c79c68e253c430fa2663188f7f2";
  const std::string commitment =
      "b49d88afcd7f6c61a8ea69eff5f609d2432b47e7e4cd50b02cdddb4e0c146051"
      "7e8df02e4e64dc55e3d8ca192d57193a";
  const std::string proof =
      "9506a8dc7f3f720a592a79a4e711e28d8596854bac66b9cb2d6d361704f17354"
      "42d47ea09fda5e0984f0928ce7d2f5f6";
  CHECK(gas(10, "") == 50000);
  CHECK(run(10, hash + z + y + commitment + proof) == output);
  CHECK(run(10, "") == "fails");
  CHECK(run(10, hash + z + y + commitment + proof + "00") == "fails");
  CHECK(run(10, "02" + hash.substr(2) + z + y + commitment + proof) == "fails");
  CHECK(run(10, hash.substr(0, 62) + "cd" + z + y + commitment + proof) == "fails");
  CHECK(run(10, hash + word(0) + y + commitment + proof) == "fails");
  CHECK(run(10, hash + z + word(0) + commitment + proof) == "fails");
  CHECK(run(10, hash + z + y + commitment + commitment) == "fails");
  // The other y of the proof.
  CHECK(run(10, hash + z + y + commitment + "b" + proof.substr(1)) == "fails");
  // z plus the modulus.
  const U256 modulus = u256_from(from_hex(output.substr(64)).value());
  CHECK(run(10, hash + word(u256_from(from_hex(z).value()) + modulus) + y + commitment + proof) ==
        "fails");

  // The polynomial that is zero everywhere: commitment and proof are at infinity.
  const std::string infinity = "c0" + zeros(47);
  const std::string its_hash = "010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014";
  CHECK(run(10, its_hash + z + word(0) + infinity + infinity) == output);
  CHECK(run(10, its_hash + z + word(1) + infinity + infinity) == "fails");
  CHECK(run(10, its_hash + z + word(0) + infinity + "e0" + zeros(47)) == "fails");
  CHECK(run(10, its_hash + z + word(0) + infinity + "c0" + zeros(46) + "01") == "fails");
  CHECK(run(10, its_hash + z + word(0) + infinity + "40" + zeros(47)) == "fails");
  // Not compressed; not below the modulus; not on the curve; not in the group.
  CHECK(run(10, its_hash + z + word(0) + infinity + "17" + proof.substr(2)) == "fails");
  CHECK(run(10, its_hash + z + word(0) + infinity + "9f" + proof.substr(2)) == "fails");
  CHECK(run(10, its_hash + z + word(0) + infinity + "80" + zeros(46) + "01") == "fails");
  CHECK(run(10, its_hash + z + word(0) + infinity + "80" + zeros(46) + "04") == "fails");
}

}  // namespace
}  // namespace pixelzx::node
