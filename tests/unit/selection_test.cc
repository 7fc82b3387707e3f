// SPDX-License-Identifier: Apache-2.0
#include "selection.h"

#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace pixelzx {
namespace {

/// The words of `text`, in order.
std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> result;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    result.push_back(word);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return result;
}

Platform platform(std::string_view text) {
  const std::optional<Platform> parsed = parse_platform(text);
  CAPTURE(text);
  REQUIRE(parsed);
  return *parsed;
}

std::vector<Platform> platforms(std::string_view texts) {
  std::vector<Platform> result;
  for (const std::string_view text : words(texts)) result.push_back(platform(text));
  return result;
}

/// The chosen ones of `offer`, as they are written there.
std::string chosen(const Selection& selection, std::string_view offer) {
  const std::vector<std::string_view> names = words(offer);
  std::string result;
  for (const std::size_t position : selection) {
    if (!result.empty()) result += ' ';
    result += names.at(position);
  }
  return result;
}

// Expected by reading containerd's platformVector and normalizeArch
// (https://github.com/containerd/platforms, compare.go and database.go, as vendored by containerd 2
// and Docker Engine 28), whose matcher normalises what is on offer as well. Its arm64 table knows
// v8 to v8.9 and v9 to v9.7: a host of another variant matches nothing there.
struct Case {
  std::string_view host;
  std::string_view selected;
};

constexpr std::string_view kOffer =
    "linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/amd64/v4 linux/386 linux/arm64 "
    "linux/arm64/v8.2 linux/arm64/v9 linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/arm/v8 "
    "linux/riscv64 linux/ppc64le linux/s390x";

constexpr std::string_view kAllArm = "linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5";
constexpr std::string_view kArm64 =
    "linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5";
constexpr std::string_view kArm64V82 =
    "linux/arm64/v8.2 linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5";
constexpr std::string_view kArm64V9 =
    "linux/arm64/v9 linux/arm64/v8.2 linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 "
    "linux/arm/v5";
constexpr std::string_view kAllAmd64 =
    "linux/amd64/v4 linux/amd64/v3 linux/amd64/v2 linux/amd64 linux/386";

constexpr std::array kCases = {
    Case{"linux/amd64", "linux/amd64 linux/386"},
    Case{"linux/amd64/v1", "linux/amd64 linux/386"},
    Case{"linux/amd64/v2", "linux/amd64/v2 linux/amd64 linux/386"},
    Case{"linux/amd64/v3", "linux/amd64/v3 linux/amd64/v2 linux/amd64 linux/386"},
    Case{"linux/amd64/v4", kAllAmd64},
    Case{"linux/amd64/v5", kAllAmd64},
    Case{"linux/amd64/3", "linux/amd64/v2 linux/amd64 linux/386"},
    Case{"linux/amd64/v0", "linux/386"},
    Case{"linux/amd64/foo", "linux/386"},
    Case{"linux/x86_64", "linux/amd64 linux/386"},
    Case{"linux/x86-64/v3", "linux/amd64/v3 linux/amd64/v2 linux/amd64 linux/386"},
    Case{"linux/386", "linux/386"},
    Case{"linux/i386", "linux/386"},
    Case{"linux/arm64", kArm64},
    Case{"linux/arm64/v8", kArm64},
    Case{"linux/arm64/8", kArm64},
    Case{"linux/arm64/v8.0", kArm64},
    Case{"linux/arm64/v8.1", kArm64},
    Case{"linux/arm64/v8.2", kArm64V82},
    Case{"linux/arm64/v8.4", kArm64V82},
    Case{"linux/arm64/v8.9", kArm64V82},
    Case{"linux/arm64/v9", kArm64V9},
    Case{"linux/arm64/9", kArm64V9},
    Case{"linux/arm64/v9.0", kArm64V9},
    Case{"linux/arm64/v9.2", kArm64V9},
    Case{"linux/arm64/v9.7", kArm64V9},
    Case{"linux/aarch64", kArm64},
    Case{"linux/aarch64/v9", kArm64V9},
    Case{"linux/arm64/v7", ""},
    Case{"linux/arm64/v8.10", ""},
    Case{"linux/arm64/v10", ""},
    Case{"linux/arm64/foo", ""},
    Case{"linux/arm", "linux/arm/v7 linux/arm/v6 linux/arm/v5"},
    Case{"linux/arm/v5", "linux/arm/v5"},
    Case{"linux/arm/v6", "linux/arm/v6 linux/arm/v5"},
    Case{"linux/arm/v7", "linux/arm/v7 linux/arm/v6 linux/arm/v5"},
    Case{"linux/arm/v8", kAllArm},
    Case{"linux/arm/v9", kAllArm},
    Case{"linux/arm/6", "linux/arm/v6 linux/arm/v5"},
    Case{"linux/arm/7", "linux/arm/v7 linux/arm/v6 linux/arm/v5"},
    Case{"linux/arm/v4", ""},
    Case{"linux/arm/foo", ""},
    Case{"linux/armhf", "linux/arm/v7 linux/arm/v6 linux/arm/v5"},
    Case{"linux/armel", "linux/arm/v6 linux/arm/v5"},
    Case{"linux/riscv64", "linux/riscv64"},
    Case{"linux/riscv64/rva23u64", ""},
    Case{"linux/ppc64le", "linux/ppc64le"},
    Case{"linux/ppc64le/power9", ""},
    Case{"linux/s390x", "linux/s390x"},
    Case{"linux/ppc64", ""},
    Case{"linux/loong64", ""},
    Case{"linux/sparc64", ""},
    Case{"linux/mips64le", ""},
    Case{"windows/amd64", ""},
    Case{"windows/arm64", ""},
};

TEST_CASE("what each host selects, as containerd orders it", "[selection]") {
  const std::vector<Platform> offer = platforms(kOffer);
  for (const Case& row : kCases) {
    CAPTURE(row.host);
    CHECK(chosen(select_platforms(platform(row.host), offer), kOffer) == row.selected);
  }
}

TEST_CASE("the order of the offer does not matter", "[selection]") {
  constexpr std::string_view kReversed =
      "linux/s390x linux/ppc64le linux/riscv64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5 "
      "linux/arm64/v9 linux/arm64/v8.2 linux/arm64 linux/386 linux/amd64/v4 linux/amd64/v3 "
      "linux/amd64/v2 linux/amd64";
  const std::vector<Platform> offer = platforms(kReversed);
  for (const Case& row : kCases) {
    CAPTURE(row.host);
    CHECK(chosen(select_platforms(platform(row.host), offer), kReversed) == row.selected);
  }
}

struct OfferCase {
  std::string_view host;
  std::string_view offer;
  std::string_view selected;
};

TEST_CASE("offers in every spelling, as containerd orders them", "[selection]") {
  constexpr std::array kRows = {
      OfferCase{"linux/amd64/v3", "linux/amd64/v4 linux/amd64/v2 linux/386",
                "linux/amd64/v2 linux/386"},
      OfferCase{"linux/amd64", "linux/amd64/v2 linux/386", "linux/386"},
      OfferCase{"linux/amd64", "linux/x86_64", "linux/x86_64"},
      OfferCase{"linux/amd64/v4", "linux/amd64 linux/amd64/v1", "linux/amd64 linux/amd64/v1"},
      OfferCase{"linux/amd64/v2", "linux/386 linux/i386", "linux/386 linux/i386"},
      OfferCase{"linux/arm64", "linux/arm64/v8", "linux/arm64/v8"},
      OfferCase{"linux/arm64", "linux/arm64/v8.0", "linux/arm64/v8.0"},
      OfferCase{"linux/arm64/v9", "linux/arm64/v9.0", "linux/arm64/v9.0"},
      OfferCase{"linux/arm64/v8.2", "linux/arm/v6 linux/aarch64", "linux/aarch64 linux/arm/v6"},
      OfferCase{"linux/arm64", "linux/arm", "linux/arm"},
      OfferCase{"linux/arm64", "linux/armel", "linux/armel"},
      // Armv9 has no AArch32 of its own: it stops at arm/v8.
      OfferCase{"linux/arm64/v9", "linux/arm/v9 linux/arm/v8", "linux/arm/v8"},
      // Armv8 ends with v8.9, however far v9 goes.
      OfferCase{"linux/arm64/v9.6", "linux/arm64/v8.10 linux/arm64/v8.9", "linux/arm64/v8.9"},
      OfferCase{"linux/arm64/v9.1",
                "linux/arm64/v8.7 linux/arm64/v8.6 linux/arm64/v9.1 linux/arm64/v9",
                "linux/arm64/v9.1 linux/arm64/v9 linux/arm64/v8.6"},
      OfferCase{"linux/arm64/v8.5", "linux/arm64/v9 linux/arm64/v8.5", "linux/arm64/v8.5"},
      OfferCase{"linux/arm/v6", "linux/arm/v7 linux/armhf", ""},
      OfferCase{"linux/arm/v6", "linux/arm/5 linux/armel", "linux/armel linux/arm/5"},
      OfferCase{"linux/arm/v7", "linux/arm64", ""},
      OfferCase{"linux/amd64", "windows/amd64 linux/arm64", ""},
      OfferCase{"linux/riscv64", "linux/riscv64/rva22u64", ""},
      OfferCase{"linux/riscv64/rva22u64", "linux/riscv64/rva22u64", "linux/riscv64/rva22u64"},
      OfferCase{"linux/mips64le", "linux/mips64le linux/mips64", "linux/mips64le"},
      OfferCase{"linux/s390x",
                "linux/amd64 linux/arm64 linux/arm/v7 linux/ppc64le linux/riscv64 linux/s390x",
                "linux/s390x"},
      OfferCase{"linux/amd64", "", ""},
  };
  for (const OfferCase& row : kRows) {
    CAPTURE(row.host, row.offer);
    const std::vector<Platform> offer = platforms(row.offer);
    CHECK(chosen(select_platforms(platform(row.host), offer), row.offer) == row.selected);
  }
}

/// `vector` as text; what is in it twice, once.
std::string listed(const PlatformVector& vector) {
  std::vector<Platform> seen;
  std::string result;
  for (const Platform& entry : vector) {
    if (std::find(seen.begin(), seen.end(), entry) != seen.end()) continue;
    seen.push_back(entry);
    if (!result.empty()) result += ' ';
    result += to_text(entry).view();
  }
  return result;
}

TEST_CASE("the whole vector of a host", "[selection]") {
  constexpr std::array kRows = {
      Case{"linux/amd64/v4", kAllAmd64},
      Case{"linux/386", "linux/386"},
      Case{"linux/arm64", kArm64},
      Case{"linux/arm64/v8.0", kArm64},
      Case{"linux/arm64/v8.4",
           "linux/arm64/v8.4 linux/arm64/v8.3 linux/arm64/v8.2 linux/arm64/v8.1 linux/arm64 "
           "linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5"},
      Case{"linux/arm64/v9",
           "linux/arm64/v9 linux/arm64/v8.5 linux/arm64/v8.4 linux/arm64/v8.3 linux/arm64/v8.2 "
           "linux/arm64/v8.1 linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5"},
      Case{"linux/arm64/v9.2",
           "linux/arm64/v9.2 linux/arm64/v9.1 linux/arm64/v9 linux/arm64/v8.7 linux/arm64/v8.6 "
           "linux/arm64/v8.5 linux/arm64/v8.4 linux/arm64/v8.3 linux/arm64/v8.2 linux/arm64/v8.1 "
           "linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5"},
      Case{"linux/arm64/v9.7",
           "linux/arm64/v9.7 linux/arm64/v9.6 linux/arm64/v9.5 linux/arm64/v9.4 linux/arm64/v9.3 "
           "linux/arm64/v9.2 linux/arm64/v9.1 linux/arm64/v9 linux/arm64/v8.9 linux/arm64/v8.8 "
           "linux/arm64/v8.7 linux/arm64/v8.6 linux/arm64/v8.5 linux/arm64/v8.4 linux/arm64/v8.3 "
           "linux/arm64/v8.2 linux/arm64/v8.1 linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 "
           "linux/arm/v5"},
      Case{"linux/arm/v9", "linux/arm/v9 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5"},
      Case{"linux/arm/v6", "linux/arm/v6 linux/arm/v5"},
      Case{"linux/riscv64", "linux/riscv64"},
      Case{"windows/arm64",
           "windows/arm64 windows/arm/v8 windows/arm/v7 windows/arm/v6 windows/arm/v5"},
  };
  for (const Case& row : kRows) {
    CAPTURE(row.host);
    CHECK(listed(compatible_platforms(platform(row.host))) == row.selected);
  }
}

TEST_CASE("nonsense variants neither hang nor overflow", "[selection]") {
  for (const std::string_view text :
       {"linux/amd64/v999999999", "linux/amd64/99999999999999", "linux/amd64/-5", "linux/amd64/v",
        "linux/arm/v999999999", "linux/arm/v-1", "linux/arm/v", "linux/arm64/v99.99",
        "linux/arm64/v9.9", "linux/arm64/v9.-1", "linux/arm64/v.", "linux/arm64/.",
        "linux/arm64/v"}) {
    CAPTURE(text);
    const std::vector<Platform> offer = platforms(kOffer);
    CHECK(select_platforms(platform(text), offer).size <= offer.size());
  }
}

TEST_CASE("a platform offered twice is tried once at each of its places", "[selection]") {
  const std::vector<Platform> offer = platforms("linux/386 linux/amd64 linux/386 linux/amd64");
  const Selection selection = select_platforms(platform("linux/amd64"), offer);
  CHECK(std::vector<std::size_t>(selection.begin(), selection.end()) ==
        std::vector<std::size_t>{1, 3, 0, 2});
}

TEST_CASE("a selection holds as many slices as a bundle may have", "[selection]") {
  const std::vector<Platform> offer(kMaxSlices + 8, platform("linux/amd64"));
  CHECK(select_platforms(platform("linux/amd64"), offer).size == kMaxSlices);
}

constexpr std::string_view kSix =
    "linux/amd64 linux/arm64 linux/arm/v7 linux/ppc64le linux/riscv64 linux/s390x";

Host native_host(std::string_view text) {
  Host host;
  host.platform = platform(text);
  host.userland = host.platform;
  host.launcher = host.platform;
  return host;
}

/// What `host` selects from `offer`; `insisted` is PIXELZX_PLATFORM, empty for none.
std::string slices(const Host& host, std::string_view offer, std::string_view insisted = {}) {
  std::optional<Platform> wanted;
  if (!insisted.empty()) wanted = platform(insisted);
  return chosen(select_slices(host, platforms(offer), wanted), offer);
}

TEST_CASE("a native launcher selects what its host runs", "[selection]") {
  CHECK(slices(native_host("linux/amd64/v3"), kSix) == "linux/amd64");
  CHECK(slices(native_host("linux/amd64/v3"), kOffer) ==
        "linux/amd64/v3 linux/amd64/v2 linux/amd64 linux/386");
  CHECK(slices(native_host("linux/arm64/v8.2"), kSix) == "linux/arm64 linux/arm/v7");
  CHECK(slices(native_host("linux/arm/v6"), kSix).empty());
  CHECK(slices(native_host("linux/loong64"), kSix).empty());
}

TEST_CASE("an emulated launcher prefers the true machine, and its own last", "[selection]") {
  Host host = native_host("linux/amd64/v3");
  host.emulated = true;
  host.launcher = platform("linux/arm64");
  CHECK(slices(host, kSix) == "linux/amd64 linux/arm64 linux/arm/v7");
  CHECK(slices(host, "linux/arm64 linux/s390x") == "linux/arm64");
  CHECK(slices(host, "linux/riscv64 linux/s390x").empty());

  host.launcher = platform("linux/arm/v7");
  CHECK(slices(host, kSix) == "linux/amd64 linux/arm/v7");

  // An emulated machine that shares slices with the true one offers them once.
  host = native_host("linux/arm64");
  host.emulated = true;
  host.launcher = platform("linux/arm/v7");
  CHECK(slices(host, "linux/arm/v7 linux/arm64") == "linux/arm64 linux/arm/v7");
}

TEST_CASE("a 32-bit launcher on a 64-bit kernel stays 32-bit as long as it can", "[selection]") {
  Host host = native_host("linux/arm64/v8.2");
  host.userland = platform("linux/arm/v8");
  host.launcher = platform("linux/arm/v7");
  CHECK(slices(host, kSix) == "linux/arm/v7 linux/arm64");
  CHECK(slices(host, "linux/arm64 linux/arm64/v8.2") == "linux/arm64/v8.2 linux/arm64");
  CHECK(slices(host, "linux/arm/v5 linux/arm/v8 linux/arm64") ==
        "linux/arm/v8 linux/arm/v5 linux/arm64");
}

TEST_CASE("who insists gets that architecture and no other", "[selection]") {
  const Host host = native_host("linux/amd64/v3");
  CHECK(slices(host, kSix, "linux/s390x") == "linux/s390x");
  CHECK(slices(host, kSix, "linux/arm64") == "linux/arm64");
  CHECK(slices(host, kSix, "linux/arm64/v9") == "linux/arm64");
  CHECK(slices(host, kSix, "linux/arm/v8") == "linux/arm/v7");
  CHECK(slices(host, kSix, "linux/arm/v6").empty());
  CHECK(slices(host, kOffer, "linux/amd64/v2") == "linux/amd64/v2 linux/amd64");
  CHECK(slices(host, kOffer, "linux/amd64") == "linux/amd64");
  CHECK(slices(host, kOffer, "linux/386") == "linux/386");
  CHECK(slices(host, kSix, "linux/loong64").empty());
  CHECK(slices(host, kSix, "windows/amd64").empty());

  Host emulated = host;
  emulated.emulated = true;
  emulated.launcher = platform("linux/riscv64");
  CHECK(slices(emulated, kSix, "linux/riscv64") == "linux/riscv64");
  CHECK(slices(emulated, kSix, "linux/s390x") == "linux/s390x");
}

}  // namespace
}  // namespace pixelzx
