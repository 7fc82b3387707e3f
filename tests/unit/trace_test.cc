// SPDX-License-Identifier: Apache-2.0
#include "trace.h"

#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "handover.h"

namespace pixelzx {
namespace {

using nlohmann::json;

Trace sample() {
  return {.host = "linux/amd64/v3",
          .launcher = "linux/arm64",
          .emulated = true,
          .slice = "linux/amd64",
          .source = "unpacked",
          .detect_us = 1,
          .open_us = 22,
          .unpack_us = 333,
          .total_us = 4444};
}

std::set<std::string> keys(const json& object) {
  std::set<std::string> result;
  for (const auto& item : object.items()) result.insert(item.key());
  return result;
}

TEST_CASE("a trace in JSON has exactly its keys", "[trace]") {
  const auto line = format_trace(sample(), TraceFormat::kJson);
  CHECK_FALSE(line.truncated());
  REQUIRE(line.view().ends_with("\n"));
  CHECK(line.view().find('\n') == line.size() - 1);

  const json trace = json::parse(line.view());
  CHECK(keys(trace) ==
        std::set<std::string>{"host", "launcher", "emulated", "slice", "source", "us"});
  CHECK(keys(trace["us"]) == std::set<std::string>{"detect", "open", "unpack", "total"});
  CHECK(trace["host"] == "linux/amd64/v3");
  CHECK(trace["launcher"] == "linux/arm64");
  CHECK(trace["emulated"] == true);
  CHECK(trace["slice"] == "linux/amd64");
  CHECK(trace["source"] == "unpacked");
  CHECK(trace["us"]["detect"] == 1);
  CHECK(trace["us"]["open"] == 22);
  CHECK(trace["us"]["unpack"] == 333);
  CHECK(trace["us"]["total"] == 4444);

  Trace native = sample();
  native.emulated = false;
  CHECK(json::parse(format_trace(native, TraceFormat::kJson).view())["emulated"] == false);
}

TEST_CASE("the longest trace fits", "[trace]") {
  Trace trace = sample();
  const std::string longest =
      std::string(15, 'o') + "/" + std::string(15, 'a') + "/" + std::string(15, 'v');
  trace.host = trace.launcher = trace.slice = longest.c_str();
  REQUIRE_FALSE(trace.host.truncated());
  trace.source = "installed";
  trace.detect_us = trace.open_us = trace.unpack_us = trace.total_us =
      std::numeric_limits<std::uint64_t>::max();
  const auto line = format_trace(trace, TraceFormat::kJson);
  CHECK_FALSE(line.truncated());
  CHECK(json::parse(line.view())["us"]["total"] == std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(format_trace(trace, TraceFormat::kText).truncated());
}

TEST_CASE("a trace as text is one line that names everything", "[trace]") {
  const auto line = format_trace(sample(), TraceFormat::kText);
  CHECK(line.view().starts_with("pixelzx: "));
  CHECK(line.view().find('\n') == line.size() - 1);
  for (const char* part :
       {"linux/amd64/v3", "linux/arm64", "emulated", "unpacked", "333", "4444"}) {
    CHECK(line.view().find(part) != std::string_view::npos);
  }
  Trace native = sample();
  native.emulated = false;
  CHECK(format_trace(native, TraceFormat::kText).view().find("emulated") == std::string_view::npos);
}

TEST_CASE("no trace unless it is asked for", "[trace]") {
  CHECK(format_trace(sample(), TraceFormat::kNone).empty());
}

TEST_CASE("the clock does not run backwards", "[trace]") {
  const std::uint64_t before = now_us();
  CHECK(now_us() >= before);
  CHECK(before > 0);
}

}  // namespace
}  // namespace pixelzx
