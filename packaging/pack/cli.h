// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "diagnosis.h"

namespace pixelzx::pack {

/// Does what the command line asks for. Returns the exit status: 0, or 1 when nothing was selected
/// or the doctor found an error; throws PackError for everything else.
int run_cli(int argc, char** argv, Language language);

}  // namespace pixelzx::pack
