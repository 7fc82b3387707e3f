// SPDX-License-Identifier: Apache-2.0
#include "pack/compress.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>

#include "index.h"

namespace pixelzx::pack {
namespace {

std::size_t checked(std::size_t result) {
  if (ZSTD_isError(result) != 0) throw std::runtime_error(ZSTD_getErrorName(result));
  return result;
}

}  // namespace

std::string compress(std::string_view content, std::string_view prefix, int level,
                     const std::function<void(std::size_t)>& progress) {
  constexpr std::size_t kStep = 256 << 10;
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     &ZSTD_freeCCtx);
  if (!context) throw std::bad_alloc();
  const auto set = [&context](ZSTD_cParameter parameter, int value) {
    checked(ZSTD_CCtx_setParameter(context.get(), parameter, value));
  };
  set(ZSTD_c_compressionLevel, level);
  set(ZSTD_c_windowLog, kMaxWindowLog);  // the highest levels would take more than launchers give
  set(ZSTD_c_checksumFlag, 1);
  checked(ZSTD_CCtx_setPledgedSrcSize(context.get(), content.size()));
  if (!prefix.empty()) checked(ZSTD_CCtx_refPrefix(context.get(), prefix.data(), prefix.size()));

  std::string frame(ZSTD_compressBound(content.size()), '\0');
  ZSTD_outBuffer out{frame.data(), frame.size(), 0};
  for (std::size_t done = 0; done < content.size();) {
    const std::size_t size = std::min(kStep, content.size() - done);
    ZSTD_inBuffer in{content.data() + done, size, 0};
    const auto directive = done + size == content.size() ? ZSTD_e_end : ZSTD_e_continue;
    for (bool more = true; more;) {
      const std::size_t left = checked(ZSTD_compressStream2(context.get(), &out, &in, directive));
      more = directive == ZSTD_e_end ? left != 0 : in.pos != in.size;
    }
    done += size;
    progress(size);
  }
  frame.resize(out.pos);
  frame.shrink_to_fit();  // all frames are held until the index can be written
  return frame;
}

std::string gzip(std::string_view content) {
  constexpr int kGzip = 16 + MAX_WBITS;
  constexpr int kMemory = 9;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  std::string member;
  std::string buffer(std::size_t{1} << 20, '\0');
  // zlib counts in `unsigned`, and takes what it only reads as if it wrote there.
  auto* next = const_cast<char*>(content.data());  // NOLINT(*-const-cast)
  std::size_t left = content.size();
  stream.next_in = reinterpret_cast<Bytef*>(next);  // NOLINT(*-reinterpret-cast)
  for (int result = Z_OK; result != Z_STREAM_END;) {
    if (stream.avail_in == 0) {
      stream.avail_in =
          static_cast<uInt>(std::min<std::size_t>(left, std::numeric_limits<uInt>::max()));
      left -= stream.avail_in;
    }
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());  // NOLINT(*-reinterpret-cast)
    stream.avail_out = static_cast<uInt>(buffer.size());
    result = deflate(&stream, left == 0 ? Z_FINISH : Z_NO_FLUSH);
    member.append(buffer, 0, buffer.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return member;
}

}  // namespace pixelzx::pack
