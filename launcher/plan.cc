// SPDX-License-Identifier: Apache-2.0
#include "plan.h"

namespace pixelzx {
namespace {

/// True when the CPU is of the platform's family but too old for it: the kernel would start such a
/// program, and it would die of SIGILL.
bool exceeds_cpu(const Host& host, const Platform& platform) {
  if (platform.arch != host.platform.arch) return false;
  return select_platforms(host.platform, {&platform, 1}).size == 0;
}

}  // namespace

Result<std::optional<Platform>> insisted_platform(const Environment& environment) {
  std::optional<Platform> insisted;
  if (environment.platform.empty()) return insisted;
  insisted = parse_platform(environment.platform);
  // `arm/v7` reads as the OS `arm`: surely linux/arm/v7 was meant.
  if (!insisted || parse_platform(insisted->os.view())) {
    return Diagnosis(Cause::kBadPlatformVariable).with(Evidence::kVariable, environment.platform);
  }
  return insisted;
}

Diagnosis cannot_run_insisted(const Environment& environment, Text why) {
  return Diagnosis(Cause::kPlatformCannotRun)
      .with(Evidence::kVariable, environment.platform)
      .with(Evidence::kDetail, why);
}

Result<Selection> plan_launch(const Environment& environment, const Host& host,
                              const Bundle& bundle, const std::optional<Platform>& insisted) {
  if (insisted && exceeds_cpu(host, *insisted)) {
    return cannot_run_insisted(environment, messages::kCpuTooOld);
  }
  const Selection selection = select_slices(host, bundle.index.platforms(), insisted);
  if (selection.size > 0) return selection;
  return insisted ? cannot_run_insisted(environment, messages::kNotInBundle)
                  : Diagnosis(Cause::kNoSliceForHost);
}

}  // namespace pixelzx
