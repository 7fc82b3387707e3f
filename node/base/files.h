// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>

namespace pixelzx::node {

/// All bytes of the file at `path`, which may be a pipe; std::errc::file_too_large above `most`.
std::variant<std::string, std::error_code> read_file(const std::filesystem::path& path,
                                                     std::size_t most);

/// A new file with the mode 0600 and these bytes, on disk when it comes back without an error. It
/// has its name only when it is whole; std::errc::file_exists when another has it.
std::error_code write_new_file(const std::filesystem::path& path, std::string_view bytes);

/// The folder, and those above it that are missing, with the mode 0700.
std::error_code make_private_folder(const std::filesystem::path& path);

}  // namespace pixelzx::node
