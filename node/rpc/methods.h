// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "node/rpc/json_rpc.h"

namespace pixelzx::node {

/// All methods that clients may call: those of the Ethereum execution API and of geth that wallets
/// and libraries use.
std::span<const RpcMethod> rpc_methods();

}  // namespace pixelzx::node
