// SPDX-License-Identifier: Apache-2.0
#include "index.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "support.h"

namespace pixelzx {
namespace {

using test::with_end;

constexpr std::string_view kSha =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
constexpr std::string_view kBody =
    "pixelzx-bundle 1\n"
    "program pixelzx 1.0.0\n"
    "slice linux/amd64 offset=2048 packed=700 size=5000 "
    "sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
    "slice linux/amd64/v3 offset=3072 packed=512 size=5001 "
    "sha256=1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef prefix=linux/amd64\n"
    "slice linux/arm/v7 offset=4096 packed=1 size=1 "
    "sha256=2123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
    "share genesis.json offset=5120 size=100 "
    "sha256=3123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
    "share keys/empty offset=6144 size=0 "
    "sha256=4123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
    "option doctor own-name\n";

/// The cause why `text` is refused; nothing when it is accepted.
std::optional<Cause> refusal(std::string_view text) {
  const Result<Index> index = parse_index(text);
  if (index) return std::nullopt;
  return index.diagnosis().cause();
}

TEST_CASE("an index says what slices have in common, before they need it", "[index]") {
  const std::string body(kBody);
  const std::string common =
      "slice common offset=7168 packed=9 size=4194304 "
      "sha256=5123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";
  const std::size_t first = body.find("slice");
  const auto with_common = [&](const std::string& line, const std::string& more = "") {
    std::string changed = body.substr(0, first) + line + body.substr(first);
    const std::string prefix = "prefix=linux/amd64\n";
    changed.replace(changed.find(prefix), prefix.size(), "code=1000+4001 prefix=common\n");
    return with_end(changed + more);
  };
  const std::string text = with_common(common);
  Result<Index> index = parse_index(text);
  REQUIRE(index);
  CHECK(index->common.offset == 7168);
  CHECK(index->common.packed == 9);
  CHECK(index->common.size == 4 << 20);
  CHECK(index->end == 7177);
  REQUIRE(index->slices().size() == 3);  // it is none that could be started
  CHECK_FALSE(index->slices()[0].uses_common);
  const Slice& v3 = index->slices()[1];
  CHECK(v3.uses_common);
  CHECK_FALSE(v3.prefix);
  CHECK(v3.code.offset == 1000);
  CHECK(v3.code.size == 4001);

  CHECK(refusal(with_common("")) == Cause::kDamagedIndex);
  CHECK(refusal(with_common("", common)) == Cause::kDamagedIndex);
  CHECK(refusal(with_common(common, common)) == Cause::kDamagedIndex);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string line = common;
    line.replace(line.find(from), from.size(), to);
    return refusal(with_common(line));
  };
  CHECK(changed("7168", "2048") == Cause::kDamagedIndex);
  CHECK(changed("7168", "7169") == Cause::kDamagedIndex);
  CHECK(changed("packed=9", "packed=0") == Cause::kDamagedIndex);
  CHECK(changed("size=4194304", "size=8388609") == Cause::kDamagedIndex);
  CHECK(changed("size=4194304", "size=0") == Cause::kDamagedIndex);
  CHECK(changed("cdef\n", "cdef code=1+2\n") == Cause::kDamagedIndex);
  CHECK(changed("cdef\n", "cdef prefix=common\n") == Cause::kDamagedIndex);
  CHECK(changed("sha256=5", "sha256=g") == Cause::kDamagedIndex);
}

TEST_CASE("an index says what it says", "[index]") {
  const std::string text = with_end(std::string(kBody));
  Result<Index> result = parse_index(text);
  REQUIRE(result);
  const Index& index = *result;
  CHECK(index.program == "pixelzx");
  CHECK(index.version == "1.0.0");
  CHECK(index.doctor);
  CHECK(index.own_name);
  CHECK(index.end == 6144);

  REQUIRE(index.slices().size() == 3);
  const Slice& amd64 = index.slices()[0];
  CHECK(amd64.platform == linux_platform("amd64"));
  CHECK(amd64.offset == 2048);
  CHECK(amd64.packed == 700);
  CHECK(amd64.size == 5000);
  CHECK(amd64.sha256 == kSha);
  CHECK_FALSE(amd64.prefix);
  const Slice& v3 = index.slices()[1];
  CHECK(v3.platform == linux_platform("amd64", "v3"));
  REQUIRE(v3.prefix);
  CHECK(*v3.prefix == linux_platform("amd64"));
  CHECK(index.slices()[2].platform == linux_platform("arm", "v7"));

  REQUIRE(index.platforms().size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(index.platforms()[i] == index.slices()[i].platform);
  CHECK(index.find(linux_platform("amd64", "v3")) == &v3);
  CHECK(index.find(linux_platform("arm64")) == nullptr);

  REQUIRE(index.shares().size() == 2);
  CHECK(index.shares()[0].name == "genesis.json");
  CHECK(index.shares()[0].offset == 5120);
  CHECK(index.shares()[0].size == 100);
  CHECK(index.shares()[1].name == "keys/empty");
  CHECK(index.shares()[1].size == 0);

  CHECK(offer_text(index).view() == "linux/amd64, linux/amd64/v3, linux/arm/v7");
}

TEST_CASE("the smallest index", "[index]") {
  const std::string text = with_end(
      "pixelzx-bundle 1\nprogram a 1\nslice linux/s390x offset=1024 packed=1 size=1 sha256=" +
      std::string(kSha) + "\n");
  Result<Index> index = parse_index(text);
  REQUIRE(index);
  CHECK_FALSE(index->doctor);
  CHECK_FALSE(index->own_name);
  CHECK(index->end == 1025);
}

TEST_CASE("the line that ends an index", "[index]") {
  CHECK(index_end_line("abc").view() ==
        "end sha256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n");
}

/// One change of the good index, signed anew: each must be seen by itself.
struct Mutation {
  std::string_view from;  // in the body; all of it when empty
  std::string_view to;
  Cause cause = Cause::kDamagedIndex;
};

constexpr std::array kMutations = {
    // the first line
    Mutation{"pixelzx-bundle 1\n", "", Cause::kNotABundle},
    Mutation{"pixelzx-bundle 1\n", "\npixelzx-bundle 1\n", Cause::kNotABundle},
    Mutation{"pixelzx-bundle 1\n", "pixelzx-bundle\n", Cause::kNotABundle},
    Mutation{"pixelzx-bundle 1\n", "pixelzx-bundle \n", Cause::kNotABundle},
    Mutation{"pixelzx-bundle 1\n", "pixelzx-bundle x\n", Cause::kNotABundle},
    Mutation{"pixelzx-bundle 1\n", "pixelzx-bundle 1.5\n", Cause::kNotABundle},
    Mutation{"pixelzx-bundle 1\n", "pixelzx-bundle -1\n", Cause::kNotABundle},
    Mutation{"pixelzx-bundle 1\n", "pixelzx-bundle 01\n", Cause::kNotABundle},
    Mutation{"pixelzx-bundle 1\n", "pixelzx-bundle 1\r\n", Cause::kNotABundle},
    Mutation{"pixelzx-bundle 1\n", "Pixelzx-bundle 1\n", Cause::kNotABundle},
    Mutation{"pixelzx-bundle 1\n", "pixelzx-bundle 2\n", Cause::kNewerFormat},
    Mutation{"pixelzx-bundle 1\n", "pixelzx-bundle 10\n", Cause::kNewerFormat},
    Mutation{"pixelzx-bundle 1\n", "pixelzx-bundle 4294967297\n", Cause::kNewerFormat},
    Mutation{"pixelzx-bundle 1\n", "pixelzx-bundle 18446744073709551615\n", Cause::kNewerFormat},
    // program
    Mutation{"program pixelzx 1.0.0\n", ""},
    Mutation{"program pixelzx 1.0.0\n", "program pixelzx 1.0.0\nprogram pixelzx 1.0.0\n"},
    Mutation{"program pixelzx 1.0.0", "program pixelzx"},
    Mutation{"program pixelzx 1.0.0", "program"},
    Mutation{"program pixelzx 1.0.0", "program pixelzx 1.0.0 extra"},
    Mutation{"program pixelzx 1.0.0", "program pixelzx  1.0.0"},
    Mutation{"program pixelzx 1.0.0", "program pixelzx 1.0.0 "},
    Mutation{"program pixelzx 1.0.0", " program pixelzx 1.0.0"},
    Mutation{"program pixelzx 1.0.0", "program\tpixelzx\t1.0.0"},
    Mutation{"program pixelzx 1.0.0", "PROGRAM pixelzx 1.0.0"},
    Mutation{"program pixelzx 1.0.0\n", "program pixelzx 1.0.0\r\n"},
    Mutation{"program pixelzx ", "program ../pixelzx "},
    Mutation{"program pixelzx ", "program a/b "},
    Mutation{"program pixelzx ", "program . "},
    Mutation{"program pixelzx ", "program .. "},
    Mutation{"program pixelzx ", "program .pixelzx "},
    Mutation{"program pixelzx ", "program pixel\x1bzx "},
    Mutation{"program pixelzx ", "program pixel%zx "},
    Mutation{"program pixelzx ",
             "program aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "},
    Mutation{" 1.0.0\n", " 1.0\x07.0\n"},
    Mutation{" 1.0.0\n", " 11111111111111111111111111111111111111111111111111111111111111111\n"},
    // the platform of a slice
    Mutation{"slice linux/arm/v7 ", "slice linux/arm "},
    Mutation{"slice linux/arm/v7 ", "slice linux/armhf "},
    Mutation{"slice linux/arm/v7 ", "slice linux/arm64/v8 "},
    Mutation{"slice linux/arm/v7 ", "slice linux/ARM/v7 "},
    Mutation{"slice linux/arm/v7 ", "slice arm64 "},
    Mutation{"slice linux/arm/v7 ", "slice linux "},
    Mutation{"slice linux/arm/v7 ", "slice linux/arm/v7/x "},
    Mutation{"slice linux/arm/v7 ", "slice linux/arm/ "},
    Mutation{"slice linux/arm/v7 ", "slice windows/amd64 "},
    Mutation{"slice linux/arm/v7 ", "slice "},
    Mutation{"slice linux/arm/v7 ", "slice linux/amd64 "},
    Mutation{"slice linux/arm/v7 ", "slice linux/amd64/v3 "},
    Mutation{"slice linux/arm/v7 ", "slices linux/arm/v7 "},
    Mutation{"slice linux/arm/v7 ", "  slice linux/arm/v7 "},
    Mutation{"slice linux/arm/v7 ", "slice  linux/arm/v7 "},
    // its numbers
    Mutation{"offset=4096 ", ""},
    Mutation{"offset=4096 ", "offset= "},
    Mutation{"offset=4096 ", "offset=0 "},
    Mutation{"offset=4096 ", "offset=512 "},
    Mutation{"offset=4096 ", "offset=4097 "},
    Mutation{"offset=4096 ", "offset=04096 "},
    Mutation{"offset=4096 ", "offset=+4096 "},
    Mutation{"offset=4096 ", "offset=-4096 "},
    Mutation{"offset=4096 ", "offset=0x1000 "},
    Mutation{"offset=4096 ", "offset=4096k "},
    Mutation{"offset=4096 ", "offset=4096.0 "},
    Mutation{"offset=4096 ", "offset=1099511627776 "},
    Mutation{"offset=4096 ", "offset=18446744073709551104 "},
    Mutation{"offset=4096 ", "offset=18446744073709551616 "},
    Mutation{"offset=4096 ", "offset=99999999999999999999999999 "},
    Mutation{"offset=4096 packed=1 ", "packed=1 offset=4096 "},
    Mutation{"offset=4096 packed=1 ", "offset=4096 offset=4096 packed=1 "},
    Mutation{"packed=1 ", ""},
    Mutation{"packed=1 ", "packed=0 "},
    Mutation{"packed=1 ", "packed=1073741825 "},
    Mutation{"packed=1 ", "packed=18446744073709551615 "},
    Mutation{"packed=1 ", "Packed=1 "},
    Mutation{"size=1 ", ""},
    Mutation{"size=1 ", "size=0 "},
    Mutation{"size=1 ", "size=1073741825 "},
    Mutation{"size=1 ", "size=18446744073709551615 "},
    Mutation{"size=1 ", "size=1 size=1 "},
    // its digest
    Mutation{"sha256=2123", "sha256=212"},
    Mutation{"sha256=2123", "sha256=21230"},
    Mutation{"sha256=2123", "sha256=A123"},
    Mutation{"sha256=2123", "sha256=g123"},
    Mutation{"sha256=2123", "sha1=2123"},
    Mutation{" sha256=2123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", ""},
    Mutation{"sha256=2123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
             "sha256=2123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef \n"},
    Mutation{"sha256=2123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
             "sha256=2123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef more=1\n"},
    // its prefix
    Mutation{"prefix=linux/amd64\n", "prefix=linux/arm64\n"},
    Mutation{"prefix=linux/amd64\n", "prefix=linux/arm/v7\n"},
    Mutation{"prefix=linux/amd64\n", "prefix=linux/amd64/v3\n"},
    Mutation{"prefix=linux/amd64\n", "prefix=amd64\n"},
    Mutation{"prefix=linux/amd64\n", "prefix=linux/x86_64\n"},
    Mutation{"prefix=linux/amd64\n", "prefix=common\n"},
    Mutation{"prefix=linux/amd64\n", "prefix=\n"},
    Mutation{"prefix=linux/amd64\n", "prefix=linux/amd64 prefix=linux/amd64\n"},
    Mutation{"abcdef\nshare genesis", "abcdef prefix=linux/amd64/v3\nshare genesis"},
    Mutation{"abcdef\nshare genesis", "abcdef prefix=linux/arm/v7\nshare genesis"},
    // its machine code
    Mutation{"abcdef prefix=linux/amd64\n", "abcdef code=0+0 prefix=linux/amd64\n"},
    Mutation{"abcdef prefix=linux/amd64\n", "abcdef code=0+5002 prefix=linux/amd64\n"},
    Mutation{"abcdef prefix=linux/amd64\n", "abcdef code=5001+1 prefix=linux/amd64\n"},
    Mutation{"abcdef prefix=linux/amd64\n",
             "abcdef code=18446744073709551615+2 prefix=linux/amd64\n"},
    Mutation{"abcdef prefix=linux/amd64\n",
             "abcdef code=1+18446744073709551615 prefix=linux/amd64\n"},
    Mutation{"abcdef prefix=linux/amd64\n", "abcdef code=1 prefix=linux/amd64\n"},
    Mutation{"abcdef prefix=linux/amd64\n", "abcdef code=1+ prefix=linux/amd64\n"},
    Mutation{"abcdef prefix=linux/amd64\n", "abcdef code=+1 prefix=linux/amd64\n"},
    Mutation{"abcdef prefix=linux/amd64\n", "abcdef code= prefix=linux/amd64\n"},
    Mutation{"abcdef prefix=linux/amd64\n", "abcdef code=1-2 prefix=linux/amd64\n"},
    Mutation{"abcdef prefix=linux/amd64\n", "abcdef code=1+2+3 prefix=linux/amd64\n"},
    Mutation{"abcdef prefix=linux/amd64\n", "abcdef prefix=linux/amd64 code=1+2\n"},
    // overlap
    Mutation{"offset=4096 packed=1 ", "offset=2048 packed=1 "},
    Mutation{"offset=4096 packed=1 ", "offset=2560 packed=1 "},
    Mutation{"offset=4096 packed=1 ", "offset=4096 packed=1025 "},
    Mutation{"offset=4096 packed=1 ", "offset=1024 packed=1073741824 "},
    Mutation{"offset=3072 packed=512 ", "offset=3072 packed=1025 "},
    Mutation{"offset=2048 packed=700 ", "offset=2048 packed=1025 "},
    Mutation{"offset=5120 size=100 ", "offset=2560 size=100 "},
    Mutation{"offset=5120 size=100 ", "offset=5120 size=1025 "},
    // share
    Mutation{"share genesis.json ", "share "},
    Mutation{"share genesis.json ", "share ../genesis.json "},
    Mutation{"share genesis.json ", "share keys/../../genesis.json "},
    Mutation{"share genesis.json ", "share keys/.. "},
    Mutation{"share genesis.json ", "share .. "},
    Mutation{"share genesis.json ", "share . "},
    Mutation{"share genesis.json ", "share ./genesis.json "},
    Mutation{"share genesis.json ", "share /etc/passwd "},
    Mutation{"share genesis.json ", "share keys//genesis.json "},
    Mutation{"share genesis.json ", "share keys/ "},
    Mutation{"share genesis.json ", "share keys/empty "},
    Mutation{"share genesis.json ", "share genesis\x01json "},
    Mutation{"share genesis.json ",
             "share "
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
             "aaaaaa "},
    Mutation{"offset=5120 ", "offset=5121 "},
    Mutation{"offset=5120 ", "offset=512 "},
    Mutation{"offset=5120 ", ""},
    Mutation{"size=100 ", "size=1073741825 "},
    Mutation{"size=100 ", "size=-100 "},
    Mutation{"size=100 ", ""},
    Mutation{"size=100 ", "packed=100 size=100 "},
    Mutation{"sha256=3123", "sha256=312"},
    // option
    Mutation{"option doctor own-name", "option doctor doctor"},
    Mutation{"option doctor own-name", "option doctor own-name other"},
    Mutation{"option doctor own-name", "option Doctor"},
    Mutation{"option doctor own-name", "option doctor  own-name"},
    Mutation{"option doctor own-name", "option doctor,own-name"},
    Mutation{"option doctor own-name", "option doctor own-name "},
    Mutation{"option doctor own-name", "option"},
    Mutation{"option doctor own-name", "options doctor"},
    Mutation{"option doctor own-name\n", "option doctor\noption doctor\n"},
    // lines
    Mutation{"option doctor own-name\n", "option doctor own-name\n\n"},
    Mutation{"option doctor own-name\n", "option doctor own-name\n \n"},
    Mutation{"option doctor own-name\n", "option doctor own-name"},
    Mutation{"option doctor own-name\n", "option doctor own-name\n# a comment\n"},
    Mutation{"option doctor own-name\n", "option doctor own-name\nsignature abc\n"},
    Mutation{"slice linux/amd64 ", "\nslice linux/amd64 "},
    Mutation{"", "pixelzx-bundle 1\nprogram pixelzx 1.0.0\n"},
    Mutation{"", "pixelzx-bundle 1\n"},
    Mutation{"", "pixelzx-bundle 1", Cause::kNotABundle},
};

TEST_CASE("every single change of an index is seen, digest or not", "[index]") {
  REQUIRE_FALSE(refusal(with_end(std::string(kBody))));
  for (const Mutation& mutation : kMutations) {
    CAPTURE(mutation.from, mutation.to);
    std::string body(kBody);
    if (mutation.from.empty()) {
      body = mutation.to;
    } else {
      const std::size_t at = body.find(mutation.from);
      REQUIRE(at != std::string::npos);
      body.replace(at, mutation.from.size(), mutation.to);
    }
    const std::optional<Cause> cause = refusal(with_end(body));
    CHECK(cause.has_value());
    if (cause) CHECK(static_cast<int>(*cause) == static_cast<int>(mutation.cause));
  }
}

TEST_CASE("what is allowed at the limits", "[index]") {
  struct Row {
    std::string_view from;
    std::string_view to;
  };
  constexpr std::array<Row, 8> kRows = {{
      {"offset=2048 ", "offset=1536 "},
      {"packed=1 size=1 ", "packed=1024 size=1073741824 "},
      {"offset=6144 size=0 ", "offset=6144 size=1073741824 "},
      {"offset=6144 ", "offset=1099511627264 "},
      {"option doctor own-name\n", "option own-name doctor\n"},
      {"option doctor own-name\n", "option own-name\noption doctor\n"},
      {"option doctor own-name\n", ""},
      {"program pixelzx ",
       "program aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "},
  }};
  for (const Row& row : kRows) {
    CAPTURE(row.from, row.to);
    std::string body(kBody);
    body.replace(body.find(row.from), row.from.size(), row.to);
    CHECK_FALSE(refusal(with_end(body)));
  }
}

TEST_CASE("the index itself is a member too", "[index]") {
  // At byte 1024 of a tar whose index is longer than one block, a slice would lie within it.
  std::string body(kBody);
  body.replace(body.find("offset=2048"), 11, "offset=1024");
  body += "share long offset=8192 size=0 sha256=" + std::string(kSha) + "\n";
  REQUIRE(with_end(body).size() > 512);
  CHECK(refusal(with_end(body)) == Cause::kDamagedIndex);
}

TEST_CASE("the diagnosis names the line", "[index]") {
  std::string body(kBody);
  body.replace(body.find("packed=1 "), 9, "packed=0 ");
  const Result<Index> index = parse_index(with_end(body));
  REQUIRE_FALSE(index);
  const EvidenceText detail = index.diagnosis().evidence(Evidence::kDetail, Language::kEnglish);
  CHECK(detail.view().starts_with("line 5 "));
}

TEST_CASE("the diagnosis of a newer bundle names its format", "[index]") {
  const Result<Index> index = parse_index("pixelzx-bundle 7\nwhatever that may be\n");
  REQUIRE_FALSE(index);
  CHECK(index.diagnosis().cause() == Cause::kNewerFormat);
  CHECK(index.diagnosis().evidence(Evidence::kDetail, Language::kEnglish).view() == "7");
}

TEST_CASE("an index with any bit flipped is never accepted", "[index]") {
  const std::string good = with_end(std::string(kBody));
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ static_cast<char>(1U << bit));
      if (!refusal(bad)) FAIL("accepted with bit " << bit << " of byte " << i << " flipped");
    }
  }
}

TEST_CASE("an index cut off anywhere, or with anything behind it", "[index]") {
  const std::string good = with_end(std::string(kBody));
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK(refusal(good.substr(0, size)));
  }
  for (const char* tail : {"\n", " ", "x", "end sha256=", "share x offset=8192 size=0\n"}) {
    CHECK(refusal(good + tail) == Cause::kDamagedIndex);
  }
  CHECK(refusal(good + std::string("\0", 1)) == Cause::kDamagedIndex);
  CHECK(refusal(good + good) == Cause::kDamagedIndex);
  CHECK(refusal(with_end(good)) == Cause::kDamagedIndex);
}

TEST_CASE("a digest of another text, or in another spelling", "[index]") {
  std::string text = with_end(std::string(kBody));
  const std::size_t digest = text.size() - 65;
  std::string upper = text;
  for (std::size_t i = digest; i < upper.size() - 1; ++i) {
    if (upper[i] >= 'a') upper[i] = static_cast<char>(upper[i] - 'a' + 'A');
  }
  REQUIRE(upper != text);
  CHECK(refusal(upper) == Cause::kDamagedIndex);
  text.replace(digest, 64, std::string(64, '0'));
  CHECK(refusal(text) == Cause::kDamagedIndex);
  CHECK(refusal(std::string(kBody)) == Cause::kDamagedIndex);
}

std::string slice_line(const std::string& platform, std::size_t number) {
  return "slice " + platform + " offset=" + std::to_string(1 << 16 | number << 9) +
         " packed=1 size=1 sha256=" + std::string(kSha) + "\n";
}

TEST_CASE("as many slices and files as there may be, and one more", "[index]") {
  std::string slices = "pixelzx-bundle 1\nprogram a 1\n";
  for (std::size_t i = 0; i < kMaxSlices; ++i) {
    slices += slice_line("linux/amd64/v" + std::to_string(i + 2), i);
  }
  const std::string full = with_end(slices);
  Result<Index> index = parse_index(full);
  REQUIRE(index);
  CHECK(index->slices().size() == kMaxSlices);
  CHECK(refusal(with_end(slices + slice_line("linux/arm64", kMaxSlices))) == Cause::kDamagedIndex);

  std::string shares = "pixelzx-bundle 1\nprogram a 1\n" + slice_line("linux/amd64", 0);
  const auto share_line = [](std::size_t number) {
    return "share file" + std::to_string(number) +
           " offset=" + std::to_string(1 << 17 | number << 9) +
           " size=1 sha256=" + std::string(kSha) + "\n";
  };
  for (std::size_t i = 0; i < kMaxShares; ++i) shares += share_line(i);
  const std::string full_of_shares = with_end(shares);
  Result<Index> with_shares = parse_index(full_of_shares);
  REQUIRE(with_shares);
  CHECK(with_shares->shares().size() == kMaxShares);
  CHECK(refusal(with_end(shares + share_line(kMaxShares))) == Cause::kDamagedIndex);
}

TEST_CASE("an index longer than any", "[index]") {
  std::string body(kBody);
  while (body.size() <= kMaxIndexSize) body += "option doctor\n";
  CHECK(refusal(with_end(body)) == Cause::kDamagedIndex);
}

TEST_CASE("names of programs", "[index]") {
  for (const char* good : {"pixelzx", "a", "busybox-1.35_static", "7z", "A.B"}) {
    CHECK(is_program_name(good));
  }
  for (const char* bad :
       {"", ".", "..", ".hidden", "a/b", "/a", "a b", "a\n", "a\\b", "é", "a:b"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_program_name(bad));
  }
  CHECK(is_program_name(std::string(64, 'a')));
  CHECK_FALSE(is_program_name(std::string(65, 'a')));
  CHECK_FALSE(is_program_name(std::string_view("a\0b", 3)));
}

TEST_CASE("an index does not take the same thing twice", "[index]") {
  Index index;
  Slice slice;
  slice.platform = linux_platform("amd64");
  CHECK(index.add(slice));
  CHECK_FALSE(index.add(slice));
  Share share;
  share.name = "file";
  CHECK(index.add(share));
  CHECK_FALSE(index.add(share));
  CHECK(index.slices().size() == 1);
  CHECK(index.shares().size() == 1);
}

}  // namespace
}  // namespace pixelzx
