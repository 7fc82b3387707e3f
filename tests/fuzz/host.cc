// SPDX-License-Identifier: Apache-2.0
//
// A machine, as files of /proc and /sys show it: detection for all architectures, binfmt_misc
// handlers, and the doctor's report. The input is a snapshot: `uname`, and after it the other files
// by their paths.
#include "host.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "doctor.h"
#include "fuzz.h"
#include "host_arch.h"
#include "machine.h"

namespace pixelzx::fuzz {
namespace {

constexpr std::string_view kSnapshot = "snapshot";
constexpr std::string_view kSaved = "saved";
constexpr std::array<std::string_view, 5> kFiles = {
    "/auxv", "/proc/cpuinfo", "/proc/sys/kernel/arch", "/sys/devices/system/cpu/modalias",
    "/sys/fs/selinux/enforce"};

/// Only what is looked at is written: an input must not choose any path.
bool is_looked_at(std::string_view path) {
  if (path.starts_with(kHandlerFolder)) {
    path.remove_prefix(kHandlerFolder.size());
    return path.size() > 1 && path.size() < 64 && path.rfind('/') == 0 && path[1] != '.' &&
           path.find('\0') == std::string_view::npos;
  }
  bool known = std::ranges::find(kFiles, path) != kFiles.end();
  for_each_signpost([&](std::string_view signpost) { known = known || signpost == path; });
  return known;
}

void write_snapshot(const Folder& folder, const std::vector<Part>& parts) {
  folder.clear("");
  for (const Part& part : parts) {
    const std::string path = part.name.empty() ? "/uname" : "/" + std::string(part.name);
    if (!part.name.empty() && !is_looked_at(path)) continue;
    folder.write(std::string(kSnapshot) + path, part.content);
  }
}

/// As a launcher of each architecture would see it. amd64's asks the CPU itself.
void detect_from_everywhere(HostSource source) {
  const auto no_machine = [](const HostFiles&) -> std::uint16_t { return 0; };
  const auto emulator = [](const HostFiles&) -> std::uint16_t { return 62; };  // EM_X86_64
  for (const HostArch* arch : kHostArchs) {
    if (arch->arch == own_arch()) continue;
    source.launcher_arch = arch->arch;
    for (const auto running : {+no_machine, +emulator}) {
      source.running_machine = running;
      require(detect_host(source).platform.os.view() == "linux");
    }
  }
}

/// Programs that are small but real, on that machine.
void examine_probes(const Machine& machine) {
  for (const ProbeRow& row : kProbes) {
    const auto program = make_probe(row);
    PartsTree files({{"", program.view()}});
    (void)examine(files, "/program", machine, Language::kEnglish);
    (void)machine.handler_of(row);
  }
}

int doctor(std::vector<std::string> words) {
  const Environment environment;
  const Path launcher;
  Result<Bundle> bundle{Diagnosis(Cause::kNoBundle)};
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  return run_doctor({environment, "pixelzx", launcher, bundle}, arguments.data());
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  static const fuzz::CapturedOutput output;
  static const fuzz::Folder folder;
  fuzz::write_snapshot(folder, fuzz::parts_of(fuzz::text_of(data, size)));
  const std::string snapshot = folder.path(fuzz::kSnapshot);
  const std::string saved = folder.path(fuzz::kSaved);
  const std::optional<HostSource> source = snapshot_host_source(snapshot);
  if (!source) return 0;

  Machine machine;
  look_at_machine(*source, false, {}, machine);
  fuzz::examine_probes(machine);
  fuzz::detect_from_everywhere(*source);
  Path failed;
  fuzz::require(save_snapshot(*source, Path(saved), failed) == 0);
  const std::optional<HostSource> again = snapshot_host_source(saved);
  // Nonsense may have been cut off.
  const bool known = std::ranges::any_of(kHostArchs, [&machine](const HostArch* arch) {
    return arch->arch == machine.host.platform.arch.view();
  });
  if (known && !source->uname_release.empty()) {
    fuzz::require(again && detect_host(*again).platform == machine.host.platform);
  }

  (void)fuzz::doctor({"--host", snapshot});
  fuzz::require(fuzz::is_showable(output.take()));
  (void)fuzz::doctor({"--json", "--lang=ko", "--host", snapshot});
  const std::string json = output.take();
  fuzz::require(nlohmann::json::accept(json));
  return 0;
}
