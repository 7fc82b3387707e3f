// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "host.h"
#include "platform.h"

namespace pixelzx {

/// Platforms in order of preference, best first.
class PlatformVector {
 public:
  void add(const Platform& platform) {
    if (size_ < platforms_.size()) platforms_[size_++] = platform;
  }
  [[nodiscard]] const Platform* begin() const { return platforms_.data(); }
  [[nodiscard]] const Platform* end() const { return platforms_.data() + size_; }

 private:
  std::array<Platform, 24> platforms_;
  std::size_t size_ = 0;
};

/// What a machine of platform `host` can run, best first: containerd's platformVector
/// (https://github.com/containerd/platforms, compare.go), so that Docker, Kubernetes and we agree.
PlatformVector compatible_platforms(const Platform& host);

inline constexpr std::size_t kMaxSlices = 32;

/// The positions in the offer to try, best first, each once.
struct Selection {
  std::array<std::size_t, kMaxSlices> order{};
  std::size_t size = 0;

  [[nodiscard]] const std::size_t* begin() const { return order.data(); }
  [[nodiscard]] const std::size_t* end() const { return order.data() + size; }
};

/// The platforms of `offer` (at most kMaxSlices count) that a machine of platform `host` can run.
Selection select_platforms(const Platform& host, std::span<const Platform> offer);

/// The slices for `host` to try. Under emulation the true machine's come first, those of the
/// emulated machine last; a 32-bit launcher on a 64-bit kernel stays 32-bit as long as it can. With
/// `insisted`, only slices of that very architecture that such a machine can run.
Selection select_slices(const Host& host, std::span<const Platform> offer,
                        const std::optional<Platform>& insisted);

}  // namespace pixelzx
