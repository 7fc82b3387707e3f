// SPDX-License-Identifier: Apache-2.0
#include "pack/bundle_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "pack/byte_stream.h"
#include "pack/pack_error.h"

namespace pixelzx::pack {
namespace {

std::uint64_t size_of(const Fd& file, const std::string& path) {
  struct stat status {};
  if (fstat(file.get(), &status) != 0) throw_errno(Problem::kCannotRead, path);
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

std::optional<std::uint64_t> attached_at(const std::string& path) {
  const Fd file = open_file(AT_FDCWD, path.c_str(), O_RDONLY);
  if (!file) throw_errno(Problem::kCannotRead, path);
  const std::uint64_t size = size_of(file, path);
  Trailer trailer{};
  if (size < trailer.size()) return std::nullopt;
  if (read_at(file.get(), trailer.data(), trailer.size(), size - trailer.size()) !=
      static_cast<std::ptrdiff_t>(trailer.size())) {
    throw_errno(Problem::kCannotRead, path);
  }
  const auto offset = read_trailer({trailer.data(), trailer.size()});
  return offset && *offset < size - trailer.size() ? offset : std::nullopt;
}

BundleFile open_bundle_file(const std::string& path) {
  const std::optional<std::uint64_t> attached = attached_at(path);
  Result<Bundle> bundle = open_bundle(Path(path), attached.value_or(0));
  if (!bundle) throw PackError(path, bundle.diagnosis());
  BundleFile file{.bundle = std::move(*bundle)};
  file.end = size_of(file.bundle.file, path) - (attached ? kTrailerSize : 0);
  return file;
}

BundleFile open_whole_bundle(const std::string& path) {
  BundleFile file = open_bundle_file(path);
  if (file.bundle.installed) throw PackError(Problem::kInstalledBundle, {path});
  return file;
}

std::string bundle_content(const BundleFile& file) {
  FileRange content(file.bundle.file.get(), file.bundle.base, file.end,
                    std::string(file.bundle.path.view()));
  return read_all(content);
}

std::string read_part(const Bundle& bundle, std::uint64_t offset, std::uint64_t size,
                      const std::string& label) {
  std::string bytes(size, '\0');
  const std::ptrdiff_t got = read_at(bundle.file.get(), bytes.data(), size, bundle.base + offset);
  if (got != static_cast<std::ptrdiff_t>(size)) throw_errno(Problem::kCannotRead, label);
  return bytes;
}

}  // namespace pixelzx::pack
