// SPDX-License-Identifier: Apache-2.0
#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "sha256.h"

namespace pixelzx {
EntryState entry_state(int directory, const char* folder, const char* program, std::uint64_t size) {
  struct stat status {};
  if (fstatat(directory, folder, &status, AT_SYMLINK_NOFOLLOW) != 0) return EntryState::kMissing;
  if (!S_ISDIR(status.st_mode) || !is_trusted(status)) return EntryState::kBad;
  Path path(folder);
  path.append("/").append(program);
  if (fstatat(directory, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
    return EntryState::kMissing;
  const bool good = S_ISREG(status.st_mode) && is_trusted(status) &&
                    (status.st_mode & S_IXUSR) != 0 &&
                    static_cast<std::uint64_t>(status.st_size) == size;
  return good ? EntryState::kGood : EntryState::kBad;
}

CacheCandidates cache_candidates(const CacheVariables& variables) {
  CacheCandidates result;
  const auto add = [&result](std::string_view base, std::string_view name, bool create) {
    Path path(base);
    path.append(name);
    if (!path.truncated()) result.candidates[result.size++] = {path, create};
  };
  if (variables.pixelzx_cache == "off") return result;
  if (!variables.pixelzx_cache.empty()) {
    add(variables.pixelzx_cache, "", true);
    return result;
  }
  if (!variables.cache_directory.empty()) {
    add(variables.cache_directory.substr(0, variables.cache_directory.find(':')), "", true);
  }
  add("/var/cache/pixelzx", "", false);
  // The XDG Base Directory Specification has relative paths ignored.
  if (variables.xdg_cache_home.starts_with('/')) add(variables.xdg_cache_home, "/pixelzx", true);
  if (variables.home.starts_with('/')) add(variables.home, "/.cache/pixelzx", true);
  return result;
}

void Reasons::add(std::string_view place, Text why, int error) {
  if (count_ == reasons_.size()) return;
  places_.append(place);
  reasons_[count_++] = {places_.size(), why, error};
}

std::optional<Path> find_in_cache(CacheCandidates::Candidate& candidate, const Bundle& bundle,
                                  const Slice& slice) {
  Fd& directory = candidate.directory;
  directory = open_file(AT_FDCWD, candidate.path.c_str(), O_RDONLY | O_DIRECTORY);
  struct stat status {};
  if (!directory || fstat(directory.get(), &status) != 0 || !is_trusted(status)) return {};
  const Sha256Text folder(slice.sha256);
  const FixedString<64> program(bundle.index.program);
  if (entry_state(directory.get(), folder.c_str(), program.c_str(), slice.size) !=
      EntryState::kGood) {
    return {};
  }
  Path path = candidate.path;
  path.append("/").append(folder.view()).append("/").append(program.view());
  return path.truncated() ? std::nullopt : std::optional(path);
}

std::optional<Path> find_installed(const Bundle& bundle, const Slice& slice, Text& why) {
  Path folder(directory_of(bundle.path.view()));
  folder.append("/slices/").append(slice.sha256);
  const FixedString<64> program(bundle.index.program);
  Path path(folder);
  path.append("/").append(program.view());
  if (path.truncated()) {
    why = messages::kMissing;
    return std::nullopt;
  }
  switch (entry_state(AT_FDCWD, folder.c_str(), program.c_str(), slice.size)) {
    case EntryState::kMissing:
      why = messages::kMissing;
      return std::nullopt;
    case EntryState::kBad:
      why = messages::kUntrusted;
      return std::nullopt;
    case EntryState::kGood:
      break;
  }
  return path;
}

}  // namespace pixelzx
