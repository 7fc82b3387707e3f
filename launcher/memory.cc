// SPDX-License-Identifier: Apache-2.0
#include "memory.h"

#include <sys/mman.h>

namespace pixelzx {

Memory::Memory(std::size_t size) {
  void* mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return;  // NOLINT: a macro with a C cast
  data_ = static_cast<char*>(mapped);
  size_ = size;
}

Memory::~Memory() {
  if (data_ != nullptr) munmap(data_, size_);
}

}  // namespace pixelzx
