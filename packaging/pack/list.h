// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pack/bundle_file.h"

namespace pixelzx::pack {

/// What is in the bundle, for people: several lines.
std::string list_text(const BundleFile& file, Language language);

/// The same for programs: one JSON object and a line feed.
std::string list_json(const BundleFile& file);

}  // namespace pixelzx::pack
