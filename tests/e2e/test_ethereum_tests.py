# SPDX-License-Identifier: Apache-2.0
"""The official tests of Ethereum for RLP, tries, transactions, key files and, of the Cancun revision, states: tests/vectors."""

import json
import re
import shutil
import tarfile

import pytest
from support import ETHEREUM_TESTS, SOURCE, run

SUITES = ["RLPTests", "TrieTests", "TransactionTests", "KeyStoreTests", "GeneralStateTests"]
COPIES = SOURCE / "tests/vectors"
ARCHIVE = SOURCE.parent / "shared/ethereum-tests.tar.xz"
EXAMPLE = COPIES / "GeneralStateTests/stExample/add11.json"


def unpacked(folder, *suites):
    """The folder, with these suites of the official tests in it."""
    if not ARCHIVE.exists():
        pytest.skip("no shared/ethereum-tests.tar.xz beside the repository: only the copies in tests/vectors are run")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, [member for member in archive
                                    if member.name.removeprefix("./").startswith(suites)])
    return folder


def counts(result):
    """How many passed, failed and were excluded."""
    return [int(count) for count in re.search(r"^all +(\d+) +(\d+) +(\d+)$", result.out, re.M).groups()]


def test_all_pass(tmp_path):
    result = run([ETHEREUM_TESTS, unpacked(tmp_path, *SUITES)], check=True, timeout=900)
    passed, failed, excluded = counts(result)
    assert passed > 12_700 and failed == 0
    # Named, each with its reason.
    named = re.findall(r"^excluded .*: (.*)$", result.out, re.M)
    assert 0 < len(named) == excluded and set(named) == {"type 3"}
    assert re.findall(r"^no test for the node: .*/(.*)$", result.out, re.M) == ["trietestnextprev.json"]


@pytest.mark.parametrize("suite", SUITES)
def test_copies(suite):
    passed, failed, excluded = counts(run([ETHEREUM_TESTS, COPIES / suite], check=True))
    assert passed > 0 and (failed, excluded) == (0, 0)


def changed(file, change, folder):
    """A copy in the folder, with the tests changed."""
    tests = json.loads(file.read_text())
    change(tests)
    copy = folder / file.name
    copy.write_text(json.dumps(tests))
    return copy


def post_of(tests):
    (test,) = tests.values()
    return test["post"]["Cancun"][0]


@pytest.mark.parametrize("file, change, line", [
    (COPIES / "RLPTests/rlptest.json", lambda tests: tests["shortstring"].update(out="0x83646f66"),
     "shortstring: encoded to 83646f67"),
    (COPIES / "TrieTests/trietest.json", lambda tests: tests["jeff"].update(root="0x" + "12" * 32), "jeff: root 0x"),
    (COPIES / "KeyStoreTests/basic_tests.json", lambda tests: tests["test1"].update(priv="12" * 32), "test1: another key"),
    (EXAMPLE, lambda tests: post_of(tests).update(hash="0x" + "12" * 32), "state root 0x"),
    (EXAMPLE, lambda tests: post_of(tests).update(logs="0x" + "12" * 32), "logs;"),
    (EXAMPLE, lambda tests: post_of(tests).update(expectException="TransactionException.NONCE_TOO_LOW"),
     "expected otherwise"),
    (EXAMPLE, lambda tests: post_of(tests).pop("indexes"), "indexes"),
])
def test_a_failure_is_named(file, change, line, tmp_path):
    copy = changed(file, change, tmp_path)
    result = run([ETHEREUM_TESTS, tmp_path]).expect(1)
    assert counts(result)[1] == 1
    assert re.search(rf"^FAILED {copy} .*{line}", result.out, re.M), result.out


def test_nothing_to_run_is_no_success(tmp_path):
    assert "nothing to run" in run([ETHEREUM_TESTS, tmp_path]).expect(2).err
    (tmp_path / "other.json").write_text('{"test": {"input": 1}}')
    result = run([ETHEREUM_TESTS, tmp_path]).expect(2)
    assert f"no test for the node: {tmp_path}/other.json" in result.out
    (tmp_path / "broken.json").write_text("{")
    assert f"{tmp_path}/broken.json: " in run([ETHEREUM_TESTS, tmp_path]).expect(2).err
    assert "usage" in run([ETHEREUM_TESTS]).expect(2).err
