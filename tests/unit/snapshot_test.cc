// SPDX-License-Identifier: Apache-2.0
//
// Snapshots that save_snapshot writes; those of tests/hosts are read in host_test.cc.
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>
#include <filesystem>
#include <string>

#include "doctor.h"
#include "support.h"

namespace pixelzx {
namespace {

using test::content_of;
using test::Folder;

int saved(const HostSource& source, const std::string& folder, std::string& failed) {
  Path path;
  const int error = save_snapshot(source, Path(folder.c_str()), path);
  failed = path.view();
  return error;
}

std::string hosts() {
  return std::string(PIXELZX_SOURCE_DIR) + "/tests/hosts";
}

TEST_CASE("what is saved of any host shows the same host", "[snapshot]") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(hosts())) {
    const std::optional<HostSource> source = snapshot_host_source(entry.path().string());
    if (!source) continue;
    CAPTURE(entry.path().filename());
    ++count;
    const Folder folder;
    std::string failed;
    REQUIRE(saved(*source, folder.path("snapshot"), failed) == 0);
    const std::optional<HostSource> copy = snapshot_host_source(folder.path("snapshot"));
    REQUIRE(copy);
    const Host before = detect_host(*source);
    const Host after = detect_host(*copy);
    CHECK(after.platform == before.platform);
    CHECK(after.userland == before.userland);
    CHECK(after.page_size == before.page_size);
    CHECK(after.kernel_release == before.kernel_release);
    CHECK(copy->auxv.hwcap == source->auxv.hwcap);
    CHECK(copy->auxv.hwcap2 == source->auxv.hwcap2);
    CHECK(copy->auxv.platform == source->auxv.platform);
  }
  CHECK(count >= 13);
}

TEST_CASE("what is saved of this machine shows this machine", "[snapshot]") {
  const HostSource live = live_host_source();
  const Host host = detect_host(live);
  if (host.emulated) return;  // its CPU is another
  const Folder folder;
  std::string failed;
  REQUIRE(saved(live, folder.path("snapshot"), failed) == 0);
  const std::optional<HostSource> copy = snapshot_host_source(folder.path("snapshot"));
  REQUIRE(copy);
  const Host after = detect_host(*copy);
  CHECK(after.platform.arch == host.platform.arch);
  CHECK(after.page_size == host.page_size);
  CHECK(after.kernel_release == host.kernel_release);
}

TEST_CASE("handlers of binfmt_misc are saved, and nothing that registers one", "[snapshot]") {
  const Folder folder;
  const std::string handler = "enabled\ninterpreter /qemu\nflags: F\noffset 0\nmagic 7f\nmask ff\n";
  folder.file("host/uname", "Linux 6.1.0 x86_64\n");
  folder.file("host/proc/sys/fs/binfmt_misc/status", "enabled\n");
  folder.file("host/proc/sys/fs/binfmt_misc/qemu-aarch64", handler);
  folder.file("host/proc/sys/fs/binfmt_misc/register", "never read\n");
  std::string failed;
  REQUIRE(saved(*snapshot_host_source(folder.path("host")), folder.path("copy"), failed) == 0);
  CHECK(content_of(folder.path("copy/uname")) == "Linux 6.1.0 x86_64\n");
  CHECK(content_of(folder.path("copy/proc/sys/fs/binfmt_misc/status")) == "enabled\n");
  CHECK(content_of(folder.path("copy/proc/sys/fs/binfmt_misc/qemu-aarch64")) == handler);
  CHECK_FALSE(std::filesystem::exists(folder.path("copy/proc/sys/fs/binfmt_misc/register")));
}

TEST_CASE("a folder that is there already is left alone", "[snapshot]") {
  const Folder folder;
  folder.directory("there");
  const HostSource source = *snapshot_host_source(hosts() + "/armv7");
  std::string failed;
  CHECK(saved(source, folder.path("there"), failed) == EEXIST);
  CHECK(failed == folder.path("there"));
  CHECK(std::filesystem::is_empty(folder.path("there")));
  const std::string file = folder.file("file", "content");
  CHECK(saved(source, file, failed) == EEXIST);
  CHECK(content_of(file) == "content");
}

TEST_CASE("a folder that cannot be made", "[snapshot]") {
  const Folder folder;
  const HostSource source = *snapshot_host_source(hosts() + "/armv7");
  std::string failed;
  CHECK(saved(source, folder.path("no/parent"), failed) == ENOENT);
  CHECK(failed == folder.path("no/parent"));
  CHECK(saved(source, folder.file("file", "") + "/below", failed) == ENOTDIR);
  CHECK(saved(source, folder.path(std::string(5000, 'x')), failed) == ENAMETOOLONG);
  if (geteuid() == 0) return;  // root may write everywhere
  folder.directory("locked");
  chmod(folder.path("locked").c_str(), 0555);
  CHECK(saved(source, folder.path("locked/new"), failed) == EACCES);
}

TEST_CASE("a file that cannot be written is named", "[snapshot]") {
  const Folder folder;
  const HostSource source = *snapshot_host_source(hosts() + "/raspberry-pi-4-64bit");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 100, .rlim_max = before.rlim_max};
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  std::string failed;
  const int error = saved(source, folder.path("snapshot"), failed);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  CHECK(error == EFBIG);
  CHECK(failed.starts_with(folder.path("snapshot/")));
  CHECK(std::filesystem::file_size(failed) == 100);
}

}  // namespace
}  // namespace pixelzx
