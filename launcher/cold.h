// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pixelzx {

/// The cold part of the launcher is the code that explains or unpacks: the doctor, what puts a
/// diagnosis into words, and what fills the cache. A warm launch never needs it, so it lies in the
/// file as one zstd frame, which saves a sixth of the launcher's size; before any of it is called
/// (CMakeLists.txt lists its files), this must have unpacked it. Returns false where the system
/// lets nobody make memory executable.
bool load_cold();

}  // namespace pixelzx
