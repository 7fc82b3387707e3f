// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "node/account/address_text.h"
#include "node/account/keystore_folder.h"
#include "node/base/files.h"
#include "node/chain/genesis.h"
#include "node/chain/networks.h"
#include "node/commands/commands.h"
#include "node/run/open_chain.h"
#include "node/words.h"

namespace pixelzx::node {
namespace {

constexpr std::size_t kDecimals = 18;

/// An amount of PXZ in its smallest unit; nothing when it is none.
std::optional<U256> parse_amount(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  std::string fraction(text.substr(std::min(point + 1, text.size())));
  if (whole.empty() || fraction.size() > kDecimals) return std::nullopt;
  fraction.append(kDecimals - fraction.size(), '0');
  const std::string digits = std::string(whole) + fraction;
  if (digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return parse_u256(digits);
}

std::variant<std::map<Address, GenesisAccount>, Failure> parse_allocs(
    const std::vector<std::string>& texts) {
  std::map<Address, GenesisAccount> alloc;
  for (const std::string_view text : texts) {
    const std::size_t sign = std::min(text.find('='), text.size());
    const auto address = parse_address(text.substr(0, sign));
    const auto amount = parse_amount(text.substr(std::min(sign + 1, text.size())));
    if (!address || !amount || alloc.contains(*address)) {
      return Failure{Phrase::kBadAlloc, {std::string(text)}};
    }
    alloc[*address].balance = *amount;
  }
  if (alloc.empty()) return Failure{Phrase::kNoAlloc, {}};
  return alloc;
}

std::variant<Address, Failure> chosen_validator(const Settings& settings) {
  if (settings.validator) return *settings.validator;
  auto keys = list_keys(settings.keystore_dir);
  if (auto* failure = std::get_if<Failure>(&keys)) return std::move(*failure);
  const auto& files = std::get<std::vector<KeyFile>>(keys);
  if (files.size() == 1) return files.front().address;
  return Failure{files.empty() ? Phrase::kNoValidator : Phrase::kManyValidators,
                 {settings.keystore_dir}};
}

/// What `--network` and the like describe. The same description always makes the same chain.
std::variant<Genesis, Failure> new_genesis(const CommandLine& line) {
  auto validator = chosen_validator(line.settings);
  if (auto* failure = std::get_if<Failure>(&validator)) return std::move(*failure);
  auto alloc = parse_allocs(line.allocs);
  if (auto* failure = std::get_if<Failure>(&alloc)) return std::move(*failure);
  return make_genesis(line.settings.chain_id, kBlockTime, /*timestamp=*/0,
                      {std::get<Address>(validator)},
                      std::move(std::get<std::map<Address, GenesisAccount>>(alloc)));
}

std::variant<Genesis, Failure> read_genesis(const CommandLine& line) {
  auto read = read_file(line.genesis, kMaxGenesisFile);
  if (const auto* error = std::get_if<std::error_code>(&read)) {
    return Failure{Phrase::kGenesisUnreadable, {line.genesis, error->message()}};
  }
  auto genesis = parse_genesis(std::get<std::string>(read));
  if (const auto* error = std::get_if<GenesisError>(&genesis)) {
    const std::string where = error->where.empty() ? "it " : error->where + ": ";
    return Failure{Phrase::kBadGenesis, {line.genesis, where + error->why}};
  }
  if (auto failure = wants_other_chain(line.settings, std::get<Genesis>(genesis),
                                       Phrase::kGenesisOfOtherChain, line.genesis)) {
    return std::move(*failure);
  }
  return std::move(std::get<Genesis>(genesis));
}

}  // namespace

CliResult run_init(const CommandLine& line) {
  // PIXELZX_VALIDATOR and the file's validator.address are for `start` too.
  const std::string& validator = line.settings.value(Setting::kValidator).place;
  const std::string other = !line.allocs.empty() ? "--alloc" : validator;
  if (!line.genesis.empty() && other.starts_with("--")) {
    return failed({Phrase::kOptionsExclude, {"--genesis", other}}, line.language, kStatusUsage);
  }
  auto genesis = line.genesis.empty() ? new_genesis(line) : read_genesis(line);
  if (auto* failure = std::get_if<Failure>(&genesis)) return failed(*failure, line.language);
  const auto opened = open_chain(line.settings, std::get<Genesis>(genesis));
  if (const auto* failure = std::get_if<Failure>(&opened)) return failed(*failure, line.language);
  const Chain& chain = *std::get<std::unique_ptr<Chain>>(opened);
  return {kStatusOk,
          fill(Phrase::kChainBegun, line.language,
               {chain.genesis().chain_id.str(), escape_controls(line.settings.data_dir),
                to_0x(chain.block(0)->hash), validator_names(chain.genesis()),
                escape_controls(genesis_copy(line.settings).string())}) +
              "\n",
          ""};
}

}  // namespace pixelzx::node
