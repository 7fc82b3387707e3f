// SPDX-License-Identifier: Apache-2.0
#include "refusal.h"

#include <errno.h>

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
      return explain_denial(HostFiles(""), error).with(Evidence::kPath, path.view());
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

Diagnosis explain_denial(const HostFiles& files, int error) {
  std::array<char, 4096> buffer;  // NOLINT: filled by read
  Cause cause = Cause::kDenied;
  if (error == EACCES && files.read("/sys/fs/selinux/enforce", buffer).starts_with('1')) {
    cause = Cause::kSelinux;
  } else if (error == EPERM && files.exists("/run/fapolicyd")) {
    cause = Cause::kFapolicyd;
  } else if (error == EACCES) {
    // What is enforced can be read by root alone; how it was switched on, by everybody.
    const std::string_view words = files.read("/proc/cmdline", buffer);
    if (words.find("ima_appraise") != std::string_view::npos ||
        words.find("ima_policy") != std::string_view::npos) {
      cause = Cause::kIma;
    }
  }
  Diagnosis diagnosis(cause);
  return error > 0 ? diagnosis.with_errno(Evidence::kDetail, "execve", error) : diagnosis;
}

}  // namespace pixelzx
