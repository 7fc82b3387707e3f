// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "bundle.h"
#include "environment.h"
#include "host.h"
#include "selection.h"

namespace pixelzx {

/// The platform that PIXELZX_PLATFORM insists on; nothing when it does not.
Result<std::optional<Platform>> insisted_platform(const Environment& environment);

/// The slices to start, best first; never empty. Else why none would be tried.
Result<Selection> plan_launch(const Environment& environment, const Host& host,
                              const Bundle& bundle, const std::optional<Platform>& insisted);

/// The diagnosis for a PIXELZX_PLATFORM that cannot be had: `why`.
Diagnosis cannot_run_insisted(const Environment& environment, Text why);

/// Adds what is known of the machine and the bundle to a diagnosis about both.
Diagnosis with_machine(Diagnosis diagnosis, const Host& host, const Bundle& bundle,
                       Language language);

/// What to ask for on this machine: every amd64 CPU runs linux/amd64, but not every arm CPU runs
/// linux/arm/v7.
Platform plain_platform(const Host& host);

/// `linux/ppc64le, kernel 6.6, 64 KiB pages`
EvidenceText describe(const Host& host, Language language);

}  // namespace pixelzx
