// SPDX-License-Identifier: Apache-2.0
#include "pack/image_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include "pack/entrypoint.h"
#include "pack/file_io.h"
#include "pack/pack_error.h"

namespace pixelzx::pack {
namespace {

/// One line of at most so many bytes.
std::string shortened(std::string_view text) {
  // What the classic builder puts before everything but RUN.
  constexpr std::string_view kNoOperation = "/bin/sh -c #(nop) ";
  if (text.starts_with(kNoOperation)) text.remove_prefix(kNoOperation.size());
  constexpr std::size_t kLongest = 100;
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    if (!blank || (!line.empty() && line.back() != ' ')) line += blank ? ' ' : c;
  }
  if (line.size() <= kLongest) return line;
  return std::string(FixedString<kLongest>(line).view()) + "…";
}

}  // namespace

std::string layer_words(const Image& image, std::size_t number, Language language) {
  const Layer& layer = image.layers[number];
  const std::string& digest = layer.digest.empty() ? layer.diff_id : layer.digest;
  std::string words = fmt::format(fmt::runtime(kLayerOf.in(language)), number + 1,
                                  image.layers.size(), short_digest(digest));
  const std::string made_by = shortened(layer.created_by);
  return printable(made_by.empty() ? words : words + ", " + made_by);
}

ImageFiles::ImageFiles(ImageArchive& archive, const Image& image, Progress& progress)
    : archive_(archive), image_(image), progress_(progress) {
  tree_.search_path = search_path(image);
  if (image.working_directory.starts_with('/')) {
    tree_.set_working_directory(image.working_directory);
  }
  for (std::uint32_t i = 0; i < image_.layers.size(); ++i) {
    tree_.begin_layer(i);
    read(i, [this](LayerReader& entries) {
      while (entries.next()) tree_.add(entries.entry(), entries.number());
    });
  }
}

void ImageFiles::read(std::uint32_t layer, const std::function<void(LayerReader&)>& visit) {
  archive_.read_layer(image_, layer, visit,
                      [this](std::size_t bytes) { progress_.advance(bytes); });
}

bool ImageFiles::read_wanted() {
  const std::set<ContentId> wanted = tree_.take_wanted();
  std::set<std::uint32_t> layers;
  for (const ContentId& id : wanted) layers.insert(id.layer);
  for (const std::uint32_t layer : layers) {
    read(layer, [&](LayerReader& entries) {
      while (entries.next()) {
        const ContentId id{layer, entries.number()};
        if (!wanted.contains(id)) continue;
        CapturedBytes content(entries.entry().size);
        std::uint64_t offset = 0;
        for (std::string_view part = entries.content(offset); !part.empty();
             part = entries.content(offset)) {
          content.feed(offset, part);
        }
        content.finish();
        tree_.put(id, std::move(content));
      }
    });
  }
  return !wanted.empty();
}

Fd ImageFiles::extract(const std::string& path) {
  Fd file = nameless_file();
  const std::optional<ContentId> id = tree_.content_id(path);
  if (!id) return file;
  read(id->layer, [&](LayerReader& entries) {
    while (entries.next()) {
      if (entries.number() != id->entry) continue;
      std::uint64_t offset = 0;
      for (std::string_view part = entries.content(offset); !part.empty();
           part = entries.content(offset)) {
        // Holes are left out, so every part goes to its place.
        if (lseek(file.get(), static_cast<off_t>(offset), SEEK_SET) < 0 ||
            !write_all(file.get(), part.data(), part.size())) {
          throw_errno(Problem::kCannotWrite, "$TMPDIR");
        }
      }
      if (ftruncate(file.get(), static_cast<off_t>(entries.entry().size)) != 0) {
        throw_errno(Problem::kCannotWrite, "$TMPDIR");
      }
    }
  });
  return file;
}

std::string ImageFiles::layer_of(const std::string& path) {
  const auto layer = tree_.layer_of(path);
  return layer ? layer_words(image_, *layer, archive_.language()) : "";
}

}  // namespace pixelzx::pack
