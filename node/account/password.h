// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>

#include "node/base/bytes.h"
#include "node/messages.h"

namespace pixelzx::node {

// Passwords come from the first line of a file or, when its path is empty, from the terminal,
// unseen. Never from an argument, which every user of the machine can read.

/// For a new key: the terminal asks twice, and is given up at a signal. An empty one is refused. To
/// be called before the first thread.
std::variant<std::string, Failure> new_password(const std::string& file, Language language);

/// For the key of that address. A terminal is given up when `cancel`, a descriptor, can be read
/// from.
std::variant<std::string, Failure> password_for(const Address& address, const std::string& file,
                                                Language language, int cancel);

}  // namespace pixelzx::node
