// SPDX-License-Identifier: Apache-2.0
//
// The report as JSON. docs/doctor-json.md is its schema: what changes here changes there, and what
// is not an addition raises kSchemaVersion.
#include "doctor.h"
#include "output.h"

namespace pixelzx {
namespace {

constexpr std::uint64_t kSchemaVersion = 1;

void write_host(JsonWriter& json, const Facts& facts) {
  const Machine& machine = facts.machine;
  const Host& host = machine.host;
  json.key("host").open('{');
  json.key("platform").string(to_text(host.platform).view());
  json.key("launcher").string(to_text(host.launcher).view());
  json.key("emulated").boolean(host.emulated);
  json.key("snapshot").boolean(!machine.live);
  json.key("kernel").string(host.kernel_release.view());
  json.key("page_size").number(host.page_size);
  json.key("cpu").string_or_null(facts.cpu.view());
  json.key("userland_bits");
  if (machine.live) {
    json.number(facts.userland_is_32_bit ? 32 : 64);
  } else {
    json.raw("null");
  }
  json.key("container").string_or_null(facts.container.view());
  json.key("runs").open('[');
  for (std::size_t i = 0; i < kPlatformProbes; ++i) {
    const Handler* handler = machine.handler_of(kProbes[i]);
    json.open('{').key("platform").string(kProbes[i].platform);
    json.key("how").string(name_of(machine.ways[i]));
    json.key("handler").string_or_null(handler == nullptr ? "" : handler->name.view());
    json.key("interpreter").string_or_null(handler == nullptr ? "" : handler->interpreter.view());
    json.close('}');
  }
  json.close(']').close('}');
}

void write_bundle(JsonWriter& json, const Facts& facts) {
  json.key("bundle");
  if (facts.bundle == nullptr) {
    json.raw("null");
    return;
  }
  const Bundle& bundle = *facts.bundle;
  json.open('{').key("path").string(bundle.path.view());
  json.key("program").string(bundle.index.program);
  json.key("version").string(bundle.index.version);
  json.key("installed").boolean(bundle.installed);
  json.key("slices").open('[');
  const std::span<const Slice> slices = bundle.index.slices();
  for (std::size_t i = 0; i < slices.size(); ++i) {
    json.open('{').key("platform").string(to_text(slices[i].platform).view());
    json.key("size").number(slices[i].size);
    json.key("sha256").string(slices[i].sha256);
    json.key("intact").boolean(facts.intact[i]).close('}');
  }
  json.close(']').close('}');
}

void write_launch(JsonWriter& json, const Facts& facts, Language language) {
  json.key("launch");
  if (!facts.launch_examined) {
    json.raw("null");
    return;
  }
  json.open('{').key("slice").string_or_null(facts.slice ? to_text(*facts.slice).view() : "");
  json.key("better").string_or_null(facts.better_slice ? to_text(*facts.better_slice).view() : "");
  json.key("memory").boolean(facts.memory_usable);
  json.key("caches").open('[');
  for (std::size_t i = 0; i < facts.cache_count; ++i) {
    const CacheReport& cache = facts.caches[i];
    json.open('{').key("path").string(cache.path.view());
    json.key("usable").boolean(cache.usable);
    json.key("reason").string_or_null(cache.reasons.text(language).view()).close('}');
  }
  json.close(']').close('}');
}

void write_files(JsonWriter& json, const Facts& facts) {
  json.key("files").open('[');
  for (const FileReport& file : facts.files) {
    const Examination& seen = file.examination;
    json.open('{').key("path").string(file.path);
    json.key("found").string(seen.found.view());
    json.key("platform").string_or_null(seen.platform ? to_text(*seen.platform).view() : "");
    json.key("runs").boolean(!seen.diagnosis);
    json.key("how").string(name_of(seen.way));
    json.key("handler").string_or_null(seen.handler == nullptr ? "" : seen.handler->name.view());
    json.key("interpreter").string_or_null(seen.interpreter.view());
    json.close('}');
  }
  json.close(']');
}

void write_finding(JsonWriter& json, const Facts& facts, const Finding& finding,
                   Language language) {
  const DiagnosisRow& row = diagnosis_row(finding.diagnosis.cause());
  const auto words = [&](Text text) {
    MessageText filled;
    append_words(filled, text, finding.diagnosis, language);
    return filled;
  };
  json.open('{').key("code").string(code_of(row.cause).view());
  json.key("severity").string(name_of(row.severity));
  json.key("title").string(row.title.in(language));
  json.key("why").string(words(row.why()).view());
  json.key("what_to_do").string(words(row.remedy()).view());
  json.key("evidence").open('{');
  for (std::size_t i = 0; i < kEvidenceCount; ++i) {
    const auto evidence = static_cast<Evidence>(i);
    const EvidenceText seen = finding.diagnosis.evidence(evidence, language);
    if (!seen.empty()) json.key(name_of(evidence)).string(seen.view());
  }
  json.close('}').key("file");
  json.string_or_null(finding.file == Finding::kNoFile ? "" : facts.files[finding.file].path);
  json.close('}');
}

}  // namespace

bool print_json(const Facts& facts, Language language) {
  Output out;
  JsonWriter json(out);
  json.open('{').key("schema_version").number(kSchemaVersion);
  write_host(json, facts);
  write_bundle(json, facts);
  write_launch(json, facts, language);
  write_files(json, facts);
  json.key("findings").open('[');
  for (const Finding& finding : facts.findings) write_finding(json, facts, finding, language);
  json.close(']').close('}');
  out << "\n";
  return out.flush();
}

}  // namespace pixelzx
