// SPDX-License-Identifier: Apache-2.0
#include "pack/entrypoint.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>

namespace pixelzx::pack {
namespace {

/// The parts of `text` between separators, empty ones too.
std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> number_of(const std::string& text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return number;
}

/// The lines of a file such as /etc/passwd, as far as they are there, in fields.
std::vector<std::vector<std::string>> fields_of(ImageTree& tree, const char* path) {
  int error = 0;
  ByteSource* file = tree.open(Path(path), error);
  if (file == nullptr) return {};
  std::string text;
  for (std::string_view part = file->bytes(0, ByteSource::kLongest); !part.empty();
       part = file->bytes(text.size(), ByteSource::kLongest)) {
    text += part;
  }
  std::vector<std::vector<std::string>> lines;
  for (const std::string& line : split(text, '\n')) lines.push_back(split(line, ':'));
  return lines;
}

/// `name` or number of the line of a passwd or group file; null when there is none.
const std::vector<std::string>* line_of(const std::vector<std::vector<std::string>>& lines,
                                        const std::string& name) {
  constexpr std::size_t kFields = 4;  // name, password, number, and what follows
  const auto is_right = [&name](const std::vector<std::string>& line) {
    return line.size() >= kFields && (line[0] == name || line[2] == name);
  };
  const auto found = std::ranges::find_if(lines, is_right);
  return found == lines.end() ? nullptr : &*found;
}

/// The groups of a user who has named none: the own one of `passwd`, and those that list the user.
std::vector<std::uint64_t> groups_of(ImageTree& tree, const std::vector<std::string>& passwd) {
  std::vector<std::uint64_t> gids = {number_of(passwd[3]).value_or(0)};
  for (const auto& line : fields_of(tree, "/etc/group")) {
    if (line.size() < 4) continue;
    const std::vector<std::string> members = split(line[3], ',');
    const auto gid = number_of(line[2]);
    if (gid && std::ranges::find(members, passwd[0]) != members.end()) gids.push_back(*gid);
  }
  return gids;
}

std::string filled(const PackText& text, Language language, const std::string& value) {
  return fmt::format(fmt::runtime(text.in(language)), value);
}

/// A link at `path` that leads nowhere; empty when there is none.
std::string dangling(ImageTree& tree, const std::string& path) {
  const Path target = tree.link_target(Path(path));
  return target.empty() ? "" : path + " → " + std::string(target.view());
}

Start missing(const std::string& path, const std::string& detail) {
  Start start;
  start.diagnosis = Diagnosis(Cause::kEntrypointMissing)
                        .with(Evidence::kPath, path)
                        .with(Evidence::kDetail, detail);
  return start;
}

std::string absolute(const std::string& path, const Image& image) {
  return path.starts_with('/') ? path : image.working_directory + "/" + path;
}

Start find_at(ImageTree& tree, const Image& image, const std::string& path, Language language) {
  const int error = tree.status(Path(path)).error;
  if (error == 0 || error == EACCES) return {.file = path, .diagnosis = {}, .removed_by = {}};
  const std::string link = dangling(tree, path);
  const auto removed = tree.removed_by(absolute(path, image));
  Start start = missing(path, !link.empty() ? filled(kLeadsNowhere, language, link)
                                            : std::string(kNothingThere.in(language)));
  if (link.empty() && removed) {
    start.diagnosis->with(Evidence::kDetail, kWasRemoved.in(language));
    start.removed_by = removed;
  }
  return start;
}

}  // namespace

std::vector<std::string> start_words(const Image& image) {
  std::vector<std::string> words = image.entrypoint;
  words.insert(words.end(), image.command.begin(), image.command.end());
  return words;
}

std::string_view search_path(const Image& image) {
  constexpr std::string_view kName = "PATH=";
  for (const std::string_view variable : image.environment) {
    if (variable.starts_with(kName)) return variable.substr(kName.size());
  }
  return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

Start find_start(ImageTree& tree, const Image& image, Language language) {
  const std::vector<std::string> words = start_words(image);
  if (words.empty()) {
    Start start;
    start.diagnosis = Diagnosis(Cause::kNoEntrypoint);
    return start;
  }
  const std::string& name = words.front();
  if (name.find('/') != std::string::npos) return find_at(tree, image, name, language);
  std::string second_best;
  Start start = missing(name, filled(kNotInPath, language, std::string(search_path(image))));
  for (const std::string& folder : split(search_path(image), ':')) {
    const std::string path = (folder.empty() ? "." : folder) + "/" + name;
    const FileTree::Status status = tree.status(Path(path));
    if (status.error == 0 && S_ISREG(status.mode)) {
      if (status.may_execute) return {.file = path, .diagnosis = {}, .removed_by = {}};
      if (second_best.empty()) second_best = path;
    } else if (const std::string link = dangling(tree, path); !link.empty()) {
      start.diagnosis->with(Evidence::kDetail, filled(kLeadsNowhere, language, link));
    } else if (const auto removed = tree.removed_by(absolute(path, image)); removed) {
      start.diagnosis->with(Evidence::kDetail, kWasRemoved.in(language));
      start.removed_by = removed;
    }
  }
  if (!second_best.empty()) return {.file = second_best, .diagnosis = {}, .removed_by = {}};
  return start;
}

std::optional<ImageUser> find_user(ImageTree& tree, const std::string& user) {
  const std::vector<std::string> parts = split(user, ':');
  if (user.empty() || user == "root" || parts[0] == "0") return ImageUser{.uid = 0, .gids = {0}};
  ImageUser found;
  const auto users = fields_of(tree, "/etc/passwd");
  const std::vector<std::string>* passwd = line_of(users, parts[0]);
  const auto uid = number_of(passwd != nullptr ? (*passwd)[2] : parts[0]);
  if (!uid) return std::nullopt;
  found.uid = *uid;
  if (parts.size() > 1) {
    const auto groups = fields_of(tree, "/etc/group");
    const std::vector<std::string>* group = line_of(groups, parts[1]);
    const auto gid = number_of(group != nullptr ? (*group)[2] : parts[1]);
    if (!gid) return std::nullopt;
    found.gids = {*gid};
  } else {
    found.gids = passwd != nullptr ? groups_of(tree, *passwd) : std::vector<std::uint64_t>{0};
  }
  return found;
}

}  // namespace pixelzx::pack
