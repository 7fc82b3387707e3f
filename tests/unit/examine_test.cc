// SPDX-License-Identifier: Apache-2.0
#include "examine.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pack_samples.h"
#include "support.h"

namespace pixelzx {
namespace {

using pack::make_elf;
using test::ElfFile;
using namespace std::string_literals;

/// Files that are only in memory.
class FakeTree final : public FileTree {
 public:
  void add(const std::string& path, const std::string& content, unsigned mode = S_IFREG | 0755) {
    entries_[path] = {content, mode, {}};
  }
  void link(const std::string& path, const std::string& target) { entries_[path].link = target; }

  std::string unreadable;     // may not be opened
  std::string being_written;  // is open for writing
  bool denied = false;        // a security module lets nobody execute
  int denies = 0;             // errno with which whoever watches execve(2) refuses
  std::map<std::string, NoexecMount> noexec;

  Status status(const Path& path) override {
    const Entry* entry = find(path, error_);
    if (entry == nullptr) return {.error = error_};
    return {.error = 0,
            .mode = entry->mode,
            .size = entry->content.size(),
            .may_execute = !denied && (entry->mode & 0111) != 0,
            .denied = denied && (entry->mode & 0111) != 0};
  }
  Path link_target(const Path& path) override {
    const auto found = entries_.find(std::string(path.view()));
    return found == entries_.end() ? Path() : Path(found->second.link);
  }
  std::optional<NoexecMount> noexec_mount(const Path& path) override {
    const auto found = noexec.find(std::string(path.view()));
    return found == noexec.end() ? std::nullopt : std::optional(found->second);
  }
  bool is_being_written(const Path& path) override { return path.view() == being_written; }
  int denial(const Path& /*path*/) override { return denies; }
  ByteSource* open(const Path& path, int& error) override {
    const Entry* entry = find(path, error);
    if (path.view() == unreadable) error = EACCES;
    if (entry == nullptr || path.view() == unreadable) return nullptr;
    bytes_ = MemoryBytes(entry->content);
    return &bytes_;
  }

 private:
  struct Entry {
    std::string content;
    unsigned mode = 0;
    std::string link;
  };

  const Entry* find(const Path& path, int& error) {
    std::string name(path.view());
    for (int links = 0; links < 40; ++links) {
      const auto found = entries_.find(name);
      if (found == entries_.end()) {
        error = ENOENT;
        return nullptr;
      }
      if (found->second.link.empty()) return &found->second;
      name = found->second.link;
    }
    error = ELOOP;
    return nullptr;
  }

  std::map<std::string, Entry> entries_;
  MemoryBytes bytes_{{}};
  int error_ = 0;
};

/// Files on a machine of one platform, and what is seen of one of them.
class World {
 public:
  explicit World(const char* platform = "linux/amd64") {
    machine_of_platform(*parse_platform(platform), machine);
    machine.host.kernel_release = "6.1.0-18-generic";
  }

  FakeTree files;
  Machine machine;

  Examination look(const std::string& path) {
    return examine(files, Path(path.c_str()), machine, Language::kEnglish);
  }
  /// Of a file with that content.
  Examination look_at(const std::string& content) {
    files.add("/file", content);
    return look("/file");
  }
  void handler(std::string_view text) {
    machine.handlers_known = machine.handlers_on = true;
    machine.handler_memory = Memory(sizeof(Handler));
    machine.handler_count = 1;
    machine.handlers().front() = *parse_handler("handler", text);
  }
};

/// The number of what is wrong; 0 when nothing is.
int code(const Examination& seen) {
  return seen.diagnosis ? static_cast<int>(seen.diagnosis->cause()) : 0;
}
int code(Cause cause) {
  return static_cast<int>(cause);
}
std::string evidence(const Examination& seen, Evidence kind) {
  REQUIRE(seen.diagnosis);
  return std::string(seen.diagnosis->evidence(kind, Language::kEnglish).view());
}

// --- What is there

TEST_CASE("files that are not there", "[examine]") {
  World world;
  const Examination missing = world.look("/missing");
  CHECK(code(missing) == code(Cause::kMissingFile));
  CHECK(missing.way == Way::kNone);
  CHECK(evidence(missing, Evidence::kPath) == "/missing");
  world.files.link("/dangling", "/nowhere");
  CHECK(code(world.look("/dangling")) == code(Cause::kDanglingLink));
  CHECK(evidence(world.look("/dangling"), Evidence::kDetail) == "/nowhere");
  world.files.link("/circle", "/circle");
  CHECK(code(world.look("/circle")) == code(Cause::kDanglingLink));
}

TEST_CASE("what is no regular file, or empty", "[examine]") {
  World world;
  world.files.add("/folder", "", S_IFDIR | 0755);
  world.files.add("/pipe", "", S_IFIFO | 0755);
  world.files.add("/device", "", S_IFCHR | 0755);
  world.files.add("/empty", "");
  CHECK(code(world.look("/folder")) == code(Cause::kDirectory));
  CHECK(code(world.look("/pipe")) == code(Cause::kSpecialFile));
  CHECK(code(world.look("/device")) == code(Cause::kSpecialFile));
  CHECK(code(world.look("/empty")) == code(Cause::kEmptyFile));
}

TEST_CASE("a file that may not be read", "[examine]") {
  World world;
  world.files.add("/secret", make_elf(pack::kAmd64));
  world.files.unreadable = "/secret";
  CHECK(code(world.look("/secret")) == code(Cause::kUnreadable));
  CHECK(evidence(world.look("/secret"), Evidence::kDetail) == "open: Permission denied");
}

TEST_CASE("links are followed", "[examine]") {
  World world;
  world.files.add("/program", make_elf(pack::kAmd64));
  world.files.link("/link", "/program");
  CHECK(code(world.look("/link")) == 0);
}

TEST_CASE("a program that may not be executed where it is", "[examine]") {
  World world;
  world.files.add("/program", make_elf(pack::kAmd64), S_IFREG | 0640);
  CHECK(code(world.look("/program")) == code(Cause::kNotExecutable));
  CHECK(evidence(world.look("/program"), Evidence::kDetail) == "640");
  CHECK(world.look("/program").way == Way::kNone);

  world.files.add("/program", make_elf(pack::kAmd64));
  CHECK(code(world.look("/program")) == 0);
  world.files.noexec["/program"] = {.point = "/mnt", .bind = true};
  CHECK(code(world.look("/program")) == code(Cause::kNoexecMount));
  CHECK(evidence(world.look("/program"), Evidence::kDetail) == "/mnt");
  world.files.in_unit = true;
  CHECK(code(world.look("/program")) == code(Cause::kNoExecPaths));
  world.files.noexec["/program"].bind = false;
  CHECK(code(world.look("/program")) == code(Cause::kNoexecMount));

  world.files.noexec.clear();
  world.files.being_written = "/program";
  CHECK(code(world.look("/program")) == code(Cause::kTextBusy));
}

TEST_CASE("a program that is denied though its permissions are right", "[examine]") {
  World world;
  world.files.add("/program", make_elf(pack::kAmd64));
  const auto check_denied = [&world](const char* refusal) {
    const Examination seen = world.look("/program");
    CHECK(code(seen) == code(Cause::kDenied));
    CHECK(seen.way == Way::kNone);
    CHECK(evidence(seen, Evidence::kPath) == "/program");
    CHECK(evidence(seen, Evidence::kDetail) == refusal);
  };
  world.files.denies = EPERM;
  check_denied("execve: Operation not permitted");
  world.files.denied = true;
  check_denied("execve: Permission denied");

  // Without an x there is nothing to deny.
  world.files.add("/program", make_elf(pack::kAmd64), S_IFREG | 0644);
  CHECK(code(world.look("/program")) == code(Cause::kNotExecutable));
}

TEST_CASE("asking the kernel runs no program", "[examine]") {
  const test::Folder folder;
  const std::string ran = folder.path() + "/ran";
  const Path script(folder.file("script", "#!/bin/sh\n: >" + ran + "\n"));
  LiveFiles files;
  REQUIRE(chmod(script.c_str(), 0755) == 0);
  CHECK(files.denial(script) == 0);
  CHECK(files.status(Path(ran.c_str())).error == ENOENT);
  REQUIRE(chmod(script.c_str(), 0644) == 0);
  CHECK(files.denial(script) == EACCES);
  CHECK(files.denial(Path("/no/such/file")) == 0);
}

TEST_CASE("what is wrong with the content counts for more than permissions", "[examine]") {
  World world;
  world.files.add("/file", make_elf(pack::kArm64), S_IFREG | 0644);
  CHECK(code(world.look("/file")) == code(Cause::kWrongArchitecture));
}

// --- ELF files

TEST_CASE("a program of the machine's own kind runs", "[examine]") {
  struct Row {
    const char* platform;
    pack::Sample sample;
    const char* found;
  };
  const std::vector<Row> rows = {
      {"linux/amd64", pack::kAmd64, "ELF 64-bit LSB, linux/amd64, statically linked"},
      {"linux/arm64", pack::kArm64, "ELF 64-bit LSB, linux/arm64, statically linked"},
      {"linux/arm/v7", pack::kArm, "ELF 32-bit LSB, linux/arm, statically linked"},
      {"linux/riscv64", pack::kRiscv64, "ELF 64-bit LSB, linux/riscv64, statically linked"},
      {"linux/ppc64le", pack::kPpc64le, "ELF 64-bit LSB, linux/ppc64le, statically linked"},
      {"linux/s390x", pack::kS390x, "ELF 64-bit MSB, linux/s390x, statically linked"},
  };
  for (const Row& host : rows) {
    World world(host.platform);
    for (const Row& program : rows) {
      CAPTURE(host.platform, program.platform);
      const Examination seen = world.look_at(make_elf(program.sample));
      CHECK(seen.found.view() == program.found);
      REQUIRE(seen.platform);
      CHECK(seen.platform->arch == parse_platform(program.platform)->arch);
      CHECK(seen.interpreter.empty());
      if (&program == &host) {
        CHECK(code(seen) == 0);
        CHECK(seen.way == Way::kNative);
      } else {
        CHECK(code(seen) != 0);
        CHECK(seen.way == Way::kNone);
        CHECK(evidence(seen, Evidence::kNeeds) == to_text(*seen.platform).view());
        CHECK(evidence(seen, Evidence::kPlatform) == host.platform);
        CHECK(evidence(seen, Evidence::kFound) == program.found);
      }
    }
  }
}

TEST_CASE("why a program of another architecture does not run", "[examine]") {
  const auto on = [](const char* host, const pack::Sample& sample) {
    return code(World(host).look_at(make_elf(sample)));
  };
  const pack::Sample i386{.e_machine = EM_386, .elf_class = ELFCLASS32};
  CHECK(on("linux/amd64", pack::kArm64) == code(Cause::kWrongArchitecture));
  CHECK(on("linux/amd64", i386) == code(Cause::kNo32Bit));
  CHECK(on("linux/386", pack::kAmd64) == code(Cause::kNo64Bit));
  CHECK(on("linux/arm64", pack::kArm) == code(Cause::kNo32Bit));
  CHECK(on("linux/arm/v7", pack::kArm64) == code(Cause::kNo64Bit));
  CHECK(on("linux/arm64", i386) == code(Cause::kWrongArchitecture));
  CHECK(on("linux/ppc64le", {.e_machine = EM_PPC64, .data = ELFDATA2MSB}) ==
        code(Cause::kWrongByteOrder));
  CHECK(on("linux/arm64", {.e_machine = EM_AARCH64, .data = ELFDATA2MSB}) ==
        code(Cause::kWrongByteOrder));
  CHECK(on("linux/amd64", {.e_machine = 9999}) == code(Cause::kWrongArchitecture));
}

TEST_CASE("programs of the right CPU with an ABI that its kernel does not take", "[examine]") {
  const auto on = [](const char* host, const pack::Sample& sample) {
    return code(World(host).look_at(make_elf(sample)));
  };
  CHECK(on("linux/amd64", {.e_machine = EM_X86_64, .elf_class = ELFCLASS32}) ==
        code(Cause::kUncommonAbi));
  CHECK(on("linux/ppc64le",
           {.e_machine = EM_PPC64, .e_flags = 1, .interpreter = "/lib64/ld64.so.1"}) ==
        code(Cause::kElfV1));
  CHECK(on("linux/arm/v7", {.e_machine = EM_ARM, .elf_class = ELFCLASS32, .e_flags = 0}) ==
        code(Cause::kOldArmAbi));
  CHECK(code(World().look_at(ElfFile{.osabi = ELFOSABI_FREEBSD}.bytes())) ==
        code(Cause::kOtherSystem));
}

TEST_CASE("ELF files that are no programs", "[examine]") {
  World world;
  const auto of_type = [](std::uint16_t e_type) {
    return make_elf({.e_machine = EM_X86_64, .e_type = e_type});
  };
  CHECK(code(world.look_at(of_type(ET_REL))) == code(Cause::kObjectFile));
  CHECK(code(world.look_at(of_type(ET_CORE))) == code(Cause::kCoreDump));
  CHECK(code(world.look_at(of_type(ET_DYN))) == code(Cause::kSharedLibrary));
  CHECK(code(world.look_at(of_type(ET_NONE))) == code(Cause::kDamagedElf));
  CHECK(code(world.look_at(ElfFile{.segments = {}}.bytes())) == code(Cause::kDamagedElf));
}

TEST_CASE("a position-independent program without a loader is no library", "[examine]") {
  World world;
  const std::string dynamic = test::number(DT_FLAGS_1, 8) + test::number(0x08000000, 8);
  const ElfFile file{.e_type = ET_DYN, .segments = {{PT_LOAD, "code"}, {PT_DYNAMIC, dynamic}}};
  CHECK(code(world.look_at(file.bytes())) == 0);
}

TEST_CASE("a loader can be started itself", "[examine]") {
  World world;
  const std::string loader = make_elf({.e_machine = EM_X86_64, .e_type = ET_DYN});
  world.files.add("/lib64/ld-linux-x86-64.so.2", loader);
  CHECK(code(world.look("/lib64/ld-linux-x86-64.so.2")) == 0);
}

TEST_CASE("an ELF file that is cut off", "[examine]") {
  World world;
  const std::string whole = make_elf(pack::kAmd64, std::string(500, 'x'));
  CHECK(code(world.look_at(whole)) == 0);
  for (const std::size_t size : {4U, 16U, 20U, 51U, 63U, 64U, 100U, 300U}) {
    CAPTURE(size);
    CHECK(code(world.look_at(whole.substr(0, size))) == code(Cause::kTruncatedElf));
  }
}

TEST_CASE("an ELF file of nonsense is damaged", "[examine]") {
  World world;
  std::string file = make_elf(pack::kAmd64);
  file[EI_CLASS] = 7;
  CHECK(code(world.look_at(file)) == code(Cause::kDamagedElf));
  CHECK(world.look_at(file).found.view() == "ELF");
}

std::string note(std::uint32_t type, const std::string& desc) {
  return test::number(4, 4) + test::number(desc.size(), 4) + test::number(type, 4) + "GNU\0"s +
         desc;
}

TEST_CASE("a program that needs a newer kernel", "[examine]") {
  World world;
  const auto needing = [](unsigned major, unsigned minor) {
    const std::string desc =
        test::number(0, 4) + test::number(major, 4) + test::number(minor, 4) + test::number(0, 4);
    return ElfFile{.segments = {{PT_LOAD, "code"}, {PT_NOTE, note(NT_GNU_ABI_TAG, desc)}}}.bytes();
  };
  world.machine.host.kernel_release = "4.18.0-553.el8.x86_64";
  CHECK(code(world.look_at(needing(3, 2))) == 0);
  CHECK(code(world.look_at(needing(4, 18))) == 0);
  const Examination newer = world.look_at(needing(5, 10));
  CHECK(code(newer) == code(Cause::kKernelTooOld));
  CHECK(evidence(newer, Evidence::kNeeds) == "Linux 5.10");
  CHECK(evidence(newer, Evidence::kDetail) == "4.18.0-553.el8.x86_64");
  world.machine.host.kernel_release = "6";
  CHECK(code(world.look_at(needing(5, 10))) == 0);
  world.machine.host.kernel_release = "";
  CHECK(code(world.look_at(needing(5, 10))) == 0);  // nothing is known
}

TEST_CASE("a program that needs a newer CPU", "[examine]") {
  const auto needing = [](std::uint32_t bits) {
    const std::string property = test::number(0xc0008002, 4) + test::number(4, 4) +
                                 test::number(bits, 4) + test::number(0, 4);
    return ElfFile{
        .segments = {{PT_LOAD, "code"}, {0x6474e553, note(NT_GNU_PROPERTY_TYPE_0, property)}}}
        .bytes();
  };
  World world("linux/amd64/v2");
  CHECK(code(world.look_at(needing(1))) == 0);
  CHECK(code(world.look_at(needing(3))) == 0);
  const Examination newer = world.look_at(needing(4));
  CHECK(code(newer) == code(Cause::kCpuTooOld));
  CHECK(evidence(newer, Evidence::kNeeds) == "x86-64-v3");
  CHECK(evidence(newer, Evidence::kPlatform) == "linux/amd64/v2");
  CHECK(code(World("linux/amd64/v4").look_at(needing(8))) == 0);
  CHECK(code(World("linux/amd64").look_at(needing(2))) == code(Cause::kCpuTooOld));
}

TEST_CASE("what to ask for is the plain platform, except of arm CPUs", "[examine]") {
  const auto asked = [](const char* platform) {
    return evidence(World(platform).look_at(make_elf(pack::kS390x)), Evidence::kPlatform);
  };
  CHECK(asked("linux/amd64/v4") == "linux/amd64");
  CHECK(asked("linux/arm64/v8.2") == "linux/arm64");
  CHECK(asked("linux/arm/v6") == "linux/arm/v6");
}

TEST_CASE("a hard-float program on an arm CPU without VFP", "[examine]") {
  World world("linux/arm/v7");
  const std::string hard = make_elf({.e_machine = EM_ARM,
                                     .elf_class = ELFCLASS32,
                                     .e_flags = EF_ARM_EABI_VER5 | EF_ARM_ABI_FLOAT_HARD});
  CHECK(code(world.look_at(hard)) == 0);
  world.machine.host.no_float_unit = true;
  CHECK(code(world.look_at(hard)) == code(Cause::kNoFloatUnit));
  CHECK(code(world.look_at(make_elf(pack::kArm))) == 0);
}

// --- Loaders

constexpr const char* kGlibcLoader = "/lib64/ld-linux-x86-64.so.2";
constexpr const char* kMuslLoader = "/lib/ld-musl-x86_64.so.1";

std::string dynamic(const std::string& loader) {
  return make_elf({.e_machine = EM_X86_64, .e_type = ET_DYN, .interpreter = loader});
}

std::string loader_file(std::uint16_t e_machine = EM_X86_64) {
  return make_elf({.e_machine = e_machine, .e_type = ET_DYN});
}

TEST_CASE("a dynamically linked program with its loader", "[examine]") {
  World world;
  world.files.add(kGlibcLoader, loader_file());
  const Examination seen = world.look_at(dynamic(kGlibcLoader));
  CHECK(code(seen) == 0);
  CHECK(seen.way == Way::kNative);
  CHECK(seen.interpreter.view() == kGlibcLoader);
  CHECK(seen.found.view() == "ELF 64-bit LSB, linux/amd64, dynamically linked");
}

TEST_CASE("a program whose loader is missing", "[examine]") {
  World world;
  const Examination seen = world.look_at(dynamic(kGlibcLoader));
  CHECK(code(seen) == code(Cause::kInterpreterMissing));
  CHECK(evidence(seen, Evidence::kInterpreter) == kGlibcLoader);
  CHECK(code(world.look_at(dynamic("/nix/store/x/ld.so"))) == code(Cause::kInterpreterMissing));
}

TEST_CASE("a program of the other C library", "[examine]") {
  World alpine;
  alpine.files.add(kMuslLoader, loader_file());
  const Examination glibc = alpine.look_at(dynamic(kGlibcLoader));
  CHECK(code(glibc) == code(Cause::kGlibcOnMusl));
  CHECK(evidence(glibc, Evidence::kDetail) == kMuslLoader);
  CHECK(evidence(glibc, Evidence::kInterpreter) == kGlibcLoader);
  World debian;
  debian.files.add(kGlibcLoader, loader_file());
  CHECK(code(debian.look_at(dynamic(kMuslLoader))) == code(Cause::kMuslOnGlibc));
  // Both are there.
  debian.files.add(kMuslLoader, loader_file());
  CHECK(code(debian.look_at(dynamic(kMuslLoader))) == 0);
}

TEST_CASE("a loader that does not fit the program", "[examine]") {
  World world;
  world.files.add(kGlibcLoader, loader_file(EM_AARCH64));
  const Examination foreign = world.look_at(dynamic(kGlibcLoader));
  CHECK(code(foreign) == code(Cause::kInterpreterWrong));
  CHECK(evidence(foreign, Evidence::kDetail) == "linux/arm64");
  world.files.add(kGlibcLoader, "no ELF file");
  CHECK(code(world.look_at(dynamic(kGlibcLoader))) == code(Cause::kInterpreterWrong));
}

TEST_CASE("programs of Android are not of this system", "[examine]") {
  World world;
  CHECK(code(world.look_at(dynamic("/system/bin/linker64"))) == code(Cause::kOtherSystem));
}

// --- Scripts

TEST_CASE("a script is started by its interpreter", "[examine]") {
  World world;
  world.files.add("/bin/sh", make_elf(pack::kAmd64));
  for (const char* script : {"#!/bin/sh\n", "#! /bin/sh\n", "#!\t/bin/sh -e\necho\n", "#!/bin/sh",
                             "#!/bin/sh   \n", "#!/bin/sh -x y z\n"}) {
    CAPTURE(script);
    const Examination seen = world.look_at(script);
    CHECK(code(seen) == 0);
    CHECK(seen.way == Way::kNative);
    CHECK(seen.interpreter.view() == "/bin/sh");
    CHECK(seen.found.view() == "script");
    CHECK_FALSE(seen.platform);
  }
}

TEST_CASE("a chain of scripts is followed to its end", "[examine]") {
  World world;
  world.files.add("/bin/sh", make_elf(pack::kAmd64));
  world.files.add("/1", "#!/bin/sh\n");
  for (int i = 2; i <= 6; ++i) {
    world.files.add("/" + std::to_string(i), "#!/" + std::to_string(i - 1) + "\n");
  }
  for (const char* script : {"/1", "/2", "/3", "/4", "/5"}) {
    CAPTURE(script);
    CHECK(code(world.look(script)) == 0);
    CHECK(world.look(script).interpreter.view() == "/bin/sh");
  }
  // The kernel gives up after five (fs/exec.c).
  CHECK(code(world.look("/6")) == code(Cause::kShebangLoop));
}

TEST_CASE("scripts that start each other", "[examine]") {
  World world;
  world.files.add("/self", "#!/self\n");
  world.files.add("/a", "#!/b\n");
  world.files.add("/b", "#!/a\n");
  CHECK(code(world.look("/self")) == code(Cause::kShebangLoop));
  CHECK(code(world.look("/a")) == code(Cause::kShebangLoop));
  CHECK(evidence(world.look("/a"), Evidence::kPath) == "/a");
}

TEST_CASE("an interpreter that is not there", "[examine]") {
  World world;
  const Examination missing = world.look_at("#!/usr/bin/python3\n");
  CHECK(code(missing) == code(Cause::kShebangMissing));
  CHECK(evidence(missing, Evidence::kInterpreter) == "/usr/bin/python3");
  CHECK(missing.way == Way::kNone);
  world.files.link("/usr/bin/python", "/nowhere");
  CHECK(code(world.look_at("#!/usr/bin/python\n")) == code(Cause::kShebangMissing));
}

TEST_CASE("an interpreter that cannot run", "[examine]") {
  World world;
  const auto why = [&world](const std::string& content, unsigned mode) {
    world.files.add("/interpreter", content, mode);
    const Examination seen = world.look_at("#!/interpreter\n");
    CHECK(code(seen) == code(Cause::kShebangUnrunnable));
    return evidence(seen, Evidence::kDetail);
  };
  using Catch::EndsWith;
  CHECK_THAT(why(make_elf(pack::kArm64), S_IFREG | 0755), EndsWith(" [PZX-201]"));
  CHECK_THAT(why(make_elf(pack::kAmd64), S_IFREG | 0644), EndsWith(" [PZX-219]"));
  CHECK_THAT(why("", S_IFDIR | 0755), EndsWith(" [PZX-220]"));
  CHECK_THAT(why("echo text\n", S_IFREG | 0755), EndsWith(" [PZX-225]"));
  CHECK_THAT(why(dynamic(kGlibcLoader), S_IFREG | 0755), EndsWith(" [PZX-210]"));
}

TEST_CASE("what is wrong with the line of a script", "[examine]") {
  World world;
  world.files.add("/bin/sh", make_elf(pack::kAmd64));
  CHECK(code(world.look_at("#!/bin/sh\r\necho\r\n")) == code(Cause::kShebangCrlf));
  CHECK(code(world.look_at("#!\n")) == code(Cause::kShebangEmpty));
  CHECK(code(world.look_at("#! \t \n")) == code(Cause::kShebangEmpty));
  CHECK(code(world.look_at("#!")) == code(Cause::kShebangEmpty));
  const std::string longest = "/" + std::string(300, 'x');
  world.files.add(longest, make_elf(pack::kAmd64));
  CHECK(code(world.look_at("#!" + longest + "\n")) == code(Cause::kShebangTooLong));
  CHECK(code(world.look_at("\xef\xbb\xbf#!/bin/sh\n")) == code(Cause::kByteOrderMark));
}

TEST_CASE("a script may not be executed without permission", "[examine]") {
  World world;
  world.files.add("/bin/sh", make_elf(pack::kAmd64));
  world.files.add("/script", "#!/bin/sh\n", S_IFREG | 0644);
  CHECK(code(world.look("/script")) == code(Cause::kNotExecutable));
}

TEST_CASE("env looks its program up in PATH", "[examine]") {
  World world;
  world.files.add("/usr/bin/env", make_elf(pack::kAmd64));
  world.files.search_path = "/usr/local/bin:/usr/bin";
  const Examination missing = world.look_at("#!/usr/bin/env python3\n");
  CHECK(code(missing) == code(Cause::kShebangEnv));
  CHECK(evidence(missing, Evidence::kDetail) == "python3");
  world.files.add("/usr/bin/python3", make_elf(pack::kAmd64));
  CHECK(code(world.look_at("#!/usr/bin/env python3\n")) == 0);
  CHECK(code(world.look_at("#!/usr/bin/env -S python3 -u\n")) == 0);
  const Examination two = world.look_at("#!/usr/bin/env python3 -u\n");
  CHECK(code(two) == code(Cause::kShebangArguments));
  CHECK(evidence(two, Evidence::kDetail) == "python3 -u");
  world.files.search_path = "/usr/local/bin";
  CHECK(code(world.look_at("#!/usr/bin/env python3\n")) == code(Cause::kShebangEnv));
}

// --- Handlers

const std::string kHandlerOfArm64 =
    "enabled\ninterpreter /usr/bin/qemu-aarch64\nflags: OCF\noffset 0\n"
    "magic 7f454c460201010000000000000000000200b700\n"
    "mask ffffffffffffff00fffffffffffffffffeffffff\n";

TEST_CASE("a program that a handler takes runs through it", "[examine]") {
  World world;
  world.handler(kHandlerOfArm64);
  const Examination seen = world.look_at(make_elf(pack::kArm64));
  CHECK(code(seen) == 0);
  CHECK(seen.way == Way::kHandler);
  REQUIRE(seen.handler != nullptr);
  CHECK(seen.handler->interpreter.view() == "/usr/bin/qemu-aarch64");
  CHECK(world.look_at(make_elf(pack::kAmd64)).handler == nullptr);
  CHECK(code(world.look_at(make_elf(pack::kS390x))) == code(Cause::kWrongArchitecture));
}

TEST_CASE("a handler without the flag F must be there when it is used", "[examine]") {
  World world;
  std::string text = kHandlerOfArm64;
  text.replace(text.find("OCF"), 3, "OC");
  world.handler(text);
  const Examination gone = world.look_at(make_elf(pack::kArm64));
  CHECK(code(gone) == code(Cause::kHandlerGone));
  CHECK(evidence(gone, Evidence::kInterpreter) == "/usr/bin/qemu-aarch64");
  CHECK(evidence(gone, Evidence::kDetail) == "handler");
  world.files.add("/usr/bin/qemu-aarch64", make_elf(pack::kAmd64));
  CHECK(code(world.look_at(make_elf(pack::kArm64))) == 0);
}

TEST_CASE("an emulated program needs the loader of its own platform", "[examine]") {
  World world;
  world.handler(kHandlerOfArm64);
  const std::string program =
      make_elf({.e_machine = EM_AARCH64, .interpreter = "/lib/ld-linux-aarch64.so.1"});
  const Examination missing = world.look_at(program);
  CHECK(code(missing) == code(Cause::kForeignLoader));
  CHECK(evidence(missing, Evidence::kNeeds) == "linux/arm64");
  world.files.add("/lib/ld-linux-aarch64.so.1", loader_file(EM_AARCH64));
  CHECK(code(world.look_at(program)) == 0);
}

TEST_CASE("what is no ELF file may have a handler too", "[examine]") {
  World world;
  CHECK(code(world.look_at("PK\x03\x04 a jar")) == code(Cause::kArchive));
  world.handler("enabled\ninterpreter /usr/bin/jexec\nflags: F\noffset 0\nmagic 504b0304\n");
  const Examination seen = world.look_at("PK\x03\x04 a jar");
  CHECK(code(seen) == 0);
  CHECK(seen.way == Way::kHandler);
}

// --- Other files

TEST_CASE("files of other formats are told apart", "[examine]") {
  World world;
  const Examination gzip = world.look_at("\x1f\x8b\x08\0"s);
  CHECK(code(gzip) == code(Cause::kCompressedFile));
  CHECK(gzip.found.view() == "gzip");
  CHECK(gzip.way == Way::kNone);
  const Examination text = world.look_at("echo hello\n");
  CHECK(code(text) == code(Cause::kNoShebang));
  CHECK(text.found.view() == "text");
  CHECK(evidence(text, Evidence::kFound) == "text");
}

TEST_CASE("bytes of an unknown file are shown", "[examine]") {
  World world;
  const Examination seen = world.look_at("\x01\xff\0\x10"s);
  CHECK(code(seen) == code(Cause::kUnknownFormat));
  CHECK_THAT(evidence(seen, Evidence::kDetail), Catch::StartsWith("01 ff 00 10"));
}

TEST_CASE("what was found is said in the language asked for", "[examine]") {
  World world;
  world.files.add("/bin/sh", make_elf(pack::kAmd64));
  world.files.add("/script", "#!/bin/sh\n");
  const auto found = [&world](const char* path) {
    return std::string(
        examine(world.files, Path(path), world.machine, Language::kKorean).found.view());
  };
  CHECK(found("/script") == "스크립트");
  CHECK(found("/bin/sh") == "ELF 64-bit LSB, linux/amd64, 정적 링크");
}

TEST_CASE("the shortest and the oddest files do no harm", "[examine]") {
  World world;
  const std::string whole = dynamic(kGlibcLoader);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(code(world.look_at(whole.substr(0, size))) != 0);
  }
  for (std::size_t at = 4; at < 120; ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0xff);
    CAPTURE(at);
    CHECK(code(world.look_at(damaged)) != 0);  // its loader is missing, if nothing else
  }
}

}  // namespace
}  // namespace pixelzx
