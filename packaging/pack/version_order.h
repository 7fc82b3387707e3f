// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pixelzx::pack {

/// True when version `left` comes before `right`, by the rules of https://semver.org/#spec-item-11,
/// for any number of numbers: 1.9 < 1.10-rc.1 < 1.10 = 1.10.0; what follows a '+' does not count,
/// nor a 'v' in front.
bool is_older(std::string_view left, std::string_view right);

}  // namespace pixelzx::pack
