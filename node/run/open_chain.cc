// SPDX-License-Identifier: Apache-2.0
#include "node/run/open_chain.h"

#include <algorithm>
#include <string>
#include <vector>

#include "node/account/address_text.h"
#include "node/account/keystore_folder.h"
#include "node/account/password.h"
#include "node/base/files.h"
#include "node/chain/networks.h"

namespace pixelzx::node {
namespace {

Failure describe(const ChainFault& fault, const Settings& settings) {
  const std::string& where = settings.data_dir;
  switch (fault.kind) {
    case ChainFault::Kind::kAbsent:
      return {Phrase::kNoChain, {where, settings.network}};
    case ChainFault::Kind::kLocked:
      return {Phrase::kChainLocked, {where}};
    case ChainFault::Kind::kOtherChain:
      return {Phrase::kOtherChain, {where}};
    case ChainFault::Kind::kOtherFormat:
      return {Phrase::kOtherFormat, {where}};
    case ChainFault::Kind::kDamaged:
      return {Phrase::kChainDamaged, {where, fault.detail}};
    case ChainFault::Kind::kUnusable:
      break;
  }
  return {Phrase::kChainUnusable, {where, fault.detail}};
}

}  // namespace

std::optional<Failure> wants_other_chain(const Settings& settings, const Genesis& genesis,
                                         Phrase phrase, const std::string& where) {
  for (const Setting setting : {Setting::kChainId, Setting::kNetwork}) {
    if (!settings.is_given(setting)) continue;
    const bool is_same = setting == Setting::kChainId
                             ? genesis.chain_id == settings.chain_id
                             : network_of(saturated_u64(genesis.chain_id)) == settings.network;
    if (is_same) continue;
    const Settings::Value& value = settings.value(setting);
    return Failure{phrase, {where, genesis.chain_id.str(), value.place, value.text}};
  }
  return std::nullopt;
}

std::filesystem::path genesis_copy(const Settings& settings) {
  return std::filesystem::path(settings.data_dir) / "genesis.json";
}

std::variant<std::unique_ptr<Chain>, Failure> open_chain(const Settings& settings,
                                                         const std::optional<Genesis>& genesis) {
  if (settings.data_dir.empty()) return Failure{Phrase::kNoDataDir, {}};
  const std::filesystem::path folder = settings.data_dir;
  if (genesis) {
    if (const std::error_code error = make_private_folder(folder)) {
      return Failure{Phrase::kCannotCreate, {settings.data_dir, error.message()}};
    }
  }
  auto opened = Chain::open(folder / "chain", genesis);
  if (const auto* fault = std::get_if<ChainFault>(&opened)) return describe(*fault, settings);
  auto& chain = std::get<std::unique_ptr<Chain>>(opened);
  if (auto failure = wants_other_chain(settings, chain->genesis(), Phrase::kWantedOtherChain,
                                       settings.data_dir)) {
    return *failure;
  }
  if (genesis) {
    const std::error_code error = write_file(genesis_copy(settings), to_json(*genesis) + "\n");
    if (error && error != std::errc::file_exists) {
      return Failure{Phrase::kCannotCreate, {settings.data_dir, error.message()}};
    }
  }
  return std::move(chain);
}

std::variant<SecretKey, Failure> validator_key(const Settings& settings, const Genesis& genesis,
                                               Language language, int cancel) {
  const std::vector<Address>& validators = genesis.validators;
  const auto is_validator = [&](const Address& address) {
    return (!settings.validator || *settings.validator == address) &&
           std::find(validators.begin(), validators.end(), address) != validators.end();
  };
  if (is_validator(address_of(development_key()).value_or(Address{}))) return development_key();
  auto keys = list_keys(settings.keystore_dir);
  if (auto* failure = std::get_if<Failure>(&keys)) return std::move(*failure);
  for (const KeyFile& file : std::get<std::vector<KeyFile>>(keys)) {
    if (!is_validator(file.address)) continue;
    auto password = password_for(file.address, settings.password_file, language, cancel);
    if (auto* failure = std::get_if<Failure>(&password)) return std::move(*failure);
    return unlock_key(file, std::get<std::string>(password));
  }
  std::string names;
  for (const Address& address : validators) {
    names.append(names.empty() ? "" : ", ").append(checksummed(address));
  }
  return Failure{Phrase::kNoValidatorKey, {settings.keystore_dir, names}};
}

}  // namespace pixelzx::node
