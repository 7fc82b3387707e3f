# SPDX-License-Identifier: Apache-2.0
"""docker-compose.yml under Docker Engine, by both versions of Docker Compose, and under podman."""

import contextlib
import json
import re
import shutil

import engines
import pytest
import support
import yaml
from engines import require
from nodes import wait_for
from support import FOREIGN, NATIVE, SOURCE

RPC, METRICS = "http://127.0.0.1:8545", "http://127.0.0.1:6060"
IMAGE = "yuchanshin/pixelzx-evm:latest"  # the file's default
PASSWORD = "correct horse"
OTHER = "0x52908400098527886E0F7030069857D2E4169EE7"
FILE = SOURCE / "docker-compose.yml"
# Not what users wait for: how often the engine looks. One failure is enough.
QUICK_HEALTH = "services: {node: {healthcheck: {interval: 1s, retries: 1, start_period: 0s}}}"


def v1():
    require("docker-compose")
    return ["/usr/bin/docker-compose"]


def v2():
    package = support.fetched("trixie", NATIVE.debian, "docker-compose")
    return [package / "usr/libexec/docker/cli-plugins/docker-compose"]


COMMANDS = {"v1": v1, "v2": v2}
each_version = pytest.mark.parametrize("version", COMMANDS)


def one_version(version):
    """Of a long test, which has the other one in full runs."""
    return pytest.mark.parametrize("version", COMMANDS if support.FULL else [version])


class Project:
    """A folder with the file and an .env: the example, and `settings`."""

    def __init__(self, folder, run, command, settings, env=None):
        self.folder, self.run, self.command, self.files, self.env = folder, run, command, [], env or {}
        folder.mkdir()
        shutil.copy(FILE, folder)
        lines = [f"{name}={value}" for name, value in settings.items()]
        (folder / ".env").write_text((SOURCE / ".env.example").read_text() + "\n".join(lines) + "\n")

    def add(self, name, text):
        """One more file, which overrides."""
        (self.folder / name).write_text(text)
        self.files = ["--file=docker-compose.yml", f"--file={name}"]

    def __call__(self, *words, env=None, **options):
        return self.run(*self.command, *self.files, *words, cwd=self.folder, env={**self.env, **(env or {})}, **options)

    def config(self, **options):
        return yaml.safe_load(self("config", **options).expect().out)


class Deployment(Project):
    """One in an engine's room."""

    def __init__(self, engine, folder, command, settings, env=None):
        super().__init__(folder, engine.room.run, command, {"COMPOSE_PROJECT_NAME": folder.name, **settings}, env)
        self.engine, self.room = engine, engine.room

    def once(self, *words, **options):
        """A command of the program, as `run --rm node` has it for those at a terminal."""
        return self("run", "--rm", "-T", "node", *words, **options)

    def container(self):
        """Its name for the engine; empty when there is none."""
        label = f"label=com.docker.compose.project={self.folder.name}"
        return self.engine("ps", "--all", "--quiet", "--filter", label).out.strip()

    def look(self):
        (facts,) = json.loads(self.engine("inspect", self.container()).out)
        return facts

    def pid(self):
        """Of the node, in the room."""
        return self.look()["State"]["Pid"]

    def proc(self, name):
        return self.room.run("cat", f"/proc/{self.pid()}/{name}", check=True).out

    def program(self):
        return self.room.run("readlink", f"/proc/{self.pid()}/exe", check=True).out

    def get(self, url, *options):
        return self.room.run("busybox", "wget", "-q", "-O", "-", *options, url)

    def rpc(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        result = self.get(RPC, "--header=Content-Type: application/json", f"--post-data={body}")
        return json.loads(result.out)["result"] if result.status == 0 else None

    def height(self):
        return int(self.rpc("eth_blockNumber") or "-1", 16)

    def block(self, number):
        return self.rpc("eth_getBlockByNumber", hex(number), False)

    def wait_for_height(self, number):
        wait_for(f"block {number}", lambda: self.height() >= number, pause=0.2)

    def wait_for_health(self, word):
        wait_for(word, lambda: self.look()["State"]["Health"]["Status"] == word, pause=0.2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self("down", "--volumes").expect()


# ---- the file ----


@pytest.fixture(params=COMMANDS)
def project(request, tmp_path):
    """No engine is needed to read it."""

    def run(*command, env=None, **options):
        return support.run(command, {"HOME": str(tmp_path), **(env or {})}, **options)

    return Project(tmp_path / "folder", run, COMMANDS[request.param](), {})


def test_no_platform_unless_wanted(project):
    for env in {}, {"PIXELZX_PLATFORM": ""}, {"PIXELZX_PLATFORM": "linux/arm64"}:
        node = project.config(env=env)["services"]["node"]
        assert "platform" not in node
        assert node["environment"]["PIXELZX_PLATFORM"] == (env.get("PIXELZX_PLATFORM") or "auto")
    (wanted,) = support.code_blocks((SOURCE / "docs/compose.md").read_text(), "yaml")
    project.add("docker-compose.override.yml", wanted)
    assert project.config()["services"]["node"]["platform"] == "linux/arm64"


def test_the_example_has_the_defaults(project):
    """To the node, an empty variable is none."""
    with_example = project.config()
    (project.folder / ".env").unlink()
    without = project.config()
    for config in with_example, without:
        variables = config["services"]["node"].pop("environment")
        assert {name for name, value in variables.items() if value} == {"PIXELZX_PLATFORM", "PIXELZX_PASSWORD_FILE"}
    assert with_example == without


def test_every_setting_is_in_the_example():
    used = set(re.findall(r"\$\{(\w+)|^      (PIXELZX_\w+):$", FILE.read_text(), re.M))
    shown = re.findall(r"^(\w+)=", (SOURCE / ".env.example").read_text(), re.M)
    assert {name or passed for name, passed in used} <= set(shown) and len(set(shown)) == len(shown)


# ---- Docker Engine ----


@pytest.fixture(scope="module")
def image(docker, make_image):
    docker("load", "--input", make_image("--single", "linux/amd64", "--name", IMAGE))


@pytest.fixture
def deploy(docker, image, engine_room):
    """A function: a project of this name with these settings. All are taken down in the end."""
    with contextlib.ExitStack() as deployments:

        def begin(version, name, **settings):
            folder = engine_room.folder / f"{name}-{version}"
            return deployments.enter_context(Deployment(docker, folder, COMMANDS[version](), settings))

        yield begin


def start(node):
    """By `up -d`. What has to be as the file says is so."""
    took = node.run("/usr/bin/python3", SOURCE / "tests/bench/compose_start.py", *node.command, cwd=node.folder)
    print(f"{float(took.expect().out):.2f} s from `up -d` to the first answer")
    check_metrics(node)
    check_confined(node)
    check_cache(node)
    check_engine_settings(node)
    check_reach(node)


@one_version("v1")
def test_life_of_a_node(deploy, version):
    """One story, since each start takes its time."""
    node = deploy(version, "life", PIXELZX_NETWORK="devnet")
    start(node)
    node.wait_for_height(1)
    node.wait_for_health("healthy")
    check_killed(node)

    # The volumes stay.
    height = node.height()
    block = node.block(height)
    node("down").expect()
    assert node.container() == ""
    node.add("quick.yml", QUICK_HEALTH)
    node("up", "-d").expect()
    node.wait_for_height(height + 1)
    assert node.block(height) == block

    node.wait_for_health("healthy")
    node.engine("kill", "--signal=STOP", node.container())
    node.wait_for_health("unhealthy")
    node.engine("kill", "--signal=CONT", node.container())
    node.wait_for_health("healthy")
    node("stop").expect()
    assert node.look()["State"]["ExitCode"] == 0


def check_metrics(node):
    metrics = node.get(f"{METRICS}/metrics").expect().out
    assert f'platform="{NATIVE.name}",slice="{NATIVE.name}"' in metrics


def mounts_of(node):
    """Where → the options of the mount, the kind of file system and its options."""
    mounts = {}
    for line in node.proc("mountinfo").splitlines():
        mount, kind = line.split(" - ")
        mounts[mount.split()[4]] = mount.split()[5].split(","), kind.split()[0], kind.split()[2].split(",")
    return mounts


def check_confined(node):
    status = engines.status_words(node.proc("status"))
    engines.check_confined(status)
    assert status["NSpid"][-1] == "1"  # the program itself, without an init
    mounts = mounts_of(node)
    assert "ro" in mounts["/"][0] and "ro" in mounts["/run/secrets/password"][0]
    assert all("rw" in mounts[folder][0] for folder in ("/app/data", "/app/keystore"))


def check_cache(node):
    """The program was put there, and was started from there."""
    options, kind, of_tmpfs = mounts_of(node)["/var/cache/pixelzx"]
    assert kind == "tmpfs" and {"rw", "nosuid", "nodev"} <= set(options) and "noexec" not in options
    assert {"uid=1000", "gid=1000", "mode=700", "size=32768k"} <= set(of_tmpfs)
    assert node.program().startswith("/var/cache/pixelzx/")


def check_engine_settings(node):
    facts = node.look()["HostConfig"]
    assert facts["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "5"}}
    assert facts["RestartPolicy"]["Name"] == "unless-stopped"
    has = json.loads(node.engine("info", "--format", "{{json .}}").out)
    # What the machine's kernel cannot limit, the engine leaves out, and says so.
    assert facts["Memory"] == (2 << 30 if has["MemoryLimit"] else 0)
    assert (facts["PidsLimit"] or 0) == (256 if has["PidsLimit"] else 0)


def check_reach(node):
    """Nobody but this machine itself."""
    published = [place for places in node.look()["NetworkSettings"]["Ports"].values() for place in places or ()]
    assert sorted((place["HostIp"], place["HostPort"]) for place in published) == [("127.0.0.1", "6060"), ("127.0.0.1", "8545")]
    listening = node.room.run("ss", "--no-header", "--listening", "--tcp", "--numeric", check=True).out.splitlines()
    places = {line.split()[3] for line in listening}
    assert {place for place in places if place.endswith((":8545", ":6060"))} == {"127.0.0.1:8545", "127.0.0.1:6060"}


def check_killed(node):
    """The engine starts it again, and the chain goes on."""
    height, pid = node.height(), node.pid()
    block = node.block(height)
    node.room.run("kill", "-9", str(pid), check=True)
    wait_for("a new process", lambda: node.pid() not in (0, pid), pause=0.2)
    node.wait_for_height(height + 1)
    assert node.block(height) == block and node.look()["RestartCount"] == 1


@one_version("v2")
def test_chain_of_a_validator(deploy, version):
    node = deploy(version, "validator", PIXELZX_NETWORK="testnet", NODE_PASSWORD_FILE="./password")
    forgotten = node("up", "-d")
    assert forgotten.status != 0 and "password" in forgotten.err and "does not exist" in forgotten.err, forgotten
    password = node.folder / "password"
    password.write_text(PASSWORD + "\n")
    password.chmod(0o400)
    shutil.chown(password, 1000, 1000)
    nothing = node.once("start")
    assert nothing.status == 1 and "pixelzx init" in nothing.err + nothing.out
    account = re.search(r"0x[0-9a-fA-F]{40}", node.once("account", "new").expect().out)[0]
    node.once("init", "--network", "testnet", "--alloc", f"{OTHER}=1000000").expect()
    start(node)
    node.wait_for_height(1)
    assert node.block(1)["miner"] == account.lower() and node.rpc("eth_chainId") == hex(8889)
    assert int(node.rpc("eth_getBalance", OTHER, "latest"), 16) == 1_000_000 * 10**18
    check_restored(node)


def check_restored(node):
    """By what the guide says, with a new machine's empty volumes."""
    blocks = support.titled_blocks(SOURCE / "docs/compose.md")
    compose, engine = (" ".join(map(str, command)) for command in (node.command, node.engine.command))
    docker = f'docker() {{ if [ "$1" = compose ]; then shift; {compose} "$@"; else {engine} "$@"; fi; }}\nset -eu\n'

    def paste(title):
        node.run("sh", "-c", docker + blocks[title], cwd=node.folder).expect()

    height = node.height()
    block = node.block(height)
    paste("Back up")
    assert (node.folder / "keystore.tar").stat().st_mode & 0o777 == 0o600
    node("down", "--volumes").expect()
    paste("Restore")
    node.wait_for_height(height + 1)
    assert node.block(height) == block


@each_version
def test_platform(deploy, version):
    """That of the machine; or the one that is wanted, in an emulator."""
    node = deploy(version, "platform")
    for env, platform in ({}, NATIVE), ({"PIXELZX_PLATFORM": FOREIGN[0].name}, FOREIGN[0]):
        told = json.loads(node.once("version", "--output", "json", env=env).expect().out)
        assert told["platform"] == platform.name


# ---- podman ----

# It knows no tmpfs of another user.
FOR_PODMAN = {"NODE_IMAGE": f"localhost/{IMAGE}", "NODE_CACHE": "exec,mode=0700,size=32m"}
SOCKET = "/run/podman.sock"


@pytest.fixture(scope="module")
def podman_image(podman, make_image):
    podman("load", "--input", make_image("--single", "linux/amd64", "--name", IMAGE))


@pytest.fixture(scope="module")
def podman_socket(podman, podman_image):
    podman.room.serve("podman-api", *podman.command, "system", "service", "--time=0", f"unix://{SOCKET}",
                      ready=lambda: podman.room.run("test", "-S", SOCKET).status == 0)
    return {"DOCKER_HOST": f"unix://{SOCKET}"}


@one_version("v1")
def test_podman_by_its_socket(podman, podman_socket, engine_room, version):
    with Deployment(podman, engine_room.folder / f"podman-{version}", COMMANDS[version](),
                    {"PIXELZX_NETWORK": "devnet", **FOR_PODMAN}, podman_socket) as node:
        node("up", "-d").expect()
        node.wait_for_height(1)
        check_metrics(node)
        check_confined(node)
        check_reach(node)
        assert node.program().startswith("/memfd:")  # nothing but that tmpfs is missing
        # Timers that ask for health are systemd's.
        podman("healthcheck", "run", node.container())


def test_podman_compose(podman, podman_image, engine_room):
    """Settings of the node are from the environment. Its `run`, and its health check, are broken."""
    require("podman-compose")
    folder = engine_room.folder / "podman-compose"
    variables = dict(word.split("=", 1) for word in podman.command if word.startswith("CONTAINERS_"))
    with Deployment(podman, folder, ["podman-compose"], FOR_PODMAN,
                    {"PIXELZX_NETWORK": "devnet", **variables}) as node:
        node("up", "-d").expect()
        node.wait_for_height(1)
        check_confined(node)
        check_reach(node)
