// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pack/fleet.h"

namespace pixelzx::pack {

/// The fleet as one HTML page, which needs nothing else: no script, no file, no network.
std::string fleet_page(const FleetView& view);

}  // namespace pixelzx::pack
