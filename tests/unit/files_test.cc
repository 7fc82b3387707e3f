// SPDX-License-Identifier: Apache-2.0
#include "files.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "support.h"

namespace pixelzx {
namespace {

using test::content_of;
using test::Folder;

bool is_open(int fd) {
  return fcntl(fd, F_GETFD) >= 0;
}

TEST_CASE("a descriptor is closed at the end of its scope", "[files]") {
  int number = -1;
  {
    const Fd file = open_file(AT_FDCWD, "/dev/null", O_RDONLY);
    REQUIRE(file);
    number = file.get();
    CHECK(is_open(number));
    CHECK((fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("a descriptor moves, and is given away", "[files]") {
  Fd first = open_file(AT_FDCWD, "/dev/null", O_RDONLY);
  const int number = first.get();
  Fd second(std::move(first));
  CHECK(second.get() == number);
  CHECK_FALSE(first);  // NOLINT: what a moved-from Fd is
  Fd third;
  third = std::move(second);
  CHECK(third.get() == number);
  CHECK(third.release() == number);
  CHECK_FALSE(third);
  CHECK(is_open(number));
  close(number);

  Fd closed = open_file(AT_FDCWD, "/dev/null", O_RDONLY);
  closed.reset();
  CHECK_FALSE(closed);
  closed.reset();
}

TEST_CASE("a file that is not there", "[files]") {
  errno = 0;
  CHECK_FALSE(open_file(AT_FDCWD, "/nonexistent/file", O_RDONLY));
  CHECK(errno == ENOENT);
}

/// Runs `test` in a child that has descriptors 0, 1 and 2 closed; true when it says so.
template <typename Test>
bool in_child_without_standard_descriptors(const Test& test) {
  const pid_t child = fork();
  if (child == 0) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) close(fd);
    _exit(test() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_CASE("a new descriptor never takes the place of a closed standard one", "[files]") {
  CHECK(in_child_without_standard_descriptors([] {
    const Fd file = open_file(AT_FDCWD, "/dev/null", O_RDONLY);
    return file.get() > STDERR_FILENO && (fcntl(file.get(), F_GETFD) & FD_CLOEXEC) != 0 &&
           !is_open(0) && !is_open(1) && !is_open(2);
  }));
  CHECK(in_child_without_standard_descriptors([] {
    const Fd file = above_stderr(open("/dev/null", O_RDONLY));  // NOLINT: inheritable on purpose
    return file.get() > STDERR_FILENO && (fcntl(file.get(), F_GETFD) & FD_CLOEXEC) == 0 &&
           !is_open(0);
  }));
  CHECK_FALSE(above_stderr(-1));
}

TEST_CASE("reading at an offset", "[files]") {
  const Folder folder;
  const std::string path = folder.file("file", "0123456789");
  const Fd file = open_file(AT_FDCWD, path.c_str(), O_RDONLY);
  std::array<char, 16> buffer{};
  CHECK(read_at(file.get(), buffer.data(), 4, 3) == 4);
  CHECK(std::string_view(buffer.data(), 4) == "3456");
  CHECK(read_at(file.get(), buffer.data(), buffer.size(), 8) == 2);
  CHECK(std::string_view(buffer.data(), 2) == "89");
  CHECK(read_at(file.get(), buffer.data(), 4, 10) == 0);
  CHECK(read_at(file.get(), buffer.data(), 4, 1000) == 0);
  CHECK(read_at(file.get(), buffer.data(), 0, 0) == 0);
  errno = 0;
  CHECK(read_at(-1, buffer.data(), 4, 0) == -1);
  CHECK(errno == EBADF);
}

TEST_CASE("writing all of it", "[files]") {
  const Folder folder;
  const std::string path = folder.path("file");
  const std::string text(200000, 't');
  {
    const Fd file = open_file(AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT, 0600);
    REQUIRE(file);
    CHECK(write_all(file.get(), text.data(), text.size()));
    CHECK(write_all(file.get(), "", 0));
  }
  CHECK(content_of(path) == text);
  const Fd full = open_file(AT_FDCWD, "/dev/full", O_WRONLY);
  errno = 0;
  CHECK_FALSE(write_all(full.get(), text.data(), text.size()));
  CHECK(errno == ENOSPC);
}

TEST_CASE("the parts of a path", "[files]") {
  struct Row {
    std::string_view path;
    std::string_view directory;
    std::string_view name;
  };
  constexpr std::array<Row, 7> kRows = {{
      {"/a/b", "/a", "b"},
      {"/a", "/", "a"},
      {"a/b/c", "a/b", "c"},
      {"b", ".", "b"},
      {"./b", ".", "b"},
      {"/a/b/", "/a/b", ""},
      {"", ".", ""},
  }};
  for (const Row& row : kRows) {
    CAPTURE(row.path);
    CHECK(directory_of(row.path) == row.directory);
    CHECK(base_name(row.path) == row.name);
  }
}

TEST_CASE("a host's files lie below a folder", "[files]") {
  const Folder folder;
  folder.file("proc/sys/kernel/arch", "aarch64\n");
  folder.directory("sys/bus/ccw");
  const HostFiles files(folder.path());
  std::array<char, 64> buffer{};
  CHECK(files.read("/proc/sys/kernel/arch", buffer) == "aarch64\n");
  CHECK(files.read("/proc/cpuinfo", buffer).empty());
  CHECK(files.read("/sys/bus/ccw", buffer).empty());
  CHECK(files.exists("/sys/bus/ccw"));
  CHECK(files.exists("/proc/sys/kernel/arch"));
  CHECK_FALSE(files.exists("/sys/bus/pci"));
  std::array<char, 4> small{};
  CHECK(files.read("/proc/sys/kernel/arch", small) == "aarc");
}

TEST_CASE("the live machine's files", "[files]") {
  const HostFiles files("");
  std::array<char, 32> buffer{};
  CHECK(files.read("/proc/self/comm", buffer) == "unit_tests\n");
  CHECK(files.exists("/proc/self"));
}

TEST_CASE("a path that was cut off is not opened", "[files]") {
  const Folder folder;
  folder.file("file", "text");
  // So long that only the part that names the file would be left.
  const std::string root = folder.path() + std::string(4095 - folder.path().size(), '/');
  const HostFiles files(root);
  std::array<char, 8> buffer{};
  CHECK(files.read("/file", buffer).empty());
  CHECK_FALSE(files.exists("/file"));
}

}  // namespace
}  // namespace pixelzx
