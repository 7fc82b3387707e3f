// SPDX-License-Identifier: Apache-2.0
//
//   node cases.mjs SEED COUNT
//
// Prints random cases for two EVMs to agree on, a JSON object a line: `pre` is the state before, as in official state
// tests, `message` what is carried out. Programs are mostly valid, with arguments that make a difference.

const CALLER = '0xca00000000000000000000000000000000000001'
const CONTRACTS = ['0xc0', '0xc1', '0xc2'].map((start) => start.padEnd(40, '0') + '02')
const RICH = '0xee00000000000000000000000000000000000003'
const MISSING = '0xdd00000000000000000000000000000000000004'
const ADDRESSES = [CALLER, ...CONTRACTS, RICH, MISSING].map(BigInt)

const UNARY = [0x15, 0x19] // ISZERO, NOT
const BINARY = [1, 2, 3, 4, 5, 6, 7, 0xa, 0xb, 0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1b, 0x1c, 0x1d]
const TERNARY = [8, 9] // ADDMOD, MULMOD
const ENVIRONMENT = [0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
  0x4a, 0x58, 0x59, 0x5a, 0x5f]
const OF_ADDRESS = [0x31, 0x3b, 0x3f] // BALANCE, EXTCODESIZE, EXTCODEHASH

const WORD = 2n ** 256n
const WORDS = [0n, 1n, 2n, 3n, 31n, 32n, 33n, 255n, 256n, 257n, 2n ** 32n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 128n - 1n,
  2n ** 255n - 1n, 2n ** 255n, WORD - 1n, WORD - 2n, WORD - 32n]
// Of bn254: the field's and the group's order, and points of the groups G1 and G2 (EIP-196, EIP-197).
const P = 21888242871839275222246405745257275088696311157297823662689037894645226208583n
const N = 21888242871839275222246405745257275088548364400416034343698204186575808495617n
const G1 = [[1n, 2n], [1n, P - 2n], [0n, 0n], [1n, 3n], [P, 2n],
  [0x030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd3n,
    0x15ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4n]]
const G2 = [0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2n,
  0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6edn,
  0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975bn,
  0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daan]

/** The same numbers for the same seed. */
class Random {
  constructor(seed) {
    this.state = seed | 0
  }

  /** Below `limit`. */
  below(limit) {
    this.state = (this.state + 0x9e3779b9) | 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) % limit
  }

  percent(chance) {
    return this.below(1000) < 10 * chance
  }

  pick(list) {
    return list[this.below(list.length)]
  }

  bytes(count) {
    return Array.from({ length: count }, () => this.below(256))
  }

  number(bytes) {
    return this.bytes(bytes).reduce((value, byte) => value * 256n + BigInt(byte), 0n)
  }

  word() {
    if (this.percent(40)) return BigInt(this.below(40))
    if (this.percent(50)) return this.pick(WORDS)
    if (this.percent(20)) return this.pick(ADDRESSES)
    return this.number(1 + this.below(32))
  }

  /** Of memory or data. */
  offset() {
    if (this.percent(0.1)) return this.word()
    return BigInt(this.percent(2) ? this.below(20000) : this.pick([0, 1, 2, 31, 32, 33, 64, 95, this.below(300)]))
  }

  size() {
    if (this.percent(0.1)) return this.word()
    return BigInt(this.percent(2) ? this.below(5000) : this.pick([0, 1, 5, 20, 31, 32, 33, 64, this.below(200)]))
  }

  address() {
    if (this.percent(15)) return BigInt(this.below(12))
    return this.percent(3) ? this.word() : this.pick(ADDRESSES)
  }

  value() {
    if (this.percent(70)) return 0n
    return this.percent(90) ? BigInt(this.below(20)) : this.word()
  }
}

const hex = (bytes) => '0x' + Buffer.from(bytes).toString('hex')
const quantity = (number) => '0x' + number.toString(16)

/** Code that is written from front to back; where its stack is at is known. */
class Program {
  constructor(random, level) {
    this.random = random
    this.level = level // of programs within programs
    this.code = []
    this.depth = 0
    this.floor = 0 // what a block within must leave on the stack
    this.data = [] // [where its offset is pushed, bytes that follow the code]
  }

  op(byte, inputs, outputs) {
    this.code.push(byte)
    this.depth += outputs - inputs
  }

  push(value) {
    const wide = this.random.percent(3) ? 32 : Math.ceil(value.toString(16).length / 2)
    const size = value === 0n && wide !== 32 ? 0 : wide
    const digits = value.toString(16).padStart(2 * size, '0')
    this.op(0x5f + size, 0, 1)
    if (size > 0) this.code.push(...Buffer.from(digits, 'hex'))
  }

  /** The words will be popped in the order given. */
  pushAll(...values) {
    for (const value of values.reverse()) this.push(value)
  }

  /** An instruction on whatever is on the stack. */
  on(byte, inputs, outputs) {
    while (this.depth - this.floor < inputs) this.push(this.random.word())
    this.op(byte, inputs, outputs)
  }

  pop() {
    this.op(0x50, 1, 0)
  }

  label() {
    this.op(0x5b, 0, 0)
    return this.code.length - 1
  }

  /** Pushes the offset of something that comes later; returns where to write it. */
  pushLater() {
    this.op(0x61, 0, 1)
    this.code.push(0, 0)
    return this.code.length - 2
  }

  write(place, offset) {
    this.code[place] = offset >> 8
    this.code[place + 1] = offset & 255
  }

  /** Copies `bytes`, which will follow the code, to memory. */
  copyData(memory, bytes) {
    this.push(BigInt(bytes.length))
    this.data.push([this.pushLater(), bytes])
    this.push(memory)
    this.op(0x39, 3, 0)
  }

  /** The code with its data behind it. */
  finish() {
    for (const [place, bytes] of this.data) {
      this.write(place, this.code.length)
      this.code.push(...bytes)
    }
    return this.code
  }

  /** Some actions that leave the stack as it is. */
  block() {
    const floor = this.floor
    this.floor = this.depth
    this.actions(1 + this.random.below(5))
    while (this.depth > this.floor) this.pop()
    this.floor = floor
  }

  actions(count) {
    for (let i = 0; i < count; ++i) {
      let choice = this.random.below(TOTAL)
      const [, action] = ACTIONS.find(([weight]) => (choice -= weight) < 0)
      action(this, this.random)
      while (this.depth > 60) this.pop()
    }
  }
}

function storage(program, random) {
  const slot = random.percent(90) ? BigInt(random.below(4)) : random.word()
  const [load, store] = random.percent(75) ? [0x54, 0x55] : [0x5c, 0x5d]
  if (random.percent(40)) {
    program.push(slot)
    program.op(load, 1, 1)
  } else {
    program.pushAll(slot, random.percent(70) ? BigInt(random.below(3)) : random.word())
    program.op(store, 2, 0)
  }
}

function memory(program, random) {
  const byte = random.pick([0x51, 0x52, 0x53]) // MLOAD, MSTORE, MSTORE8
  if (byte !== 0x51 && program.depth === program.floor) program.push(random.word())
  program.push(random.offset())
  program.op(byte, byte === 0x51 ? 1 : 2, byte === 0x51 ? 1 : 0)
}

function copy(program, random) {
  const byte = random.pick([0x37, 0x39, 0x3c, 0x3e, 0x5e]) // CALLDATA, CODE, EXTCODE, RETURNDATA, within memory
  // More than what was returned is an error.
  const ofReturned = byte === 0x3e && random.percent(90)
  program.push(ofReturned ? BigInt(random.below(2)) : random.size())
  program.push(ofReturned ? 0n : random.offset())
  program.push(random.offset())
  if (byte === 0x3c) {
    program.push(random.address())
    program.op(byte, 4, 0)
  } else {
    program.op(byte, 3, 0)
  }
}

function log(program, random) {
  const topics = random.below(5)
  for (let i = 0; i < topics; ++i) program.push(random.word())
  program.pushAll(random.offset(), random.size())
  program.op(0xa0 + topics, 2 + topics, 0)
}

function branch(program, random) {
  if (random.percent(50)) program.push(BigInt(random.below(2)))
  else program.on(random.pick(BINARY), 2, 1)
  const end = program.pushLater()
  program.op(0x57, 2, 0)
  program.block()
  program.write(end, program.label())
}

function loop(program, random) {
  program.push(BigInt(1 + random.below(5)))
  const start = program.label()
  program.block()
  program.push(1n)
  program.op(0x90, 0, 0)
  program.op(0x03, 2, 1)
  program.op(0x80, 0, 1)
  program.push(BigInt(start))
  program.op(0x57, 2, 0)
  program.pop()
}

/** With the input in memory already, or anything that is there. */
function callWith(program, random, address, offset, size) {
  const byte = random.pick([0xf1, 0xf1, 0xf1, 0xf2, 0xf4, 0xfa]) // CALL, CALLCODE, DELEGATECALL, STATICCALL
  program.pushAll(offset, size, random.offset(), random.size())
  const takesValue = byte === 0xf1 || byte === 0xf2
  if (takesValue) program.push(random.value())
  program.push(address)
  if (random.percent(30)) program.op(0x5a, 0, 1)
  else program.push(random.pick([0n, 100n, 2300n, 6000n, 30000n, 30000n, 60000n, 100000n]))
  program.op(byte, takesValue ? 7 : 6, 1)
}

function store(program, offset, words) {
  words.forEach((word, i) => {
    program.pushAll(BigInt(offset + 32 * i), word)
    program.op(0x52, 2, 0)
  })
}

const scalar = (random) => random.pick([0n, 1n, 2n, 9n, N - 1n, N, N + 1n, random.number(32)])

/** Words that precompiled contracts take for their input. */
const INPUTS = {
  1: (random) => [random.number(32), BigInt(26 + random.below(4)), random.number(32), random.number(31)],
  2: (random) => [random.number(32), random.number(32)],
  3: (random) => [random.number(32), random.number(32)],
  4: (random) => [random.number(32), random.number(32)],
  5: (random) => [
    ...Array.from({ length: 3 }, () => (random.percent(4) ? random.word() : BigInt(random.below(40)))),
    ...Array.from({ length: 4 }, () => random.number(32)),
  ],
  6: (random) => [...random.pick(G1), ...random.pick(G1)],
  7: (random) => [...random.pick(G1), scalar(random)],
  8: (random) => {
    if (random.percent(40)) return [1n, 2n, ...G2, 1n, P - 2n, ...G2]
    return random.percent(30) ? [] : [...random.pick(G1), ...G2]
  },
}

/** BLAKE2's compression: 4 bytes of rounds, 208 of state and message, a flag. */
function blake2f(program, random) {
  const input = [0, 0, 0, random.below(20), ...random.bytes(208), random.percent(90) ? random.below(2) : 2]
  program.copyData(0n, input)
  callWith(program, random, 9n, 0n, random.percent(95) ? 213n : 212n)
}

function precompile(program, random) {
  // The pairing takes an EVM in JavaScript a hundred times as long as others.
  const address = random.percent(1) ? 8 : 1 + random.below(7)
  const words = INPUTS[address](random)
  if (random.percent(5) && words.length > 0) words[random.below(words.length)] = random.word()
  store(program, 0, words)
  const size = random.percent(80) ? BigInt(32 * words.length) : random.size()
  callWith(program, random, BigInt(address), random.percent(95) ? 0n : random.offset(), size)
}

/** Code that makes a contract, of what `runtime` is. */
function initCode(random, level, runtime) {
  const program = new Program(random, level)
  if (random.percent(30)) program.actions(random.below(4))
  const code = random.percent(5) ? [0xef, ...runtime] : runtime
  program.copyData(0n, code)
  program.pushAll(0n, random.percent(90) ? BigInt(code.length) : random.size())
  program.op(random.percent(95) ? 0xf3 : 0xfd, 2, 0)
  return program.finish()
}

function create(program, random) {
  if (program.level >= 2) return
  const level = program.level + 1
  const code = random.percent(60) ? initCode(random, level, makeProgram(random, 4, level)) : makeProgram(random, 5, level)
  const offset = random.percent(80) ? 0n : BigInt(random.below(64))
  program.copyData(offset, code)
  const salted = random.percent(50)
  if (salted) program.push(BigInt(random.below(2)))
  program.pushAll(random.value(), offset, random.percent(95) ? BigInt(code.length) : random.size())
  program.op(salted ? 0xf5 : 0xf0, salted ? 4 : 3, 1)
  if (random.percent(60)) {
    program.pushAll(...[random.value(), random.offset(), random.size(), random.offset(), random.size()])
    program.op(0x80 + 5, 0, 1) // the address
    program.op(0x5a, 0, 1)
    program.op(0xf1, 7, 1)
  }
}

/** What mostly fails. */
function wild(program, random) {
  const actions = [
    () => program.on(random.pick([0x56, 0x57]), 1, 0),
    () => program.code.push(random.below(256)),
    () => program.code.push(0x5b, 0x80, 0x61, program.code.length >> 8, program.code.length & 255, 0x56),
    () => program.code.push(...Array.from({ length: 70 }, () => 0x50)),
  ]
  random.pick(actions)()
}

const unaryOf = (byte, argument) => (program, random) => {
  program.push(argument(random))
  program.op(byte, 1, 1)
}

// How often, and what.
const ACTIONS = [
  [10, (program, random) => program.push(random.word())],
  [20, (program, random) => program.on(random.pick(BINARY), 2, 1)],
  [4, (program, random) => program.on(random.pick(UNARY), 1, 1)],
  [4, (program, random) => program.on(random.pick(TERNARY), 3, 1)],
  [6, (program, random) => program.op(random.pick(ENVIRONMENT), 0, 1)],
  [4, (program, random) => unaryOf(random.pick(OF_ADDRESS), () => random.address())(program, random)],
  [2, unaryOf(0x35, (random) => random.offset())], // CALLDATALOAD
  [1, unaryOf(0x40, (random) => BigInt(700 + random.below(310)))], // BLOCKHASH
  [1, unaryOf(0x49, (random) => BigInt(random.below(3)))], // BLOBHASH
  [6, (program, random) => {
    const count = 1 + random.below(16)
    program.on(0x7f + count, count, count + 1) // DUP
  }],
  [6, (program, random) => {
    const count = 1 + random.below(16)
    program.on(0x8f + count, count + 1, count + 1) // SWAP
  }],
  [2, (program) => program.on(0x50, 1, 0)],
  [12, memory],
  [6, copy],
  [3, (program, random) => {
    program.pushAll(random.offset(), random.size())
    program.op(0x20, 2, 1) // KECCAK256
  }],
  [14, storage],
  [4, log],
  [4, branch],
  [2, loop],
  [7, (program, random) => callWith(program, random, random.address(), random.offset(), random.size())],
  [3, precompile],
  [0.3, blake2f],
  [2, create],
  [0.4, wild],
]
const TOTAL = ACTIONS.reduce((sum, [weight]) => sum + weight, 0)

function end(program, random) {
  const ends = [
    () => program.op(0, 0, 0),
    () => program.op(0xfe, 0, 0),
    () => {},
    () => {
      program.push(random.address())
      program.op(0xff, 1, 0)
    },
  ]
  if (random.percent(25)) return random.pick(ends)()
  program.pushAll(random.offset(), random.size())
  program.op(random.percent(80) ? 0xf3 : 0xfd, 2, 0)
}

function makeProgram(random, length, level = 0) {
  if (random.percent(3)) return random.bytes(random.below(60))
  const program = new Program(random, level)
  program.actions(1 + random.below(length))
  end(program, random)
  const code = program.finish()
  if (random.percent(5)) code[random.below(code.length)] = random.below(256)
  return code
}

function makeCase(random) {
  const account = (balance, code = []) => ({ balance: quantity(balance), code: hex(code), nonce: '0x1', storage: {} })
  const pre = { [CALLER]: account(1000000), [RICH]: account(10 ** 6) }
  for (const address of CONTRACTS) {
    pre[address] = account(random.below(100), makeProgram(random, address === CONTRACTS[0] ? 60 : 20))
    for (let slot = 0; slot < random.below(4); ++slot) pre[address].storage[quantity(slot)] = quantity(random.below(4))
  }
  const kind = random.percent(5) ? 'create' : random.percent(5) ? 'static' : 'call'
  const data = kind === 'create' ? initCode(random, 0, makeProgram(random, 10)) : random.bytes(random.below(100))
  const gas = random.percent(12) ? random.below(60000) : random.pick([200000, 1000000, 2000000])
  const value = kind === 'static' ? 0n : random.value() % 1000000n
  const message = { kind, from: CALLER, to: CONTRACTS[0], gas: quantity(gas), value: quantity(value), data: hex(data) }
  return { pre, message }
}

const [seed, count] = process.argv.slice(2).map(Number)
for (let i = 0; i < count; ++i) {
  const line = JSON.stringify(makeCase(new Random(Math.imul(seed, 0x10001) + Math.imul(i, 0x7feb352d))))
  if (!process.stdout.write(line + '\n')) await new Promise((resolve) => process.stdout.once('drain', resolve))
}
