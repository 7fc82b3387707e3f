// SPDX-License-Identifier: Apache-2.0
#include "pack/image_store.h"

#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "pack/file_io.h"
#include "pack/pack_error.h"

namespace pixelzx::pack {
namespace {

/// A file that was opened and belongs to the stream.
class OwnedFile final : public ByteStream {
 public:
  OwnedFile(Fd file, std::uint64_t size, const std::string& path)
      : file_(std::move(file)), range_(file_.get(), 0, size, path) {}
  std::string_view read() override { return range_.read(); }

 private:
  Fd file_;
  FileRange range_;
};

/// A pipe, a terminal, a device: what has no offsets.
class SequentialFile final : public ByteStream {
 public:
  SequentialFile(int fd, std::string path) : fd_(fd), path_(std::move(path)), buffer_(256 << 10) {}
  std::string_view read() override {
    ssize_t got = 0;
    do got = ::read(fd_, buffer_.data(), buffer_.size());
    while (got < 0 && errno == EINTR);
    if (got < 0) throw_errno(Problem::kCannotRead, path_);
    return {buffer_.data(), static_cast<std::size_t>(got)};
  }

 private:
  int fd_;
  std::string path_;
  std::vector<char> buffer_;
};

struct stat status_of(const Fd& file, const std::string& path) {
  struct stat status {};
  if (fstat(file.get(), &status) != 0) throw_errno(Problem::kCannotRead, path);
  return status;
}

/// True when the file begins as one of the compressed formats that UnpackedStream knows.
bool is_packed(int fd) {
  std::array<char, 6> head{};
  const std::ptrdiff_t got = read_at(fd, head.data(), head.size(), 0);
  const std::string_view begin(head.data(), got < 0 ? 0 : static_cast<std::size_t>(got));
  constexpr std::array<std::string_view, 4> kMagics = {"\x1f\x8b", "\x28\xb5\x2f\xfd",
                                                       "\xfd\x37zXZ", "BZh"};
  return std::ranges::any_of(kMagics,
                             [begin](std::string_view magic) { return begin.starts_with(magic); });
}

/// The plain tar that `packed` holds.
Fd unpack_to_file(ByteStream& packed) {
  Fd file = nameless_file();
  UnpackedStream plain(packed);
  for (std::string_view bytes = plain.read(); !bytes.empty(); bytes = plain.read()) {
    if (!write_all(file.get(), bytes.data(), bytes.size())) {
      throw_errno(Problem::kCannotWrite, "$TMPDIR");
    }
  }
  if (lseek(file.get(), 0, SEEK_SET) != 0) throw_errno(Problem::kCannotRead, "$TMPDIR");
  return file;
}

PackError not_an_image(const std::string& path, Language language, const PackText& why) {
  return {path, Diagnosis(Cause::kNotAnImage)
                    .with(Evidence::kPath, path)
                    .with(Evidence::kDetail, why.in(language))};
}

/// What is there in place of an image, when that can be told.
const PackText& what_else(const ImageStore& store) {
  struct Row {
    const char* member;
    const PackText& words;
  };
  static constexpr std::array<Row, 4> kRows = {{{"pixelzx.index", kIsBundle},
                                                {"etc/passwd", kIsRootFilesystem},
                                                {"bin/sh", kIsRootFilesystem},
                                                {"usr/bin/sh", kIsRootFilesystem}}};
  for (const Row& row : kRows) {
    if (store.has(row.member)) return row.words;
  }
  return kHasNoIndex;
}

}  // namespace

std::string clean_name(std::string_view name) {
  std::string clean;
  while (!name.empty()) {
    const std::size_t slash = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, slash);
    name.remove_prefix(std::min(slash + 1, name.size()));
    if (part == "..") return {};
    if (part.empty() || part == ".") continue;
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

std::string entry_text(const char* utf8, const char* bytes) {
  // Where the locale has no UTF-8, libarchive has no bytes for names of pax headers, and no UTF-8
  // for others.
  const char* text = utf8 != nullptr ? utf8 : bytes;
  return text == nullptr ? "" : text;
}

ImageStore::ImageStore(const std::string& path, Language language)
    : path_(path), language_(language) {
  Fd file = open_file(AT_FDCWD, path.c_str(), O_RDONLY);
  if (!file) throw_errno(Problem::kCannotRead, path);
  if (S_ISDIR(status_of(file, path).st_mode)) {
    folder_ = std::move(file);
  } else {
    open_tar(file);
  }
  if (!has("index.json") && !has("manifest.json")) {
    throw not_an_image(path_, language_, what_else(*this));
  }
}

void ImageStore::open_tar(const Fd& file) {
  const struct stat status = status_of(file, path_);
  if (!S_ISREG(status.st_mode)) {
    SequentialFile pipe(file.get(), path_);
    tar_ = unpack_to_file(pipe);
  } else if (is_packed(file.get())) {
    FileRange packed(file.get(), 0, static_cast<std::uint64_t>(status.st_size), path_);
    tar_ = unpack_to_file(packed);
  } else {
    tar_ = open_file(AT_FDCWD, path_.c_str(), O_RDONLY);
    if (!tar_) throw_errno(Problem::kCannotRead, path_);
  }
  list_members(static_cast<std::uint64_t>(status_of(tar_, path_).st_size));
}

void ImageStore::list_members(std::uint64_t size) {
  const std::unique_ptr<struct archive, decltype(&archive_read_free)> tar(archive_read_new(),
                                                                          &archive_read_free);
  if (!tar) throw std::bad_alloc();
  archive_read_support_format_tar(tar.get());
  // Of a regular file, so that libarchive seeks over the content.
  int result = archive_read_open_fd(tar.get(), tar_.get(), 10240);
  struct archive_entry* entry = nullptr;
  if (result == ARCHIVE_OK) result = archive_read_next_header(tar.get(), &entry);
  if (members_.empty() && result == ARCHIVE_FATAL) throw not_an_image(path_, language_, kIsNoTar);
  for (; result == ARCHIVE_OK || result == ARCHIVE_WARN;
       result = archive_read_next_header(tar.get(), &entry)) {
    add_member(tar.get(), entry, size);
  }
  if (result == ARCHIVE_EOF) return;
  const char* why = archive_error_string(tar.get());
  throw Fault(kFaultArchive, why == nullptr ? "libarchive" : why);
}

void ImageStore::add_member(struct archive* tar, struct archive_entry* entry, std::uint64_t size) {
  const std::string name =
      clean_name(entry_text(archive_entry_pathname_utf8(entry), archive_entry_pathname(entry)));
  const std::string symlink =
      entry_text(archive_entry_symlink_utf8(entry), archive_entry_symlink(entry));
  const std::string hardlink =
      entry_text(archive_entry_hardlink_utf8(entry), archive_entry_hardlink(entry));
  Member member;
  if (!hardlink.empty()) {
    member.link = clean_name(hardlink);
  } else if (!symlink.empty()) {
    // `docker save` before version 25 has layers twice by links such as `../<id>/layer.tar`.
    std::string_view target = symlink;
    std::string_view folder = directory_of(name);
    for (; target.starts_with("../"); target.remove_prefix(3)) folder = directory_of(folder);
    member.link = clean_name(std::string(folder) + "/" + std::string(target));
  } else if (archive_entry_filetype(entry) == AE_IFREG) {
    // All that was read is headers: the content of the plain tar begins here.
    member.offset = static_cast<std::uint64_t>(archive_filter_bytes(tar, 0));
    member.size = static_cast<std::uint64_t>(archive_entry_size(entry));
    if (member.offset > size || member.size > size - member.offset) {
      throw Fault(kFaultCutOff, name);
    }
  } else {
    return;
  }
  if (name.empty()) return;
  members_[name] = member;
  if (members_.size() > kMostMembers) throw not_an_image(path_, language_, kHasTooManyMembers);
}

const ImageStore::Member* ImageStore::find(std::string name) const {
  constexpr int kMostLinks = 8;
  for (int links = 0; links <= kMostLinks; ++links) {
    const auto found = members_.find(name);
    if (found == members_.end()) return nullptr;
    if (found->second.link.empty()) return &found->second;
    name = found->second.link;
  }
  return nullptr;
}

Fd ImageStore::open_in_folder(const std::string& name, std::uint64_t& size) const {
  Fd file = open_file(folder_.get(), name.c_str(), O_RDONLY | O_NONBLOCK);
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  size = static_cast<std::uint64_t>(status.st_size);
  return file;
}

std::optional<std::uint64_t> ImageStore::size_of(const std::string& name) const {
  const std::string clean = clean_name(name);
  if (clean.empty()) return std::nullopt;
  if (!folder_) {
    const Member* member = find(clean);
    if (member == nullptr) return std::nullopt;
    return member->size;
  }
  std::uint64_t size = 0;
  if (!open_in_folder(clean, size)) return std::nullopt;
  return size;
}

std::unique_ptr<ByteStream> ImageStore::open(const std::string& name) const {
  const std::string clean = clean_name(name);
  if (folder_) {
    std::uint64_t size = 0;
    Fd file = clean.empty() ? Fd() : open_in_folder(clean, size);
    if (!file) throw Fault(kFaultMissing, name);
    return std::make_unique<OwnedFile>(std::move(file), size, path_ + "/" + clean);
  }
  const Member* member = find(clean);
  if (member == nullptr) throw Fault(kFaultMissing, name);
  return std::make_unique<FileRange>(tar_.get(), member->offset, member->offset + member->size,
                                     path_);
}

std::string ImageStore::document(const std::string& name) const {
  const std::unique_ptr<ByteStream> stream = open(name);
  std::string text;
  for (std::string_view bytes = stream->read(); !bytes.empty(); bytes = stream->read()) {
    if (text.size() + bytes.size() > kLongestDocument) throw Fault(kFaultDocumentTooLong, name);
    text += bytes;
  }
  return text;
}

}  // namespace pixelzx::pack
