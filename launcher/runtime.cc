// SPDX-License-Identifier: Apache-2.0
//
// What the launcher takes neither from libstdc++ nor from musl.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// std::__throw_out_of_range_fmt(const char*, ...), which libstdc++'s headers call where the code
// breaks a precondition (string_view::substr beyond the end): there is nothing better to do than to
// stop.
extern "C" [[noreturn, gnu::used]] void precondition_broken() __asm__(
    "_ZSt24__throw_out_of_range_fmtPKcz");
extern "C" void precondition_broken() {
  abort();
}

// zstd's checksum of a frame (XXH64), which decoder.cc has it ignore: 2 KB less.
extern "C" int ZSTD_XXH64_reset(void* /*state*/, unsigned long long /*seed*/) {
  return 0;
}
extern "C" int ZSTD_XXH64_update(void* /*state*/, const void* /*data*/, size_t /*size*/) {
  return 0;
}
extern "C" unsigned long long ZSTD_XXH64_digest(const void* /*state*/) {
  return 0;
}
extern "C" unsigned long long ZSTD_XXH64(const void* /*data*/, size_t /*size*/,
                                         unsigned long long /*seed*/) {
  return 0;
}

#if defined(__powerpc64__) || defined(__s390x__)
// musl's are large (1.3 KB), for the sake of CPUs that cannot read a word from any address.
extern "C" [[gnu::used, gnu::optimize("no-tree-loop-distribute-patterns")]] void* memcpy(
    void* __restrict destination, const void* __restrict source, size_t size) {
  using Word [[gnu::aligned(1), gnu::may_alias]] = uint64_t;
  auto* to = static_cast<char*>(destination);
  const auto* from = static_cast<const char*>(source);
  for (; size >= sizeof(Word); size -= sizeof(Word)) {
    *reinterpret_cast<Word*>(to) = *reinterpret_cast<const Word*>(from);  // NOLINT
    to += sizeof(Word);
    from += sizeof(Word);
  }
  for (; size != 0; --size) *to++ = *from++;
  return destination;
}

extern "C" [[gnu::used, gnu::optimize("no-tree-loop-distribute-patterns")]] void* memmove(
    void* destination, const void* source, size_t size) {
  auto* to = static_cast<char*>(destination);
  const auto* from = static_cast<const char*>(source);
  if (to + size <= from || from + size <= to) return memcpy(destination, source, size);
  if (to < from) {
    for (size_t i = 0; i < size; ++i) to[i] = from[i];
  } else {
    for (size_t i = size; i-- > 0;) to[i] = from[i];
  }
  return destination;
}
#endif

// A launch allocates a handful of blocks, most of them large (zstd's window). Each being a mapping
// of its own makes malloc 6 KB smaller than musl's, which gives way to these (musl supports that).
namespace {

constexpr size_t kHeader = 16;  // keeps the alignment that malloc promises
constexpr size_t kHugePage = 2 << 20;

}  // namespace

extern "C" void* malloc(size_t size) {
  if (size > SIZE_MAX - kHeader) return nullptr;
  void* mapped =
      mmap(nullptr, size + kHeader, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;  // NOLINT: a macro with a C cast
  // A third of the page faults' time, where the kernel has huge pages for who asks.
  if (size >= kHugePage) madvise(mapped, size, MADV_HUGEPAGE);
  *static_cast<size_t*>(mapped) = size + kHeader;
  return static_cast<char*>(mapped) + kHeader;
}

extern "C" void free(void* block) {  // NOLINT: glibc names the parameter otherwise
  if (block == nullptr) return;
  char* mapped = static_cast<char*>(block) - kHeader;
  munmap(mapped, *reinterpret_cast<size_t*>(mapped));  // NOLINT: written by malloc
}
