// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pack/image_doctor.h"

namespace pixelzx::pack {

/// What was found, to read: a block for each image, warnings of one kind put together. `colour`:
/// with a terminal's colours.
std::string report_text(const ArchiveReport& report, Language language, bool colour);

/// The same as JSON, every finding by itself (docs/doctor-image-json.md).
std::string report_json(const ArchiveReport& report, Language language);

}  // namespace pixelzx::pack
