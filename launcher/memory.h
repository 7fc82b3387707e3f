// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

namespace pixelzx {

/// Anonymous zeroed memory from mmap(2), returned at the end of its scope. It stands in for
/// std::unique_ptr, whose header needs parts of libstdc++ that do not compile against musl.
class Memory {
 public:
  Memory() = default;
  /// data() is null when the system has no more.
  explicit Memory(std::size_t size);
  Memory(Memory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Memory& operator=(Memory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Memory();

  [[nodiscard]] char* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pixelzx
