# SPDX-License-Identifier: Apache-2.0
"""The official tests of Ethereum for RLP, the trie, transactions and key files: tests/vectors."""

import json
import shutil
import tarfile

import pytest
from support import SOURCE, VECTORS, run

SUITES = {"rlp": "RLPTests", "trie": "TrieTests", "transaction": "TransactionTests", "keystore": "KeyStoreTests"}
COPIES = SOURCE / "tests/vectors"
ARCHIVE = SOURCE.parent / "shared/ethereum-tests.tar.xz"


def unpacked(folder, suites):
    """The folder, with these suites of the official tests in it."""
    if not ARCHIVE.exists():
        pytest.skip("no shared/ethereum-tests.tar.xz beside the repository: only the copies in tests/vectors are run")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, [member for member in archive
                                    if member.name.removeprefix("./").startswith(suites)])
    return folder


@pytest.fixture(scope="module")
def official(tmp_path_factory):
    """The folder of all of them."""
    return unpacked(tmp_path_factory.mktemp("ethereum-tests"), tuple(SUITES.values()))


@pytest.mark.parametrize("suite", SUITES)
def test_official(suite, official):
    print(run([VECTORS, suite, official], check=True).out)


@pytest.mark.parametrize("suite", SUITES)
def test_copies(suite):
    print(run([VECTORS, suite, COPIES], check=True).out)


def test_a_failure_is_named(tmp_path):
    shutil.copytree(COPIES / "RLPTests", tmp_path / "RLPTests")
    file = tmp_path / "RLPTests/rlptest.json"
    content = json.loads(file.read_text())
    content["shortstring"]["out"] = "0x83646f66"
    file.write_text(json.dumps(content))
    result = run([VECTORS, "rlp", tmp_path]).expect(1)
    assert "FAILED rlptest.json shortstring: encoded to 83646f67" in result.out


def test_nothing_to_run_is_no_success(tmp_path):
    assert "no tests in" in run([VECTORS, "rlp", tmp_path]).expect(2).err
    assert "usage" in run([VECTORS, "abi", tmp_path]).expect(2).err
