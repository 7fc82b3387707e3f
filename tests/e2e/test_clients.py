# SPDX-License-Identifier: Apache-2.0
"""ethers, viem and web3.js with the node, which the launcher starts from the bundle: a token by OpenZeppelin, compiled by
solc-js, is deployed and used (tests/clients; common.mjs has what each client must see)."""

import json

import javascript
import pytest
from nodes import DEV_CHAIN, DEV_KEY, RunningNode
from support import BUNDLE, SOURCE, Installation

CLIENTS = ["ethers", "viem", "web3"]


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    folder = javascript.prepared("clients", tmp_path_factory.mktemp("clients"))
    compiled = javascript.node(folder / "compile.mjs", SOURCE / "tests/clients/Token.sol", check=True)
    (folder / "token.json").write_text(compiled.out)
    return folder


@pytest.fixture(scope="module")
def dev_node(tmp_path_factory):
    folder = tmp_path_factory.mktemp("node")
    installation = Installation(folder, BUNDLE)
    with RunningNode(folder / "log", "--dev", "--datadir", folder / "data", program=installation.launcher,
                     env={"PIXELZX_CACHE": str(installation.cache)}) as node:
        yield node


def arguments(node, chain=DEV_CHAIN):
    return node.url, f"0x{DEV_KEY:064x}", str(chain)


@pytest.mark.parametrize("client", CLIENTS)
def test_client(scripts, dev_node, client):
    seen = json.loads(javascript.node(scripts / f"{client}.mjs", *arguments(dev_node), check=True).out)
    assert seen["tooMuch"][0] == "ERC20InsufficientBalance"
    assert int(dev_node.rpc("eth_blockNumber"), 16) > 5


def test_what_a_client_does_not_expect_is_a_failure(scripts, dev_node):
    result = javascript.node(scripts / "ethers.mjs", *arguments(dev_node, DEV_CHAIN + 1))
    assert result.status == 1 and "ERR_ASSERTION" in result.err
