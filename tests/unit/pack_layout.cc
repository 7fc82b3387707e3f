// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "pack/layout.h"

namespace pixelzx::pack {
namespace {

BundleContent content_of(std::size_t slices, std::size_t frame_size, std::size_t version_size) {
  // One platform each: the index wants no two alike.
  static const std::vector<Platform> kPlatforms = [] {
    std::vector<Platform> platforms;
    for (const char* os_arch : {"linux/amd64/v", "linux/arm64/v", "linux/arm/v"}) {
      for (int i = 10; i < 20; ++i)
        platforms.push_back(*parse_platform(os_arch + std::to_string(i)));
    }
    return platforms;
  }();
  BundleContent content;
  content.program = "hello";
  content.version = std::string(version_size, '1');
  for (std::size_t i = 0; i < slices; ++i) {
    content.slices.push_back({.platform = kPlatforms[i],
                              .prefix = {},
                              .uses_common = false,
                              .code = {},
                              .size = frame_size,
                              .sha256 = std::string(64, 'a'),
                              .frame = std::string(frame_size, '.')});
  }
  return content;
}

TEST_CASE("the offsets in an index allow for its own length", "[pack]") {
  int jumps = 0;
  for (const std::size_t slices : {1u, 2u, 3u, 5u, 6u, 9u, 17u, 30u}) {
    for (const std::size_t frame_size : {1u, 511u, 512u, 513u, 3000u, 7600u}) {
      std::size_t size_before = 0;
      for (std::size_t version_size = 1; version_size <= 64; ++version_size) {
        const std::string text = index_text(content_of(slices, frame_size, version_size));
        Result<Index> index = parse_index(text);
        REQUIRE(index);
        std::uint64_t expected = kTarBlock + whole_blocks(text.size());
        for (const Slice& slice : index->slices()) {
          expected += kTarBlock;
          REQUIRE(slice.offset == expected);
          expected += whole_blocks(frame_size);
        }
        // One more byte of version made an offset longer by a digit: the hard case was met.
        if (version_size > 1 && text.size() > size_before + 1) ++jumps;
        size_before = text.size();
      }
    }
  }
  CHECK(jumps > 0);
}

TEST_CASE("an index says everything about a bundle, in order", "[pack]") {
  BundleContent content = content_of(3, 10, 3);
  content.common = content.slices[0];
  content.slices[0].code = {.offset = 2, .size = 8};
  content.slices[1].prefix = content.slices[0].platform;
  content.slices[2].uses_common = true;
  content.shares.push_back({"genesis.json", std::string(64, 'b'), "{}"});
  content.doctor = true;
  content.own_name = true;
  const std::string text = index_text(content);
  Result<Index> index = parse_index(text);
  REQUIRE(index);
  CHECK(index->program == "hello");
  CHECK(index->version == "111");
  CHECK(index->doctor);
  CHECK(index->own_name);
  REQUIRE(index->slices().size() == 3);
  CHECK_FALSE(index->slices()[0].prefix);
  CHECK_FALSE(index->slices()[0].uses_common);
  CHECK(index->slices()[0].code.offset == 2);
  CHECK(index->slices()[0].code.size == 8);
  CHECK(index->slices()[1].prefix == content.slices[0].platform);
  CHECK(index->slices()[1].code.size == 0);
  CHECK(index->slices()[2].uses_common);
  CHECK_FALSE(index->slices()[2].prefix);
  CHECK(index->common.packed == 10);
  CHECK(index->common.offset < index->slices()[0].offset);
  REQUIRE(index->shares().size() == 1);
  CHECK(index->shares()[0].name == "genesis.json");
  CHECK(text.find("\nprogram ") < text.find("\nslice "));
  CHECK(text.find("\nslice ") < text.find("\nshare "));
  CHECK(text.find("\nshare ") < text.find("\noption doctor own-name\n"));
}

TEST_CASE("an index without options has no line for them", "[pack]") {
  CHECK(index_text(content_of(1, 1, 1)).find("option") == std::string::npos);
}

TEST_CASE("versions and names of shared files are those that the index parser takes", "[pack]") {
  CHECK(index_takes_version("1.0.0-rc1+debian"));
  CHECK_FALSE(index_takes_version(""));
  CHECK_FALSE(index_takes_version("1.0 beta"));
  CHECK_FALSE(index_takes_version("1\n"));
  CHECK_FALSE(index_takes_version(std::string(65, '1')));
  CHECK(index_takes_share("genesis.json"));
  CHECK_FALSE(index_takes_share(".."));
  CHECK_FALSE(index_takes_share("a b"));
  CHECK_FALSE(index_takes_share("창세기.json"));
  CHECK_FALSE(index_takes_share(std::string(91, 'a')));
}

TEST_CASE("tar members are named after platform and program", "[pack]") {
  CHECK(slice_member(linux_platform("arm", "v7"), "hello") == "linux/arm/v7/hello.zst");
  CHECK(share_member("genesis.json") == "share/genesis.json");
}

}  // namespace
}  // namespace pixelzx::pack
