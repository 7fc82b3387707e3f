// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pixelzx::pack {

/// The platforms of `offer`, a list with commas, that a machine of platform `host` can run: best
/// first, in their normal spelling, each once. Throws kNotAPlatform.
std::vector<std::string> select_offered(const std::string& host, std::string_view offer);

}  // namespace pixelzx::pack
