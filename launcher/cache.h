// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "bundle.h"

namespace pixelzx {

/// The environment variables that name a cache directory; empty when unset.
struct CacheVariables {
  std::string_view pixelzx_cache;    // PIXELZX_CACHE: a directory, or `off`
  std::string_view cache_directory;  // CACHE_DIRECTORY, set by systemd: a list with colons
  std::string_view xdg_cache_home;   // XDG_CACHE_HOME
  std::string_view home;             // HOME
};

/// The directories to try, best first. PIXELZX_CACHE stands alone: what the operator named is not
/// silently replaced by another directory.
struct CacheCandidates {
  struct Candidate {
    Path path;
    bool create = false;  // made with mode 0700 when it is missing
  };
  std::array<Candidate, 4> candidates;
  std::size_t size = 0;

  [[nodiscard]] const Candidate* begin() const { return candidates.data(); }
  [[nodiscard]] const Candidate* end() const { return candidates.data() + size; }
};
CacheCandidates cache_candidates(const CacheVariables& variables);

/// Why places could not be used, for the message when none could: `/a: mounted noexec; /b: …`.
class Reasons {
 public:
  explicit Reasons(Language language) : language_(language) {}

  void add(std::string_view place, std::string_view why);
  void add(std::string_view place, const Text& why) { add(place, why.in(language_)); }
  /// `error` is errno.
  void add(std::string_view place, int error);
  [[nodiscard]] std::string_view view() const { return text_.view(); }

 private:
  Language language_;
  EvidenceText text_;
};

/// A program in a file that may be executed.
struct CachedProgram {
  Path path;
  /// It was unpacked now, not found.
  bool unpacked = false;
};

/// Provides `slice` in the directory `candidate`: finds it there, or unpacks it and removes all but
/// the newest four of that program. Returns no program, and adds to `reasons`, when the directory
/// cannot be used; a diagnosis when the slice itself is bad.
Result<std::optional<CachedProgram>> provide_from_cache(const CacheCandidates::Candidate& candidate,
                                                        const Bundle& bundle, const Slice& slice,
                                                        Reasons& reasons);

/// Looks for `slice` beside an installed bundle: slices/<sha256>/<program>, by the same rules of
/// trust as a cache entry. Returns its path; or nothing, and points `why` to the reason.
std::optional<Path> find_installed(const Bundle& bundle, const Slice& slice, const Text*& why);

}  // namespace pixelzx
