// SPDX-License-Identifier: Apache-2.0
#include "pack/import.h"

#include <sys/stat.h>

#include <algorithm>

#include "pack/entrypoint.h"
#include "pack/file_io.h"
#include "pack/image_bundle.h"
#include "pack/pack_error.h"
#include "pack/program.h"
#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

struct Candidate {
  ListedImage listed;
  Image image;
  std::string platform;  // in words
};

std::string name_of(const ListedImage& listed) {
  const std::string digest = short_digest(listed.digest.empty() ? listed.config : listed.digest);
  return listed.tag.empty() ? digest : listed.tag + " (" + digest + ")";
}

/// Something that the image for each platform says.
using Sayings = std::vector<std::pair<std::string, std::string>>;

std::string in_words(const Sayings& sayings, Language language) {
  std::string text;
  for (const auto& [platform, said] : sayings) {
    text += (text.empty() ? "" : ", ") + platform + ": ";
    text += said.empty() ? std::string(kNone.in(language)) : said;
  }
  return text;
}

/// What all of them say; empty when they differ.
std::string common(const Sayings& sayings) {
  const bool same = std::ranges::all_of(
      sayings, [&sayings](const auto& said) { return said.second == sayings.front().second; });
  return same && !sayings.empty() ? sayings.front().second : "";
}

class Importer {
 public:
  Importer(const ImportOptions& options, Language language)
      : options_(options),
        language_(language),
        archive_(options.archive, language),
        bundles_(language) {}

  std::vector<std::string> run() {
    const std::vector<Candidate> candidates = list();
    std::uint64_t total = 0;
    for (const Candidate& candidate : candidates) {
      for (const Layer& layer : candidate.image.layers) total += layer.size;
    }
    {
      // Once for the names, and again for the content of most.
      Progress progress(2 * total, options_.show_progress);
      for (const Candidate& candidate : candidates) import(candidate, progress);
    }
    write();
    return left_out_;
  }

 private:
  std::vector<Candidate> list() {
    std::vector<Candidate> candidates;
    for (const ListedImage& listed : archive_.images()) {
      if (archive_.lacks(listed)) {
        leave_out(listed.platform ? text_of(*listed.platform) : name_of(listed), kNotInArchive);
        continue;
      }
      // One image may have several tags.
      const bool known = std::ranges::any_of(candidates, [&listed](const Candidate& other) {
        return !listed.digest.empty() && other.listed.digest == listed.digest;
      });
      std::optional<Image> image = known ? std::nullopt : archive_.read(listed);
      if (!image) continue;
      const std::string platform = text_of(image->platform);
      if (image->platform.os.view() != "linux") {
        leave_out(platform, kOnlyLinuxImported);
        continue;
      }
      check({listed, *image, platform}, candidates);
      candidates.push_back({listed, std::move(*image), platform});
    }
    if (candidates.empty()) {
      throw PackError(options_.archive, Diagnosis(Cause::kNotAnImage)
                                            .with(Evidence::kPath, options_.archive)
                                            .with(Evidence::kDetail, kHasNoImage.in(language_)));
    }
    return candidates;
  }

  void leave_out(const std::string& image, const PackText& why) {
    left_out_.push_back(image + ": " + std::string(why.in(language_)));
  }

  void check(const Candidate& candidate, const std::vector<Candidate>& others) const {
    if (const auto diagnosis = index_contradiction(candidate.listed, candidate.image)) {
      throw PackError(options_.archive, *diagnosis);
    }
    (void)parse_slice_platform(candidate.platform);
    const auto other = std::ranges::find(others, candidate.platform, &Candidate::platform);
    if (other != others.end()) {
      throw PackError(Problem::kImageTwice,
                      {candidate.platform, name_of(other->listed), name_of(candidate.listed)});
    }
    if (others.size() == kMaxSlices) {
      throw PackError(Problem::kTooManySlices,
                      {std::to_string(kMaxSlices + 1), std::to_string(kMaxSlices)});
    }
  }

  void import(const Candidate& candidate, Progress& progress) {
    progress.set_task(candidate.platform);
    ImageFiles files(archive_, candidate.image, progress);
    const std::string start = find_program(files, candidate);
    const std::string path = files.tree().real_path(start);
    const std::string label = label_in_image(files, candidate.platform, path, language_);
    const FileTree::Status status = files.tree().status(Path(path));
    if (!S_ISREG(status.mode)) throw PackError(Problem::kEntrypointNotAFile, {label});
    if (status.size > kMaxSliceSize) throw PackError(Problem::kTooLarge, {label});
    if (status.size == 0) throw PackError(Problem::kEmptyFile, {label});

    const Fd file = files.extract(path);
    std::string content = read_file(std::string(descriptor_path(file).view()));
    if (content.starts_with("#!")) throw PackError(Problem::kScriptEntrypoint, {label});
    // A launcher, too, is of no use to machines of another platform.
    check_program(content, label, candidate.image.platform, options_.allow_dynamic);
    const auto bundle = find_image_bundle(files, candidate.image, path, file, language_);
    check_kind(candidate.platform, bundle.has_value());
    if (bundle) {
      bundles_.add(files, *bundle);
      return;
    }
    names_.emplace_back(candidate.platform, base_name(start));
    versions_.emplace_back(candidate.platform, printable(candidate.image.version));
    programs_.push_back({candidate.image.platform, label, std::move(content), {}});
  }

  std::string find_program(ImageFiles& files, const Candidate& candidate) const {
    ImageTree& tree = files.tree();
    Start start;
    do {  // until the files are there that name users and groups
      tree.set_user(find_user(tree, candidate.image.user));
      start = find_start(tree, candidate.image, language_);
    } while (files.read_wanted());
    if (!start.diagnosis) return start.file;
    const std::vector<std::string> words = start_words(candidate.image);
    std::string label =
        candidate.platform + ": " + (words.empty() ? name_of(candidate.listed) : words.front());
    if (start.removed_by) {
      label += " (" + std::string(kLayerLabel.in(language_)) + " " +
               layer_words(candidate.image, *start.removed_by, language_) + ")";
    }
    throw PackError(label, *start.diagnosis);
  }

  void check_kind(const std::string& platform, bool is_launcher) {
    std::string& first = is_launcher ? first_launcher_ : first_program_;
    if (first.empty()) first = platform;
    if (!first_launcher_.empty() && !first_program_.empty()) {
      throw PackError(Problem::kMixedImages, {first_launcher_, first_program_});
    }
  }

  void write() {
    BundleContent& content = bundles_.content;
    std::vector<Program>& programs = first_program_.empty() ? bundles_.programs : programs_;
    if (!options_.program.empty()) content.program = options_.program;
    if (content.program.empty()) content.program = common(names_);
    if (content.program.empty()) {
      throw PackError(Problem::kProgramUnclear, {in_words(names_, language_)});
    }
    if (!options_.version.empty()) content.version = options_.version;
    if (content.version.empty()) content.version = common(versions_);
    if (content.version.empty()) {
      throw PackError(Problem::kVersionUnclear, {in_words(versions_, language_)});
    }
    check_identity(content.program, content.version);
    content.doctor = content.doctor || options_.doctor;
    content.own_name = content.own_name || options_.own_name;
    compress_programs(std::move(programs), options_.level, options_.show_progress, content);
    if (content.slices.size() > kMaxSlices) {
      throw PackError(Problem::kTooManySlices,
                      {std::to_string(content.slices.size()), std::to_string(kMaxSlices)});
    }
    write_bundle(content, options_.output, options_.mtime);
  }

  const ImportOptions& options_;
  Language language_;
  ImageArchive archive_;
  BundleCollector bundles_;
  std::vector<Program> programs_;
  Sayings names_;
  Sayings versions_;
  /// The platforms of the first image that starts a launcher, and of the first that does not.
  std::string first_launcher_;
  std::string first_program_;
  std::vector<std::string> left_out_;
};

}  // namespace

std::vector<std::string> import_images(const ImportOptions& options, Language language) {
  return Importer(options, language).run();
}

}  // namespace pixelzx::pack
