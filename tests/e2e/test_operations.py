# SPDX-License-Identifier: Apache-2.0
"""What docs/operations.md promises to those who keep a node for years: it is upgraded while it runs, goes back to the old
version, and its data move between machines of all platforms."""

import os
import threading

import bare_metal
import pytest
import support
from nodes import DEV_ADDRESS, OTHER, RunningNode, fetch, send, wait_for
from support import FOREIGN, NATIVE, PLATFORMS, by_name, run

BIG_ENDIAN, SMALL = (next(p for p in PLATFORMS if p.name == name) for name in ("linux/s390x", "linux/arm/v7"))


def confirm(node, nonce):
    """Sends one wei from the account of development, and waits for its block. Returns the hashes of both."""
    digest = send(node, nonce)
    return digest, node.receipt(digest)["blockHash"]


def emulated(platform):
    """The front of a command that is for another platform."""
    return [] if platform is NATIVE else [f"qemu-{platform.qemu}-static"]


def moved(data, place):
    """A copy of a data directory, as it comes out of an archive on another machine."""
    run(["tar", "-C", data, "-cf", f"{place}.tar", "."], check=True)
    place.mkdir()
    run(["tar", "-C", place, "-xf", f"{place}.tar"], check=True)
    return place


def test_data_move_between_all_platforms(tmp_path):
    """The chain grows on each, and everything is as the one before has left it, the state too, byte by byte."""
    data, head, receipts = tmp_path / "begun", None, {}
    for round_, platform in enumerate([NATIVE, *FOREIGN, NATIVE]):
        with RunningNode(tmp_path / "log", "--dev", "--datadir", data, program=platform.node, world=emulated(platform)) as node:
            assert f'platform="{platform.name}"' in fetch(node.metrics_port, "/metrics")[1]
            if head:
                assert node.head() == head  # with the root of the state
            for digest, block in receipts.items():
                assert node.rpc("eth_getTransactionReceipt", digest)["blockHash"] == block
            assert int(node.rpc("eth_getBalance", OTHER, "latest"), 16) == len(receipts)
            for nonce in range(len(receipts), len(receipts) + 2):
                digest, block = confirm(node, nonce)
                receipts[digest] = block
            head = node.head()
            assert node.stop() == 0
        data = moved(data, tmp_path / f"{round_}-{platform.folder}")
    # Nothing of it was believed: all blocks are executed once more, on this machine.
    run([NATIVE.node, "export", tmp_path / "blocks", "--datadir", data]).expect()
    run([NATIVE.node, "init", "--datadir", tmp_path / "again", "--genesis", data / "genesis.json"]).expect()
    done = run([NATIVE.node, "import", tmp_path / "blocks", "--datadir", tmp_path / "again"]).expect()
    assert head["hash"] in done.out


@pytest.mark.parametrize("platform", [p for p in (BIG_ENDIAN, SMALL) if p is not NATIVE], ids=by_name)
def test_a_validator_moves(platform, tmp_path):
    """A chain of its own, there and back: the key file is opened on the other machine."""
    data, password = tmp_path / "data", tmp_path / "password"
    password.write_text("correct horse\n")
    run([NATIVE.node, "account", "new", "--datadir", data, "--password-file", password]).expect()
    run([NATIVE.node, "init", "--network", "testnet", "--datadir", data, "--alloc", f"{OTHER}=1"]).expect()
    chain = []
    for place in (NATIVE, platform, NATIVE):
        with RunningNode(tmp_path / "log", "--datadir", data, "--password-file", password, program=place.node,
                         world=emulated(place)) as node:
            for number, block in enumerate(chain):
                assert node.rpc("eth_getBlockByNumber", hex(number), False) == block
            wait_for("a block", lambda: int(node.head()["number"], 16) > len(chain))
            chain = [node.rpc("eth_getBlockByNumber", hex(number), False)
                     for number in range(int(node.head()["number"], 16) + 1)]
            assert node.stop() == 0
        data = moved(data, tmp_path / f"{len(chain)}-{place.folder}")
    assert len({block["miner"] for block in chain[1:]}) == 1


# ---- upgrades ----


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    """The tarball of what was built, unpacked, and that of a version after it, whose program is another file."""
    folder = tmp_path_factory.mktemp("releases")
    trees = []
    for name, bundle in (("old", support.BUNDLE), ("new", bare_metal.native_bundle(folder / "next.bundle", "1.0.1"))):
        bare_metal.pack_tarball(folder / f"{name}.tar.gz", bundle, files=bare_metal.FILES).expect()
        trees.append(bare_metal.unpacked(folder / f"{name}.tar.gz", folder / name))
    return trees


def program_of(node):
    """The file that a running node is."""
    return os.readlink(f"/proc/{node.process.pid}/exe")


def test_upgrade_and_back(releases, tmp_path):
    """While clients send transactions. The running node is not touched; the next start is of the new version, and one command
    brings the old one back. Nothing confirmed is lost, and no file of another version stays."""
    old, new = releases
    prefix, confirmed = tmp_path / "prefix", []

    def install(tree, place=prefix):
        return run([tree / "install.sh", "--yes", "--prefix", place]).expect()

    def start():
        node = RunningNode(tmp_path / "log", "--dev", "--datadir", tmp_path / "data", program=prefix / "bin/pixelzx")
        for digest, block in confirmed:
            assert node.rpc("eth_getTransactionReceipt", digest)["blockHash"] == block
        return node

    def load(node, ended):
        while not ended.is_set():
            confirmed.append(confirm(node, len(confirmed)))

    def installed_under_load(tree):
        """Returns the program of the node that ran meanwhile."""
        with start() as node:
            ended, before = threading.Event(), len(confirmed)
            client = threading.Thread(target=load, args=(node, ended))
            client.start()
            try:
                wait_for("a transaction", lambda: len(confirmed) > before)
                install(tree)
                during = len(confirmed)
                wait_for("a transaction after it", lambda: len(confirmed) > during)
            finally:
                ended.set()
                client.join()
            program = program_of(node)
            assert node.stop() == 0
        return program

    install(old)
    first = installed_under_load(new)
    second = installed_under_load(old)
    assert first.endswith(" (deleted)") and second.endswith(" (deleted)") and first != second
    with start() as node:
        assert f"{program_of(node)} (deleted)" == first
        assert len(confirmed) == int(node.rpc("eth_getTransactionCount", DEV_ADDRESS, "latest"), 16)
        assert node.stop() == 0
    install(old, tmp_path / "fresh")
    assert bare_metal.tree(prefix).keys() == bare_metal.tree(tmp_path / "fresh").keys()
