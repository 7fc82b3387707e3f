// SPDX-License-Identifier: Apache-2.0
//
//   node ethereumjs.mjs FILE [TRACED]
//
// Carries out the cases of cases.mjs with @ethereumjs/evm and prints what came of them, a line each, as evm_cases.cc
// does; `flawed` where @ethereumjs/evm is known to be wrong. On standard error, as JSON: how often each error ended a case, and how often each instruction was executed in
// the first TRACED cases.
import { createInterface } from 'node:readline'
import { createReadStream } from 'node:fs'

import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createEVM } from '@ethereumjs/evm'
import { SimpleStateManager } from '@ethereumjs/statemanager'
import { Account, Address, bytesToHex, hexToBytes, setLengthLeft, unpadBytes } from '@ethereumjs/util'
import { keccak_256 } from '@noble/hashes/sha3.js'

const address = (text) => new Address(hexToBytes(text))
const word = (number) => setLengthLeft(hexToBytes('0x' + (number.length % 2 ? '0' : '') + number.slice(2)), 32)

// No case has a commitment that fits its hash, so that none is ever verified.
const kzg = { verifyProof: () => { throw new Error('no case comes here') } }
const common = new Common({ chain: { ...Mainnet, chainId: 8888 }, hardfork: Hardfork.Cancun, customCrypto: { kzg } })
const block = {
  header: {
    number: 1000n,
    coinbase: address('0x00000000000000000000000000000000c0ffee00'),
    timestamp: 1700000000n,
    difficulty: 0n,
    prevRandao: word('0x123456789abcdef'),
    gasLimit: 30000000n,
    baseFeePerGas: 7n,
    getBlobGasPrice: () => 1n,
  },
}
const blockchain = {
  getBlock: async (number) => ({ hash: () => keccak_256(new TextEncoder().encode(String(number))) }),
  shallowCopy: () => blockchain,
}
const tally = { errors: {}, instructions: {}, flawed: 0 }
const count = (table, name) => (table[name] = (table[name] ?? 0) + 1)

async function fill(state, pre) {
  for (const [name, { balance, nonce, code, storage }] of Object.entries(pre)) {
    await state.putAccount(address(name), new Account(BigInt(nonce), BigInt(balance)))
    if (code !== '0x') await state.putCode(address(name), hexToBytes(code))
    for (const [slot, value] of Object.entries(storage)) {
      await state.putStorage(address(name), word(slot), unpadBytes(word(value)))
    }
  }
}

/** The accounts that there are, in order. */
function textOf(state) {
  const storage = {}
  for (const [key, value] of [...state.storageStack.at(-1)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (unpadBytes(value).length === 0) continue
    const [account, slot] = key.split('_')
    storage[account] = (storage[account] ?? '') + ` ${BigInt(slot)}=${BigInt(bytesToHex(value))}`
  }
  return [...state.accountStack.at(-1)]
    .filter(([, account]) => account !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { nonce, balance, codeHash }]) => {
      return `${name} ${nonce} ${balance} ${bytesToHex(codeHash)}${storage[name] ?? ''}`
    })
    .join('; ')
}

const textOfLog = ([from, topics, data]) => [from, ...topics, data].map((part) => bytesToHex(part)).join(',')

async function carryOut({ pre, message }, traced) {
  const stateManager = new SimpleStateManager({ common })
  await fill(stateManager, pre)
  const evm = await createEVM({ common, stateManager, blockchain })
  if (traced) evm.events.on('step', ({ opcode }) => count(tally.instructions, opcode.name))
  let flawed = false
  const interpret = evm.runInterpreter.bind(evm)
  evm.runInterpreter = async (inner, options) => {
    const result = await interpret(inner, options)
    const output = result.returnValue
    // EIP-3541 is about code that is to be stored; here it is checked also where the init code has reverted.
    flawed ||= inner.isCreate && result.exceptionError?.error === 'revert' && output[0] === 0xef
    return result
  }
  const caller = address(message.from)
  // As a transaction has it: EIP-2929, EIP-3651.
  const precompiles = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((number) => '0x' + number.toString(16).padStart(40, '0'))
  for (const warm of [caller.toString(), block.header.coinbase.toString(), message.to, ...precompiles]) {
    evm.journal.addAlwaysWarmAddress(warm)
  }
  const gasLimit = BigInt(message.gas)
  const { execResult: result } = await evm.runCall({
    block,
    caller,
    origin: caller,
    gasPrice: 11n,
    to: message.kind === 'create' ? undefined : address(message.to),
    isStatic: message.kind === 'static',
    value: BigInt(message.value),
    gasLimit,
    data: hexToBytes(message.data),
  })
  // What a transaction does at its end.
  for (const name of result.selfdestruct?.keys() ?? []) {
    if (!result.createdAddresses.has(name)) continue // EIP-6780
    await stateManager.clearStorage(address(name))
    await stateManager.deleteAccount(address(name))
  }
  await evm.journal.cleanup()
  if (flawed) {
    ++tally.flawed
    return 'flawed'
  }
  const error = (result.exceptionError?.error ?? 'none').split(' at ')[0]
  count(tally.errors, error)
  const outcome = { none: 'success', revert: 'revert' }[error] ?? 'failure'
  // Of a creation that succeeds: the code.
  const output = message.kind === 'create' && outcome === 'success' ? new Uint8Array() : result.returnValue
  const logs = (result.logs ?? []).map(textOfLog).join(' ')
  return `${outcome} gas ${gasLimit - result.executionGasUsed} refund ${result.gasRefund ?? 0n} ` +
    `output ${bytesToHex(output)} logs ${logs} state ${textOf(stateManager)}`
}

const [file, traced] = process.argv.slice(2)
let index = 0
for await (const line of createInterface({ input: createReadStream(file) })) {
  console.log(await carryOut(JSON.parse(line), index < Number(traced ?? 0)))
  ++index
}
console.error(JSON.stringify(tally))
