// SPDX-License-Identifier: Apache-2.0
#include "node/config/settings.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "node/account/address_text.h"
#include "support.h"

namespace pixelzx::node {
namespace {

/// Where settings may come from.
struct Sources {
  SettingFlags flags;
  std::map<std::string, std::string> variables;

  void flag(Setting setting, const std::string& text) {
    flags.at(static_cast<std::size_t>(setting)) = text;
  }
  [[nodiscard]] std::variant<Settings, std::vector<Failure>> resolve() const {
    return resolve_settings(flags, [this](const char* name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::string_view() : std::string_view(found->second);
    });
  }
  [[nodiscard]] Settings settings() const {
    auto resolved = resolve();
    if (const auto* failures = std::get_if<std::vector<Failure>>(&resolved)) {
      FAIL(text(failures->front(), Language::kEnglish));
    }
    return std::get<Settings>(resolved);
  }
  /// All that is wrong, a line each.
  [[nodiscard]] std::string failures() const {
    auto resolved = resolve();
    std::string lines;
    const auto* failures = std::get_if<std::vector<Failure>>(&resolved);
    REQUIRE(failures != nullptr);
    for (const Failure& failure : *failures) lines += text(failure, Language::kEnglish) + "\n";
    return lines;
  }
};

/// A file with these bytes, and sources that name it.
struct WithFile : Sources {
  explicit WithFile(const std::string& yaml) : path(folder.file("node.yaml", yaml)) {
    variables["PIXELZX_CONFIG"] = path;
  }
  test::Folder folder;
  std::string path;
};

TEST_CASE("without anything there are defaults", "[node][settings]") {
  Sources sources;
  sources.variables["HOME"] = "/home/somebody";
  const Settings settings = sources.settings();
  CHECK(settings.network == "mainnet");
  CHECK(settings.chain_id == 8888);
  CHECK(settings.data_dir == "/home/somebody/.pixelzx");
  CHECK(settings.keystore_dir == "/home/somebody/.pixelzx/keystore");
  CHECK_FALSE(settings.validator);
  CHECK(settings.rpc_address == "127.0.0.1");
  CHECK(settings.rpc_port == 8545);
  CHECK(settings.ws_port == 8546);
  CHECK(settings.p2p_port == 30303);
  CHECK(settings.metrics_port == 6060);
  CHECK(settings.rpc_cors.empty());
  CHECK(settings.rpc_hosts == std::vector<std::string>{"localhost"});
  CHECK(settings.log_level == "info");
  CHECK_FALSE(settings.log_json);
  for (const SettingInfo& info : setting_infos()) CHECK_FALSE(settings.is_given(info.setting));
}

TEST_CASE("flags beat the environment, which beats the file", "[node][settings]") {
  WithFile sources("rpc:\n  port: 1\n  address: '::1'\nws: {port: 4}\nmetrics:\n");
  CHECK(sources.settings().rpc_port == 1);
  CHECK(sources.settings().ws_port == 4);
  CHECK(sources.settings().rpc_address == "::1");
  CHECK(sources.settings().value(Setting::kRpcPort).place == sources.path + ":2:3");
  sources.variables["PIXELZX_RPC_PORT"] = "2";
  CHECK(sources.settings().rpc_port == 2);
  CHECK(sources.settings().value(Setting::kRpcPort).place == "PIXELZX_RPC_PORT");
  sources.flag(Setting::kRpcPort, "3");
  CHECK(sources.settings().rpc_port == 3);
  CHECK(sources.settings().value(Setting::kRpcPort).place == "--rpc-port");
  CHECK(sources.settings().ws_port == 4);
}

TEST_CASE("every setting can be given in each way", "[node][settings]") {
  const std::map<std::string, std::string> values{
      {"network", "testnet"},
      {"chain_id", "8889"},
      {"validator.address", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"},
      {"rpc.address", "localhost"},
      {"metrics.address", "::"},
      {"log.level", "debug"},
      {"log.format", "json"},
  };
  for (const SettingInfo& info : setting_infos()) {
    if (info.key.empty()) continue;
    INFO(info.key);
    const auto found = values.find(std::string(info.key));
    const std::string value = found != values.end() ? found->second : "77";
    Sources by_flag;
    by_flag.flag(info.setting, value);
    CHECK(by_flag.settings().value(info.setting).text == value);
    Sources by_variable;
    by_variable.variables[std::string(info.variable)] = value;
    CHECK(by_variable.settings().value(info.setting).text == value);
    // In flow style, the section and the key: `{rpc: {port: '77'}}`.
    std::string yaml = "{" + std::string(info.key) + ": '" + value + "'}";
    if (const std::size_t dot = yaml.find('.'); dot < info.key.size()) {
      yaml.replace(dot, 1, ": {");
      yaml.append("}");
    }
    const WithFile by_file(yaml);
    CHECK(by_file.settings().value(info.setting).text == value);
  }
}

TEST_CASE("an empty variable is as good as none", "[node][settings]") {
  Sources sources;
  sources.variables["PIXELZX_RPC_PORT"] = "";
  CHECK(sources.settings().rpc_port == 8545);
  sources.flag(Setting::kRpcPort, "");
  CHECK(sources.failures() ==
        "--rpc-port: '' cannot be used: use a number from 0 to 65535; 0 takes one that is free.\n");
}

TEST_CASE("bad values name their place; all are found", "[node][settings]") {
  WithFile sources("rpc:\n  port: 65536\nlog:\n  level: loud\n  file_size: 0\n  files: 200001\n");
  sources.variables["PIXELZX_P2P_PORT"] = "tcp://10.0.0.1:30303";
  sources.flag(Setting::kRpcAddress, "node.example");
  sources.flag(Setting::kValidator, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed");
  const std::string path = sources.path;
  CHECK(sources.failures() ==
        "--validator: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed' cannot be used: use 0x and 40 "
        "hexadecimal digits, whose case, if mixed, must be the checksum of EIP-55.\n"
        "--rpc-address: 'node.example' cannot be used: use an IPv4 or IPv6 address in digits, or "
        "localhost.\n"
        "PIXELZX_P2P_PORT: 'tcp://10.0.0.1:30303' cannot be used: use a number from 0 to 65535; 0 "
        "takes one that is free.\n" +
            path +
            ":2:3: '65536' cannot be used: use a number from 0 to 65535; 0 takes one that is "
            "free.\n" +
            path + ":4:3: 'loud' cannot be used: use trace, debug, info, warn or error.\n" + path +
            ":5:3: '0' cannot be used: use a number from 1 to 4294967295.\n" + path +
            ":6:3: '200001' cannot be used: use a number from 1 to 200000.\n");
}

TEST_CASE("what is no setting is an error", "[node][settings]") {
  const WithFile unknown("rpc:\n  prot: 1\nxyzzy: 1\nnetworks:\n");
  const std::string path = unknown.path;
  CHECK(unknown.failures() ==
        path +
            ":2:3: unknown setting 'rpc.prot'; did you mean 'rpc.port'? Run 'pixelzx config "
            "show' for all settings.\n" +
            path + ":3:1: unknown setting 'xyzzy'. Run 'pixelzx config show' for all settings.\n" +
            path +
            ":4:1: unknown setting 'networks'; did you mean 'network'? Run 'pixelzx config "
            "show' for all settings.\n");
  const WithFile twice("network: devnet\nrpc: {port: 1}\nnetwork: devnet\n");
  CHECK(twice.failures() == twice.path + ":3:1: 'network' is set twice, before at " + twice.path +
                                ":1:1. Keep one of them.\n");
  const WithFile list("- network\n");
  CHECK(list.failures().starts_with(list.path + ":1:1: a setting and its value are"));
  const WithFile nested("rpc: {cors: [[1]]}\n");
  CHECK(nested.failures().starts_with(nested.path + ":1:14: a setting and its value"));
  const WithFile keyed("? [a]\n: 1\n");
  CHECK(keyed.failures().starts_with(keyed.path + ":1:3: a setting and its value are"));
  const WithFile broken("network: [\n");
  CHECK(broken.failures().starts_with(broken.path + ":2:1: this is not YAML: "));
}

TEST_CASE("aliases cannot make a file endless", "[node][settings]") {
  const WithFile cyclic("rpc: &x {y: *x}\n");
  CHECK(cyclic.failures().starts_with(cyclic.path + ":1:10: a setting and its value are"));
  std::string yaml = "k0: &a0 {a: 1, b: 1}\n";
  for (int i = 1; i < 4; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    yaml.append("k").append(std::to_string(i)).append(": &a").append(std::to_string(i)) += " {";
    for (int j = 0; j < 50; ++j) yaml.append("m").append(std::to_string(j)) += ": " + before + ", ";
    yaml += "}\n";
  }
  const WithFile nested(yaml);
  CHECK(nested.failures().find("a setting and its value are expected") != std::string::npos);
  yaml = "k: &list [";
  for (int i = 0; i < 5000; ++i) yaml += "x, ";
  yaml += "]\n";
  for (int i = 0; i < 5000; ++i) yaml += "k" + std::to_string(i) + ": *list\n";
  const WithFile lists(yaml);
  CHECK(lists.failures().starts_with(lists.path + ":1:"));
}

TEST_CASE("a file that cannot be read is an error", "[node][settings]") {
  Sources sources;
  sources.flag(Setting::kConfig, "/nonexistent/node.yaml");
  CHECK(sources.failures() ==
        "cannot read the settings in '/nonexistent/node.yaml': No such file or directory. Check "
        "the path and who may read it.\n");
}

TEST_CASE("lists have commas, or are lists", "[node][settings]") {
  const WithFile sources("rpc:\n  cors: [https://a.example, https://b.example]\n  hosts: a,b\n");
  CHECK(sources.settings().rpc_cors ==
        std::vector<std::string>{"https://a.example", "https://b.example"});
  CHECK(sources.settings().rpc_hosts == std::vector<std::string>{"a", "b"});
  Sources empty;
  empty.flag(Setting::kRpcCors, "a,,b");
  CHECK(empty.failures() ==
        "--rpc-cors: 'a,,b' cannot be used: separate entries by single commas.\n");
}

TEST_CASE("networks and chain identifiers belong together", "[node][settings]") {
  Sources id;
  id.flag(Setting::kChainId, "8889");
  CHECK(id.settings().network == "testnet");
  id.flag(Setting::kChainId, "4242");
  CHECK(id.settings().network == "devnet");
  Sources network;
  network.flag(Setting::kNetwork, "devnet");
  CHECK(network.settings().chain_id == 1337);
  network.variables["PIXELZX_CHAIN_ID"] = "8889";
  CHECK(network.failures() ==
        "PIXELZX_CHAIN_ID: the chain identifier 8889 cannot be that of a devnet: it belongs to "
        "testnet. Use another.\n");
  network.flag(Setting::kNetwork, "mainnet");
  CHECK(network.failures() ==
        "PIXELZX_CHAIN_ID: the chain identifier 8889 is not that of mainnet, which is 8888. Leave "
        "it out, or set another network.\n");
}

TEST_CASE("what is shown can be read again", "[node][settings]") {
  Sources sources;
  sources.variables["HOME"] = "/home/some body\n#";
  sources.flag(Setting::kRpcCors, "https://a.example,*");
  sources.flag(Setting::kLogFile, R"(C:\"log": 'x')");
  const Settings settings = sources.settings();
  const std::string yaml = to_yaml(settings);
  const WithFile again(yaml);
  INFO(yaml);
  const Settings read = again.settings();
  for (const SettingInfo& info : setting_infos()) {
    if (info.key.empty()) continue;
    INFO(info.key);
    CHECK(read.value(info.setting).text == settings.value(info.setting).text);
  }
  CHECK(to_yaml(read).size() >= yaml.size());
}

// The addresses of EIP-55.
TEST_CASE("addresses have a checksum", "[node][settings]") {
  for (const char* text :
       {"0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"}) {
    const auto address = parse_address(text);
    REQUIRE(address);
    CHECK(checksummed(*address) == text);
    CHECK(parse_address(to_hex(*address)) == address);
  }
  CHECK_FALSE(parse_address("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"));
  CHECK_FALSE(parse_address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe"));
  CHECK_FALSE(parse_address(""));
}

}  // namespace
}  // namespace pixelzx::node
