// SPDX-License-Identifier: Apache-2.0
//
// The launcher: look at the host, open the bundle, select the slices that fit, provide the best one
// as a file that may be executed, and become it; or explain why that cannot be.
#include <errno.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "bundle.h"
#include "cache.h"
#include "environment.h"
#include "handover.h"
#include "host.h"
#include "selection.h"
#include "trace.h"

namespace pixelzx {
namespace {

/// The real path of the launcher's own file; empty when it cannot be told. Without /proc that is
/// what it was started as, which a set-uid start must not believe.
Path launcher_path(bool secure) {
  std::array<char, 4096> buffer;  // NOLINT: filled below
  const ssize_t size = readlink("/proc/self/exe", buffer.data(), buffer.size());
  if (size > 0 && buffer[0] == '/') return {{buffer.data(), static_cast<std::size_t>(size)}};
  const unsigned long started_as = getauxval(AT_EXECFN);  // no /proc
  if (started_as == 0 || secure) return {};
  // NOLINTNEXTLINE: an address by contract
  const char* real = realpath(reinterpret_cast<const char*>(started_as), buffer.data());
  return real == nullptr ? Path() : Path(real);
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

/// `linux/ppc64le, kernel 6.6, 64 KiB pages`
EvidenceText describe(const Host& host, Language language) {
  EvidenceText text(to_text(host.platform).view());
  text.append(messages::kKernel.in(language)).append(host.kernel_release.view());
  text.append(", ").append_number(host.page_size >> 10).append(messages::kPages.in(language));
  if (host.emulated) {
    text.append(messages::kEmulating.in(language)).append(to_text(host.launcher).view());
  }
  return text;
}

/// What to ask of a bundle for this machine: every amd64 CPU runs linux/amd64, but not every arm
/// CPU runs linux/arm/v7.
Platform plain_platform(const Host& host) {
  const bool variants_matter = host.platform.arch.view() == "arm";
  return variants_matter ? host.platform : linux_platform(host.platform.arch.view());
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
template <typename Program>
int become(Launch& launch, std::string_view source, const Program& program) {
  const std::uint64_t now = now_us();
  launch.trace.total_us = now - launch.started_us;
  launch.trace.source = source;
  char* const* envp =
      launch.program_environment.with(launch.trace.slice.view(), launch.trace.total_us);
  if (envp == nullptr) return ENOMEM;
  const auto line = format_trace(launch.trace, launch.environment.trace);
  if (!line.empty()) write_all(STDERR_FILENO, line.view().data(), line.size());
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

Diagnosis refused(const Slice& slice, std::string_view place, int error) {
  if (error == E2BIG) return Diagnosis(Cause::kArgumentsTooLong);
  Diagnosis diagnosis(Cause::kKernelRefused);
  diagnosis.with(Evidence::kSlice, to_text(slice.platform).view());
  if (error == ENOENT) return diagnosis.with(Evidence::kDetail, messages::kInterpreterMissing);
  return diagnosis.with_errno(Evidence::kDetail, place, error);
}

/// Starts `slice` from where it can be. Returns only on failure: a diagnosis, or none when the
/// kernel says that the program is not for it (ENOEXEC) and the next slice may be tried.
std::optional<Diagnosis> try_slice(Launch& launch, const Slice& slice) {
  launch.trace.slice = to_text(slice.platform);
  launch.trace.unpack_us = 0;

  const Text* why_not_installed = nullptr;
  if (const auto path = find_installed(launch.bundle, slice, why_not_installed)) {
    const int error = become(launch, "installed", *path);
    if (error == ENOEXEC) return std::nullopt;
    if (launch.bundle.installed || !is_about_the_place(error, *path)) {
      return refused(slice, path->view(), error);
    }
    launch.cache_reasons.add(path->view(), error);
  } else if (launch.bundle.installed) {
    return Diagnosis(Cause::kSliceNotInstalled)
        .with(Evidence::kPath, launch.bundle.path.view())
        .with(Evidence::kSlice, launch.trace.slice.view())
        .with(Evidence::kDetail, *why_not_installed);
  }

  const CacheCandidates candidates = cache_candidates(launch.environment.cache);
  if (launch.environment.cache.pixelzx_cache == "off") {
    launch.cache_reasons.add("PIXELZX_CACHE", messages::kCacheOff);
  } else if (candidates.size == 0) {
    launch.cache_reasons.add("PIXELZX_CACHE", ENAMETOOLONG);
  }
  for (const auto& candidate : candidates) {
    const std::uint64_t before = now_us();
    auto program = provide_from_cache(candidate, launch.bundle, slice, launch.cache_reasons);
    if (!program) return program.diagnosis();
    if (!*program) continue;
    const CachedProgram& cached = **program;
    if (cached.unpacked) launch.trace.unpack_us = now_us() - before;
    const int error = become(launch, cached.unpacked ? "unpacked" : "cache", cached.path);
    if (error == ENOEXEC) return std::nullopt;
    if (!is_about_the_place(error, cached.path)) {
      return refused(slice, cached.path.view(), error);
    }
    launch.cache_reasons.add(candidate.path.view(), error);
  }

  const std::uint64_t before = now_us();
  const bool native = slice.platform.arch == launch.host.platform.arch ||
                      (!launch.host.emulated && slice.platform.arch == launch.host.launcher.arch);
  auto memory = provide_in_memory(launch.bundle, slice, native, launch.memory_reasons);
  if (!memory) return memory.diagnosis();
  if (*memory) {
    launch.trace.unpack_us = now_us() - before;
    const int error = become(launch, "memfd", *memory);
    if (error == ENOEXEC) return std::nullopt;
    if (!is_about_the_place(error)) return refused(slice, "memfd", error);
    launch.memory_reasons.add("execveat", error);
  }
  return Diagnosis(Cause::kNoPlaceToUnpack)
      .with(Evidence::kCache, launch.cache_reasons.view())
      .with(Evidence::kMemfd, launch.memory_reasons.view());
}

Diagnosis cannot_run_insisted(const Environment& environment, const Text& why) {
  return Diagnosis(Cause::kPlatformCannotRun)
      .with(Evidence::kVariable, environment.platform)
      .with(Evidence::kDetail, why);
}

/// True when the CPU is of the platform's family but too old for it: the kernel would start such a
/// program, and it would die of SIGILL.
bool exceeds_cpu(const Host& host, const Platform& platform) {
  if (platform.arch != host.platform.arch) return false;
  return select_platforms(host.platform, {&platform, 1}).size == 0;
}

/// Starts the best slice. Returns only on failure.
Diagnosis launch_best(Launch& launch) {
  const Index& index = launch.bundle.index;
  const Selection selection = select_slices(launch.host, index.platforms(), launch.insisted);
  const auto with_evidence = [&launch, &index](Diagnosis diagnosis) {
    return diagnosis
        .with(Evidence::kMachine, describe(launch.host, launch.environment.language).view())
        .with(Evidence::kPlatform, to_text(plain_platform(launch.host)).view())
        .with(Evidence::kBundle, launch.bundle.path.view())
        .with(Evidence::kOffer, offer_text(index).view());
  };
  if (launch.insisted && exceeds_cpu(launch.host, *launch.insisted)) {
    return with_evidence(cannot_run_insisted(launch.environment, messages::kCpuTooOld));
  }
  if (launch.insisted && selection.size == 0) {
    return with_evidence(cannot_run_insisted(launch.environment, messages::kNotInBundle));
  }
  std::optional<Diagnosis> not_installed;
  for (const std::size_t position : selection) {
    const Slice& slice = index.slices()[position];
    const auto diagnosis = try_slice(launch, slice);
    if (!diagnosis) continue;
    if (diagnosis->cause() != Cause::kSliceNotInstalled) return *diagnosis;
    // A lower level of it may be installed instead.
    if (!not_installed) not_installed = diagnosis;
  }
  if (not_installed) return *not_installed;
  if (launch.insisted) {
    return with_evidence(cannot_run_insisted(launch.environment, messages::kNoEmulator));
  }
  return with_evidence(Diagnosis(Cause::kNoSliceForHost));
}

Diagnosis launch(char** argv, char* const* envp, const Environment& environment) {
  const std::uint64_t started = now_us();
  const Host host = detect_host(live_host_source());
  const std::uint64_t detected = now_us();

  std::optional<Platform> insisted;
  if (!environment.platform.empty()) {
    insisted = parse_platform(environment.platform);
    // `arm/v7` reads as the OS `arm`: surely linux/arm/v7 was meant.
    if (!insisted || parse_platform(insisted->os.view())) {
      return Diagnosis(Cause::kBadPlatformVariable).with(Evidence::kVariable, environment.platform);
    }
  }
  Result<Bundle> bundle =
      find_bundle(environment.bundle, launcher_path(environment.secure), environment.secure);
  if (!bundle) return bundle.diagnosis();
  const std::uint64_t opened = now_us();

  Launch launch{.environment = environment,
                .host = host,
                .bundle = *bundle,
                .insisted = insisted,
                .argv = drop_own_name(argv, bundle->index),
                .started_us = started,
                .trace = {.host = to_text(host.platform),
                          .launcher = to_text(host.launcher),
                          .emulated = host.emulated,
                          .slice = {},
                          .source = {},
                          .detect_us = detected - started,
                          .open_us = opened - detected},
                .program_environment = ProgramEnvironment(envp),
                .cache_reasons = Reasons(environment.language),
                .memory_reasons = Reasons(environment.language)};
  return launch_best(launch);
}

}  // namespace
}  // namespace pixelzx

int main(int /*argc*/, char** argv, char** envp) {
  using namespace pixelzx;  // NOLINT
  const Environment environment = read_environment(envp, getauxval(AT_SECURE) != 0);
  const std::string_view name = own_name(argv);
  const Diagnosis diagnosis = launch(argv, envp, environment);
  const MessageText message = format_diagnosis(diagnosis, name, environment.language);
  write_all(STDERR_FILENO, message.view().data(), message.size());
  return diagnosis_row(diagnosis.cause()).exit_status;
}
