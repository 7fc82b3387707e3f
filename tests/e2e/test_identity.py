# SPDX-License-Identifier: Apache-2.0
"""The program sees what it would see without a launcher: each case starts the probe by itself and
through the launcher, and compares what it reports."""

import fcntl
import json
import os
import resource
import signal
import tempfile

import bundles
import pytest
import support
from support import NATIVE, start

ALL_SIGNALS = set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}


def close_standard_streams():
    for fd in (0, 1, 2):
        os.close(fd)


def open_high_descriptors():
    resource.setrlimit(resource.RLIMIT_NOFILE, (2000, 2000))
    os.dup2(0, 3)
    for fd in (500, 700, 1999):
        os.dup2(os.open("/dev/zero", os.O_RDWR | os.O_APPEND), fd)
    os.set_inheritable(500, False)  # close-on-exec: must be gone
    fcntl.fcntl(700, fcntl.F_SETFL, os.O_NONBLOCK)


def ignored(report):
    """The ignored signals as a bit mask, without 32 and 33: glibc keeps those for itself, and a process
    that posix_spawn has started (all below make) ignores them whatever it does."""
    return int(bytes.fromhex(report["status"]["SigIgn"]), 16) & ~0x180000000


def ignore_all_signals():
    for number in ALL_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def enter_deleted_folder():
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    os.rmdir(folder)


def limit_resources():
    for name, value in (("NOFILE", 64), ("CORE", 0), ("NPROC", 5000), ("STACK", 1 << 22), ("CPU", 100),
                        ("FSIZE", 1 << 26), ("DATA", 1 << 28), ("AS", 1 << 29), ("MEMLOCK", 4096)):
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def leave_stdin_in_the_middle():
    fd = os.open(__file__, os.O_RDONLY)
    os.lseek(fd, 7, os.SEEK_SET)
    os.dup2(fd, 0)


# name → argv, more environment, what the child does first, and what the report must then hold.
CASES = {
    "plain": ([b"pixelzx", b"start"], [], [], None),
    "odd arguments": ([b"an odd\nname", b"", b"a\nb", b"\xff\xfe\x01", b" ", b"--", b"-x=1", b"'\"$", b""],
                      [], [], lambda r: len(r["argv"]) == 9),
    "hundred thousand arguments": ([b"x"] + [b"%d" % i for i in range(99_999)], [], [],
                                   lambda r: len(r["argv"]) == 100_000),
    "long argument": ([b"x", b"y" * 131_000], [], [], lambda r: len(r["argv"][1]) == 262_000),
    "empty argv0": ([b"", b"a"], [], [], lambda r: r["argv"] == ["", "61"]),
    "own name": ([b"pixelzx", b"probe", b"a"], [], [], lambda r: len(r["argv"]) == 3),
    "the word doctor": ([b"pixelzx", b"doctor"], [], [], lambda r: len(r["argv"]) == 2),
    # Linux 5.18 and later make an empty string of it; before, the program sees none.
    "no argv": ([], [], [], lambda r: r["argv"] in ([], [""])),
    "odd environment": ([b"x"], [b"A=1", b"A=2", b"novalue", b"=", b"LANG=\xff", b"PIXELZX_OTHER=1", b"E="],
                        [], lambda r: "6e6f76616c7565" in r["environ"]),
    "no standard input": ([b"x"], [], [lambda: os.close(0)], lambda r: r["fds"][0]["fd"] == 1),
    "no standard error": ([b"x"], [], [lambda: os.close(2)], lambda r: [f["fd"] for f in r["fds"]][:2] == [0, 1]),
    "no standard streams": ([b"x"], [], [close_standard_streams],
                            lambda r: not r["fds"] or r["fds"][0]["fd"] > 2),
    "high descriptors": ([b"x"], [], [open_high_descriptors],
                         lambda r: {3, 700, 1999} <= {f["fd"] for f in r["fds"]}
                         and 500 not in {f["fd"] for f in r["fds"]}),
    "offset of a descriptor": ([b"x"], [], [leave_stdin_in_the_middle], None),
    "blocked signals": ([b"x"], [], [lambda: signal.pthread_sigmask(signal.SIG_SETMASK, ALL_SIGNALS)],
                        lambda r: bytes.fromhex(r["status"]["SigBlk"]) == b"fffffffe7ffbfeff"),
    "ignored signals": ([b"x"], [], [ignore_all_signals],
                        lambda r: ignored(r) == 0xfffffffe7ffbfeff),
    "ignored SIGXFSZ": ([b"x"], [], [lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN)],
                        lambda r: ignored(r) == 1 << signal.SIGXFSZ - 1),
    "default signals": ([b"x"], [], [], lambda r: ignored(r) == 0),
    "working directory": ([b"x"], [], [lambda: os.chdir("/usr")], lambda r: r["cwd"] == "2f757372"),
    "deleted working directory": ([b"x"], [], [enter_deleted_folder],
                                  lambda r: r["cwd"] == os.strerror(2)),
    "open umask": ([b"x"], [], [lambda: os.umask(0)], lambda r: r["status"]["Umask"] == b"0000".hex()),
    "tight umask": ([b"x"], [], [lambda: os.umask(0o077)], lambda r: r["status"]["Umask"] == b"0077".hex()),
    "limits": ([b"x"], [], [limit_resources], lambda r: r["limits"][resource.RLIMIT_NOFILE] == ["64", "64"]),
    "own session": ([b"x"], [], [os.setsid], lambda r: r["session"] == r["pid"]),
    "niceness": ([b"x"], [], [lambda: os.nice(5)], lambda r: r["nice"] >= 5),
}
SOURCES = ["unpacked", "cache", "installed", "memfd"]


def prepare_source(source, installation, probe, probe_bundle):
    """Makes the launcher take the program from `source`. Returns the variable that it takes."""
    if source == "cache":
        installation.run().expect()
    if source == "installed":
        installation.bundle.unlink()
        bundles.install(probe_bundle, installation.folder, "probe", probe.read_bytes())
    return b"PIXELZX_CACHE=" + (b"off" if source == "memfd" else os.fsencode(installation.cache))


def report_of(path, argv, environ, folder, prepare):
    output = folder / "report"
    pid, status = start(path, argv, environ, output, prepare)
    assert status == 0
    report = json.loads(output.read_bytes())
    assert report["pid"] == pid
    return report


def without(report, *keys):
    return {key: value for key, value in report.items() if key not in keys}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("source", SOURCES)
def test_program_sees_no_difference(launched_probe, probe, probe_bundle, tmp_path, source, case):
    argv, environ, prepare, holds = CASES[case]
    cache = prepare_source(source, launched_probe, probe, probe_bundle)
    environ = [b"PROBE_OUTPUT=" + os.fsencode(tmp_path / "report"), cache, *environ]
    direct = report_of(probe, argv, environ, tmp_path, prepare)
    launched = report_of(launched_probe.launcher, argv, environ, tmp_path, prepare)

    assert holds is None or holds(direct), "the case is not what it claims"
    added = [bytes.fromhex(entry) for entry in launched["environ"] if entry not in direct["environ"]]
    assert sorted(entry.split(b"=")[0] for entry in added) == [b"PIXELZX_LAUNCH_US", b"PIXELZX_SLICE"]
    assert b"PIXELZX_SLICE=" + NATIVE.name.encode() in added
    launched["environ"] = [entry for entry in launched["environ"] if bytes.fromhex(entry) not in added]
    # A memfd has no name but its number, and its own link: DESIGN.md section 7 says so.
    own = {"pid", "exe", "session", "group"} | ({"comm", "seals"} if source == "memfd" else set())
    assert without(launched, *own) == without(direct, *own)
    assert (launched["session"] == launched["pid"]) == (direct["session"] == direct["pid"])
    assert (launched["group"] == launched["pid"]) == (direct["group"] == direct["pid"])


@pytest.mark.parametrize("source", SOURCES)
def test_source_is_what_the_tests_above_rely_on(launched_probe, probe, probe_bundle, source):
    cache = prepare_source(source, launched_probe, probe, probe_bundle)
    result = launched_probe.run(env={"PIXELZX_CACHE": os.fsdecode(cache).split("=")[1]}).expect()
    assert result.trace["source"] == source
    assert bytes.fromhex(result.report["comm"]) == b"probe" or source == "memfd"


def test_empty_environment(launched_probe, tmp_path):
    report = report_of(launched_probe.launcher, [b"x"], [], tmp_path, [])
    names = sorted(bytes.fromhex(entry).split(b"=")[0] for entry in report["environ"])
    assert names == [b"PIXELZX_LAUNCH_US", b"PIXELZX_SLICE"]


def test_variables_of_an_outer_launch_are_replaced(launched_probe):
    """A program that starts itself again through the launcher must not see two of them."""
    report = launched_probe.run(env={"PIXELZX_SLICE": "linux/old", "PIXELZX_LAUNCH_US": "old"}).report
    environ = [bytes.fromhex(entry) for entry in report["environ"]]
    assert [e for e in environ if e.startswith(b"PIXELZX_SLICE=")] == [b"PIXELZX_SLICE=" + NATIVE.name.encode()]
    assert len([e for e in environ if e.startswith(b"PIXELZX_LAUNCH_US=")]) == 1


def test_descriptor_keeps_its_offset(launched_probe, tmp_path):
    """The launcher reads nothing from standard input."""
    file = tmp_path / "input"
    file.write_bytes(b"0123456789")
    with open(file, "rb", buffering=0) as stdin:
        stdin.seek(3)
        launched_probe.run(stdin=stdin).expect()
        assert stdin.read() == b"3456789"


@pytest.mark.parametrize("status", [0, 1, 42, 126, 127, 255])
def test_exit_status_passes_through(launched_probe, status):
    assert launched_probe.run("exit", str(status)).status == status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_death_by_signal_passes_through(launched_probe, number):
    assert launched_probe.run("kill", str(int(number))).status == -number


@pytest.mark.parametrize("source", SOURCES)
def test_never_forks(launched_probe, probe, probe_bundle, source):
    cache = prepare_source(source, launched_probe, probe, probe_bundle)
    result = launched_probe.run(env={"PIXELZX_CACHE": os.fsdecode(cache).split("=")[1]},
                                preexec_fn=support.refusing(fork=support.KILL))
    assert result.expect().trace["source"] == source


@support.needs_root
def test_as_pid_1(launched_probe):
    result = launched_probe.run(world=["unshare", "--pid", "--fork"]).expect()
    assert result.report["pid"] == 1


def test_own_name_is_dropped_only_by_option(tmp_path, probe):
    """`docker run IMAGE /usr/local/bin/pixelzx version` names the program again."""
    bundle = bundles.make_bundle({NATIVE.name: probe.read_bytes()}, program="probe", options=("own-name",))
    installation = support.Installation(tmp_path, bundle)
    for words, expected in [(["probe", "a"], ["a"]), (["/usr/local/bin/probe", "a"], ["a"]),
                            (["probe"], []), (["a", "probe"], ["a", "probe"]), (["probes"], ["probes"]),
                            (["probe", "probe", "a"], ["probe", "a"])]:
        argv = [bytes.fromhex(word).decode() for word in installation.run(*words).report["argv"]]
        assert argv == [str(installation.launcher), *expected]
