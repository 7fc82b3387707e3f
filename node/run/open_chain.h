// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "node/chain/chain.h"
#include "node/config/settings.h"
#include "node/crypto/secp256k1.h"

namespace pixelzx::node {

/// Opens the chain in the data directory, or begins it with `genesis`, of which a copy for others
/// is left there. Without a genesis and a chain it fails with Phrase::kNoChain. Fails when the
/// settings ask for a chain with another identifier.
std::variant<std::unique_ptr<Chain>, Failure> open_chain(const Settings& settings,
                                                         const std::optional<Genesis>& genesis);

/// Where open_chain() leaves the copy.
std::filesystem::path genesis_copy(const Settings& settings);

/// A failure when the settings ask for another identifier than that of what is at `where`, which
/// `phrase` is to say.
std::optional<Failure> wants_other_chain(const Settings& settings, const Genesis& genesis,
                                         Phrase phrase, const std::string& where);

/// The key of a validator of the chain: development_key() if that is one, else from the keystore,
/// with the password from the settings' file or the terminal, which is given up when `cancel` can
/// be read from.
std::variant<SecretKey, Failure> validator_key(const Settings& settings, const Genesis& genesis,
                                               Language language, int cancel);

}  // namespace pixelzx::node
