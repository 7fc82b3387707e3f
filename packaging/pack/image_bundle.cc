// SPDX-License-Identifier: Apache-2.0
#include "pack/image_bundle.h"

#include <set>

#include "pack/bundle_file.h"
#include "pack/extract.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"
#include "pack/program.h"
#include "pack/text_table.h"
#include "sha256.h"
#include "unpack.h"

namespace pixelzx::pack {
namespace {

std::string path_of(const Fd& file) {
  return std::string(descriptor_path(file).view());
}

/// Where the launcher at `launcher` looks for its bundle.
std::vector<std::string> bundle_paths(const Image& image, const std::string& launcher) {
  constexpr std::string_view kVariable = "PIXELZX_BUNDLE=";
  for (const std::string& variable : image.environment) {
    if (variable.starts_with(kVariable) && variable.size() > kVariable.size()) {
      return {variable.substr(kVariable.size())};
    }
  }
  const std::string folder(directory_of(launcher));
  const std::string name(kBundleName);
  return {folder + "/" + name, folder + "/../lib/pixelzx/" + name, folder + "/../../" + name};
}

/// True when the file holds the name that launchers look for.
bool mentions_bundles(const Fd& program) {
  return read_file(path_of(program)).find(kBundleName) != std::string::npos;
}

std::map<std::string, std::string> identity_of(const Index& index) {
  std::map<std::string, std::string> words;
  words["program"] = std::string(index.program) + " " + std::string(index.version);
  if (index.doctor) words["option"] += "doctor ";
  if (index.own_name) words["option"] += "own-name";
  for (const Share& share : index.shares()) {
    words["share " + std::string(share.name)] = "sha256=" + std::string(share.sha256);
  }
  return words;
}

}  // namespace

std::string label_in_image(ImageFiles& files, const std::string& platform, const std::string& path,
                           Language language) {
  return platform + ": " + path + " (" + std::string(kLayerLabel.in(language)) + " " +
         files.layer_of(path) + ")";
}

std::optional<ImageBundle> find_image_bundle(ImageFiles& files, const Image& image,
                                             const std::string& path, const Fd& program,
                                             Language language) {
  const auto opened = [&](const std::string& where, const Fd& file) {
    ImageBundle found{
        .bundle = {}, .path = where, .platform = text_of(image.platform), .label = {}};
    found.label = label_in_image(files, found.platform, where, language);
    Result<Bundle> bundle =
        open_bundle(descriptor_path(file), attached_at(path_of(file)).value_or(0));
    if (!bundle) throw PackError(found.label, bundle.diagnosis());
    found.bundle = std::move(*bundle);
    return found;
  };
  if (attached_at(path_of(program))) return opened(path, program);
  // Another program may lie where a launcher would find a bundle.
  if (!mentions_bundles(program)) return std::nullopt;
  for (const std::string& candidate : bundle_paths(image, path)) {
    const std::string real = files.tree().real_path(candidate);
    if (files.tree().content_id(real)) return opened(real, files.extract(real));
  }
  return std::nullopt;
}

void BundleCollector::compare(const std::string& platform,
                              const std::map<std::string, std::string>& before,
                              const std::map<std::string, std::string>& now) const {
  std::set<std::string> subjects;
  for (const auto* words : {&before, &now}) {
    for (const auto& [subject, value] : *words) subjects.insert(subject);
  }
  const auto value_of = [this](const auto& words, const std::string& subject) {
    const auto found = words.find(subject);
    return found == words.end() ? std::string(kNone.in(language_)) : found->second;
  };
  for (const std::string& subject : subjects) {
    const std::string first = value_of(before, subject);
    const std::string second = value_of(now, subject);
    if (first == second) continue;
    throw PackError(Problem::kBundlesDiffer, {first_, platform, subject, first, second});
  }
}

void BundleCollector::add(ImageFiles& files, const ImageBundle& found) {
  const Index& index = found.bundle.index;
  const std::map<std::string, std::string> identity = identity_of(index);
  if (first_.empty()) {
    first_ = found.platform;
    identity_ = identity;
    content.program = index.program;
    content.version = index.version;
    content.doctor = index.doctor;
    content.own_name = index.own_name;
    for (const Share& share : index.shares()) add_share(files, found, share);
  }
  compare(found.platform, identity_, identity);
  bool any = false;
  for (const Slice& slice : index.slices()) {
    const std::string subject = "slice " + text_of(slice.platform);
    const std::string words = "sha256=" + std::string(slice.sha256);
    if (const auto known = slices_.find(subject); known != slices_.end()) {
      compare(found.platform, {*known}, {{subject, words}});
      any = true;
    } else if (add_slice(files, found, slice)) {
      slices_[subject] = words;
      any = true;
    }
  }
  if (!any) throw PackError(Problem::kNothingInstalled, {found.label});
}

/// False when another bundle has brought another one.
bool BundleCollector::add_common(const ImageBundle& found) {
  PackedSlice common = packed_slice(found.bundle, found.bundle.index.common, found.label);
  if (content.common.frame.empty())
    content.common = std::move(common);
  else
    return content.common.frame == common.frame;
  return true;
}

/// False when the slice is installed, but not in this image.
bool BundleCollector::add_slice(ImageFiles& files, const ImageBundle& found, const Slice& slice) {
  if (!found.bundle.installed) {
    if (const auto problem = verify_slice(found.bundle, slice)) {
      throw PackError(found.label, *problem);
    }
    if (slice.uses_common && !add_common(found)) {
      const std::string label = found.label;
      programs.push_back({slice.platform, label, slice_content(found.bundle, slice), {}});
      return true;
    }
    content.slices.push_back(packed_slice(found.bundle, slice, found.label));
    return true;
  }
  const std::string path = std::string(directory_of(found.path)) + "/slices/" +
                           std::string(slice.sha256) + "/" +
                           std::string(found.bundle.index.program);
  if (!files.tree().content_id(path)) return false;
  std::string program = read_file(path_of(files.extract(path)));
  const std::string label = label_in_image(files, found.platform, path, language_);
  if (sha256(program).view() != slice.sha256) {
    throw PackError(label, Diagnosis(Cause::kDamagedSlice)
                               .with(Evidence::kSlice, text_of(slice.platform))
                               .with(Evidence::kDetail, messages::kSliceDigest));
  }
  check_program(program, label, slice.platform, true);
  programs.push_back({slice.platform, label, std::move(program), {}});
  return true;
}

void BundleCollector::add_share(ImageFiles& files, const ImageBundle& found, const Share& share) {
  std::string bytes;
  if (found.bundle.installed) {
    const std::string path = std::string(directory_of(found.path)) + "/" + share_member(share.name);
    if (!files.tree().content_id(path))
      throw PackError(Problem::kShareMissing, {found.label, path});
    bytes = read_file(path_of(files.extract(path)), true);
  } else {
    bytes = read_part(found.bundle, share.offset, share.size, found.label);
  }
  if (sha256(bytes).view() != share.sha256) {
    throw PackError(Problem::kDamagedShare, {found.label, std::string(share.name)});
  }
  content.shares.push_back({std::string(share.name), std::string(share.sha256), std::move(bytes)});
}

}  // namespace pixelzx::pack
