// SPDX-License-Identifier: Apache-2.0
#include "host.h"

#include <sys/auxv.h>
#include <sys/utsname.h>

#include <array>

#include "elf.h"
#include "host_arch.h"

namespace pixelzx {
namespace {

const HostArch* find_arch(std::string_view arch) {
  for (const HostArch* row : kHostArchs) {
    if (row->arch == arch) return row;
  }
  return nullptr;
}

bool has_signpost(const HostFiles& files, const HostArch& arch) {
  return std::ranges::any_of(arch.signposts,
                             [&files](std::string_view path) { return files.exists(path); });
}

/// Signposts and modalias are those of big-endian ppc64 as well, and only uname tells that one.
std::string_view arch_of_family(const HostSource& source, const HostArch& row) {
  const std::string_view told = arch_of_machine(source.uname_machine.view());
  return &row == &kHostPpc64le && told == "ppc64" ? told : row.arch;
}

std::string_view arch_by_signpost(const HostSource& source) {
  for (const HostArch* row : kHostArchs) {
    if (has_signpost(source.files, *row)) return arch_of_family(source, *row);
  }
  return {};
}

std::string_view arch_by_modalias(const HostSource& source) {
  std::array<char, 64> buffer;  // NOLINT: filled by read
  constexpr std::string_view kPrefix = "cpu:type:";
  std::string_view type = source.files.read("/sys/devices/system/cpu/modalias", buffer);
  if (!type.starts_with(kPrefix)) return {};
  type.remove_prefix(kPrefix.size());
  for (const HostArch* row : kHostArchs) {
    if (type.starts_with(row->modalias_type)) return arch_of_family(source, *row);
  }
  return {};
}

std::string_view arch_by_running_machine(std::uint16_t machine) {
  for (const HostArch* row : kHostArchs) {
    if (row->elf_machine == machine) return row->arch;
  }
  return {};
}

/// The true kernel's architecture: everything else about the kernel may be an emulator's invention.
PlatformName kernel_arch(const HostSource& source) {
  // Its own signpost first: that is the native start, and costs one call instead of four. That of
  // ppc64le is big-endian ppc64's as well. (amd64's is 32-bit x86's, too; an emulator for amd64 on
  // such a machine is taken for the real thing.)
  const HostArch* own = find_arch(source.launcher_arch);
  if (own != nullptr && own != &kHostPpc64le && has_signpost(source.files, *own))
    return {own->arch};
  std::array<char, 64> buffer;  // NOLINT: filled by read
  const std::string_view told = trim(source.files.read("/proc/sys/kernel/arch", buffer));
  if (!told.empty()) return {arch_of_machine(told)};  // Linux 6.1 and later
  if (const auto arch = arch_by_signpost(source); !arch.empty()) return {arch};
  if (const auto arch = arch_by_modalias(source); !arch.empty()) return {arch};
  if (source.running_machine != nullptr) {
    const auto arch = arch_by_running_machine(source.running_machine(source.files));
    if (!arch.empty() && !kernel_may_run(arch_of_machine(source.uname_machine.view()), arch)) {
      return {arch};
    }
  }
  return {arch_of_machine(source.uname_machine.view())};
}

bool is_emulated(const HostSource& source, std::string_view kernel) {
  const HostArch* own = find_arch(source.launcher_arch);
  if (own == nullptr || kernel == own->arch) return false;
  if (!kernel_may_run(kernel, own->arch)) return true;
  // A kernel that runs the launcher by itself might be asked to emulate it all the same.
  const std::uint16_t machine =
      source.running_machine == nullptr ? 0 : source.running_machine(source.files);
  return machine != 0 && machine != own->elf_machine;
}

std::uint16_t machine_of_running_file(const HostFiles& files) {
  std::array<char, 64> header;  // NOLINT: filled by read
  return elf_machine(files.read("/proc/thread-self/exe", header));
}

}  // namespace

// NOLINTNEXTLINE(cppcoreguidelines-interfaces-global-init): addresses only
constinit const std::array<const HostArch*, 6> kHostArchs = {
    &kHostAmd64, &kHostArm64, &kHostArm, &kHostRiscv64, &kHostPpc64le, &kHostS390x};

std::uint16_t elf_machine(std::string_view file) {
  constexpr std::size_t kOfMachine = 18;
  constexpr std::size_t kOfData = 5;
  if (!file.starts_with("\177ELF") || file.size() < kOfMachine + 2) return 0;
  const bool big_endian = file[kOfData] == 2;
  const auto high = static_cast<unsigned char>(file[kOfMachine + (big_endian ? 0 : 1)]);
  const auto low = static_cast<unsigned char>(file[kOfMachine + (big_endian ? 1 : 0)]);
  return static_cast<std::uint16_t>(high << 8 | low);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string_view cpuinfo_value(std::string_view cpuinfo, std::string_view key) {
  while (!cpuinfo.empty()) {
    const std::string_view line = take_until(cpuinfo, '\n');
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && trim(line.substr(0, colon)) == key) {
      return trim(line.substr(colon + 1));
    }
  }
  return {};
}

bool has_word(std::string_view words, std::string_view word) {
  for (std::size_t at = words.find(word); at != std::string_view::npos;
       at = words.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' '))
      return true;
  }
  return false;
}

bool modalias_has_feature(std::string_view modalias, unsigned number) {
  // `…:feature:,0000,0001,00A3`: four upper-case hexadecimal digits each.
  constexpr std::string_view kHex = "0123456789ABCDEF";
  FixedString<5> item(",");
  for (int shift = 12; shift >= 0; shift -= 4) item.append(kHex.substr(number >> shift & 15, 1));
  return modalias.find(item.view()) != std::string_view::npos;
}

HostSource live_host_source() {
  HostSource source{.files = HostFiles(""),
                    .auxv = {},
                    .uname_machine = {},
                    .uname_release = {},
                    .launcher_arch = own_arch(),
                    .running_machine = machine_of_running_file};
  source.auxv.hwcap = getauxval(AT_HWCAP);
  source.auxv.hwcap2 = getauxval(AT_HWCAP2);
  source.auxv.page_size = getauxval(AT_PAGESZ);
  if (const auto platform = getauxval(AT_PLATFORM); platform != 0) {
    source.auxv.platform =
        reinterpret_cast<const char*>(platform);  // NOLINT: an address by contract
  }
  utsname names{};
  if (uname(&names) == 0) {
    source.uname_machine = names.machine;
    source.uname_release = names.release;
  }
  return source;
}

Host detect_host(const HostSource& source, std::span<const Platform> offer) {
  Host host;
  host.page_size = source.auxv.page_size;
  host.kernel_release = source.uname_release;
  const PlatformName arch = kernel_arch(source);
  host.emulated = is_emulated(source, arch.view());
  host.platform = linux_platform(arch.view());
  const HostArch* row = find_arch(arch.view());
  const bool level_matters =
      offer.empty() || std::ranges::any_of(offer, [&arch](const Platform& platform) {
        return platform.arch == arch && !platform.variant.empty();
      });
  if (level_matters && row != nullptr && row->variant != nullptr) {
    host.platform.variant = row->variant(source, source.launcher_arch == arch.view());
  }
  host.userland = host.platform;
  host.launcher = source.launcher_arch.empty() ? host.platform : own_platform();
  // Not emulated and yet not of the kernel's architecture: Armv8 in AArch32 state, the only 32-bit
  // launcher there is.
  if (!host.emulated && !source.launcher_arch.empty() && source.launcher_arch != arch.view()) {
    host.userland = linux_platform("arm", "v8");
  }
  return host;
}

}  // namespace pixelzx
