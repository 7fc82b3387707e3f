// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pack/image.h"
#include "pack/image_doctor.h"
#include "pack/progress.h"

namespace pixelzx::pack {

/// Reads the layers of `image` and adds to `report` what would start, what is wrong with it, and
/// what is wrong with the first 1,000 executables. Reads each layer once for the names, and again
/// while content is missing. Throws PackError with kDamagedImage.
void examine_files(ImageArchive& archive, const Image& image, Progress& progress,
                   ImageReport& report);

}  // namespace pixelzx::pack
