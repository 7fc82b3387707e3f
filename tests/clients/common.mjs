// SPDX-License-Identifier: Apache-2.0
//
// What the scripts of the three clients share: their arguments (the node's URL, a key with funds, the chain's id), the
// compiled contract, and what each of them must see.
import assert from 'node:assert'
import { readFileSync } from 'node:fs'

export const [url, key, chainId] = process.argv.slice(2)
export const token = JSON.parse(readFileSync(new URL('token.json', import.meta.url)))

export const SUPPLY = 1000000n
export const AMOUNT = 250n
export const RECIPIENT = '0x00000000000000000000000000000000000bEEf1'
/** One slot of one account: EIP-2930 has 2400 and 1900 gas for them. */
export const ACCESS_LIST = [{ address: RECIPIENT, storageKeys: ['0x' + '00'.repeat(32)] }]
export const MAX_FEE = 50n * 10n ** 9n
export const PRIORITY_FEE = 10n ** 9n

const EXPECTED = {
  chainId: BigInt(chainId ?? 0),
  token: ['Test token', 'TST', 18n, SUPPLY],
  codeIsTheCompiled: true,
  balances: [SUPPLY - AMOUNT, AMOUNT],
  estimateIsEnough: true,
  estimateIsClose: true,
  eventOfReceipt: [RECIPIENT, AMOUNT],
  eventsByFilter: [[RECIPIENT, AMOUNT]],
  eventsOfOthers: 0,
  tooMuch: ['ERC20InsufficientBalance', SUPPLY - AMOUNT, SUPPLY],
  reason: 'refused',
  panic: 17n,
  failedOnChain: [false, true],
  // Type, gas, and whether it was paid for as offered.
  transfers: [[0n, 21000n, true], [1n, 25300n, true], [2n, 21000n, true]],
  wrongNonce: true,
  received: 3n,
  block: { parent: true, hash: true, transactions: true, bloom: true, gas: true },
  sender: true,
  nonces: true,
  confirmed: true,
  batch: true,
  feeHistory: [4, 3, true],
  proof: { balance: true, slot: SUPPLY - AMOUNT, rootIsTheBlocks: true },
}

const withoutBigInts = (_, value) => (typeof value === 'bigint' ? value.toString() : value)

/** Prints what a client has seen. Ends with an error when that is not as expected. */
export function finish(seen) {
  console.log(JSON.stringify(seen, withoutBigInts, 2))
  assert.deepStrictEqual(seen, EXPECTED)
  process.exit() // whatever still polls
}

/** The error that `promise` must end with. */
export async function failureOf(promise) {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('something worked that must fail')
}
