// SPDX-License-Identifier: Apache-2.0
#include "pack/fleet.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <tuple>

#include "pack/file_io.h"
#include "pack/layout.h"
#include "pack/text_table.h"
#include "selection.h"

namespace pixelzx::pack {
namespace {

namespace fs = std::filesystem;

/// Adds the reports below `folder`. Links to folders are not followed, as they may lead back.
void add_folder(const fs::path& folder, std::vector<std::string>& files,
                std::vector<PackError>& left_out) {
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error); entry != fs::directory_iterator();
       entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.filename().string().starts_with('.')) continue;
    std::error_code ignored;
    if (entry->symlink_status(ignored).type() == fs::file_type::directory) {
      add_folder(path, files, left_out);
      continue;
    }
    // No pipe, which might never end; but a link that leads nowhere, so that this is told.
    const fs::file_type type = entry->status(ignored).type();
    const bool is_file = type == fs::file_type::regular || type == fs::file_type::not_found;
    if (path.extension() == ".json" && is_file) files.push_back(path.string());
  }
  if (error)
    left_out.emplace_back(Problem::kCannotRead, std::vector{folder.string(), error.message()});
}

std::string binary_size(std::uint64_t bytes) {
  constexpr std::uint64_t kKibi = 1024;
  return bytes % kKibi == 0 ? grouped(bytes / kKibi) + " KiB" : grouped(bytes) + " B";
}

template <typename Name>
std::vector<HostCount> counts_of(const std::vector<HostReport>& hosts, const Name& name) {
  std::map<std::string, std::size_t> counted;
  for (const HostReport& host : hosts) ++counted[name(host)];
  std::vector<HostCount> counts;
  counts.reserve(counted.size());
  for (const auto& [what, count] : counted) counts.push_back({what, count});
  std::ranges::stable_sort(counts, std::greater(), &HostCount::hosts);
  return counts;
}

}  // namespace

Fleet read_fleet(const std::vector<std::string>& paths, Language language) {
  Fleet fleet;
  std::vector<std::string> files;
  for (const std::string& given : paths) {
    const fs::path path = fs::path(given).lexically_normal();
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) {
      add_folder(path, files, fleet.left_out);
    } else {
      files.push_back(path.string());
    }
  }
  // In one order, whatever the file system and the shell have made of it.
  std::ranges::sort(files);
  // clang 14 does not compile std::ranges::unique of libstdc++ 12.
  files.erase(std::unique(files.begin(), files.end()), files.end());

  std::map<std::string, std::string> paths_of;  // by the host's name
  for (const std::string& file : files) {
    try {
      HostReport report = parse_report(
          file, read_file(file, false, kLongestReport, Problem::kReportTooLong), language);
      const auto [known, is_new] = paths_of.emplace(report.name, file);
      if (!is_new) throw PackError(Problem::kHostTwice, {file, report.name, known->second});
      fleet.hosts.push_back(std::move(report));
    } catch (const PackError& error) {
      fleet.left_out.push_back(error);
    }
  }
  if (fleet.hosts.empty()) {
    if (fleet.left_out.size() == 1) throw fleet.left_out.front();  // NOLINT: a copy of it
    throw PackError(Problem::kNoReports, {grouped(fleet.left_out.size())});
  }
  std::ranges::sort(fleet.hosts, {}, &HostReport::name);
  return fleet;
}

FleetView::FleetView(const Fleet& fleet, const BundleFile* bundle, Language language)
    : fleet_(fleet), bundle_(bundle), language_(language) {
  count_problems();
  count_slices();
  count_kinds();
}

std::optional<Platform> FleetView::slice_of(const HostReport& host) const {
  if (bundle_ == nullptr) return host.slice;
  const std::span<const Platform> offer = bundle_->bundle.index.platforms();
  const Selection selection = select_slices(host.host, offer, {});
  if (selection.size == 0) return std::nullopt;
  return offer[*selection.begin()];
}

bool FleetView::slice_known(const HostReport& host) const {
  return bundle_ != nullptr || host.launch_examined;
}

void FleetView::count_problems() {
  std::map<std::string, FleetProblem> counted;
  for (const HostReport& host : fleet_.hosts) {
    for (const HostProblem& problem : host.problems) {
      FleetProblem& known = counted[problem.code];
      known.hosts.push_back(&host);
      if (!known.code.empty()) continue;
      known.code = problem.code;
      known.severity = problem.severity;
      known.title = problem.title;
      if (const DiagnosisRow* row = find_diagnosis(problem.code)) {
        known.severity = row->severity;
        known.title = row->title.in(language_);
      }
    }
  }
  for (auto& [code, problem] : counted) problems_.push_back(std::move(problem));
  std::ranges::stable_sort(problems_, std::greater(), [](const FleetProblem& problem) {
    return std::tuple(problem.severity, problem.hosts.size());
  });
}

void FleetView::count_slices() {
  const auto known = [this](const Platform& platform) {
    return std::ranges::find(slices_, platform, &FleetSlice::platform);
  };
  if (bundle_ != nullptr) {
    for (const Slice& slice : bundle_->bundle.index.slices()) {
      slices_.push_back({.platform = slice.platform, .packed = slice.packed});
    }
  }
  for (const HostReport& host : fleet_.hosts) {
    const std::optional<Platform> needed = slice_of(host);
    if (!needed) continue;
    const auto slice = known(*needed);
    if (slice == slices_.end()) {
      slices_.push_back({.platform = *needed, .hosts = 1});
    } else {
      ++slice->hosts;
    }
  }
  if (bundle_ != nullptr) {
    for (const Slice& slice : bundle_->bundle.index.slices()) {
      if (slice.prefix && known(slice.platform)->hosts > 0) known(*slice.prefix)->is_base = true;
    }
  }
  std::ranges::sort(slices_, [](const FleetSlice& a, const FleetSlice& b) {
    return std::tuple(b.hosts, text_of(a.platform)) < std::tuple(a.hosts, text_of(b.platform));
  });
}

void FleetView::count_kinds() {
  std::map<std::tuple<std::string, std::uint64_t, bool, std::string>, HostKind> counted;
  for (const HostReport& host : fleet_.hosts) {
    HostKind& kind = counted[{text_of(host.host.platform), host.host.page_size, host.host.emulated,
                              slice_text(host)}];
    if (kind.hosts++ == 0) kind.first = &host;
  }
  for (const auto& [key, kind] : counted) kinds_.push_back(kind);
  std::ranges::stable_sort(kinds_, std::greater(), &HostKind::hosts);
}

std::vector<HostCount> FleetView::platforms() const {
  return counts_of(fleet_.hosts,
                   [](const HostReport& host) { return text_of(host.host.platform); });
}

std::vector<HostCount> FleetView::page_sizes() const {
  return counts_of(fleet_.hosts,
                   [this](const HostReport& host) { return page_size_text(host.host.page_size); });
}

std::vector<const HostReport*> FleetView::unserved() const {
  std::vector<const HostReport*> hosts;
  for (const HostReport& host : fleet_.hosts) {
    if (slice_known(host) && !slice_of(host)) hosts.push_back(&host);
  }
  return hosts;
}

std::size_t FleetView::with_errors() const {
  return static_cast<std::size_t>(std::ranges::count_if(fleet_.hosts, [](const HostReport& host) {
    return std::ranges::find(host.problems, Severity::kError, &HostProblem::severity) !=
           host.problems.end();
  }));
}

std::size_t FleetView::emulated() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fleet_.hosts, [](const HostReport& host) { return host.host.emulated; }));
}

std::vector<Platform> FleetView::unneeded() const {
  std::vector<Platform> platforms;
  if (bundle_ == nullptr) return platforms;
  for (const FleetSlice& slice : slices_) {
    if (!slice.needed()) platforms.push_back(slice.platform);
  }
  return platforms;
}

std::uint64_t FleetView::unneeded_bytes() const {
  if (bundle_ == nullptr) return 0;
  const Index& index = bundle_->bundle.index;
  const auto member_bytes = [](const Slice& slice) {
    return kTarBlock + whole_blocks(slice.packed);
  };
  std::uint64_t bytes = 0;
  bool common_needed = false;
  for (const FleetSlice& slice : slices_) {
    const Slice& packed = *index.find(slice.platform);
    if (slice.needed()) {
      common_needed = common_needed || packed.uses_common;
    } else {
      bytes += member_bytes(packed);
    }
  }
  if (index.common.packed != 0 && !common_needed) bytes += member_bytes(index.common);
  return bytes;
}

std::string FleetView::page_size_text(std::uint64_t bytes) const {
  return bytes == 0 ? std::string(kNotKnown.in(language_)) : binary_size(bytes);
}

std::string FleetView::emulation_text(bool emulated) const {
  return std::string((emulated ? kEmulatedHost : kNativeHost).in(language_));
}

std::string FleetView::slice_text(const HostReport& host) const {
  if (const std::optional<Platform> slice = slice_of(host)) return text_of(*slice);
  return std::string((slice_known(host) ? kNone : kNotKnown).in(language_));
}

}  // namespace pixelzx::pack
