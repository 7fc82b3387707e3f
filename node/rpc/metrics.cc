// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "node/rpc/prometheus.h"

namespace pixelzx::node {
namespace {

using prometheus::head;
using prometheus::label;
using prometheus::metric;
using prometheus::number;
using prometheus::sample;

constexpr double kMicro = 1e-6;
constexpr double kNano = 1e-9;

/// The fields of /proc/self/stat after the program's name, the first being field 3 of proc(5).
std::vector<std::string> process_status() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(std::min(line.rfind(')') + 1, line.size())));
  return {std::istream_iterator<std::string>(fields), {}};
}

/// When the system was started, in seconds since 1970.
double boot_time() {
  std::ifstream file("/proc/stat");
  std::string word;
  double seconds = 0;
  while (file >> word) {
    if (word == "btime") file >> seconds;
  }
  return seconds;
}

std::string process_text() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * kMicro;
  };
  std::string text = metric("process_cpu_seconds_total", "counter",
                            "Time of processors, of user and system, in seconds.",
                            seconds(usage.ru_utime) + seconds(usage.ru_stime));
  // What the kernel, or an emulator of it, does not tell is left out.
  constexpr std::size_t kStartTime = 22 - 3;
  constexpr std::size_t kVirtualBytes = 23 - 3;
  constexpr std::size_t kResidentPages = 24 - 3;
  const std::vector<std::string> status = process_status();
  if (status.size() > kResidentPages) {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    text += metric("process_start_time_seconds", "gauge",
                   "When the process was started, in seconds since 1970.",
                   boot_time() + std::strtod(status[kStartTime].c_str(), nullptr) / ticks);
    text += metric("process_virtual_memory_bytes", "gauge", "Virtual memory.",
                   std::strtod(status[kVirtualBytes].c_str(), nullptr));
    text += metric("process_resident_memory_bytes", "gauge", "Resident memory.",
                   std::strtod(status[kResidentPages].c_str(), nullptr) *
                       static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  std::error_code error;
  std::filesystem::directory_iterator descriptor("/proc/self/fd", error);
  std::size_t descriptors = 0;
  for (; !error && descriptor != end(descriptor); descriptor.increment(error)) ++descriptors;
  if (!error && descriptors != 0) {
    // One of them is that of the folder.
    text += metric("process_open_fds", "gauge", "Open file descriptors.", descriptors - 1);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    text += metric("process_max_fds", "gauge", "The most file descriptors that there can be.",
                   limit.rlim_cur);
  }
  return text;
}

}  // namespace

RpcMetrics::RpcMetrics(std::span<const RpcMethod> methods)
    : methods_(methods), outcomes_(methods.size()) {}

void RpcMetrics::count(std::size_t index, bool succeeded, std::chrono::nanoseconds duration) {
  Outcomes& outcomes = outcomes_[index];
  ++(succeeded ? outcomes.succeeded : outcomes.failed);
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto* const bound = std::ranges::lower_bound(kBounds, seconds);
  ++durations_[static_cast<std::size_t>(bound - kBounds.begin())];
  nanoseconds_ += static_cast<std::uint64_t>(duration.count());
}

std::string RpcMetrics::text() const {
  constexpr std::string_view kRequests = "pixelzx_rpc_requests_total";
  std::string text = head(kRequests, "counter", "Calls by JSON-RPC, those of batches one by one.");
  const auto add = [&](std::string_view method, std::string_view outcome, std::uint64_t count) {
    if (count == 0) return;
    text += sample(kRequests, label("method", method) + "," + label("outcome", outcome),
                   static_cast<double>(count));
  };
  for (std::size_t i = 0; i < methods_.size(); ++i) {
    add(methods_[i].name, "success", outcomes_[i].succeeded);
    add(methods_[i].name, "error", outcomes_[i].failed);
  }
  add("unknown", "error", unknown_);

  const std::string durations = "pixelzx_rpc_duration_seconds";
  text += head(durations, "histogram", "How long calls by JSON-RPC took.");
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < durations_.size(); ++i) {
    count += durations_[i];
    text +=
        sample(durations + "_bucket", label("le", i < kBounds.size() ? number(kBounds[i]) : "+Inf"),
               static_cast<double>(count));
  }
  text += sample(durations + "_sum", {}, static_cast<double>(nanoseconds_) * kNano);
  return text + sample(durations + "_count", {}, static_cast<double>(count));
}

ChainMetrics::ChainMetrics(Chain& chain) {
  chain.on_block([counts = counts_](const BlockPointer& block) {
    ++counts->blocks;
    counts->transactions += block->block.transactions.size();
    counts->gas += block->block.header.gas_used;
  });
}

std::string ChainMetrics::text() const {
  return metric("pixelzx_blocks_added_total", "counter", "Blocks added to the chain.",
                counts_->blocks.load()) +
         metric("pixelzx_transactions_total", "counter", "Transactions in those blocks.",
                counts_->transactions.load()) +
         metric("pixelzx_gas_used_total", "counter", "Gas that those transactions have used.",
                counts_->gas.load());
}

LaunchFacts launch_facts() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string_view(value == nullptr ? "" : value);
  };
  LaunchFacts facts{.slice = std::string(variable("PIXELZX_SLICE")), .microseconds = {}};
  const std::string_view time = variable("PIXELZX_LAUNCH_US");
  std::uint64_t microseconds = 0;
  if (std::from_chars(time.data(), time.data() + time.size(), microseconds).ec == std::errc()) {
    facts.microseconds = microseconds;
  }
  return facts;
}

std::string state_text(const Chain& chain, const Pool& pool, const BuildInfo& build,
                       const LaunchFacts& launch) {
  const BlockPointer head_block = chain.head();
  const Header& header = head_block->block.header;
  const PoolStatus status = pool.status();
  std::string text =
      metric("pixelzx_head_number", "gauge", "Number of the newest block.", header.number) +
      metric("pixelzx_head_timestamp_seconds", "gauge",
             "When the newest block was made, in seconds since 1970.", header.timestamp) +
      metric("pixelzx_head_gas_used", "gauge", "Gas used by the newest block.", header.gas_used) +
      metric("pixelzx_head_base_fee_wei", "gauge", "Base fee of the newest block, in wei.",
             header.base_fee) +
      metric("pixelzx_pool_pending", "gauge", "Transactions that can be part of the next block.",
             status.pending) +
      metric("pixelzx_pool_queued", "gauge", "Transactions that wait for one before them.",
             status.queued);
  return text + program_text(build, launch);
}

std::string program_text(const BuildInfo& build, const LaunchFacts& launch) {
  constexpr std::string_view kBuild = "pixelzx_build_info";
  std::string text = head(kBuild, "gauge",
                          "What the program was built from and for, and what the launcher chose.");
  text += sample(kBuild,
                 label("version", build.version) + "," + label("commit", build.commit) + "," +
                     label("platform", build.platform) + "," + label("slice", launch.slice),
                 1);
  if (launch.microseconds) {
    text += metric("pixelzx_launch_seconds", "gauge", "How long the launcher took, in seconds.",
                   static_cast<double>(*launch.microseconds) * kMicro);
  }
  return text + process_text();
}

}  // namespace pixelzx::node
