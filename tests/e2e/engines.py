# SPDX-License-Identifier: Apache-2.0
"""Container engines and a registry, in a room of their own.

The room is a user namespace in which root is root and every id is itself, with mounts, processes, a
loopback network, a /run and a binfmt_misc of its own. Debian's handlers for the foreign platforms are
registered in there alone, the engines keep their state in a folder that is removed at the end, and all
that runs in the room ends with its first process, which ends with the tests. Nothing of the machine's own
engines is touched, and nobody outside reaches the registry.
"""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import support

# Not whatever else is called docker on this machine.
DOCKER, DOCKERD = "/usr/bin/docker", "/usr/sbin/dockerd"
START_LIMIT = 120  # seconds
# The ids that Debian gives to users and services, and more; that of nobody is among them.
IDS = "0 0 1000000"
# crun refuses the mixture of both cgroup versions that some machines without systemd have.
SET_UP = """
echo unshared
read -r mapped
mount -t proc proc /proc
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
{handlers}
mount -t tmpfs none /run
busybox ip link set lo up
! mountpoint -q /sys/fs/cgroup/unified || mount -t tmpfs none /sys/fs/cgroup/unified
echo ready
exec env --ignore-signal=CHLD cat
"""
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
netns = "none"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
REGISTRY = """
version: 0.1
log: {{level: warn}}
storage: {{filesystem: {{rootdirectory: {folder}}}, delete: {{enabled: true}}}}
http: {{addr: "{address}"}}
"""


class Room:
    """`folder`: removed at the end. Commands run in the room with its PATH, HOME and TMPDIR."""

    def __init__(self, folder):
        self.folder = folder
        self.env = {"HOME": str(folder), "TMPDIR": str(folder / "tmp")}
        (folder / "tmp").mkdir()
        script = SET_UP.format(handlers=support.register_handlers())
        self.keeper = subprocess.Popen(["unshare", "-Umn", "--pid", "--fork", "--kill-child", "sh", "-ec", script],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        self._hear(b"unshared\n")
        for kind in ("uid_map", "gid_map"):
            Path(f"/proc/{self.keeper.pid}/{kind}").write_text(IDS)
        self.keeper.stdin.write(b"mapped\n")
        self._hear(b"ready\n")

    def _hear(self, word):
        heard = self.keeper.stdout.readline()
        assert heard == word, f"the room has not said {word}, but {heard}"

    def enter(self, *command, cwd="/"):
        """The command, to be run in the room."""
        pid = self.keeper.pid
        return ["nsenter", "-U", "-m", "-n", f"--pid=/proc/{pid}/ns/pid_for_children", "-t", str(pid), "--",
                "env", "-C", cwd, *command]

    def run(self, *command, cwd="/", env=None, **options):
        return support.run(self.enter(*command, cwd=cwd), {**self.env, **(env or {})}, **options)

    def serve(self, name, *command, ready):
        """Starts a server, which ends with the room, and waits until `ready()`."""
        log = self.folder / f"{name}.log"
        with open(log, "wb") as output:
            server = subprocess.Popen([os.fspath(word) for word in self.enter(*command)],
                                      env={"PATH": support.PATH, **self.env}, stdin=subprocess.DEVNULL,
                                      stdout=output, stderr=subprocess.STDOUT)
        give_up = time.monotonic() + START_LIMIT
        while not ready():
            if server.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"{name} has not started:\n{log.read_text()}")
            time.sleep(0.05)

    def close(self):
        self.keeper.stdin.close()  # cat ends, the kernel kills every process of the room
        self.keeper.wait()


class Registry:
    """A registry, over HTTP."""

    address = "127.0.0.1:5000"

    def __init__(self, room):
        self.room, self.folder = room, room.folder / "registry"
        config = room.folder / "registry.yml"
        config.write_text(REGISTRY.format(folder=self.folder, address=self.address))
        room.serve("docker-registry", "docker-registry", "serve", config,
                   ready=lambda: room.run("busybox", "wget", "-q", "-O", "-", f"http://{self.address}/v2/").status == 0)

    def blobs(self):
        """digest → bytes that its content takes in the registry's storage."""
        return {"sha256:" + path.parent.name: path.stat().st_size
                for path in self.folder.glob("docker/registry/v2/blobs/sha256/*/*/data")}

    def push(self, source, name, *options):
        """Copies all of `source` (as skopeo names it) into the registry. Returns the image's name."""
        target = f"{self.address}/{name}"
        self.room.run("skopeo", "copy", "--quiet", "--all", "--dest-tls-verify=false", *options, source,
                      f"docker://{target}", check=True)
        return target

    def inspect(self, name):
        """The manifest or index as it was stored."""
        return self.room.run("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{self.address}/{name}",
                             check=True).out


class Engine:
    """`name` is for people. Calling it runs one of its commands, which must succeed."""

    def __init__(self, room, name, command):
        self.room, self.name, self.command = room, name, command

    def __call__(self, *words, **options):
        return self.room.run(*self.command, *words, **options).expect()

    def pull(self, image, *options):
        self("pull", "--quiet", *self.insecure, *options, image)

    def start(self, image, *arguments, options=(), env=None):
        """Runs a container to its end. `env`: of the container. Returns what it has said, and its status."""
        variables = [f"--env={name}={value}" for name, value in (env or {}).items()]
        return self.room.run(*self.command, "run", "--rm", "--network=none", *options, *variables, image, *arguments)


class Podman(Engine):
    program = "podman"
    insecure = ["--tls-verify=false"]  # pull and push over HTTP
    archives = {"docker-archive": ["--format=docker-archive"], "oci-archive": ["--format=oci-archive"]}  # of save

    def __init__(self, room, runtime="runc"):
        folder = room.folder / "podman"
        folder.mkdir(exist_ok=True)
        (folder / "containers.conf").write_text(CONTAINERS_CONF)
        (folder / "storage.conf").write_text("[storage]\ndriver = \"overlay\"\n"
                                             f"graphroot = \"{folder}/storage\"\nrunroot = \"/run/storage\"\n")
        super().__init__(room, f"podman with {runtime}", [
            "env", f"CONTAINERS_CONF={folder}/containers.conf", f"CONTAINERS_STORAGE_CONF={folder}/storage.conf",
            "podman", "--runtime", runtime])


class Docker(Engine):
    """Docker Engine, its daemon included."""

    program = "docker"
    insecure = []  # loopback registries are
    archives = {"docker-archive": []}

    def __init__(self, room):
        super().__init__(room, "Docker Engine", [DOCKER])
        # The bridge is the room's. Nothing is beyond it, so there is nothing to forward.
        room.serve(
            "dockerd", DOCKERD, "--iptables=false", "--ip6tables=false", "--ip-forward=false",
            "--storage-driver=overlay2", "--data-root", room.folder / "docker",
            ready=lambda: room.run(DOCKER, "version").status == 0)


def status_words(text):
    """/proc/PID/status: name → words."""
    return {name: value.split() for name, value in (line.split(":", 1) for line in text.splitlines())}


def check_confined(status):
    """A process, of which these are the status_words(), is not root, has no capabilities and no way to them, and a seccomp
    filter."""
    assert status["Uid"] == status["Gid"] == ["1000"] * 4
    assert [status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")] == [["0" * 16]] * 5
    assert (status["NoNewPrivs"], status["Seccomp"]) == (["1"], ["2"])


def require(*programs):
    for program in programs:
        if shutil.which(program, path=support.PATH) is None:
            pytest.skip(f"{program} is not installed (packaging/setup.sh test)")


@pytest.fixture(scope="session")
def engine_room():
    if os.geteuid() != 0:
        pytest.skip("needs root")
    support.require_handlers()
    folder = Path(tempfile.mkdtemp(prefix="pixelzx-e2e-"))
    folder.chmod(0o755)  # for those in a container who are not root
    room = Room(folder)
    yield room
    room.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def registry(engine_room):
    require("docker-registry", "skopeo")
    return Registry(engine_room)


@pytest.fixture(scope="session")
def podman(engine_room):
    """With runc."""
    require("podman", "runc")
    return Podman(engine_room)


@pytest.fixture(scope="session")
def podman_crun(engine_room, podman):
    """With crun, and the same images."""
    require("crun")
    return Podman(engine_room, "crun")


@pytest.fixture(scope="session")
def docker(engine_room):
    require(DOCKER, DOCKERD, "runc")
    return Docker(engine_room)
