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

/// Reads and checks the index of the open `bundle`. Returns why that cannot be done.
std::optional<Diagnosis> read_bundle(Bundle& bundle) {
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
  auto why_not = parse_index(text.substr(index_begin, wanted - index_begin), bundle.index);
  if (why_not) return why_not;
  if (!bundle.installed && bundle.index.end > size) return truncated(size);
  return std::nullopt;
}

/// Fills `bundle` as open_bundle does. Returns why it cannot.
std::optional<Diagnosis> open_into(Bundle& bundle, const Path& path, std::uint64_t base) {
  bundle.path = path;
  bundle.base = base;
  if (path.truncated()) return unreadable(path, "open", ENAMETOOLONG);
  // O_NONBLOCK: a FIFO in its place shall be refused, not waited for.
  bundle.file = open_file(AT_FDCWD, path.c_str(), O_RDONLY | O_NONBLOCK);
  if (!bundle.file && (errno == ENOENT || errno == ENOTDIR)) {
    return Diagnosis(Cause::kNoBundle).with(Evidence::kDetail, messages::kNoSuchFile, path.view());
  }
  if (!bundle.file) return unreadable(path, "open", errno);
  auto why_not = read_bundle(bundle);
  if (why_not) why_not->with(Evidence::kPath, path.view());
  return why_not;
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

/// Fills `bundle` with the one that find_bundle means. Returns why it cannot.
std::optional<Diagnosis> search_bundle(std::string_view named, const Path& launcher,
                                       Bundle& bundle) {
  if (!named.empty()) {
    const Path path(named);
    auto why_not = open_into(bundle, path, 0);
    if (!why_not || why_not->cause() != Cause::kNotABundle) return why_not;
    const auto offset = attached_offset(path);
    return offset ? open_into(bundle, path, *offset) : why_not;
  }
  if (launcher.empty()) {
    return Diagnosis(Cause::kNoBundle).with(Evidence::kDetail, messages::kLauncherUnknown);
  }
  if (const auto offset = attached_offset(launcher)) return open_into(bundle, launcher, *offset);
  constexpr std::array<std::string_view, 3> kFolders = {"", "../lib/pixelzx/", "../../"};
  for (const std::string_view folder : kFolders) {
    Path path(directory_of(launcher.view()));
    path.append("/").append(folder).append(kBundleName);
    auto why_not = open_into(bundle, path, 0);
    if (!why_not || why_not->cause() != Cause::kNoBundle) return why_not;
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
  Result<Bundle> bundle(std::in_place);
  if (const auto why_not = open_into(*bundle, path, base)) bundle.fail(*why_not);
  return bundle;
}

Result<Bundle> find_bundle(std::string_view named, const Path& launcher, bool secure) {
  Result<Bundle> bundle(std::in_place);
  auto why_not = search_bundle(named, launcher, *bundle);
  struct stat status {};
  if (!why_not && secure && (fstat(bundle->file.get(), &status) != 0 || !is_trusted(status))) {
    why_not = Diagnosis(Cause::kBundleUnreadable)
                  .with(Evidence::kPath, bundle->path.view())
                  .with(Evidence::kDetail, messages::kForeignBundle);
  }
  if (why_not) bundle.fail(*why_not);
  return bundle;
}

}  // namespace pixelzx
