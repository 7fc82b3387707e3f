// SPDX-License-Identifier: Apache-2.0
//
// The node as web3.js sees it (common.mjs).
import { Web3 } from 'web3'

import { ACCESS_LIST, AMOUNT, MAX_FEE, PRIORITY_FEE, RECIPIENT, SUPPLY, failureOf, finish, key, token, url } from './common.mjs'

const web3 = new Web3(url)
const { eth, utils } = web3
Object.assign(eth, { transactionPollingInterval: 50, transactionReceiptPollingInterval: 50, contractDataInputFill: 'data' })
const { address: sender } = eth.accounts.wallet.add(key)[0]
const from = { from: sender }

const seen = { chainId: await eth.getChainId() }
const deployment = new eth.Contract(token.abi).deploy({ data: token.bytecode, arguments: [SUPPLY] })
let creation
const contract = await deployment.send(from).on('receipt', (receipt) => (creation = receipt))
contract.setConfig({ transactionReceiptPollingInterval: 50 })
const { methods } = contract
seen.token = await Promise.all(['name', 'symbol', 'decimals', 'totalSupply'].map((name) => methods[name]().call()))
seen.codeIsTheCompiled = (await eth.getCode(contract.options.address)) === token.deployed

const estimate = await methods.transfer(RECIPIENT, AMOUNT).estimateGas(from)
const receipt = await methods.transfer(RECIPIENT, AMOUNT).send(from)
seen.balances = [await methods.balanceOf(sender).call(), await methods.balanceOf(RECIPIENT).call()]
seen.estimateIsEnough = receipt.gasUsed <= estimate
seen.estimateIsClose = estimate < (receipt.gasUsed * 11n) / 10n
const event = receipt.events.Transfer.returnValues
seen.eventOfReceipt = [event.to, event.value]
const eventsOf = (filter) => contract.getPastEvents('Transfer', { filter, fromBlock: creation.blockNumber })
const events = await eventsOf({ from: sender, to: RECIPIENT })
seen.eventsByFilter = events.map(({ returnValues }) => [returnValues.to, returnValues.value])
seen.eventsOfOthers = (await eventsOf({ from: RECIPIENT })).length

const { cause: tooMuch } = await failureOf(methods.transfer(RECIPIENT, SUPPLY).call(from))
seen.tooMuch = [tooMuch.errorName, tooMuch.errorArgs.balance, tooMuch.errorArgs.needed]
const { cause: refused } = await failureOf(methods.refuse().call())
seen.reason = refused.message.match(/refused/)[0]
const { cause: overflow } = await failureOf(methods.overflow(2n ** 256n - 1n).call())
seen.panic = BigInt('0x' + overflow.data.slice(10)) // Panic(uint256)
const failed = await failureOf(methods.refuse().send({ ...from, gas: '100000' }))
seen.failedOnChain = [failed.receipt.status === 1n, failed.receipt.gasUsed < 100000n]

const before = await eth.getBalance(RECIPIENT)
seen.transfers = []
const sent = []
for (const fields of [
  { type: 0, gasPrice: MAX_FEE },
  { type: 1, gasPrice: MAX_FEE, accessList: ACCESS_LIST, gas: 30000n }, // which web3.js estimates without the list
  { type: 2, maxFeePerGas: MAX_FEE, maxPriorityFeePerGas: PRIORITY_FEE },
]) {
  sent.push(await eth.sendTransaction({ ...from, to: RECIPIENT, value: 1n, ...fields }))
  const { type, gasUsed, effectiveGasPrice, blockNumber } = sent.at(-1)
  const { baseFeePerGas } = await eth.getBlock(blockNumber)
  const price = fields.gasPrice ?? baseFeePerGas + PRIORITY_FEE
  seen.transfers.push([type, gasUsed, effectiveGasPrice === price])
}
const { nonce } = await eth.getTransaction(sent[0].transactionHash)
const late = { ...from, to: RECIPIENT, nonce, gas: 21000n }
seen.wrongNonce = /nonce too low/i.test((await failureOf(eth.sendTransaction(late))).message)
seen.received = (await eth.getBalance(RECIPIENT)) - before

const block = await eth.getBlock(receipt.blockNumber)
const full = await eth.getBlock(block.hash, true)
seen.block = {
  parent: block.parentHash === (await eth.getBlock(receipt.blockNumber - 1n)).hash,
  hash: block.hash === receipt.blockHash && full.hash === block.hash,
  transactions: block.transactions.includes(receipt.transactionHash) &&
    full.transactions.some(({ hash }) => hash === receipt.transactionHash),
  bloom: block.logsBloom.length === 514 && BigInt(block.logsBloom) !== 0n,
  gas: block.gasUsed >= receipt.gasUsed && block.gasUsed <= block.gasLimit,
}
seen.sender = utils.toChecksumAddress((await eth.getTransaction(receipt.transactionHash)).from) === sender
const last = await eth.getTransaction(sent.at(-1).transactionHash)
seen.nonces = (await eth.getTransactionCount(sender)) === last.nonce + 1n
await eth.sendTransaction({ ...from, to: sender })
seen.confirmed = (await eth.getBlockNumber()) >= receipt.blockNumber + 1n
const batch = new web3.BatchRequest()
const answers = ['eth_blockNumber', 'eth_gasPrice', 'net_version'].map((method, id) => {
  return batch.add({ jsonrpc: '2.0', id: id + 1, method, params: [] })
})
await batch.execute()
const [number, price, network] = await Promise.all(answers)
seen.batch = BigInt(number) >= receipt.blockNumber && BigInt(price) > 0n && BigInt(network) === seen.chainId
const history = await eth.getFeeHistory(3, 'latest', [50])
seen.feeHistory = [history.baseFeePerGas.length, history.gasUsedRatio.length, history.reward[2][0] >= 0n]

const slot = utils.keccak256(eth.abi.encodeParameters(['address', 'uint256'], [sender, 0]))
const latest = await eth.getBlock('latest')
const proof = await eth.getProof(contract.options.address, [slot], latest.number)
seen.proof = {
  balance: proof.balance === 0n && proof.codeHash === utils.keccak256(token.deployed) && BigInt(proof.storageHash) !== 0n,
  slot: proof.storageProof[0].value,
  rootIsTheBlocks: utils.keccak256(proof.accountProof[0]) === latest.stateRoot,
}
finish(seen)
