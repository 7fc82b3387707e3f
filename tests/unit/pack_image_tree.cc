// SPDX-License-Identifier: Apache-2.0
#include "pack/image_tree.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "pack/entrypoint.h"

namespace pixelzx::pack {
namespace {

using Strings = std::vector<std::string>;

/// A tree in the making: layer after layer.
struct Sample {
  ImageTree tree;
  std::uint32_t layer = 0;
  std::uint32_t entry = 0;

  void next_layer() {
    tree.begin_layer(++layer);
    entry = 0;
  }
  void add(const LayerEntry& what) { tree.add(what, entry++); }
  void file(const std::string& path, unsigned mode = 0755, std::uint64_t uid = 0) {
    LayerEntry what;
    what.path = path;
    what.mode = mode;
    what.uid = uid;
    what.gid = uid;
    what.size = path.size();
    add(what);
  }
  void folder(const std::string& path, unsigned mode = 0755) { special(path, mode); }
  void link(const std::string& path, const std::string& target,
            EntryKind kind = EntryKind::kSymlink) {
    LayerEntry what;
    what.path = path;
    what.kind = kind;
    what.target = target;
    add(what);
  }
  void special(const std::string& path, unsigned mode, EntryKind kind = EntryKind::kDirectory) {
    LayerEntry what;
    what.path = path;
    what.kind = kind;
    what.mode = mode;
    add(what);
  }

  int error(const std::string& path) { return tree.status(Path(path)).error; }
  bool has(const std::string& path) { return error(path) == 0; }
  int layer_of(const std::string& path) {
    const auto found = tree.layer_of(path);
    return found ? static_cast<int>(*found) : -1;
  }
};

TEST_CASE("a later layer replaces, and whiteouts remove", "[pack]") {
  Sample sample;
  sample.file("./bin/app");
  sample.file("bin/other");
  sample.file("keep/file");
  sample.next_layer();
  sample.file("/bin/app", 0644);
  sample.file("bin/.wh.other");
  sample.file("bin/.wh.never-there");
  CHECK(sample.layer_of("/bin/app") == 1);
  CHECK(sample.tree.status("/bin/app").mode == (S_IFREG | 0644));
  CHECK(sample.error("/bin/other") == ENOENT);
  CHECK(sample.tree.removed_by("/bin/other") == 1U);
  CHECK_FALSE(sample.tree.removed_by("/bin/app"));
  CHECK(sample.layer_of("/keep/file") == 0);
  // A file of the whiteout's name is no whiteout of itself.
  CHECK(sample.error("/bin/.wh.other") == ENOENT);
  sample.next_layer();
  sample.file(".wh.keep");
  CHECK(sample.error("/keep") == ENOENT);
  CHECK(sample.tree.removed_by("/keep/file") == 2U);
}

TEST_CASE("whiteouts concern lower layers only, in whatever order they come", "[pack]") {
  Sample sample;
  sample.file("a/old");
  sample.file("a/deep/old");
  sample.file("b");
  sample.next_layer();
  sample.file("a/new");
  sample.file("a/deep/new");
  sample.file("a/.wh..wh..opq");
  sample.file("b");
  sample.file(".wh.b");
  CHECK(sample.has("/a/new"));
  CHECK(sample.has("/a/deep/new"));
  CHECK(sample.error("/a/old") == ENOENT);
  CHECK(sample.error("/a/deep/old") == ENOENT);
  CHECK(sample.layer_of("/b") == 1);
  sample.next_layer();
  sample.file("a/.wh..wh..opq");
  CHECK(sample.has("/a"));
  CHECK(sample.error("/a/new") == ENOENT);
}

TEST_CASE("folders, files and links take each other's place", "[pack]") {
  Sample sample;
  sample.file("x/file");
  sample.file("y");
  sample.folder("z", 0700);
  sample.file("z/file");
  sample.next_layer();
  sample.file("x");
  sample.file("y/file");
  sample.folder("z", 0711);
  CHECK(S_ISREG(sample.tree.status("/x").mode));
  CHECK(sample.error("/x/file") == ENOTDIR);
  CHECK(sample.has("/y/file"));
  CHECK(sample.has("/z/file"));
  CHECK(sample.tree.status("/z").mode == (S_IFDIR | 0711));
  CHECK(sample.layer_of("/z/file") == 0);
}

TEST_CASE("hard links have the content of their target, and outlive it", "[pack]") {
  Sample sample;
  sample.file("app", 0755, 7);
  sample.next_layer();
  sample.link("hard", "app", EntryKind::kHardlink);
  sample.link("again", "./hard", EntryKind::kHardlink);
  sample.link("app", "app", EntryKind::kHardlink);
  sample.next_layer();
  sample.file(".wh.app");
  CHECK(sample.error("/app") == ENOENT);
  for (const char* path : {"/hard", "/again"}) {
    CHECK(sample.tree.status(path).size == 3);
    CHECK(sample.layer_of(path) == 1);
  }
  int error = 0;
  CHECK(sample.tree.open("/again", error) == nullptr);
  CHECK(error == EAGAIN);
  const std::set<ContentId> wanted = sample.tree.take_wanted();
  REQUIRE(wanted.size() == 1);
  CHECK(wanted.begin()->layer == 0);
  CapturedBytes content(3);
  content.feed(0, "abc");
  content.finish();
  sample.tree.put(*wanted.begin(), std::move(content));
  ByteSource* file = sample.tree.open("/hard", error);
  REQUIRE(file != nullptr);
  CHECK(file->bytes(0, 10) == "abc");
  CHECK(sample.tree.take_wanted().empty());
}

TEST_CASE("links stay inside the image", "[pack]") {
  Sample sample;
  sample.file("usr/bin/app");
  sample.link("bin", "usr/bin");
  sample.link("absolute", "/usr/bin/app");
  sample.link("up", "../../../usr/../usr/./bin//app");
  sample.link("usr/bin/relative", "app");
  sample.link("loop", "pool");
  sample.link("pool", "loop");
  sample.link("itself", "itself/x");
  sample.link("gone", "/nowhere");
  for (const char* path : {"/bin/app", "/absolute", "/up", "/bin/relative", "/usr/../bin/app"}) {
    CAPTURE(path);
    CHECK(sample.tree.real_path(path) == "/usr/bin/app");
  }
  CHECK(sample.error("/loop") == ELOOP);
  CHECK(sample.error("/itself") == ELOOP);
  CHECK(sample.error("/gone") == ENOENT);
  CHECK(sample.error("/absolute/") == ENOTDIR);
  CHECK(sample.error("/bin/app/x") == ENOTDIR);
  CHECK(sample.error("") == ENOENT);
  CHECK(sample.has("/"));
  CHECK(sample.has("/../.."));
  CHECK(sample.tree.link_target("/gone") == "/nowhere");
  CHECK(sample.tree.link_target("/bin/app").empty());
  CHECK(sample.tree.real_path("/gone").empty());
  // An entry below a link lands where the link leads.
  sample.next_layer();
  sample.file("bin/second");
  CHECK(sample.layer_of("/usr/bin/second") == 1);
  CHECK(sample.tree.real_path("/bin/second") == "/usr/bin/second");
  sample.tree.set_working_directory("/usr");
  CHECK(sample.has("bin/app"));
  CHECK(sample.error("app") == ENOENT);
}

TEST_CASE("entries that no engine would unpack are refused", "[pack]") {
  Sample sample;
  sample.link("a", "b");
  sample.link("b", "a");
  CHECK_THROWS_AS(sample.file("../x"), Fault);
  CHECK_THROWS_AS(sample.file(".."), Fault);
  CHECK_THROWS_AS(sample.file("x/../../y"), Fault);
  CHECK_THROWS_AS(sample.file("a/file"), Fault);
  CHECK_THROWS_AS(sample.file(std::string(5000, 'x')), Fault);
  CHECK_THROWS_AS(sample.link("x", "../y", EntryKind::kHardlink), Fault);
  CHECK_THROWS_AS(sample.link("x", "nowhere", EntryKind::kHardlink), Fault);
  CHECK_NOTHROW(sample.file("..x/y..z"));
  CHECK_NOTHROW(sample.folder("./"));
}

TEST_CASE("links to deep folders make no endless depth", "[pack]") {
  Sample sample;
  std::string deep;
  for (int i = 0; i < 2000; ++i) deep += "d/";
  sample.file(deep + "x");
  sample.link("l0", "/" + deep);
  const auto dig = [&] {
    for (int i = 0; i < 10; ++i) {
      const std::string folder = "l" + std::to_string(i) + "/" + deep.substr(0, 3000);
      sample.file(folder + "x");
      sample.link("l" + std::to_string(i + 1), folder);
    }
  };
  CHECK_THROWS_AS(dig(), Fault);
}

TEST_CASE("permission is the image's user's", "[pack]") {
  Sample sample;
  sample.file("owner", 0700, 7);
  sample.file("group", 0010, 7);
  sample.file("others", 0001, 7);
  sample.file("none", 0644);
  sample.folder("closed", 0700);
  sample.file("closed/app");
  const auto may = [&sample](const char* path) { return sample.tree.status(path).may_execute; };
  CHECK((may("/owner") && may("/group") && may("/others") && !may("/none")));
  CHECK(sample.has("/closed/app"));
  sample.tree.set_user(ImageUser{.uid = 7, .gids = {1}});
  CHECK((may("/owner") && !may("/group") && !may("/others") && !may("/none")));
  sample.tree.set_user(ImageUser{.uid = 8, .gids = {1, 7}});
  CHECK((!may("/owner") && may("/group") && !may("/others")));
  sample.tree.set_user(ImageUser{.uid = 8, .gids = {}});
  CHECK((!may("/owner") && !may("/group") && may("/others")));
  CHECK(sample.error("/closed/app") == EACCES);
  sample.tree.set_user(std::nullopt);
  CHECK((may("/owner") && may("/group") && may("/others") && !may("/none")));
  CHECK(sample.has("/closed/app"));
}

TEST_CASE("executables come in the order of their paths", "[pack]") {
  Sample sample;
  sample.file("b");
  sample.file("a/z");
  sample.file("a/data", 0644);
  sample.file("c/x");
  sample.link("a/link", "z");
  std::size_t all = 0;
  CHECK(sample.tree.executables(2, all) == Strings{"/a/z", "/b"});
  CHECK(all == 3);
}

TEST_CASE("PATH is looked along as engines do", "[pack]") {
  Sample sample;
  sample.file("first/app", 0644);
  sample.folder("second/app");
  sample.link("third/app", "/sys/kernel/nowhere/app");
  sample.file("fourth/app");
  sample.file("fifth/app");
  Image image;
  image.entrypoint = {"app"};
  image.command = {"start"};
  image.environment = {"HOME=/", "PATH=/first:/second:/third:/fourth:/fifth"};
  CHECK(start_words(image) == Strings{"app", "start"});
  const auto find = [&] { return find_start(sample.tree, image, Language::kEnglish); };
  CHECK(find().file == "/fourth/app");
  image.environment = {"PATH=/first:/second"};
  CHECK(find().file == "/first/app");  // no better one: what is wrong with it will be told
  image.environment = {"PATH=/third"};
  REQUIRE(find().diagnosis);
  CHECK(find().diagnosis->cause() == Cause::kEntrypointMissing);
  image.environment = {"PATH="};
  sample.tree.set_working_directory("/fifth");
  CHECK(find().file == "./app");
  image.environment = {};
  CHECK(search_path(image).starts_with("/usr/local/sbin:"));
  CHECK(find().diagnosis->cause() == Cause::kEntrypointMissing);
  image.entrypoint = {};
  image.command = {"../fourth/app"};
  CHECK(find().file == "../fourth/app");
  image.command = {};
  CHECK(find().diagnosis->cause() == Cause::kNoEntrypoint);
}

TEST_CASE("User is a name or numbers", "[pack]") {
  Sample sample;
  sample.file("etc/passwd", 0644);
  sample.file("etc/group", 0644);
  const auto user = [&sample](const char* text) { return find_user(sample.tree, text); };
  CHECK(user("")->uid == 0);
  CHECK(user("1000")->gids == std::vector<std::uint64_t>{0});
  CHECK(user("1000:7")->gids == std::vector<std::uint64_t>{7});
  CHECK_FALSE(user("app"));  // the content is not there yet
  const std::string passwd = "root:x:0:0::/:\n\nbroken\napp:x:1000:5::/:\nodd:x:y:z::/:\n";
  const std::string group = "wheel:x:4:root,app\nstaff:x:5:\n";
  std::uint32_t entry = 0;
  for (const std::string& text : {passwd, group}) {
    CapturedBytes content(text.size());
    content.feed(0, text);
    content.finish();
    sample.tree.put({0, entry++}, std::move(content));
  }
  CHECK(user("app")->uid == 1000);
  CHECK(user("app")->gids == std::vector<std::uint64_t>{5, 4});
  CHECK(user("1000")->gids == std::vector<std::uint64_t>{5, 4});
  CHECK(user("app:wheel")->gids == std::vector<std::uint64_t>{4});
  CHECK_FALSE(user("nobody"));
  CHECK_FALSE(user("odd"));
  CHECK_FALSE(user("app:nothing"));
  CHECK_FALSE(user("-1"));
}

}  // namespace
}  // namespace pixelzx::pack
