// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fuzz.h"
#include "pack/byte_stream.h"
#include "pack/pack_error.h"

namespace pixelzx::fuzz {
namespace {

constexpr std::string_view kLink = "-> ";

void check_messages(const std::function<std::string(Language)>& message) {
  for (const Language language : {Language::kEnglish, Language::kKorean}) {
    require(is_showable(message(language)));
  }
}

}  // namespace

void require(bool holds) {
  if (!holds) std::abort();
}

std::vector<Part> parts_of(std::string_view input) {
  constexpr std::string_view kMark = "\n== ";
  std::vector<Part> parts;
  std::string_view name;
  if (input.starts_with(kMark.substr(1))) {
    input.remove_prefix(kMark.size() - 1);
    name = take_until(input, '\n');
  }
  for (;;) {
    const std::size_t end = input.find(kMark);
    parts.push_back({name, input.substr(0, end)});
    if (end == std::string_view::npos) return parts;
    input.remove_prefix(end + kMark.size());
    name = take_until(input, '\n');
  }
}

std::vector<std::string> lines_of(std::string_view input) {
  std::vector<std::string> lines;
  while (!input.empty()) lines.emplace_back(take_until(input, '\n'));
  return lines;
}

bool is_showable(std::string_view text) {
  unsigned char before = 0;
  return std::ranges::none_of(text, [&before](char c) {
    const auto byte = static_cast<unsigned char>(c);
    // U+0080 to U+009F are control characters as well.
    const bool is_c1 = before == 0xc2 && byte >= 0x80 && byte <= 0x9f;
    before = byte;
    return (byte < ' ' && c != '\n') || byte == 0x7f || is_c1;
  });
}

std::string independent_sha256(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(),
                     reinterpret_cast<const unsigned char*>(bytes.data()),  // NOLINT: bytes
                     bytes.size());
  std::string text(2 * digest.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), digest.data(), digest.size());
  text.pop_back();
  return text;
}

bool survives(const std::function<void()>& read) {
  try {
    read();
    return true;
  } catch (const pack::PackError& error) {
    check_messages([&error](Language language) { return error.message(language); });
  } catch (const pack::Fault& fault) {
    check_messages([&fault](Language language) { return pack::printable(fault.text(language)); });
  }
  return false;
}

MemoryFile::MemoryFile() : file_(above_stderr(memfd_create("fuzz", MFD_CLOEXEC))) {
  require(static_cast<bool>(file_));
}

void MemoryFile::fill(std::string_view content) const {
  require(ftruncate(fd(), 0) == 0 && lseek(fd(), 0, SEEK_SET) == 0);
  require(write_all(fd(), content.data(), content.size()));
}

std::string MemoryFile::content() const {
  struct stat status {};
  require(fstat(fd(), &status) == 0);
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  require(read_at(fd(), text.data(), text.size(), 0) == status.st_size);
  return text;
}

CapturedOutput::CapturedOutput() {
  require(dup2(file_.fd(), STDOUT_FILENO) == STDOUT_FILENO);
}

std::string CapturedOutput::take() const {
  std::string text = file_.content();
  file_.fill({});
  return text;
}

NoFiles::NoFiles() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  before_ = limit.rlim_cur;
  limit.rlim_cur = 0;
  setrlimit(RLIMIT_NOFILE, &limit);
}

NoFiles::~NoFiles() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = before_;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Folder::Folder() {
  path_ = (std::filesystem::temp_directory_path() / "fuzz-XXXXXX").string();
  require(mkdtemp(path_.data()) != nullptr);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Folder::path(std::string_view name) const {
  return path_ + "/" + std::string(name);
}

void Folder::write(std::string_view name, std::string_view content) const {
  const std::filesystem::path file = path(name);
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  std::ofstream(file, std::ios::binary) << content;
}

void Folder::clear(std::string_view name) const {
  std::error_code ignored;
  std::filesystem::remove_all(path(name), ignored);
}

std::string_view StrictBytes::bytes(std::uint64_t offset, std::size_t size) {
  if (offset > all_.size()) return {};
  const std::string_view found =
      all_.substr(static_cast<std::size_t>(offset), std::min(size, kLongest));
  std::vector<char>(found.begin(), found.end()).swap(given_);
  return {given_.data(), given_.size()};
}

PartsTree::PartsTree(std::vector<Part> parts) : parts_(std::move(parts)), bytes_({}) {
  search_path = "/bin:/usr/bin";
}

const Part* PartsTree::find(std::string_view path) const {
  for (const Part& part : parts_) {
    const std::string_view name = part.name.empty() ? "/program" : part.name;
    if (name.substr(name.starts_with('-') ? 1 : 0) == path) return &part;
  }
  return nullptr;
}

const Part* PartsTree::follow(std::string_view path) const {
  constexpr int kMostLinks = 8;
  const Part* part = find(path);
  for (int links = 0; part != nullptr && part->content.starts_with(kLink); ++links) {
    if (links == kMostLinks) return nullptr;
    part = find(part->content.substr(kLink.size()));
  }
  return part;
}

FileTree::Status PartsTree::status(const Path& path) {
  const Part* part = follow(path.view());
  if (part == nullptr) return {.error = ENOENT};
  const bool executable = !part->name.starts_with('-');
  return {.error = 0,
          .mode = S_IFREG | (executable ? 0755U : 0644U),
          .size = part->content.size(),
          .may_execute = executable};
}

Path PartsTree::link_target(const Path& path) {
  const Part* part = find(path.view());
  if (part == nullptr || !part->content.starts_with(kLink)) return {};
  return {part->content.substr(kLink.size())};
}

ByteSource* PartsTree::open(const Path& path, int& error) {
  const Part* part = follow(path.view());
  error = part == nullptr ? ENOENT : 0;
  if (part == nullptr) return nullptr;
  bytes_ = StrictBytes(part->content);
  return &bytes_;
}

}  // namespace pixelzx::fuzz
