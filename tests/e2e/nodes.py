# SPDX-License-Identifier: Apache-2.0
"""Running nodes, and what they are asked."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from ethereum import address_of, keccak256, transfer
from support import HANGS, PATH, SOURCE

NODE = Path(os.environ.get("PIXELZX_NODE") or SOURCE / "build/host/node/pixelzx")
DEV_KEY = int.from_bytes(keccak256(b"PIXELZX development account"), "big")
DEV_ADDRESS = address_of(DEV_KEY)
DEV_CHAIN = 1337
OTHER = "0x3535353535353535353535353535353535353535"
LISTENS = re.compile(r"JSON-RPC on \S+ port (\d+), metrics on \S+ port (\d+)")


def wait_for(what, is_there, pause=0.005):
    """What `is_there` returns, once that is something."""
    end = time.monotonic() + HANGS
    while time.monotonic() < end:
        found = is_there()
        if found:
            return found
        time.sleep(pause)
    raise AssertionError(f"waited in vain for {what}")


def fetch(port, path="/", body=None):
    """Status and text of an answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body and body.encode(),
                                     {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=HANGS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class RpcError(Exception):
    pass


class Running:
    """A `process`, which subclasses start. `with` kills what was not stopped."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def kill(self, number=signal.SIGKILL):
        self.process.send_signal(number)
        return self.process.wait(HANGS)

    def stop(self):
        """As an engine does; returns the exit status."""
        return self.kill(signal.SIGTERM)


class RunningNode(Running):
    """`pixelzx start` on free ports, its log in a file. `program`: the node's, or a launcher with a bundle."""

    def __init__(self, log, *arguments, program=NODE, env=None, world=(), ready=True):
        self.log_file = Path(log)
        command = [*world, program, "start", "--rpc-port=0", "--metrics-port=0", *arguments]
        with open(self.log_file, "ab") as file:
            self.before = file.tell()
            self.process = subprocess.Popen(
                [os.fspath(word) for word in command], env={"PATH": PATH, **(env or {})}, stdin=subprocess.DEVNULL,
                stdout=file, stderr=file)
        if ready:
            self.rpc_port, self.metrics_port = map(int, self.wait_for_log(LISTENS).groups())

    @property
    def url(self):
        return f"http://127.0.0.1:{self.rpc_port}"

    def log(self):
        """Of this start."""
        return self.log_file.read_bytes()[self.before:].decode()

    def wait_for_log(self, pattern):
        def look():
            found = re.search(pattern, self.log())
            assert found or self.process.poll() is None, f"status {self.process.returncode}\n{self.log()}"
            return found

        return wait_for(pattern, look)

    def rpc(self, method, *params):
        status, text = fetch(self.rpc_port, body=json.dumps(
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
        assert status == 200, text
        answer = json.loads(text)
        if "error" in answer:
            raise RpcError(answer["error"]["message"])
        return answer["result"]

    def head(self):
        return self.rpc("eth_getBlockByNumber", "latest", False)

    def receipt(self, transaction):
        """Waits until the transaction is part of the chain."""
        return wait_for(transaction, lambda: self.rpc("eth_getTransactionReceipt", transaction))


def send(node, nonce, to=OTHER, value=1):
    """Sends from the account of development. Returns the transaction's hash."""
    raw, digest = transfer(DEV_KEY, nonce, to, value, DEV_CHAIN)
    assert node.rpc("eth_sendRawTransaction", raw) == digest
    return digest
