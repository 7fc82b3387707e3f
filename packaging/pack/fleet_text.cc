// SPDX-License-Identifier: Apache-2.0
#include "pack/fleet_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pack/text_table.h"

namespace pixelzx::pack {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMostShown = 10;

/// The texts of a table's first row.
std::vector<std::string> headings(std::initializer_list<PackText> texts, Language language) {
  std::vector<std::string> row;
  for (const PackText& text : texts) row.emplace_back(text.in(language));
  return row;
}

std::string kinds_table(const FleetView& view) {
  TextTable table({4});
  table.add(headings({kColumnPlatform, kPageSize, kEmulation, kSlice, kHosts}, view.language()));
  for (const HostKind& kind : view.kinds()) {
    const HostReport& host = *kind.first;
    table.add({text_of(host.host.platform), view.page_size_text(host.host.page_size),
               view.emulation_text(host.host.emulated), view.slice_text(host),
               grouped(kind.hosts)});
  }
  return table.text();
}

std::string problems_table(const FleetView& view) {
  if (view.problems().empty()) return {};
  TextTable table({2});
  table.add(headings({kCode, kSeverity, kHosts, kWhatIsWrong}, view.language()));
  for (const FleetProblem& problem : view.problems()) {
    table.add({problem.code, severity_text(problem.severity, view.language()),
               grouped(problem.hosts.size()), printable(problem.title)});
  }
  return "\n" + table.text();
}

std::string slices_table(const FleetView& view) {
  if (view.slices().empty()) return {};
  const bool packed = view.bundle() != nullptr;
  TextTable table({1, 2});
  table.add(packed ? headings({kSlice, kHosts, kColumnPacked, kInBundle}, view.language())
                   : headings({kSlice, kHosts}, view.language()));
  for (const FleetSlice& slice : view.slices()) {
    std::vector<std::string> row{text_of(slice.platform), grouped(slice.hosts)};
    if (packed) {
      row.push_back(grouped(slice.packed));
      row.push_back(need_text(slice, view.language()));
    }
    table.add(std::move(row));
  }
  return "\n" + table.text() + (packed ? "\n" + smaller_bundle_text(view) + "\n" : "");
}

std::string unserved_list(const FleetView& view) {
  const std::vector<const HostReport*> hosts = view.unserved();
  if (hosts.empty()) return {};
  std::string text = fmt::format("\n{}: {}\n", kUnservedHosts.in(view.language()), hosts.size());
  TextTable table({});
  for (std::size_t i = 0; i < std::min(hosts.size(), kMostShown); ++i) {
    table.add({"  " + printable(hosts[i]->name), text_of(hosts[i]->host.platform)});
  }
  text += table.text();
  if (hosts.size() > kMostShown) {
    text += "  " +
            fmt::format(fmt::runtime(kAndMore.in(view.language())),
                        grouped(hosts.size() - kMostShown)) +
            "\n";
  }
  return text;
}

OrderedJson host_json(const FleetView& view, const HostReport& host) {
  OrderedJson problems = OrderedJson::array();
  for (const HostProblem& problem : host.problems) problems.push_back(problem.code);
  OrderedJson entry{{"name", host.name},
                    {"report", host.path},
                    {"platform", text_of(host.host.platform)},
                    {"page_size", host.host.page_size},
                    {"emulated", host.host.emulated},
                    {"slice_known", view.slice_known(host)},
                    {"slice", nullptr},
                    {"problems", problems}};
  if (const auto slice = view.slice_of(host)) entry["slice"] = text_of(*slice);
  return entry;
}

OrderedJson bundle_json(const FleetView& view) {
  if (view.bundle() == nullptr) return nullptr;
  const BundleFile& file = *view.bundle();
  OrderedJson unneeded = OrderedJson::array();
  for (const Platform& platform : view.unneeded()) unneeded.push_back(text_of(platform));
  return {{"program", file.bundle.index.program},
          {"version", file.bundle.index.version},
          {"size", file.size()},
          {"unneeded", unneeded},
          {"unneeded_bytes", view.unneeded_bytes()}};
}

OrderedJson counts_json(const std::vector<HostCount>& counts, const char* key) {
  OrderedJson list = OrderedJson::array();
  for (const HostCount& count : counts) list.push_back({{key, count.what}, {"hosts", count.hosts}});
  return list;
}

}  // namespace

std::string severity_text(Severity severity, Language language) {
  return std::string(kSeverityNames[static_cast<std::size_t>(severity)].in(language));
}

std::string need_text(const FleetSlice& slice, Language language) {
  const PackText& text = slice.hosts > 0 ? kNeeded : slice.is_base ? kNeededAsBase : kNotNeeded;
  return std::string(text.in(language));
}

std::string smaller_bundle_text(const FleetView& view) {
  std::string names;
  for (const Platform& platform : view.unneeded()) {
    names += (names.empty() ? "" : ", ") + text_of(platform);
  }
  if (names.empty()) return std::string(kAllNeeded.in(view.language()));
  const std::uint64_t size = view.bundle()->size();
  return fmt::format(fmt::runtime(kSmallerBundle.in(view.language())), names,
                     grouped(view.unneeded_bytes()), grouped(size - view.unneeded_bytes()),
                     grouped(size));
}

std::string fleet_text(const FleetView& view) {
  const Fleet& fleet = view.fleet();
  const std::string summary =
      fmt::format(fmt::runtime(kFleetSummary.in(view.language())), grouped(fleet.hosts.size()),
                  grouped(fleet.left_out.size()));
  return summary + "\n\n" + kinds_table(view) + problems_table(view) + slices_table(view) +
         unserved_list(view);
}

std::string fleet_json(const FleetView& view) {
  const Fleet& fleet = view.fleet();
  OrderedJson hosts = OrderedJson::array();
  for (const HostReport& host : fleet.hosts) hosts.push_back(host_json(view, host));
  OrderedJson problems = OrderedJson::array();
  for (const FleetProblem& problem : view.problems()) {
    problems.push_back({{"code", problem.code},
                        {"severity", std::string(name_of(problem.severity))},
                        {"title", problem.title},
                        {"hosts", problem.hosts.size()}});
  }
  OrderedJson slices = OrderedJson::array();
  for (const FleetSlice& slice : view.slices()) {
    OrderedJson entry{{"platform", text_of(slice.platform)}, {"hosts", slice.hosts}};
    if (view.bundle() != nullptr) {
      entry["packed"] = slice.packed;
      entry["needed"] = slice.needed();
    }
    slices.push_back(std::move(entry));
  }
  OrderedJson left_out = OrderedJson::array();
  for (const PackError& error : fleet.left_out) {
    const PackError::Words words = error.words(view.language());
    left_out.push_back({{"what", words.what}, {"why", words.why}, {"what_to_do", words.remedy}});
  }
  const OrderedJson all{{"schema_version", 1},
                        {"hosts", hosts},
                        {"platforms", counts_json(view.platforms(), "platform")},
                        {"emulated", view.emulated()},
                        {"with_errors", view.with_errors()},
                        {"unserved", view.unserved().size()},
                        {"problems", problems},
                        {"slices", slices},
                        {"bundle", bundle_json(view)},
                        {"left_out", left_out}};
  // Names of files may be no UTF-8, which JSON cannot carry.
  return all.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace pixelzx::pack
