// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cache.h"

namespace pixelzx {

bool is_usable_cache(const CacheCandidates::Candidate& candidate, std::uint64_t size,
                     Reasons& reasons) {
  const std::string_view place = candidate.path.view();
  const auto refuse = [&reasons, place](int error) {
    reasons.add(place, error);
    return false;
  };
  Path path = candidate.path;
  Fd directory = open_file(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY);
  const bool exists = static_cast<bool>(directory);
  if (!exists && errno == ENOENT && !candidate.create) return false;
  // It would be made in the nearest folder above that is there.
  while (!directory && errno == ENOENT && path.size() > 1) {
    path = directory_of(path.view());
    directory = open_file(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY);
  }
  if (!directory) return refuse(errno);
  struct stat status {};
  if (exists && (fstat(directory.get(), &status) != 0 || !is_trusted(status))) {
    reasons.add(place, messages::kForeignDirectory);
    return false;
  }
  struct statvfs file_system {};
  if (fstatvfs(directory.get(), &file_system) == 0) {
    if ((file_system.f_flag & ST_NOEXEC) != 0) {
      reasons.add(place, messages::kNoexec);
      return false;
    }
    // Some file systems count nothing (f_blocks is 0).
    if (file_system.f_blocks != 0 && file_system.f_bavail < size / file_system.f_frsize) {
      return refuse(ENOSPC);
    }
  }
  return access(path.c_str(), W_OK | X_OK) == 0 || refuse(errno);
}

}  // namespace pixelzx
