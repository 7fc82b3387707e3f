# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: the products, running programs, and worlds to run them in.

A world is the front of a command line (`unshare … sh -c … sh`) that changes what the rest of it
sees: mounts, binfmt_misc handlers, a sysctl. Worlds compose by concatenation, live in namespaces of
their own and vanish with the process.
"""

import ctypes
import errno
import functools
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(os.environ.get("PIXELZX_SOURCE") or Path(__file__).resolve().parents[2])
DIST = Path(os.environ.get("PIXELZX_DIST") or SOURCE / "dist")
PACK = Path(os.environ.get("PIXELZX_PACK") or SOURCE / "build/host/packaging/pixelzx-pack")
EVM_CASES = Path(os.environ.get("PIXELZX_EVM_CASES") or SOURCE / "build/host/tests/evm_cases")
ETHEREUM_TESTS = Path(os.environ.get("PIXELZX_ETHEREUM_TESTS") or SOURCE / "build/host/tests/ethereum_tests")
BUNDLE = DIST / "pixelzx.bundle"
FULL = bool(os.environ.get("PIXELZX_TEST_FULL"))
# A hanging program shall not hang the suite. No test expects to run into it.
HANGS = 300
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Platform:
    name: str
    debian: str  # Debian's name of the architecture
    qemu: str  # the emulator is qemu-<this>
    uname: str  # uname -m of its kernels
    elf: tuple  # EI_CLASS, EI_DATA, e_machine
    lowest_cpus: tuple  # names that qemu-<this> -cpu takes; that of s390x knows no levels
    syscalls: dict  # numbers of those that tests refuse

    @property
    def folder(self):
        return self.name.replace("/", "-")

    @property
    def launcher(self):
        return DIST / "launcher" / self.folder / "pixelzx"

    @property
    def node(self):
        return SOURCE / "build" / self.folder / "node" / "pixelzx"


def syscalls(memfd_create, execveat, openat, fdatasync, fchmod, write, mkdirat, linkat, execve, rename, forks):
    return {"memfd_create": [memfd_create], "execveat": [execveat], "openat": [openat],
            "fdatasync": [fdatasync], "fchmod": [fchmod], "write": [write], "mkdirat": [mkdirat],
            "linkat": [linkat], "execve": [execve], "rename": rename, "fork": forks}


PLATFORMS = [
    Platform("linux/amd64", "amd64", "x86_64", "x86_64", (2, 1, 62), ("qemu64",),
             syscalls(319, 322, 257, 75, 91, 1, 258, 265, 59, [264, 316], [56, 57, 58, 435])),
    Platform("linux/arm64", "arm64", "aarch64", "aarch64", (2, 1, 183), ("cortex-a53",),
             syscalls(279, 281, 56, 83, 52, 64, 34, 37, 221, [38, 276], [220, 435])),
    Platform("linux/arm/v7", "armhf", "arm", "armv7l", (1, 1, 40), ("arm926", "arm1176", "cortex-a7"),
             syscalls(385, 387, 322, 148, 94, 4, 323, 330, 11, [329, 382], [2, 120, 190, 435])),
    Platform("linux/riscv64", "riscv64", "riscv64", "riscv64", (2, 1, 243), ("rv64", "sifive-u54"),
             syscalls(279, 281, 56, 83, 52, 64, 34, 37, 221, [276], [220, 435])),
    Platform("linux/ppc64le", "ppc64el", "ppc64le", "ppc64le", (2, 1, 21), ("power8",),
             syscalls(360, 362, 286, 148, 94, 4, 287, 294, 11, [293, 357], [2, 120, 189, 435])),
    Platform("linux/s390x", "s390x", "s390x", "s390x", (2, 2, 22), ("qemu",),
             syscalls(350, 354, 288, 148, 94, 4, 289, 296, 11, [295, 347], [2, 120, 190, 435])),
]
NATIVE = next((p for p in PLATFORMS if p.uname == os.uname().machine), None)
if NATIVE is None:
    raise RuntimeError(f"the tests know no platform for this machine, {os.uname().machine}")
FOREIGN = [p for p in PLATFORMS if p is not NATIVE]
PRODUCTS = [BUNDLE, PACK] + [p.launcher for p in PLATFORMS]


def by_name(platform):
    """The id of a parametrised test."""
    return platform.folder


# ---- what tests have asserted ----

provoked = set()


def saw(code):
    """The test has asserted that a diagnosis was made, `PZX-nnn`, or its number: what its marker
    `provokes` promises."""
    provoked.add(code if isinstance(code, str) else f"PZX-{code}")


def provokes(*numbers):
    """A mark: the test makes these diagnoses happen, and asserts it (refused, diagnosed, saw)."""
    return pytest.mark.provokes(*(f"PZX-{number}" for number in numbers))


def codes_of(report):
    """The codes of the findings in a doctor's JSON, in order."""
    return [finding["code"] for finding in report["findings"]]


def diagnosed(report, number, **evidence):
    """The finding PZX-`number` in a doctor's JSON. `evidence`: words that are among what was seen."""
    findings = [finding for finding in report["findings"] if finding["code"] == f"PZX-{number}"]
    assert findings, f"no PZX-{number} among {report['findings']}"
    for name, words in evidence.items():
        assert words in findings[0]["evidence"].get(name, ""), findings[0]
    saw(number)
    return findings[0]


# ---- running programs ----


@dataclass
class Result:
    status: int  # negative: died of that signal
    out: str
    err: str

    @property
    def traces(self):
        """The JSON records of PIXELZX_TRACE: one for each program that was tried."""
        return [json.loads(line) for line in self.err.splitlines() if line.startswith("{")]

    @property
    def trace(self):
        """That of the program which has run."""
        return self.traces[-1]

    @property
    def report(self):
        """What the probe has printed."""
        return json.loads(self.out)

    def expect(self, status=0):
        assert self.status == status, f"status {self.status}\n{self.out}{self.err}"
        return self

    def refused(self, code, *words, status=126):
        """The launcher started nothing, and said why."""
        assert (self.status, self.out) == (status, ""), f"status {self.status}\n{self.out}{self.err}"
        for word in (f"PZX-{code}", "what to do", *words):
            assert word in self.err, f"no {word!r} in: {self.err}"
        saw(code)
        return self


def run(command, env=None, check=False, **options):
    """Runs a command with no environment but PATH and `env`."""
    environment = {"PATH": PATH, **(env or {})}
    options = {"stdin": subprocess.DEVNULL, "timeout": HANGS, **options}
    done = subprocess.run([os.fspath(word) for word in command], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    result = Result(done.returncode, done.stdout.decode(errors="surrogateescape"),
                    done.stderr.decode(errors="surrogateescape"))
    return result.expect() if check else result


def listing(bundle=BUNDLE):
    """What `pixelzx-pack list --output json` says of a bundle."""
    return json.loads(run([PACK, "list", "--output", "json", bundle], check=True).out)


def code_blocks(text, language="sh"):
    """The code of a page in Markdown that is said to be in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def titled_blocks(page):
    """The commands of a guide, a path, by the comment in their first line."""
    pairs = (block.split("\n", 1) for block in code_blocks(page.read_text()))
    return {title.removeprefix("# "): commands for title, commands in pairs}


def image_command(output, *options, bundle=BUNDLE):
    """That of pixelzx-pack which makes images, with the configuration of the node's."""
    return [PACK, "image", "--launchers", DIST / "launcher", "--config", SOURCE / "packaging/image.json", *options,
            "-o", output, bundle]


class Installation:
    """A launcher in a folder of its own, with a bundle beside it and a cache that does not exist yet."""

    def __init__(self, folder, bundle=None, platform=NATIVE):
        self.folder = folder
        self.launcher = folder / "pixelzx"
        self.bundle = folder / "pixelzx.bundle"
        self.cache = folder / "cache"
        shutil.copy(platform.launcher, self.launcher)
        if isinstance(bundle, bytes):
            self.bundle.write_bytes(bundle)
        elif bundle is not None:
            self.bundle.symlink_to(bundle)

    def run(self, *arguments, world=(), env=None, **options):
        """Runs the launcher with a JSON trace and the cache of this installation."""
        environment = {"PIXELZX_TRACE": "json", "PIXELZX_CACHE": os.fspath(self.cache), **(env or {})}
        return run([*world, self.launcher, *arguments],
                   {name: value for name, value in environment.items() if value is not None}, **options)

    def doctor(self, *words, status=None, world=(), env=None, **options):
        """The JSON report of `pixelzx doctor`, which must leave with `status`: unless told, 1 when an
        error is among the findings."""
        variables = {"PIXELZX_CACHE": os.fspath(self.cache), **(env or {})}
        result = run([*world, self.launcher, "doctor", "--json", *words],
                     {name: value for name, value in variables.items() if value is not None}, **options)
        assert result.status in (0, 1) and result.err == "", f"status {result.status}\n{result.out}{result.err}"
        report = json.loads(result.out)
        errors = any(finding["severity"] == "error" for finding in report["findings"])
        assert result.status == (int(errors) if status is None else status), report["findings"]
        return report

    def entries(self, program="*"):
        """The programs in the cache."""
        return sorted(self.cache.glob(f"*/{program}"))

    def leftovers(self):
        """What lies in the cache and is no entry."""
        if not self.cache.exists():
            return []
        return [path.name for path in self.cache.iterdir() if not (len(path.name) == 64 and path.is_dir())]


def built(name, folder):
    """The program of `name`.cc in this folder, or one built into `folder` when ctest has not named it."""
    named = os.environ.get(f"PIXELZX_{name.upper()}")
    if named:
        return Path(named)
    source = Path(__file__).with_name(f"{name}.cc")
    run(["g++", "-std=c++20", "-O1", "-static", "-o", folder / name, source], check=True)
    return folder / name


# ---- what the machine must have ----


def works(*command):
    try:
        return run(command).status == 0
    except FileNotFoundError:
        return False


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
needs_mounts = pytest.mark.skipif(not works("unshare", "-Urm", "mount", "-t", "tmpfs", "none", "/mnt"),
                                  reason="cannot mount in a namespace of its own")


@functools.lru_cache(None)
def handlers_missing():
    """Why no private binfmt_misc handlers can be registered here; empty when they can."""
    for platform in FOREIGN:
        if not Path(f"/usr/lib/binfmt.d/qemu-{platform.qemu}.conf").exists():
            return f"no handler for {platform.name} in /usr/lib/binfmt.d (package qemu-user-static)"
    if not works(*with_handlers(), "true"):
        return "cannot register binfmt_misc handlers in a user namespace (Linux 6.7 and later)"
    return ""


def require_handlers():
    if handlers_missing():
        pytest.skip(handlers_missing())


def build_cache():
    """The cache outside the clone."""
    return Path(subprocess.run([SOURCE / "packaging/build-cache.sh"], check=True, capture_output=True, text=True)
                .stdout.strip())


def fetched(suite, architecture, package, keep=lambda folder: None, part=""):
    """The content of a Debian package, in the build cache. Skips the test when it cannot be had.
    `keep` may shrink the folder before it is kept; `part` is then for the folder's name, where others keep
    something else of that package."""
    folder = build_cache() / "e2e" / f"{suite}-{architecture}-{package}{part}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    command = [SOURCE / "packaging/apt.sh", "binary", suite, architecture, package, draft]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=HANGS)
    if done.returncode != 0:
        pytest.skip(f"cannot fetch {package} of {suite} for {architecture}: {done.stdout.decode()}")
    keep(draft)
    try:
        draft.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(draft)  # another test was faster
    return folder


def apt_configuration():
    """The machine's own mirrors and keys, for mmdebstrap."""
    return [path for path in ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources") if os.path.exists(path)]


DEBIAN = ["--variant=minbase", "bookworm"]


def debian_root(*options):
    """Debian's smallest system, in the build cache, not to be written to. Takes a minute to make once. `options`: more of
    mmdebstrap's, before these."""
    options = [*options, *DEBIAN]
    digest = hashlib.sha256(" ".join(options).encode()).hexdigest()[:12]
    root = build_cache() / "e2e" / f"debian-{NATIVE.debian}-{digest}"
    if root.exists():
        return root
    if not works("mmdebstrap", "--version"):
        pytest.skip("needs mmdebstrap")
    root.parent.mkdir(parents=True, exist_ok=True)
    draft = root.with_name(f".{root.name}.{os.getpid()}")
    made = run(["mmdebstrap", *options, draft, *apt_configuration()], timeout=1800)
    if made.status != 0:
        subprocess.run(["rm", "-rf", draft])
        pytest.skip(f"cannot make a Debian system: {made.err}")
    draft.rename(root)
    return root


# ---- worlds ----


def world(script, *namespaces):
    """The front of a command that runs in new namespaces, after a shell script."""
    if os.geteuid() != 0 and "-Ur" not in namespaces:
        namespaces = ("-Ur", *namespaces)
    return ["unshare", "-m", *namespaces, "sh", "-ec", script + '\nexec "$@"', "sh"]


def register_handlers(flags="POF", emulator="/usr/libexec/qemu-binfmt/{}-binfmt-P"):
    """A shell script that registers Debian's qemu-user handlers for the foreign platforms in the
    binfmt_misc at hand. With other `flags` than Debian's; with P the emulator must be named as Debian's so
    that it expects argv[0]."""
    if "P" not in flags and "binfmt-P" in emulator:
        emulator = "/usr/bin/qemu-{}-static"
    script = []
    for platform in FOREIGN:
        conf = Path(f"/usr/lib/binfmt.d/qemu-{platform.qemu}.conf")
        if not conf.exists():
            continue
        fields = conf.read_text().strip().split(":")
        fields[6:] = [emulator.format(platform.qemu), flags]
        script.append(f"printf '%s' '{':'.join(fields)}' >/proc/sys/fs/binfmt_misc/register")
    return "\n".join(script)


def with_handlers(*handlers):
    """Those handlers in a binfmt_misc of their own."""
    return world("mount -t binfmt_misc none /proc/sys/fs/binfmt_misc\n" + register_handlers(*handlers), "-Ur")


def without_handlers():
    """A binfmt_misc of its own, empty: the machine's handlers are not there."""
    return world("mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || "
                 "! grep -qs enabled /proc/sys/fs/binfmt_misc/qemu-*", "-Ur")


def hiding(*folders):
    """Empty folders in place of these."""
    return world("\n".join(f"mount -t tmpfs none {folder}" for folder in folders))


def mounted(kind, options, folder, then=":"):
    return world(f"mount -t {kind} -o {options} none '{folder}'\n{then}")


def as_user(uid):
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]


# ---- seccomp ----

KILL = 0x80000000  # SECCOMP_RET_KILL_PROCESS
O_TMPFILE = 0o20000000
BPF_LD, BPF_JEQ, BPF_JSET, BPF_RET = 0x20, 0x15, 0x45, 0x06
ARGUMENT_2 = 16 + 2 * 8 + (4 if NATIVE.elf[1] == 2 else 0)  # its low half, in struct seccomp_data
libc = ctypes.CDLL(None, use_errno=True)


def refusing(**verdicts):
    """A preexec_fn: a seccomp filter. `verdicts`: syscall → errno, or KILL. `o_tmpfile` stands for an
    openat with that flag, which is what a file system without it refuses."""
    program = [(BPF_LD, 0, 0, 0)]
    for name, verdict in verdicts.items():
        answer = verdict if verdict == KILL else 0x00050000 | verdict
        if name == "o_tmpfile":
            program += [(BPF_JEQ, 0, 3, NATIVE.syscalls["openat"][0]), (BPF_LD, 0, 0, ARGUMENT_2),
                        (BPF_JSET, 0, 1, O_TMPFILE), (BPF_RET, 0, 0, answer), (BPF_LD, 0, 0, 0)]
            continue
        for number in NATIVE.syscalls[name]:
            program += [(BPF_JEQ, 0, 1, number), (BPF_RET, 0, 0, answer)]
    program.append((BPF_RET, 0, 0, 0x7FFF0000))

    class Instruction(ctypes.Structure):
        _fields_ = [("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte),
                    ("k", ctypes.c_uint)]

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.POINTER(Instruction))]

    code = (Instruction * len(program))(*(Instruction(*line) for line in program))
    loaded = Program(len(program), code)

    def apply():
        no_new_privs, set_seccomp, filter_mode = 38, 22, 2
        for call in ((no_new_privs, 1, 0, 0, 0), (set_seccomp, filter_mode, ctypes.byref(loaded))):
            if libc.prctl(*call) != 0:
                raise OSError(ctypes.get_errno(), "seccomp")

    return apply


def refusing_execve(error):
    """The front of a command: the command starts, and then every execve and execveat fails with `error`."""
    numbers = [NATIVE.syscalls[name][0] for name in ("execve", "execveat")]
    return [sys.executable, "-IB", Path(__file__).with_name("refuse_execve.py"), str(error), *map(str, numbers)]


NO_O_TMPFILE = {"o_tmpfile": errno.EOPNOTSUPP}


def limited(name, value):
    """A preexec_fn: a resource limit."""
    return lambda: resource.setrlimit(name, (value, value))


# ---- exact starts, for which subprocess is too helpful ----


def exact_execve(path, argv, environ):
    """execve(2) with any bytes, also no argument at all. Returns only on failure."""
    def array(items):
        return (ctypes.c_char_p * (len(items) + 1))(*items, None)
    libc.execve(os.fsencode(path), array(argv), array(environ))


def start(path, argv, environ, output, prepare=()):
    """Starts a program with its standard output in the file `output`; `prepare`: what the child does
    before. Returns its PID and wait status."""
    pid = os.fork()
    if pid == 0:
        try:
            for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
                signal.signal(number, signal.SIG_DFL)  # Python ignores some
            os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
            for step in prepare:
                step()
            exact_execve(path, argv, environ)
        finally:
            os._exit(100)
    return pid, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
