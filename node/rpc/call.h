// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "node/rpc/json_rpc.h"

/// Transactions that nobody has signed, carried out after a block, and forgotten.
namespace pixelzx::node {

/// eth_call.
RpcResult call_contract(const RpcContext& context, const CallRequest& request, const BlockId& id,
                        const StateOverrides& overrides);

/// eth_estimateGas: the gas that the transaction uses, where it succeeds with so much; else at most
/// 1.5 % more than it needs.
RpcResult estimate_gas(const RpcContext& context, const CallRequest& request, const BlockId& id,
                       const StateOverrides& overrides);

/// eth_createAccessList: what the transaction asks for, so that it has the list that it would use,
/// and the gas that it uses with that.
RpcResult create_access_list(const RpcContext& context, const CallRequest& request,
                             const BlockId& id, const StateOverrides& overrides);

/// What a contract that reverted with `output` says: the argument of Error(string), or what the
/// code of Panic(uint256) means; nothing when that is something else.
std::optional<std::string> revert_reason(ByteView output);

}  // namespace pixelzx::node
