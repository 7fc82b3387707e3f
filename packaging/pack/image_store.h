// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "files.h"
#include "pack/byte_stream.h"

namespace pixelzx::pack {

/// The named files of an image archive: a folder, or a tar that is read in place. A compressed tar,
/// or one out of a pipe, is first unpacked into a nameless file in $TMPDIR (or /var/tmp).
class ImageStore {
 public:
  /// JSON documents of images are smaller; registries refuse larger manifests.
  static constexpr std::uint64_t kLongestDocument = std::uint64_t{4} << 20;
  static constexpr std::size_t kMostMembers = 100'000;

  /// Throws kCannotRead; Fault when the tar is damaged or cut off; kNotAnImage as a PackError when
  /// it is neither a folder nor a tar.
  ImageStore(const std::string& path, Language language);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] Language language() const { return language_; }

  [[nodiscard]] bool has(const std::string& name) const { return size_of(name).has_value(); }
  /// Bytes of the file; nothing when there is none of that name.
  [[nodiscard]] std::optional<std::uint64_t> size_of(const std::string& name) const;
  /// The content of the file `name`, valid as long as the store. Throws Fault when there is none.
  [[nodiscard]] std::unique_ptr<ByteStream> open(const std::string& name) const;
  /// All of it. Throws Fault when there is none, or it is longer than kLongestDocument.
  [[nodiscard]] std::string document(const std::string& name) const;

 private:
  struct Member {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::string link;  // the member that this one stands for; offset and size mean nothing then
  };

  void open_tar(const Fd& file);
  void list_members(std::uint64_t size);
  void add_member(struct archive* tar, struct archive_entry* entry, std::uint64_t size);
  [[nodiscard]] const Member* find(std::string name) const;
  [[nodiscard]] Fd open_in_folder(const std::string& name, std::uint64_t& size) const;

  std::string path_;
  Language language_;
  Fd tar_;     // plain; empty for a folder
  Fd folder_;  // empty for a tar
  std::map<std::string, Member> members_;
};

/// `name` without `.` and empty components; empty when it has a `..`, or nothing remains.
std::string clean_name(std::string_view name);

/// An entry's name or link target as the archive has it; empty when there is none.
std::string entry_text(const char* utf8, const char* bytes);

}  // namespace pixelzx::pack
