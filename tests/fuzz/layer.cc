// SPDX-License-Identifier: Apache-2.0
//
// A layer as it is, compressed or not: the tar, the tree that two such layers make up, and what of
// its files is kept. The same bytes are read as an archive of images, too.
#include <algorithm>

#include "elf.h"
#include "fuzz.h"
#include "pack/byte_stream.h"
#include "pack/captured_bytes.h"
#include "pack/entrypoint.h"
#include "pack/image_store.h"
#include "pack/image_tree.h"
#include "pack/layer_entry.h"

namespace pixelzx::fuzz {
namespace {

/// A few megabytes of a compressed file are as good as gigabytes.
constexpr std::uint64_t kMost = 4 << 20;

class Pieces final : public pack::ByteStream {
 public:
  explicit Pieces(std::string_view text) : rest_(text) {}
  std::string_view read() override {
    constexpr std::size_t kPiece = 1000;
    const std::string_view piece = rest_.substr(0, kPiece);
    rest_.remove_prefix(piece.size());
    return piece;
  }

 private:
  std::string_view rest_;
};

class Limited final : public pack::ByteStream {
 public:
  explicit Limited(pack::ByteStream& source) : source_(source) {}
  std::string_view read() override {
    const std::string_view bytes = source_.read();
    given_ += bytes.size();
    return given_ > kMost ? std::string_view() : bytes;
  }

 private:
  pack::ByteStream& source_;
  std::uint64_t given_ = 0;
};

void add_layer(pack::ImageTree& tree, std::string_view packed, std::uint32_t layer) {
  Pieces pieces(packed);
  pack::UnpackedStream plain(pieces);
  Limited limited(plain);
  pack::LayerReader reader(limited);
  tree.begin_layer(layer);
  while (reader.next()) {
    const pack::LayerEntry& entry = reader.entry();
    tree.add(entry, reader.number());
    if (entry.kind != pack::EntryKind::kFile) continue;
    pack::CapturedBytes kept(entry.size);
    std::uint64_t offset = 0;
    for (std::string_view bytes = reader.content(offset); !bytes.empty();
         bytes = reader.content(offset)) {
      require(offset <= entry.size && bytes.size() <= entry.size - offset);
      kept.feed(offset, bytes);
    }
    kept.finish();
    tree.put({layer, reader.number()}, std::move(kept));
  }
}

/// Paths out of the tree lead back to what they name.
void look_at(pack::ImageTree& tree) {
  tree.set_user(std::nullopt);
  std::size_t all = 0;
  constexpr std::size_t kMostShown = 64;
  const std::vector<std::string> paths = tree.executables(kMostShown, all);
  require(paths.size() == std::min(all, kMostShown));
  tree.set_user(pack::ImageUser{.uid = 0, .gids = {0}});
  for (const std::string& path : paths) {
    if (path.size() >= pack::ImageTree::kLongestPath) continue;
    require(tree.real_path(path) == path);
    require(tree.content_id(path).has_value());
    int error = 0;
    ByteSource* bytes = tree.open(Path(path), error);
    if (bytes != nullptr) (void)parse_elf(*bytes, tree.status(Path(path)).size);
  }
  pack::Image image;
  image.entrypoint = {"app"};
  image.working_directory = "/";
  for (const char* user : {"", "user", "1000:1000", "user:group"}) {
    tree.set_user(pack::find_user(tree, user));
    (void)pack::find_start(tree, image, Language::kEnglish);
  }
  (void)tree.removed_by("/app/bin");
  (void)tree.take_wanted();
}

}  // namespace
}  // namespace pixelzx::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pixelzx;  // NOLINT: for one function
  static const fuzz::MemoryFile file;
  const std::string_view input = fuzz::text_of(data, size);
  pack::ImageTree tree;
  // Twice, so that the second meets what the first has made.
  for (const std::uint32_t layer : {0U, 1U}) {
    (void)fuzz::survives([&] { fuzz::add_layer(tree, input, layer); });
  }
  fuzz::look_at(tree);
  file.fill(input);
  (void)fuzz::survives([] {
    const pack::ImageStore store(std::string(file.path().view()), Language::kEnglish);
    for (const char* name : {"index.json", "manifest.json", "oci-layout"}) {
      if (store.has(name)) (void)store.document(name);
    }
  });
  return 0;
}
