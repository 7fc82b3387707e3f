// SPDX-License-Identifier: Apache-2.0
//
// The launcher: open the bundle, look at the host, select the slices that fit, provide the best one
// as a file that may be executed, and become it; or explain why that cannot be.
#include <errno.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "bundle.h"
#include "cache.h"
#include "cold.h"
#include "doctor.h"
#include "environment.h"
#include "handover.h"
#include "host.h"
#include "output.h"
#include "plan.h"
#include "refusal.h"
#include "trace.h"

namespace pixelzx {
namespace {

constexpr int kMostLinks = 40;  // as the kernel (path_resolution(7))

/// The path of the launcher's own file, no link itself; empty when it cannot be told. Without /proc
/// that is what it was started as, which a set-uid start must not believe.
Path launcher_path(bool secure) {
  std::array<char, 4096> buffer;  // NOLINT: filled below
  const ssize_t size = readlink("/proc/self/exe", buffer.data(), buffer.size());
  if (size > 0 && buffer[0] == '/') return {{buffer.data(), static_cast<std::size_t>(size)}};
  const unsigned long started_as = getauxval(AT_EXECFN);  // no /proc
  if (started_as == 0 || secure) return {};
  // Links of the last component are followed here, those of folders by the kernel.
  Path path(reinterpret_cast<const char*>(started_as));  // NOLINT: an address by contract
  for (int links = 0; links < kMostLinks; ++links) {
    const ssize_t length = readlink(path.c_str(), buffer.data(), buffer.size());
    if (length <= 0) return path;
    const std::string_view target(buffer.data(), static_cast<std::size_t>(length));
    Path next(target.starts_with('/') ? "" : directory_of(path.view()));
    if (!next.empty()) next.append("/");
    path = next.append(target);
  }
  return {};
}

std::string_view own_name(char* const* argv) {
  const std::string_view name = argv[0] == nullptr ? std::string_view() : base_name(argv[0]);
  return name.empty() ? "pixelzx" : name;
}

/// `docker run IMAGE /usr/local/bin/pixelzx version` names the program again: drops that word.
/// Names are compared, not files: under a signpost the named link leads to another launcher.
char** drop_own_name(char** argv, const Index& index) {
  if (!index.own_name || argv[0] == nullptr || argv[1] == nullptr) return argv;
  if (base_name(argv[1]) != index.program) return argv;
  argv[1] = argv[0];
  return argv + 1;
}

/// Everything that is settled before a slice is tried.
struct Launch {
  const Environment& environment;
  const Host& host;
  const Bundle& bundle;
  std::optional<Platform> insisted;
  char* const* argv;
  std::uint64_t started_us;
  Trace trace;
  ProgramEnvironment program_environment;
  Reasons cache_reasons;
  Reasons memory_reasons;
};

/// Tells where the program comes from, then becomes it. Returns errno, since it returns only on
/// failure.
int become(Launch& launch, std::string_view source, const Program& program) {
  const std::uint64_t now = now_us();
  launch.trace.total_us = now - launch.started_us;
  launch.trace.source = source;
  char* const* envp =
      launch.program_environment.with(launch.trace.slice.view(), launch.trace.total_us);
  if (envp == nullptr) return ENOMEM;
  if (launch.environment.trace != TraceFormat::kNone && load_cold()) {
    say(format_trace(launch.trace, launch.environment.trace).view());
  }
  return hand_over(program, {launch.argv, envp});
}

/// True for errors that another copy of the program, elsewhere, may not meet: noexec mounts,
/// security modules, a cache that was cleaned at this moment.
bool is_about_the_place(int error) {
  return error == EACCES || error == EPERM || error == ETXTBSY || error == ENOSYS;
}

bool is_about_the_place(int error, const Path& path) {
  // ENOENT of a program that is there speaks of what it is started through.
  return is_about_the_place(error) || (error == ENOENT && access(path.c_str(), F_OK) != 0);
}

Diagnosis refused(const Launch& launch, const Slice& slice, const Path& path,
                  std::string_view place, int error) {
  if (!load_cold()) return Diagnosis(Cause::kColdRefused);
  return explain_refusal(slice, path, place, error, launch.environment.language);
}

/// An entry of the cache, in the directory that was looked at.
Program cached(const CacheCandidates::Candidate& candidate, const Path& path) {
  return {candidate.directory.get(), path.c_str() + candidate.path.size() + 1, path.c_str()};
}

/// Starts `slice` from where it can be. Returns only on failure: a diagnosis, or none when the
/// kernel says that the program is not for it (ENOEXEC) and the next slice may be tried.
std::optional<Diagnosis> try_slice(Launch& launch, const Slice& slice) {
  launch.trace.slice = to_text(slice.platform);
  launch.trace.unpack_us = 0;

  Text why_not_installed;
  if (const auto path = find_installed(launch.bundle, slice, why_not_installed)) {
    const int error = become(launch, "installed", {.name = path->c_str(), .path = path->c_str()});
    if (error == ENOEXEC) return std::nullopt;
    if (launch.bundle.installed || !is_about_the_place(error, *path)) {
      return refused(launch, slice, *path, path->view(), error);
    }
    launch.cache_reasons.add(path->view(), error);
  } else if (launch.bundle.installed) {
    return Diagnosis(Cause::kSliceNotInstalled)
        .with(Evidence::kPath, launch.bundle.path.view())
        .with(Evidence::kSlice, launch.trace.slice.view())
        .with(Evidence::kDetail, why_not_installed);
  }

  Path refused_path(launch.bundle.index.program);
  CacheCandidates candidates = cache_candidates(launch.environment.cache);
  if (launch.environment.cache.pixelzx_cache == "off") {
    launch.cache_reasons.add("PIXELZX_CACHE", messages::kCacheOff);
  } else if (candidates.size == 0) {
    launch.cache_reasons.add("PIXELZX_CACHE", ENAMETOOLONG);
  }
  for (auto& candidate : candidates) {
    const auto path = find_in_cache(candidate, launch.bundle, slice);
    if (!path) continue;
    const int error = become(launch, "cache", cached(candidate, *path));
    if (error == ENOEXEC) return std::nullopt;
    if (!is_about_the_place(error, *path))
      return refused(launch, slice, *path, path->view(), error);
    launch.cache_reasons.add(candidate.path.view(), error);
    refused_path = *path;
  }
  if (!load_cold()) return Diagnosis(Cause::kColdRefused);
  for (auto& candidate : candidates) {
    const std::uint64_t before = now_us();
    auto path = fill_cache(candidate, launch.bundle, slice, launch.cache_reasons);
    if (!path) return path.diagnosis();
    if (!*path) continue;
    launch.trace.unpack_us = now_us() - before;
    const int error = become(launch, "unpacked", cached(candidate, **path));
    if (error == ENOEXEC) return std::nullopt;
    if (!is_about_the_place(error, **path))
      return refused(launch, slice, **path, (*path)->view(), error);
    launch.cache_reasons.add(candidate.path.view(), error);
    refused_path = **path;
  }

  Diagnosis cause(Cause::kNoPlaceToUnpack);
  const std::uint64_t before = now_us();
  const bool native = slice.platform.arch == launch.host.platform.arch ||
                      (!launch.host.emulated && slice.platform.arch == launch.host.launcher.arch);
  auto memory = provide_in_memory(launch.bundle, slice, native, launch.memory_reasons);
  if (!memory) return memory.diagnosis();
  if (*memory) {
    launch.trace.unpack_us = now_us() - before;
    const Path path = descriptor_path(*memory);
    const int error = become(launch, "memfd", {memory->get(), "", path.c_str()});
    if (error == ENOEXEC) return std::nullopt;
    if (!is_about_the_place(error)) return refused(launch, slice, {}, "memfd", error);
    launch.memory_reasons.add("execveat", error);
    if (error == EACCES || error == EPERM) {
      cause = explain_denial(HostFiles(""), refused_path, error);
    }
  }
  return cause.with(Evidence::kCache, launch.cache_reasons.text(launch.environment.language).view())
      .with(Evidence::kMemfd, launch.memory_reasons.text(launch.environment.language).view());
}

/// Starts the best slice. Returns only on failure.
Diagnosis launch_best(Launch& launch) {
  const Index& index = launch.bundle.index;
  Result<Selection> plan =
      plan_launch(launch.environment, launch.host, launch.bundle, launch.insisted);
  if (!plan) return plan.diagnosis();
  std::optional<Diagnosis> not_installed;
  for (const std::size_t position : *plan) {
    const Slice& slice = index.slices()[position];
    const auto diagnosis = try_slice(launch, slice);
    if (!diagnosis) continue;
    if (diagnosis->cause() != Cause::kSliceNotInstalled) return *diagnosis;
    // A lower level of it may be installed instead.
    if (!not_installed) not_installed = diagnosis;
  }
  if (not_installed) return *not_installed;
  return launch.insisted ? cannot_run_insisted(launch.environment, messages::kNoEmulator)
                         : Diagnosis(Cause::kNoSliceForHost);
}

Diagnosis launch(char** argv, char* const* envp, const Environment& environment,
                 Result<Bundle>& bundle, std::uint64_t started) {
  Result<std::optional<Platform>> insisted = insisted_platform(environment);
  if (!insisted) return insisted.diagnosis();
  if (!bundle) return bundle.diagnosis();
  const bool traced = environment.trace != TraceFormat::kNone;
  const bool any_level_matters = traced || insisted->has_value();
  const std::uint64_t opened = traced ? now_us() : 0;
  const Host host = detect_host(live_host_source(), any_level_matters ? std::span<const Platform>()
                                                                      : bundle->index.platforms());
  const std::uint64_t detected = traced ? now_us() : 0;

  Launch launch{.environment = environment,
                .host = host,
                .bundle = *bundle,
                .insisted = *insisted,
                .argv = argv,
                .started_us = started,
                .trace = {.host = to_text(host.platform),
                          .launcher = to_text(host.launcher),
                          .emulated = host.emulated,
                          .slice = {},
                          .source = {},
                          .detect_us = detected - opened,
                          .open_us = opened - started},
                .program_environment = ProgramEnvironment(envp),
                .cache_reasons = {},
                .memory_reasons = {}};
  return launch_best(launch);
}

/// Says why nothing is started. Returns the exit status.
int report(Diagnosis diagnosis, std::string_view name, Language language, Result<Bundle>& bundle) {
  const DiagnosisRow& row = diagnosis_row(diagnosis.cause());
  if (load_cold()) {
    const bool about_both =
        row.cause == Cause::kNoSliceForHost || row.cause == Cause::kPlatformCannotRun;
    if (about_both) {
      const Host host = detect_host(live_host_source());
      diagnosis = with_machine(diagnosis, host, *bundle, language);
    }
    say(format_diagnosis(diagnosis, name, language, !bundle || bundle->index.doctor).view());
  } else {  // the short of it
    MessageText message;
    message.append_printable(name).append(": ").append(row.title.in(language));
    message.append("  [").append(code_of(row.cause).view()).append("]\n");
    write_all(STDERR_FILENO, message.view().data(), message.size());
  }
  return row.exit_status;
}

}  // namespace
}  // namespace pixelzx

int main(int /*argc*/, char** argv, char** envp) {
  using namespace pixelzx;  // NOLINT
  const std::uint64_t started = now_us();
  const Environment environment = read_environment(envp, getauxval(AT_SECURE) != 0);
  const std::string_view run = environment.run;
  // A shell cannot choose argv[0]: the program gets the name of the file that the user has started.
  if (!run.empty()) argv[0] = const_cast<char*>(run.data());  // NOLINT: execve's signature
  const std::string_view name = own_name(argv);
  const Path launcher = launcher_path(environment.secure);
  Result<Bundle> bundle = find_bundle(environment.bundle.empty() ? run : environment.bundle,
                                      launcher, environment.secure);
  char** words = bundle ? drop_own_name(argv, bundle->index) : argv;
  const bool doctor = !bundle || bundle->index.doctor;
  if (!doctor || words[0] == nullptr || words[1] == nullptr ||
      std::string_view(words[1]) != "doctor") {
    const Diagnosis diagnosis = launch(words, envp, environment, bundle, started);
    return report(diagnosis, name, environment.language, bundle);
  }
  if (load_cold()) return run_doctor({environment, name, launcher, bundle}, words + 2);
  return report(Diagnosis(Cause::kColdRefused), name, environment.language, bundle);
}
