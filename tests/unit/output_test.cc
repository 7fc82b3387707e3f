// SPDX-License-Identifier: Apache-2.0
#include "output.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <functional>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "files.h"
#include "support.h"

namespace pixelzx {
namespace {

using nlohmann::json;
using namespace std::string_literals;

/// Standard output is the file at `path` for its lifetime.
class StandardOutput {
 public:
  explicit StandardOutput(const std::string& path) : saved_(dup(STDOUT_FILENO)) {
    std::cout.flush();
    std::fflush(stdout);
    const Fd file = open_file(AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT, 0600);
    dup2(file.get(), STDOUT_FILENO);
  }
  ~StandardOutput() { dup2(saved_.get(), STDOUT_FILENO); }
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;

 private:
  Fd saved_;
};

std::string printed(const std::function<void(Output&)>& print) {
  const test::Folder folder;
  const std::string path = folder.path("stdout");
  {
    const StandardOutput redirected(path);
    Output out;
    print(out);
  }
  return test::content_of(path);
}

std::string written(const std::function<void(JsonWriter&)>& write) {
  return printed([&write](Output& out) {
    JsonWriter writer(out);
    write(writer);
  });
}

/// `text` as a JSON string.
std::string as_json(std::string_view text) {
  return written([text](JsonWriter& writer) { writer.string(text); });
}

TEST_CASE("output of any length arrives in order", "[output]") {
  std::string expected;
  const std::string text = printed([&expected](Output& out) {
    for (int i = 0; i < 3000; ++i) {
      const std::string part = std::to_string(i) + " ";
      expected += part;
      out << part;
    }
    const std::string large(10000, 'x');
    expected += large + std::string("\0after", 6);
    out << large << std::string_view("\0after", 6);
  });
  CHECK((text == expected));
}

TEST_CASE("output that fits the buffer exactly", "[output]") {
  for (const std::size_t size : {4095U, 4096U, 4097U, 8192U}) {
    CHECK(printed([size](Output& out) { out << std::string(size, 'x'); }).size() == size);
  }
}

TEST_CASE("a full disk is noticed, and stays noticed", "[output]") {
  bool first = true;
  bool second = true;
  {
    const StandardOutput redirected("/dev/full");
    Output out;
    out << "text";
    first = out.flush();
    second = out.flush();
  }
  CHECK_FALSE(first);
  CHECK_FALSE(second);
}

TEST_CASE("output that was written is no failure", "[output]") {
  bool flushed = false;
  CHECK(printed([&flushed](Output& out) { flushed = (out << "text").flush(); }) == "text");
  CHECK(flushed);
}

TEST_CASE("JSON has its commas, quotes and brackets", "[output]") {
  const std::string text = written([](JsonWriter& writer) {
    writer.open('{').key("empty").open('[').close(']');
    writer.key("list").open('[').number(0).number(1).open('{').close('}').close(']');
    writer.key("largest").number(std::numeric_limits<std::uint64_t>::max());
    writer.key("yes").boolean(true).key("no").boolean(false);
    writer.key("null").string_or_null("").key("text").string_or_null("t").key("none").string("");
    writer.close('}');
  });
  CHECK(text ==
        R"({"empty":[],"list":[0,1,{}],"largest":18446744073709551615,"yes":true,"no":false,)"
        R"("null":null,"text":"t","none":""})");
}

TEST_CASE("JSON strings give back what was put in", "[output]") {
  std::string all;
  for (int byte = 0; byte < 0x80; ++byte) all += static_cast<char>(byte);
  CHECK(json::parse(as_json(all)) == all);
  for (const char* text : {"", R"(a "quote" and \n)", "번들 \xc2\xb7 \xf0\x9f\x90\xa7", "\xc2\x80",
                           "\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
                           "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"}) {
    CHECK(json::parse(as_json(text)) == text);
  }
  CHECK(as_json("\"\\/") == R"("\"\\/")");
}

TEST_CASE("JSON strings have no control character", "[output]") {
  CHECK(as_json("\x1b[31m\n\t"s + '\0') == R"("\u001b[31m\u000a\u0009\u0000")");
}

TEST_CASE("bytes that are no UTF-8 become U+FFFD, and take nothing else with them", "[output]") {
  for (const std::string_view wrong :
       {"\xff", "\x80", "\xbf", "\xc0", "\xc1", "\xc2", "\xe2\x82", "\xf0\x9f\x90", "\xf5",
        "\xc0\xaf", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf",  // surrogates
        "\xf4\x90\x80\x80",              // beyond U+10FFFF
        "\xed\xa0\xbd\xed\xb0\x80"}) {   // a pair of surrogates (CESU-8)
    const std::string text = as_json("a" + std::string(wrong) + "\"b");
    std::string expected = "\"a";
    for (std::size_t i = 0; i < wrong.size(); ++i) expected += "\\ufffd";
    CAPTURE(text);
    CHECK(text == expected + "\\\"b\"");
  }
}

TEST_CASE("no two bytes make invalid JSON", "[output]") {
  const std::string text = written([](JsonWriter& writer) {
    writer.open('[');
    for (int first = 0; first < 256; ++first) {
      for (int second = 0; second < 256; ++second) {
        writer.string(std::string{static_cast<char>(first), static_cast<char>(second)});
      }
    }
    writer.close(']');
  });
  CHECK(json::parse(text).size() == 65536);  // the parser refuses what is no UTF-8
}

TEST_CASE("names are escaped as strings are", "[output]") {
  const std::string text =
      written([](JsonWriter& writer) { writer.open('{').key("a\"\n").number(1).close('}'); });
  CHECK(json::parse(text)["a\"\n"] == 1);
}

}  // namespace
}  // namespace pixelzx
