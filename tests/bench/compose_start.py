# SPDX-License-Identifier: Apache-2.0
"""How long `up -d` of docker-compose.yml takes until the node has answered eth_blockNumber: prints seconds.

    compose_start.py COMPOSE...   the command, such as `docker-compose` or `docker compose`, in the project's folder

Images must be there already, the project's containers not; those are left running.
"""

import json
import subprocess
import sys
import time
import urllib.request

URL = "http://127.0.0.1:8545"
REQUEST = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber"}).encode()
GIVE_UP = 120  # seconds


def answers():
    request = urllib.request.Request(URL, REQUEST, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=1) as answer:
            return "result" in json.load(answer)
    except (OSError, ValueError):  # nobody listens yet; or only the engine's proxy does
        return False


def main(command):
    if answers():
        raise SystemExit(f"compose_start.py: somebody answers at {URL} already")
    began = time.monotonic()
    up = subprocess.Popen([*command, "up", "-d"], stdout=subprocess.DEVNULL)
    while not answers():
        if up.poll() or time.monotonic() > began + GIVE_UP:
            raise SystemExit(f"compose_start.py: no answer; status {up.poll()}")
        time.sleep(0.01)
    took = time.monotonic() - began
    if up.wait() != 0:
        raise SystemExit(f"compose_start.py: status {up.returncode}")
    print(f"{took:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
