# SPDX-License-Identifier: Apache-2.0
"""Machines on which something is short, missing or forbidden. Each time the program starts, or a diagnosis
says why not; and nothing is left behind. What test_cache.py and test_memfd.py have is not repeated."""

import contextlib
import errno
import hashlib
import os
import random
import resource
import signal
import subprocess
from pathlib import Path

import bundles
import pytest
import support
from launches import KINDS, STARTED, Launch
from support import NATIVE, NO_O_TMPFILE, Installation, mounted, needs_mounts, needs_root, refusing, world
from test_identity import ignored

BOTH = pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
# After the command: its status, what is in the cache and is no folder, and the digests of that.
LOOK = ["sh", "-c", '"$@"; echo "status $?"; find "$PIXELZX_CACHE" ! -type d -exec sha256sum {} +', "sh"]


@pytest.fixture
def installation(tmp_path, small_probe):
    installation = Installation(tmp_path, bundles.make_bundle({NATIVE.name: small_probe}))
    installation.cache.mkdir(0o700)
    return installation


def started(result):
    assert result.status == STARTED, result
    return result.trace["source"] if result.traces else None


# ---- disks ----


@needs_mounts
@BOTH
def test_full_disk(installation, small_probe, verdicts):
    """A file system of each size around that of the program: all of it or nothing."""
    page = os.sysconf("SC_PAGE_SIZE")
    pages = -(-len(small_probe) // page)
    digest = hashlib.sha256(small_probe).hexdigest()
    sources = []
    for size in (1, 2, pages // 2, *range(pages - 4, pages + 5)):
        front = mounted("tmpfs", f"mode=700,size={size * page}", installation.cache)
        result = installation.run("exit", str(STARTED), world=[*front, *LOOK], preexec_fn=refusing(**verdicts))
        status, *files = result.out.splitlines()
        assert status == f"status {STARTED}", (size, result)
        sources.append(result.trace["source"])
        kept = [f"{digest}  {installation.cache}/{digest}/probe"] if sources[-1] == "unpacked" else []
        assert files == kept, size
    assert sources == sorted(sources) and {"memfd", "unpacked"} == set(sources), sources


@support.provokes(301)
@needs_mounts
@BOTH
def test_full_disk_and_no_memory_files(installation, verdicts):
    front = mounted("tmpfs", "mode=700,size=64k", installation.cache)
    installation.run(world=front, preexec_fn=refusing(memfd_create=errno.EPERM, **verdicts)).refused(
        301, os.strerror(errno.ENOSPC), "memfd_create")


@BOTH
@pytest.mark.parametrize("more", [-4097, -1, 0, 1])
def test_file_size_limit(installation, small_probe, more, verdicts):
    """One byte too few is an error, and no death by SIGXFSZ."""

    def prepare():
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        refusing(**verdicts)()
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(small_probe) + more,) * 2)

    result = installation.run("exit", str(STARTED), preexec_fn=prepare, restore_signals=False)
    if more < 0:
        result.refused(301, os.strerror(errno.EFBIG))
        assert installation.entries() == []
    else:
        assert started(result) == "unpacked"
    assert installation.leftovers() == []


@needs_mounts
@pytest.mark.parametrize("options, source", [("nosuid,nodev", "unpacked"), ("noexec", "memfd"), ("ro", "memfd")])
def test_mounted(installation, options, source):
    front = mounted("tmpfs", f"mode=700,{options}", installation.cache)
    assert started(installation.run("exit", str(STARTED), world=front)) == source


@needs_mounts
@pytest.mark.parametrize("options", ["ro", "nosuid", "nodev", "ro,nosuid,nodev,noatime"])
def test_launcher_and_bundle_mounted(tmp_path, installation, options):
    front = world(f"mount --bind '{tmp_path}' '{tmp_path}'; mount -o remount,bind,{options} '{tmp_path}'")
    source = started(installation.run("exit", str(STARTED), world=front))
    assert source == ("memfd" if "ro" in options else "unpacked")


# ---- what the kernel grants ----


@pytest.mark.parametrize("cache", ["cache", "off"])
def test_address_space(installation, small_probe, tmp_path, cache):
    """From too little for anything to enough."""
    program = tmp_path / "program"
    program.write_bytes(small_probe)
    program.chmod(0o755)
    env = {"PIXELZX_CACHE": "off"} if cache == "off" else {}
    outcomes = []
    for kib in range(1024, 8192, 128):
        prepare = support.limited(resource.RLIMIT_AS, kib << 10)
        with contextlib.suppress(OSError):  # not even the launcher fits
            result = installation.run("exit", str(STARTED), env=env, preexec_fn=prepare)
            direct = support.run([program, "exit", str(STARTED)], preexec_fn=prepare).status == STARTED
            outcomes.append(result.status)
            # The kernel kills what it has begun to execute and cannot map.
            assert result.status == STARTED or not direct or result.status == 126, (kib, result)
            assert result.status != 126 or "[PZX-" in result.err, (kib, result)
            for entry in installation.entries():
                assert entry.read_bytes() == small_probe
                entry.unlink()
            assert installation.leftovers() == []
    assert outcomes[-1] == STARTED and 126 in outcomes


@BOTH
@pytest.mark.parametrize("descriptors", range(3, 9))
def test_descriptors(installation, small_probe, descriptors, verdicts):
    def prepare():
        refusing(**verdicts)()
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

    result = installation.run("exit", str(STARTED), preexec_fn=prepare)
    assert result.status == STARTED or (result.status == 126 and "PZX-30" in result.err), result
    assert [entry.read_bytes() for entry in installation.entries()] in ([], [small_probe])
    assert installation.leftovers() == []


@needs_root
@pytest.mark.parametrize("cache", ["cache", "off"])
def test_processes(open_path, small_probe, cache):
    """A user who may have no process but this one."""
    installation = Installation(open_path, bundles.make_bundle({NATIVE.name: small_probe}))
    installation.cache.mkdir(0o700)
    os.chown(installation.cache, 54321, 54321)
    env = {"PIXELZX_CACHE": "off"} if cache == "off" else {}
    assert started(installation.run("exit", str(STARTED), world=support.as_user(54321), env=env,
                                    preexec_fn=support.limited(resource.RLIMIT_NPROC, 1)))


# ---- a memory cgroup ----

CGROUPS = Path("/sys/fs/cgroup")


def memory_cgroup(number):
    """A new cgroup and the name of the file with its limit, of version 1 or 2; or why there is none."""
    name = f"pixelzx-e2e-{os.getpid()}-{number}"
    for root, limit in ((CGROUPS / "memory", "memory.limit_in_bytes"), (CGROUPS, "memory.max")):
        try:
            if limit == "memory.max":
                (root / "cgroup.subtree_control").write_text("+memory")
            (root / name).mkdir()
        except OSError as error:
            reason = f"{root}: {error}"
            continue
        if (root / name / limit).exists():
            return root / name, limit
        (root / name).rmdir()
        reason = f"{root} is none of memory"
    return None, reason


@pytest.fixture
def in_cgroup():
    """A function: the front of a command in a cgroup of its own with that many MiB: what another has read and written
    would stay charged to it."""
    made = []

    def front(mib):
        folder, limit = memory_cgroup(len(made))
        if folder is None:
            pytest.skip(f"no memory cgroup can be made: {limit}")
        made.append(folder)
        (folder / limit).write_text(str(mib << 20))
        return ["sh", "-ec", f'echo $$ >{folder}/cgroup.procs; exec "$@"', "sh"]

    yield front
    for folder in made:
        folder.rmdir()


def large_program(probe, mib):
    """The probe with that much behind it which cannot be compressed."""
    return probe + random.Random(3).randbytes(mib << 20)


@needs_root
@BOTH
def test_memory_cgroup_smaller_than_the_program(tmp_path, small_probe, in_cgroup, verdicts):
    """Into the cache goes a program of any size with little more than zstd's window of 8 MiB."""
    data = large_program(small_probe, 64)
    frame = bundles.zstd(data, "-1", "--long=23")
    installation = Installation(tmp_path, bundles.make_bundle({NATIVE.name: bundles.Slice(data, frame=frame)}))
    result = installation.run("exit", str(STARTED), world=in_cgroup(24), preexec_fn=refusing(**verdicts))
    assert started(result) == "unpacked"
    assert [entry.read_bytes() == data for entry in installation.entries()] == [True]
    assert started(installation.run("exit", str(STARTED), world=in_cgroup(4))) == "cache"


@needs_root
@pytest.mark.parametrize("cache", ["cache", "off"])
@pytest.mark.parametrize("mib", [1, 2, 4, 8, 12])
def test_memory_cgroup_that_is_too_small(tmp_path, small_probe, in_cgroup, mib, cache):
    """The OOM killer may strike; then the next launch works, and cleans up."""
    data = large_program(small_probe, 16)
    frame = bundles.zstd(data, "-1", "--long=23")
    installation = Installation(tmp_path, bundles.make_bundle({NATIVE.name: bundles.Slice(data, frame=frame)}))
    env = {"PIXELZX_CACHE": "off"} if cache == "off" else {}
    result = installation.run("exit", str(STARTED), world=in_cgroup(mib), env=env, preexec_fn=refusing(**NO_O_TMPFILE))
    refused = result.status == 126 and "[PZX-" in result.err
    assert refused or result.status in (STARTED, -signal.SIGKILL), result
    assert cache == "cache" or result.status != STARTED  # the program does not fit
    assert len(installation.leftovers()) <= 1
    assert started(installation.run("exit", str(STARTED))) in ("unpacked", "cache")
    assert [entry.read_bytes() == data for entry in installation.entries()] == [True]
    assert installation.leftovers() == []


# ---- what is missing ----


@needs_mounts
@BOTH
@pytest.mark.parametrize("missing", ["/proc", "/sys", "/dev", "/tmp", "/proc /sys /dev /tmp /var /run"])
def test_missing_folders(tmp_path, installation, missing, verdicts):
    """Empty ones in their places; launcher and cache are below /mnt."""
    script = "\n".join([f"mount --bind '{tmp_path}' /mnt", *(f"mount -t tmpfs none {name}" for name in missing.split())])
    for source in ("unpacked", "cache"):
        result = support.run([*world(script), "/mnt/pixelzx", "exit", str(STARTED)], cwd="/",
                             env={"PIXELZX_TRACE": "json", "PIXELZX_CACHE": "/mnt/cache"}, preexec_fn=refusing(**verdicts))
        assert started(result) == source
    result = support.run([*world(script), "/mnt/pixelzx", "exit", str(STARTED)], cwd="/",
                         env={"PIXELZX_TRACE": "json", "PIXELZX_CACHE": "off"})
    assert started(result) == "memfd"
    assert len(installation.entries()) == 1 and installation.leftovers() == []


@needs_mounts
@pytest.mark.parametrize("variables", [{}, {"HOME": ""}, {"HOME": "/nonexistent/x"}, {"HOME": "relative"},
                                       {"HOME": "/dev/null"}, {"HOME": "/proc"}])
def test_no_home(installation, variables):
    """As services and containers start: nothing to unpack into, but memory."""
    front = world("mount -t tmpfs -o mode=755 none /var/cache\nmkdir /nonexistent 2>/dev/null || :\n"
                  "mount -t tmpfs -o ro none /nonexistent")
    env = {"PIXELZX_CACHE": None, **variables}
    try:
        assert started(installation.run("exit", str(STARTED), world=front, env=env)) == "memfd"
    finally:
        with contextlib.suppress(OSError):
            os.rmdir("/nonexistent")


# ---- standard streams ----

CLOSED = [[fd for fd in range(3) if mask >> fd & 1] for mask in range(8)]


@pytest.mark.parametrize("closed", CLOSED, ids=lambda closed: "".join(map(str, closed)) or "none")
@pytest.mark.parametrize("kind", ["first", "first, no O_TMPFILE", "old versions", "warm", "memory"])
def test_closed_streams_stay_closed(tmp_path, small_probe, kind, closed):
    """No file of the launcher's takes their numbers: the program finds them as they were, though a trace
    was to be written there."""
    launch = Launch(tmp_path, small_probe, kind)
    launch.reset()
    environ = [b"PROBE_OUTPUT=" + os.fsencode(tmp_path / "report"), b"PIXELZX_TRACE=json",
               b"PIXELZX_CACHE=" + (b"off" if kind == "memory" else os.fsencode(launch.cache))]
    steps = [lambda fd=fd: os.close(fd) for fd in closed]
    steps += [launch.prepare] if launch.prepare else []
    _, status = support.start(launch.installation.launcher, [b"x"], environ, tmp_path / "out", steps)
    assert status == 0
    report = support.Result(0, (tmp_path / "report").read_text(), "").report
    assert [fd["fd"] for fd in report["fds"] if fd["fd"] < 3] == [fd for fd in range(3) if fd not in closed]
    assert not [fd for fd in report["fds"] if b"pixelzx" in bytes.fromhex(fd["target"]) and fd["fd"] > 2]
    assert launch.strangers() == []


@pytest.mark.parametrize("kind", ["first", "first, no O_TMPFILE", "old versions", "warm", "memory"])
def test_no_file_of_the_launcher_takes_their_numbers(tmp_path, faults, small_probe, kind):
    """Looked at before each of its calls but those two that move one which has just been opened."""
    launch = Launch(tmp_path, small_probe, kind)
    seen = tmp_path / "seen"
    environ = [b"PATH=" + support.PATH.encode(),
               b"PIXELZX_CACHE=" + (b"off" if kind == "memory" else os.fsencode(launch.cache))]
    steps = [lambda fd=fd: os.close(fd) for fd in range(3)] + ([launch.prepare] if launch.prepare else [])
    for call in sorted(set(launch.calls(faults)) - {"close", "fcntl"}):
        launch.reset()
        words = ["faults", "stop", call, f"ls /proc/$LAUNCHER/fd >>'{seen}'", launch.installation.launcher, "exit", "42"]
        _, status = support.start(faults, [os.fsencode(word) for word in words], environ, tmp_path / "out", steps)
        assert status == STARTED, call
        assert {"0", "1", "2"} & set(seen.read_text().split()) == set(), call
    assert "3" in seen.read_text().split()


@pytest.mark.parametrize("closed", CLOSED, ids=lambda closed: "".join(map(str, closed)) or "none")
@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
def test_diagnosis_with_closed_streams(tmp_path, small_probe, verdicts, closed):
    """It goes to stderr or nowhere: not into the bundle, nor into a file in the cache."""
    damaged = bytearray(bundles.make_bundle({NATIVE.name: small_probe}))
    damaged[len(damaged) // 2] ^= 1
    installation = Installation(tmp_path, bytes(damaged))
    steps = [lambda fd=fd: os.close(fd) for fd in closed] + [refusing(**verdicts)]
    _, status = support.start(installation.launcher, [b"x"], [b"PIXELZX_CACHE=" + os.fsencode(installation.cache)],
                              tmp_path / "out", steps)
    assert status == 126
    assert installation.bundle.read_bytes() == damaged
    assert [path for path in installation.cache.rglob("*") if not path.is_dir()] == []
    assert (tmp_path / "out").read_bytes() == b""


def with_a_closed_pipe(command, env):
    """Runs it with a standard error that nobody reads, and SIGPIPE as it is by default."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=writer,
                          preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL), timeout=support.HANGS)
    os.close(writer)
    return support.Result(done.returncode, done.stdout.decode(), "")


def test_diagnosis_into_a_closed_pipe(installation):
    """The exit status still says that nothing was started."""
    installation.bundle.write_bytes(installation.bundle.read_bytes()[:-100000])
    assert with_a_closed_pipe([installation.launcher], {}).status == 126
    installation.bundle.unlink()
    assert with_a_closed_pipe([installation.launcher], {}).status == 127


@pytest.mark.parametrize("cache", ["cache", "off"])
def test_trace_into_a_closed_pipe(installation, cache):
    """What cannot be told must not stop what can be done; and the program dies of SIGPIPE as ever."""
    env = {"PIXELZX_CACHE": "off" if cache == "off" else str(installation.cache), "PIXELZX_TRACE": "json"}
    result = with_a_closed_pipe([installation.launcher], env)
    assert result.status == 0 and ignored(result.report) == 0


# ---- seccomp ----

# What a launch calls, of any kind in KINDS, under whatever name an architecture has it.
LAUNCH_CALLS = ("access arch_prctl clock_gettime close execve execveat exit_group faccessat fchmod fcntl fdatasync "
                "flock fstat fstatfs getdents64 getpid linkat lstat memfd_create mkdir mkdirat mmap mmap2 mprotect "
                "munmap newfstatat openat pread64 readlink readlinkat renameat renameat2 rt_sigaction set_tid_address "
                "uname unlinkat write").split()
# What glibc calls for the probe, which only leaves.
PROBE_CALLS = "brk getrandom prlimit64 rseq set_robust_list".split()


@pytest.mark.parametrize("kind", KINDS)
def test_seccomp_that_kills_all_other_calls(tmp_path, faults, small_probe, kind):
    """A profile with nothing but what a launch needs; and it needs nothing more."""
    launch = Launch(tmp_path, small_probe, kind)
    launch.reset()
    result = launch.run(faults, "allow", ",".join(LAUNCH_CALLS + PROBE_CALLS))
    assert (result.status, result.err) == (STARTED, "")


def test_seccomp_list_has_no_more_than_is_needed(tmp_path, faults, small_probe):
    """Each call of the list is made by some kind of launch, which dies without it."""
    used = set()
    for kind in KINDS:
        (tmp_path / kind).mkdir()
        launch = Launch(tmp_path / kind, small_probe, kind)
        calls = set(launch.calls(faults))
        assert calls <= set(LAUNCH_CALLS), kind
        for name in sorted(calls - used - {"execve"}):  # with that one it begins
            launch.reset()
            allowed = [other for other in LAUNCH_CALLS + PROBE_CALLS if other != name]
            assert launch.run(faults, "allow", ",".join(allowed)).status == -signal.SIGSYS, name
        used |= calls
    here = {"mkdirat", "openat", "memfd_create", "linkat", "renameat2", "renameat", "unlinkat"} & set(LAUNCH_CALLS)
    assert len(used & here) >= 6
