// SPDX-License-Identifier: Apache-2.0
//
// The node as ethers sees it (common.mjs).
import { Contract, ContractFactory, JsonRpcProvider, NonceManager, Wallet, ZeroHash, AbiCoder, keccak256 } from 'ethers'

import { ACCESS_LIST, AMOUNT, MAX_FEE, PRIORITY_FEE, RECIPIENT, SUPPLY, failureOf, finish, key, token, url } from './common.mjs'

const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1, pollingInterval: 50 })
const wallet = new Wallet(key, provider)
const signer = new NonceManager(wallet)
const seen = { chainId: (await provider.getNetwork()).chainId }

const deployed = await new ContractFactory(token.abi, token.bytecode, signer).deploy(SUPPLY)
const creation = await deployed.deploymentTransaction().wait()
const contract = new Contract(await deployed.getAddress(), token.abi, signer)
// In one batch.
seen.token = await Promise.all([contract.name(), contract.symbol(), contract.decimals(), contract.totalSupply()])
seen.codeIsTheCompiled = (await provider.getCode(creation.contractAddress)) === token.deployed

const estimate = await contract.transfer.estimateGas(RECIPIENT, AMOUNT)
const transfer = await contract.transfer(RECIPIENT, AMOUNT)
const receipt = await transfer.wait()
seen.balances = [await contract.balanceOf(wallet.address), await contract.balanceOf(RECIPIENT)]
seen.estimateIsEnough = receipt.gasUsed <= estimate
seen.estimateIsClose = estimate < (receipt.gasUsed * 11n) / 10n
const event = contract.interface.parseLog(receipt.logs[0])
seen.eventOfReceipt = [event.args.to, event.args.value]
const filter = contract.filters.Transfer(wallet.address, RECIPIENT)
const events = await contract.queryFilter(filter, creation.blockNumber, 'latest')
seen.eventsByFilter = events.map(({ args }) => [args.to, args.value])
seen.eventsOfOthers = (await contract.queryFilter(contract.filters.Transfer(RECIPIENT), creation.blockNumber)).length

const { revert } = await failureOf(contract.transfer.staticCall(RECIPIENT, SUPPLY))
seen.tooMuch = [revert.name, revert.args.balance, revert.args.needed]
seen.reason = (await failureOf(contract.refuse())).reason
seen.panic = BigInt((await failureOf(contract.overflow(2n ** 256n - 1n))).revert.args[0])
const failed = await failureOf(contract.refuse.send({ gasLimit: 100000n }).then((sent) => sent.wait()))
seen.failedOnChain = [failed.receipt.status === 1, failed.receipt.gasUsed < 100000n]

const before = await provider.getBalance(RECIPIENT)
seen.transfers = []
const sent = []
for (const fields of [
  { type: 0, gasPrice: MAX_FEE },
  { type: 1, gasPrice: MAX_FEE, accessList: ACCESS_LIST },
  { type: 2, maxFeePerGas: MAX_FEE, maxPriorityFeePerGas: PRIORITY_FEE },
]) {
  sent.push(await signer.sendTransaction({ to: RECIPIENT, value: 1n, ...fields }))
  const { type, gasUsed, gasPrice, blockNumber } = await sent.at(-1).wait()
  const { baseFeePerGas } = await provider.getBlock(blockNumber)
  const price = fields.gasPrice ?? baseFeePerGas + PRIORITY_FEE
  seen.transfers.push([BigInt(type), gasUsed, gasPrice === price])
}
const { code } = await failureOf(wallet.sendTransaction({ to: RECIPIENT, nonce: sent[0].nonce }))
seen.wrongNonce = code === 'NONCE_EXPIRED'
seen.received = (await provider.getBalance(RECIPIENT)) - before

const block = await provider.getBlock(receipt.blockNumber)
const raw = await provider.send('eth_getBlockByHash', [block.hash, true])
seen.block = {
  parent: block.parentHash === (await provider.getBlock(receipt.blockNumber - 1)).hash,
  hash: block.hash === receipt.blockHash && raw.hash === block.hash,
  transactions: block.transactions.includes(transfer.hash) && raw.transactions.some(({ hash }) => hash === transfer.hash),
  bloom: raw.logsBloom.length === 514 && BigInt(raw.logsBloom) !== 0n,
  gas: block.gasUsed >= receipt.gasUsed && block.gasUsed <= block.gasLimit,
}
seen.sender = (await provider.getTransaction(transfer.hash)).from === wallet.address
seen.nonces = (await provider.getTransactionCount(wallet.address)) === sent.at(-1).nonce + 1
await signer.sendTransaction({ to: wallet.address })
seen.confirmed = (await (await provider.getTransaction(transfer.hash)).wait(2)).blockNumber === receipt.blockNumber
const numbers = await Promise.all([provider.getBlockNumber(), provider.send('eth_blockNumber', []), provider.getFeeData()])
seen.batch = numbers[0] === Number(numbers[1]) && numbers[2].maxFeePerGas > 0n
const history = await provider.send('eth_feeHistory', ['0x3', 'latest', [50]])
seen.feeHistory = [history.baseFeePerGas.length, history.gasUsedRatio.length, BigInt(history.reward[2][0]) >= 0n]

const slot = keccak256(AbiCoder.defaultAbiCoder().encode(['address', 'uint256'], [wallet.address, 0]))
const latest = await provider.send('eth_getBlockByNumber', ['latest', false])
const proof = await provider.send('eth_getProof', [await contract.getAddress(), [slot], latest.number])
seen.proof = {
  balance: BigInt(proof.balance) === 0n && proof.codeHash === keccak256(token.deployed) && proof.storageHash !== ZeroHash,
  slot: BigInt(proof.storageProof[0].value),
  rootIsTheBlocks: keccak256(proof.accountProof[0]) === latest.stateRoot,
}
finish(seen)
