// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/doctor_metrics.h"

#include <catch2/catch.hpp>
#include <string>

namespace pixelzx::node {
namespace {

TEST_CASE("a doctor's report as metrics", "[node]") {
  const std::string report = R"({
    "schema_version": 1, "bundle": null, "files": [],
    "host": {"platform": "linux/arm/v7", "launcher": "linux/arm/v7", "emulated": false, "kernel": "6.1",
             "page_size": 65536, "cpu": "a \"quoted\\one\"\n", "container": null, "runs": []},
    "launch": {"slice": "linux/arm/v7", "better": null, "memory": true, "caches": []},
    "findings": [{"code": "PZX-301", "severity": "warning", "title": "x"},
                 {"code": "PZX-301", "severity": "warning", "title": "y"},
                 {"code": "PZX-104", "severity": "error", "title": "z"}]})";
  CHECK(doctor_text(report) ==
        "# HELP pixelzx_doctor_findings Findings of the doctor on this host, by severity.\n"
        "# TYPE pixelzx_doctor_findings gauge\n"
        "pixelzx_doctor_findings{severity=\"error\"} 1\n"
        "pixelzx_doctor_findings{severity=\"note\"} 0\n"
        "pixelzx_doctor_findings{severity=\"warning\"} 2\n"
        "# HELP pixelzx_doctor_finding How often the doctor has found this.\n"
        "# TYPE pixelzx_doctor_finding gauge\n"
        "pixelzx_doctor_finding{code=\"PZX-104\",severity=\"error\"} 1\n"
        "pixelzx_doctor_finding{code=\"PZX-301\",severity=\"warning\"} 2\n"
        "# HELP pixelzx_doctor_host_info The host, as the doctor sees it.\n"
        "# TYPE pixelzx_doctor_host_info gauge\n"
        "pixelzx_doctor_host_info{platform=\"linux/arm/v7\",launcher=\"linux/arm/v7\","
        "emulated=\"false\",kernel=\"6.1\",page_size=\"65536\","
        "cpu=\"a \\\"quoted\\\\one\\\"\\n\",container=\"\"} 1\n"
        "# HELP pixelzx_doctor_launch_info The slice that starts here, and a better one that the "
        "bundle lacks.\n"
        "# TYPE pixelzx_doctor_launch_info gauge\n"
        "pixelzx_doctor_launch_info{slice=\"linux/arm/v7\",better=\"\"} 1\n");
}

TEST_CASE("what is no report has no metrics", "[node]") {
  for (const char* text : {"", "pixelzx: cannot start", "{", "[]", "1", "{}", R"({"host":{}})",
                           R"({"findings":[]})", R"({"host":[],"findings":[]})",
                           R"({"host":{},"findings":{}})", R"({"host":{},"findings":[1]})"}) {
    INFO(text);
    CHECK_FALSE(doctor_text(text));
  }
  // What a later doctor may say.
  const auto odd =
      doctor_text(R"({"host":{"platform":{}},"launch":null,"findings":[{"severity":7}]})");
  REQUIRE(odd);
  CHECK(odd->find("pixelzx_doctor_findings{severity=\"7\"} 1\n") != std::string::npos);
  CHECK(odd->find("pixelzx_doctor_host_info{platform=\"\",") != std::string::npos);
  CHECK(odd->find("doctor_launch") == std::string::npos);
}

}  // namespace
}  // namespace pixelzx::node
