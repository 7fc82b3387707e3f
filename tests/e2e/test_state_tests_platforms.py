# SPDX-License-Identifier: Apache-2.0
"""The official state tests, by the node's EVM as it is compiled for other platforms, under user emulation.

Each root and each hash of logs is the one in the test's own file, so all platforms agree. One is big-endian, one has
32 bits, one is of neither kind.
"""

import hashlib
import itertools
import json

import pytest
from support import PLATFORMS, SOURCE, by_name, run
from test_ethereum_tests import COPIES, EXAMPLE, changed, counts, post_of, unpacked

EMULATED = [platform for platform in PLATFORMS if platform.name in ("linux/s390x", "linux/arm/v7", "linux/ppc64le")]
SUITE = "GeneralStateTests"
LEAST = 1_000
# Of one file: so that a few large ones do not make up the sample.
MOST_OF_A_FILE = 50
# Minutes under emulation, for loops whose every operation others have tested.
TOO_LONG = "vmPerformance"


def posts_of(file):
    return sum(len(test["post"].get("Cancun", ())) for test in json.loads(file.read_text()).values())


def sample_of(suite):
    """Files with `LEAST` posts or some more: of each folder one, then of each another, and so on. The same ones each time,
    in no order that their names tell; and how many posts that is."""
    folders = {}
    for file in suite.rglob("*.json"):
        if file.parent.name != TOO_LONG:
            folders.setdefault(file.parent, []).append(file)
    for files in folders.values():
        files.sort(key=lambda file: hashlib.sha256(str(file.relative_to(suite)).encode()).digest())
    chosen, posts = [], 0
    for row in itertools.zip_longest(*(folders[folder] for folder in sorted(folders))):
        for file in filter(None, row):
            count = posts_of(file)
            # Blob transactions are refused by this chain.
            if 0 < count <= MOST_OF_A_FILE and "maxFeePerBlobGas" not in file.read_text():
                chosen.append(file)
                posts += count
        if posts >= LEAST:
            return chosen, posts
    raise AssertionError(f"{suite} has no {LEAST} posts")


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return sample_of(unpacked(tmp_path_factory.mktemp("ethereum-tests"), SUITE) / SUITE)


def run_emulated(platform, *files):
    return run([f"qemu-{platform.qemu}-static", SOURCE / "build" / platform.folder / "tests/ethereum_tests", *files],
               timeout=1800)


@pytest.mark.parametrize("platform", EMULATED, ids=by_name)
def test_sample(platform, sample):
    files, posts = sample
    assert counts(run_emulated(platform, *files).expect()) == [posts, 0, 0]


@pytest.mark.parametrize("platform", EMULATED, ids=by_name)
def test_copies(platform):
    assert counts(run_emulated(platform, COPIES / SUITE).expect()) == [10, 0, 0]


@pytest.mark.parametrize("platform", EMULATED, ids=by_name)
def test_a_failure_shows(platform, tmp_path):
    file = changed(EXAMPLE, lambda tests: post_of(tests).update(hash="0x" + "12" * 32), tmp_path)
    assert counts(run_emulated(platform, file).expect(1)) == [0, 1, 0]
