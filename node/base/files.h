// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>

namespace pixelzx::node {

/// What errno says.
std::error_code last_error();

/// A descriptor, or what is below 0 for none; closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// All bytes of the file at `path`, which may be a pipe; std::errc::file_too_large above `most`.
std::variant<std::string, std::error_code> read_file(const std::filesystem::path& path,
                                                     std::size_t most);

enum class IfThere : std::uint8_t { kRefuse, kReplace };

/// A file with the mode 0600 that gets its name only when it is whole. Until then it has another
/// one in the same folder, and is gone with this when it is never kept.
class Draft {
 public:
  explicit Draft(std::filesystem::path path);
  ~Draft();
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  /// After an error there is no more to be done with it.
  std::error_code write(std::string_view bytes);
  /// The file has its name and is on disk when this comes back without an error.
  /// std::errc::file_exists when another has the name and is not to be replaced.
  std::error_code keep(IfThere there);

 private:
  std::filesystem::path path_;
  std::filesystem::path folder_;
  std::string name_;  ///< the other one; empty: there is no such file
  Descriptor file_;
  std::error_code error_;
};

/// A Draft with these bytes that is kept.
std::error_code write_file(const std::filesystem::path& path, std::string_view bytes,
                           IfThere there = IfThere::kRefuse);

/// The folder, and those above it that are missing, with the mode 0700, on disk when it comes back
/// without an error.
std::error_code make_private_folder(const std::filesystem::path& path);

}  // namespace pixelzx::node
