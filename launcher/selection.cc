// SPDX-License-Identifier: Apache-2.0
#include "selection.h"

namespace pixelzx {
namespace {

// The bound keeps a nonsense variant such as `v999999` from filling the vector.
constexpr int kHighestVersion = 20;

/// The number in `v3` or `3`; nothing where containerd's Atoi would fail.
std::optional<int> version_of(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  const std::optional<std::uint64_t> number = take_number(text);
  if (!number || !text.empty()) return std::nullopt;
  return static_cast<int>(std::min<std::uint64_t>(*number, kHighestVersion));
}

Platform with_variant(const Platform& host, std::string_view arch, int number) {
  PlatformName variant("v");
  variant.append_number(static_cast<std::uint64_t>(number));
  return {host.os, PlatformName(arch), variant};
}

void add_arm(PlatformVector& vector, const Platform& host) {
  vector.add(host);
  const std::optional<int> version = version_of(host.variant.view());
  for (int lower = version.value_or(0) - 1; lower >= 5; --lower) {
    vector.add(with_variant(host, "arm", lower));
  }
}

/// `v8.3` for (8, 3), `v9` for (9, 0); `v8` is written as no variant.
void add_arm64(PlatformVector& vector, const Platform& host, int major, int minor) {
  PlatformName variant;
  if (major != 8 || minor != 0) {
    variant.append("v").append_number(static_cast<std::uint64_t>(major));
    if (minor != 0) variant.append(".").append_number(static_cast<std::uint64_t>(minor));
  }
  vector.add({host.os, host.arch, variant});
}

/// Armv8.0 to v8.9 and Armv9.0 to v9.7 are known; a host of another variant matches nothing.
void add_arm64_family(PlatformVector& vector, const Platform& host) {
  const std::string_view variant = host.variant.empty() ? "v8" : host.variant.view();
  const bool has_minor = variant.size() == 4 && variant[2] == '.';
  const int minor = has_minor ? variant[3] - '0' : 0;
  const bool is_v8 = variant.starts_with("v8") && minor <= 9;
  const bool is_v9 = variant.starts_with("v9") && minor <= 7;
  if ((!is_v8 && !is_v9) || minor < 0 || (variant.size() != 2 && !has_minor)) return;
  if (is_v9) {
    for (int lower = minor; lower >= 0; --lower) add_arm64(vector, host, 9, lower);
  }
  // Armv9.x branched off Armv8.(x+5), and Armv8 ends with v8.9.
  const int highest_v8 = is_v9 ? std::min(minor + 5, 9) : minor;
  for (int lower = highest_v8; lower >= 0; --lower) add_arm64(vector, host, 8, lower);
  add_arm(vector, {host.os, PlatformName("arm"), PlatformName("v8")});
}

void append_once(Selection& selection, std::size_t position) {
  if (std::ranges::find(selection, position) != selection.end()) return;
  if (selection.size < selection.order.size()) selection.order[selection.size++] = position;
}

void append_compatible(Selection& selection, const Platform& host,
                       std::span<const Platform> offer) {
  for (const Platform& wanted : compatible_platforms(host)) {
    for (std::size_t i = 0; i < offer.size(); ++i) {
      if (offer[i] == wanted) append_once(selection, i);
    }
  }
}

}  // namespace

PlatformVector compatible_platforms(const Platform& host) {
  PlatformVector vector;
  const std::string_view arch = host.arch.view();
  if (arch == "amd64") {
    vector.add(host);
    const int level = version_of(host.variant.view()).value_or(0);
    for (int lower = level - 1; lower >= 2; --lower) {
      vector.add(with_variant(host, arch, lower));
    }
    if (level > 1) vector.add({host.os, host.arch, {}});
    vector.add({host.os, PlatformName("386"), {}});
  } else if (arch == "arm") {
    add_arm(vector, host);
  } else if (arch == "arm64") {
    add_arm64_family(vector, host);
  } else {
    vector.add(host);
  }
  return vector;
}

Selection select_platforms(const Platform& host, std::span<const Platform> offer) {
  Selection selection;
  append_compatible(selection, host, offer);
  return selection;
}

Selection select_slices(const Host& host, std::span<const Platform> offer,
                        const std::optional<Platform>& insisted) {
  Selection selection;
  if (!insisted) {
    append_compatible(selection, host.userland, offer);
    append_compatible(selection, host.platform, offer);
    if (host.emulated) append_compatible(selection, host.launcher, offer);
    return selection;
  }
  for (const std::size_t position : select_platforms(*insisted, offer)) {
    if (offer[position].arch == insisted->arch) append_once(selection, position);
  }
  return selection;
}

}  // namespace pixelzx
