// SPDX-License-Identifier: Apache-2.0
#include "image_parts.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "pack/compress.h"

namespace pixelzx::fuzz {
namespace {

constexpr std::size_t kBlock = 512;

struct Entry {
  char type = '0';
  unsigned mode = 0644;
  unsigned owner = 0;
  std::string_view name;
  std::string_view target;
  std::string_view content;
};

std::string octal(std::uint64_t number, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; number /= 8) text[i] = static_cast<char>('0' + number % 8);
  return text;
}

/// A member of a tar (POSIX ustar), whatever its names are: the project's own writer would refuse
/// some.
std::string tar_member(const Entry& entry) {
  std::string header(kBlock, '\0');
  const auto put = [&header](std::size_t at, std::size_t most, std::string_view text) {
    text = text.substr(0, most);
    header.replace(at, text.size(), text);
  };
  put(0, 100, entry.name);
  put(100, 7, octal(entry.mode, 7));
  put(108, 7, octal(entry.owner, 7));
  put(116, 7, octal(entry.owner, 7));
  put(124, 11, octal(entry.content.size(), 11));
  put(136, 11, octal(0, 11));
  header[156] = entry.type;
  put(157, 100, entry.target);
  put(257, 8, std::string_view("ustar\00000", 8));
  put(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put(148, 7, octal(sum, 6) + '\0');
  std::string member = header + std::string(entry.content);
  member.resize((member.size() + kBlock - 1) / kBlock * kBlock);
  return member;
}

unsigned number_of(std::string_view text, int base) {
  unsigned number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number, base);
  return number;
}

struct Blob {
  std::string content;
  std::string digest;    // hexadecimal digits
  std::string unpacked;  // the same of what it unpacks to
};
using Blobs = std::map<std::string, Blob, std::less<>>;

std::string tar_of(std::string_view list, const Blobs& blobs) {
  std::string tar;
  while (!list.empty()) {
    std::string_view line = take_until(list, '\n');
    const std::string_view kind = take_until(line, ' ');
    Entry entry;
    entry.mode = number_of(take_until(line, ' '), 8);
    entry.owner = number_of(take_until(line, ' '), 10);
    entry.name = take_until(line, ' ');
    constexpr std::string_view kKinds = "fdlh";
    constexpr std::string_view kTypes = "0521";
    const std::size_t known = kind.empty() ? std::string_view::npos : kKinds.find(kind.front());
    entry.type = known != std::string_view::npos ? kTypes[known]
                 : kind.empty()                  ? '0'
                                                 : kind.front();
    if (entry.type != '0') {
      entry.target = line;
    } else if (line.starts_with('=')) {
      const auto blob = blobs.find(line.substr(1));
      if (blob != blobs.end()) entry.content = blob->second.content;
    } else {
      entry.content = line;
    }
    tar += tar_member(entry);
  }
  return tar + std::string(2 * kBlock, '\0');
}

std::string with_digests(std::string_view text, const Blobs& blobs) {
  std::string filled;
  while (!text.empty()) {
    const std::size_t mark = std::min(text.find_first_of("@~#$"), text.size());
    filled += text.substr(0, mark);
    text.remove_prefix(mark);
    if (text.empty()) break;
    const std::size_t end = text.find(text.front(), 1);
    const auto blob =
        end == std::string_view::npos ? blobs.end() : blobs.find(text.substr(1, end - 1));
    if (blob == blobs.end()) {
      filled += text.front();
      text.remove_prefix(1);
      continue;
    }
    if (text.front() == '@') filled += "sha256:" + blob->second.digest;
    if (text.front() == '~') filled += "sha256:" + blob->second.unpacked;
    if (text.front() == '#') filled += std::to_string(blob->second.content.size());
    if (text.front() == '$') filled += blob->second.digest;
    text.remove_prefix(end + 1);
  }
  return filled;
}

}  // namespace

std::string archive_of(const std::vector<Part>& parts) {
  Blobs blobs;
  std::string archive;
  for (const Part& part : parts) {
    Blob blob;
    const bool packed = part.name.ends_with(".tar.gz");
    const bool is_layer = packed || part.name.ends_with(".tar");
    blob.content = is_layer ? tar_of(part.content, blobs) : with_digests(part.content, blobs);
    blob.unpacked = independent_sha256(blob.content);
    if (packed) blob.content = pack::gzip(blob.content);
    blob.digest = independent_sha256(blob.content);
    archive += tar_member({.name = part.name, .content = blob.content});
    const std::string name = "blobs/sha256/" + blob.digest;
    archive += tar_member({.name = name, .content = blob.content});
    blobs.insert_or_assign(std::string(part.name), std::move(blob));
  }
  return archive + std::string(2 * kBlock, '\0');
}

}  // namespace pixelzx::fuzz
