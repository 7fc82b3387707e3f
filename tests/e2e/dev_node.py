# SPDX-License-Identifier: Apache-2.0
"""A node for development, `pixelzx start --dev`, which makes a block of each transaction at once."""

import json
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from support import HANGS, PATH


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class DevNode:
    """Runs while the context lasts. `program`: a launcher with a bundle, or a node's program."""

    def __init__(self, program, folder, *options, env=None):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "log"
        self.command = [program, "start", "--dev", "--datadir", folder / "data", "--rpc-port", str(self.port),
                        "--metrics-port", str(free_port()), *options]
        self.environment = {"PATH": PATH, **(env or {})}

    def __enter__(self):
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        try:
            self.wait_until_it_answers()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(HANGS)
        finally:
            self.process.kill()

    def wait_until_it_answers(self):
        deadline = time.monotonic() + HANGS
        while True:
            assert self.process.poll() is None, f"status {self.process.returncode}\n{self.log.read_text()}"
            try:
                self.chain_id = int(self.call("eth_chainId"), 16)
                return
            except (urllib.error.URLError, ConnectionError):
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.02)

    @property
    def key(self):
        """Of the account with the money, as the log tells it."""
        return re.search(r"private key (0x[0-9a-f]{64})", self.log.read_text())[1]

    def call(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=HANGS) as response:
            answer = json.load(response)
        assert "error" not in answer, answer
        return answer["result"]
