// SPDX-License-Identifier: Apache-2.0
#include "examine.h"

#include <elf.h>  // NOLINT(readability-duplicate-include): the system's
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "file_format.h"
#include "plan.h"
#include "refusal.h"

namespace pixelzx {
namespace {

using enum Cause;

constexpr std::size_t kHeadSize = 256;  // what the kernel reads to tell a format (BINPRM_BUF_SIZE)
constexpr int kDeepestScript = 5;       // scripts in a chain of interpreters (fs/exec.c)

constexpr std::uint32_t kMipsAbi2 = 0x20;  // EF_MIPS_ABI2: n32

/// One look at one file; what it leads to is looked at by another.
class Examiner {
 public:
  Examiner(FileTree& files, const Machine& machine, Language language, int depth)
      : files_(files), machine_(machine), language_(language), depth_(depth) {}

  Examination result;

  void look(const Path& path);

 private:
  Diagnosis& fail(Cause cause) {
    result.way = Way::kNone;
    Diagnosis& diagnosis = result.diagnosis.emplace(cause);
    return diagnosis.with(Evidence::kPath, path_.view())
        .with(Evidence::kFound, result.found.view())
        .with(Evidence::kPlatform, to_text(plain_platform(machine_.host)).view())
        .with(Evidence::kInterpreter, result.interpreter.view());
  }
  Diagnosis& fail_denied(int error) {
    const Diagnosis why = explain_denial(HostFiles(""), path_, error);
    return fail(why.cause())
        .with(Evidence::kDetail, why.evidence(Evidence::kDetail, language_).view());
  }
  /// Of a CPU that is too old: its level is what counts.
  bool fail_needing(Cause cause, std::string_view what, std::uint64_t number) {
    fail(cause)
        .with(Evidence::kNeeds, FixedString<32>(what).append_number(number).view())
        .with(Evidence::kPlatform, to_text(machine_.host.platform).view());
    return false;
  }
  void say(Text text) { result.found.append(text.in(language_)); }

  bool look_at_entry();
  void look_at_missing(int error);
  void look_at_elf(const Elf& elf, std::string_view head);
  void describe_elf(const Elf& elf);
  bool check_type(const Elf& elf);
  bool check_machine(const Elf& elf);
  bool check_cpu(const Elf& elf);
  void check_loader(const Elf& elf);
  void missing_loader(const Elf& elf);
  void check_permission();
  void look_at_script(std::string_view line, bool complete);
  void follow_interpreter(const Path& interpreter);
  void check_env(std::string_view argument);
  std::optional<Path> find_program(std::string_view name);

  FileTree& files_;
  const Machine& machine_;
  Language language_;
  int depth_;
  Path path_;
  std::uint64_t size_ = 0;
};

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find_first_of(" \t"));
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

/// `5.10` for 5 << 16 | 10 << 8.
FixedString<32> version_text(std::uint32_t version) {
  FixedString<32> text;
  text.append_number(version >> 16).append(".").append_number(version >> 8 & 0xff);
  if ((version & 0xff) != 0) text.append(".").append_number(version & 0xff);
  return text;
}

/// The number at the beginning of a kernel release such as `6.1.0-18-amd64`; 0 when unknown.
std::uint32_t kernel_version(std::string_view release) {
  std::uint32_t version = 0;
  for (int part = 0; part < 3; ++part) {
    const std::uint64_t number = take_number(release).value_or(0);
    version = version << 8 | static_cast<std::uint32_t>(std::min<std::uint64_t>(number, 255));
    if (release.starts_with('.')) release.remove_prefix(1);
  }
  return version;
}

/// What two architectures have in common: their CPU's family.
struct Family {
  std::string_view arch;
  std::string_view family;
  int bits;
  bool big_endian;
};
constexpr Family kFamilies[] = {
    {"386", "x86", 32, false},     {"amd64", "x86", 64, false},     {"arm", "arm", 32, false},
    {"armbe", "arm", 32, true},    {"arm64", "arm", 64, false},     {"arm64be", "arm", 64, true},
    {"riscv", "riscv", 32, false}, {"riscv64", "riscv", 64, false}, {"ppc", "ppc", 32, true},
    {"ppc64", "ppc", 64, true},    {"ppc64le", "ppc", 64, false},   {"s390", "s390", 32, true},
    {"s390x", "s390", 64, true},   {"mips", "mips", 32, true},      {"mipsle", "mips", 32, false},
    {"mips64", "mips", 64, true},  {"mips64le", "mips", 64, false}, {"sparc", "sparc", 32, true},
    {"sparc64", "sparc", 64, true}};

const Family* family_of(std::string_view arch) {
  for (const Family& row : kFamilies) {
    if (row.arch == arch) return &row;
  }
  return nullptr;
}

/// Why the kernel of `host` does not take a program of another architecture.
Cause architecture_cause(std::string_view host, std::string_view program) {
  const Family* ours = family_of(host);
  const Family* its = family_of(program);
  if (ours == nullptr || its == nullptr || ours->family != its->family) return kWrongArchitecture;
  if (ours->big_endian != its->big_endian) return kWrongByteOrder;
  return ours->bits < its->bits ? kNo64Bit : kNo32Bit;
}

/// Why the kernel does not take a program of its own architecture (see abi_is_loadable).
Cause abi_cause(const Elf& elf) {
  switch (elf.e_machine) {
    case EM_X86_64:
      return kUncommonAbi;
    case EM_PPC64:
      return kElfV1;
    case EM_ARM:
      return kOldArmAbi;
    case EM_RISCV:
      return kRiscvFloatAbi;
    default:
      return kOtherSystem;
  }
}

bool is_other_system(const Elf& elf) {
  return (elf.osabi != ELFOSABI_SYSV && elf.osabi != ELFOSABI_GNU && elf.osabi != ELFOSABI_ARM) ||
         elf.abi_system != 0;
}

int level_of(const PlatformName& variant) {
  const std::string_view text = variant.view();
  return text.size() > 1 ? text[1] - '0' : 1;
}

void Examiner::look_at_missing(int error) {
  const Path target = files_.link_target(path_);
  if (error == ENOENT || error == ENOTDIR || error == ELOOP) {
    if (target.empty()) {
      fail(kMissingFile);
    } else {
      fail(kDanglingLink).with(Evidence::kDetail, target.view());
    }
    return;
  }
  fail(kUnreadable).with_errno(Evidence::kDetail, "stat", error);
}

/// What can be said without the content. Returns whether that is to be looked at.
bool Examiner::look_at_entry() {
  const FileTree::Status status = files_.status(path_);
  if (status.error != 0) {
    look_at_missing(status.error);
    return false;
  }
  size_ = status.size;
  if (S_ISDIR(status.mode)) {
    fail(kDirectory);
    return false;
  }
  if (!S_ISREG(status.mode)) {
    fail(kSpecialFile);
    return false;
  }
  if (size_ == 0) {
    fail(kEmptyFile);
    return false;
  }
  return true;
}

void Examiner::look(const Path& path) {
  path_ = path;
  if (!look_at_entry()) return;
  int error = 0;
  ByteSource* file = files_.open(path_, error);
  if (file == nullptr) {
    fail(kUnreadable).with_errno(Evidence::kDetail, "open", error);
    return;
  }
  const FixedString<kHeadSize> head(file->bytes(0, kHeadSize));
  if (head.view().starts_with(ELFMAG)) {
    const std::optional<Elf> elf = parse_elf(*file, size_);
    result.found.append("ELF");
    if (elf) {
      look_at_elf(*elf, head.view());
    } else {
      fail(size_ < sizeof(Elf32_Ehdr) ? kTruncatedElf : kDamagedElf);
    }
  } else if (const Handler* handler = machine_.handler_for(head.view()); handler != nullptr) {
    result.way = Way::kHandler;
    result.handler = handler;
  } else if (head.view().starts_with("#!")) {
    say(messages::kScript);
    const std::string_view line = head.view().substr(2, head.view().find('\n') - 2);
    look_at_script(line, head.view().find('\n') != std::string_view::npos || size_ < kHeadSize);
  } else {
    const FileFormat format = file_format(*file);
    result.found.append(format.name);
    if (format.cause == kNoShebang) say(messages::kTextFile);
    Diagnosis& diagnosis = fail(format.cause);
    if (format.cause == kUnknownFormat) {
      FixedString<32> bytes;
      for (const char c : head.view().substr(0, 8)) {
        bytes.append_hex(static_cast<unsigned char>(c)).append(" ");
      }
      diagnosis.with(Evidence::kDetail, bytes.view());
    }
  }
  if (!result.diagnosis) check_permission();
}

void Examiner::check_permission() {
  const FileTree::Status status = files_.status(path_);
  const bool marked = (status.mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
  // Before the user's own right, which such a mount takes from everybody.
  if (const auto mount = files_.noexec_mount(path_); marked && mount) {
    const bool by_unit = mount->bind && files_.in_unit;
    fail(by_unit ? kNoExecPaths : kNoexecMount).with(Evidence::kDetail, mount->point.view());
  } else if (!status.may_execute && !status.denied) {
    FixedString<8> mode;
    for (int shift = 6; shift >= 0; shift -= 3) mode.append_number(status.mode >> shift & 7);
    fail(kNotExecutable).with(Evidence::kDetail, mode.view());
  } else if (files_.is_being_written(path_)) {
    fail(kTextBusy);
  } else if (const int error = status.denied ? EACCES : files_.denial(path_); error != 0) {
    fail_denied(error);
  }
}

void Examiner::describe_elf(const Elf& elf) {
  EvidenceText& found = result.found;
  found.append(elf.elf_class == ELFCLASS64 ? " 64-bit " : " 32-bit ");
  found.append(elf.data == ELFDATA2MSB ? "MSB, " : "LSB, ");
  result.platform = elf_platform(elf);
  if (result.platform) {
    found.append(to_text(*result.platform).view());
  } else {
    found.append("e_machine ").append_number(elf.e_machine);
  }
  if (elf.e_type != ET_EXEC && elf.e_type != ET_DYN) return;
  found.append(", ");
  say(elf.interpreter.empty() ? messages::kStatic : messages::kDynamic);
}

bool Examiner::check_type(const Elf& elf) {
  const unsigned entry_size = elf.elf_class == ELFCLASS64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
  const unsigned header_size =
      elf.elf_class == ELFCLASS64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
  const bool program = elf.e_type == ET_EXEC || elf.e_type == ET_DYN;
  // NOLINTBEGIN(bugprone-branch-clone): the order decides
  if (elf.e_type == ET_REL) {
    fail(kObjectFile);
  } else if (elf.e_type == ET_CORE) {
    fail(kCoreDump);
  } else if (size_ < header_size) {
    fail(kTruncatedElf);
  } else if (!program || elf.e_phentsize != entry_size || elf.impossible) {
    fail(kDamagedElf);
  } else if (elf.truncated) {
    fail(kTruncatedElf);
  } else if (!elf.has_load) {
    fail(kDamagedElf);
  } else if (elf.e_type == ET_DYN && elf.interpreter.empty() && !elf.pie &&
             !base_name(path_.view()).starts_with("ld")) {  // loaders are libraries that run
    fail(kSharedLibrary);
  } else if (is_other_system(elf)) {
    fail(kOtherSystem);
  }
  // NOLINTEND(bugprone-branch-clone)
  return !result.diagnosis;
}

bool Examiner::check_machine(const Elf& elf) {
  const std::string_view host = machine_.host.platform.arch.view();
  const std::string_view program = result.platform ? result.platform->arch.view() : "";
  const bool is_n32 =
      elf.e_machine == EM_MIPS && elf.elf_class == ELFCLASS32 && (elf.e_flags & kMipsAbi2) != 0;
  const FixedString<64> needs = result.platform
                                    ? FixedString<64>(to_text(*result.platform).view())
                                    : FixedString<64>("e_machine ").append_number(elf.e_machine);
  if (result.way == Way::kHandler) return true;
  Cause cause = kWrongArchitecture;
  const bool is_ilp32 = elf.e_machine == EM_AARCH64 && elf.elf_class == ELFCLASS32;
  const bool is_oabi = elf.e_machine == EM_ARM && (host == "arm" || host == "arm64");
  if ((program == host || is_oabi) && !abi_is_loadable(elf)) {
    if (elf.e_machine == EM_X86_64 && result.way != Way::kNone) return true;  // x32, and it ran
    // The kernel takes ELFv1, and only the libraries do not fit.
    if (elf.e_machine == EM_PPC64 && elf.interpreter.empty()) return true;
    cause = abi_cause(elf);
  } else if (result.way != Way::kNone) {
    return true;
  } else if ((is_ilp32 && host == "arm64") ||
             (is_n32 && architecture_cause(host, program) != kWrongArchitecture)) {
    cause = kUncommonAbi;
  } else if (program == host) {
    // Even its own kind was refused when tried.
    fail_denied(machine_.own_outcome()).with(Evidence::kNeeds, needs.view());
    return false;
  } else if (result.platform) {
    cause = architecture_cause(host, program);
  }
  fail(cause).with(Evidence::kNeeds, needs.view());
  return false;
}

bool Examiner::check_cpu(const Elf& elf) {
  const Platform& host = machine_.host.platform;
  if (result.way == Way::kHandler) return true;
  if (elf.e_machine == EM_X86_64 && elf.x86_level > level_of(host.variant)) {
    return fail_needing(kCpuTooOld, "x86-64-v", static_cast<unsigned>(elf.x86_level));
  }
  if (elf.e_machine == EM_ARM && host.arch.view() == "arm") {
    const bool hard_float = (elf.e_flags & EF_ARM_ABI_FLOAT_HARD) != 0;
    if (hard_float && machine_.host.no_float_unit) return fail_needing(kNoFloatUnit, "VFP ARMv", 6);
    // A soft-float program may need more than the platform says, which is of hard-float ones.
    const bool version_known = !hard_float && machine_.host.arm_version != 0;
    const int version = version_known ? machine_.host.arm_version : level_of(host.variant);
    if (elf.arm_version > version) {
      return fail_needing(kArmTooOld, "ARMv", static_cast<unsigned>(elf.arm_version));
    }
  }
  const std::uint64_t page_size = machine_.host.page_size;
  if (elf.largest_page != 0 && page_size > elf.largest_page) {
    fail_needing(kPageSize, "", elf.largest_page);
    result.diagnosis->with(Evidence::kDetail, FixedString<20>().append_number(page_size).view());
    return false;
  }
  const std::uint32_t kernel = kernel_version(machine_.host.kernel_release.view());
  if (kernel != 0 && elf.abi_kernel > kernel) {
    fail(kKernelTooOld)
        .with(Evidence::kNeeds,
              FixedString<40>("Linux ").append(version_text(elf.abi_kernel).view()).view())
        .with(Evidence::kDetail, machine_.host.kernel_release.view());
    return false;
  }
  return true;
}

void Examiner::look_at_elf(const Elf& elf, std::string_view head) {
  describe_elf(elf);
  result.interpreter = elf.interpreter.view();
  result.way = machine_.way_of(elf, head);
  result.handler = machine_.handler_for(head);
  if (!check_type(elf) || !check_machine(elf) || !check_cpu(elf)) return;
  if (result.handler != nullptr && !result.handler->is_fixed() &&
      files_.status(Path(result.handler->interpreter.view())).error != 0) {
    fail(kHandlerGone)
        .with(Evidence::kInterpreter, result.handler->interpreter.view())
        .with(Evidence::kDetail, result.handler->name.view());
    return;
  }
  if (!elf.interpreter.empty()) check_loader(elf);
}

bool is_musl_loader(std::string_view path) {
  return base_name(path).starts_with("ld-musl-");
}

/// The loaders of an architecture, by C library; a row for each floating point convention.
struct Loaders {
  std::string_view arch;
  std::string_view glibc;
  std::string_view musl;
};
constexpr Loaders kLoaders[] = {
    {"amd64", "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"},
    {"arm64", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1"},
    {"arm", "/lib/ld-linux-armhf.so.3", "/lib/ld-musl-armhf.so.1"},
    {"arm", "/lib/ld-linux.so.3", "/lib/ld-musl-arm.so.1"},
    {"riscv64", "/lib/ld-linux-riscv64-lp64d.so.1", "/lib/ld-musl-riscv64.so.1"},
    {"riscv64", "/lib/ld-linux-riscv64-lp64.so.1", "/lib/ld-musl-riscv64-sf.so.1"},
    {"ppc64le", "/lib64/ld64.so.2", "/lib/ld-musl-powerpc64le.so.1"},
    {"s390x", "/lib/ld64.so.1", "/lib/ld-musl-s390x.so.1"},
    {"386", "/lib/ld-linux.so.2", "/lib/ld-musl-i386.so.1"},
};

void Examiner::missing_loader(const Elf& elf) {
  const std::string_view wanted = elf.interpreter.view();
  if (result.way == Way::kHandler) {
    fail(kForeignLoader).with(Evidence::kNeeds, to_text(*result.platform).view());
    return;
  }
  for (const std::string_view folder : {"/system/bin/", "/libexec/", "/usr/libexec/"}) {
    if (!wanted.starts_with(folder)) continue;  // Android, and the BSDs
    fail(kOtherSystem);
    return;
  }
  const bool of_glibc =
      base_name(wanted).starts_with("ld-linux") || base_name(wanted).starts_with("ld64.so");
  for (const Loaders& row : kLoaders) {
    if (!of_glibc && !is_musl_loader(wanted)) break;  // somebody's own
    if (!result.platform || row.arch != result.platform->arch.view()) continue;
    for (const std::string_view other : {row.glibc, row.musl}) {
      if (other == wanted || files_.status(Path(other)).error != 0) continue;
      Cause cause = kInterpreterMissing;
      if (is_musl_loader(other) != is_musl_loader(wanted)) {
        cause = is_musl_loader(other) ? kGlibcOnMusl : kMuslOnGlibc;
      } else if (row.arch == "riscv64") {
        cause = kRiscvFloatAbi;
      } else if (row.arch == "arm") {
        cause = kFloatAbiLoader;
      }
      if (cause == kInterpreterMissing) continue;
      fail(cause).with(Evidence::kDetail, other).with(Evidence::kNeeds, wanted);
      return;
    }
  }
  fail(kInterpreterMissing);
}

void Examiner::check_loader(const Elf& elf) {
  const Path loader(elf.interpreter.view());
  const FileTree::Status status = files_.status(loader);
  if (status.error != 0) {
    missing_loader(elf);
    return;
  }
  if (!status.may_execute) {
    fail(kInterpreterWrong).with_errno(Evidence::kDetail, "execve", EACCES);
    return;
  }
  int error = 0;
  ByteSource* file = files_.open(loader, error);
  const std::optional<Elf> found = file == nullptr ? std::nullopt : parse_elf(*file, status.size);
  const bool fits = found && found->e_machine == elf.e_machine &&
                    found->elf_class == elf.elf_class && found->data == elf.data;
  if (file != nullptr && !fits) {
    const std::optional<Platform> platform = found ? elf_platform(*found) : std::nullopt;
    fail(kInterpreterWrong)
        .with(Evidence::kDetail, platform ? to_text(*platform).view() : std::string_view("-"));
  } else if (found && result.way == Way::kNative && elf.e_machine == EM_X86_64 &&
             found->x86_level > level_of(machine_.host.platform.variant)) {
    fail_needing(kGlibcNeedsLevel, "x86-64-v", static_cast<unsigned>(found->x86_level));
  }
}

void Examiner::look_at_script(std::string_view line, bool complete) {
  if (line.ends_with('\r')) {
    fail(kShebangCrlf);
    return;
  }
  line = without_blanks(line);
  const std::string_view interpreter = first_word(line);
  if (interpreter.empty()) {
    fail(kShebangEmpty);
  } else if (!complete && interpreter.size() == line.size()) {  // else only arguments are cut off
    fail(kShebangTooLong);
  } else if (depth_ == kDeepestScript) {
    fail(kShebangLoop).with(Evidence::kDetail, interpreter);
  } else {
    result.interpreter = interpreter;
    const FixedString<kHeadSize> argument(without_blanks(line.substr(interpreter.size())));
    follow_interpreter(Path(interpreter));
    if (!result.diagnosis && base_name(interpreter) == "env") check_env(argument.view());
  }
}

void Examiner::follow_interpreter(const Path& interpreter) {
  Examiner next(files_, machine_, language_, depth_ + 1);
  next.look(interpreter);
  result.way = next.result.way;
  result.handler = next.result.handler;
  if (!next.result.diagnosis) {
    if (!next.result.interpreter.empty() && !next.result.found.view().starts_with("ELF")) {
      result.interpreter = next.result.interpreter;
    }
    return;
  }
  const Cause cause = next.result.diagnosis->cause();
  if (cause == kMissingFile || cause == kDanglingLink) {
    fail(kShebangMissing);
  } else if (cause == kShebangLoop) {
    fail(kShebangLoop).with(Evidence::kDetail, interpreter.view());
  } else {
    EvidenceText why(diagnosis_row(cause).title.in(language_));
    why.append(" [").append(code_of(cause).view()).append("]");
    fail(kShebangUnrunnable).with(Evidence::kDetail, why.view());
  }
}

/// `#!/usr/bin/env NAME`: the kernel gives env all that follows as one argument.
void Examiner::check_env(std::string_view argument) {
  bool split = false;
  for (const std::string_view option : {"-S", "--split-string="}) {
    if (!argument.starts_with(option)) continue;
    argument = without_blanks(argument.substr(option.size()));
    split = true;
  }
  if (!split && argument.find_first_of(" \t") != std::string_view::npos) {
    fail(kShebangArguments).with(Evidence::kDetail, argument);
    return;
  }
  // Options and assignments come before the program.
  while (argument.starts_with('-') || first_word(argument).find('=') != std::string_view::npos) {
    argument = without_blanks(argument.substr(first_word(argument).size()));
  }
  argument = first_word(argument);
  if (argument.empty()) return;
  const std::optional<Path> program = find_program(argument);
  if (!program) {
    fail(kShebangEnv).with(Evidence::kDetail, argument);
  } else {
    follow_interpreter(*program);
  }
}

/// Where execvp(3) finds `name`; nothing when it does not.
std::optional<Path> Examiner::find_program(std::string_view name) {
  const auto is_program = [this](const Path& path) {
    const FileTree::Status status = files_.status(path);
    return status.error == 0 && S_ISREG(status.mode) && status.may_execute;
  };
  if (name.find('/') != std::string_view::npos) {
    return is_program(Path(name)) ? std::optional(Path(name)) : std::nullopt;
  }
  std::string_view folders = files_.search_path;
  while (!folders.empty()) {
    Path path(take_until(folders, ':'));
    path.append("/").append(name);
    if (is_program(path)) return path;
  }
  return std::nullopt;
}

}  // namespace

Examination examine(FileTree& files, const Path& path, const Machine& machine, Language language) {
  Examiner examiner(files, machine, language, 0);
  examiner.look(path);
  return examiner.result;
}

}  // namespace pixelzx
