// SPDX-License-Identifier: Apache-2.0
#include "machine.h"

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "elf.h"
#include "support.h"

namespace pixelzx {
namespace {

using test::Folder;

// As Debian's qemu-user-static registers it.
constexpr std::string_view kQemuArm64 =
    "enabled\n"
    "interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P\n"
    "flags: POCF\n"
    "offset 0\n"
    "magic 7f454c460201010000000000000000000200b700\n"
    "mask ffffffffffffff00fffffffffffffffffeffffff\n";

/// The probe of `platform`; the first one, where there are two.
std::string probe(std::string_view platform) {
  for (const ProbeRow& row : kProbes) {
    if (row.platform == platform) return std::string(make_probe(row).view());
  }
  return {};
}

TEST_CASE("a registration with binfmt_misc says what it takes", "[machine]") {
  const std::optional<Handler> handler = parse_handler("qemu-aarch64", kQemuArm64);
  REQUIRE(handler);
  CHECK(handler->name.view() == "qemu-aarch64");
  CHECK(handler->interpreter.view() == "/usr/libexec/qemu-binfmt/aarch64-binfmt-P");
  CHECK(handler->flags.view() == "POCF");
  CHECK(handler->enabled);
  CHECK(handler->offset == 0);
  CHECK(handler->size == 20);
  for (const ProbeRow& row : kProbes) {
    CAPTURE(row.platform);
    CHECK(handler->takes(make_probe(row).view()) == (row.platform == "linux/arm64"));
  }
  // A position-independent program, as far as the mask is concerned; an object file is none.
  std::string file = probe("linux/arm64");
  file[16] = ET_DYN;
  CHECK(handler->takes(file));
  file[16] = ET_CORE + 4;
  CHECK_FALSE(handler->takes(file));
  CHECK_FALSE(handler->takes(probe("linux/arm64").substr(0, 19)));
  CHECK(handler->takes(probe("linux/arm64").substr(0, 20)));
  CHECK_FALSE(handler->takes(""));
}

TEST_CASE("a handler that is switched off takes nothing", "[machine]") {
  std::string text(kQemuArm64);
  text.replace(0, 7, "disabled");
  const std::optional<Handler> handler = parse_handler("qemu-aarch64", text);
  REQUIRE(handler);
  CHECK_FALSE(handler->enabled);
  CHECK_FALSE(handler->takes(probe("linux/arm64")));
}

TEST_CASE("a handler without a mask compares every bit", "[machine]") {
  const std::optional<Handler> handler = parse_handler(
      "python3.11",
      "enabled\ninterpreter /usr/bin/python3.11\nflags: \noffset 0\nmagic a70d0d0a\n");
  REQUIRE(handler);
  CHECK(handler->flags.empty());
  CHECK(handler->takes("\xa7\x0d\x0d\x0a rest"));
  CHECK_FALSE(handler->takes("\xa6\x0d\x0d\x0a rest"));
}

TEST_CASE("a handler may look further into the file", "[machine]") {
  const std::optional<Handler> handler =
      parse_handler("x", "enabled\ninterpreter /x\nflags: \noffset 3\nmagic 4142\nmask ffdf");
  REQUIRE(handler);
  CHECK(handler->takes("...AB"));
  CHECK(handler->takes("...Ab"));
  CHECK_FALSE(handler->takes("...aB"));
  CHECK_FALSE(handler->takes("AB..."));
  CHECK_FALSE(handler->takes("...A"));
}

TEST_CASE("a handler of file name extensions takes no content", "[machine]") {
  const std::optional<Handler> handler =
      parse_handler("wine", "enabled\ninterpreter /usr/bin/wine\nflags: \nextension .exe\n");
  REQUIRE(handler);
  CHECK_FALSE(handler->takes("MZ"));
  CHECK_FALSE(handler->takes(""));
}

TEST_CASE("what is no registration", "[machine]") {
  for (const char* text : {"", "enabled", "enabled\n", "disabled\n", "interpreter /x\n",
                           "magic 7f454c46\n", "\n", "\xff\xff"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_handler("status", text));
  }
}

TEST_CASE("a damaged registration does no harm", "[machine]") {
  const auto takes = [](const std::string& tail, std::string_view head) {
    const std::optional<Handler> handler = parse_handler("x", "enabled\ninterpreter /x\n" + tail);
    return handler && handler->takes(head);
  };
  CHECK_FALSE(takes("magic \n", "anything"));
  CHECK_FALSE(takes("magic xyz\n", "anything"));
  CHECK_FALSE(takes("offset 99999999999999999999\nmagic zz\n", "anything"));
  CHECK_FALSE(takes("offset 18446744073709551615\nmagic 41\n", "A"));
  const std::string longest(512, '4');
  CHECK_FALSE(takes("magic " + longest + "\n", "D"));
  CHECK(takes("magic " + longest + "\nmask " + longest + "\n", std::string(256, 'D')));
}

TEST_CASE("every probe is a program of its platform", "[machine]") {
  std::set<std::string> own;
  for (std::size_t i = 0; i < kProbeCount; ++i) {
    const ProbeRow& row = kProbes.at(i);
    CAPTURE(row.platform);
    const FixedString<255> file = make_probe(row);
    CHECK_FALSE(file.truncated());
    const std::optional<Elf> elf = parse_elf(file.view());
    REQUIRE(elf);
    CHECK(elf->elf_class == row.elf_class);
    CHECK(elf->data == row.data);
    CHECK(elf->e_machine == row.e_machine);
    CHECK(elf->e_flags == row.e_flags);
    CHECK(elf->e_type == ET_EXEC);
    CHECK(elf->has_load);
    CHECK_FALSE(elf->truncated);
    CHECK(elf->interpreter.empty());
    CHECK(elf->largest_page == 0x400000);  // loadable whatever the kernel's pages are
    CHECK(file.view().ends_with(row.code));
    REQUIRE(elf_platform(*elf));
    CHECK(elf_platform(*elf)->arch == parse_platform(row.platform)->arch);
    const bool x32 = row.e_machine == EM_X86_64 && row.elf_class == ELFCLASS32;
    CHECK(abi_is_loadable(*elf) == !x32);
    if (i < kPlatformProbes) own.emplace(row.platform);
  }
  CHECK(own == std::set<std::string>{"linux/amd64", "linux/arm/v7", "linux/arm64", "linux/ppc64le",
                                     "linux/riscv64", "linux/s390x"});
}

TEST_CASE("an unknown file is not a probe's kind by its header alone", "[machine]") {
  // Entry point and code agree: e_entry is where the code lies.
  for (const ProbeRow& row : kProbes) {
    const std::string file(make_probe(row).view());
    const unsigned size = row.elf_class == ELFCLASS64 ? 8 : 4;
    const std::size_t entry = 0x400000 + file.size() - row.code.size();
    CHECK(file.substr(24, size) == test::number(entry, size, row.data));
  }
}

/// The machine of a snapshot that is written here.
class Snapshot {
 public:
  explicit Snapshot(const std::string& uname) {
    folder.file("uname", "Linux 6.1.0 " + uname + "\n");
  }

  Folder folder;
  Machine machine;

  Snapshot& look() {
    look_at_machine(*snapshot_host_source(folder.path()), false, Path(), machine);
    return *this;
  }
  void handler(const std::string& name, std::string_view text) const {
    folder.file("proc/sys/fs/binfmt_misc/" + name, text);
  }
  [[nodiscard]] Way way(std::string_view platform) const { return way_of(probe(platform)); }
  [[nodiscard]] Way way_of(const std::string& file) const {
    return machine.way_of(*parse_elf(file), file);
  }
};

std::string x32() {
  return std::string(make_probe(kProbes.back()).view());
}

TEST_CASE("what a snapshot's kernel runs by itself", "[machine]") {
  Snapshot amd64("x86_64");
  amd64.look();
  CHECK_FALSE(amd64.machine.live);
  CHECK(amd64.way("linux/amd64") == Way::kNative);
  CHECK(amd64.way("linux/386") == Way::kUnknown);
  CHECK(amd64.way_of(x32()) == Way::kNone);
  CHECK(amd64.way("linux/arm64") == Way::kNone);
  CHECK(amd64.way("linux/s390x") == Way::kNone);
  Snapshot arm64("aarch64");
  arm64.look();
  CHECK(arm64.way("linux/arm64") == Way::kNative);
  CHECK(arm64.way("linux/arm/v7") == Way::kUnknown);
  CHECK(arm64.way("linux/amd64") == Way::kNone);
  CHECK(arm64.way("linux/386") == Way::kNone);
  Snapshot s390x("s390x");
  s390x.look();
  CHECK(s390x.way("linux/s390x") == Way::kNative);
  CHECK(s390x.way("linux/ppc64le") == Way::kNone);
}

TEST_CASE("an Apple CPU runs no 32-bit programs", "[machine]") {
  Machine machine;
  const std::string folder = std::string(PIXELZX_SOURCE_DIR) + "/tests/hosts/asahi-m1";
  look_at_machine(*snapshot_host_source(folder), false, Path(), machine);
  const std::string arm = probe("linux/arm/v7");
  CHECK(machine.way_of(*parse_elf(arm), arm) == Way::kNone);
  const std::string arm64 = probe("linux/arm64");
  CHECK(machine.way_of(*parse_elf(arm64), arm64) == Way::kNative);
}

TEST_CASE("an arm CPU without VFP is noticed", "[machine]") {
  const std::string hosts = std::string(PIXELZX_SOURCE_DIR) + "/tests/hosts/";
  const auto lacks = [&hosts](const char* name) {
    Machine machine;
    look_at_machine(*snapshot_host_source(hosts + name), false, Path(), machine);
    return machine.host.no_float_unit;
  };
  CHECK(lacks("armv7-no-vfp"));
  CHECK_FALSE(lacks("raspberry-pi-3-32bit"));
  CHECK_FALSE(lacks("asahi-m1"));
}

TEST_CASE("machines that no probe is for run their own programs", "[machine]") {
  Machine machine;
  look_at_machine(
      *snapshot_host_source(std::string(PIXELZX_SOURCE_DIR) + "/tests/hosts/powermac-g5"), false,
      Path(), machine);
  const std::string own = test::ElfFile{.e_machine = EM_PPC64, .data = ELFDATA2MSB}.bytes();
  CHECK(machine.way_of(*parse_elf(own), own) == Way::kNative);
  const std::string other = test::ElfFile{.e_machine = EM_SPARCV9, .data = ELFDATA2MSB}.bytes();
  CHECK(machine.way_of(*parse_elf(other), other) == Way::kNone);
  const std::string unnamed = test::ElfFile{.e_machine = 9999}.bytes();
  CHECK(machine.way_of(*parse_elf(unnamed), unnamed) == Way::kNone);
}

TEST_CASE("handlers of a snapshot", "[machine]") {
  Snapshot snapshot("x86_64");
  snapshot.handler("status", "enabled\n");
  snapshot.handler("qemu-aarch64", kQemuArm64);
  snapshot.look();
  CHECK(snapshot.machine.handlers_known);
  CHECK(snapshot.machine.handlers_on);
  REQUIRE(snapshot.machine.handlers().size() == 1);
  CHECK(snapshot.way("linux/arm64") == Way::kHandler);
  CHECK(snapshot.way("linux/arm/v7") == Way::kNone);
  CHECK(snapshot.way("linux/amd64") == Way::kNative);
  const Handler* handler = snapshot.machine.handler_for(probe("linux/arm64"));
  REQUIRE(handler != nullptr);
  CHECK(handler->name.view() == "qemu-aarch64");
  CHECK(snapshot.machine.handler_for(probe("linux/amd64")) == nullptr);
}

TEST_CASE("handlers mean nothing while binfmt_misc is switched off", "[machine]") {
  Snapshot snapshot("x86_64");
  snapshot.handler("status", "disabled\n");
  snapshot.handler("qemu-aarch64", kQemuArm64);
  snapshot.look();
  CHECK(snapshot.machine.handlers_known);
  CHECK_FALSE(snapshot.machine.handlers_on);
  CHECK(snapshot.machine.handlers().size() == 1);
  CHECK(snapshot.way("linux/arm64") == Way::kNone);
}

TEST_CASE("without binfmt_misc nothing is known of handlers", "[machine]") {
  Snapshot snapshot("x86_64");
  snapshot.look();
  CHECK_FALSE(snapshot.machine.handlers_known);
  CHECK(snapshot.machine.handlers().empty());
  CHECK(snapshot.machine.handler_for(probe("linux/arm64")) == nullptr);
}

TEST_CASE("more handlers than there is room for", "[machine]") {
  Snapshot snapshot("x86_64");
  snapshot.handler("status", "enabled\n");
  for (std::size_t i = 0; i < kMaxHandlers + 5; ++i) {
    snapshot.handler("h" + std::to_string(i), kQemuArm64);
  }
  snapshot.look();
  CHECK(snapshot.machine.handlers().size() == kMaxHandlers);
  CHECK(snapshot.way("linux/arm64") == Way::kHandler);
}

TEST_CASE("a platform by itself runs its own programs only", "[machine]") {
  const std::string amd64 = probe("linux/amd64");
  const std::string i386 = probe("linux/386");
  Machine machine;
  machine_of_platform(linux_platform("amd64", "v3"), machine);
  CHECK(machine.host.platform == linux_platform("amd64", "v3"));
  CHECK(machine.way_of(*parse_elf(amd64), amd64) == Way::kNative);
  CHECK(machine.way_of(*parse_elf(i386), i386) == Way::kNone);
  CHECK(machine.way_of(*parse_elf(x32()), x32()) == Way::kNone);
  Machine old;
  machine_of_platform(linux_platform("386"), old);
  CHECK(old.way_of(*parse_elf(i386), i386) == Way::kNative);
  CHECK(old.way_of(*parse_elf(amd64), amd64) == Way::kNone);
}

TEST_CASE("ways have names", "[machine]") {
  CHECK(name_of(Way::kNone) == "none");
  CHECK(name_of(Way::kUnknown) == "unknown");
  CHECK(name_of(Way::kNative) == "native");
  CHECK(name_of(Way::kCompat) == "compat");
  CHECK(name_of(Way::kHandler) == "handler");
}

TEST_CASE("on this machine its own probe runs, and nothing is left behind", "[machine]") {
  const Folder folder;
  Machine machine;
  look_at_machine(live_host_source(), true, Path(folder.path().c_str()), machine);
  CHECK(machine.live);
  std::size_t native = 0;
  for (std::size_t i = 0; i < kPlatformProbes; ++i) {
    CHECK((machine.ways.at(i) == Way::kNone) == (machine.outcomes.at(i) != 0));
    if (parse_platform(kProbes.at(i).platform)->arch.view() != own_arch()) continue;
    CHECK(machine.outcomes.at(i) == 0);
    ++native;
  }
  CHECK(native == 1);
  CHECK(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace pixelzx
