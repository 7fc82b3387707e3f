// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "node/base/bytes.h"
#include "node/messages.h"

namespace pixelzx::node {

/// What an operator can set, in the order of settings.cc.
enum class Setting : std::uint8_t {
  kConfig,
  kNetwork,
  kChainId,
  kDataDir,
  kKeystoreDir,
  kValidator,
  kPasswordFile,
  kRpcAddress,
  kRpcPort,
  kRpcCors,
  kRpcHosts,
  kRpcRate,
  kMetricsAddress,
  kMetricsPort,
  kWsPort,
  kP2pPort,
  kLogLevel,
  kLogFormat,
  kLogFile,
  kLogFileSize,
  kLogFiles,
  kCount,
};
inline constexpr auto kSettingCount = static_cast<std::size_t>(Setting::kCount);

/// What a command takes as flags: bits.
enum SettingGroup : std::uint8_t {
  kDataSettings = 1,      ///< where the data is
  kKeySettings = 2,       ///< where the keys are
  kNetworkSettings = 4,   ///< which chain
  kRpcSettings = 8,       ///< where the node is asked
  kNodeSettings = 16,     ///< all else that a running node needs
  kMetricsSettings = 32,  ///< where metrics are served
  kAllSettings = 63,
};

struct Settings {
  /// A value as it was given, and by what: `--rpc-port`, `PIXELZX_RPC_PORT`, `node.yaml:3:9`; empty
  /// when nobody has.
  struct Value {
    std::string text;
    std::string place;
  };
  std::array<Value, kSettingCount> values;

  std::string config;   ///< a path; empty: none
  std::string network;  ///< `mainnet`, `testnet` or `devnet`
  std::uint64_t chain_id = 0;
  std::string data_dir;      ///< empty: nobody has said, and there is no HOME
  std::string keystore_dir;  ///< the same
  std::optional<Address> validator;
  std::string password_file;  ///< empty: none
  std::string rpc_address;    ///< numeric
  std::uint16_t rpc_port = 0;
  std::vector<std::string> rpc_cors;
  std::vector<std::string> rpc_hosts;
  std::uint32_t rpc_rate = 0;  ///< requests a second from one address; 0: any
  std::string metrics_address;
  std::uint16_t metrics_port = 0;
  std::uint16_t ws_port = 0;
  std::uint16_t p2p_port = 0;
  std::string log_level;  ///< as spdlog calls it
  bool log_json = false;
  std::string log_file;             ///< empty: standard error
  std::uint32_t log_file_size = 0;  ///< MiB
  std::uint32_t log_files = 0;      ///< kept beside the one that is written to

  [[nodiscard]] const Value& value(Setting setting) const {
    return values[static_cast<std::size_t>(setting)];
  }
  [[nodiscard]] bool is_given(Setting setting) const { return !value(setting).place.empty(); }
};

/// A row of the table.
struct SettingInfo {
  Setting setting;
  std::string_view key;  ///< in the file, as in `rpc.port`; empty: not in the file
  std::string_view flag;
  std::string_view variable;
  std::string_view value_name;
  std::string_view fallback;
  std::uint8_t groups;  ///< SettingGroup
  Phrase about;
  Phrase expected;  ///< what a value has to be
  bool (*set)(Settings&, std::string_view);
};

std::span<const SettingInfo> setting_infos();

/// The value of an environment variable; empty when it is not set.
using Environment = std::function<std::string_view(const char*)>;
/// Of each setting what its flag says.
using SettingFlags = std::array<std::optional<std::string>, kSettingCount>;

/// Flags, before the environment, before the file that one of them names, before the defaults. All
/// that is wrong comes back, each with its place.
std::variant<Settings, std::vector<Failure>> resolve_settings(const SettingFlags& flags,
                                                              const Environment& environment);

/// A file that says the same, with the places as comments.
std::string to_yaml(const Settings& settings);

}  // namespace pixelzx::node
