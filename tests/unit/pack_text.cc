// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "pack/pack_error.h"
#include "pack/select.h"
#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

using Strings = std::vector<std::string>;

TEST_CASE("every problem says what, why and what to do, in both languages", "[pack]") {
  for (const ProblemRow& row : problem_table()) {
    CAPTURE(row.what.english);
    const PackError error(row.problem, {"first", "second", "third", "fourth", "fifth"});
    for (const Language language : {Language::kEnglish, Language::kKorean}) {
      const std::string message = error.message(language);
      CHECK(message.find('{') == std::string::npos);
      for (const PackText* text : {&row.what, &row.why, &row.remedy}) {
        CHECK_FALSE(text->in(language).empty());
      }
    }
    for (const char* value : {"{0}", "{1}", "{2}", "{3}", "{4}"}) {
      const auto shows = [value](std::string_view text) {
        return text.find(value) != std::string_view::npos;
      };
      for (const PackText* text : {&row.what, &row.why, &row.remedy}) {
        CHECK(shows(text->english) == shows(text->korean));
      }
    }
    CHECK((error.exit_status() == 1 || error.exit_status() == 2));
  }
}

TEST_CASE("an error is one block of text that cannot steer a terminal", "[pack]") {
  const PackError error(Problem::kCannotRead, {"a\nb\x1b[31m", "No such file or directory"});
  CHECK(error.message(Language::kEnglish) ==
        "pixelzx-pack: cannot read a\\x0ab\\x1b[31m\n\n"
        "  why            No such file or directory\n"
        "  what to do     check the path, and the permissions of the file and of the folders above "
        "it\n");
  CHECK(PackError(Problem::kBadDate, {"x"}).exit_status() == 2);
  // U+009B is CSI in one character. That of an image's config, for example.
  CHECK(printable("a\xc2\x9b\xc2\xc2\x9b") == "a\xc2\\x9b\xc2\xc2\\x9b");
  CHECK(printable("번들\x7f") == "번들\\x7f");
}

TEST_CASE("a diagnosis of the launcher keeps its code and its evidence", "[pack]") {
  const PackError error("x.bundle", Diagnosis(Cause::kDamagedSlice)
                                        .with(Evidence::kSlice, "linux/arm64")
                                        .with(Evidence::kDetail, "its SHA-256 differs"));
  CHECK_THAT(error.message(Language::kEnglish),
             Catch::StartsWith("pixelzx-pack: x.bundle: a program in the bundle is damaged  "
                               "[PZX-105]\n\n  why            linux/arm64: its SHA-256 differs\n"));
  CHECK_THAT(error.message(Language::kKorean), Catch::Contains("손상"));
}

TEST_CASE("a diagnosis that can be of a bundle alone leaves no gap in its words", "[pack]") {
  for (const Cause cause :
       {Cause::kNoBundle, Cause::kNotABundle, Cause::kDamagedIndex, Cause::kDamagedSlice,
        Cause::kTruncatedBundle, Cause::kNewerFormat, Cause::kContradictedLabel,
        Cause::kBundleUnreadable, Cause::kOutOfMemory}) {
    Diagnosis diagnosis(cause);
    // What has no detail has none to show.
    if (cause != Cause::kNotABundle) diagnosis.with(Evidence::kDetail, "seen");
    diagnosis.with(Evidence::kSlice, "linux/arm64");
    for (const Language language : {Language::kEnglish, Language::kKorean}) {
      const std::string message = PackError("x.bundle", diagnosis).message(language);
      CAPTURE(message);
      CHECK(message.find('{') == std::string::npos);
      CHECK((cause == Cause::kNotABundle || message.find("seen") != std::string::npos));
    }
  }
}

TEST_CASE("tables align by what a terminal shows", "[pack]") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(padded("크기", 6) == "크기  ");
  TextTable table({1});
  table.add({"플랫폼", "크기"});
  table.add({"linux/s390x", "12,345", "x"});
  table.add({"short"});
  CHECK(table.text() ==
        "플랫폼         크기\n"
        "linux/s390x  12,345  x\n"
        "short\n");
}

TEST_CASE("select prints what fits, best first, normalised, each once", "[pack]") {
  CHECK(select_offered("linux/amd64/v3", "386,linux/x86_64/v2,linux/amd64,amd64,linux/amd64/v4") ==
        Strings{"linux/amd64/v2", "linux/amd64", "linux/386"});
  CHECK(select_offered("aarch64", "linux/arm/v6,armhf,linux/arm64/v8") ==
        Strings{"linux/arm64", "linux/arm/v7", "linux/arm/v6"});
  CHECK(select_offered("linux/s390x", "linux/amd64").empty());
}

TEST_CASE("select names what is no platform", "[pack]") {
  for (const char* offer :
       {"", "linux/amd64,", ",linux/amd64", "linux/amd64,,linux/arm64", "foo", "a/b/c/d"}) {
    CAPTURE(offer);
    CHECK_THROWS_AS(select_offered("linux/amd64", offer), PackError);
  }
  try {
    select_offered("nonsense!", "linux/amd64");
    FAIL("not refused");
  } catch (const PackError& error) {
    CHECK(std::string(error.what()) == "'nonsense!' is not a platform");
    CHECK(error.exit_status() == 2);
  }
}

}  // namespace
}  // namespace pixelzx::pack
