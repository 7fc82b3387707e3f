// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "diagnosis.h"
#include "file_tree.h"

namespace pixelzx {

/// What a file is that is neither an ELF file nor a script.
struct FileFormat {
  /// Why it does not run.
  Cause cause{};
  /// The format's own name: `gzip`, `PNG`, `Java class`; empty when there is none.
  std::string_view name;
};

/// Tells a format by the bytes that its files begin with (its magic).
FileFormat file_format(ByteSource& file);

/// True for bytes that an editor would show as text: no control characters. Of any encoding that
/// agrees with ASCII there, such as UTF-8 or EUC-KR, in which old scripts are.
bool is_text(std::string_view bytes);

}  // namespace pixelzx
