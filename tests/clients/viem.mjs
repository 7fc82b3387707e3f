// SPDX-License-Identifier: Apache-2.0
//
// The node as viem sees it (common.mjs).
import { BaseError, ContractFunctionRevertedError, createPublicClient, createWalletClient, encodeAbiParameters, http,
  keccak256, NonceTooLowError, parseEventLogs } from 'viem'
import { nonceManager, privateKeyToAccount } from 'viem/accounts'

import { ACCESS_LIST, AMOUNT, MAX_FEE, PRIORITY_FEE, RECIPIENT, SUPPLY, chainId, failureOf, finish, key, token, url } from './common.mjs'

const account = privateKeyToAccount(key, { nonceManager })
const chain = {
  id: Number(chainId),
  name: 'PIXELZX',
  nativeCurrency: { name: 'PXZ', symbol: 'PXZ', decimals: 18 },
  rpcUrls: { default: { http: [url] } },
}
const transport = http(url, { batch: true })
const node = createPublicClient({ chain, transport, pollingInterval: 50, cacheTime: 0 })
const wallet = createWalletClient({ account, chain, transport })
const { abi } = token
const receiptOf = (hash, confirmations) => node.waitForTransactionReceipt({ hash, confirmations })
/** The contract's error in whatever viem has put around it. */
const revertOf = (error) => error.walk((inner) => inner instanceof ContractFunctionRevertedError).data

const seen = { chainId: BigInt(await node.getChainId()) }
const creation = await receiptOf(await wallet.deployContract({ abi, bytecode: token.bytecode, args: [SUPPLY] }))
const address = creation.contractAddress
const read = (functionName, ...args) => node.readContract({ address, abi, functionName, args })
// In one batch.
const [name, symbol, decimals, supply] = await Promise.all(['name', 'symbol', 'decimals', 'totalSupply'].map((f) => read(f)))
seen.token = [name, symbol, BigInt(decimals), supply]
seen.codeIsTheCompiled = (await node.getCode({ address })) === token.deployed

const call = { address, abi, account, functionName: 'transfer', args: [RECIPIENT, AMOUNT] }
const estimate = await node.estimateContractGas(call)
const { request } = await node.simulateContract(call)
const receipt = await receiptOf(await wallet.writeContract(request))
seen.balances = [await read('balanceOf', account.address), await read('balanceOf', RECIPIENT)]
seen.estimateIsEnough = receipt.gasUsed <= estimate
seen.estimateIsClose = estimate < (receipt.gasUsed * 11n) / 10n
const [event] = parseEventLogs({ abi, logs: receipt.logs })
seen.eventOfReceipt = [event.args.to, event.args.value]
const eventsOf = (args) => {
  return node.getContractEvents({ address, abi, eventName: 'Transfer', args, fromBlock: creation.blockNumber })
}
const events = await eventsOf({ from: account.address, to: RECIPIENT })
seen.eventsByFilter = events.map(({ args }) => [args.to, args.value])
seen.eventsOfOthers = (await eventsOf({ from: RECIPIENT })).length

const tooMuch = revertOf(await failureOf(node.simulateContract({ ...call, args: [RECIPIENT, SUPPLY] })))
seen.tooMuch = [tooMuch.errorName, ...tooMuch.args.slice(1)]
seen.reason = revertOf(await failureOf(read('refuse'))).args[0]
seen.panic = revertOf(await failureOf(read('overflow', 2n ** 256n - 1n))).args[0]
const refuse = { address, abi, functionName: 'refuse', gas: 100000n }
const failed = await receiptOf(await wallet.writeContract(refuse))
seen.failedOnChain = [failed.status === 'success', failed.gasUsed < 100000n]

const before = await node.getBalance({ address: RECIPIENT })
seen.transfers = []
const hashes = []
const TYPES = { legacy: 0n, eip2930: 1n, eip1559: 2n }
for (const fields of [
  { type: 'legacy', gasPrice: MAX_FEE },
  { type: 'eip2930', gasPrice: MAX_FEE, accessList: ACCESS_LIST },
  { type: 'eip1559', maxFeePerGas: MAX_FEE, maxPriorityFeePerGas: PRIORITY_FEE },
]) {
  hashes.push(await wallet.sendTransaction({ to: RECIPIENT, value: 1n, ...fields }))
  const { type, gasUsed, effectiveGasPrice, blockNumber } = await receiptOf(hashes.at(-1))
  const { baseFeePerGas } = await node.getBlock({ blockNumber })
  const price = fields.gasPrice ?? baseFeePerGas + PRIORITY_FEE
  seen.transfers.push([TYPES[type], gasUsed, effectiveGasPrice === price])
}
const { nonce } = await node.getTransaction({ hash: hashes[0] })
const refused = await failureOf(wallet.sendTransaction({ to: RECIPIENT, nonce, gas: 21000n }))
seen.wrongNonce = refused instanceof BaseError && refused.walk((inner) => inner instanceof NonceTooLowError) !== null
seen.received = (await node.getBalance({ address: RECIPIENT })) - before

const block = await node.getBlock({ blockNumber: receipt.blockNumber })
const full = await node.getBlock({ blockHash: block.hash, includeTransactions: true })
const parent = await node.getBlock({ blockNumber: receipt.blockNumber - 1n })
seen.block = {
  parent: block.parentHash === parent.hash,
  hash: block.hash === receipt.blockHash && full.hash === block.hash,
  transactions: block.transactions.includes(receipt.transactionHash) &&
    full.transactions.some(({ hash }) => hash === receipt.transactionHash),
  bloom: block.logsBloom.length === 514 && BigInt(block.logsBloom) !== 0n,
  gas: block.gasUsed >= receipt.gasUsed && block.gasUsed <= block.gasLimit,
}
const { from } = await node.getTransaction({ hash: receipt.transactionHash })
seen.sender = from === account.address.toLowerCase()
const last = await node.getTransaction({ hash: hashes.at(-1) })
seen.nonces = (await node.getTransactionCount({ address: account.address })) === last.nonce + 1
await wallet.sendTransaction({ to: account.address })
seen.confirmed = (await receiptOf(receipt.transactionHash, 2)).blockNumber === receipt.blockNumber
const [number, price, fees] = await Promise.all([node.getBlockNumber(), node.getGasPrice(), node.estimateFeesPerGas()])
seen.batch = number >= receipt.blockNumber && price > 0n && fees.maxFeePerGas > 0n
const history = await node.getFeeHistory({ blockCount: 3, rewardPercentiles: [50] })
seen.feeHistory = [history.baseFeePerGas.length, history.gasUsedRatio.length, history.reward[2][0] >= 0n]

const slot = keccak256(encodeAbiParameters([{ type: 'address' }, { type: 'uint256' }], [account.address, 0n]))
const latest = await node.getBlock()
const proof = await node.getProof({ address, storageKeys: [slot], blockNumber: latest.number })
seen.proof = {
  balance: proof.balance === 0n && proof.codeHash === keccak256(token.deployed) && BigInt(proof.storageHash) !== 0n,
  slot: proof.storageProof[0].value,
  rootIsTheBlocks: keccak256(proof.accountProof[0]) === latest.stateRoot,
}
finish(seen)
