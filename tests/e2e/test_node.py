# SPDX-License-Identifier: Apache-2.0
"""The node's commands: what an operator types, sets, sees and can rely on."""

import contextlib
import http.client
import itertools
import json
import os
import pty
import random
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import termios
import threading
import time

import pytest
import support
from ethereum import keccak256, rlp, signature, transfer
from nodes import DEV_ADDRESS, DEV_CHAIN, DEV_KEY, LISTENS, NODE, OTHER, RpcError, RunningNode, fetch, send, wait_for
from support import FULL, HANGS, as_user, needs_mounts, needs_root, run

COMMANDS = ["init", "start", "account new", "account list", "account import", "config show", "config validate",
            "export", "import", "health", "admin status", "doctor-exporter", "version"]
PASSWORD = "correct horse\n"


def pixelzx(*words, env=None, **options):
    return run([NODE, *words], env, **options)


@pytest.fixture
def password(tmp_path):
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    return file


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def dev(tmp_path, data):
    """A node for development whose chain is kept."""
    with RunningNode(tmp_path / "log", "--dev", "--datadir", data) as node:
        yield node


def refused(result, *words, status=1):
    """A command that says why it did nothing."""
    assert (result.status, result.out) == (status, ""), result
    assert result.err.startswith("pixelzx: ")
    for word in words:
        assert word in result.err, result.err


def created(node, nonce, code):
    """The address of a new contract with that code."""
    return node.receipt(send_any(node, nonce, b"", bytes(
        [0x60 + len(code) - 1, *code, 0x60, 0, 0x52, 0x60, len(code), 0x60, 32 - len(code), 0xF3])))["contractAddress"]


def send_any(node, nonce, to, data, gas=29_000_000):
    fields = [nonce, 10**10, gas, to, 0, data]
    parity, r, s = signature(DEV_KEY, keccak256(rlp([*fields, DEV_CHAIN, 0, 0])))
    return node.rpc("eth_sendRawTransaction", "0x" + rlp([*fields, DEV_CHAIN * 2 + 35 + parity, r, s]).hex())


# ---- help ----


@pytest.mark.parametrize("words", ["", "account", "config", "admin", *COMMANDS])
def test_help(words):
    english = pixelzx(*words.split(), "--help").expect()
    korean = pixelzx(*words.split(), "--help", env={"LANG": "ko_KR.UTF-8"}).expect()
    assert english.err == korean.err == ""
    assert f"Usage: {' '.join(['pixelzx', *words.split()])} " in english.out
    assert "사용법: pixelzx" in korean.out
    for label in ("Usage", "Options", "Commands", "Arguments", "Positionals", "REQUIRED", "(default"):
        assert label not in korean.out
    assert "Positionals" not in english.out and "REQUIRED" not in english.out


def test_help_names_every_command():
    assert {words.split()[0] for words in COMMANDS} <= set(
        re.findall(r"^  ([a-z-]+) ", pixelzx("--help").expect().out, re.MULTILINE))
    assert {"new", "list", "import"} == set(
        re.findall(r"^  ([a-z]+) ", pixelzx("account", "--help").expect().out, re.MULTILINE))


@pytest.mark.parametrize("words, said", [
    ("strat", "unknown command 'strat'; did you mean 'start'?"),
    ("account lsit", "unknown command 'lsit'; did you mean 'list'? Run 'pixelzx account --help' for the commands."),
    ("start --rcp-port 1", "unknown option '--rcp-port'; did you mean '--rpc-port'?"),
    ("health --datadir x", "unknown option '--datadir'"),
    ("export", "'pixelzx export' lacks the argument FILE."),
    ("account import", "'pixelzx account import' lacks the argument FILE."),
    ("health more", "unexpected argument 'more'"),
    ("start --rpc-port", "option '--rpc-port' needs a value."),
    ("start --rpc-port=x", "--rpc-port: 'x' cannot be used: use a number from 0 to 65535"),
    ("admin status --output xml", "unknown output format 'xml'"),
    ("init --genesis x --alloc y", "options '--genesis' and '--alloc' contradict each other."),
    (f"init --genesis x --validator {OTHER}", "options '--genesis' and '--validator' contradict each other.")])
def test_wrong_usage(words, said):
    refused(pixelzx(*words.split()), said, status=2)


@pytest.mark.parametrize("group", ["account", "config", "admin"])
def test_a_group_alone(group):
    result = pixelzx(group)
    assert (result.status, result.out) == (2, "") and f"Usage: pixelzx {group} " in result.err


# ---- settings ----


def test_config_show(tmp_path):
    file = tmp_path / "node.yaml"
    file.write_text("rpc:\n  port: 1\n  rate: 7\n")
    shown = pixelzx("config", "show", "--config", file, "--log-level", "debug",
                    env={"PIXELZX_RPC_PORT": "2", "HOME": "/home/x"}).expect().out
    assert "  port: 2  # PIXELZX_RPC_PORT\n" in shown
    assert f"  rate: 7  # {file}:3:3\n" in shown
    assert "  level: debug  # --log-level\n" in shown
    assert 'data_dir: "/home/x/.pixelzx"  # default\n' in shown
    file.write_text(shown)
    assert "  port: 2  # " in pixelzx("config", "show", "--config", file).expect().out


def test_config_validate(tmp_path):
    file = tmp_path / "node.yaml"
    file.write_text("rpc: {port: 8545}\n")
    assert pixelzx("config", "validate", "--config", file).expect().out == "The settings are valid.\n"
    file.write_text("rcp: {port: 8545}\nlog: {format: xml}\n")
    result = pixelzx("config", "validate", "--config", file, env={"PIXELZX_P2P_PORT": "-1"})
    refused(result, f"{file}:1:7: unknown setting 'rcp.port'; did you mean 'rpc.port'?",
            f"{file}:2:7: 'xml' cannot be used", "PIXELZX_P2P_PORT: '-1' cannot be used", status=2)
    assert len(result.err.splitlines()) == 3
    korean = pixelzx("config", "validate", "--config", file, env={"LANG": "ko_KR.UTF-8"})
    assert korean.err == (f"pixelzx: {file}:1:7: 알 수 없는 설정 'rcp.port'. 혹시 'rpc.port'인가요? 'pixelzx config show'로 "
                          f"모든 설정을 볼 수 있습니다.\npixelzx: {file}:2:7: 'xml' 값은 쓸 수 없습니다. text나 json을 쓰십시오.\n")


# ---- accounts ----

# The account that everybody has at first in other people's development chains.
KNOWN_KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
KNOWN_ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def test_accounts(data, password, tmp_path):
    there = ("--datadir", data, "--password-file", password)
    empty = pixelzx("account", "list", "--datadir", data).expect()
    assert empty.out == "" and f"There are no keys in '{data}/keystore'" in empty.err
    made = pixelzx("account", "new", *there).expect()
    address, file = re.search(r"Address: (0x[0-9a-fA-F]{40})\nKey file: (.*)\n", made.out).groups()
    assert re.fullmatch(r"UTC--\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{9}Z--" + address[2:].lower(), os.path.basename(file))
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(data / "keystore").st_mode) == 0o700
    assert json.loads(open(file).read())["address"] == address[2:].lower()

    key = tmp_path / "key"
    key.write_text(f" 0x{KNOWN_KEY}\n")
    assert f"Address: {KNOWN_ADDRESS}\n" in pixelzx("account", "import", *there, key).expect().out
    refused(pixelzx("account", "import", *there, key), f"the key of {KNOWN_ADDRESS} is in")
    listed = pixelzx("account", "list", "--datadir", data).expect().out.splitlines()
    assert [line.split()[0] for line in listed] == [address, KNOWN_ADDRESS]
    other = pixelzx("account", "list", env={"PIXELZX_KEYSTORE_DIR": str(data / "keystore")}).expect().out
    assert other.splitlines() == listed


@pytest.mark.parametrize("content, said", [
    ("", "there is no private key in"), ("0" * 64, "there is no private key in"),
    ("f" * 64, "there is no private key in"), (KNOWN_KEY + "00", "there is no private key in"),
    (None, "No such file or directory")])
def test_no_key(content, said, data, password, tmp_path):
    key = tmp_path / "key"
    if content is not None:
        key.write_text(content)
    refused(pixelzx("account", "import", "--datadir", data, "--password-file", password, key), said)
    assert not data.exists()


@pytest.mark.parametrize("content, said", [("\nsecond", "the password is empty"), (None, "No such file or directory")])
def test_no_password(content, said, data, tmp_path):
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    refused(pixelzx("account", "new", "--datadir", data, "--password-file", file), said)
    assert not data.exists()


def test_no_home():
    refused(pixelzx("account", "new"), "HOME is not set")
    refused(pixelzx("start"), "HOME is not set")


def test_no_terminal(data):
    refused(run(["setsid", "--wait", NODE, "account", "new", "--datadir", data]), "there is no terminal",
            "--password-file")


def at_terminal(command, typed):
    """What a program shows on a terminal of its own when it is given these answers, each after a prompt;
    and its status."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(command[0], [os.fspath(word) for word in command], {"PATH": support.PATH})
    shown, answers = b"", list(typed)
    try:
        while True:
            assert select.select([terminal], [], [], HANGS)[0], shown
            try:
                more = os.read(terminal, 4096)
            except OSError:  # nobody has it open any more
                more = b""
            if not more:
                break
            shown += more
            if shown.endswith(b": ") and answers:
                os.write(terminal, answers.pop(0))
    finally:
        os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


@pytest.mark.parametrize("typed, status, said", [
    ([b"secret\n", b"secret\n"], 0, "Address: 0x"),
    ([b"secret\n", b"sacred\n"], 1, "the two passwords differ"),
    ([b"\n"], 1, "the password is empty"),
    ([b"sec\x03"], 1, "cancelled")])
def test_password_at_the_terminal(typed, status, said, data):
    ended, shown = at_terminal([NODE, "account", "new", "--datadir", data], typed)
    assert ended == status and said in shown
    assert "Password for the new key: " in shown
    for word in ("secret", "sacred", "sec\r"):
        assert word not in shown
    assert data.exists() == (status == 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was(number, data):
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(NODE, [NODE, "account", "new", "--datadir", data], {"PATH": support.PATH})
    shown = b""
    while not shown.endswith(b": "):
        assert select.select([terminal], [], [], HANGS)[0], shown
        shown += os.read(terminal, 4096)
    shell = os.open(f"/proc/{pid}/fd/0", os.O_RDWR | os.O_NOCTTY)  # has the terminal open as well
    try:
        assert not termios.tcgetattr(terminal)[3] & termios.ECHO
        os.kill(pid, number)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
        assert termios.tcgetattr(terminal)[3] & termios.ECHO
        assert b"cancelled" in os.read(terminal, 4096)
    finally:
        os.close(shell)
        os.close(terminal)
    assert not data.exists()


# ---- beginning a chain ----


@pytest.fixture
def validator(data, password):
    made = pixelzx("account", "new", "--datadir", data, "--password-file", password).expect()
    return re.search(r"0x[0-9a-fA-F]{40}", made.out).group()


def test_init(data, validator, tmp_path):
    command = ["init", "--datadir", data, "--network", "testnet", "--alloc", f"{KNOWN_ADDRESS}=1000.5"]
    begun = pixelzx(*command).expect()
    assert "The chain 8889 begins" in begun.out and validator in begun.out
    genesis = json.loads((data / "genesis.json").read_text())
    assert genesis["config"]["chainId"] == 8889 and genesis["config"]["clique"]["period"] == 3
    assert int(genesis["gasLimit"], 16) == 30_000_000
    (alloc,) = genesis["alloc"].items()
    assert alloc[0].removeprefix("0x") == KNOWN_ADDRESS[2:].lower()
    assert int(alloc[1]["balance"], 0) == 10005 * 10**17
    # As often as one likes; but not another.
    assert pixelzx(*command).expect().out == begun.out
    refused(pixelzx(*command, "--alloc", f"{OTHER}=1"), f"the chain in '{data}' began with another genesis")
    # Others begin with the copy.
    copy = tmp_path / "copy"
    again = pixelzx("init", "--datadir", copy, "--genesis", data / "genesis.json").expect()
    digest = re.search(r"0x[0-9a-f]{64}", begun.out).group()
    assert digest in again.out
    refused(pixelzx("init", "--datadir", copy, "--genesis", data / "genesis.json", "--network", "mainnet"),
            "is of a chain with the identifier 8889, but --network asks for mainnet")
    refused(pixelzx("start", "--datadir", data, env={"PIXELZX_CHAIN_ID": "8888"}),
            f"the chain in '{data}' has the identifier 8889, but PIXELZX_CHAIN_ID asks for 8888")


def test_the_genesis_for_others_is_that_of_the_chain(data, validator, tmp_path):
    command = ["init", "--datadir", data, "--network", "testnet", "--alloc"]
    pixelzx(*command, f"{OTHER}=1").expect()
    genesis = data / "genesis.json"
    written = genesis.read_text()
    assert written.endswith("}\n") and not written.endswith("\n\n")
    own_way = json.dumps(json.loads(written))
    genesis.write_text(own_way)
    pixelzx(*command, f"{OTHER}=1").expect()
    assert genesis.read_text() == own_way
    # Another chain in place of that.
    shutil.rmtree(data / "chain")
    begun = pixelzx(*command, f"{OTHER}=2").expect()
    again = pixelzx("init", "--datadir", tmp_path / "copy", "--genesis", genesis,
                    env={"PIXELZX_VALIDATOR": OTHER}).expect()
    assert re.search(r"0x[0-9a-f]{64}", begun.out).group() in again.out


@pytest.mark.parametrize("words, said", [
    ([], "nobody would have coins"),
    (["--alloc", "1000"], "--alloc: '1000' cannot be used"),
    (["--alloc", f"{KNOWN_ADDRESS}=1.0000000000000000001"], "cannot be used. Use ADDRESS=AMOUNT"),
    (["--alloc", f"{KNOWN_ADDRESS}=-1"], "cannot be used. Use ADDRESS=AMOUNT"),
    (["--alloc", f"{KNOWN_ADDRESS.lower()}=1", "--alloc", f"{KNOWN_ADDRESS}=1"], "cannot be used. Use ADDRESS=AMOUNT"),
    (["--genesis", "/nonexistent"], "cannot read the genesis '/nonexistent': No such file or directory")])
def test_bad_init(words, said, data, validator):
    refused(pixelzx("init", "--datadir", data, *words), said)
    assert not (data / "chain").exists()


def test_init_without_a_validator(data, validator, password):
    words = ["--alloc", f"{OTHER}=1"]
    refused(pixelzx("init", "--datadir", data / "other", *words), "There is no key in", "pixelzx account new")
    pixelzx("account", "new", "--datadir", data, "--password-file", password).expect()
    refused(pixelzx("init", "--datadir", data, *words), "There are several keys in", "--validator ADDRESS")
    assert validator in pixelzx("init", "--datadir", data, "--validator", validator, *words).expect().out


@pytest.mark.parametrize("text, why", [
    ("{", "it is not a JSON object"), ("[]", "it is not a JSON object"),
    ('{"config": {"chainId": 1}}', "config.homesteadBlock: must be 0: the chain is of the Cancun revision")])
def test_bad_genesis(text, why, data, tmp_path):
    file = tmp_path / "genesis.json"
    file.write_text(text)
    refused(pixelzx("init", "--datadir", data, "--genesis", file), f"the genesis '{file}' cannot be used: {why}. Correct")
    assert not data.exists()


def test_start_without_a_chain(data):
    refused(pixelzx("start", "--datadir", data), f"there is no chain in '{data}'", "pixelzx account new",
            "pixelzx init", "pixelzx start --dev")
    korean = pixelzx("start", "--datadir", data, env={"LANG": "ko_KR.UTF-8"})
    assert (korean.status, korean.out) == (1, "")
    assert korean.err == (f"pixelzx: '{data}'에 체인이 없습니다. 다음과 같이 시작하십시오:\n  pixelzx account new\n"
                          "  pixelzx init --genesis FILE      (또는: pixelzx init --network mainnet --alloc 주소=금액)\n"
                          "  pixelzx start\n시험해 보려면: pixelzx start --dev\n")
    for command in (["export", "x"], ["import", "x"]):
        refused(pixelzx(*command, "--datadir", data), f"there is no chain in '{data}'")
    assert not data.exists()


# ---- running ----


def test_dev(dev, data):
    assert dev.rpc("eth_chainId") == hex(DEV_CHAIN)
    assert int(dev.rpc("eth_getBalance", DEV_ADDRESS, "latest"), 16) == 10**27
    assert f"0x{DEV_KEY:064x}" in dev.log()
    receipt = dev.receipt(send(dev, 0, value=12345))
    assert receipt["status"] == "0x1" and receipt["to"] == OTHER
    assert int(dev.rpc("eth_getBalance", OTHER, "latest"), 16) == 12345
    with pytest.raises(RpcError, match="nonce too low"):
        send(dev, 0)
    head = dev.head()
    assert dev.stop() == 0
    assert dev.log().splitlines()[-1].endswith(" stopped")
    with RunningNode(dev.log_file, "--dev", "--datadir", data) as again:
        assert again.head() == head
        assert again.receipt(send(again, 1))["status"] == "0x1"
    refused(pixelzx("start", "--dev", env={"PIXELZX_NETWORK": "mainnet"}),
            "--dev is for devnet; PIXELZX_NETWORK asks for mainnet")


def test_dev_leaves_nothing(tmp_path):
    with RunningNode(tmp_path / "log", "--dev", "--chain-id", "4242", env={"TMPDIR": str(tmp_path)}) as node:
        assert node.rpc("net_version") == "4242"
        assert len(list(tmp_path.glob("pixelzx-dev-*"))) == 1
        assert node.stop() == 0
    assert not list(tmp_path.glob("pixelzx-dev-*"))


def test_devnet_begins_by_itself(tmp_path, data):
    """What `PIXELZX_NETWORK=devnet` makes of the image's plain `start`."""
    env = {"PIXELZX_NETWORK": "devnet", "PIXELZX_DATA_DIR": str(data)}
    with RunningNode(tmp_path / "log", env=env) as node:
        wait_for("a block", lambda: int(node.head()["number"], 16) >= 2)
        first, second = (node.rpc("eth_getBlockByNumber", number, False) for number in ("0x1", "0x2"))
        assert int(second["timestamp"], 16) - int(first["timestamp"], 16) >= 3
        assert node.stop() == 0
    refused(pixelzx("start", "--dev", "--datadir", data), "that is not for development")


def test_a_validator_of_its_own(data, validator, password, tmp_path):
    pixelzx("init", "--datadir", data, "--alloc", f"{OTHER}=1").expect()
    there = ("--datadir", data, "--password-file")
    wrong = tmp_path / "wrong"
    wrong.write_text("incorrect horse\n")
    result = pixelzx("start", *there, wrong)
    refused(result, f"wrong password for '{data}/keystore/UTC--")
    refused(pixelzx("start", *there, password, "--keystore", tmp_path), "is that of a validator of this chain",
            validator)
    with RunningNode(tmp_path / "log", *there, password) as node:
        wait_for("a block", lambda: int(node.head()["number"], 16) >= 1)
        assert node.head()["miner"] == validator.lower()
        status, text = fetch(node.rpc_port, "/health")
        assert status == 200 and json.loads(text)["ok"]
        assert node.stop() == 0


@needs_root
def test_nobody_looks_into_a_validator(open_path, tmp_path):
    """Not the user whose process it is either; the node itself does, for its metrics."""
    data, password = open_path / "data", open_path / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    user, there = as_user(12345), ("--datadir", data, "--password-file", password)
    open_path.chmod(0o777)
    run([*user, NODE, "account", "new", *there]).expect()
    run([*user, NODE, "init", "--datadir", data, "--alloc", f"{OTHER}=1"]).expect()
    with RunningNode(tmp_path / "log", *there, world=user) as node:
        metrics = dict(line.rsplit(" ", 1) for line in fetch(node.metrics_port, "/metrics")[1].splitlines()
                       if not line.startswith("#"))
        assert float(metrics["process_open_fds"]) > 10
        result = run([*user, "cat", f"/proc/{node.process.pid}/environ"])
        assert result.status != 0 and "Permission denied" in result.err
        assert node.stop() == 0


def test_password_of_the_validator_at_the_terminal(data, validator):
    pixelzx("init", "--datadir", data, "--alloc", f"{OTHER}=1").expect()
    status, shown = at_terminal([NODE, "start", "--datadir", data], [b"incorrect horse\n"])
    assert status == 1 and f"Password for {validator}: " in shown and "wrong password" in shown
    status, shown = at_terminal([NODE, "start", "--datadir", data], [b"\x03"])
    assert status == 1 and "cancelled" in shown


def test_one_node_for_a_chain(dev, data):
    refused(pixelzx("start", "--dev", "--datadir", data), f"the chain in '{data}' is in use by another process")
    refused(pixelzx("export", "x", "--datadir", data), "is in use by another process")


def test_one_node_for_a_port(dev, tmp_path):
    for flag, port in (("--rpc-port", dev.rpc_port), ("--metrics-port", dev.metrics_port)):
        others = {"--rpc-port": "0", "--metrics-port": "0", flag: str(port)}
        result = pixelzx("start", "--dev", *itertools.chain(*others.items()), env={"TMPDIR": str(tmp_path)})
        assert result.status == 1
        assert f"cannot listen on 127.0.0.1 port {port}: Address already in use. Is another node running?" in result.err


@needs_root
def test_nowhere_to_write(open_path):
    data = open_path / "data"
    data.mkdir(mode=0o755)
    result = run([*as_user(12345), NODE, "start", "--network=devnet", "--datadir", data])
    refused(result, f"cannot use the chain in '{data}'", "user 1000")


def test_what_is_not_there_is_said(tmp_path):
    with RunningNode(tmp_path / "log", "--dev", "--ws-port", "1", env={"PIXELZX_P2P_PORT": "2"}) as node:
        assert "--ws-port has no effect: this version has no WebSocket" in node.log()
        assert "PIXELZX_P2P_PORT has no effect: this version does not talk to other nodes" in node.log()


# ---- asking a node ----


def has_ipv6():
    """Containers may have none."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as sock:
        sock.bind(("::1", 0))
        return True
    return False


def test_health(dev):
    port = ("--rpc-port", str(dev.rpc_port))
    assert pixelzx("health", *port).expect().out.startswith("The node is well: {")
    assert pixelzx("health", env={"PIXELZX_RPC_PORT": port[1], "PIXELZX_RPC_ADDRESS": "0.0.0.0"}).status == 0
    refused(pixelzx("health", "--rpc-port", str(dev.metrics_port)), "is not a node of PIXELZX")
    assert dev.stop() == 0
    refused(pixelzx("health", *port), f"the node at 127.0.0.1:{dev.rpc_port} does not answer: Connection refused.")
    assert "노드가 응답하지 않습니다" in pixelzx("health", *port, env={"LANG": "ko_KR.UTF-8"}).err


@pytest.mark.parametrize("address", ["127.0.0.1", *(["::1"] if has_ipv6() else [])])
def test_asking_one_that_serves_another_name(address, tmp_path):
    with RunningNode(tmp_path / "log", "--dev", "--rpc-address", address, env={"PIXELZX_RPC_HOSTS": "node.example"}) as node:
        there = ("--rpc-address", address, "--rpc-port", str(node.rpc_port))
        assert pixelzx("health", *there).expect().out.startswith("The node is well: {")
        assert f"Chain identifier: {DEV_CHAIN}\n" in pixelzx("admin", "status", *there).expect().out


def test_status(dev):
    digest = send(dev, 0)
    dev.receipt(digest)
    head = dev.head()
    words = ["admin", "status", "--rpc-port", str(dev.rpc_port)]
    status = json.loads(pixelzx(*words, "--output", "json").expect().out)
    assert status.pop("node").startswith("PIXELZX/v")
    assert status.pop("uptime") >= 0
    assert status == {"chain_id": DEV_CHAIN, "head_number": int(head["number"], 16), "head_hash": head["hash"],
                      "head_timestamp": int(head["timestamp"], 16), "pending": 0, "queued": 0, "peers": 0}
    text = pixelzx(*words).expect().out
    assert f"Newest block: {status['head_number']}\nIts hash: {head['hash']}\n" in text
    assert f"최신 블록: {status['head_number']}\n" in pixelzx(*words, env={"LANG": "ko_KR.UTF-8"}).expect().out
    refused(pixelzx("admin", "status", "--rpc-port", str(dev.metrics_port)), "is not a node of PIXELZX")


# ---- logs and signals ----


@pytest.mark.parametrize("soft, hard, has", [(300, 5000, 4096), (300, 700, 700), (4500, 5000, 4500)])
def test_descriptors(soft, hard, has, tmp_path):
    """Connections leave some to the database, however many come."""
    world = ("sh", "-c", f'ulimit -Sn {soft} && ulimit -Hn {hard} && exec "$@"', "sh")
    with contextlib.ExitStack() as stack:
        node = stack.enter_context(
            RunningNode(tmp_path / "log", "--dev", world=world, env={"TMPDIR": str(tmp_path)}))
        for i in range(600):
            # One address may have half of them only.
            here = f"127.0.0.{2 + i % 4}", 0
            last = stack.enter_context(socket.create_connection(("127.0.0.1", node.rpc_port), HANGS, here))
        assert last.recv(1) == b""  # as are all that are too many
        status, text = fetch(node.metrics_port, "/metrics")
        assert status == 200
        metrics = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert float(metrics["process_max_fds"]) == has
        most = min(has - 384, 512)
        assert most < float(metrics["process_open_fds"]) < most + 100
        assert node.stop() == 0


def test_json_log(tmp_path):
    with RunningNode(tmp_path / "log", "--dev", "--log-format", "json") as node:
        node.receipt(send(node, 0))
        assert node.stop() == 0
        lines = [json.loads(line) for line in node.log().splitlines()]
    assert all(set(line) == {"time", "level", "message"} for line in lines)
    assert any(line["message"].startswith("block 1 ") for line in lines)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]) for line in lines)


def test_log_level(tmp_path):
    with RunningNode(tmp_path / "log", "--dev", "--log-level", "error", ready=False) as node:
        assert node.process.poll() is None
        wait_for("the port", lambda: subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True).stdout.count(
            f"pid={node.process.pid},") >= 1)
        assert node.stop() == 0
        assert node.log() == ""


def test_log_file(tmp_path, data):
    log, moved = tmp_path / "node.log", tmp_path / "moved"
    with RunningNode(log, "--dev", "--datadir", data, "--log-file", log) as node:
        node.receipt(send(node, 0))
        log.rename(moved)
        node.receipt(send(node, 1))
        assert not log.exists() and "block 2 " in wait_for("block 2", lambda: "block 2 " in moved.read_text()
                                                           and moved.read_text())
        node.process.send_signal(signal.SIGHUP)
        wait_for("a new file", log.exists)
        node.receipt(send(node, 2))
        wait_for("block 3", lambda: "block 3 " in log.read_text())
        assert "block 3 " not in moved.read_text()
        assert node.stop() == 0
    refused(pixelzx("start", "--dev", "--log-file", moved / "node.log"), "cannot log to")


def test_log_files_rotate(tmp_path):
    log = tmp_path / "node.log"
    log.write_bytes(b"x" * (1 << 20) + b"\n")
    with RunningNode(tmp_path / "err", "--dev", "--log-file", log, "--log-file-size", "1", "--log-files", "1",
                     ready=False) as node:
        wait_for("a rotated file", (tmp_path / "node.1.log").exists)
        wait_for("a line", lambda: log.exists() and "JSON-RPC" in log.read_text())
        assert node.stop() == 0
    assert sorted(path.name for path in tmp_path.glob("node*")) == ["node.1.log", "node.log"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_stop(dev, number):
    dev.receipt(send(dev, 0))
    assert dev.kill(number) == 0
    assert f"stopping: {signal.strsignal(number)}" in dev.log()


def test_a_second_signal_ends_at_once(dev):
    """Both are there before the node looks."""
    for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
        dev.process.send_signal(number)
    assert dev.process.wait(HANGS) == 128 + signal.SIGTERM


def cpu_time(process):
    """Seconds that it has used."""
    fields = open(f"/proc/{process.pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_calls_do_not_keep_it_from_stopping(dev):
    """Endless ones with all gas that a call may have, more than there is time for."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": [{"data": "0x5b600056", "gas": hex(50_000_000)}, "latest"]}
    answers = []

    def ask():
        try:
            answers.append(fetch(dev.rpc_port, body=json.dumps([call] * 1000)))
        except (OSError, http.client.HTTPException) as ended:
            answers.append(ended)

    asking = threading.Thread(target=ask)
    before = cpu_time(dev.process)
    asking.start()
    wait_for("a call at work", lambda: cpu_time(dev.process) > before + 0.2)
    assert not answers
    assert dev.stop() == 0
    asking.join(HANGS)
    assert dev.log().splitlines()[-1].endswith(" stopped")
    assert len(answers) == 1
    if not isinstance(answers[0], Exception):
        status, text = answers[0]
        assert status != 200 or "result" not in text


def test_broken_pipe(tmp_path, data):
    """Whoever reads the log may go away."""
    reader = subprocess.Popen(["head", "-n", "1"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    node = subprocess.Popen([NODE, "start", "--dev", "--datadir", data, "--rpc-port", "0", "--metrics-port", "0"],
                            env={"PATH": support.PATH}, stdout=reader.stdin, stderr=reader.stdin)
    reader.stdin.close()
    try:
        assert reader.wait(HANGS) == 0
        ports = wait_for("the ports", lambda: re.findall(
            r"127\.0\.0\.1:(\d+) .*pid=%d," % node.pid,
            subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True).stdout))
        assert any(fetch(port, "/health")[0] == 200 for port in ports)
        node.send_signal(signal.SIGTERM)
        assert node.wait(HANGS) == 0
    finally:
        node.kill()
        node.wait()


@needs_mounts
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_first_process(tmp_path, number):
    """Of a container, where signals without a handler do nothing."""
    with RunningNode(tmp_path / "log", "--dev", world=["unshare", "-Ur", "--pid", "--fork"]) as front:
        front.receipt(send(front, 0))
        child = int(open(f"/proc/{front.process.pid}/task/{front.process.pid}/children").read())
        os.kill(child, number)
        assert front.process.wait(HANGS) == 0
        assert front.log().splitlines()[-1].endswith(" stopped")


# ---- what is confirmed stays ----


def test_kill(tmp_path, data):
    """Killed at any moment under load, it starts again with all that it has confirmed."""
    chance = random.Random(8888)
    transactions, confirmed = [], {}

    def send_on(node, nonce):
        with contextlib.suppress(OSError, http.client.HTTPException):  # until it is dead
            for nonce in itertools.count(nonce):
                while len(transactions) <= nonce:
                    transactions.append(transfer(DEV_KEY, len(transactions), OTHER, 1, DEV_CHAIN))
                node.rpc("eth_sendRawTransaction", transactions[nonce][0])

    for _ in range(200 if FULL else 20):
        with RunningNode(tmp_path / "log", "--dev", "--datadir", data) as node:
            nonce = int(node.rpc("eth_getTransactionCount", DEV_ADDRESS, "latest"), 16)
            assert int(node.rpc("eth_getBalance", OTHER, "latest"), 16) == nonce >= len(confirmed)
            for digest, block in confirmed.items():
                assert node.rpc("eth_getTransactionReceipt", digest)["blockHash"] == block
            sender = threading.Thread(target=send_on, args=(node, nonce))
            sender.start()
            for after in range(nonce, nonce + chance.randrange(1, 6)):
                digest = wait_for("a transaction", lambda: len(transactions) > after and transactions[after][1])
                confirmed[digest] = node.receipt(digest)["blockHash"]
            time.sleep(chance.random() * 0.05)
            node.kill()
            sender.join(HANGS)
    # The whole of it is still what any node accepts.
    blocks, copy = tmp_path / "blocks", tmp_path / "copy"
    pixelzx("export", blocks, "--datadir", data).expect()
    pixelzx("init", "--datadir", copy, "--genesis", data / "genesis.json").expect()
    assert "0 were there already" in pixelzx("import", blocks, "--datadir", copy).expect().out


def test_export_and_import(dev, data, tmp_path):
    for nonce in range(5):
        dev.receipt(send(dev, nonce))
    head = dev.head()
    count = int(head["number"], 16)
    assert dev.stop() == 0
    blocks, copy = tmp_path / "blocks", tmp_path / "copy"
    assert pixelzx("export", blocks, "--datadir", data).expect().out == f"Blocks 1 to {count} are in '{blocks}'.\n"
    refused(pixelzx("export", blocks, "--datadir", data), f"'{blocks}' is there already")
    refused(pixelzx("export", tmp_path / "x", "1", str(count + 1), "--datadir", data), "is not the number of a block")
    refused(pixelzx("export", tmp_path / "x", "2", "1", "--datadir", data), "is not the number of a block")
    refused(pixelzx("export", "/nonexistent/x", "--datadir", data), "cannot write the blocks to")
    (tmp_path / "first.part").write_text("somebody's")
    pixelzx("export", tmp_path / "first", "1", "2", "--datadir", data).expect()
    assert (tmp_path / "first.part").read_text() == "somebody's"
    assert not (tmp_path / "x").exists() and not list(tmp_path.glob(".pixelzx-*"))

    pixelzx("init", "--datadir", copy, "--genesis", data / "genesis.json").expect()
    refused(pixelzx("import", tmp_path / "none", "--datadir", copy), "cannot read the blocks in")
    pixelzx("import", tmp_path / "first", "--datadir", copy).expect()
    damaged = bytearray(blocks.read_bytes())
    damaged[-30] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    refused(pixelzx("import", tmp_path / "damaged", "--datadir", copy), "the import ended at byte",
            f"{count - 3} blocks before it were added")
    done = pixelzx("import", blocks, "--datadir", copy).expect()
    assert done.out == (f"1 blocks added, {count - 1} were there already. The head is block {count}, {head['hash']}.\n")
    with RunningNode(tmp_path / "log2", "--dev", "--datadir", copy) as node:
        assert node.head() == head
        assert node.head()["stateRoot"] == head["stateRoot"]


@pytest.fixture
def blocks(dev, data, tmp_path):
    """Three in a file; the node has stopped."""
    for nonce in range(3):
        dev.receipt(send(dev, nonce))
    assert dev.stop() == 0
    pixelzx("export", tmp_path / "blocks", "--datadir", data).expect()
    return tmp_path / "blocks"


def asked_to_stop(number):
    """For a process before its program: a signal that it finds waiting."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    os.kill(os.getpid(), number)


def test_interrupted_export(blocks, data, tmp_path):
    command = [NODE, "export", tmp_path / "again", "--datadir", data]
    result = subprocess.run(command, env={"PATH": support.PATH}, capture_output=True, text=True, timeout=HANGS,
                            preexec_fn=lambda: asked_to_stop(signal.SIGTERM))
    assert (result.returncode, result.stdout) == (1, "") and "cancelled" in result.stderr
    assert not (tmp_path / "again").exists() and not list(tmp_path.glob(".pixelzx-*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("way", ["between blocks", "at a stalled pipe", "at a pipe without a writer"])
def test_interrupted_import(way, number, blocks, data, tmp_path):
    copy, pipe = tmp_path / "copy", tmp_path / "pipe"
    os.mkfifo(pipe)
    file = {"between blocks": blocks, "at a stalled pipe": "/dev/stdin", "at a pipe without a writer": pipe}[way]
    pixelzx("init", "--datadir", copy, "--genesis", data / "genesis.json").expect()
    process = subprocess.Popen(
        [NODE, "import", file, "--datadir", copy], env={"PATH": support.PATH}, stdin=subprocess.PIPE,
        stderr=subprocess.PIPE, text=False,
        preexec_fn=(lambda: asked_to_stop(number)) if way == "between blocks" else None)
    try:
        if way != "between blocks":
            process.stdin.write(blocks.read_bytes()[:-1])
            process.stdin.flush()
            kept = 1 << (number - 1)
            wait_for("handlers", lambda: kept & int(re.search(
                r"SigBlk:\s*([0-9a-f]+)", open(f"/proc/{process.pid}/status").read())[1], 16))
            process.send_signal(number)
        assert process.wait(HANGS) == 1
        (added,) = re.fullmatch(rb"pixelzx: interrupted after (\d) blocks\. Run the same command again to go on\.\n",
                                process.stderr.read()).groups()
    finally:
        process.kill()
        process.wait()
    assert f"{3 - int(added)} blocks added, {int(added)} were there already" in pixelzx(
        "import", blocks, "--datadir", copy).expect().out


def test_import_of_deep_calls_with_a_small_stack(dev, data, tmp_path):
    """A contract that calls itself with all gas that it may give."""
    contract = created(dev, 0, bytes.fromhex("60008080808030" "5af100"))
    receipt = dev.receipt(send_any(dev, 1, bytes.fromhex(contract[2:]), b""))
    assert receipt["status"] == "0x1" and int(receipt["gasUsed"], 16) > 80_000  # 500 calls
    assert dev.stop() == 0
    blocks, copy = tmp_path / "blocks", tmp_path / "copy"
    pixelzx("export", blocks, "--datadir", data).expect()
    pixelzx("init", "--datadir", copy, "--genesis", data / "genesis.json").expect()
    done = run(["sh", "-c", 'ulimit -s 512 && exec "$@"', "sh", NODE, "import", blocks, "--datadir", copy])
    assert "2 blocks added" in done.expect().out


def test_a_damaged_chain(dev, data):
    dev.receipt(send(dev, 0))
    dev.kill()
    for file in (data / "chain").glob("*"):
        if file.is_file() and file.name.startswith("MANIFEST"):
            file.write_bytes(b"\0" * file.stat().st_size)
    refused(pixelzx("start", "--dev", "--datadir", data), f"the chain in '{data}' is damaged", "backup")


@needs_mounts
def test_full_disk(tmp_path):
    """The node ends with an error, and goes on from where it was when there is room again."""
    data = tmp_path / "data"
    data.mkdir()
    fill = f"exec 9>{data}/filler; cat /dev/zero >&9 2>/dev/null; exec 9>&-"
    again = f'echo "ended with $?" >&2; rm {data}/filler; exec "$@"'
    world = support.world(f"mount -t tmpfs -o size=16m none '{data}'", "-Ur")
    wait = f"while ! [ -e {tmp_path}/fill ]; do sleep 0.05; done"
    front = ["sh", "-c", f'"$@" & node=$!; {wait}; {fill}; wait $node; {again}', "sh"]
    with RunningNode(tmp_path / "log", "--dev", "--datadir", data, world=[*world, *front]) as node:
        before = node.receipt(send(node, 0))
        (tmp_path / "fill").touch()

        def is_over():
            with contextlib.suppress(OSError, http.client.HTTPException):  # it answers no more
                send(node, int(node.rpc("eth_getTransactionCount", DEV_ADDRESS, "pending"), 16))
            return "ended with " in node.log()

        wait_for("the end", is_over)
        first, _ = node.log().split("ended with 1\n")
        assert "cannot write a block" in first and "stopping: the chain has failed" in first
        node.rpc_port, node.metrics_port = map(int, node.wait_for_log(f"(?s)ended with .*{LISTENS.pattern}").groups())
        assert node.rpc("eth_getTransactionReceipt", before["transactionHash"]) == before
        nonce = int(node.rpc("eth_getTransactionCount", DEV_ADDRESS, "latest"), 16)
        assert node.receipt(send(node, nonce))["status"] == "0x1"
        assert node.stop() == 0


def test_service_manager_is_told(tmp_path):
    """As systemd is: ready once it answers, then that it is well, and that it stops."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(HANGS)
        variables = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "1000000"}
        with RunningNode(tmp_path / "log", "--network=devnet", f"--datadir={tmp_path}/data", env=variables) as node:
            assert [manager.recv(64) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
            node.process.terminate()
            while (said := manager.recv(64)) != b"STOPPING=1":
                assert said == b"WATCHDOG=1"
            assert node.process.wait(timeout=HANGS) == 0
