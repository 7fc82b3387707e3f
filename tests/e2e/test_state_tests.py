# SPDX-License-Identifier: Apache-2.0
"""The official state tests of Ethereum, of the Cancun revision: tests/vectors/GeneralStateTests."""

import json
import re
import shutil

import pytest
from support import STATE_TESTS, run
from test_ethereum_vectors import COPIES, unpacked

SUITE = "GeneralStateTests"


@pytest.fixture(scope="module")
def official(tmp_path_factory):
    return unpacked(tmp_path_factory.mktemp("ethereum-tests"), SUITE) / SUITE


def counts(result):
    """How many passed, failed and were excluded."""
    return [int(count) for count in re.search(r"^all +(\d+) +(\d+) +(\d+)$", result.out, re.M).groups()]


def test_all_pass(official):
    result = run([STATE_TESTS, official], check=True, timeout=900)
    passed, failed, excluded = counts(result)
    assert passed > 12_000 and failed == 0
    # Named, each with the one reason that there may be.
    named = re.findall(r"^excluded (.*)$", result.out, re.M)
    assert 0 < len(named) <= excluded and all(name.endswith(" (type 3)") for name in named)


def test_copies():
    assert counts(run([STATE_TESTS, COPIES / SUITE], check=True)) == [10, 0, 0]


@pytest.mark.parametrize("what", ["hash", "logs"])
def test_a_failure_is_named(what, tmp_path):
    file = tmp_path / "add11.json"
    shutil.copy(COPIES / SUITE / "stExample/add11.json", file)
    content = json.loads(file.read_text())
    (test,) = content.values()
    test["post"]["Cancun"][0][what] = "0x" + "12" * 32
    file.write_text(json.dumps(content))
    result = run([STATE_TESTS, file]).expect(1)
    assert counts(result) == [0, 1, 0]
    assert f"FAILED {file} " in result.out


def test_a_transaction_that_should_be_rejected_fails(tmp_path):
    file = tmp_path / "add11.json"
    content = json.loads((COPIES / SUITE / "stExample/add11.json").read_text())
    (test,) = content.values()
    test["post"]["Cancun"][0]["expectException"] = "TransactionException.INSUFFICIENT_ACCOUNT_FUNDS"
    file.write_text(json.dumps(content))
    assert "expected otherwise" in run([STATE_TESTS, file]).expect(1).out


def test_nothing_to_run_is_no_success(tmp_path):
    assert "no state test of Cancun" in run([STATE_TESTS, tmp_path]).expect(2).err
    (tmp_path / "broken.json").write_text("{")
    assert "state_tests: " in run([STATE_TESTS, tmp_path]).expect(2).err
    assert "usage" in run([STATE_TESTS]).expect(2).err
