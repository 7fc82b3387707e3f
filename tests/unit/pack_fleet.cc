// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "pack/create.h"
#include "pack/fleet_page.h"
#include "pack/fleet_text.h"
#include "pack/layout.h"
#include "pack_samples.h"

namespace pixelzx::pack {
namespace {

using Json = nlohmann::ordered_json;
using Strings = std::vector<std::string>;

constexpr Language kEnglish = Language::kEnglish;
constexpr Language kKorean = Language::kKorean;

/// A report as the doctor prints it, of a host where all is well.
Json report(const std::string& platform = "linux/amd64/v3", const Json& slice = "linux/amd64") {
  return {{"schema_version", 1},
          {"host",
           {{"platform", platform},
            {"launcher", platform.substr(0, platform.find("/v"))},
            {"emulated", false},
            {"page_size", 4096}}},
          {"bundle", Json::object()},
          {"launch", {{"slice", slice}}},
          {"files", Json::array()},
          {"findings", Json::array()}};
}

Json finding(const std::string& code, const std::string& severity = "error",
             const std::string& title = "a title") {
  return {{"code", code}, {"severity", severity}, {"title", title}};
}

/// What is said of a report that is refused; empty when it is not.
std::string refusal(const std::string& text) {
  try {
    (void)parse_report("x/web1.json", text, kEnglish);
  } catch (const PackError& error) {
    return error.message(kEnglish);
  }
  return {};
}

Fleet fleet_of(const std::vector<Json>& reports) {
  Fleet fleet;
  for (const Json& one : reports) {
    const std::string path = "host" + std::to_string(fleet.hosts.size()) + ".json";
    fleet.hosts.push_back(parse_report(path, one.dump(), kEnglish));
  }
  return fleet;
}

TEST_CASE("a report tells of its host", "[pack][fleet]") {
  Json json = report();
  json["findings"] = {finding("PZX-313", "warning"), finding("PZX-301"),
                      finding("PZX-313", "warning")};
  const HostReport read = parse_report("x/web1.json", json.dump(), kEnglish);
  CHECK(read.name == "web1");
  CHECK(to_text(read.host.platform).view() == "linux/amd64/v3");
  CHECK(read.host.page_size == 4096);
  CHECK(read.launch_examined);
  CHECK(to_text(*read.slice).view() == "linux/amd64");
  CHECK(read.problems.size() == 2);
  CHECK(read.problems[0].code == "PZX-313");
  CHECK(read.problems[0].severity == Severity::kWarning);

  json["host"]["name"] = "database";
  CHECK(parse_report("x/web1.json", json.dump(), kEnglish).name == "database");
  CHECK(parse_report(".json", report().dump(), kEnglish).name == ".json");
  CHECK(parse_report("/dev/fd/63", report().dump(), kEnglish).name == "63");
  // Fields may be added.
  json["more"] = {{"a", {1, 2, 3}}};
  CHECK(refusal(json.dump()).empty());
}

TEST_CASE("without a bundle it is not known what starts", "[pack][fleet]") {
  Json json = report("linux/amd64", nullptr);
  CHECK(parse_report("a", json.dump(), kEnglish).launch_examined);
  json["bundle"] = nullptr;
  CHECK_FALSE(parse_report("a", json.dump(), kEnglish).launch_examined);
  json["launch"] = nullptr;
  CHECK_FALSE(parse_report("a", json.dump(), kEnglish).launch_examined);
}

TEST_CASE("what is no report is refused with the reason", "[pack][fleet]") {
  const std::string whole = report().dump();
  struct Row {
    std::string text;
    std::string reason;
  };
  const auto changed = [](const char* pointer, const Json& value) {
    Json json = report();
    json["findings"] = {finding("PZX-301")};
    json[Json::json_pointer(pointer)] = value;
    return json.dump();
  };
  const std::vector<Row> rows = {
      {whole.substr(0, whole.size() - 1), "ends in the middle"},
      {whole.substr(0, whole.find("linux")), "ends in the middle"},
      {"<html>", "not JSON"},
      {whole + whole, "not JSON"},
      {"\x1f\x8b\x08", "not JSON"},
      {"1e999", "not JSON"},
      {"[]", "schema_version, host, findings"},
      {"{}", "schema_version, host, findings"},
      {R"({"schema_version":1,"archive":"a.tar","images":[]})", "schema_version, host, findings"},
      {R"({"schema_version":1,"host":{"platform":"linux/amd64"}})",
       "schema_version, host, findings"},
      {changed("/schema_version", 2), "schema_version is 2"},
      {changed("/schema_version", 0), "'schema_version'"},
      {changed("/schema_version", "1"), "'schema_version'"},
      {changed("/host", "web1"), "'host'"},
      {changed("/host/platform", "web1"), "'web1' is not a platform"},
      {changed("/host/platform", nullptr), "'' is not a platform"},
      {changed("/host/page_size", -1), "'page_size'"},
      {changed("/host/emulated", "no"), "'emulated'"},
      {changed("/host/name", std::string(256, 'x')), "'name'"},
      {changed("/launch/slice", "a/b/c/d"), "'a/b/c/d' is not a platform"},
      {changed("/findings", Json::object()), "'findings'"},
      {changed("/findings/0", 1), "'code'"},
      {changed("/findings/0/code", "PZX-<b>"), "'code'"},
      {changed("/findings/0/severity", "fatal"), "'severity'"},
      {changed("/findings/0/title", std::string(512, 'x')), "'title'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK_THAT(refusal(row.text), Catch::Contains(row.reason) && Catch::Contains("x/web1.json") &&
                                      Catch::Contains("what to do"));
  }
  CHECK(refusal(changed("/host/emulated", nullptr)).empty());
}

TEST_CASE("a report of brackets is read without much memory", "[pack][fleet]") {
  CHECK_THAT(refusal(std::string(kLongestReport, '[')), Catch::Contains("ends in the middle"));
  Json json = report();
  Json* deepest = &json["more"];
  for (int i = 0; i < 1000; ++i) deepest = &(*deepest)["more"];
  CHECK(refusal(json.dump()).empty());
}

TEST_CASE("reports are files and folders, in any order, each once", "[pack][fleet]") {
  const Folder folder;
  const auto write = [&folder](const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(folder.path(name)).parent_path());
    return folder.file(name, text);
  };
  write("b/web2.json", report().dump());
  const std::string first = write("a/web1.json", report().dump());
  write("a/web1.txt", "no report");
  write("a/.web3.json", "{");
  write(".git/web4.json", "{");
  write("c/deep/er/web5.json", report().dump());
  std::filesystem::create_directory_symlink(folder.path(""), folder.path("c/loop"));
  REQUIRE(mkfifo(folder.path("c/pipe.json").c_str(), 0600) == 0);
  const Fleet fleet = read_fleet({folder.path("b"), folder.path(""), first}, kEnglish);
  Strings names;
  for (const HostReport& host : fleet.hosts) names.push_back(host.name);
  CHECK(names == Strings{"web1", "web2", "web5"});
  CHECK(fleet.left_out.empty());
}

TEST_CASE("what cannot be used is left out, and said", "[pack][fleet]") {
  const Folder folder;
  folder.file("good.json", report().dump());
  folder.file("empty.json", "");
  folder.file("long.json", std::string(kLongestReport + 1, ' '));
  folder.file("newer.json", R"({"schema_version":7})");
  Json twin = report();
  twin["host"]["name"] = "good";
  folder.file("twin.json", twin.dump());
  std::filesystem::create_symlink("nowhere", folder.path("lost.json"));
  for (const Language language : {kEnglish, kKorean}) {
    const Fleet fleet = read_fleet({folder.path("")}, language);
    CHECK(fleet.hosts.size() == 1);
    Strings messages;
    for (const PackError& error : fleet.left_out) messages.push_back(error.message(language));
    REQUIRE(messages.size() == 5);
    CHECK_THAT(messages[0], Catch::Contains("empty.json"));
    CHECK_THAT(messages[1], Catch::Contains("long.json") && Catch::Contains("1 MiB"));
    CHECK_THAT(messages[2], Catch::Contains("lost.json"));
    CHECK_THAT(messages[3], Catch::Contains("newer.json") && Catch::Contains("7"));
    CHECK_THAT(messages[4], Catch::Contains("twin.json") && Catch::Contains("good.json"));
  }
}

TEST_CASE("a fleet of nothing is an error", "[pack][fleet]") {
  const Folder folder;
  CHECK_THROWS_WITH(read_fleet({folder.path("")}, kEnglish), Catch::Contains("no report"));
  CHECK_THROWS_WITH(read_fleet({folder.path("gone.json")}, kEnglish), Catch::Contains("gone.json"));
  folder.file("a.json", "");
  folder.file("b.json", "");
  CHECK_THROWS_WITH(read_fleet({folder.path("")}, kEnglish), Catch::Contains("no report"));
}

TEST_CASE("hosts are counted", "[pack][fleet]") {
  Json emulated = report("linux/arm64");
  emulated["host"]["emulated"] = true;
  emulated["findings"] = {finding("PZX-314", "warning", "old words")};
  Json odd = report("linux/loong64", nullptr);
  odd["findings"] = {finding("PZX-101"), finding("PZX-999", "error", "of tomorrow")};
  odd["host"]["page_size"] = 16384;
  Json unknown = report("linux/s390x", nullptr);
  unknown["bundle"] = nullptr;
  unknown["host"]["page_size"] = 0;
  const Fleet fleet = fleet_of({report(), report(), emulated, odd, unknown});
  const FleetView view(fleet, nullptr, kEnglish);

  CHECK(view.emulated() == 1);
  CHECK(view.with_errors() == 1);
  REQUIRE(view.unserved().size() == 1);
  CHECK(view.unserved()[0]->name == "host3");
  CHECK(view.platforms().front().what == "linux/amd64/v3");
  CHECK(view.platforms().front().hosts == 2);
  Strings pages;
  for (const HostCount& count : view.page_sizes()) pages.push_back(count.what);
  CHECK(pages == Strings{"4 KiB", "16 KiB", "not known"});
  REQUIRE(view.problems().size() == 3);
  CHECK(view.problems()[0].code == "PZX-101");
  CHECK(view.problems()[0].title == diagnosis_row(Cause::kNoSliceForHost).title.in(kEnglish));
  CHECK(view.problems()[1].title == "of tomorrow");
  CHECK(view.problems()[2].severity == Severity::kWarning);
  REQUIRE(view.slices().size() == 1);
  CHECK(view.slices()[0].hosts == 3);
  CHECK(view.kinds().size() == 4);
  CHECK(view.unneeded().empty());

  const FleetView korean(fleet, nullptr, kKorean);
  CHECK(korean.problems()[0].title == diagnosis_row(Cause::kNoSliceForHost).title.in(kKorean));
}

TEST_CASE("of a bundle it is told what the fleet does not need", "[pack][fleet]") {
  const Folder folder;
  CreateOptions options;
  options.program = "hello";
  options.version = "1.0";
  options.level = 1;
  const std::string payload(4000, 'x');
  options.programs = {{"linux/amd64", folder.file("amd64", make_elf(kAmd64, payload + "1"))},
                      {"linux/arm64", folder.file("arm64", make_elf(kArm64, payload + "2"))},
                      {"linux/s390x", folder.file("s390x", make_elf(kS390x, payload + "3"))},
                      {"linux/ppc64le", folder.file("ppc64le", make_elf(kPpc64le, payload + "4"))}};
  options.prefixes = {{"linux/arm64", "linux/amd64"}};
  options.output = folder.path("whole");
  create_bundle(options);
  const BundleFile bundle = open_whole_bundle(options.output);

  // amd64 is needed only to unpack arm64. A 32-bit launcher stays 32-bit as long as it can.
  Json narrow = report("linux/arm64", "linux/arm/v7");
  narrow["host"]["launcher"] = "linux/arm/v7";
  const Fleet fleet = fleet_of({report("linux/arm64/v8.2"), report("linux/riscv64"), narrow});
  const FleetView view(fleet, &bundle, kEnglish);
  CHECK(to_text(*view.slice_of(fleet.hosts[0])).view() == "linux/arm64");
  CHECK_FALSE(view.slice_of(fleet.hosts[1]));
  CHECK(to_text(*view.slice_of(fleet.hosts[2])).view() == "linux/arm64");
  CHECK(view.unserved().size() == 1);
  REQUIRE(view.slices().size() == 4);
  CHECK(view.slices()[0].hosts == 2);
  CHECK(view.slices()[1].is_base);
  Strings unneeded;
  for (const Platform& platform : view.unneeded()) unneeded.emplace_back(to_text(platform).view());
  CHECK(unneeded == Strings{"linux/ppc64le", "linux/s390x"});

  options.programs.resize(2);
  options.output = folder.path("small");
  create_bundle(options);
  // Its index is shorter by a block.
  const std::uint64_t small = open_whole_bundle(options.output).size() + kTarBlock;
  CHECK(small == bundle.size() - view.unneeded_bytes());
  const Json json = Json::parse(fleet_json(view));
  CHECK(json["bundle"]["unneeded_bytes"] == view.unneeded_bytes());
  CHECK_THAT(fleet_text(view), Catch::Contains("linux/ppc64le, linux/s390x"));
}

TEST_CASE("an emulated host starts its true machine's slice", "[pack][fleet]") {
  const Folder folder;
  CreateOptions options;
  options.program = "hello";
  options.version = "1.0";
  options.programs = {{"linux/amd64", folder.file("amd64", make_elf(kAmd64))},
                      {"linux/arm64", folder.file("arm64", make_elf(kArm64))}};
  options.output = folder.path("bundle");
  create_bundle(options);
  const BundleFile bundle = open_whole_bundle(options.output);
  Json emulated = report("linux/amd64/v2");
  emulated["host"]["launcher"] = "linux/arm64";
  emulated["host"]["emulated"] = true;
  Json elsewhere = emulated;
  elsewhere["host"]["platform"] = "linux/riscv64";
  const Fleet fleet = fleet_of({emulated, elsewhere});
  const FleetView view(fleet, &bundle, kEnglish);
  CHECK(to_text(*view.slice_of(fleet.hosts[0])).view() == "linux/amd64");
  CHECK(to_text(*view.slice_of(fleet.hosts[1])).view() == "linux/arm64");
}

TEST_CASE("nothing in a report becomes markup or steers a terminal", "[pack][fleet]") {
  const std::string evil = "<script>alert(1)</script>\x1b[31m\"'&\n";
  Json json = report();
  json["host"]["name"] = evil;
  json["findings"] = {finding("PZX-998", "note", evil)};
  Fleet fleet = fleet_of({json});
  fleet.hosts.front().path = "bad\xff<b>";
  fleet.left_out.emplace_back(Problem::kNotAReport, Strings{"bad\xff<b>", evil});
  for (const Language language : {kEnglish, kKorean}) {
    const FleetView view(fleet, nullptr, language);
    const std::string page = fleet_page(view);
    CHECK_THAT(page, !Catch::Contains("<script") && !Catch::Contains("<b>\xff") &&
                         !Catch::Contains("\x1b") && !Catch::Contains("\xff") &&
                         Catch::Contains("&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[31m&quot;&#39;"
                                         "&amp;\\x0a") &&
                         Catch::Contains("bad\xef\xbf\xbd&lt;b&gt;"));
    CHECK_THAT(fleet_text(view), !Catch::Contains("\x1b"));
    CHECK(Json::accept(fleet_json(view)));
    CHECK_THAT(page,
               Catch::Contains(language == kKorean ? "<html lang=\"ko\">" : "<html lang=\"en\">"));
  }
}

}  // namespace
}  // namespace pixelzx::pack
