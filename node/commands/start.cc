// SPDX-License-Identifier: Apache-2.0
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "node/account/address_text.h"
#include "node/chain/networks.h"
#include "node/commands/commands.h"
#include "node/run/logging.h"
#include "node/run/open_chain.h"
#include "node/run/running_node.h"
#include "node/run/service_manager.h"
#include "node/run/signals.h"
#include "node/words.h"

namespace pixelzx::node {
namespace {

/// A folder that is gone with this, when it was made.
class TemporaryFolder {
 public:
  TemporaryFolder() = default;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// Its path; nothing when it cannot be made, for the reason in errno.
  std::optional<std::string> make() {
    std::error_code error;
    std::string path = std::filesystem::temp_directory_path(error) / "pixelzx-dev-XXXXXX";
    if (error) errno = error.value();
    if (error || ::mkdtemp(path.data()) == nullptr) return std::nullopt;
    return path_ = path;
  }

 private:
  std::string path_;
};

/// Makes of the settings those of a chain for development.
std::optional<Failure> prepare_dev(Settings& settings, TemporaryFolder& folder) {
  if (!settings.is_given(Setting::kChainId) && !settings.is_given(Setting::kNetwork)) {
    settings.chain_id = kDevnetChainId;
  } else if (settings.network != kDevnet) {
    const Setting asks =
        settings.is_given(Setting::kNetwork) ? Setting::kNetwork : Setting::kChainId;
    return Failure{Phrase::kDevElsewhere, {settings.value(asks).place, settings.network}};
  }
  settings.network = kDevnet;
  if (settings.is_given(Setting::kDataDir)) return std::nullopt;
  const std::optional<std::string> path = folder.make();
  if (!path) return Failure{Phrase::kCannotCreate, {"/tmp", std::string(std::strerror(errno))}};
  settings.data_dir = *path;
  return std::nullopt;
}

/// The chain that is there; on devnet also a new one, since nobody can lose anything by that.
std::variant<std::unique_ptr<Chain>, Failure> open_or_begin(const Settings& settings, bool is_dev) {
  auto opened = open_chain(settings, std::nullopt);
  if (const auto* failure = std::get_if<Failure>(&opened)) {
    if (failure->phrase != Phrase::kNoChain || settings.network != kDevnet) return opened;
    opened = open_chain(settings, development_genesis(settings.chain_id, is_dev ? 0 : kBlockTime));
  }
  const auto* chain = std::get_if<std::unique_ptr<Chain>>(&opened);
  if (is_dev && chain != nullptr && (*chain)->genesis().block_time != 0) {
    return Failure{Phrase::kDevAtOnce, {settings.data_dir}};
  }
  return opened;
}

void log_beginning(const Chain& chain, const Settings& settings, const BuildInfo& info) {
  const BlockPointer head = chain.head();
  spdlog::info("pixelzx {} ({}) on {}", info.version, info.commit, info.platform);
  spdlog::info("chain {} in {}, genesis {}, block {} {}", chain.genesis().chain_id.str(),
               escape_controls(settings.data_dir), to_0x(chain.block(0)->hash),
               head->block.header.number, to_0x(head->hash));
  if (chain.was_repaired()) {
    spdlog::warn(
        "the end of the database's log was damaged and has been dropped: newer blocks than this "
        "one may have been lost");
  }
  const std::vector<Address>& validators = chain.genesis().validators;
  const Address known = address_of(development_key()).value_or(Address{});
  if (std::find(validators.begin(), validators.end(), known) != validators.end()) {
    spdlog::warn("a chain for development: everybody knows its account {} with the private key {}",
                 checksummed(known), to_0x(development_key()));
  }
  // Whoever sets what is not there must not believe that it is.
  if (settings.is_given(Setting::kWsPort)) {
    spdlog::warn("{} has no effect: this version has no WebSocket",
                 settings.value(Setting::kWsPort).place);
  }
  if (settings.is_given(Setting::kP2pPort)) {
    spdlog::warn("{} has no effect: this version does not talk to other nodes",
                 settings.value(Setting::kP2pPort).place);
  }
}

/// Returns the signal that asks for it. A service manager restarts a node that does not move any
/// more. Not one whose newest block is old: no new start sets a clock right.
int serve_until_asked_to_stop(RunningNode& node) {
  tell_manager("READY=1");
  Watchdog watchdog([&node] { return node.probe(); });
  for (;;) {
    const int signal = Signals::wait(watchdog.period());
    if (signal == SIGHUP) {
      reopen_log();
    } else if (signal != 0) {
      return signal;
    }
    watchdog.feed();
  }
}

}  // namespace

CliResult run_start(const CommandLine& line) {
  const Signals signals;
  Settings settings = line.settings;
  TemporaryFolder folder;
  if (line.is_dev) {
    if (auto failure = prepare_dev(settings, folder)) return failed(*failure, line.language);
  }
  auto chain = open_or_begin(settings, line.is_dev);
  if (const auto* failure = std::get_if<Failure>(&chain)) return failed(*failure, line.language);
  const auto key = validator_key(settings, std::get<std::unique_ptr<Chain>>(chain)->genesis(),
                                 line.language, signals.fd());
  if (const auto* failure = std::get_if<Failure>(&key)) return failed(*failure, line.language);
  if (auto failure = start_logging(settings)) return failed(*failure, line.language);
  log_beginning(*std::get<std::unique_ptr<Chain>>(chain), settings, line.info);

  auto started = RunningNode::start(std::move(std::get<std::unique_ptr<Chain>>(chain)),
                                    std::get<SecretKey>(key), settings, line.info);
  if (const auto* failure = std::get_if<Failure>(&started)) return failed(*failure, line.language);
  auto& node = *std::get<std::unique_ptr<RunningNode>>(started);
  const int signal = serve_until_asked_to_stop(node);
  Signals::end_at_next();
  tell_manager("STOPPING=1");
  spdlog::info("stopping: {}", node.has_failed() ? "the chain has failed" : ::strsignal(signal));
  node.stop();
  spdlog::info("stopped");
  return {node.has_failed() ? kStatusFailed : kStatusOk, "", ""};
}

}  // namespace pixelzx::node
