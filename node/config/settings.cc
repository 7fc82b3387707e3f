// SPDX-License-Identifier: Apache-2.0
#include "node/config/settings.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "node/account/address_text.h"
#include "node/chain/networks.h"
#include "node/config/settings_file.h"
#include "node/words.h"

namespace pixelzx::node {
namespace {

// ---- what a value may be ----

template <typename Number>
bool parse_number(Number& number, std::string_view text, Number low, Number high) {
  Number parsed = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, parsed);
  if (result.ec != std::errc() || result.ptr != end || parsed < low || parsed > high) {
    return false;
  }
  number = parsed;
  return true;
}

template <auto kMember, std::uint64_t kLow = 0,
          std::uint64_t kHigh = std::numeric_limits<std::uint64_t>::max()>
bool set_number(Settings& settings, std::string_view text) {
  auto& number = settings.*kMember;
  using Number = std::remove_reference_t<decltype(number)>;
  constexpr std::uint64_t kMost =
      std::min<std::uint64_t>(kHigh, std::numeric_limits<Number>::max());
  return parse_number(number, text, static_cast<Number>(kLow), static_cast<Number>(kMost));
}

template <auto kMember>
bool set_text(Settings& settings, std::string_view text) {
  settings.*kMember = text;
  return true;
}

template <auto kMember>
bool set_path(Settings& settings, std::string_view text) {
  settings.*kMember = text;
  return !text.empty();
}

template <auto kMember>
bool set_list(Settings& settings, std::string_view text) {
  auto& list = settings.*kMember;
  list.clear();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    if (end == 0) return false;
    list.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

/// Names are not looked up: a static glibc would load the machine's modules for that.
template <auto kMember>
bool set_listen_address(Settings& settings, std::string_view text) {
  const std::string address(text == "localhost" ? "127.0.0.1" : text);
  in6_addr parsed{};
  settings.*kMember = address;
  return ::inet_pton(AF_INET, address.c_str(), &parsed) == 1 ||
         ::inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

bool set_network(Settings& settings, std::string_view text) {
  settings.network = text;
  return text == kDevnet || chain_id_of(text).has_value();
}

bool set_validator(Settings& settings, std::string_view text) {
  settings.validator = parse_address(text);
  return settings.validator.has_value();
}

bool set_level(Settings& settings, std::string_view text) {
  constexpr std::array<std::string_view, 5> kLevels{"trace", "debug", "info", "warn", "error"};
  settings.log_level = text;
  return std::find(kLevels.begin(), kLevels.end(), text) != kLevels.end();
}

bool set_format(Settings& settings, std::string_view text) {
  settings.log_json = text == "json";
  return settings.log_json || text == "text";
}

// ---- the table ----

using enum Phrase;
constexpr std::array<SettingInfo, kSettingCount> kTable{{
    {Setting::kConfig, "", "--config", "PIXELZX_CONFIG", "FILE", "", kAllSettings, kAboutConfig,
     kExpectPath, set_text<&Settings::config>},
    {Setting::kNetwork, "network", "--network", "PIXELZX_NETWORK", "mainnet|testnet|devnet",
     "mainnet", kNetworkSettings, kAboutNetwork, kExpectNetwork, set_network},
    {Setting::kChainId, "chain_id", "--chain-id", "PIXELZX_CHAIN_ID", "NUMBER", "",
     kNetworkSettings, kAboutChainId, kExpectChainId, set_number<&Settings::chain_id, 1>},
    {Setting::kDataDir, "data_dir", "--datadir", "PIXELZX_DATA_DIR", "DIR", "", kDataSettings,
     kAboutDataDir, kExpectPath, set_path<&Settings::data_dir>},
    {Setting::kKeystoreDir, "keystore_dir", "--keystore", "PIXELZX_KEYSTORE_DIR", "DIR", "",
     kKeySettings, kAboutKeystoreDir, kExpectPath, set_path<&Settings::keystore_dir>},
    {Setting::kValidator, "validator.address", "--validator", "PIXELZX_VALIDATOR", "ADDRESS", "",
     kNetworkSettings, kAboutValidator, kExpectAddress, set_validator},
    {Setting::kPasswordFile, "validator.password_file", "--password-file", "PIXELZX_PASSWORD_FILE",
     "FILE", "", kKeySettings, kAboutPasswordFile, kExpectPath, set_text<&Settings::password_file>},
    {Setting::kRpcAddress, "rpc.address", "--rpc-address", "PIXELZX_RPC_ADDRESS", "ADDRESS",
     "127.0.0.1", kRpcSettings, kAboutRpcAddress, kExpectListenAddress,
     set_listen_address<&Settings::rpc_address>},
    {Setting::kRpcPort, "rpc.port", "--rpc-port", "PIXELZX_RPC_PORT", "PORT", "8545", kRpcSettings,
     kAboutRpcPort, kExpectPort, set_number<&Settings::rpc_port>},
    {Setting::kRpcCors, "rpc.cors", "--rpc-cors", "PIXELZX_RPC_CORS", "ORIGIN,...", "",
     kNodeSettings, kAboutRpcCors, kExpectList, set_list<&Settings::rpc_cors>},
    {Setting::kRpcHosts, "rpc.hosts", "--rpc-hosts", "PIXELZX_RPC_HOSTS", "HOST,...", "localhost",
     kNodeSettings, kAboutRpcHosts, kExpectList, set_list<&Settings::rpc_hosts>},
    {Setting::kRpcRate, "rpc.rate", "--rpc-rate", "PIXELZX_RPC_RATE", "NUMBER", "0", kNodeSettings,
     kAboutRpcRate, kExpectNumber, set_number<&Settings::rpc_rate>},
    {Setting::kMetricsAddress, "metrics.address", "--metrics-address", "PIXELZX_METRICS_ADDRESS",
     "ADDRESS", "127.0.0.1", kMetricsSettings, kAboutMetricsAddress, kExpectListenAddress,
     set_listen_address<&Settings::metrics_address>},
    {Setting::kMetricsPort, "metrics.port", "--metrics-port", "PIXELZX_METRICS_PORT", "PORT",
     "6060", kMetricsSettings, kAboutMetricsPort, kExpectPort, set_number<&Settings::metrics_port>},
    {Setting::kWsPort, "ws.port", "--ws-port", "PIXELZX_WS_PORT", "PORT", "8546", kNodeSettings,
     kAboutWsPort, kExpectPort, set_number<&Settings::ws_port>},
    {Setting::kP2pPort, "p2p.port", "--p2p-port", "PIXELZX_P2P_PORT", "PORT", "30303",
     kNodeSettings, kAboutP2pPort, kExpectPort, set_number<&Settings::p2p_port>},
    {Setting::kLogLevel, "log.level", "--log-level", "PIXELZX_LOG_LEVEL",
     "trace|debug|info|warn|error", "info", kNodeSettings, kAboutLogLevel, kExpectLogLevel,
     set_level},
    {Setting::kLogFormat, "log.format", "--log-format", "PIXELZX_LOG_FORMAT", "text|json", "text",
     kNodeSettings, kAboutLogFormat, kExpectLogFormat, set_format},
    {Setting::kLogFile, "log.file", "--log-file", "PIXELZX_LOG_FILE", "FILE", "", kNodeSettings,
     kAboutLogFile, kExpectPath, set_text<&Settings::log_file>},
    {Setting::kLogFileSize, "log.file_size", "--log-file-size", "PIXELZX_LOG_FILE_SIZE", "MIB",
     "100", kNodeSettings, kAboutLogFileSize, kExpectPositive,
     set_number<&Settings::log_file_size, 1>},
    {Setting::kLogFiles, "log.files", "--log-files", "PIXELZX_LOG_FILES", "NUMBER", "5",
     kNodeSettings, kAboutLogFiles, kExpectLogFiles, set_number<&Settings::log_files, 1, 200'000>},
}};

constexpr bool table_is_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].setting != static_cast<Setting>(i)) return false;
  }
  return true;
}
static_assert(table_is_in_order(), "settings.cc must list its rows in the order of enum Setting");

// ---- where a value comes from ----

/// While values are gathered: settings that have none yet, and what was wrong.
struct Resolver {
  Settings settings;
  std::vector<Failure> failures;

  Settings::Value& value(Setting setting) {
    return settings.values[static_cast<std::size_t>(setting)];
  }

  /// Takes the value unless there is one already: a stronger place comes first.
  void offer(const SettingInfo& info, std::string_view text, std::string_view place) {
    Settings::Value& value = this->value(info.setting);
    if (!value.place.empty()) return;
    value = {std::string(text), std::string(place)};
    if (info.set(settings, text)) return;
    failures.push_back({kBadSetting, {value.place, value.text, info.expected}});
  }

  void offer_flag_and_variable(const SettingInfo& info, const SettingFlags& flags,
                               const Environment& environment) {
    if (const auto& flag = flags[static_cast<std::size_t>(info.setting)]) {
      offer(info, *flag, info.flag);
    }
    // Compose files set what is unset to nothing.
    const std::string_view variable = environment(std::string(info.variable).c_str());
    if (!variable.empty()) offer(info, variable, info.variable);
  }

  void offer_file() {
    auto read = read_settings_file(settings.config);
    if (auto* failure = std::get_if<Failure>(&read)) {
      failures.push_back(std::move(*failure));
      return;
    }
    std::vector<std::string> keys;
    for (const SettingInfo& info : kTable) {
      if (!info.key.empty()) keys.emplace_back(info.key);
    }
    std::vector<std::pair<std::string, std::string>> seen;  // key, place
    for (const FileSetting& given : std::get<std::vector<FileSetting>>(read)) {
      const auto first = std::find_if(seen.begin(), seen.end(),
                                      [&](const auto& one) { return one.first == given.key; });
      if (first != seen.end()) {
        failures.push_back({kSettingTwice, {given.place, given.key, first->second}});
        continue;
      }
      seen.emplace_back(given.key, given.place);
      const auto* const info = std::find_if(
          kTable.begin(), kTable.end(),
          [&](const SettingInfo& row) { return !row.key.empty() && row.key == given.key; });
      if (info != kTable.end()) {
        if (given.text) offer(*info, *given.text, given.place);
        continue;
      }
      const bool is_empty_section =
          !given.text && std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
            return key.starts_with(given.key + ".");
          });
      if (is_empty_section) continue;
      const std::string_view meant = suggest(given.key, keys);
      if (meant.empty()) {
        failures.push_back({kUnknownSetting, {given.place, given.key}});
      } else {
        failures.push_back(
            {kUnknownSettingDidYouMean, {given.place, given.key, std::string(meant)}});
      }
    }
  }

  /// What nobody has set follows from what somebody has.
  void fill_in(const Environment& environment) {
    const bool knows_id = settings.is_given(Setting::kChainId);
    if (!settings.is_given(Setting::kNetwork) && knows_id) {
      settings.network = network_of(settings.chain_id);
      value(Setting::kNetwork).text = settings.network;
    }
    const std::optional<std::uint64_t> fixed = chain_id_of(settings.network);
    if (!knows_id) {
      settings.chain_id = fixed.value_or(kDevnetChainId);
      value(Setting::kChainId).text = std::to_string(settings.chain_id);
    } else if (settings.network != network_of(settings.chain_id) && failures.empty()) {
      const Settings::Value& id = value(Setting::kChainId);
      failures.push_back({fixed ? kOtherChainId : kTakenChainId,
                          {id.place, id.text, settings.network,
                           fixed ? std::to_string(*fixed) : network_of(settings.chain_id)}});
    }
    const std::string home(environment("HOME"));
    if (settings.data_dir.empty() && !home.empty()) {
      settings.data_dir = home + "/.pixelzx";
      value(Setting::kDataDir).text = settings.data_dir;
    }
    if (settings.keystore_dir.empty() && !settings.data_dir.empty()) {
      settings.keystore_dir = settings.data_dir + "/keystore";
      value(Setting::kKeystoreDir).text = settings.keystore_dir;
    }
  }
};

}  // namespace

std::span<const SettingInfo> setting_infos() {
  return kTable;
}

std::variant<Settings, std::vector<Failure>> resolve_settings(const SettingFlags& flags,
                                                              const Environment& environment) {
  Resolver resolver;
  for (const SettingInfo& info : kTable) {
    resolver.offer_flag_and_variable(info, flags, environment);
  }
  if (!resolver.settings.config.empty()) resolver.offer_file();
  for (const SettingInfo& info : kTable) {
    if (resolver.settings.is_given(info.setting) || info.fallback.empty()) continue;
    info.set(resolver.settings, info.fallback);
    resolver.value(info.setting).text = info.fallback;
  }
  resolver.fill_in(environment);
  if (!resolver.failures.empty()) return std::move(resolver.failures);
  return std::move(resolver.settings);
}

std::string to_yaml(const Settings& settings) {
  constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
  std::string yaml;
  std::string_view section;
  for (const SettingInfo& info : kTable) {
    if (info.key.empty()) continue;
    const std::size_t dot = info.key.find('.');
    const std::string_view above =
        dot == std::string_view::npos ? std::string_view() : info.key.substr(0, dot);
    if (above != section) yaml.append(above).append(":\n");
    section = above;
    const Settings::Value& value = settings.value(info.setting);
    const bool is_bare =
        value.text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz") == std::string::npos;
    // A comment ends with the line, whatever the name of the file has in it.
    std::string place = value.place.empty() ? "default" : value.place;
    std::replace(place.begin(), place.end(), '\n', ' ');
    yaml.append(above.empty() ? "" : "  ")
        .append(info.key.substr(above.empty() ? 0 : dot + 1))
        .append(": ")
        .append(is_bare ? value.text : nlohmann::json(value.text).dump(-1, ' ', false, kReplace))
        .append("  # ")
        .append(place)
        .append("\n");
  }
  return yaml;
}

}  // namespace pixelzx::node
