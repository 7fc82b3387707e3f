// SPDX-License-Identifier: Apache-2.0
#include "bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace pixelzx {
namespace {

constexpr std::size_t kBlock = 512;
// Holds the index of a bundle of six slices, so that one read is enough.
constexpr std::size_t kFirstRead = 4096;

/// The number in a tar header's field: octal digits, then blank or zero.
std::uint64_t octal(std::string_view field) {
  std::uint64_t value = 0;
  for (const char c : field) {
    if (c < '0' || c > '7') break;
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

/// The size of the index in the tar header `block` (POSIX ustar), or nothing when it is not that of
/// a bundle's first member.
std::optional<std::uint64_t> index_size(std::string_view block) {
  if (block.size() < kBlock) return std::nullopt;
  const std::string_view name = block.substr(0, 100);
  if (name.substr(0, name.find('\0')) != kIndexName || block.substr(257, 5) != "ustar") {
    return std::nullopt;
  }
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const bool in_checksum = i >= 148 && i < 156;  // counts as blanks
    sum += in_checksum ? ' ' : static_cast<unsigned char>(block[i]);
  }
  if (sum != octal(block.substr(148, 8))) return std::nullopt;
  return octal(block.substr(124, 12));
}

Diagnosis unreadable(const Path& path, std::string_view tried, int error) {
  return Diagnosis(Cause::kBundleUnreadable)
      .with(Evidence::kPath, path.view())
      .with_errno(Evidence::kDetail, tried, error);
}

Diagnosis truncated(std::uint64_t size) {
  return Diagnosis(Cause::kTruncatedBundle)
      .with(Evidence::kDetail, messages::kFileEndsAt, FixedString<20>().append_number(size).view());
}

Result<Bundle> read_bundle(Bundle bundle) {
  struct stat status {};
  if (fstat(bundle.file.get(), &status) != 0) return unreadable(bundle.path, "fstat", errno);
  if (!S_ISREG(status.st_mode)) return Diagnosis(Cause::kNotABundle);
  const auto file_size = static_cast<std::uint64_t>(status.st_size);
  const std::uint64_t size = file_size - std::min(file_size, bundle.base);

  constexpr std::size_t kLargest = kBlock + kMaxIndexSize;
  bundle.text = Memory(kLargest);
  if (bundle.text.data() == nullptr) return unreadable(bundle.path, "mmap", ENOMEM);
  std::ptrdiff_t got = read_at(bundle.file.get(), bundle.text.data(), kFirstRead, bundle.base);
  if (got < 0) return unreadable(bundle.path, "read", errno);
  std::string_view text(bundle.text.data(), static_cast<std::size_t>(got));

  bundle.installed = text.starts_with("pixelzx-bundle ");
  std::size_t index_begin = 0;
  std::uint64_t index_bytes = size;
  if (!bundle.installed) {
    const std::optional<std::uint64_t> told = index_size(text);
    if (!told) return Diagnosis(Cause::kNotABundle);
    index_begin = kBlock;
    index_bytes = *told;
  }
  if (index_bytes > kMaxIndexSize) {
    return Diagnosis(Cause::kDamagedIndex).with(Evidence::kDetail, messages::kIndexTooLong);
  }
  const std::size_t wanted = index_begin + static_cast<std::size_t>(index_bytes);
  if (wanted > text.size()) {
    got = read_at(bundle.file.get(), bundle.text.data(), wanted, bundle.base);
    if (got < 0) return unreadable(bundle.path, "read", errno);
    text = {bundle.text.data(), static_cast<std::size_t>(got)};
    if (text.size() < wanted) return truncated(size);
  }
  Result<Index> index = parse_index(text.substr(index_begin, wanted - index_begin));
  if (!index) return index.diagnosis();
  bundle.index = *index;
  if (!bundle.installed && bundle.index.end > size) return truncated(size);
  return bundle;
}

/// Where a bundle attached to the file at `path` begins; nothing when there is none.
std::optional<std::uint64_t> attached_offset(const Path& path) {
  const Fd file = open_file(AT_FDCWD, path.c_str(), O_RDONLY);
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) return std::nullopt;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  Trailer trailer{};
  if (size < trailer.size()) return std::nullopt;
  if (read_at(file.get(), trailer.data(), trailer.size(), size - trailer.size()) !=
      static_cast<std::ptrdiff_t>(trailer.size())) {
    return std::nullopt;
  }
  const auto offset = read_trailer({trailer.data(), trailer.size()});
  return offset && *offset < size ? offset : std::nullopt;
}

Result<Bundle> search_bundle(std::string_view named, const Path& launcher) {
  if (!named.empty()) {
    const Path path(named);
    Result<Bundle> bundle = open_bundle(path);
    if (bundle || bundle.diagnosis().cause() != Cause::kNotABundle) return bundle;
    const auto offset = attached_offset(path);
    return offset ? open_bundle(path, *offset) : std::move(bundle);
  }
  if (launcher.empty()) {
    return Diagnosis(Cause::kNoBundle).with(Evidence::kDetail, messages::kLauncherUnknown);
  }
  if (const auto offset = attached_offset(launcher)) return open_bundle(launcher, *offset);
  constexpr std::array<std::string_view, 3> kFolders = {"", "../lib/pixelzx/", "../../"};
  for (const std::string_view folder : kFolders) {
    Path path(directory_of(launcher.view()));
    path.append("/").append(folder).append(kBundleName);
    Result<Bundle> bundle = open_bundle(path);
    if (bundle || bundle.diagnosis().cause() != Cause::kNoBundle) return bundle;
  }
  return Diagnosis(Cause::kNoBundle)
      .with(Evidence::kDetail, messages::kNotAroundLauncher, launcher.view());
}

}  // namespace

Trailer make_trailer(std::uint64_t bundle_offset) {
  Trailer trailer{};
  std::copy(kTrailerMagic.begin(), kTrailerMagic.end(), trailer.begin());
  for (std::size_t i = 0; i < 8; ++i) {
    trailer[kTrailerMagic.size() + i] = static_cast<char>(bundle_offset >> (8 * i) & 0xff);
  }
  return trailer;
}

std::optional<std::uint64_t> read_trailer(std::string_view bytes) {
  if (bytes.size() != kTrailerSize || !bytes.starts_with(kTrailerMagic)) return std::nullopt;
  std::uint64_t offset = 0;
  for (std::size_t i = 8; i-- > 0;) {
    offset = offset << 8 | static_cast<unsigned char>(bytes[kTrailerMagic.size() + i]);
  }
  return offset;
}

Result<Bundle> open_bundle(const Path& path, std::uint64_t base) {
  Bundle bundle;
  bundle.path = path;
  bundle.base = base;
  if (path.truncated()) return unreadable(path, "open", ENAMETOOLONG);
  // O_NONBLOCK: a FIFO in its place shall be refused, not waited for.
  bundle.file = open_file(AT_FDCWD, path.c_str(), O_RDONLY | O_NONBLOCK);
  if (!bundle.file && (errno == ENOENT || errno == ENOTDIR)) {
    return Diagnosis(Cause::kNoBundle).with(Evidence::kDetail, messages::kNoSuchFile, path.view());
  }
  if (!bundle.file) return unreadable(path, "open", errno);
  Result<Bundle> result = read_bundle(std::move(bundle));
  if (result) return result;
  Diagnosis diagnosis = result.diagnosis();
  return diagnosis.with(Evidence::kPath, path.view());
}

Result<Bundle> find_bundle(std::string_view named, const Path& launcher, bool secure) {
  Result<Bundle> bundle = search_bundle(named, launcher);
  struct stat status {};
  if (!bundle || !secure) return bundle;
  if (fstat(bundle->file.get(), &status) == 0 && is_trusted(status)) return bundle;
  return Diagnosis(Cause::kBundleUnreadable)
      .with(Evidence::kPath, bundle->path.view())
      .with(Evidence::kDetail, messages::kForeignBundle);
}

}  // namespace pixelzx
