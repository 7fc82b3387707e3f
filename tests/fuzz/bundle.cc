// SPDX-License-Identifier: Apache-2.0
//
// A whole bundle, or a launcher that one is attached to: finding, reading, unpacking and verifying.
// The mutator repairs checksum and digest of the index, so that what lies behind them is reached.
#include "bundle.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "elf.h"
#include "fuzz.h"
#include "pack/bundle_file.h"
#include "pack/extract.h"
#include "pack/list.h"
#include "pack/verify.h"
#include "unpack.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t max_size, unsigned seed);

namespace pixelzx::fuzz {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kEndLine = 11 + 64 + 1;  // `end sha256=`, digest, line feed

/// Larger programs would only cost time.
constexpr std::uint64_t kLargest = 1 << 20;

void check_text(const Diagnosis& diagnosis) {
  require(is_showable(format_diagnosis(diagnosis, "pixelzx", Language::kEnglish, true).view()));
}

/// The promise of the format: what is said to be done is what the index says.
void check_slice(const Bundle& bundle, const Slice& slice, const MemoryFile& destination) {
  if (slice.size > kLargest) return;
  destination.fill({});
  const Unpacked unpacked = unpack_slice(bundle, slice, destination.fd());
  require((unpacked.status == UnpackStatus::kUnusable) == unpacked.diagnosis.has_value());
  if (unpacked.diagnosis) check_text(*unpacked.diagnosis);
  require(verify_slice(bundle, slice).has_value() == unpacked.diagnosis.has_value());
  if (unpacked.status != UnpackStatus::kDone) return;
  const std::string program = destination.content();
  require(program.size() == slice.size && independent_sha256(program) == slice.sha256);
  require(describe_contradiction(program, slice.platform).empty());
  require(pack::slice_content(bundle, slice) == program);
}

/// What pixelzx-pack makes of it.
void check_with_packer(const std::string& path) {
  (void)survives([&path] {
    const pack::BundleFile file = pack::open_bundle_file(path);
    require(file.bundle.base <= file.end);
    require(is_showable(pack::list_text(file, Language::kKorean)));
    require(nlohmann::json::accept(pack::list_json(file)));
    const auto is_large = [](const Slice& slice) { return slice.size > kLargest; };
    if (std::ranges::any_of(file.bundle.index.slices(), is_large)) return;
    pack::verify_bundle(path, [](std::string_view name) { require(is_showable(name)); });
    // A bundle that is verified can be unpacked.
    for (const Slice& slice : file.bundle.index.slices()) {
      require(!verify_slice(file.bundle, slice));
    }
  });
}

/// Where the bundle begins in `file`.
std::size_t base_of(std::string_view file) {
  if (file.size() < kTrailerSize) return 0;
  const auto offset = read_trailer(file.substr(file.size() - kTrailerSize));
  return offset && *offset < file.size() ? static_cast<std::size_t>(*offset) : 0;
}

void put_octal(std::string& header, std::size_t at, std::size_t digits, std::size_t number) {
  for (std::size_t i = digits; i-- > 0; number /= 8) {
    header[at + i] = static_cast<char>('0' + number % 8);
  }
}

/// `header` and `text` with the right size, checksum and digest; the text is filled up to a block.
std::string repaired(std::string header, std::string text) {
  text += index_end_line(text).view();
  constexpr std::size_t kSizeAt = 124;
  constexpr std::size_t kSumAt = 148;
  put_octal(header, kSizeAt, 11, text.size());
  header.replace(kSumAt, 8, 8, ' ');
  std::size_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put_octal(header, kSumAt, 6, sum);
  header[kSumAt + 6] = '\0';
  text.resize((text.size() + kBlock - 1) / kBlock * kBlock);
  return header + text;
}

/// Lets libFuzzer change the part of `file` from `begin` to `end`, without changing its length.
void mutate_in_place(std::string& file, std::size_t begin, std::size_t end) {
  if (begin >= end) return;
  std::string part = file.substr(begin, end - begin);
  auto* bytes = reinterpret_cast<std::uint8_t*>(part.data());  // NOLINT: bytes are bytes
  LLVMFuzzerMutate(bytes, part.size(), part.size());
  file.replace(begin, part.size(), part);
}

}  // namespace
}  // namespace pixelzx::fuzz

std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                    unsigned seed) {
  using namespace pixelzx;        // NOLINT: for one function
  using namespace pixelzx::fuzz;  // NOLINT
  std::minstd_rand random(seed);
  std::string file(text_of(data, size));
  const std::size_t base = base_of(file);
  const std::size_t index_begin = base + kBlock;
  const std::size_t end_line = file.find("\nend sha256=", base);
  // Now and then anything anywhere; and where there is no index, nothing else is possible.
  if (random() % 8 == 0 || file.size() < index_begin || end_line == std::string::npos ||
      end_line < index_begin) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  const std::size_t padded = (end_line + 1 + kEndLine - index_begin + kBlock - 1) / kBlock * kBlock;
  const std::size_t members = std::min(file.size(), index_begin + padded);
  if (random() % 2 == 0) {
    mutate_in_place(file, members, file.size());
  } else {
    std::string text = file.substr(index_begin, end_line + 1 - index_begin);
    const std::size_t old_size = text.size();
    text.resize(old_size + 64);
    auto* bytes = reinterpret_cast<std::uint8_t*>(text.data());  // NOLINT: bytes are bytes
    text.resize(LLVMFuzzerMutate(bytes, old_size, text.size()));
    const std::string header = file.substr(base, kBlock);
    file = file.substr(0, base) + repaired(header, std::move(text)) + file.substr(members);
  }
  file.resize(std::min(file.size(), max_size));
  std::ranges::copy(file, data);
  return file.size();
}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  static const fuzz::MemoryFile file;
  static const fuzz::MemoryFile destination;
  file.fill(fuzz::text_of(data, size));
  const Path path = file.path();
  if (auto bundle = find_bundle(path.view(), {}, false)) {
    for (const Slice& slice : bundle->index.slices()) {
      if (!bundle->installed) fuzz::check_slice(*bundle, slice, destination);
    }
  } else {
    fuzz::check_text(bundle.diagnosis());
  }
  fuzz::check_with_packer(std::string(path.view()));
  return 0;
}
