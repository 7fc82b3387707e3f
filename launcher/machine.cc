// SPDX-License-Identifier: Apache-2.0
#include "machine.h"

#include <elf.h>  // NOLINT(readability-duplicate-include): the system's
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handover.h"
#include "host_arch.h"

namespace pixelzx {
namespace {

constexpr unsigned kProbeSeconds = 5;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::size_t number_in(std::string_view text) {
  return static_cast<std::size_t>(take_number(text).value_or(0));
}

/// Hexadecimal digits into `bytes`. Returns how many bytes.
std::size_t read_hex(std::string_view text, std::array<unsigned char, 128>& bytes) {
  std::size_t count = 0;
  while (text.size() >= 2 && count < bytes.size()) {
    const int high = digit_of(text[0]);
    const int low = digit_of(text[1]);
    if (high < 0 || low < 0) break;
    bytes[count++] = static_cast<unsigned char>(high << 4 | low);
    text.remove_prefix(2);
  }
  return count;
}

void read_handlers(const HostFiles& files, Machine& machine) {
  const Fd folder = files.folder(kHandlerFolder);
  Path path(kHandlerFolder);
  std::array<char, 1024> buffer;  // NOLINT: filled by read
  const std::string_view status = files.read(Path(path).append("/status").view(), buffer);
  machine.handlers_known = folder && !status.empty();
  machine.handlers_on = status.starts_with("enabled");
  if (!folder) return;
  machine.handler_memory = Memory(kMaxHandlers * sizeof(Handler));
  if (machine.handler_memory.data() == nullptr) return;
  for_each_entry(folder.get(), [&](const char* name) {
    if (machine.handler_count == kMaxHandlers) return;
    const std::string_view text = files.read(Path(path).append("/").append(name).view(), buffer);
    const std::optional<Handler> handler = parse_handler(name, text);
    if (!handler) return;
    ++machine.handler_count;
    machine.handlers().back() = *handler;
  });
}

/// Becomes the probe, from memory or from a file, and returns errno when it may not.
int become_probe(const Fd& file, const char* path) {
  // Not setrlimit and fork: musl's bring its threads along, 3 KB.
  const std::array<std::uint64_t, 2> no_core{};
  syscall(SYS_prlimit64, 0, RLIMIT_CORE, no_core.data(), nullptr);
  // What an emulator complains of is told by the doctor.
  const int null = open("/dev/null", O_RDWR);
  for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
    if (null >= 0) {
      dup2(null, fd);
    } else {
      close(fd);
    }
  }
  alarm(kProbeSeconds);  // goes on over execve
  std::array<char, 6> name{"probe"};
  std::array<char*, 2> argv{name.data(), nullptr};
  std::array<char*, 1> envp{nullptr};
  const Arguments arguments{argv.data(), envp.data()};
  if (path != nullptr) return hand_over({.name = path, .path = path}, arguments);
  return hand_over({file.get(), "", descriptor_path(file).c_str()}, arguments);
}

/// Starts a probe. Returns its process, or -1 and errno.
pid_t start_probe(const ProbeRow& row, const Path* path) {
  const auto image = make_probe(row);
  // Open over execve: a handler without the flag O opens it by its number.
  Fd file = path == nullptr
                ? create_memory_file("probe", false)
                : open_file(AT_FDCWD, path->c_str(), O_WRONLY | O_CREAT | O_EXCL, S_IRWXU);
  if (!file || !write_all(file.get(), image.view().data(), image.size())) return -1;
  if (path != nullptr) file.reset();  // else ETXTBSY
  const pid_t process = _Fork();
  if (process == 0) _exit(become_probe(file, path == nullptr ? nullptr : path->c_str()));
  return process;
}

/// Waits for a probe: 0 when it ran, errno, or a negative signal.
int outcome_of(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) return errno;
  }
  if (WIFSIGNALED(status)) return -WTERMSIG(status);
  // become_probe leaves with errno, which is never kProbeStatus for execve.
  return WEXITSTATUS(status) == kProbeStatus ? 0 : WEXITSTATUS(status);
}

Way way_by_rules(const Machine& machine, const ProbeRow& row) {
  const Platform platform = *parse_platform(row.platform);
  const std::string_view kernel = machine.host.platform.arch.view();
  const bool own = platform.arch.view() == kernel;
  if (machine.handler_of(row) != nullptr) return Way::kHandler;
  if (own && row.elf_class == ELFCLASS32 && kernel == "amd64") return Way::kNone;  // x32
  if (own) return Way::kNative;
  return kernel_may_run(kernel, platform.arch.view()) ? Way::kUnknown : Way::kNone;
}

/// Whether the launcher starts programs of that kind here: this machine's own, but those of a
/// 32-bit system on a 64-bit kernel, where a filter of system calls may kill 64-bit ones.
bool is_own(const Machine& machine, const ProbeRow& row) {
  const Way way = way_by_rules(machine, row);
  return (way == Way::kNative || way == Way::kUnknown) &&
         parse_platform(row.platform)->arch == machine.host.userland.arch;
}

/// The way that a probe has taken which ran.
Way way_that_worked(const Machine& machine, const ProbeRow& row) {
  const Way by_rules = way_by_rules(machine, row);
  if (by_rules == Way::kHandler || by_rules == Way::kNative) return by_rules;
  return kernel_may_run(machine.host.platform.arch.view(),
                        parse_platform(row.platform)->arch.view())
             ? Way::kCompat
             : Way::kHandler;
}

bool is_refusal_of_memory(int outcome) {
  return outcome == EACCES || outcome == EPERM || outcome == ENOSYS || outcome == ENOENT ||
         outcome == EINVAL;
}

void try_probes(const Path& directory, Machine& machine) {
  // Who ignores SIGCHLD never learns how a process has ended (wait(2)).
  const std::array<std::uint64_t, 4> by_default{};  // struct sigaction, all zero
  syscall(SYS_rt_sigaction, SIGCHLD, by_default.data(), nullptr, sizeof(std::uint64_t));
  std::array<pid_t, kProbeCount> processes{};
  for (std::size_t i = 0; i < kProbeCount; ++i) {
    processes[i] = start_probe(kProbes[i], nullptr);
    if (processes[i] < 0) machine.outcomes[i] = errno;
    machine.memory_created = machine.memory_created || processes[i] > 0;
  }
  for (std::size_t i = 0; i < kProbeCount; ++i) {
    if (processes[i] > 0) machine.outcomes[i] = outcome_of(processes[i]);
  }
  for (std::size_t i = 0; i < kProbeCount; ++i) {
    int& outcome = machine.outcomes[i];
    if (is_own(machine, kProbes[i])) machine.memory_outcome = outcome;
    if (is_refusal_of_memory(outcome) && !directory.empty()) {
      Path path(directory);
      path.append("/.probe-").append_number(static_cast<std::uint64_t>(getpid()));
      const pid_t process = start_probe(kProbes[i], &path);
      machine.file_tried = machine.file_tried || process > 0;
      if (process > 0) outcome = outcome_of(process);
      unlink(path.c_str());
    }
    machine.ways[i] = outcome == 0 ? way_that_worked(machine, kProbes[i]) : Way::kNone;
  }
}

/// Apple's 64-bit CPUs (implementer 0x61) have no AArch32.
bool lacks_aarch32(const HostFiles& files) {
  std::array<char, 4096> buffer;  // NOLINT: filled by read
  return cpuinfo_value(files.read("/proc/cpuinfo", buffer), "CPU implementer") == "0x61";
}

}  // namespace

// One that exits, in the machine's own code; s390x and armv5 are the lowest of their families.
constinit const std::array<ProbeRow, kProbeCount> kProbes = {{
    {"linux/amd64",
     ELFCLASS64,
     ELFDATA2LSB,
     EM_X86_64,
     0,
     {"\xb8\x3c\0\0\0\xbf\x2a\0\0\0\x0f\x05", 12}},  // mov $60,%eax; mov $42,%edi; syscall
    {"linux/arm64",
     ELFCLASS64,
     ELFDATA2LSB,
     EM_AARCH64,
     0,
     {"\x40\x05\x80\xd2\xa8\x0b\x80\xd2\x01\0\0\xd4", 12}},  // mov x0,#42; mov x8,#93; svc #0
    {"linux/arm/v7",
     ELFCLASS32,
     ELFDATA2LSB,
     EM_ARM,
     0x05000000,
     {"\x2a\0\xa0\xe3\x01\x70\xa0\xe3\0\0\0\xef", 12}},  // mov r0,#42; mov r7,#1; svc #0
    {"linux/riscv64",
     ELFCLASS64,
     ELFDATA2LSB,
     EM_RISCV,
     0,
     {"\x13\x05\xa0\x02\x93\x08\xd0\x05\x73\0\0\0", 12}},  // li a0,42; li a7,93; ecall
    {"linux/ppc64le",
     ELFCLASS64,
     ELFDATA2LSB,
     EM_PPC64,
     2,
     {"\x01\0\0\x38\x2a\0\x60\x38\x02\0\0\x44", 12}},  // li 0,1; li 3,42; sc
    {"linux/s390x",
     ELFCLASS64,
     ELFDATA2MSB,
     EM_S390,
     0,
     {"\xa7\x29\0\x2a\x0a\x01", 6}},  // lghi %r2,42; svc 1
    {"linux/386",
     ELFCLASS32,
     ELFDATA2LSB,
     EM_386,
     0,
     {"\xb8\x01\0\0\0\xbb\x2a\0\0\0\xcd\x80", 12}},  // mov $1,%eax; mov $42,%ebx; int $0x80
    {"linux/amd64",
     ELFCLASS32,
     ELFDATA2LSB,
     EM_X86_64,
     0,
     {"\xb8\x3c\0\0\x40\xbf\x2a\0\0\0\x0f\x05", 12}},  // x32: the same with its syscall bit
}};

std::string_view name_of(Way way) {
  constexpr std::array<std::string_view, 5> kNames = {"none", "unknown", "native", "compat",
                                                      "handler"};
  return kNames[static_cast<std::size_t>(way)];
}

bool Handler::takes(std::string_view head) const {
  if (!enabled || size == 0 || head.size() < offset + size) return false;
  for (std::size_t i = 0; i < size; ++i) {
    if (((static_cast<unsigned char>(head[offset + i]) ^ magic[i]) & mask[i]) != 0) return false;
  }
  return true;
}

std::optional<Handler> parse_handler(std::string_view name, std::string_view text) {
  Handler handler;
  handler.name = name;
  handler.mask.fill(0xff);
  handler.enabled = text.starts_with("enabled");
  if (!handler.enabled && !text.starts_with("disabled")) return std::nullopt;
  while (!text.empty()) {
    const std::string_view line = take_until(text, '\n');
    const std::string_view key = line.substr(0, line.find(' '));
    const std::string_view value = line.substr(std::min(line.size(), key.size() + 1));
    if (key == "interpreter") handler.interpreter = value;
    if (key == "flags:") handler.flags = value;
    if (key == "offset") handler.offset = number_in(value);
    if (key == "magic") handler.size = read_hex(value, handler.magic);
    if (key == "mask") read_hex(value, handler.mask);
  }
  // The status file has a first line of that kind and nothing else.
  if (handler.interpreter.empty() || handler.offset > 128) return std::nullopt;
  return handler;
}

FixedString<255> make_probe(const ProbeRow& row) {
  FixedString<255> file;
  const bool wide = row.elf_class == ELFCLASS64;
  const auto number = [&](std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      const unsigned shift = 8 * (row.data == ELFDATA2MSB ? size - 1 - i : i);
      const char byte = static_cast<char>(value >> shift & 0xff);
      file.append({&byte, 1});
    }
  };
  const unsigned address = wide ? 8 : 4;
  const std::uint64_t header_size = wide ? 64 : 52;
  const std::uint64_t code_offset = header_size + (wide ? 56 : 32);
  constexpr std::uint64_t kBase = 0x400000;  // loadable with pages of 64 KiB
  const std::uint64_t size = code_offset + row.code.size();
  file.append(ELFMAG);
  number(row.elf_class, 1);
  number(row.data, 1);
  number(EV_CURRENT, 1);
  number(0, 8);
  number(0, 1);
  number(ET_EXEC, 2);
  number(row.e_machine, 2);
  number(EV_CURRENT, 4);
  number(kBase + code_offset, address);
  number(header_size, address);  // NOLINT(readability-suspicious-call-argument): e_phoff
  number(0, address);            // e_shoff
  number(row.e_flags, 4);
  number(header_size, 2);
  number(wide ? 56 : 32, 2);
  number(1, 2);
  number(0, 6);  // no sections
  number(PT_LOAD, 4);
  if (wide) number(PF_R | PF_X, 4);
  number(0, address);  // p_offset
  number(kBase, address);
  number(kBase, address);
  number(size, address);  // NOLINT(readability-suspicious-call-argument)
  number(size, address);  // NOLINT(readability-suspicious-call-argument)
  if (!wide) number(PF_R | PF_X, 4);
  number(0x10000, address);
  file.append(row.code);
  return file;
}

int Machine::own_outcome() const {
  for (std::size_t i = 0; i < kProbeCount; ++i) {
    if (is_own(*this, kProbes[i])) return outcomes[i];
  }
  return 0;
}

std::span<Handler> Machine::handlers() const {
  return {reinterpret_cast<Handler*>(handler_memory.data()), handler_count};  // NOLINT: from mmap
}

const Handler* Machine::handler_for(std::string_view head) const {
  for (const Handler& handler : handlers()) {
    if (handlers_on && handler.takes(head)) return &handler;
  }
  return nullptr;
}

Way Machine::way_of(const Elf& elf, std::string_view head) const {
  if (handler_for(head) != nullptr) return Way::kHandler;
  for (std::size_t i = 0; i < kProbeCount; ++i) {
    const ProbeRow& row = kProbes[i];
    if (row.e_machine == elf.e_machine && row.elf_class == elf.elf_class && row.data == elf.data)
      return ways[i];
  }
  // Not one of ours: the machine's own, or 32-bit where that is known to run.
  const std::optional<Platform> platform = elf_platform(elf);
  if (!platform) return Way::kNone;
  if (platform->arch == host.platform.arch) return Way::kNative;
  return kernel_may_run(host.platform.arch.view(), platform->arch.view()) ? Way::kUnknown
                                                                          : Way::kNone;
}

void look_at_machine(const HostSource& source, bool live, const Path& directory, Machine& machine) {
  machine.host = detect_host(source);
  if (machine.host.platform.arch.view() == "arm") {
    look_at_arm_cpu(source, source.launcher_arch == "arm", machine.host);
  }
  machine.live = live;
  read_handlers(source.files, machine);
  if (live) {
    try_probes(directory, machine);
    return;
  }
  for (std::size_t i = 0; i < kProbeCount; ++i) {
    machine.ways[i] = way_by_rules(machine, kProbes[i]);
    const bool is_arm = kProbes[i].e_machine == EM_ARM;
    if (is_arm && machine.ways[i] == Way::kUnknown && lacks_aarch32(source.files)) {
      machine.ways[i] = Way::kNone;
    }
  }
}

void machine_of_platform(const Platform& platform, Machine& machine) {
  machine.host.platform = platform;
  machine.host.userland = platform;
  machine.host.launcher = platform;
  for (std::size_t i = 0; i < kProbeCount; ++i) {
    machine.ways[i] = way_by_rules(machine, kProbes[i]);
    if (machine.ways[i] == Way::kUnknown) machine.ways[i] = Way::kNone;
  }
}

}  // namespace pixelzx
