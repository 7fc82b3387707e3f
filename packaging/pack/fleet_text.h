// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pack/fleet.h"

namespace pixelzx::pack {

/// What the fleet is made of, for a terminal: tables, and the names of few hosts.
std::string fleet_text(const FleetView& view);

/// The same and all hosts, for programs: one JSON object and a line feed (docs/fleet-json.md).
std::string fleet_json(const FleetView& view);

// What the page has in the same words.

std::string severity_text(Severity severity, Language language);
/// Whether the fleet needs a slice of the bundle.
std::string need_text(const FleetSlice& slice, Language language);
/// What a bundle without the slices that nobody needs would save; only with a bundle.
std::string smaller_bundle_text(const FleetView& view);

}  // namespace pixelzx::pack
