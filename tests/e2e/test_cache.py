# SPDX-License-Identifier: Apache-2.0
"""The cache of unpacked programs: found, filled, raced for, repaired, refused, and done without."""

import errno
import os
import resource
import shutil
import signal
import stat
import subprocess

import bundles
import pytest
import support
from support import KILL, NATIVE, NO_O_TMPFILE, Installation, as_user, mounted, refusing, world

needs_mounts = support.needs_mounts
needs_root = support.needs_root

# Syscalls at which a launcher is killed, in the order in which a cache miss makes them.
STEPS = ["write", "fchmod", "fdatasync", "mkdirat", "linkat", "rename"]


def source_of(result):
    """Where the program came from, once it has run."""
    assert result.expect().report["argv"], "the probe has not run"
    return result.trace["source"]


def entry_path(installation, bundle):
    """Where the entry of a bundle's only slice belongs."""
    digest = bundles.index_of(bundle).split(b"sha256=")[1][:64].decode()
    return installation.cache / digest / "probe"


def changed(data):
    """The probe with another output, of the same size."""
    assert data.count(b'"pid":') == 1
    return data.replace(b'"pid":', b'"PID":')


def check_filled(installation, expected):
    """One entry, right to the byte, and nothing else in the cache."""
    (entry,) = installation.entries()
    status = entry.lstat()
    assert stat.S_ISREG(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o555
    assert status.st_uid == os.geteuid() and status.st_nlink == 1
    assert entry.read_bytes() == expected
    assert installation.leftovers() == []


@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
def test_miss_then_hit(launched_probe, probe, verdicts):
    options = {"preexec_fn": refusing(**verdicts)} if verdicts else {}
    assert source_of(launched_probe.run(**options)) == "unpacked"
    check_filled(launched_probe, probe.read_bytes())
    assert stat.S_IMODE(launched_probe.cache.stat().st_mode) == 0o700
    entry = launched_probe.entries()[0]
    before = entry.stat()
    hit = launched_probe.run(**options)
    assert source_of(hit) == "cache" and hit.trace["us"]["unpack"] == 0
    assert os.path.samestat(before, entry.stat())
    assert bytes.fromhex(hit.report["comm"]) == b"probe"


@needs_mounts
@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
def test_overlayfs(launched_probe, tmp_path, verdicts):
    """Containers have their cache on overlayfs, which before Linux 6.1 or so lacks O_TMPFILE."""
    launched_probe.cache.mkdir(0o700)
    for name in ("lower", "upper", "work"):
        (tmp_path / name).mkdir()
    overlay = mounted("overlay", f"lowerdir={tmp_path}/lower,upperdir={tmp_path}/upper,workdir={tmp_path}/work",
                      launched_probe.cache)
    options = {"preexec_fn": refusing(**verdicts)} if verdicts else {}
    assert source_of(launched_probe.run(world=overlay, **options)) == "unpacked"
    assert source_of(launched_probe.run(world=overlay, **options)) == "cache"
    assert [path.name for path in (tmp_path / "upper").rglob("*") if path.is_file()] == ["probe"]


def test_hit_is_not_hashed(launched_probe, probe, probe_bundle):
    """A warm launch must not read the program; what lies there is trusted by owner, mode and size."""
    launched_probe.run().expect()
    entry = entry_path(launched_probe, probe_bundle)
    entry.chmod(0o755)
    entry.write_bytes(changed(probe.read_bytes()))
    result = launched_probe.run().expect()
    assert result.trace["source"] == "cache" and "PID" in result.report


def make_bad(kind, entry, good):
    """Puts something in the place of a cache entry that must not be started."""
    entry.parent.mkdir(parents=True)
    entry.parent.parent.chmod(0o700)
    evil = changed(good)
    if kind == "symbolic link":
        target = entry.parent.parent.parent / "evil"
        target.write_bytes(evil)
        target.chmod(0o755)
        entry.symlink_to(target)
    elif kind == "dangling symbolic link":
        entry.symlink_to("/nonexistent")
    elif kind == "folder":
        entry.mkdir()
    elif kind == "folder is a file":
        entry.parent.rmdir()
        entry.parent.write_bytes(b"")
    elif kind == "folder is a symbolic link":
        elsewhere = entry.parent.parent.parent / "elsewhere"
        entry.parent.rename(elsewhere)
        entry.parent.symlink_to(elsewhere)
        (elsewhere / "probe").write_bytes(evil)
        (elsewhere / "probe").chmod(0o755)
    elif kind == "fifo":
        os.mkfifo(entry, 0o755)
    else:
        entry.write_bytes(evil)
        entry.chmod(0o755)
        if kind == "empty":
            entry.write_bytes(b"")
        elif kind == "shorter":
            os.truncate(entry, len(good) - 1)
        elif kind == "longer":
            os.truncate(entry, len(good) + 1)
        elif kind == "group may write":
            entry.chmod(0o775)
        elif kind == "others may write":
            entry.chmod(0o757)
        elif kind == "not executable":
            entry.chmod(0o644)
        elif kind == "folder others may write":
            entry.parent.chmod(0o777)
        elif kind == "foreign owner":
            os.chown(entry, 65534, 65534)
        elif kind == "folder of a foreign owner":
            os.chown(entry.parent, 65534, 65534)


BAD_ENTRIES = ["empty", "shorter", "longer", "group may write", "others may write", "not executable",
               "symbolic link", "dangling symbolic link", "folder", "folder is a file",
               "folder is a symbolic link", "folder others may write", "fifo",
               pytest.param("foreign owner", marks=needs_root),
               pytest.param("folder of a foreign owner", marks=needs_root)]


@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
@pytest.mark.parametrize("kind", BAD_ENTRIES)
def test_bad_entry_is_replaced(launched_probe, probe, probe_bundle, kind, verdicts):
    make_bad(kind, entry_path(launched_probe, probe_bundle), probe.read_bytes())
    options = {"preexec_fn": refusing(**verdicts)} if verdicts else {}
    assert source_of(launched_probe.run(**options)) == "unpacked"
    check_filled(launched_probe, probe.read_bytes())
    assert source_of(launched_probe.run(**options)) == "cache"


def race(installation, files, verdicts):
    """Starts a launcher for each of these bundles at once. All must win; returns their traces."""
    gate = installation.folder / "gate"
    os.mkfifo(gate)
    holder = os.open(gate, os.O_RDWR)  # all wait for a line from it
    script = f"read line <'{gate}'; exec '{installation.launcher}'"
    racers = []
    for file in files:
        environment = {"PIXELZX_CACHE": str(installation.cache), "PIXELZX_TRACE": "json", "PIXELZX_BUNDLE": str(file)}
        racers.append(subprocess.Popen(["/bin/sh", "-c", script], env=environment, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, preexec_fn=refusing(**verdicts)))
    os.write(holder, b"go\n" * len(racers))
    traces = []
    for racer in racers:
        out, err = racer.communicate(timeout=support.HANGS)
        result = support.Result(racer.returncode, out.decode(), err.decode())
        source_of(result)
        traces.append(result.trace)
    os.close(holder)
    return traces


@pytest.mark.parametrize("round", range(20 if support.FULL else 2))
@pytest.mark.parametrize("start", ["no cache", "empty cache", "bad entry", "temporaries"])
@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
def test_racing_launchers_all_win(launched_probe, probe, probe_bundle, verdicts, start, round):
    if start != "no cache":
        launched_probe.cache.mkdir(0o700)
    if start == "bad entry":
        make_bad("shorter", launched_probe.cache / "x" / "y", probe.read_bytes())
        shutil.move(launched_probe.cache / "x", entry_path(launched_probe, probe_bundle).parent)
        (entry_path(launched_probe, probe_bundle).parent / "y").rename(entry_path(launched_probe, probe_bundle))
    if start == "temporaries":
        launched_probe.run(preexec_fn=refusing(fdatasync=KILL, **NO_O_TMPFILE))
    traces = race(launched_probe, [launched_probe.bundle] * 20, verdicts)
    assert {trace["source"] for trace in traces} <= {"unpacked", "cache"}
    check_filled(launched_probe, probe.read_bytes())


@pytest.mark.parametrize("round", range(20 if support.FULL else 2))
@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
def test_racing_versions_all_win(launched_probe, probe, verdicts, round):
    """Each unpacks, and removes what it takes for old: also an entry about to be started."""
    files = [launched_probe.folder / f"{number}.bundle" for number in range(8)]
    for file in files:
        file.write_bytes(bundles.make_bundle({NATIVE.name: probe.read_bytes() + file.name.encode()}))
    race(launched_probe, files * 3, verdicts)
    assert len(launched_probe.entries()) <= 8 and launched_probe.leftovers() == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("start", ["empty cache", "bad entry"])
@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
def test_killed_launcher_leaves_at_most_one_temporary(launched_probe, probe, probe_bundle, verdicts, start, step):
    """Power cuts and OOM killers strike at any step. The next launcher cleans up."""
    if start == "bad entry":
        make_bad("shorter", entry_path(launched_probe, probe_bundle), probe.read_bytes())
    killed = launched_probe.run(preexec_fn=refusing(**{step: KILL}, **verdicts))
    certain = {"write", "fchmod", "fdatasync", "rename" if verdicts else "linkat"}
    certain |= {"mkdirat"} if start == "empty cache" else set()
    if step in certain:
        assert (killed.status, killed.out) == (-signal.SIGSYS, "")
    assert len(launched_probe.leftovers()) <= (1 if verdicts or step == "rename" else 0)
    assert source_of(launched_probe.run()) in ("unpacked", "cache")
    check_filled(launched_probe, probe.read_bytes())


def test_living_launchers_temporary_stays(launched_probe, probe):
    """A temporary whose owner still works on it is not removed."""
    launched_probe.cache.mkdir(0o700)
    first = subprocess.Popen([launched_probe.launcher], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env={"PIXELZX_CACHE": str(launched_probe.cache)},
                             preexec_fn=refusing(**NO_O_TMPFILE))
    first.send_signal(signal.SIGSTOP)  # wherever it is by now
    os.waitid(os.P_PID, first.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    assert source_of(launched_probe.run()) in ("unpacked", "cache")
    first.send_signal(signal.SIGCONT)
    out, err = first.communicate(timeout=support.HANGS)
    assert (first.returncode, out[:7]) == (0, b'{"pid":'), err.decode()
    check_filled(launched_probe, probe.read_bytes())


def test_newest_four_stay(launched_probe, probe):
    """Six versions one after the other: the last four stay. Nothing else is touched."""
    launched_probe.cache.mkdir(0o700)
    others = [launched_probe.cache / ("0" * 64) / "another", launched_probe.cache / "notes" / "probe"]
    for other in others:
        other.parent.mkdir()
        other.write_bytes(b"mine")
    written = []
    for number in range(6):
        data = probe.read_bytes() + b"%d" % number
        bundle = bundles.make_bundle({NATIVE.name: data})
        launched_probe.bundle.write_bytes(bundle)
        assert source_of(launched_probe.run()) == "unpacked"
        written.append(entry_path(launched_probe, bundle))
        os.utime(written[-1], (1000 + number, 1000 + number))  # the order, whatever the clock's steps
    assert [entry.exists() for entry in written] == [False, False, True, True, True, True]
    assert not written[0].parent.exists()
    assert [other.read_bytes() for other in others] == [b"mine", b"mine"]


def test_entry_just_written_stays_though_others_are_newer(launched_probe, probe):
    """A clock that was ahead for a while must not make every launch unpack anew."""
    for number in range(5):
        bundle = bundles.make_bundle({NATIVE.name: probe.read_bytes() + b"%d" % number})
        launched_probe.bundle.write_bytes(bundle)
        launched_probe.run().expect()
        os.utime(entry_path(launched_probe, bundle), (1 << 33, 1 << 33))
    launched_probe.bundle.write_bytes(bundles.make_bundle({NATIVE.name: probe.read_bytes()}))
    assert source_of(launched_probe.run()) == "unpacked"
    assert source_of(launched_probe.run()) == "cache"
    assert len(launched_probe.entries()) == 4


def test_running_program_survives_its_entry(launched_probe, probe):
    """The node that runs while four newer versions are started keeps running."""
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("needs busybox-static")
    with open(busybox, "rb") as file:
        data = file.read()
    bundle = bundles.make_bundle({NATIVE.name: data}, program="busybox")
    launched_probe.bundle.write_bytes(bundle)
    environment = {"PATH": support.PATH, "PIXELZX_CACHE": str(launched_probe.cache)}
    with subprocess.Popen(["busybox", "cat"], executable=launched_probe.launcher, env=environment,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        running.stdin.write(b"1\n")
        running.stdin.flush()
        assert running.stdout.readline() == b"1\n"
        for number in range(5):
            newer = bundles.make_bundle({NATIVE.name: data + b"%d" % number}, program="busybox")
            launched_probe.bundle.write_bytes(newer)
            launched_probe.run(world=["sh", "-c", 'ln -sf "$0" true; exec ./true'],
                               cwd=launched_probe.folder).expect()
        assert not (launched_probe.cache / bundles.sha256(data)).exists()
        assert running.communicate(b"2\n", timeout=support.HANGS)[0] == b"2\n"
        assert running.returncode == 0


# ---- which directory ----


@pytest.mark.parametrize(
    "variables, place",
    [({"PIXELZX_CACHE": "{}/a", "CACHE_DIRECTORY": "{}/b", "XDG_CACHE_HOME": "{}/c", "HOME": "{}/d"}, "a"),
     ({"CACHE_DIRECTORY": "{}/b", "XDG_CACHE_HOME": "{}/c", "HOME": "{}/d"}, "b"),
     ({"CACHE_DIRECTORY": "{}/b:{}/e", "HOME": "{}/d"}, "b"),
     ({"XDG_CACHE_HOME": "{}/c", "HOME": "{}/d"}, "c/pixelzx"),
     ({"XDG_CACHE_HOME": "", "HOME": "{}/d"}, "d/.cache/pixelzx"),
     ({"XDG_CACHE_HOME": "relative", "HOME": "{}/d"}, "d/.cache/pixelzx"),
     ({"PIXELZX_CACHE": "", "HOME": "{}/d"}, "d/.cache/pixelzx"),
     ({"PIXELZX_CACHE": "{}/deep/er", "HOME": "{}/d"}, "deep/er")])
@needs_mounts
def test_which_directory(launched_probe, tmp_path, variables, place):
    variables = {"PIXELZX_CACHE": None} | {n: v.replace("{}", str(tmp_path)) for n, v in variables.items()}
    # /var/cache/pixelzx of this machine, if there is one, comes before HOME.
    assert source_of(launched_probe.run(env=variables, world=support.hiding("/var/cache"))) == "unpacked"
    assert [path.parent.parent for path in tmp_path.rglob("probe") if path.is_file()] == [tmp_path / place]
    assert stat.S_IMODE((tmp_path / place).stat().st_mode) == 0o700


@needs_mounts
@pytest.mark.parametrize("mode, used", [("700", True), ("755", True), ("777", False), (None, False)])
def test_var_cache_if_it_is_ours(launched_probe, tmp_path, mode, used):
    make = f"mkdir -m {mode} /var/cache/pixelzx" if mode else ":"
    variables = {"PIXELZX_CACHE": None, "HOME": str(tmp_path)}
    result = launched_probe.run(env=variables,
                                world=mounted("tmpfs", "mode=755", "/var/cache", make))
    assert source_of(result) == "unpacked"
    path = bytes.fromhex(result.report["exe"]).decode()
    assert path.startswith("/var/cache/pixelzx/" if used else f"{tmp_path}/.cache/pixelzx/")


@needs_mounts
def test_never_a_shared_directory(launched_probe, tmp_path):
    """With no directory of one's own there is memory, not /tmp."""
    empty = world(f"mount --bind '{tmp_path}' /mnt\nmount -t tmpfs none /tmp\nmount -t tmpfs none /var")
    command = [*empty, "sh", "-c", "/mnt/pixelzx && find /tmp /var /mnt -name probe -o -name '.unpacking*' >&2"]
    result = support.run(command, {"PIXELZX_TRACE": "json", "TMPDIR": "/tmp"}, cwd="/")
    assert source_of(result) == "memfd"
    assert result.err.count("\n") == 1


# ---- no usable cache ----


def test_off(launched_probe):
    assert source_of(launched_probe.run(env={"PIXELZX_CACHE": "off"})) == "memfd"
    assert not launched_probe.cache.exists() and not (launched_probe.folder / "off").exists()


UNUSABLE = {
    "read-only": lambda cache: mounted("tmpfs", "mode=700,ro", cache),
    "noexec": lambda cache: mounted("tmpfs", "mode=700,noexec", cache),
    "full": lambda cache: mounted("tmpfs", "mode=700,size=128k", cache),
    "no inodes": lambda cache: mounted("tmpfs", "mode=700,nr_inodes=2", cache, f"touch '{cache}/x'"),
    "others may write": lambda cache: mounted("tmpfs", "mode=1777", cache),
    "group may write": lambda cache: mounted("tmpfs", "mode=770", cache),
    "a file": lambda cache: world(f"rmdir '{cache}'; touch '{cache}'"),
    "below a file": lambda cache: world(f"rmdir '{cache}'; touch '{cache}'; export PIXELZX_CACHE='{cache}/x'"),
    "a dangling link": lambda cache: world(f"rmdir '{cache}'; ln -s /nonexistent/x '{cache}'"),
    "in /proc": lambda cache: world("export PIXELZX_CACHE=/proc/self/x"),
    "too long a path": lambda cache: world(f"export PIXELZX_CACHE='{cache}/{'x' * 5000}'"),
}


@needs_mounts
@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
@pytest.mark.parametrize("kind", UNUSABLE)
def test_memory_when_the_cache_is(launched_probe, kind, verdicts):
    launched_probe.cache.mkdir(0o700)
    before = UNUSABLE[kind](launched_probe.cache)
    listing = [*before, "sh", "-c", f"'{launched_probe.launcher}'; find $PIXELZX_CACHE ! -type d | grep unpacking >&2"]
    result = support.run(listing, {"PIXELZX_CACHE": str(launched_probe.cache), "PIXELZX_TRACE": "json"},
                         preexec_fn=refusing(**verdicts))
    assert result.report["argv"] and result.trace["source"] == "memfd"
    assert "unpacking" not in result.err


@support.provokes(301)
@needs_mounts
@pytest.mark.parametrize("kind", UNUSABLE)
def test_reason_is_told_when_memory_is_refused_too(launched_probe, kind):
    launched_probe.cache.mkdir(0o700)
    result = launched_probe.run(world=UNUSABLE[kind](launched_probe.cache),
                                preexec_fn=refusing(memfd_create=errno.EPERM))
    result.refused(301, "cache", "memfd_create: Operation not permitted")


@needs_root
def test_somebody_elses_directory(launched_probe, open_path):
    """A directory that another user owns could change under our feet."""
    installation = Installation(open_path, launched_probe.bundle)
    installation.cache.mkdir(0o755)
    os.chown(installation.cache, 1234, 1234)
    result = installation.run(env={"PIXELZX_CACHE": str(installation.cache)})
    assert source_of(result) == "memfd" and installation.entries() == []


@needs_root
@pytest.mark.parametrize("umask, expected", [(0, ["unpacked", "cache"]), (0o077, ["unpacked", "cache"]),
                                             (0o777, ["memfd", "memfd"])])
def test_ordinary_user(open_path, probe_bundle, umask, expected):
    """An entry that its owner can start and the next launch finds; with a umask that keeps the owner
    out, too, the program starts all the same."""
    installation = Installation(open_path, probe_bundle)
    home = open_path / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    variables = {"PIXELZX_CACHE": None, "HOME": str(home)}
    sources = [source_of(installation.run(world=[*support.hiding("/var/cache"), *as_user(65534)], env=variables,
                                          umask=umask)) for _ in range(2)]
    assert sources == expected


@needs_root
@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
def test_umask_that_keeps_the_owner_out(open_path, probe_bundle, verdicts):
    """A new file cannot be opened a second time, not even by its owner: nothing may pile up."""
    installation = Installation(open_path, probe_bundle)
    installation.cache.mkdir(0o700)
    os.chown(installation.cache, 65534, 65534)
    prepare = refusing(**verdicts) if verdicts else None
    for _ in range(2):
        source_of(installation.run(world=as_user(65534), umask=0o777, preexec_fn=prepare))
        assert installation.leftovers() == []


@needs_root
def test_entry_of_root_serves_a_user(open_path, probe_bundle):
    """A cache that root has filled: found by a user who could not write it."""
    installation = Installation(open_path, probe_bundle)
    installation.cache.mkdir(0o755)
    assert source_of(installation.run()) == "unpacked"
    assert source_of(installation.run(world=as_user(65534))) == "cache"
    shutil.rmtree(installation.entries()[0].parent)
    assert source_of(installation.run(world=as_user(65534))) == "memfd"


@needs_mounts
def test_read_only_cache_with_an_entry_serves(launched_probe):
    launched_probe.run().expect()
    cache = launched_probe.cache
    bound = world(f"mount --bind '{cache}' '{cache}'; mount -o remount,bind,ro '{cache}'")
    assert source_of(launched_probe.run(world=bound)) == "cache"


@needs_mounts
def test_entry_on_a_noexec_mount(launched_probe):
    """Found, but the kernel refuses to execute it there: memory."""
    launched_probe.run().expect()
    cache = launched_probe.cache
    bound = world(f"mount --bind '{cache}' '{cache}'; mount -o remount,bind,noexec '{cache}'")
    assert source_of(launched_probe.run(world=bound)) == "memfd"


@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
def test_file_size_limit_does_not_kill(launched_probe, verdicts):
    """SIGXFSZ would be a death without a word."""

    def prepare():
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        refusing(**verdicts)()
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    launched_probe.run(preexec_fn=prepare, restore_signals=False).refused(301, os.strerror(errno.EFBIG))
    assert launched_probe.entries() == [] and launched_probe.leftovers() == []


@pytest.mark.parametrize("cache", ["cache", "off"])
@pytest.mark.parametrize("descriptors", range(1, 9))
def test_few_descriptors(launched_probe, descriptors, cache):
    """Too few of them is an error like any other."""
    result = launched_probe.run(env={"PIXELZX_CACHE": "off"} if cache == "off" else {},
                                preexec_fn=support.limited(resource.RLIMIT_NOFILE, descriptors))
    # The probe itself lists its descriptors, which takes one more.
    if result.status in (0, 97, 98) or result.out:
        assert result.traces and descriptors > 3
    else:
        assert result.status == 126 and "PZX-30" in result.err
        assert any(words in result.err for words in ("file descriptors", "open files"))  # EMFILE
        assert descriptors < 8
    assert launched_probe.leftovers() == []


@support.provokes(305)
def test_little_memory(launched_probe, probe):
    """The decoder's window does not fit: an error that says so, and nothing left behind."""
    data = probe.read_bytes() + bytes(32 << 20)
    frame = bundles.zstd(data, "-1", "--long=23")
    launched_probe.bundle.write_bytes(bundles.make_bundle({NATIVE.name: bundles.Slice(data, frame=frame)}))
    for variables in ({}, {"PIXELZX_CACHE": "off"}):
        result = launched_probe.run(env=variables, preexec_fn=support.limited(resource.RLIMIT_AS, 6 << 20))
        result.refused(305, "memory")
        assert launched_probe.entries() == [] and launched_probe.leftovers() == []
    assert source_of(launched_probe.run()) == "unpacked"


def test_trace_to_a_full_device(launched_probe):
    """What cannot be told must not stop what can be done."""
    with open("/dev/full", "w") as full:
        environment = {"PIXELZX_TRACE": "json", "PIXELZX_CACHE": str(launched_probe.cache)}
        done = subprocess.run([launched_probe.launcher], env=environment, stdout=subprocess.PIPE, stderr=full,
                              timeout=support.HANGS)
    assert done.returncode == 0 and done.stdout.startswith(b'{"pid":')


@pytest.mark.parametrize("value, lines", [("text", 1), ("json", 1), ("", 0), ("off", 0), ("JSON", 0)])
def test_trace_formats(launched_probe, value, lines):
    result = launched_probe.run(env={"PIXELZX_TRACE": value}).expect()
    assert result.err.count("\n") == lines
    if value == "text":
        assert all(word in result.err for word in ("host", "launcher", NATIVE.name, "unpacked", "total"))


# ---- no /proc ----


@needs_root
@pytest.mark.parametrize("name", ["pixelzx", "bin/pixelzx", "a link"])
def test_chroot_with_nothing_but_launcher_and_bundle(tmp_path, probe, name):
    """No /proc, no /sys, no /dev, no shell: as in an image from scratch."""
    root = tmp_path / "root"
    launcher = root / ("bin/pixelzx" if "/" in name else "pixelzx")
    launcher.parent.mkdir(parents=True)
    shutil.copy(NATIVE.launcher, launcher)
    (launcher.parent / "pixelzx.bundle").write_bytes(bundles.make_bundle({NATIVE.name: probe.read_bytes()}))
    if name == "a link":
        (root / "start").mkdir()
        (root / "start" / "link").symlink_to("../pixelzx")
        name = "start/link"
    variables = {"HOME": "/", "PIXELZX_TRACE": "json"}
    command = ["chroot", root, f"/{name}"]
    assert source_of(support.run(command, variables)) == "unpacked"
    result = support.run(command, variables)
    assert source_of(result) == "cache" and bytes.fromhex(result.report["comm"]) == b"probe"
    assert result.trace["slice"] == NATIVE.name and not result.trace["emulated"]
    assert source_of(support.run(command, variables | {"PIXELZX_CACHE": "off"})) == "memfd"
    assert [path.name for path in (root / ".cache/pixelzx").rglob("*") if path.is_file()] == ["probe"]
