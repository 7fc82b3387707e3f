// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sys/stat.h>

#include "doctor.h"
#include "host_arch.h"

namespace pixelzx {
namespace {

/// The next word of `text`, which loses it.
std::string_view take_word(std::string_view& text) {
  text = trim(text);
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

/// A decimal number, or a hexadecimal one with `0x`.
std::uint64_t number_of(std::string_view text) {
  if (!text.starts_with("0x")) return take_number(text).value_or(0);
  std::uint64_t number = 0;
  for (const char c : text.substr(2)) {
    const char digit = static_cast<char>(c | 0x20);  // lower case; digits stay
    if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) break;
    number = number << 4 | static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  }
  return number;
}

AuxiliaryVector read_snapshot_auxv(std::string_view text) {
  AuxiliaryVector auxv;
  while (!text.empty()) {
    const std::string_view line = take_until(text, '\n');
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, equals);
    const std::string_view value = trim(line.substr(equals + 1));
    if (name == "AT_HWCAP") auxv.hwcap = number_of(value);
    if (name == "AT_HWCAP2") auxv.hwcap2 = number_of(value);
    if (name == "AT_PAGESZ") auxv.page_size = number_of(value);
    if (name == "AT_PLATFORM") auxv.platform = value;
  }
  return auxv;
}

/// Writes files of a snapshot; goes on until one fails.
class Writer {
 public:
  Writer(const Path& root, Path& failed) : root_(root), failed_(failed) {}

  int error = 0;

  /// Makes the folders above the file, too. What is there already is not touched.
  void write(std::string_view path, std::string_view content) {
    if (error != 0) return;
    failed_ = root_;
    failed_.append(path);
    if (failed_.truncated()) {
      error = ENAMETOOLONG;
      return;
    }
    for (std::size_t i = root_.size() + 1; i < failed_.size(); ++i) {
      if (failed_.view()[i] == '/') mkdir(Path(failed_.view().substr(0, i)).c_str(), 0777);
    }
    const Fd file = open_file(AT_FDCWD, failed_.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (!file || !write_all(file.get(), content.data(), content.size())) error = errno;
  }

 private:
  const Path& root_;
  Path& failed_;
};

// What detection and the doctor look at.
constexpr std::string_view kCopied[] = {"/proc/cpuinfo", "/proc/sys/kernel/arch",
                                        "/sys/devices/system/cpu/modalias",
                                        "/sys/fs/selinux/enforce"};

}  // namespace

std::optional<HostSource> snapshot_host_source(std::string_view directory) {
  HostSource source{.files = HostFiles(directory),
                    .auxv = {},
                    .uname_machine = {},
                    .uname_release = {},
                    .launcher_arch = {},
                    .running_machine = nullptr};
  std::array<char, 1024> buffer;                                 // NOLINT: filled by read
  std::string_view names = source.files.read("/uname", buffer);  // uname -srm
  take_word(names);
  source.uname_release = take_word(names);
  source.uname_machine = trim(names);
  if (source.uname_machine.empty()) return std::nullopt;
  source.auxv = read_snapshot_auxv(source.files.read("/auxv", buffer));
  return source;
}

int save_snapshot(const HostSource& source, const Path& directory, Path& failed) {
  failed = directory;
  if (directory.truncated()) return ENAMETOOLONG;
  if (mkdir(directory.c_str(), 0777) != 0) return errno;
  Writer writer(directory, failed);
  FixedString<255> text("Linux ");
  text.append(source.uname_release.view()).append(" ").append(source.uname_machine.view());
  writer.write("/uname", text.append("\n").view());

  text = {};
  const auto add = [&text](std::string_view name, std::uint64_t value) {
    if (value != 0) text.append(name).append("=").append_number(value).append("\n");
  };
  add("AT_HWCAP", source.auxv.hwcap);
  add("AT_HWCAP2", source.auxv.hwcap2);
  add("AT_PAGESZ", source.auxv.page_size);
  if (!source.auxv.platform.empty()) {
    text.append("AT_PLATFORM=").append(source.auxv.platform.view()).append("\n");
  }
  writer.write("/auxv", text.view());

  std::array<char, 64 << 10> buffer;  // NOLINT: filled by read; the first CPUs will do
  const auto copy = [&](std::string_view path) {
    const std::string_view content = source.files.read(path, buffer);
    if (!content.empty()) writer.write(path, content);
  };
  for (const std::string_view path : kCopied) copy(path);
  for_each_signpost([&](std::string_view path) {
    if (source.files.exists(path)) writer.write(Path(path).append("/.present").view(), {});
  });
  const Fd folder = source.files.folder(kHandlerFolder);
  if (folder) {
    for_each_entry(folder.get(), [&](const char* name) {
      if (name[0] != '.' && std::string_view(name) != "register") {
        copy(Path(kHandlerFolder).append("/").append(name).view());
      }
    });
  }
  return writer.error;
}

}  // namespace pixelzx
