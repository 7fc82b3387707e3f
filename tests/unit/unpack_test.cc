// SPDX-License-Identifier: Apache-2.0
#include "unpack.h"

#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <string>

#include "support.h"

namespace pixelzx {
namespace {

using test::content_of;
using test::ElfFile;
using test::Folder;
using test::tar_member;
using test::with_end;

/// A program that does not compress to nothing, of more than one of zstd's blocks.
std::string program(std::uint16_t e_machine = EM_X86_64) {
  std::string text;
  std::uint32_t state = e_machine;
  for (int i = 0; i < 300000; ++i) {
    state = state * 1664525 + 1013904223;
    text += static_cast<char>('a' + (state >> 28));
  }
  return ElfFile{.e_machine = e_machine, .segments = {{PT_LOAD, text}}}.bytes();
}

/// One frame with content size and checksum, against `prefix` if that is not empty.
std::string frame_of(const std::string& content, const std::string& prefix = {}) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 3);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  // Smaller than the program, else the frame header would have no window of its own.
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, prefix.empty() ? 17 : 20);
  if (!prefix.empty()) ZSTD_CCtx_refPrefix(context, prefix.data(), prefix.size());
  std::string frame(ZSTD_compressBound(content.size()), '\0');
  frame.resize(ZSTD_compress2(context, frame.data(), frame.size(), content.data(), content.size()));
  ZSTD_freeCCtx(context);
  return frame;
}

std::string padded(std::string bytes) {
  bytes.resize((bytes.size() + 511) / 512 * 512);
  return bytes;
}

/// A bundle of two slices, linux/amd64 and, against it, linux/amd64/v3. What a test changes before
/// open() is in the bundle, whatever it contradicts.
struct Sample {
  std::string base = program();
  std::string top = program() + "and more";
  std::string base_frame = frame_of(base);
  std::string top_frame = frame_of(top, base);
  std::string base_sha = std::string(sha256(base).view());
  std::string top_sha = std::string(sha256(top).view());
  std::uint64_t base_size = base.size();
  std::uint64_t base_packed = base_frame.size();
  std::string label = "linux/amd64";

  [[nodiscard]] std::string bytes() const {
    const std::size_t first = 2048;
    const std::size_t second = first + padded(base_frame).size();
    const std::string index = with_end(
        "pixelzx-bundle 1\nprogram sample 1\nslice " + label + " offset=" + std::to_string(first) +
        " packed=" + std::to_string(base_packed) + " size=" + std::to_string(base_size) +
        " sha256=" + base_sha + "\nslice " + label + "/v3 offset=" + std::to_string(second) +
        " packed=" + std::to_string(top_frame.size()) + " size=" + std::to_string(top.size()) +
        " sha256=" + top_sha + " prefix=" + label + "\n");
    std::string tar = tar_member("pixelzx.index", index);
    tar.resize(first);
    return tar + padded(base_frame) + padded(top_frame);
  }
};

/// What comes of unpacking the slice at `position`.
struct Outcome {
  UnpackStatus status = UnpackStatus::kDone;
  int error = 0;
  int cause = 0;
  std::string content;
};

Outcome unpack(const Sample& sample, std::size_t position = 0, const std::string& to = {}) {
  const Folder folder;
  Result<Bundle> bundle = open_bundle(folder.file("bundle", sample.bytes()).c_str());
  REQUIRE(bundle);
  const std::string path = to.empty() ? folder.path("program") : to;
  const Fd file = open_file(AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT, 0600);
  REQUIRE(file);
  const Unpacked unpacked = unpack_slice(*bundle, bundle->index.slices()[position], file.get());
  Outcome outcome;
  outcome.status = unpacked.status;
  outcome.error = unpacked.error;
  CHECK(unpacked.diagnosis.has_value() == (unpacked.status == UnpackStatus::kUnusable));
  if (unpacked.diagnosis) {
    outcome.cause = static_cast<int>(unpacked.diagnosis->cause());
    CHECK_FALSE(unpacked.diagnosis->evidence(Evidence::kSlice, Language::kEnglish).empty());
  }
  if (to.empty()) outcome.content = content_of(path);
  return outcome;
}

constexpr int kDamaged = static_cast<int>(Cause::kDamagedSlice);
constexpr int kContradicted = static_cast<int>(Cause::kContradictedLabel);

TEST_CASE("a slice is unpacked as it was", "[unpack]") {
  const Sample sample;
  REQUIRE(sample.base.size() > 256 << 10);
  const Outcome base = unpack(sample, 0);
  CHECK(base.status == UnpackStatus::kDone);
  CHECK((base.content == sample.base));
  const Outcome top = unpack(sample, 1);
  CHECK(top.status == UnpackStatus::kDone);
  CHECK((top.content == sample.top));
}

TEST_CASE("a frame with any byte changed gives the same program or none", "[unpack]") {
  const Sample good;
  std::size_t damaged = 0;
  std::size_t tried = 0;
  for (std::size_t at = 0; at < good.base_frame.size(); at += at < 40 ? 1 : 9973) {
    CAPTURE(at);
    Sample bad = good;
    bad.base_frame[at] ^= 0x10;
    for (const std::size_t position : {0U, 1U}) {  // the slice, and the one that needs it
      const Outcome outcome = unpack(bad, position);
      ++tried;
      if (outcome.status == UnpackStatus::kDone) {
        // A few bits of a frame mean nothing, or the same.
        CHECK((outcome.content == (position == 0 ? good.base : good.top)));
      } else {
        CHECK(outcome.status == UnpackStatus::kUnusable);
        CHECK(outcome.cause == kDamaged);
        ++damaged;
      }
    }
  }
  CHECK(damaged > tried * 3 / 4);
}

TEST_CASE("a frame whose checksum alone is wrong still gives the right program", "[unpack]") {
  // The SHA-256 tells more, so the checksum is not computed (decoder.cc).
  Sample checksum;
  checksum.base_frame.back() ^= 1;
  const Outcome outcome = unpack(checksum);
  CHECK(outcome.status == UnpackStatus::kDone);
  CHECK((outcome.content == checksum.base));
}

TEST_CASE("a slice is verified without being written", "[unpack]") {
  const auto cause = [](const Sample& sample, std::size_t position) {
    const Folder folder;
    Result<Bundle> bundle = open_bundle(folder.file("bundle", sample.bytes()).c_str());
    REQUIRE(bundle);
    const auto diagnosis = verify_slice(*bundle, bundle->index.slices()[position]);
    return diagnosis ? static_cast<int>(diagnosis->cause()) : 0;
  };
  Sample sample;
  CHECK(cause(sample, 0) == 0);
  CHECK(cause(sample, 1) == 0);
  sample.label = "linux/arm64";
  CHECK(cause(sample, 0) == kContradicted);
  sample.label = "linux/amd64";
  sample.base_sha[0] = sample.base_sha[0] == '0' ? '1' : '0';
  CHECK(cause(sample, 0) == kDamaged);
  CHECK(cause(sample, 1) == 0);  // its own digest says that what it needs is right
}

TEST_CASE("a slice that is not what the index promises is damaged", "[unpack]") {
  Sample sample;
  SECTION("another digest") {
    sample.base_sha[0] = sample.base_sha[0] == '0' ? '1' : '0';
  }
  SECTION("larger") {
    --sample.base_size;
  }
  SECTION("smaller") {
    ++sample.base_size;
  }
  SECTION("a frame that ends early") {
    --sample.base_packed;
  }
  SECTION("bytes behind the frame") {
    ++sample.base_packed;
    sample.base_frame += '\0';
  }
  SECTION("a second frame") {
    sample.base_frame += frame_of("x");
    sample.base_packed = sample.base_frame.size();
  }
  SECTION("no frame") {
    sample.base_frame = "no frame at all";
    sample.base_packed = sample.base_frame.size();
  }
  SECTION("an empty frame") {
    sample.base_frame = frame_of("");
    sample.base_packed = sample.base_frame.size();
  }
  const Outcome outcome = unpack(sample);
  CHECK(outcome.status == UnpackStatus::kUnusable);
  CHECK(outcome.cause == kDamaged);
}

TEST_CASE("a frame that asks for too much memory is refused", "[unpack]") {
  Sample sample;
  std::string frame = sample.base_frame;
  // zstd's format, section 3.1.1.1: without "single segment" the byte behind the descriptor is the
  // window's, of which the upper five bits are the exponent above 1 KiB. 2^(10+14) are 16 MiB, and
  // 8 are allowed.
  REQUIRE((frame[4] & 0x20) == 0);
  frame[5] = static_cast<char>(14 << 3);
  sample.base_frame = frame;
  CHECK(unpack(sample).status == UnpackStatus::kUnusable);
  frame[5] = static_cast<char>(13 << 3);
  sample.base_frame = frame;
  CHECK(unpack(sample).status == UnpackStatus::kDone);
}

TEST_CASE("a whole program of another platform is a wrong label, not damage", "[unpack]") {
  Sample sample;
  SECTION("another machine") {
    sample.label = "linux/arm64";
  }
  SECTION("no ELF file") {
    sample.base = std::string(400000, 'n');
    sample.base_frame = frame_of(sample.base);
    sample.base_sha = sha256(sample.base).view();
    sample.base_size = sample.base.size();
    sample.base_packed = sample.base_frame.size();
  }
  const Outcome outcome = unpack(sample);
  CHECK(outcome.status == UnpackStatus::kUnusable);
  CHECK(outcome.cause == kContradicted);
  CHECK(outcome.content.empty());
}

TEST_CASE("a place that takes no more is not the slice's fault", "[unpack]") {
  const Outcome outcome = unpack(Sample{}, 0, "/dev/full");
  CHECK(outcome.status == UnpackStatus::kCannotWrite);
  CHECK(outcome.error == ENOSPC);
}

}  // namespace
}  // namespace pixelzx
