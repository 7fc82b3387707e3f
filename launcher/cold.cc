// SPDX-License-Identifier: Apache-2.0
#include "cold.h"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "decoder.h"
#include "handover.h"

// Of the linker scripts: the room for the cold part, on pages of its own, and the frame.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables): it is written once
extern "C" char pixelzx_cold[];
extern "C" char pixelzx_cold_end[];
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)
extern "C" const char pixelzx_cold_packed[];
extern "C" const char pixelzx_cold_packed_end[];
// Of the linker: where the code ends.
extern "C" const char etext[];

namespace pixelzx {
namespace {

// Read from memory, so that these addresses are not in the code: that is the frame's prefix, and
// must be the same before and after the frame is made.
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables)
const char* volatile packed_begin = pixelzx_cold_packed;
const char* volatile packed_end = pixelzx_cold_packed_end;  // NOLINT

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// Makes the memory executable: in place, or where that is refused by mapping a copy in a file.
bool make_executable(std::size_t size) {
  constexpr int kProtection = PROT_READ | PROT_EXEC;
  if (mprotect(pixelzx_cold, size, kProtection) == 0) return true;
  const Fd copy = create_memory_file("doctor", true);
  return copy && write_all(copy.get(), pixelzx_cold, size) &&
         mmap(pixelzx_cold, size, kProtection, MAP_PRIVATE | MAP_FIXED, copy.get(), 0) ==
             pixelzx_cold;
}

bool unpack() {
  const auto size = static_cast<std::size_t>(pixelzx_cold_end - pixelzx_cold);
  if (!decode_whole(between(packed_begin, packed_end), between(etext - PIXELZX_COLD_PREFIX, etext),
                    pixelzx_cold, size)) {
    return false;
  }
  __builtin___clear_cache(pixelzx_cold, pixelzx_cold_end);
  return make_executable(size);
}

}  // namespace

bool load_cold() {
  static const bool loaded = unpack();
  return loaded;
}

}  // namespace pixelzx
