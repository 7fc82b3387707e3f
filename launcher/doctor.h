// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "bundle.h"
#include "environment.h"
#include "examine.h"
#include "machine.h"

namespace pixelzx {

/// How the launcher was started.
struct DoctorStart {
  const Environment& environment;
  std::string_view program;  // argv[0], for messages
  const Path& launcher;      // empty when unknown
  Result<Bundle>& bundle;
};

/// `pixelzx doctor`: looks at host, bundle and launch path, explains files, or prints the page of a
/// diagnosis. `words`: its arguments, ending in null. Returns the exit status: 0 all is well, 1
/// something is wrong, 2 wrong usage.
int run_doctor(const DoctorStart& start, char* const* words);

/// A diagnosis, and which of the files it is about.
struct Finding {
  static constexpr std::size_t kNoFile = SIZE_MAX;

  Diagnosis diagnosis;
  std::size_t file = kNoFile;
};

struct FileReport {
  const char* path = nullptr;
  Examination examination;
};

/// A cache directory that a launch would try.
struct CacheReport {
  Path path;
  bool usable = false;
  Reasons reasons;
};

/// All that the doctor has seen; printed as text or JSON.
struct Facts {
  Machine machine;
  FixedString<95> cpu;
  FixedString<31> container;
  bool userland_is_32_bit = false;

  const Bundle* bundle = nullptr;
  std::array<bool, kMaxSlices> intact{};

  bool launch_examined = false;
  std::array<CacheReport, 4> caches;
  std::size_t cache_count = 0;
  bool memory_usable = false;
  std::optional<Platform> slice;         // that would start
  std::optional<Platform> better_slice;  // that would be tried before it, if the bundle had it

  std::span<const FileReport> files{};
  std::span<const Finding> findings{};
};

/// The report on standard output. `quiet`: findings only. Returns false when it cannot be written.
bool print_text(const Facts& facts, Language language, bool quiet);

/// The same as JSON (docs/doctor-json.md).
bool print_json(const Facts& facts, Language language);

/// Writes a snapshot of `source` into the new folder `directory`. Returns 0, or errno with the path
/// that could not be written in `failed`.
int save_snapshot(const HostSource& source, const Path& directory, Path& failed);

}  // namespace pixelzx
