// SPDX-License-Identifier: Apache-2.0
#include "unpack.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "elf.h"
#include "memory.h"
#include "sha256.h"

namespace pixelzx {
namespace {

constexpr std::size_t kChunk = 128 << 10;  // zstd's largest block

/// While the launcher writes, a file size limit (RLIMIT_FSIZE) shall be an error and not its death.
/// The program gets the disposition back as it was.
class IgnoreFileSizeSignal {
 public:
  IgnoreFileSizeSignal() {
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;  // NOLINT: a macro with a C cast
    sigaction(SIGXFSZ, &ignore, &before_);
  }
  ~IgnoreFileSizeSignal() { sigaction(SIGXFSZ, &before_, nullptr); }
  IgnoreFileSizeSignal(const IgnoreFileSizeSignal&) = delete;
  IgnoreFileSizeSignal& operator=(const IgnoreFileSizeSignal&) = delete;

 private:
  struct sigaction before_ {};
};

/// zstd's decoder, freed at the end of its scope.
class Decoder {
 public:
  Decoder() : context_(ZSTD_createDCtx()) {}
  ~Decoder() { ZSTD_freeDCtx(context_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  [[nodiscard]] ZSTD_DCtx* get() const { return context_; }

 private:
  ZSTD_DCtx* context_;
};

Unpacked unusable(const Slice& slice, Diagnosis diagnosis) {
  diagnosis.with(Evidence::kSlice, to_text(slice.platform).view());
  return {.status = UnpackStatus::kUnusable, .error = 0, .diagnosis = diagnosis};
}

Unpacked damaged(const Slice& slice, const Text& how) {
  return unusable(slice, Diagnosis(Cause::kDamagedSlice).with(Evidence::kDetail, how));
}

Unpacked failed(const Slice& slice, Cause cause, std::string_view tried, int error) {
  return unusable(slice, Diagnosis(cause).with_errno(Evidence::kDetail, tried, error));
}

Unpacked zstd_failure(const Slice& slice, std::size_t code) {
  const ZSTD_ErrorCode error = ZSTD_getErrorCode(code);
  if (error == ZSTD_error_memory_allocation) {
    return failed(slice, Cause::kOutOfMemory, "zstd", ENOMEM);
  }
  const auto number = FixedString<20>().append_number(static_cast<std::uint64_t>(error));
  return unusable(
      slice,
      Diagnosis(Cause::kDamagedSlice).with(Evidence::kDetail, messages::kZstdError, number.view()));
}

Unpacked check_header(const Slice& slice, std::string_view beginning) {
  Diagnosis contradicted(Cause::kContradictedLabel);
  const std::optional<Elf> elf = parse_elf(beginning);
  if (!elf) return unusable(slice, contradicted.with(Evidence::kDetail, messages::kNotElf));
  if (check_label(*elf, slice.platform) == Contradiction::kNone) return {};
  FixedString<96> found;
  if (const std::optional<Platform> platform = elf_platform(*elf)) {
    found.append(to_text(*platform).view()).append(", ");
  }
  found.append("e_machine ").append_number(elf->e_machine);
  found.append(", e_type ").append_number(elf->e_type);
  return unusable(slice, contradicted.with(Evidence::kDetail, found.view()));
}

/// Decodes one frame and gives its content to `consume(data, size)`, which returns errno or 0.
template <typename Consume>
Unpacked decode(const Bundle& bundle, const Slice& slice, std::string_view prefix,
                const Consume& consume) {
  const Memory memory(2 * kChunk);
  const Decoder decoder;
  if (memory.data() == nullptr || decoder.get() == nullptr)
    return failed(slice, Cause::kOutOfMemory, "mmap", ENOMEM);
  ZSTD_DCtx_setParameter(decoder.get(), ZSTD_d_windowLogMax, kMaxWindowLog);
  if (!prefix.empty()) ZSTD_DCtx_refPrefix(decoder.get(), prefix.data(), prefix.size());

  Sha256 hash;
  Unpacked header;
  ZSTD_inBuffer in{memory.data(), 0, 0};
  std::uint64_t taken = 0;     // of the frame
  std::uint64_t produced = 0;  // of the program
  std::size_t wanted = 1;      // 0 once the frame is complete
  while (wanted != 0) {
    if (in.pos == in.size) {
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
      in = {memory.data(), size, 0};
    }
    ZSTD_outBuffer out{memory.data() + kChunk, kChunk, 0};
    wanted = ZSTD_decompressStream(decoder.get(), &out, &in);
    if (ZSTD_isError(wanted) != 0) return zstd_failure(slice, wanted);
    if (out.pos == 0) continue;
    const std::string_view chunk(memory.data() + kChunk, out.pos);
    if (produced == 0) header = check_header(slice, chunk);
    produced += chunk.size();
    if (produced > slice.size) return damaged(slice, messages::kSliceTooLarge);
    hash.update(chunk.data(), chunk.size());
    if (header.diagnosis) continue;  // goes on only to tell a wrong label from damage
    if (const int error = consume(chunk); error != 0) {
      return {.status = UnpackStatus::kCannotWrite, .error = error, .diagnosis = {}};
    }
  }
  if (taken != slice.packed || in.pos != in.size) return damaged(slice, messages::kFrameTooLong);
  if (produced != slice.size) return damaged(slice, messages::kSliceTooSmall);
  if (hash.digest().view() != slice.sha256) return damaged(slice, messages::kSliceDigest);
  return header;
}

}  // namespace

Unpacked unpack_slice(const Bundle& bundle, const Slice& slice, int destination) {
  const IgnoreFileSizeSignal ignore;
  const auto write_chunk = [destination](std::string_view chunk) {
    return write_all(destination, chunk.data(), chunk.size()) ? 0 : errno;
  };
  if (!slice.prefix) return decode(bundle, slice, {}, write_chunk);

  const Slice& base =
      *bundle.index.find(*slice.prefix);  // parse_index has checked that it is there
  const Memory prefix(static_cast<std::size_t>(base.size));
  if (prefix.data() == nullptr) return failed(slice, Cause::kOutOfMemory, "mmap", ENOMEM);
  char* next = prefix.data();
  Unpacked unpacked = decode(bundle, base, {}, [&next](std::string_view chunk) {
    next = std::copy(chunk.begin(), chunk.end(), next);
    return 0;
  });
  if (unpacked.status != UnpackStatus::kDone) return unpacked;
  return decode(bundle, slice, {prefix.data(), prefix.size()}, write_chunk);
}

}  // namespace pixelzx
