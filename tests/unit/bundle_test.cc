// SPDX-License-Identifier: Apache-2.0
#include "bundle.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "support.h"

namespace pixelzx {
namespace {

using test::Folder;
using test::tar_member;
using test::with_end;

constexpr std::string_view kSha =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The index of a bundle of two slices, of 700 and 1000 bytes, behind an index of one or two
/// blocks.
std::string sample_index(const std::string& program = "pixelzx") {
  return with_end(
      "pixelzx-bundle 1\nprogram " + program +
      " 1.0.0\nslice linux/amd64 offset=2048 packed=700 size=5000 sha256=" + std::string(kSha) +
      "\nslice linux/arm64 offset=3584 packed=1000 size=6000 sha256=" + std::string(kSha) + "\n");
}

std::string sample_bundle(const std::string& program = "pixelzx") {
  std::string index = tar_member("pixelzx.index", sample_index(program));
  if (index.size() == 1024) index += tar_member("padding", "");
  return index + tar_member("linux/amd64/pixelzx.zst", std::string(700, 'a')) +
         tar_member("linux/arm64/pixelzx.zst", std::string(1000, 'b')) + std::string(1024, '\0');
}

constexpr std::size_t kLastByte = 3584 + 1000;

Path as_path(const std::string& path) {
  return path.c_str();
}

Result<Bundle> open(const std::string& path, std::uint64_t base = 0) {
  return open_bundle(as_path(path), base);
}

/// What the diagnosis of a refused bundle has seen.
std::string seen(const Result<Bundle>& bundle, Evidence evidence) {
  return std::string(bundle.diagnosis().evidence(evidence, Language::kEnglish).view());
}

/// The cause why the bundle at `path` is refused, as a number; 0 when it is accepted.
int refusal(const std::string& path, std::uint64_t base = 0) {
  const Result<Bundle> bundle = open(path, base);
  if (bundle) return 0;
  // Whatever is wrong with a file, the message names the file.
  CHECK((bundle.diagnosis().cause() == Cause::kNoBundle || seen(bundle, Evidence::kPath) == path));
  return static_cast<int>(bundle.diagnosis().cause());
}

constexpr int number_of(Cause cause) {
  return static_cast<int>(cause);
}

TEST_CASE("the sample is what it should be", "[bundle]") {
  const std::string bundle = sample_bundle();
  REQUIRE(bundle.substr(2048, 700) == std::string(700, 'a'));
  REQUIRE(bundle.substr(3584, 1000) == std::string(1000, 'b'));
}

TEST_CASE("a bundle is a tar whose first member is its index", "[bundle]") {
  const Folder folder;
  const std::string path = folder.file("pixelzx.bundle", sample_bundle());
  Result<Bundle> bundle = open(path);
  REQUIRE(bundle);
  CHECK(bundle->path.view() == path);
  CHECK(bundle->base == 0);
  CHECK_FALSE(bundle->installed);
  CHECK(bundle->index.program == "pixelzx");
  REQUIRE(bundle->index.slices().size() == 2);
  CHECK(bundle->index.slices()[1].platform == linux_platform("arm64"));
  CHECK(bundle->file.get() > STDERR_FILENO);

  // What the index points into moves with the bundle.
  const Bundle moved = std::move(*bundle);
  CHECK(moved.index.program == "pixelzx");
  CHECK(moved.index.slices()[0].sha256 == kSha);
}

TEST_CASE("an installed bundle is its index alone", "[bundle]") {
  const Folder folder;
  Result<Bundle> bundle = open(folder.file("pixelzx.bundle", sample_index()));
  REQUIRE(bundle);
  CHECK(bundle->installed);
  CHECK(bundle->index.slices().size() == 2);
}

TEST_CASE("a bundle whose index is longer than the first read", "[bundle]") {
  std::string body = "pixelzx-bundle 1\nprogram pixelzx 1\n";
  for (int i = 0; i < 30; ++i) {
    body += "slice linux/amd64/v" + std::to_string(i + 2) +
            " offset=" + std::to_string(512 * (40 + i)) +
            " packed=1 size=1 sha256=" + std::string(kSha) + "\n";
  }
  for (int i = 0; i < 60; ++i) {
    body += "share some/folder/file" + std::to_string(i) +
            " offset=" + std::to_string(512 * (70 + i)) + " size=1 sha256=" + std::string(kSha) +
            "\n";
  }
  REQUIRE(with_end(body).size() > 4096);
  const Folder folder;
  const std::string tar = tar_member("pixelzx.index", with_end(body)) + std::string(512 * 130, 'x');
  Result<Bundle> bundle = open(folder.file("tar", tar));
  REQUIRE(bundle);
  CHECK(bundle->index.slices().size() == 30);
  CHECK(bundle->index.shares().size() == 60);
  Result<Bundle> installed = open(folder.file("index", with_end(body)));
  REQUIRE(installed);
  CHECK(installed->index.shares().size() == 60);
}

TEST_CASE("no bundle, and what cannot be one", "[bundle]") {
  const Folder folder;
  CHECK(refusal(folder.path("missing")) == number_of(Cause::kNoBundle));
  CHECK(refusal(folder.file("file", "x") + "/below") == number_of(Cause::kNoBundle));
  CHECK(refusal(folder.path()) == number_of(Cause::kNotABundle));
  CHECK(refusal("/dev/null") == number_of(Cause::kNotABundle));
  CHECK(refusal(folder.file("empty", "")) == number_of(Cause::kNotABundle));
  CHECK(refusal(folder.file("html", "<!DOCTYPE html><html>" + std::string(5000, ' '))) ==
        number_of(Cause::kNotABundle));
  CHECK(refusal(folder.file("zeros", std::string(5000, '\0'))) == number_of(Cause::kNotABundle));
  CHECK(refusal(folder.file("other.tar", tar_member("file", "text") + std::string(1024, '\0'))) ==
        number_of(Cause::kNotABundle));
  CHECK(refusal(folder.file("longer", tar_member("pixelzx.index.old", sample_index()))) ==
        number_of(Cause::kNotABundle));
  const Result<Bundle> overlong = open_bundle(Path(std::string(5000, 'p')));
  REQUIRE_FALSE(overlong);
  CHECK(overlong.diagnosis().cause() == Cause::kBundleUnreadable);
  const Result<Bundle> missing = open(folder.path("missing"));
  CHECK(seen(missing, Evidence::kDetail) == "there is no " + folder.path("missing"));
}

TEST_CASE("a named pipe is no bundle, and does not stop the launcher", "[bundle]") {
  const Folder folder;
  const std::string pipe = folder.path("pipe");
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  // Were it waited for, nobody would ever write.
  alarm(20);
  CHECK(refusal(pipe) == number_of(Cause::kNotABundle));
  alarm(0);
}

TEST_CASE("a bundle that may not be read", "[bundle]") {
  if (geteuid() == 0) return;  // root reads everything
  const Folder folder;
  const std::string path = folder.file("pixelzx.bundle", sample_bundle());
  chmod(path.c_str(), 0);
  CHECK(refusal(path) == number_of(Cause::kBundleUnreadable));
}

TEST_CASE("a bundle cut off anywhere is a diagnosis", "[bundle]") {
  const Folder folder;
  const std::string good = sample_bundle();
  const std::size_t index_end = 512 + sample_index().size();
  for (std::size_t size = 0; size < good.size(); size += size < index_end + 20 ? 1 : 97) {
    CAPTURE(size);
    const int cause = refusal(folder.file("cut", good.substr(0, size)));
    if (size < 512) {
      CHECK(cause == number_of(Cause::kNotABundle));
    } else if (size < kLastByte) {
      CHECK(cause == number_of(Cause::kTruncatedBundle));
    } else {
      CHECK(cause == 0);  // only tar's own end is missing
    }
  }
}

TEST_CASE("an installed index cut off anywhere is a diagnosis", "[bundle]") {
  const Folder folder;
  const std::string good = sample_index();
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    CHECK(refusal(folder.file("cut", good.substr(0, size))) != 0);
  }
}

TEST_CASE("a truncated bundle tells where it ends", "[bundle]") {
  const Folder folder;
  const Result<Bundle> bundle = open(folder.file("cut", sample_bundle().substr(0, 3000)));
  REQUIRE_FALSE(bundle);
  CHECK(seen(bundle, Evidence::kDetail) == "it ends after 3000 bytes");
}

TEST_CASE("a damaged header or index is never another bundle", "[bundle]") {
  const Folder folder;
  const std::string good = sample_bundle();
  const std::size_t index_end = 512 + sample_index().size();
  for (std::size_t i = 0; i < index_end; ++i) {
    for (const unsigned flip : {0x01U, 0x80U, 0xffU}) {
      std::string bad = good;
      bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ flip);
      const Result<Bundle> bundle = open(folder.file("damaged", bad));
      // Only the two bytes behind the digits of the header's checksum mean nothing.
      const bool meaningless = i == 154 || i == 155;
      if (bundle && !meaningless) FAIL("accepted with byte " << i << " changed by " << flip);
    }
  }
}

TEST_CASE("a header that lies about the size of the index", "[bundle]") {
  const Folder folder;
  const auto with_size = [](std::string_view size) {
    std::string bundle = sample_bundle();
    bundle.replace(124, size.size(), size);
    bundle.replace(148, 8, "        ");
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(bundle[i]);
    for (unsigned i = 0; i < 6; ++i) {
      bundle[148 + i] = static_cast<char>('0' + (sum >> (3 * (5 - i)) & 7));
    }
    return bundle;
  };
  CHECK(refusal(folder.file("a", with_size("00000000000"))) == number_of(Cause::kNotABundle));
  CHECK(refusal(folder.file("b", with_size("00000000100"))) == number_of(Cause::kDamagedIndex));
  CHECK(refusal(folder.file("c", with_size("00000002000"))) == number_of(Cause::kDamagedIndex));
  CHECK(refusal(folder.file("d", with_size("00000177777"))) == number_of(Cause::kTruncatedBundle));
  CHECK(refusal(folder.file("e", with_size("77777777777"))) == number_of(Cause::kDamagedIndex));
  CHECK(refusal(folder.file("f", with_size("777777777777"))) == number_of(Cause::kDamagedIndex));
  // GNU tar's binary form, for files of more than 8 GiB
  CHECK(refusal(folder.file("g", with_size(std::string_view("\x80\0\0\0\0\0\0\0\0\0\1\0", 12)))) !=
        0);
}

TEST_CASE("a bundle of a newer format says so", "[bundle]") {
  const Folder folder;
  const std::string index = "pixelzx-bundle 2\nsomething new\n";
  CHECK(refusal(folder.file("tar", tar_member("pixelzx.index", index))) ==
        number_of(Cause::kNewerFormat));
  CHECK(refusal(folder.file("index", index)) == number_of(Cause::kNewerFormat));
}

TEST_CASE("a trailer holds an offset, little-endian", "[bundle]") {
  const Trailer trailer = make_trailer(0x0102030405060708);
  const std::string_view bytes(trailer.data(), trailer.size());
  CHECK(bytes == std::string_view("PZXBNDL1\x08\x07\x06\x05\x04\x03\x02\x01", 16));
  CHECK(read_trailer(bytes) == 0x0102030405060708);
  for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{512}, ~std::uint64_t{0}}) {
    const Trailer made = make_trailer(offset);
    CHECK(read_trailer({made.data(), made.size()}) == offset);
  }
  CHECK_FALSE(read_trailer(""));
  CHECK_FALSE(read_trailer(bytes.substr(1)));
  CHECK_FALSE(read_trailer(std::string(bytes) + "x"));
  CHECK_FALSE(read_trailer("PZXBNDL2" + std::string(bytes.substr(8))));
}

std::string attached(const std::string& launcher, const std::string& bundle) {
  std::string file = launcher;
  file.resize((file.size() + 511) / 512 * 512);
  const Trailer trailer = make_trailer(file.size());
  return file + bundle + std::string(trailer.data(), trailer.size());
}

TEST_CASE("a bundle attached to a launcher", "[bundle]") {
  const Folder folder;
  const std::string launcher =
      folder.file("pixelzx", attached(std::string(1000, 'L'), sample_bundle("attached")));
  folder.file("pixelzx.bundle", sample_bundle("beside"));
  Result<Bundle> bundle = find_bundle("", as_path(launcher), false);
  REQUIRE(bundle);
  CHECK(bundle->path.view() == launcher);
  CHECK(bundle->base == 1024);
  CHECK(bundle->index.program == "attached");

  // Named, it is somewhere in the file, of which the first bytes are a launcher's.
  CHECK(refusal(launcher, 1024) == 0);
  CHECK(refusal(launcher, 0) == number_of(Cause::kNotABundle));
  CHECK(refusal(launcher, 512) == number_of(Cause::kNotABundle));
  CHECK(refusal(launcher, 1 << 20) == number_of(Cause::kNotABundle));
  CHECK(refusal(launcher, ~std::uint64_t{0}) != 0);
}

TEST_CASE("a damaged attached bundle is not passed over", "[bundle]") {
  const Folder folder;
  std::string file = attached(std::string(1000, 'L'), sample_bundle());
  file[1024 + 600] ^= 1;
  const std::string launcher = folder.file("pixelzx", file);
  folder.file("pixelzx.bundle", sample_bundle("beside"));
  const Result<Bundle> bundle = find_bundle("", as_path(launcher), false);
  REQUIRE_FALSE(bundle);
  CHECK(bundle.diagnosis().cause() == Cause::kDamagedIndex);
  CHECK(seen(bundle, Evidence::kPath) == launcher);
}

TEST_CASE("a trailer that leads nowhere is none", "[bundle]") {
  const Folder folder;
  for (const std::uint64_t offset :
       {std::uint64_t{1016}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    CAPTURE(offset);
    const Trailer trailer = make_trailer(offset);
    const std::string launcher = folder.file(
        "pixelzx", std::string(1000, 'L') + std::string(trailer.data(), trailer.size()));
    folder.file("pixelzx.bundle", sample_bundle("beside"));
    Result<Bundle> bundle = find_bundle("", as_path(launcher), false);
    REQUIRE(bundle);
    CHECK(bundle->index.program == "beside");
  }
}

TEST_CASE("where a bundle is looked for, in this order", "[bundle]") {
  const Folder folder;
  const std::string launcher = folder.file("usr/local/bin/pixelzx", "short");
  const auto found = [&launcher](std::string_view named = {}) {
    Result<Bundle> bundle = find_bundle(named, as_path(launcher), false);
    return bundle ? std::string(bundle->index.program) : "none";
  };
  CHECK(found() == "none");
  folder.file("usr/pixelzx.bundle", sample_bundle("above"));
  CHECK(found() == "above");
  folder.file("usr/local/lib/pixelzx/pixelzx.bundle", sample_index("library"));
  CHECK(found() == "library");
  folder.file("usr/local/bin/pixelzx.bundle", sample_bundle("beside"));
  CHECK(found() == "beside");
  folder.file("usr/local/bin/pixelzx", attached("launcher", sample_bundle("attached")));
  CHECK(found() == "attached");
  CHECK(found(folder.file("named", sample_bundle("named"))) == "named");
}

TEST_CASE("a bad bundle on the way is not passed over", "[bundle]") {
  const Folder folder;
  const std::string launcher = folder.file("bin/pixelzx", "launcher");
  folder.file("bin/pixelzx.bundle", "garbage");
  folder.file("lib/pixelzx/pixelzx.bundle", sample_bundle());
  const Result<Bundle> bundle = find_bundle("", as_path(launcher), false);
  REQUIRE_FALSE(bundle);
  CHECK(bundle.diagnosis().cause() == Cause::kNotABundle);
}

TEST_CASE("the bundle that the operator named, or none", "[bundle]") {
  const Folder folder;
  const std::string launcher = folder.file("bin/pixelzx", "launcher");
  folder.file("bin/pixelzx.bundle", sample_bundle());
  const Result<Bundle> missing = find_bundle(folder.path("missing"), as_path(launcher), false);
  REQUIRE_FALSE(missing);
  CHECK(missing.diagnosis().cause() == Cause::kNoBundle);
  CHECK(find_bundle(folder.path("bin/pixelzx.bundle"), Path(), false));
}

TEST_CASE("no bundle anywhere", "[bundle]") {
  const Folder folder;
  const std::string launcher = folder.file("bin/pixelzx", "launcher");
  const Result<Bundle> none = find_bundle("", as_path(launcher), false);
  REQUIRE_FALSE(none);
  CHECK(none.diagnosis().cause() == Cause::kNoBundle);
  CHECK(seen(none, Evidence::kDetail).find(launcher) != std::string::npos);
  const Result<Bundle> lost = find_bundle("", Path(), false);
  REQUIRE_FALSE(lost);
  CHECK(lost.diagnosis().cause() == Cause::kNoBundle);
}

}  // namespace
}  // namespace pixelzx
