// SPDX-License-Identifier: Apache-2.0
//
//   node compile.mjs TOKEN.SOL
//
// Prints the ABI and the code of the contract, as JSON.
import { readFileSync } from 'node:fs'

import solc from 'solc'

const input = {
  language: 'Solidity',
  sources: { 'Token.sol': { content: readFileSync(process.argv[2], 'utf8') } },
  settings: {
    evmVersion: 'cancun',
    optimizer: { enabled: true },
    outputSelection: { 'Token.sol': { Token: ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
  },
}
const readImport = (path) => ({ contents: readFileSync(new URL(`node_modules/${path}`, import.meta.url), 'utf8') })
const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport }))
if (output.errors) throw new Error(output.errors.map((error) => error.formattedMessage).join('\n'))
const { abi, evm } = output.contracts['Token.sol'].Token
console.log(JSON.stringify({ abi, bytecode: '0x' + evm.bytecode.object, deployed: '0x' + evm.deployedBytecode.object }))
