// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pack/bundle_file.h"
#include "pack/fleet_report.h"
#include "pack/pack_error.h"

namespace pixelzx::pack {

/// The hosts of many reports.
struct Fleet {
  std::vector<HostReport> hosts;  // by name, which no two have in common
  /// The reports that were left out, by their paths.
  std::vector<PackError> left_out;
};

/// Reads the reports at `paths`: files, and folders in which all that ends with .json is read,
/// except what begins with a dot. What cannot be used is left out. Throws kNoReports when nothing
/// can.
Fleet read_fleet(const std::vector<std::string>& paths, Language language);

/// Something that hosts have, and how many of them.
struct HostCount {
  std::string what;
  std::size_t hosts = 0;
};

/// A diagnosis that hosts have; the words are those of the table, where that has the code.
struct FleetProblem {
  std::string code;
  Severity severity = Severity::kError;
  std::string title;
  std::vector<const HostReport*> hosts;
};

/// A slice that hosts need, or that the bundle has.
struct FleetSlice {
  Platform platform;
  std::size_t hosts = 0;     // that start it
  std::uint64_t packed = 0;  // bytes in the bundle; 0 without a bundle
  /// No host starts it, but a slice that hosts start was compressed against it.
  bool is_base = false;

  [[nodiscard]] bool needed() const { return hosts > 0 || is_base; }
};

/// Hosts that are the same in everything that the table shows.
struct HostKind {
  const HostReport* first = nullptr;
  std::size_t hosts = 0;
};

/// What the reports say together. `fleet` and `bundle` must outlive it.
class FleetView {
 public:
  /// With `bundle`, slices are chosen from that one, as launchers on these hosts would; without,
  /// they are those that the hosts' own doctors have named.
  FleetView(const Fleet& fleet, const BundleFile* bundle, Language language);

  [[nodiscard]] const Fleet& fleet() const { return fleet_; }
  [[nodiscard]] const BundleFile* bundle() const { return bundle_; }
  [[nodiscard]] Language language() const { return language_; }

  /// The slice that `host` starts; nothing when there is none, or when that is not known.
  [[nodiscard]] std::optional<Platform> slice_of(const HostReport& host) const;
  /// False when there is neither a bundle here nor was one there.
  [[nodiscard]] bool slice_known(const HostReport& host) const;

  [[nodiscard]] const std::vector<FleetProblem>& problems() const { return problems_; }
  /// Most hosts first; with a bundle all of its slices.
  [[nodiscard]] const std::vector<FleetSlice>& slices() const { return slices_; }
  [[nodiscard]] const std::vector<HostKind>& kinds() const { return kinds_; }
  [[nodiscard]] std::vector<HostCount> platforms() const;
  [[nodiscard]] std::vector<HostCount> page_sizes() const;
  /// Hosts of which it is known that no slice runs there.
  [[nodiscard]] std::vector<const HostReport*> unserved() const;
  [[nodiscard]] std::size_t with_errors() const;
  [[nodiscard]] std::size_t emulated() const;

  /// Slices of the bundle that no host needs, and how many bytes of it are theirs alone.
  [[nodiscard]] std::vector<Platform> unneeded() const;
  [[nodiscard]] std::uint64_t unneeded_bytes() const;

  // The cells of tables.
  [[nodiscard]] std::string page_size_text(std::uint64_t bytes) const;
  [[nodiscard]] std::string emulation_text(bool emulated) const;
  [[nodiscard]] std::string slice_text(const HostReport& host) const;

 private:
  void count_problems();
  void count_slices();
  void count_kinds();

  const Fleet& fleet_;
  const BundleFile* bundle_;
  Language language_;
  std::vector<FleetProblem> problems_;
  std::vector<FleetSlice> slices_;
  std::vector<HostKind> kinds_;
};

}  // namespace pixelzx::pack
