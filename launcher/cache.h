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
    Fd directory{};       // once it is open: what is above `path` may be replaced at any time
  };
  std::array<Candidate, 4> candidates;
  std::size_t size = 0;

  [[nodiscard]] Candidate* begin() { return candidates.data(); }
  [[nodiscard]] Candidate* end() { return candidates.data() + size; }
};
CacheCandidates cache_candidates(const CacheVariables& variables);

/// Why places could not be used, for the message when none could. Kept as it was found, and put
/// into words only then: most starts that note a reason succeed elsewhere.
class Reasons {
 public:
  void add(std::string_view place, Text why) { add(place, why, 0); }
  /// `error` is errno.
  void add(std::string_view place, int error) { add(place, {}, error); }

  /// `/a: mounted noexec; /b: …`
  [[nodiscard]] EvidenceText text(Language language) const;

 private:
  struct Reason {
    std::size_t place_end = 0;  // in places_
    Text why;
    int error = 0;  // when it is not 0: instead of `why`
  };

  void add(std::string_view place, Text why, int error);

  EvidenceText places_;
  std::array<Reason, 8> reasons_{};
  std::size_t count_ = 0;
};

enum class EntryState { kMissing, kGood, kBad };

/// Looks at `folder`/`program` below `directory`, both without following links: good is a regular
/// file of the right size that may be executed and that nobody else could have written.
EntryState entry_state(int directory, const char* folder, const char* program, std::uint64_t size);

/// True when the directory could hold a program of `size` bytes that may be executed; else adds to
/// `reasons` why not. Creates nothing.
bool is_usable_cache(const CacheCandidates::Candidate& candidate, std::uint64_t size,
                     Reasons& reasons);

/// Opens the directory of `candidate`. Returns the path of `slice` in it; nothing when it is not
/// there, or not good.
std::optional<Path> find_in_cache(CacheCandidates::Candidate& candidate, const Bundle& bundle,
                                  const Slice& slice);

/// Opens the directory of `candidate`, unpacks `slice` into it and removes all but the newest four
/// entries of that program. Returns its path; nothing, and adds to `reasons`, when the directory
/// cannot be used; a diagnosis when the slice itself is bad.
Result<std::optional<Path>> fill_cache(CacheCandidates::Candidate& candidate, const Bundle& bundle,
                                       const Slice& slice, Reasons& reasons);

/// Looks for `slice` beside an installed bundle: slices/<sha256>/<program>, by the same rules of
/// trust as a cache entry. Returns its path; or nothing, and sets `why` to the reason.
std::optional<Path> find_installed(const Bundle& bundle, const Slice& slice, Text& why);

}  // namespace pixelzx
