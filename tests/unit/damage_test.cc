// SPDX-License-Identifier: Apache-2.0
//
// Damage in bulk, by accident and on purpose, with fixed seeds. tests/e2e/test_damage.py does some
// of it to the launcher itself.

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "branch_filter.h"
#include "bundle.h"
#include "support.h"
#include "unpack.h"

namespace pixelzx {
namespace {

using test::content_of;
using test::ElfFile;
using test::Folder;
using test::tar_member;
using test::with_end;

constexpr std::string_view kBody =
    "pixelzx-bundle 1\n"
    "program sample 1.0\n"
    "slice common offset=2048 packed=700 size=5000 "
    "sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
    "slice linux/amd64 offset=3072 packed=512 size=5001 "
    "sha256=1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef code=64+4096 "
    "prefix=common\n"
    "share x offset=5120 size=100 "
    "sha256=3123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
    "option doctor\n";

struct Extent {
  std::uint64_t begin;
  std::uint64_t size;
};

/// What the launcher relies on when it has accepted an index.
bool holds(const Index& index) {
  std::vector<Extent> extents;
  bool good = is_program_name(index.program) && !index.slices().empty();
  const auto add = [&](const Slice& slice, std::uint64_t largest) {
    good = good && slice.size != 0 && slice.size <= largest && slice.packed != 0 &&
           slice.sha256.size() == 64;
    extents.push_back({slice.offset, slice.packed});
  };
  if (index.common.packed != 0) add(index.common, kMaxCommonSize);
  for (const Slice& slice : index.slices()) {
    add(slice, kMaxSliceSize);
    good = good && slice.code.offset + slice.code.size <= slice.size;
    good = good && (!slice.uses_common || index.common.packed != 0);
    good = good && (!slice.prefix || index.find(*slice.prefix) != nullptr);
  }
  for (const Share& share : index.shares()) extents.push_back({share.offset, share.size});
  for (const Extent& a : extents) {
    // Nothing overflows when a bundle in a file is read.
    good = good && a.size <= kMaxSliceSize && a.begin + a.size <= index.end && a.begin < 1ULL << 40;
    for (const Extent& b : extents) {
      const bool apart = a.begin + a.size <= b.begin || b.begin + b.size <= a.begin;
      good = good && (&a == &b || apart);
    }
  }
  return good;
}

enum class Verdict { kRefused, kHolds, kBroken };

Verdict verdict(const std::string& body) {
  const std::string text = with_end(body);
  Result<Index> index = parse_index(text);
  if (!index) return Verdict::kRefused;
  return holds(*index) ? Verdict::kHolds : Verdict::kBroken;
}

TEST_CASE("an index with any byte changed to any other is refused", "[damage]") {
  const std::string good = with_end(std::string(kBody));
  REQUIRE(parse_index(good));
  std::string bad = good;
  for (char& byte : bad) {
    const char before = byte;
    for (unsigned change = 1; change < 256; ++change) {
      byte = static_cast<char>(static_cast<unsigned char>(before) ^ change);
      if (parse_index(bad)) FAIL("accepted at byte " << &byte - bad.data());
    }
    byte = before;
  }
}

TEST_CASE("the same with a digest that fits: refused, or an index that holds", "[damage]") {
  std::string body(kBody);
  std::size_t accepted = 0;
  for (char& byte : body) {
    const char before = byte;
    for (unsigned change = 1; change < 256; ++change) {
      byte = static_cast<char>(static_cast<unsigned char>(before) ^ change);
      const Verdict seen = verdict(body);
      if (seen == Verdict::kBroken) FAIL(body);
      accepted += seen == Verdict::kHolds ? 1 : 0;
    }
    byte = before;
  }
  CHECK(accepted > 1000);  // other digits and other names
  for (std::size_t size = 0; size < kBody.size(); ++size) {
    const Verdict seen = verdict(std::string(kBody.substr(0, size)));
    const bool whole_lines = kBody.substr(0, size).ends_with('\n');
    if (seen == Verdict::kBroken || (seen == Verdict::kHolds && !whole_lines)) FAIL(size);
  }
}

TEST_CASE("numbers that overflow, overlap or claim too much, in any place", "[damage]") {
  const std::vector<std::string> numbers = {"0",
                                            "1",
                                            "511",
                                            "512",
                                            "1024",
                                            "2048",
                                            "3072",
                                            "5120",
                                            "8388608",
                                            "8388609",
                                            "1073741824",
                                            "1073741825",
                                            "2147483648",
                                            "4294967295",
                                            "4294967296",
                                            "1099511627264",
                                            "1099511627776",
                                            "9223372036854775807",
                                            "9223372036854775808",
                                            "18446744073709551104",
                                            "18446744073709551615",
                                            "18446744073709551616",
                                            "99999999999999999999999999",
                                            "-1",
                                            "-512",
                                            "+512",
                                            "0x200",
                                            "1e3",
                                            "",
                                            " 512",
                                            "00"};
  const std::vector<std::string> keys = {"offset=", "packed=", "size=", "code=", "+"};
  std::mt19937 random(6);  // NOLINT(cert-msc*): the same each time
  std::size_t accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string body(kBody);
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
      const std::string& key = keys[random() % keys.size()];
      std::size_t at = 0;
      for (unsigned skip = 1 + random() % 4; skip > 0; --skip) {
        const std::size_t next = body.find(key, at);
        if (next == std::string::npos) break;
        at = next + key.size();
      }
      if (at == 0) continue;
      const std::size_t end = body.find_first_of(" +\n", at);
      body.replace(at, end - at, numbers[random() % numbers.size()]);
    }
    const Verdict seen = verdict(body);
    if (seen == Verdict::kBroken) FAIL(body);
    accepted += seen == Verdict::kHolds ? 1 : 0;
  }
  CHECK(accepted > 100);
  CHECK(accepted < 10000);
}

// ---- slices ----

std::string program(std::uint16_t e_machine, unsigned seed) {
  std::mt19937 random(seed);  // NOLINT(cert-msc*)
  std::string text;
  while (text.size() < 20000) {
    // Calls, of which the branch filter makes something else.
    text += (random() & 3) == 0 ? std::string("\xe8\x10\x02\0\0", 5) : "word";
    text += static_cast<char>('a' + random() % 16);
  }
  return ElfFile{.e_machine = e_machine, .segments = {{PT_LOAD, text}}}.bytes();
}

std::string frame_of(const std::string& content, const std::string& prefix) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  if (!prefix.empty()) ZSTD_CCtx_refPrefix(context, prefix.data(), prefix.size());
  std::string frame(ZSTD_compressBound(content.size()), '\0');
  frame.resize(ZSTD_compress2(context, frame.data(), frame.size(), content.data(), content.size()));
  ZSTD_freeCCtx(context);
  return frame;
}

/// A bundle with slices of every kind, in a file that can be damaged.
class Bundled {
 public:
  Bundled() {
    const std::string common = program(EM_X86_64, 1).substr(0, 10000);
    const std::string amd64 = program(EM_X86_64, 1) + "amd64";
    const std::string arm64 = program(EM_AARCH64, 2);
    std::string filtered = amd64;
    BranchFilter(*parse_platform("linux/amd64"), {.offset = 200, .size = 19000},
                 BranchFilter::Direction::kApply)
        .convert(filtered.data(), filtered.size());
    REQUIRE((filtered != amd64));
    add("common", common, frame_of(common, ""), "");
    add("linux/amd64", amd64, frame_of(filtered, common), " code=200+19000 prefix=common");
    add("linux/arm64", arm64, frame_of(arm64, ""), "");
    add("linux/arm64/v9", arm64 + "v9", frame_of(arm64 + "v9", arm64), " prefix=linux/arm64");
    std::string bytes = tar_member("pixelzx.index", with_end(index_));
    REQUIRE(bytes.size() <= kFirst);
    bytes.resize(kFirst);
    bytes += frames_;
    path_ = folder_.file("bundle", bytes);
    file_ = open_file(AT_FDCWD, path_.c_str(), O_RDWR);
    bundle_.emplace(open_bundle(path_.c_str()));
    REQUIRE(*bundle_);
    REQUIRE(contents_.size() == 3);
  }

  [[nodiscard]] std::size_t frame_bytes() const { return frames_.size(); }
  [[nodiscard]] std::size_t slices() const { return contents_.size(); }

  /// Puts `bytes` at `at` in the frames; damage() again with what stood there mends it.
  void damage(std::size_t at, std::string_view bytes) {
    REQUIRE(pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(kFirst + at)) ==
            static_cast<ssize_t>(bytes.size()));
  }
  [[nodiscard]] std::string_view frames() const { return frames_; }

  enum class Outcome { kRight, kRefused, kWrong };

  Outcome unpack(std::size_t position) {
    const std::string output = folder_.path("output");
    const Fd file = open_file(AT_FDCWD, output.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    const Unpacked unpacked =
        unpack_slice(**bundle_, (*bundle_)->index.slices()[position], file.get());
    if (unpacked.status == UnpackStatus::kDone) {
      return content_of(output) == contents_[position] ? Outcome::kRight : Outcome::kWrong;
    }
    const bool damaged = unpacked.status == UnpackStatus::kUnusable && unpacked.diagnosis &&
                         unpacked.diagnosis->cause() == Cause::kDamagedSlice;
    return damaged ? Outcome::kRefused : Outcome::kWrong;
  }

 private:
  static constexpr std::size_t kFirst = 2048;

  void add(const std::string& name, const std::string& content, const std::string& frame,
           const std::string& more) {
    index_ += "slice " + name + " offset=" + std::to_string(kFirst + frames_.size()) +
              " packed=" + std::to_string(frame.size()) +
              " size=" + std::to_string(content.size()) +
              " sha256=" + std::string(sha256(content).view()) + more + "\n";
    frames_ += frame;
    frames_.resize((frames_.size() + 511) / 512 * 512);
    if (name != "common") contents_.push_back(content);
  }

  Folder folder_;
  std::string index_ = "pixelzx-bundle 1\nprogram sample 1\n";
  std::string frames_;
  std::vector<std::string> contents_;
  std::string path_;
  Fd file_;
  std::optional<Result<Bundle>> bundle_;
};

// Sanitizers make it ten times slower.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kChanges = 1000;
#else
constexpr std::size_t kChanges = 10000;
#endif

TEST_CASE("10,000 random changes in slices: the right program or none", "[damage]") {
  Bundled bundled;
  for (std::size_t i = 0; i < bundled.slices(); ++i) {
    REQUIRE(bundled.unpack(i) == Bundled::Outcome::kRight);
  }
  std::mt19937 random(2026);  // NOLINT(cert-msc*): the same each time
  std::size_t refused = 0;
  for (std::size_t i = 0; i < kChanges; ++i) {
    const std::size_t size = 1 + random() % 8;
    const std::size_t at = random() % (bundled.frame_bytes() - size);
    std::string bytes(bundled.frames().substr(at, size));
    for (char& byte : bytes) byte = static_cast<char>(random());
    bundled.damage(at, bytes);
    const Bundled::Outcome outcome = bundled.unpack(random() % bundled.slices());
    if (outcome == Bundled::Outcome::kWrong) FAIL("change " << i << " at " << at);
    refused += outcome == Bundled::Outcome::kRefused ? 1 : 0;
    bundled.damage(at, bundled.frames().substr(at, size));
  }
  // A change in another slice's frame does no harm.
  CHECK(refused > kChanges / 4);
  CHECK(refused < kChanges * 9 / 10);
}

}  // namespace
}  // namespace pixelzx
