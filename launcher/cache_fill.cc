// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>  // renameat, in musl
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "cache.h"
#include "sha256.h"
#include "unpack.h"

namespace pixelzx {
namespace {

constexpr std::size_t kEntriesKept = 4;
constexpr std::string_view kTemporaryPrefix = ".unpacking-";

using Name = FixedString<255>;

/// mkdir -p with mode 0700. Failures show when the directory is opened.
void make_directories(const Path& path) {
  for (std::size_t i = 1; i <= path.size(); ++i) {
    if (i < path.size() && path.view()[i] != '/') continue;
    const Path part(path.view().substr(0, i));
    mkdir(part.c_str(), S_IRWXU);
  }
}

Fd open_directory(const CacheCandidates::Candidate& candidate) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY;
  Fd directory = open_file(AT_FDCWD, candidate.path.c_str(), kFlags);
  if (!directory && errno == ENOENT && candidate.create) {
    make_directories(candidate.path);
    directory = open_file(AT_FDCWD, candidate.path.c_str(), kFlags);
  }
  return directory;
}

/// A file to unpack into: with no name where the file system can (O_TMPFILE) and /proc is there to
/// reopen it, else with a private name. That one is locked (flock on the reader, until the end), so
/// that the next launcher knows whether its owner still lives.
struct Draft {
  Fd writer;
  Fd reader;
  Name name;
};

Fd reopen_read_only(const Fd& file) {
  return open_file(AT_FDCWD, descriptor_path(file).c_str(), O_RDONLY);
}

Name temporary_name(unsigned attempt) {
  Name name(kTemporaryPrefix);
  name.append_number(static_cast<std::uint64_t>(getpid())).append("-").append_number(attempt);
  return name;
}

constexpr mode_t kProgramMode = S_IRUSR | S_IXUSR | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH;
constexpr unsigned kAttempts = 100;

bool create_named(int directory, Draft& draft) {
  for (unsigned attempt = 0; attempt < kAttempts; ++attempt) {
    draft.name = temporary_name(attempt);
    draft.writer =
        open_file(directory, draft.name.c_str(), O_RDWR | O_CREAT | O_EXCL, S_IRUSR | S_IWUSR);
    if (!draft.writer && errno == EEXIST) continue;
    if (!draft.writer) break;
    fchmod(draft.writer.get(), S_IRUSR | S_IWUSR);  // whatever the umask took away
    draft.reader = open_file(directory, draft.name.c_str(), O_RDONLY | O_NOFOLLOW);
    if (!draft.reader && errno == ENOENT) continue;  // cleaned up before it could be locked
    if (!draft.reader || flock(draft.reader.get(), LOCK_EX) != 0) {
      const int error = errno;
      unlinkat(directory, draft.name.c_str(), 0);
      errno = error;
      break;
    }
    struct stat status {};
    if (fstat(draft.writer.get(), &status) != 0 || status.st_nlink > 0) return true;
    // Cleaned up before it was locked, so the name is gone: once more.
  }
  draft.name = {};
  return false;
}

bool create_draft(int directory, Draft& draft) {
  draft.writer = open_file(directory, ".", O_TMPFILE | O_RDWR, S_IRUSR | S_IWUSR);
  if (draft.writer) {
    draft.reader = reopen_read_only(draft.writer);
    if (draft.reader) return true;
    draft.writer.reset();
  }
  return create_named(directory, draft);
}

/// Gives the unnamed draft the name `target`. Fails with EEXIST when something is there.
bool link_draft(const Draft& draft, int directory, const char* target) {
  const Path path = descriptor_path(draft.reader);
  return linkat(AT_FDCWD, path.c_str(), directory, target, AT_SYMLINK_FOLLOW) == 0;
}

/// Renames `name` to `target` over whatever stands there, also an empty directory.
bool replace(int directory, const char* name, const char* target) {
  if (renameat(directory, name, directory, target) == 0) return true;
  return unlinkat(directory, target, AT_REMOVEDIR) == 0 &&
         renameat(directory, name, directory, target) == 0;
}

/// Makes the folder of an entry. A file or an untrusted folder in the way is removed.
bool make_entry_folder(int directory, const char* folder, const char* program) {
  struct stat status {};
  if (fstatat(directory, folder, &status, AT_SYMLINK_NOFOLLOW) == 0) {
    if (S_ISDIR(status.st_mode) && is_trusted(status)) return true;
    Path inside(folder);
    inside.append("/").append(program);
    if (S_ISDIR(status.st_mode)) {
      unlinkat(directory, inside.c_str(), 0);
      if (unlinkat(directory, folder, AT_REMOVEDIR) != 0) return false;
    } else if (unlinkat(directory, folder, 0) != 0) {
      return false;
    }
  }
  constexpr mode_t kFolderMode = S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH;
  return mkdirat(directory, folder, kFolderMode) == 0 || errno == EEXIST;
}

/// Puts the finished draft in its place. The writer must be closed already: a program that is open
/// for writing anywhere cannot be executed (ETXTBSY).
bool publish(int directory, Draft& draft, const char* folder, const char* program,
             std::uint64_t size) {
  Path target(folder);
  target.append("/").append(program);
  if (!draft.name.empty()) return replace(directory, draft.name.c_str(), target.c_str());
  if (link_draft(draft, directory, target.c_str())) return true;
  if (errno != EEXIST) return false;
  if (entry_state(directory, folder, program, size) == EntryState::kGood) return true;  // outraced
  flock(draft.reader.get(), LOCK_EX);  // it is about to have a name
  for (unsigned attempt = 0; attempt < kAttempts; ++attempt) {
    const Name name = temporary_name(attempt);
    if (link_draft(draft, directory, name.c_str())) {
      if (replace(directory, name.c_str(), target.c_str())) return true;
      const int error = errno;
      unlinkat(directory, name.c_str(), 0);
      errno = error;
      return false;
    }
    if (errno != EEXIST) return false;
  }
  return false;
}

/// Removes what launchers that were killed while unpacking have left. A lock tells the living.
void remove_stale_temporaries(int directory) {
  for_each_entry(directory, [directory](const char* name) {
    if (!std::string_view(name).starts_with(kTemporaryPrefix)) return;
    // O_NONBLOCK: a FIFO of that name would be waited for.
    const Fd file = open_file(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (file && flock(file.get(), LOCK_EX | LOCK_NB) == 0) unlinkat(directory, name, 0);
  });
}

struct KeptEntry {
  Sha256Text folder;
  timespec written{};
};

bool is_older(const KeptEntry& a, const KeptEntry& b) {
  if (a.written.tv_sec != b.written.tv_sec) return a.written.tv_sec < b.written.tv_sec;
  return a.written.tv_nsec < b.written.tv_nsec;
}

void remove_entry(int directory, const KeptEntry& entry, const char* program) {
  Path path(entry.folder.view());
  path.append("/").append(program);
  unlinkat(directory, path.c_str(), 0);
  unlinkat(directory, entry.folder.c_str(), AT_REMOVEDIR);
}

/// Removes all but the newest entries of `program`, and never `current`. To unlink a running
/// program is safe: it keeps its file.
void remove_old_entries(int directory, const char* program, std::string_view current) {
  std::array<KeptEntry, kEntriesKept> kept;
  std::size_t count = 0;
  for_each_entry(directory, [&](const char* name) {
    if (!is_sha256_text(name)) return;
    Path path(name);
    path.append("/").append(program);
    struct stat status {};
    if (fstatat(directory, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return;
    KeptEntry entry{.folder = Sha256Text(name), .written = status.st_mtim};
    if (name == current) entry.written.tv_sec = INT64_MAX;
    if (count < kept.size()) {
      kept[count++] = entry;
      return;
    }
    KeptEntry& oldest = *std::min_element(kept.begin(), kept.end(), is_older);
    if (is_older(oldest, entry)) std::swap(oldest, entry);
    remove_entry(directory, entry, program);
  });
}

/// Unpacks into the directory. Returns whether that is done, and adds the reason why not; a
/// diagnosis when the slice itself is bad.
Result<bool> unpack_into(const Fd& directory, std::string_view place, const Bundle& bundle,
                         const Slice& slice, const char* folder, const char* program,
                         Reasons& reasons) {
  struct statvfs file_system {};
  if (fstatvfs(directory.get(), &file_system) == 0 && (file_system.f_flag & ST_NOEXEC) != 0) {
    reasons.add(place, messages::kNoexec);
    return false;
  }
  remove_stale_temporaries(directory.get());
  Draft draft;
  const auto discard = [&draft, &directory] {
    if (!draft.name.empty()) unlinkat(directory.get(), draft.name.c_str(), 0);
  };
  const auto fail = [&](int error) {
    discard();
    reasons.add(place, error);
    return false;
  };
  if (!create_draft(directory.get(), draft)) return fail(errno);
  const Unpacked unpacked = unpack_slice(bundle, slice, draft.writer.get());
  if (unpacked.status == UnpackStatus::kCannotWrite) return fail(unpacked.error);
  if (unpacked.diagnosis) {
    discard();
    return *unpacked.diagnosis;
  }
  // Without the sync, a power cut could leave a file of zeros that has the right size.
  if (fchmod(draft.writer.get(), kProgramMode) != 0 || fdatasync(draft.writer.get()) != 0 ||
      !make_entry_folder(directory.get(), folder, program)) {
    return fail(errno);
  }
  draft.writer.reset();
  if (!publish(directory.get(), draft, folder, program, slice.size)) return fail(errno);
  remove_old_entries(directory.get(), program, folder);
  return true;
}

}  // namespace

Result<std::optional<Path>> fill_cache(CacheCandidates::Candidate& candidate, const Bundle& bundle,
                                       const Slice& slice, Reasons& reasons) {
  const std::optional<Path> nothing;
  const Sha256Text folder(slice.sha256);
  const Name program(bundle.index.program);
  Path path = candidate.path;
  path.append("/").append(folder.view()).append("/").append(program.view());
  if (path.truncated()) {
    reasons.add(candidate.path.view(), ENAMETOOLONG);
    return nothing;
  }
  Fd& directory = candidate.directory;
  directory = open_directory(candidate);
  if (!directory) {
    if (errno != ENOENT || candidate.create) reasons.add(candidate.path.view(), errno);
    return nothing;
  }
  struct stat status {};
  if (fstat(directory.get(), &status) != 0 || !is_trusted(status)) {
    reasons.add(candidate.path.view(), messages::kForeignDirectory);
    return nothing;
  }
  Result<bool> done = unpack_into(directory, candidate.path.view(), bundle, slice, folder.c_str(),
                                  program.c_str(), reasons);
  if (!done) return done.diagnosis();
  if (!*done) return nothing;
  return std::optional(path);
}

}  // namespace pixelzx
