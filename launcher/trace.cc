// SPDX-License-Identifier: Apache-2.0
#include "trace.h"

namespace pixelzx {

FixedString<511> format_trace(const Trace& trace, TraceFormat format) {
  FixedString<511> line;
  if (format == TraceFormat::kJson) {
    line.append(R"({"host":")").append(trace.host.view());
    line.append(R"(","launcher":")").append(trace.launcher.view());
    line.append(R"(","emulated":)").append(trace.emulated ? "true" : "false");
    line.append(R"(,"slice":")").append(trace.slice.view());
    line.append(R"(","source":")").append(trace.source);
    line.append(R"(","us":{"detect":)").append_number(trace.detect_us);
    line.append(R"(,"open":)").append_number(trace.open_us);
    line.append(R"(,"unpack":)").append_number(trace.unpack_us);
    line.append(R"(,"total":)").append_number(trace.total_us).append("}}\n");
  } else if (format == TraceFormat::kText) {
    line.append("pixelzx: host ").append(trace.host.view());
    line.append(", launcher ").append(trace.launcher.view());
    line.append(trace.emulated ? " (emulated)" : "");
    line.append(", slice ").append(trace.slice.view());
    line.append(" from ").append(trace.source);
    line.append("; us: detect ").append_number(trace.detect_us);
    line.append(", open ").append_number(trace.open_us);
    line.append(", unpack ").append_number(trace.unpack_us);
    line.append(", total ").append_number(trace.total_us).append("\n");
  }
  return line;
}

}  // namespace pixelzx
