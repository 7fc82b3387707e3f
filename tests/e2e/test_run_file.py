# SPDX-License-Identifier: Apache-2.0
"""`pixelzx-pack run`: one executable file for every machine."""

import errno
import os
import shutil
import stat
import subprocess

import bare_metal
import bundles
import pytest
import support
from support import BUNDLE, NATIVE, PACK, PLATFORMS, as_user, refusing, world

needs_mounts = support.needs_mounts
needs_root = support.needs_root
SHELLS = ["dash", "bash", "bash --posix", "busybox ash"]
# What shells set by themselves.
OF_SHELLS = {"PWD", "OLDPWD", "SHLVL", "_", "PATH"}
# Kernels before 6.1 have no /proc/sys/kernel/arch.
OLD_KERNEL = world("mkdir -p /proc/sys/kernel; mount -t tmpfs none /proc/sys/kernel")


@pytest.fixture(scope="session")
def probe_run(tmp_path_factory, probe_bundle):
    """A .run file of the probe."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "probe.bundle").write_bytes(probe_bundle)
    bare_metal.pack_run_file(folder / "probe.run", folder / "probe.bundle").expect()
    return folder / "probe.run"


@pytest.fixture(scope="session")
def node_run(tmp_path_factory):
    """pixelzx.run of what `make dist` has built."""
    output = tmp_path_factory.mktemp("run") / "pixelzx.run"
    bare_metal.pack_run_file(output).expect()
    return output


@pytest.fixture
def run(tmp_path, probe_run):
    """Runs the probe's .run file, with a cache that does not exist yet."""

    def call(*arguments, command=(probe_run,), env=None, front=(), **options):
        variables = {"PIXELZX_CACHE": str(tmp_path / "cache"), **(env or {})}
        return support.run([*front, *command, *arguments],
                           {name: value for name, value in variables.items() if value is not None}, **options)

    return call


def argv(result):
    return [bytes.fromhex(word).decode() for word in result.expect().report["argv"]]


def environment(result):
    pairs = [bytes.fromhex(entry).decode().partition("=") for entry in result.expect().report["environ"]]
    return {name: value for name, _, value in pairs}


def test_the_node(node_run, tmp_path):
    for source in ("unpacked", "cache"):
        started = support.run([node_run, "version", "--output", "json"],
                              {"PIXELZX_TRACE": "json", "HOME": str(tmp_path)}).expect()
        assert started.report["platform"] == NATIVE.name and started.trace["source"] == source
    assert stat.S_IMODE((tmp_path / ".cache/pixelzx").stat().st_mode) == 0o700
    doctor = support.run([node_run, "doctor"], {"HOME": str(tmp_path)})
    assert str(node_run) in doctor.out and "pixelzx 1.0.0" in doctor.out


def test_the_same_twice_and_as_a_bundle(node_run, tmp_path):
    bare_metal.pack_run_file(tmp_path / "again.run").expect()
    assert (tmp_path / "again.run").read_bytes() == node_run.read_bytes()
    assert stat.S_IMODE(node_run.stat().st_mode) == 0o755
    assert node_run.read_bytes()[:-16].endswith(BUNDLE.read_bytes())
    verified = support.run([PACK, "verify", node_run]).expect().out.splitlines()
    assert verified == ["ok  common.zst", *(f"ok  {p}" for p in sorted(p.name for p in PLATFORMS))]
    for platform in PLATFORMS:
        assert platform.launcher.read_bytes() in node_run.read_bytes()


@pytest.mark.parametrize("shell", SHELLS)
def test_second_start_takes_no_process(run, probe_run, shell):
    shell = bare_metal.shells()[shell]
    assert argv(run("a b", "", "*", command=[*shell, probe_run])) == [str(probe_run), "a b", "", "*"]
    no_fork = {"preexec_fn": refusing(fork=errno.EAGAIN)}
    again = run("a b", "", "*", command=[*shell, probe_run], env={"PIXELZX_TRACE": "json"}, **no_fork)
    assert argv(again) == [str(probe_run), "a b", "", "*"] and again.trace["source"] == "cache"
    other = run(command=[*shell, probe_run], env={"PIXELZX_CACHE": str(probe_run.parent / "none")}, **no_fork)
    assert other.status != 0, "the filter lets processes be made"


@needs_mounts
@pytest.mark.parametrize("shell", SHELLS)
def test_second_start_on_an_old_kernel_takes_no_process(run, probe_run, shell):
    """There a folder of /sys tells the architecture; without /sys, uname does."""
    shell = bare_metal.shells()[shell]
    for _ in range(2):
        argv(run(command=[*shell, probe_run], front=OLD_KERNEL))
    argv(run(command=[*shell, probe_run],
             front=OLD_KERNEL + ["setpriv", "--no-new-privs"], preexec_fn=None))
    argv(run(command=[*shell, probe_run], front=OLD_KERNEL + support.hiding("/sys")))


@pytest.mark.parametrize("shell", SHELLS)
def test_environment_is_the_callers(run, probe_run, shell, tmp_path):
    """Whatever its names: none of the stub's own variables shows, or changes one."""
    given = {name: "given" for name in
             ("a", "self", "cache", "arch", "platform", "size", "launcher", "PIXELZX_OTHER", "LC_ALL")}
    given |= {"HOME": "/nowhere", "EMPTY": "", "TWO": "a\nb"}
    for _ in range(2):
        seen = environment(run(command=[*bare_metal.shells()[shell], probe_run], env=given))
        launcher = {name: seen.pop(name) for name in ("PIXELZX_SLICE", "PIXELZX_LAUNCH_US")}
        assert launcher["PIXELZX_SLICE"] == NATIVE.name
        given["PIXELZX_CACHE"] = str(tmp_path / "cache")
        assert {name: value for name, value in seen.items() if name not in OF_SHELLS} == given


def test_process_is_the_callers(probe, probe_run, tmp_path):
    """The PID stays, and the descriptors: those of a direct start."""
    variables = [b"PATH=/usr/bin:/bin", f"PIXELZX_CACHE={tmp_path}/c".encode()]
    descriptors = []
    for program in (probe, probe_run, probe_run):
        pid, status = support.start(program, [b"x"], variables, tmp_path / "out")
        report = support.Result(status, (tmp_path / "out").read_text(), "").expect().report
        assert report["pid"] == pid and bytes.fromhex(report["comm"]) == b"probe"
        descriptors.append([(entry["fd"], entry["fd_flags"]) for entry in report["fds"]])
    assert descriptors == [descriptors[0]] * 3


def test_exit_status_and_signal(run):
    assert run("exit", "42").status == 42
    assert run("kill", "15").status == -15


def test_a_named_bundle_wins(run, tmp_path, probe):
    other = tmp_path / "other.bundle"
    other.write_bytes(bundles.make_bundle({NATIVE.name: probe.read_bytes() + b"\0"}, program="other"))
    result = run(env={"PIXELZX_BUNDLE": str(other)})
    assert bytes.fromhex(result.expect().report["comm"]) == b"other"
    assert environment(result)["PIXELZX_BUNDLE"] == str(other) and "PIXELZX_RUN" not in environment(result)


# ---- ways to start it ----


def test_ways_to_start(run, probe_run, tmp_path):
    folder = tmp_path / "a folder with blanks"
    folder.mkdir()
    copy = folder / "probe.run"
    shutil.copy(probe_run, copy)
    (tmp_path / "link").symlink_to(copy)
    assert argv(run(command=[copy])) == [str(copy)]
    assert argv(run(command=[tmp_path / "link"])) == [str(tmp_path / "link")]
    assert argv(run(command=["./probe.run"], cwd=folder)) == ["./probe.run"]
    assert argv(run(command=["env", "probe.run"], env={"PATH": f"{folder}:/usr/bin:/bin"})) == [str(copy)]
    copy.chmod(0o644)  # as curl -o leaves it
    for shell in bare_metal.shells().values():
        assert argv(run(command=[*shell, "probe.run"], cwd=folder)) == ["./probe.run"]
        assert argv(run(command=[*shell, tmp_path / "link", "x"])) == [str(tmp_path / "link"), "x"]
    lost = support.run(["sh"], {"PIXELZX_CACHE": str(tmp_path / "new")}, input=copy.read_bytes(), stdin=None)
    assert lost.status == 126 and "sh ./pixelzx.run" in lost.err


@needs_mounts
def test_read_only_medium(run, probe_run, tmp_path):
    medium = tmp_path / "medium"
    medium.mkdir()
    shutil.copy(probe_run, medium)
    bound = world(f"mount --bind '{medium}' '{medium}'; mount -o remount,bind,ro '{medium}'")
    assert argv(run(command=[medium / "probe.run"], front=bound)) == [str(medium / "probe.run")]


# ---- the cache ----


def places(tmp_path):
    """The variables that name a cache, in the order of the launcher, and the directories."""
    return [("PIXELZX_CACHE", tmp_path / "own", tmp_path / "own"),
            ("CACHE_DIRECTORY", f"{tmp_path}/systemd:/other", tmp_path / "systemd"),
            ("XDG_CACHE_HOME", tmp_path / "xdg", tmp_path / "xdg/pixelzx"),
            ("HOME", tmp_path / "home", tmp_path / "home/.cache/pixelzx")]


def test_cache_directories(run, tmp_path):
    """The launcher's own order, and so the same directory for launcher and program."""
    for first in range(4):
        variables = {"PIXELZX_CACHE": None}
        variables |= {name: str(value) for name, value, _ in places(tmp_path)[first:]}
        front = support.hiding("/var/cache") if support.works("unshare", "-Urm", "true") else ()
        argv(run(env=variables, front=front))
        folder = places(tmp_path)[first][2]
        assert len(list(folder.glob("*/probe"))) == 2
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not [path for path in folder.iterdir() if path.name.startswith(".")]


@needs_root
@needs_mounts
def test_unusable_caches(run, tmp_path):
    """Somebody else's, one that others may write to, a noexec mount, a file: the next one is taken."""
    cases = {"foreign": lambda path: (path.mkdir(), os.chown(path, 65534, 65534)),
             "open": lambda path: (path.mkdir(), path.chmod(0o777)),
             "noexec": lambda path: path.mkdir(),
             "file": lambda path: path.write_text("")}
    front = [*support.hiding("/var/cache"), *support.mounted("tmpfs", "noexec", tmp_path / "noexec")]
    for name, prepare in cases.items():
        prepare(tmp_path / name)
    for name in cases:
        variables = {"PIXELZX_CACHE": None, "CACHE_DIRECTORY": str(tmp_path / name), "HOME": str(tmp_path / f"home-{name}")}
        argv(run(env=variables, front=front))
        assert len(list((tmp_path / f"home-{name}").glob(".cache/pixelzx/*/probe"))) == 2, name
        refused = run(env={"PIXELZX_CACHE": str(tmp_path / name)}, front=front).refused(301, str(tmp_path / name))
        assert "PIXELZX_CACHE=/path" in refused.err
    assert not list((tmp_path / "foreign").iterdir()) and not list((tmp_path / "open").iterdir())


def test_no_cache(run):
    run(env={"PIXELZX_CACHE": "off"}).refused(301, "off")
    korean = run(env={"PIXELZX_CACHE": "off", "LANG": "ko_KR.UTF-8"})
    assert korean.status == 126 and "PZX-301" in korean.err and "해결 방법" in korean.err


@needs_root
def test_full_cache(run, tmp_path):
    front = support.mounted("tmpfs", "size=16k,mode=700", tmp_path / "cache")
    (tmp_path / "cache").mkdir()
    run(front=front).refused(301, "No space left on device")


def test_bad_entries_are_replaced(run, tmp_path):
    argv(run())
    cache = tmp_path / "cache"
    launcher = next(path for path in cache.glob("*/probe") if path.stat().st_mode & 0o777 == 0o700)
    content = launcher.read_bytes()
    for damage in (lambda: launcher.unlink(), lambda: launcher.chmod(0o600),
                   lambda: (launcher.unlink(), launcher.symlink_to("/bin/true")),
                   lambda: shutil.rmtree(launcher.parent),
                   lambda: (shutil.rmtree(launcher.parent), launcher.parent.symlink_to("/"))):
        damage()
        argv(run())
        assert launcher.read_bytes() == content and not launcher.is_symlink()
        assert not launcher.parent.is_symlink()


def test_racing_first_starts(run, probe_run, tmp_path):
    variables = {"PATH": support.PATH, "PIXELZX_CACHE": str(tmp_path / "cache")}
    started = [subprocess.Popen([probe_run], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
               for _ in range(8)]
    for process in started:
        out, err = process.communicate(timeout=support.HANGS)
        assert process.returncode == 0 and out.startswith(b"{"), err
    assert not [path for path in (tmp_path / "cache").iterdir() if path.name.startswith(".")]


@needs_root
def test_ordinary_user(open_path, probe_run):
    shutil.copy(probe_run, open_path / "probe.run")
    home = open_path / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    for _ in range(2):
        result = support.run([*support.hiding("/var/cache"), *as_user(65534), open_path / "probe.run"],
                             {"HOME": str(home)})
        assert result.expect().report["argv"]
    assert len(list(home.glob(".cache/pixelzx/*/probe"))) == 2


# ---- damaged ----


def test_truncated(run, probe_run, tmp_path):
    content = probe_run.read_bytes()
    cut = tmp_path / "cut.run"
    for size in (content.index(b"\x7fELF") + 100, len(content) // 2, len(content) - 1):
        cut.write_bytes(content[:size])
        run(command=["sh", cut]).refused(106, str(size))
        korean = run(command=["sh", cut], env={"LC_ALL": "ko"})
        assert "PZX-106" in korean.err and f"{size}바이트" in korean.err
    # Where the launcher is in the cache already, that is what finds it out.
    argv(run())
    refused = run(command=["sh", cut])
    assert refused.status == 126 and "PZX-10" in refused.err and str(cut) in refused.err


def test_damaged_launcher(run, probe_run, tmp_path):
    content = bytearray(probe_run.read_bytes())
    content[content.index(b"\x7fELF") + 50000] ^= 1
    (tmp_path / "bad.run").write_bytes(content)
    run(command=["sh", tmp_path / "bad.run"]).refused(105, NATIVE.name)
    assert not list((tmp_path / "cache").glob("*/probe"))


# ---- other machines ----


def with_uname(folder, machine, bits=None):
    """The front of a command on a machine that only uname tells about."""
    fake = folder / "fake"
    fake.mkdir(exist_ok=True)
    (fake / "uname").write_text(f'#!/bin/sh\ncase $1 in -m) echo {machine} ;; *) echo Linux 6.6.0 ;; esac\n')
    (fake / "uname").chmod(0o755)
    return [*OLD_KERNEL, *support.hiding("/sys"), "env", f"PATH={fake}:{support.PATH}"]


@needs_mounts
@pytest.mark.parametrize("machine, platform", [("loongarch64", "linux/loong64"), ("ppc64", "linux/ppc64"),
                                               ("sparc64", "linux/sparc64"), ("i686", "linux/386"),
                                               ("mips64", "linux/mips64")])
def test_no_launcher_for_the_machine(run, node_run, tmp_path, machine, platform):
    """PZX-101 as the launcher says it of such a machine."""
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot/uname").write_text(f"Linux 6.6.0 {machine}\n")
    for language in ("en", "ko"):
        variables = {"LANG": "ko_KR.UTF-8"} if language == "ko" else {}
        said = run("version", command=[node_run], front=with_uname(tmp_path, machine), env=variables)
        assert said.status == 126 and said.out == "", said.err
        own = support.run([NATIVE.launcher, "doctor", "--json", "--lang", language, "--host", tmp_path / "snapshot"],
                          {"PIXELZX_BUNDLE": str(BUNDLE)}).report
        finding = support.diagnosed(own, 101, platform=platform)
        for words in (finding["title"], finding["why"], finding["what_to_do"], platform, "PZX-101",
                      finding["evidence"]["offer"]):
            assert words in said.err, said.err
    assert ("ppc64le" in said.err.split("linux/amd64")[0]) == (machine == "ppc64")


@needs_root
def test_emulated_shell_leads_to_the_native_program(run, probe_run, tmp_path):
    """The shell's own uname is the emulator's invention."""
    support.require_handlers()
    arm64 = next(p for p in PLATFORMS if p.name != NATIVE.name and p.debian in ("arm64", "amd64"))
    busybox = support.fetched("bookworm", arm64.debian, "busybox-static") / "bin/busybox"
    result = run(command=[busybox, "ash", probe_run], front=support.with_handlers())
    assert environment(result)["PIXELZX_SLICE"] == NATIVE.name


@needs_root
def test_32_bit_shell_on_a_64_bit_kernel(node_run, tmp_path):
    """Raspberry Pi OS: uname says aarch64, and the programs are for armhf. Seccomp may forbid 64-bit ones."""
    support.require_handlers()
    arm = next(p for p in PLATFORMS if p.debian == "armhf")
    busybox = support.fetched("bookworm", "armhf", "busybox-static") / "bin/busybox"
    cache = tmp_path / "cache"
    support.run([*support.with_handlers(), *with_uname(tmp_path, "aarch64"), busybox, "ash", node_run, "version"],
                {"PIXELZX_CACHE": str(cache)})
    launcher = arm.launcher.read_bytes()
    kept = [path.read_bytes() for path in cache.glob("*/pixelzx")]
    assert launcher.ljust(-(-len(launcher) // 4096) * 4096, b"\0") in kept
