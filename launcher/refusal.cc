// SPDX-License-Identifier: Apache-2.0
#include "refusal.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "examine.h"

namespace pixelzx {
namespace {

/// The registered emulator for programs of the slice's platform; null when there is none.
const Handler* handler_of(const Machine& machine, const Slice& slice) {
  for (const ProbeRow& row : kProbes) {
    if (parse_platform(row.platform)->arch != slice.platform.arch) continue;
    if (const Handler* handler = machine.handler_of(row)) return handler;
  }
  return nullptr;
}

/// True when IMA may refuse programs, by the kernel's command line: what is enforced can be read by
/// root alone, how it was switched on by everybody. Of the policies that ima_policy= names, tcb and
/// critical_data only measure, and secure_boot is not about programs (Linux's
/// admin-guide/kernel-parameters).
bool ima_may_refuse(std::string_view words) {
  constexpr std::string_view kMode = "ima_appraise=";
  const std::size_t mode = words.find(kMode);
  if (mode != std::string_view::npos)
    return words.substr(mode + kMode.size()).starts_with("enforce");
  return words.find("appraise_tcb") != std::string_view::npos;
}

}  // namespace

Diagnosis explain_refusal(const Slice& slice, const Path& path, std::string_view place, int error,
                          Language language) {
  const PlatformText platform = to_text(slice.platform);
  if (error == E2BIG) return Diagnosis(Cause::kArgumentsTooLong);
  if (error == EAGAIN) return Diagnosis(Cause::kProcessLimit);
  Machine machine;
  look_at_machine(live_host_source(), false, {}, machine);
  if (!path.empty()) {
    LiveFiles files;
    Examination seen = examine(files, path, machine, language);
    if (seen.diagnosis) return seen.diagnosis->with(Evidence::kSlice, platform.view());
    if (error == ETXTBSY) return Diagnosis(Cause::kTextBusy).with(Evidence::kPath, path.view());
    if (error == EACCES || error == EPERM) {
      return explain_denial(HostFiles(""), path, error);
    }
  }
  if (const Handler* handler = handler_of(machine, slice); error == ENOENT && handler != nullptr) {
    return Diagnosis(Cause::kHandlerGone)
        .with(Evidence::kNeeds, platform.view())
        .with(Evidence::kInterpreter, handler->interpreter.view())
        .with(Evidence::kDetail, handler->name.view());
  }
  Diagnosis diagnosis(Cause::kKernelRefused);
  diagnosis.with(Evidence::kSlice, platform.view());
  if (error == ENOENT) return diagnosis.with(Evidence::kDetail, messages::kInterpreterMissing);
  return diagnosis.with_errno(Evidence::kDetail, place, error);
}

Diagnosis explain_denial(const HostFiles& files, const Path& path, int error) {
  std::array<char, 4096> buffer;  // NOLINT: filled by read
  Cause cause = Cause::kDenied;
  if (error == EPERM) {
    // The folder /run/fapolicyd is made at boot where the package is, whether the daemon runs or
    // not.
    if (files.exists("/run/fapolicyd.pid")) cause = Cause::kFapolicyd;
  } else if (error == EACCES) {
    if (files.read("/sys/fs/selinux/enforce", buffer).starts_with('1')) {
      cause = Cause::kSelinux;
    } else if (ima_may_refuse(files.read("/proc/cmdline", buffer))) {
      cause = Cause::kIma;
    }
  }
  Diagnosis diagnosis(cause);
  diagnosis.with(Evidence::kPath, path.view());
  if (error > 0) diagnosis.with_errno(Evidence::kDetail, "execve", error);
  if (cause == Cause::kSelinux && path.view().find('/') != std::string_view::npos) {
    const long size =
        syscall(SYS_getxattr, path.c_str(), "security.selinux", buffer.data(), buffer.size());
    // It ends with a zero byte.
    if (size > 1) {
      diagnosis.with(Evidence::kDetail, {buffer.data(), static_cast<std::size_t>(size) - 1});
    }
  }
  return diagnosis;
}

}  // namespace pixelzx
