// SPDX-License-Identifier: Apache-2.0
#include "node/rpc/methods.h"

#include <algorithm>
#include <array>
#include <set>

#include "node/crypto/hash.h"
#include "node/rpc/backend.h"
#include "node/rpc/call.h"
#include "node/rpc/encoding.h"

namespace pixelzx::node {

BlockPointer find_block(const Chain& chain, const BlockId& id) {
  if (id.hash) return chain.block(*id.hash);
  return id.number ? chain.block(*id.number) : chain.head();
}

RpcError no_block(const BlockId& id) {
  return {kServerError, id.hash ? "header for hash not found" : "header not found"};
}

namespace {

using Context = RpcContext;
template <typename Value>
using Optional = std::optional<Value>;

BlockPointer find_block(const Context& context, const BlockId& id) {
  return node::find_block(context.backend.chain, id);
}

/// What `ask` makes of the state after a block.
RpcResult with_state(const Context& context, const BlockId& id, auto ask) {
  const BlockPointer block = find_block(context, id);
  if (!block) return no_block(id);
  const std::unique_ptr<ChainState> state = context.backend.chain.state(block->block.header);
  return ask(*state);
}

Account account_of(StateReader& state, const Address& address) {
  return state.account(address).value_or(Account());
}

// ---- web3, net, rpc ----

RpcResult client_version(const Context& context) {
  return Json(context.backend.client_version);
}

RpcResult sha3(const Context& /*context*/, const Bytes& data) {
  return Json(to_0x(keccak256(data)));
}

RpcResult net_version(const Context& context) {
  return Json(context.backend.chain.genesis().chain_id.str());
}

/// What old clients take for "connected".
RpcResult net_listening(const Context& /*context*/) {
  return Json(true);
}

RpcResult peer_count(const Context& /*context*/) {
  return Json("0x0");
}

RpcResult modules(const Context& /*context*/) {
  std::set<std::string> names;
  for (const RpcMethod& method : rpc_methods()) {
    names.emplace(method.name.substr(0, method.name.find('_')));
  }
  Json versions = Json::object();
  for (const std::string& name : names) versions[name] = "1.0";
  return versions;
}

// ---- the chain ----

RpcResult chain_id(const Context& context) {
  return Json(quantity(context.backend.chain.genesis().chain_id));
}

/// Nobody to catch up with.
RpcResult syncing(const Context& /*context*/) {
  return Json(false);
}

RpcResult coinbase(const Context& context) {
  return Json(to_0x(context.backend.chain.genesis().validators.front()));
}

/// The node keeps no keys of its users.
RpcResult accounts(const Context& /*context*/) {
  return Json(Json::array());
}

RpcResult block_number(const Context& context) {
  return Json(quantity(context.backend.chain.head()->block.header.number));
}

// ---- blocks ----

RpcResult get_block(const Context& context, const BlockId& id, const bool& whole) {
  const BlockPointer block = find_block(context, id);
  return block ? block_json(*block, whole) : Json();
}

RpcResult get_block_by_hash(const Context& context, const Hash& hash, const bool& whole) {
  return get_block(context, {.hash = hash}, whole);
}

RpcResult transaction_count_of_block(const Context& context, const BlockId& id) {
  const BlockPointer block = find_block(context, id);
  return block ? Json(quantity(block->block.transactions.size())) : Json();
}

RpcResult transaction_count_of_hash(const Context& context, const Hash& hash) {
  return transaction_count_of_block(context, {.hash = hash});
}

RpcResult uncle_count(const Context& context, const BlockId& id) {
  return find_block(context, id) ? Json("0x0") : Json();
}

RpcResult uncle_count_of_hash(const Context& context, const Hash& hash) {
  return uncle_count(context, {.hash = hash});
}

RpcResult block_receipts(const Context& context, const BlockId& id) {
  const BlockPointer block = find_block(context, id);
  if (!block) return Json();
  Json receipts = Json::array();
  for (std::size_t i = 0; i < block->receipts.size(); ++i) {
    receipts.push_back(receipt_json(*block, i));
  }
  return receipts;
}

// ---- transactions ----

// The pool is asked first: what it no longer has is part of the chain.

RpcResult transaction_by_hash(const Context& context, const Hash& hash) {
  const auto waiting = context.backend.pool.find(hash);
  if (const auto place = context.backend.chain.find_transaction(hash)) {
    return transaction_json(*place->block, place->index);
  }
  return waiting ? transaction_json(*waiting) : Json();
}

RpcResult raw_transaction(const Context& context, const Hash& hash) {
  const auto waiting = context.backend.pool.find(hash);
  if (const auto place = context.backend.chain.find_transaction(hash)) {
    return Json(to_0x(encode_transaction(place->block->block.transactions[place->index])));
  }
  return waiting ? Json(to_0x(encode_transaction(waiting->transaction))) : Json();
}

RpcResult transaction_by_place(const Context& context, const BlockId& id,
                               const std::uint64_t& index) {
  const BlockPointer block = find_block(context, id);
  if (!block || index >= block->block.transactions.size()) return Json();
  return transaction_json(*block, static_cast<std::size_t>(index));
}

RpcResult transaction_by_hash_and_index(const Context& context, const Hash& hash,
                                        const std::uint64_t& index) {
  return transaction_by_place(context, {.hash = hash}, index);
}

RpcResult transaction_receipt(const Context& context, const Hash& hash) {
  const auto place = context.backend.chain.find_transaction(hash);
  return place ? receipt_json(*place->block, place->index) : Json();
}

RpcResult send_raw_transaction(const Context& context, const Bytes& encoded) {
  const auto added = context.backend.pool.add(encoded);
  if (const auto* refusal = std::get_if<PoolRefusal>(&added)) {
    return RpcError(kServerError, text(*refusal));
  }
  return Json(to_0x(std::get<Hash>(added)));
}

// ---- state ----

RpcResult balance(const Context& context, const Address& address, const Optional<BlockId>& id) {
  return with_state(context, id.value_or(BlockId()), [&](ChainState& state) {
    return Json(quantity(account_of(state, address).balance));
  });
}

RpcResult transaction_count(const Context& context, const Address& address,
                            const Optional<BlockId>& id) {
  if (id && id->pending) return Json(quantity(context.backend.pool.next_nonce(address)));
  return with_state(context, id.value_or(BlockId()), [&](ChainState& state) {
    return Json(quantity(account_of(state, address).nonce));
  });
}

RpcResult code(const Context& context, const Address& address, const Optional<BlockId>& id) {
  return with_state(context, id.value_or(BlockId()), [&](ChainState& state) {
    const Hash hash = account_of(state, address).code_hash;
    return Json(hash == kEmptyCodeHash ? "0x" : to_0x(state.code(hash)));
  });
}

RpcResult storage_at(const Context& context, const Address& address, const SlotKey& key,
                     const Optional<BlockId>& id) {
  return with_state(context, id.value_or(BlockId()), [&](ChainState& state) {
    const bool exists = state.account(address).has_value();
    return Json(to_0x(to_hash(exists ? state.storage(address, key.slot) : U256(0))));
  });
}

Json hex_array(const std::vector<Bytes>& nodes) {
  Json json = Json::array();
  for (const Bytes& node : nodes) json.push_back(to_0x(node));
  return json;
}

RpcResult proof(const Context& context, const Address& address, const std::vector<SlotKey>& keys,
                const Optional<BlockId>& id) {
  constexpr std::size_t kMaxKeys = 1024;  // geth's
  if (keys.size() > kMaxKeys) return RpcError(kInvalidParams, "too many keys");
  return with_state(context, id.value_or(BlockId()), [&](ChainState& state) {
    std::vector<U256> slots;
    slots.reserve(keys.size());
    for (const SlotKey& key : keys) slots.push_back(key.slot);
    const AccountProof found = state.prove(address, slots);
    const Account account = found.account.value_or(Account());
    Json storage = Json::array();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const StorageProof& slot = found.storage[i];
      storage.push_back({{"key", keys[i].whole ? to_0x(to_hash(slot.slot)) : quantity(slot.slot)},
                         {"value", quantity(slot.value)},
                         {"proof", hex_array(slot.nodes)}});
    }
    return Json{{"address", to_0x(address)},
                {"accountProof", hex_array(found.nodes)},
                {"balance", quantity(account.balance)},
                {"codeHash", to_0x(account.code_hash)},
                {"nonce", quantity(account.nonce)},
                {"storageHash", to_0x(found.storage_root)},
                {"storageProof", std::move(storage)}};
  });
}

// ---- calls ----

RpcResult call(const Context& context, const CallRequest& request, const Optional<BlockId>& id,
               const Optional<StateOverrides>& overrides) {
  return call_contract(context, request, id.value_or(BlockId()),
                       overrides.value_or(StateOverrides()));
}

RpcResult estimate(const Context& context, const CallRequest& request, const Optional<BlockId>& id,
                   const Optional<StateOverrides>& overrides) {
  return estimate_gas(context, request, id.value_or(BlockId()),
                      overrides.value_or(StateOverrides()));
}

RpcResult access_list(const Context& context, const CallRequest& request,
                      const Optional<BlockId>& id, const Optional<StateOverrides>& overrides) {
  return create_access_list(context, request, id.value_or(BlockId()),
                            overrides.value_or(StateOverrides()));
}

// ---- fees ----

/// The least of EIP-4844: blocks have no blobs.
RpcResult blob_base_fee(const Context& /*context*/) {
  return Json("0x1");
}

RpcResult priority_fee(const Context& context) {
  return Json(quantity(context.backend.oracle.priority_fee(context.backend.chain)));
}

RpcResult gas_price(const Context& context) {
  const Chain& chain = context.backend.chain;
  const U256 price =
      next_base_fee(chain.head()->block.header) + context.backend.oracle.priority_fee(chain);
  return Json(quantity(price));
}

RpcResult history(const Context& context, const Count& blocks, const BlockId& newest,
                  const Optional<std::vector<double>>& percentiles) {
  return fee_history(context, blocks.value, newest, percentiles.value_or(std::vector<double>()));
}

// ---- logs, filters ----

RpcResult new_filter(const Context& context, const LogCriteria& criteria) {
  return context.backend.filters.add(context, RpcFilters::Kind::kLogs, criteria);
}

RpcResult new_block_filter(const Context& context) {
  return context.backend.filters.add(context, RpcFilters::Kind::kBlocks);
}

RpcResult new_pending_filter(const Context& context) {
  return context.backend.filters.add(context, RpcFilters::Kind::kPending);
}

RpcResult filter_changes(const Context& context, const U256& id) {
  return context.backend.filters.changes(context, id);
}

RpcResult filter_logs(const Context& context, const U256& id) {
  return context.backend.filters.logs(context, id);
}

RpcResult uninstall_filter(const Context& context, const U256& id) {
  return Json(context.backend.filters.remove(id));
}

// ---- the pool ----

RpcResult pool_status(const Context& context) {
  const PoolStatus status = context.backend.pool.status();
  return Json{{"pending", quantity(status.pending)}, {"queued", quantity(status.queued)}};
}

/// By sender and nonce.
Json by_sender(const Pool::Transactions& transactions) {
  Json json = Json::object();
  for (const auto& transaction : transactions) {
    json[to_0x(transaction->sender)][std::to_string(transaction->transaction.nonce)] =
        transaction_json(*transaction);
  }
  return json;
}

RpcResult pool_content(const Context& context) {
  constexpr std::size_t kMost = 5000;  // about 5 MB without data
  constexpr std::size_t kMaxData = std::size_t{8} << 20U;
  const Pool::Transactions pending = context.backend.pool.pending();
  const Pool::Transactions queued = context.backend.pool.queued();
  std::size_t data = 0;
  for (const auto* transactions : {&pending, &queued}) {
    for (const auto& transaction : *transactions) data += transaction->transaction.data.size();
  }
  if (pending.size() + queued.size() > kMost || data > kMaxData) {
    return RpcError(kResponseTooLarge, "response too large");
  }
  return Json{{"pending", by_sender(pending)}, {"queued", by_sender(queued)}};
}

constexpr std::array kMethods = {
    rpc_method<client_version>("web3_clientVersion"),
    rpc_method<sha3>("web3_sha3"),
    rpc_method<net_version>("net_version"),
    rpc_method<net_listening>("net_listening"),
    rpc_method<peer_count>("net_peerCount"),
    rpc_method<modules>("rpc_modules"),
    rpc_method<chain_id>("eth_chainId"),
    rpc_method<syncing>("eth_syncing"),
    rpc_method<syncing>("eth_mining"),
    rpc_method<coinbase>("eth_coinbase"),
    rpc_method<accounts>("eth_accounts"),
    rpc_method<block_number>("eth_blockNumber"),
    rpc_method<get_block>("eth_getBlockByNumber"),
    rpc_method<get_block_by_hash>("eth_getBlockByHash"),
    rpc_method<transaction_count_of_block>("eth_getBlockTransactionCountByNumber"),
    rpc_method<transaction_count_of_hash>("eth_getBlockTransactionCountByHash"),
    rpc_method<uncle_count>("eth_getUncleCountByBlockNumber"),
    rpc_method<uncle_count_of_hash>("eth_getUncleCountByBlockHash"),
    rpc_method<block_receipts>("eth_getBlockReceipts"),
    rpc_method<transaction_by_hash>("eth_getTransactionByHash"),
    rpc_method<raw_transaction>("eth_getRawTransactionByHash"),
    rpc_method<transaction_by_place>("eth_getTransactionByBlockNumberAndIndex"),
    rpc_method<transaction_by_hash_and_index>("eth_getTransactionByBlockHashAndIndex"),
    rpc_method<transaction_receipt>("eth_getTransactionReceipt"),
    rpc_method<send_raw_transaction>("eth_sendRawTransaction"),
    rpc_method<balance>("eth_getBalance"),
    rpc_method<transaction_count>("eth_getTransactionCount"),
    rpc_method<code>("eth_getCode"),
    rpc_method<storage_at>("eth_getStorageAt"),
    rpc_method<proof>("eth_getProof"),
    rpc_method<call>("eth_call"),
    rpc_method<estimate>("eth_estimateGas"),
    rpc_method<access_list>("eth_createAccessList"),
    rpc_method<blob_base_fee>("eth_blobBaseFee"),
    rpc_method<priority_fee>("eth_maxPriorityFeePerGas"),
    rpc_method<gas_price>("eth_gasPrice"),
    rpc_method<history>("eth_feeHistory"),
    rpc_method<find_logs>("eth_getLogs"),
    rpc_method<new_filter>("eth_newFilter"),
    rpc_method<new_block_filter>("eth_newBlockFilter"),
    rpc_method<new_pending_filter>("eth_newPendingTransactionFilter"),
    rpc_method<filter_changes>("eth_getFilterChanges"),
    rpc_method<filter_logs>("eth_getFilterLogs"),
    rpc_method<uninstall_filter>("eth_uninstallFilter"),
    rpc_method<pool_status>("txpool_status"),
    rpc_method<pool_content>("txpool_content"),
};

}  // namespace

std::span<const RpcMethod> rpc_methods() {
  return kMethods;
}

}  // namespace pixelzx::node
