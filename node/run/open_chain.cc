// SPDX-License-Identifier: Apache-2.0
#include "node/run/open_chain.h"

#include <sys/prctl.h>

#include <algorithm>
#include <cstring>
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

/// Leaves the genesis there, unless what is there says the same.
std::error_code leave_copy(const std::filesystem::path& path, const Genesis& genesis) {
  const std::string text = to_json(genesis);
  const auto read = read_file(path, kMaxGenesisFile);
  if (const auto* there = std::get_if<std::string>(&read)) {
    const auto parsed = parse_genesis(*there);
    const auto* same = std::get_if<Genesis>(&parsed);
    if (same != nullptr && to_json(*same) == text) return {};
  }
  return write_file(path, text, IfThere::kReplace);
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

std::string validator_names(const Genesis& genesis) {
  std::string names;
  for (const Address& address : genesis.validators) {
    names.append(names.empty() ? "" : ", ").append(checksummed(address));
  }
  return names;
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
    if (const std::error_code error = leave_copy(genesis_copy(settings), *genesis)) {
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
    (void)::prctl(PR_SET_DUMPABLE, 0);
    auto given = password_for(file.address, settings.password_file, language, cancel);
    if (auto* failure = std::get_if<Failure>(&given)) return std::move(*failure);
    auto& password = std::get<std::string>(given);
    auto key = unlock_key(file, password);
    ::explicit_bzero(password.data(), password.size());
    return key;
  }
  return Failure{Phrase::kNoValidatorKey, {settings.keystore_dir, validator_names(genesis)}};
}

}  // namespace pixelzx::node
