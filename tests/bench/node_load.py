# SPDX-License-Identifier: Apache-2.0
"""Figures of a node: transfers a second from end to end, requests of JSON-RPC a second, start to first answer, and how long
the blocks with those transfers take to be imported.

    node_load.py PROGRAM [OPTION...]      of a node that is started for this: a launcher with a bundle, or a node's program
    node_load.py --url URL --key KEY ...  of one that runs, with the key of an account with money

Transfers are signed before (presign.cc), by many accounts, and sent by eth_sendRawTransaction, in batches over several
connections; the time ends when the last one is in a block. Requests come from wrk.
"""

import argparse
import contextlib
import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from nodes import DEV_KEY, RunningNode  # noqa: E402
from support import SOURCE, run  # noqa: E402

PRESIGN = SOURCE / "build/host/tests/presign"
# SLOAD and MSTORE, as what a contract would answer, without one.
CODE = "0x5f545f5260205ff3"
SOMEBODY = "0x" + "00" * 19 + "ff"
REQUESTS = {"eth_blockNumber": [], "eth_getBalance": [SOMEBODY, "latest"], "eth_call": [{"data": CODE}, "latest"]}


class Connection:
    """One that is kept."""

    def __init__(self, url):
        place = urllib.parse.urlsplit(url)
        self.http = http.client.HTTPConnection(place.hostname, place.port)

    def post(self, body):
        self.http.request("POST", "/", body, {"Content-Type": "application/json"})
        return json.loads(self.http.getresponse().read())

    def call(self, method, *params):
        answer = self.post(request(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    def number(self, method, *params):
        return int(self.call(method, *params), 16)


def request(method, params, number=1):
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def batches(transactions, size):
    """Bodies of requests, made beforehand."""
    for start in range(0, len(transactions), size):
        calls = [request("eth_sendRawTransaction", [raw], i) for i, raw in enumerate(transactions[start:start + size])]
        yield f"[{','.join(calls)}]"


def send(url, bodies):
    connection = Connection(url)
    for body in bodies:
        for answer in connection.post(body):
            assert "error" not in answer, answer


def wait_for_transactions(connection, block, count):
    """Until so many are in blocks after `block`; returns in how many blocks."""
    blocks = 0
    while count > 0:
        found = connection.call("eth_getBlockTransactionCountByNumber", hex(block + 1))
        if found is None:
            time.sleep(0.005)
            continue
        block += 1
        blocks += found != "0x0"
        count -= int(found, 16)
    return blocks


def transfers(url, key, options):
    connection = Connection(url)
    sender = options.sender
    words = [key, connection.number("eth_chainId"), connection.number("eth_getTransactionCount", sender, "latest"),
             options.accounts, options.transfers]
    signed = run([PRESIGN, *map(str, words)], check=True, timeout=None).out.split()
    funding, load = signed[:options.accounts], signed[options.accounts:]
    before = connection.number("eth_blockNumber")
    send(url, batches(funding, options.batch))
    wait_for_transactions(connection, before, options.accounts)

    # Each account's transactions go over one connection, in their order.
    lanes = [[] for _ in range(options.connections)]
    for i, raw in enumerate(load):
        lanes[i % options.accounts % options.connections].append(raw)
    bodies = [list(batches(lane, options.batch)) for lane in lanes]
    before = connection.number("eth_blockNumber")
    threads = [threading.Thread(target=send, args=(url, lane)) for lane in bodies]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    blocks = wait_for_transactions(connection, before, options.transfers)
    taken = time.monotonic() - begin
    for thread in threads:
        thread.join()
    print(f"{options.transfers / taken:10.0f} transfers/s: {options.transfers} in {taken:.2f} s, {blocks} blocks")


def requests(url, options):
    for method, params in REQUESTS.items():
        assert Connection(url).call(method, *params).startswith("0x")
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            body = request(method, params)
            script.write(f"wrk.method, wrk.body = 'POST', '{body}'\nwrk.headers['Content-Type'] = 'application/json'\n")
            script.flush()
            command = ["wrk", "-t1", f"-c{options.connections}", f"-d{options.seconds}", "--latency", "-s", script.name, url]
            report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert "Non-2xx" not in report and "Socket errors" not in report, report
        lines = {words[0]: words[1] for words in map(str.split, report.splitlines()) if len(words) > 1}
        print(f"{float(lines['Requests/sec:']):10.0f} requests/s: {method}, half within {lines['50%']}, 99% within {lines['99%']}")


def imported(program, data, folder, options):
    """Exports what is in the folder `data`, and imports it into an empty chain."""
    chain, other = folder / "chain.rlp", folder / "other"
    run([program, "export", chain, "--datadir", data], check=True)
    run([program, "init", "--datadir", other, "--genesis", data / "genesis.json"], check=True)
    begin = time.monotonic()
    result = run([program, "import", chain, "--datadir", other], check=True, timeout=None)
    taken = time.monotonic() - begin
    print(f"{(options.transfers + options.accounts) / taken:10.0f} transfers/s imported: {result.out.strip()} in {taken:.2f} s")


def memory(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: int(rest.split()[0]) / 1024 for name, rest in (line.split(":", 1) for line in lines)
            if name in ("VmRSS", "VmHWM")}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("program", nargs="?")
    parser.add_argument("--url")
    parser.add_argument("--key")
    parser.add_argument("--transfers", type=int, default=20000)
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=5, help="for each kind of request")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        url, key, node = options.url, options.key, None
        if options.program:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            begin = time.monotonic()
            node = stack.enter_context(RunningNode(folder / "log", "--dev", "--datadir", folder / "data",
                                                   program=options.program))
            node.rpc("eth_chainId")
            print(f"{(time.monotonic() - begin) * 1000:10.0f} ms from start to first answer")
            url, key = node.url, f"0x{DEV_KEY:064x}"
            print(f"{memory(node.process.pid)['VmRSS']:10.1f} MiB of memory, at rest")
        options.sender = run([PRESIGN, key], check=True).out.strip()
        transfers(url, key, options)
        requests(url, options)
        if node:
            print(f"{memory(node.process.pid)['VmHWM']:10.1f} MiB of memory, at most")
            node.stop()
            imported(options.program, folder / "data", folder, options)


if __name__ == "__main__":
    main()
