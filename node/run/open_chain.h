// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "node/chain/chain.h"
#include "node/config/settings.h"
#include "node/crypto/secp256k1.h"

namespace pixelzx::node {

/// Bytes; far more than any has.
inline constexpr std::size_t kMaxGenesisFile = std::size_t{256} << 20U;

/// Opens the chain in the data directory, or begins it with `genesis`, of which a copy for others
/// is left there, in place of any that says something else. Without a genesis and a chain it fails
/// with Phrase::kNoChain. Fails when the settings ask for a chain with another identifier.
std::variant<std::unique_ptr<Chain>, Failure> open_chain(const Settings& settings,
                                                         const std::optional<Genesis>& genesis);

/// Where open_chain() leaves the copy.
std::filesystem::path genesis_copy(const Settings& settings);

/// The addresses, with commas between.
std::string validator_names(const Genesis& genesis);

/// A failure when the settings ask for another identifier than that of what is at `where`, which
/// `phrase` is to say.
std::optional<Failure> wants_other_chain(const Settings& settings, const Genesis& genesis,
                                         Phrase phrase, const std::string& where);

/// The key of a validator of the chain: development_key() if that is one, else from the keystore,
/// with the password from the settings' file or the terminal, which is given up when `cancel` can
/// be read from. From then on no other process of this user can look into this one, and it leaves
/// no core.
std::variant<SecretKey, Failure> validator_key(const Settings& settings, const Genesis& genesis,
                                               Language language, int cancel);

}  // namespace pixelzx::node
