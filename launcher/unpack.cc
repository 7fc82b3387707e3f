// SPDX-License-Identifier: Apache-2.0
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <zstd_errors.h>

#include "branch_filter.h"
#include "decoder.h"
#include "elf.h"
#include "handover.h"
#include "ignored_signal.h"
#include "memory.h"
#include "sha256.h"

namespace pixelzx {
namespace {

constexpr std::size_t kChunk = 128 << 10;  // zstd's largest block

Unpacked unusable(const Slice& slice, Diagnosis diagnosis) {
  const auto name = to_text(slice.platform);
  diagnosis.with(Evidence::kSlice, slice.platform.os.empty() ? kCommonName : name.view());
  return {.status = UnpackStatus::kUnusable, .error = 0, .diagnosis = diagnosis};
}

Unpacked damaged(const Slice& slice, Text how) {
  return unusable(slice, Diagnosis(Cause::kDamagedSlice).with(Evidence::kDetail, how));
}

Unpacked failed(const Slice& slice, Cause cause, std::string_view tried, int error) {
  return unusable(slice, Diagnosis(cause).with_errno(Evidence::kDetail, tried, error));
}

Unpacked zstd_failure(const Slice& slice, int error) {
  if (error == ZSTD_error_memory_allocation) {
    return failed(slice, Cause::kOutOfMemory, "zstd", ENOMEM);
  }
  const auto number = FixedString<20>().append_number(static_cast<std::uint64_t>(error));
  return unusable(
      slice,
      Diagnosis(Cause::kDamagedSlice).with(Evidence::kDetail, messages::kZstdError, number.view()));
}

Unpacked check_header(const Slice& slice, std::string_view beginning) {
  const FixedString<96> found = describe_contradiction(beginning, slice.platform);
  if (found.empty()) return {};
  return unusable(slice,
                  Diagnosis(Cause::kContradictedLabel).with(Evidence::kDetail, found.view()));
}

/// Where decoded bytes go.
struct Destination {
  /// The program, checked on the way; negative for nowhere.
  int file = -1;
  /// If not null, instead: the bytes that others were compressed against. That they are the same
  /// as then, the digests of the others will tell.
  char* prefix = nullptr;
};

/// Decodes one frame.
Unpacked decode(const Bundle& bundle, const Slice& slice, std::string_view prefix,
                Destination destination) {
  // Frame, what the branch filter has left for the next chunk, chunk.
  const Memory memory(2 * kChunk + BranchFilter::kMaxRest);
  Decoder decoder(prefix);
  if (memory.data() == nullptr || !decoder.is_ready())
    return failed(slice, Cause::kOutOfMemory, "mmap", ENOMEM);

  Sha256 hash(sha256_of_cpu());
  BranchFilter branches(slice.platform, destination.prefix == nullptr ? slice.code : CodeRange{},
                        BranchFilter::Direction::kUndo);
  Unpacked header;
  char* const chunk = memory.data() + kChunk;
  std::size_t rest = 0;  // at the beginning of chunk
  Decoder::Step step{.in = {}, .out = nullptr, .room = kChunk, .produced = 0};
  std::uint64_t taken = 0;     // of the frame
  std::uint64_t produced = 0;  // of the program
  for (int more = 1; more != 0;) {
    if (step.in.empty()) {
      const auto size =
          static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, slice.packed - taken));
      if (size == 0) return damaged(slice, messages::kFrameCutOff);
      const std::ptrdiff_t got =
          read_at(bundle.file.get(), memory.data(), size, bundle.base + slice.offset + taken);
      if (got < 0) {
        return unusable(slice, Diagnosis(Cause::kBundleUnreadable)
                                   .with_errno(Evidence::kDetail, "read", errno)
                                   .with(Evidence::kPath, bundle.path.view()));
      }
      if (got != static_cast<std::ptrdiff_t>(size)) {
        return damaged(slice, messages::kFrameCutOff);
      }
      taken += size;
      step.in = {memory.data(), size};
    }
    step.out = chunk + rest;
    more = decoder.decode(step);
    if (more < 0) return zstd_failure(slice, -more);
    if (step.produced == 0) continue;
    const std::size_t size = branches.convert(chunk, rest + step.produced);
    rest += step.produced - size;
    if (produced + size > slice.size) return damaged(slice, messages::kSliceTooLarge);
    if (destination.prefix != nullptr) {
      std::copy(chunk, chunk + size, destination.prefix + produced);
    } else {
      if (produced == 0) header = check_header(slice, {chunk, size});
      hash.update(chunk, size);
      // With a wrong label it goes on only to tell that from damage.
      if (!header.diagnosis && destination.file >= 0 && !write_all(destination.file, chunk, size)) {
        return {.status = UnpackStatus::kCannotWrite, .error = errno, .diagnosis = {}};
      }
    }
    produced += size;
    std::copy(chunk + size, chunk + size + rest, chunk);
  }
  if (taken != slice.packed || !step.in.empty()) return damaged(slice, messages::kFrameTooLong);
  if (produced != slice.size) return damaged(slice, messages::kSliceTooSmall);
  if (destination.prefix == nullptr && hash.digest().view() != slice.sha256)
    return damaged(slice, messages::kSliceDigest);
  return header;
}

}  // namespace

std::optional<Diagnosis> verify_slice(const Bundle& bundle, const Slice& slice) {
  return unpack_slice(bundle, slice, -1).diagnosis;
}

Unpacked unpack_slice(const Bundle& bundle, const Slice& slice, int destination) {
  const IgnoredSignal ignore(SIGXFSZ);
  if (!slice.uses_common && !slice.prefix) return decode(bundle, slice, {}, {.file = destination});

  // parse_index has seen that it is there.
  const Slice& base = slice.uses_common ? bundle.index.common : *bundle.index.find(*slice.prefix);
  const Memory prefix(static_cast<std::size_t>(base.size));
  if (prefix.data() == nullptr) return failed(slice, Cause::kOutOfMemory, "mmap", ENOMEM);
  Unpacked unpacked = decode(bundle, base, {}, {.prefix = prefix.data()});
  if (unpacked.status != UnpackStatus::kDone) return unpacked;
  return decode(bundle, slice, {prefix.data(), prefix.size()}, {.file = destination});
}

Result<Fd> provide_in_memory(const Bundle& bundle, const Slice& slice, bool native,
                             Reasons& reasons) {
  const FixedString<64> name(bundle.index.program);
  Fd file = create_memory_file(name.c_str(), native);
  if (!file) {
    reasons.add("memfd_create", errno);
    return Fd();
  }
  const Unpacked unpacked = unpack_slice(bundle, slice, file.get());
  if (unpacked.diagnosis) return *unpacked.diagnosis;
  if (unpacked.status != UnpackStatus::kDone) {
    reasons.add("memfd", unpacked.error);
    return Fd();
  }
  // A kernel without sealing runs the program all the same; nobody else holds the descriptor.
  fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
  return file;
}

}  // namespace pixelzx
