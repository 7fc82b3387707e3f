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

namespace pixelzx {
namespace {

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
  const std::string_view packed(
      pixelzx_cold_packed, static_cast<std::size_t>(pixelzx_cold_packed_end - pixelzx_cold_packed));
  if (!decode_whole(packed, pixelzx_cold, size)) return false;
  __builtin___clear_cache(pixelzx_cold, pixelzx_cold_end);
  return make_executable(size);
}

}  // namespace

bool load_cold() {
  static const bool loaded = unpack();
  return loaded;
}

}  // namespace pixelzx
