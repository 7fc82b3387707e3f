# SPDX-License-Identifier: Apache-2.0
"""The node's EVM and @ethereumjs/evm carry out the same random programs: gas, refund, output, logs and all accounts are
the same afterwards (tests/differential)."""

import json

import javascript
import pytest
from support import EVM_CASES, FULL, run

CASES = 2000
SEEDS = range(1, 26 if FULL else 2)
TRACED = 300
# Of Cancun: what is executed in the traced cases of the first seed.
INSTRUCTIONS = set("""
    STOP ADD MUL SUB DIV SDIV MOD SMOD ADDMOD MULMOD EXP SIGNEXTEND LT GT SLT SGT EQ ISZERO AND OR XOR NOT BYTE SHL SHR SAR
    KECCAK256 ADDRESS BALANCE ORIGIN CALLER CALLVALUE CALLDATALOAD CALLDATASIZE CALLDATACOPY CODESIZE CODECOPY GASPRICE
    EXTCODESIZE EXTCODECOPY RETURNDATASIZE RETURNDATACOPY EXTCODEHASH BLOCKHASH COINBASE TIMESTAMP NUMBER PREVRANDAO
    GASLIMIT CHAINID SELFBALANCE BASEFEE BLOBHASH BLOBBASEFEE POP MLOAD MSTORE MSTORE8 SLOAD SSTORE JUMP JUMPI PC MSIZE GAS
    JUMPDEST TLOAD TSTORE MCOPY CREATE CALL CALLCODE RETURN DELEGATECALL CREATE2 STATICCALL REVERT INVALID SELFDESTRUCT
""".split()) | {f"PUSH{n}" for n in range(33)} | {f"{name}{n}" for name in ("DUP", "SWAP") for n in range(1, 17)} | {
    f"LOG{n}" for n in range(5)}
ERRORS = {"none", "revert", "out of gas", "stack underflow", "stack overflow", "invalid JUMP", "invalid opcode",
          "static state change"}


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    return javascript.prepared("differential", tmp_path_factory.mktemp("differential"))


@pytest.fixture(scope="module")
def first(scripts):
    return carried_out(scripts, SEEDS[0], TRACED)


def carried_out(scripts, seed, traced=0):
    """The cases of a seed in a file, what both made of them, and what the other one counted."""
    file = scripts / f"cases-{seed}"
    file.write_text(javascript.node(scripts / "cases.mjs", str(seed), str(CASES), check=True).out)
    theirs = javascript.node(scripts / "ethereumjs.mjs", file, str(traced), check=True, timeout=1200)
    ours = run([EVM_CASES, file], check=True)
    return file, ours.out.splitlines(), theirs.out.splitlines(), json.loads(theirs.err)


def differences(ours, theirs):
    assert len(ours) == len(theirs) == CASES
    return [number for number, (a, b) in enumerate(zip(ours, theirs)) if a != b and b != "flawed"]


@pytest.mark.parametrize("seed", SEEDS)
def test_both_agree(scripts, first, seed):
    file, ours, theirs, counts = first if seed == SEEDS[0] else carried_out(scripts, seed)
    assert counts["flawed"] < CASES / 100
    wrong = differences(ours, theirs)
    assert wrong == [], f"case {wrong[0]} of {file}:\n{ours[wrong[0]]}\n{theirs[wrong[0]]}"
    if seed != SEEDS[0]:
        file.unlink()


def test_programs_reach_everything(first):
    _, ours, _, counts = first
    assert ERRORS <= counts["errors"].keys()
    assert counts["errors"]["none"] > CASES / 3
    assert INSTRUCTIONS <= counts["instructions"].keys()
    for word in (" logs 0x", " refund 4800", "; 0x", "=1", "output 0x0"):
        assert any(word in line for line in ours), word


def test_a_difference_is_seen(first, tmp_path):
    """A little more gas for one case, and one value of another's storage."""
    file, _, theirs, _ = first
    lines = file.read_text().splitlines()
    changed = [number for number, line in enumerate(theirs) if line.startswith("success")][:2]
    more_gas, more_storage = (json.loads(lines[number]) for number in changed)
    more_gas["message"]["gas"] = hex(int(more_gas["message"]["gas"], 16) + 1)
    more_storage["pre"]["0xee00000000000000000000000000000000000003"]["storage"]["0x9"] = "0x1"
    for number, case in zip(changed, (more_gas, more_storage)):
        lines[number] = json.dumps(case)
    other = tmp_path / "cases"
    other.write_text("\n".join(lines) + "\n")
    assert differences(run([EVM_CASES, other], check=True).out.splitlines(), theirs) == changed


def test_unreadable_cases(tmp_path):
    assert "usage" in run([EVM_CASES]).expect(2).err
    assert "evm_cases: " in run([EVM_CASES, tmp_path]).expect(2).err
    (tmp_path / "broken").write_text("{\n")
    assert "evm_cases: " in run([EVM_CASES, tmp_path / "broken"]).expect(2).err
