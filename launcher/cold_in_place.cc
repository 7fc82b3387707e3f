// SPDX-License-Identifier: Apache-2.0
#include "cold.h"

namespace pixelzx {

// Programs for the build machine have the cold part as it is.
bool load_cold() {
  return true;
}

}  // namespace pixelzx
