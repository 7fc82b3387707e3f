# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a system: each cause is made to happen, and the launcher or its doctor names it."""

import contextlib
import errno
import json
import os
import resource
import shutil
import signal

import bundles
import pytest
import support
from images import elf
from support import (BUNDLE, FOREIGN, NATIVE, Installation, as_user, codes_of, diagnosed, hiding, limited, mounted,
                     needs_root, provokes, refusing, refusing_execve, with_handlers, without_handlers, world)
from test_memfd import memfd_noexec, needs_memfd_noexec

pytestmark = support.needs_mounts
OFF = {"PIXELZX_CACHE": "off"}
OTHER = FOREIGN[0]


@pytest.fixture
def program(tmp_path):
    """A program for this machine, in a folder of its own."""
    folder = tmp_path / "programs"
    folder.mkdir()
    shutil.copy(NATIVE.launcher, folder / "program")
    return folder / "program"


def about(report, path):
    """The codes of the findings on a file."""
    return [finding["code"] for finding in report["findings"] if finding["file"] == os.fspath(path)]


# ---- no place to unpack ----


@provokes(301)
@needs_memfd_noexec
def test_neither_cache_nor_memory(examined):
    report = examined.doctor(env=OFF, world=memfd_noexec(2), status=1)
    diagnosed(report, 301)
    assert report["launch"]["memory"] is False
    examined.run(env=OFF, world=memfd_noexec(2)).refused(301, "memfd_create")


@provokes(301)
def test_both_refusals_are_named(examined):
    examined.cache.write_bytes(b"a file where the directory should be")
    report = examined.doctor(preexec_fn=refusing(memfd_create=errno.EPERM), status=1)
    diagnosed(report, 301, cache="Not a directory", memfd="Operation not permitted")
    assert codes_of(report) == ["PZX-301"]
    examined.run(preexec_fn=refusing(memfd_create=errno.EPERM)).refused(301, "Not a directory")


@provokes(312)
@needs_memfd_noexec
def test_memory_refused_with_a_cache(examined):
    """It does not matter while there is a cache."""
    report = examined.doctor(world=memfd_noexec(2), status=0)
    assert diagnosed(report, 312)["severity"] == "warning"
    assert codes_of(report) == ["PZX-312"] and report["launch"]["slice"] == NATIVE.name
    assert [cache["usable"] for cache in report["launch"]["caches"]] == [True]
    assert [run["how"] for run in report["host"]["runs"] if run["platform"] == NATIVE.name] == ["native"]


@pytest.mark.parametrize("cache", ["new", "there"])
def test_files_run_where_memory_is_refused(examined, program, cache):
    """That says nothing of programs in files, also before the first start has made the cache."""
    if cache == "there":
        examined.cache.mkdir(0o700)
    prepare = refusing(memfd_create=errno.EPERM)
    report = examined.doctor(program, preexec_fn=prepare)
    assert report["findings"] == [] and [file["how"] for file in report["files"]] == ["native"]
    (run,) = [run for run in examined.doctor(preexec_fn=prepare)["host"]["runs"] if run["platform"] == NATIVE.name]
    assert run["how"] == "native"


@provokes(312)
@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOSYS, errno.EACCES])
def test_memory_refused_by_seccomp(examined, error):
    report = examined.doctor(preexec_fn=refusing(memfd_create=error), status=0)
    diagnosed(report, 312, detail=os.strerror(error))
    assert codes_of(report) == ["PZX-312"]
    assert examined.run(preexec_fn=refusing(memfd_create=error)).expect().trace["source"] == "unpacked"


def cache_world(kind, folder):
    """A cache that is there, and of no use."""
    return {"read-only": mounted("tmpfs", "ro,mode=700", folder),
            "full": mounted("tmpfs", "size=64k,mode=700", folder),
            "noexec": mounted("tmpfs", "noexec,mode=700", folder),
            "read-only root": world(f"mount --bind '{folder}' '{folder}'\nmount -o remount,bind,ro '{folder}'")}[kind]


CACHE_REASONS = {"read-only": "Read-only file system", "full": "No space left on device", "noexec": "mounted noexec",
                 "read-only root": "Read-only file system"}


@provokes(313)
@pytest.mark.parametrize("kind", CACHE_REASONS)
def test_cache_of_no_use(examined, kind):
    examined.cache.mkdir(0o700)
    front = cache_world(kind, examined.cache)
    report = examined.doctor(world=front, status=0)
    assert diagnosed(report, 313, cache=CACHE_REASONS[kind])["severity"] == "warning"
    assert codes_of(report) == ["PZX-313"] and report["launch"]["slice"] == NATIVE.name
    (cache,) = report["launch"]["caches"]
    assert not cache["usable"] and CACHE_REASONS[kind] in cache["reason"]
    assert examined.run(world=front).expect().trace["source"] == "memfd"


@provokes(313)
@needs_root
def test_cache_of_another_user(open_path, probe):
    installation = Installation(open_path, bundles.make_bundle({NATIVE.name: probe.read_bytes()}, options=("doctor",)))
    installation.cache.mkdir(0o755)
    os.chown(installation.cache, 65533, 65533)
    report = installation.doctor(world=as_user(65534), status=0)
    diagnosed(report, 313, cache="belongs to another user")
    report = installation.doctor(world=as_user(65534), env={"PIXELZX_CACHE": str(open_path / "new")}, status=0)
    diagnosed(report, 313, cache="Permission denied")
    assert installation.run(world=as_user(65534)).expect().trace["source"] == "memfd"


def test_cache_switched_off_is_no_finding(examined):
    """The operator wants it so."""
    assert examined.doctor(env=OFF)["findings"] == []


def test_one_usable_cache_is_enough(examined):
    examined.cache.write_bytes(b"")
    variables = {"PIXELZX_CACHE": None, "CACHE_DIRECTORY": f"{examined.cache}/x", "HOME": str(examined.folder)}
    report = examined.doctor(env=variables, world=hiding("/var/cache"))
    assert report["findings"] == []
    assert [cache["usable"] for cache in report["launch"]["caches"]] == [False, True]


# ---- refusals of the kernel ----


@provokes(302)
@pytest.mark.parametrize("cache", ["there", "off"])
def test_kernel_refuses_for_a_reason_of_its_own(examined, cache):
    """A failing disk, or what a later kernel thinks of."""
    result = examined.run(world=refusing_execve(errno.EIO), env=OFF if cache == "off" else None)
    result.refused(302, NATIVE.name, "Input/output error", "pixelzx doctor")


@provokes(316)
@pytest.mark.parametrize("cache", ["there", "off"])
def test_launcher_names_a_handler_without_its_interpreter(tmp_path, cache):
    support.require_handlers()
    installation = Installation(tmp_path, BUNDLE)
    variables = {"PIXELZX_PLATFORM": OTHER.name} | (OFF if cache == "off" else {})
    result = installation.run("version", world=with_handlers("", "/nowhere/qemu-{}"), env=variables)
    result.refused(316, f"/nowhere/qemu-{OTHER.qemu}")


@provokes(306)
@pytest.mark.parametrize("unit", [False, True])
def test_noexec_mount(examined, program, unit):
    """Also within a systemd unit: a whole file system is not what NoExecPaths= makes."""
    folder = program.parent
    front = mounted("tmpfs", "noexec", folder, f"cp '{examined.launcher}' '{program}'")
    report = examined.doctor(program, world=front, env={"INVOCATION_ID": "0" * 32} if unit else None, status=1)
    diagnosed(report, 306, detail=str(folder))
    assert about(report, program) == ["PZX-306"]
    assert support.run([*front, "sh", "-c", f"exec '{program}' doctor PZX-101"]).status == 126


@provokes(306, 307)
def test_no_exec_paths_of_a_unit(examined, program):
    """systemd binds the folder to itself and remounts it noexec."""
    folder = program.parent
    front = world(f"mount --bind '{folder}' '{folder}'\nmount -o remount,bind,noexec '{folder}'")
    report = examined.doctor(program, world=front, env={"INVOCATION_ID": "0" * 32}, status=1)
    found = diagnosed(report, 307, detail=str(folder))
    assert str(program) in found["what_to_do"]
    diagnosed(examined.doctor(program, world=front, status=1), 306, detail=str(folder))


@provokes(308)
def test_loader_of_a_foreign_program_is_missing(examined, tmp_path):
    support.require_handlers()
    file = tmp_path / "foreign"
    file.write_bytes(elf(OTHER, "/nowhere/ld-linux.so"))
    file.chmod(0o755)
    report = examined.doctor(file, world=with_handlers(), status=1)
    diagnosed(report, 308, interpreter="/nowhere/ld-linux.so", needs=OTHER.name)
    assert about(report, file) == ["PZX-308"]
    said = support.run([*with_handlers(), file])
    assert said.status != 0 and "Could not open '/nowhere/ld-linux.so'" in said.err


SELINUX = world("mount -t tmpfs none /sys/fs\nmkdir /sys/fs/selinux\necho 1 >/sys/fs/selinux/enforce")
FAPOLICYD = world("mount -t tmpfs none /run\necho 1 >/run/fapolicyd.pid")


def kernel_arguments(folder, words):
    """A world that was booted with these."""
    (folder / "cmdline").write_text(f"quiet {words}\n")
    return world(f"mount --bind '{folder}/cmdline' /proc/cmdline")


# code → a function of a folder: the signs of who refuses, and what it answers.
POLICIES = {
    309: (lambda folder: SELINUX, errno.EACCES),
    310: (lambda folder: FAPOLICYD, errno.EPERM),
    311: (lambda folder: kernel_arguments(folder, "ima_appraise=enforce"), errno.EACCES),
    318: (lambda folder: [], errno.EPERM),
}
# The others are provoked by themselves in test_doctor_kernels.py.
each_policy = pytest.mark.parametrize(
    "code", [pytest.param(code, marks=[provokes(code)] if code == 318 else []) for code in POLICIES])


def policy(code, folder):
    signs, error = POLICIES[code]
    return [*signs(folder), *refusing_execve(error)]


@each_policy
def test_doctor_names_the_policy(examined, code, tmp_path):
    """A seccomp filter refuses every execve with what that policy answers, and the policy's signs are
    there in a private mount. The cache is writable and memory can be had, but nothing may be started
    from either."""
    report = examined.doctor(world=policy(code, tmp_path), status=1)
    diagnosed(report, code)
    assert report["launch"]["memory"] is False


@each_policy
def test_doctor_names_the_policy_without_a_cache(examined, code, tmp_path):
    """As the launcher does (test_launcher_names_the_policy)."""
    diagnosed(examined.doctor(world=policy(code, tmp_path), env=OFF, status=1), code)


@each_policy
def test_doctor_names_the_policy_of_a_file(examined, program, code, tmp_path):
    report = examined.doctor(program, world=policy(code, tmp_path), status=1)
    diagnosed(report, code)
    assert about(report, program) == [f"PZX-{code}"]


@each_policy
@pytest.mark.parametrize("cache", ["warm", "cold", "off"])
def test_launcher_names_the_policy(examined, code, cache, tmp_path):
    if cache == "warm":
        examined.run().expect()
    result = examined.run(world=policy(code, tmp_path), env=OFF if cache == "off" else None)
    message = result.refused(code).err
    assert " ;" not in message and " ," not in message, "a path is missing in what to do"


def test_policies_that_are_there_and_refuse_nothing(examined, tmp_path):
    """SELinux is enforcing on every Fedora."""
    for code, (signs, _) in POLICIES.items():
        assert examined.doctor(world=signs(tmp_path))["findings"] == [], code


def no_signals():
    """Started by somebody who wants to hear nothing."""
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    for number in (signal.SIGTRAP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)


@pytest.mark.parametrize("prepare", [None, no_signals], ids=["plain", "no-signals"])
def test_doctor_runs_nothing_of_what_it_examines(examined, tmp_path, prepare):
    """It asks the kernel whether the program may start, and stops it before its first instruction."""
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\n: >{tmp_path}/ran\n")
    script.chmod(0o755)
    assert support.run([script]).status == 0 and (tmp_path / "ran").exists()
    (tmp_path / "ran").unlink()
    assert examined.doctor(script, preexec_fn=prepare, status=0)["findings"] == []
    assert not (tmp_path / "ran").exists()


# ---- emulation ----


@provokes(314)
@pytest.mark.parametrize("platform", FOREIGN, ids=support.by_name)
def test_launcher_under_emulation(platform, tmp_path):
    installation = Installation(tmp_path, BUNDLE, platform)
    front = [*without_handlers(), f"qemu-{platform.qemu}-static"]
    report = installation.doctor(world=front, status=0)
    found = diagnosed(report, 314)
    assert found["severity"] == "warning" and NATIVE.name in found["why"]
    assert report["host"]["emulated"] and report["launch"]["slice"] == NATIVE.name
    text = support.run([*front, installation.launcher, "doctor"], {"PIXELZX_CACHE": str(installation.cache)})
    assert text.status == 0 and "[PZX-314]" in text.out


def test_no_complaint_of_emulation_that_was_asked_for(tmp_path):
    support.require_handlers()
    installation = Installation(tmp_path, BUNDLE, OTHER)
    report = installation.doctor(world=with_handlers(), env={"PIXELZX_PLATFORM": OTHER.name}, status=0)
    assert "PZX-314" not in codes_of(report) and report["launch"]["slice"] == OTHER.name


@provokes(316)
def test_handler_without_its_interpreter(examined):
    support.require_handlers()
    report = examined.doctor(world=with_handlers("", "/nowhere/qemu-{}"), status=1)
    found = [finding for finding in report["findings"] if finding["code"] == "PZX-316"]
    assert {finding["evidence"]["interpreter"] for finding in found} == {
        f"/nowhere/qemu-{platform.qemu}" for platform in FOREIGN}
    diagnosed(report, 316)
    assert set(codes_of(report)) == {"PZX-316"}


@provokes(316)
def test_file_whose_handler_lacks_its_interpreter(examined):
    support.require_handlers()
    report = examined.doctor(OTHER.launcher, world=with_handlers("", "/nowhere/qemu-{}"), status=1)
    diagnosed(report, 316, interpreter=f"/nowhere/qemu-{OTHER.qemu}")
    assert about(report, OTHER.launcher) == ["PZX-316"]


@provokes(317)
def test_handler_without_the_flag_for_containers(examined):
    support.require_handlers()
    report = examined.doctor(world=with_handlers(""), status=0)
    found = diagnosed(report, 317, interpreter="/usr/bin/qemu-")
    assert found["severity"] == "warning" and set(codes_of(report)) == {"PZX-317"}
    assert codes_of(report).count("PZX-317") == len(FOREIGN)


def with_handlers_and(then):
    return [*with_handlers(), "sh", "-ec", f'{then}\nexec "$@"', "sh"]


@provokes(319)
def test_binfmt_misc_switched_off(examined):
    support.require_handlers()
    report = examined.doctor(world=with_handlers_and("echo 0 >/proc/sys/fs/binfmt_misc/status"), status=0)
    assert diagnosed(report, 319, detail="binfmt_misc")["severity"] == "warning"
    assert {run["how"] for run in report["host"]["runs"] if run["platform"] == OTHER.name} == {"none"}


@provokes(319)
def test_handler_switched_off(examined):
    support.require_handlers()
    name = f"qemu-{OTHER.qemu}"
    report = examined.doctor(world=with_handlers_and(f"echo 0 >/proc/sys/fs/binfmt_misc/{name}"), status=0)
    diagnosed(report, 319, detail=name)
    assert codes_of(report) == ["PZX-319"]


@provokes(323)
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_emulator_that_crashes(examined, tmp_path, number):
    support.require_handlers()
    emulator = tmp_path / "emulator"
    emulator.write_text(f"#!/bin/sh\nkill -{int(number)} $$\n")
    emulator.chmod(0o755)
    report = examined.doctor(world=with_handlers("F", str(emulator)), status=0)
    found = diagnosed(report, 323, interpreter=str(emulator), detail=str(int(number)))
    assert found["severity"] == "warning" and set(codes_of(report)) == {"PZX-323"}


@provokes(323)
def test_emulator_that_hangs(examined, tmp_path):
    """The doctor waits a few seconds, for all together."""
    support.require_handlers()
    emulator = tmp_path / "emulator"
    emulator.write_text("#!/bin/sh\nexec sleep 100\n")
    emulator.chmod(0o755)
    report = examined.doctor(world=with_handlers("F", str(emulator)), status=0, timeout=30)
    diagnosed(report, 323, detail=str(int(signal.SIGALRM)))


# ---- other limits ----


@contextlib.contextmanager
def writer_of(path):
    with open(path, "r+b"):
        yield


@provokes(320)
def test_file_that_is_being_written(examined, program):
    with writer_of(program):
        report = examined.doctor(program, status=1)
        with pytest.raises(OSError) as refusal:
            support.run([program])
    assert refusal.value.errno == errno.ETXTBSY
    found = diagnosed(report, 320)
    assert str(program) in found["what_to_do"]
    assert examined.doctor(program)["findings"] == []


@provokes(321)
def test_without_proc(examined):
    report = examined.doctor(world=hiding("/proc"), status=0)
    assert diagnosed(report, 321)["severity"] == "note"
    assert codes_of(report) == ["PZX-321"] and report["launch"]["slice"] == NATIVE.name
    assert report["host"]["platform"].startswith(NATIVE.name)


@provokes(322)
@needs_root
def test_no_more_processes(open_path, probe):
    """A user who may have one process."""
    installation = Installation(open_path, bundles.make_bundle({NATIVE.name: probe.read_bytes()}, options=("doctor",)))
    report = installation.doctor(world=as_user(54321), env={"PIXELZX_CACHE": str(open_path / "cache")}, status=1,
                                 preexec_fn=limited(resource.RLIMIT_NPROC, 1))
    diagnosed(report, 322)
    assert "PZX-312" not in codes_of(report), "memory was not refused"
    assert "PZX-301" not in codes_of(report), "memory was not refused"
    installation.run(world=as_user(54321), preexec_fn=limited(resource.RLIMIT_NPROC, 1)).expect()


def no_new_code(**verdicts):
    """A preexec_fn: memory cannot be made executable (Linux 6.3), as systemd's MemoryDenyWriteExecute
    has it, and more."""
    set_mdwe, refuse_exec_gain = 65, 1
    more = refusing(**verdicts) if verdicts else lambda: None

    def prepare():
        if support.libc.prctl(set_mdwe, refuse_exec_gain, 0, 0, 0) != 0:
            raise OSError(support.ctypes.get_errno(), "PR_SET_MDWE")
        more()

    return prepare


def has_mdwe():
    try:
        return support.run(["true"], preexec_fn=no_new_code()).status == 0
    except Exception:
        return False


needs_mdwe = pytest.mark.skipif(not has_mdwe(), reason="no PR_SET_MDWE (Linux 6.3 and later)")


@provokes(324)
@needs_mdwe
@pytest.mark.parametrize("words", [["doctor"], ["start"]])
def test_nothing_may_become_executable(examined, words):
    """Not even the rest of the launcher: it says so in one line."""
    prepare = no_new_code(memfd_create=errno.EPERM)
    result = examined.run(*words, preexec_fn=prepare)
    assert (result.status, result.out) == (126, "")
    assert result.err.count("\n") == 1 and "[PZX-324]" in result.err and "doctor" in result.err
    support.saw(324)
    page = support.run([examined.launcher, "doctor", "PZX-324"]).expect().out
    assert "MemoryDenyWriteExecute" in page


@needs_mdwe
def test_a_warm_cache_needs_no_more_code(examined):
    """A hardened unit starts, when somebody has filled its cache."""
    examined.run().expect()
    env = {"PIXELZX_TRACE": None}
    assert examined.run(preexec_fn=no_new_code(memfd_create=errno.EPERM), env=env).expect().report["argv"]


@needs_mdwe
def test_memory_deny_write_execute_alone(examined):
    """What is unpacked is mapped from a file in memory instead."""
    assert examined.doctor(preexec_fn=no_new_code())["launch"]["slice"] == NATIVE.name
    assert examined.run(preexec_fn=no_new_code()).expect().trace["source"] == "unpacked"


# ---- next to nothing ----


def bare_root(folder, bundle):
    """A root with the launcher and the bundle alone."""
    root = folder / "root"
    root.mkdir(parents=True)
    Installation(root, bundle)
    return root


def in_bare_root(root, uid=1000):
    """The front of a command in that root, read-only, as a user that nothing knows."""
    script = f"mount --bind '{root}' '{root}'\nmount -o remount,bind,ro '{root}'"
    return [*world(script), "chroot", f"--userspec={uid}:{uid}", "--groups=", root]


@provokes(321, 313)
@needs_root
@pytest.mark.parametrize("bundle", ["probe", "dist", "none"])
def test_from_scratch(open_path, probe, bundle):
    """No /proc, no /sys, no /tmp, no /dev, read-only, as user 1000."""
    content = {"probe": bundles.make_bundle({NATIVE.name: probe.read_bytes()}, options=("doctor",)),
               "dist": BUNDLE.read_bytes(), "none": None}[bundle]
    root = bare_root(open_path, content)
    front = in_bare_root(root)
    result = support.run([*front, "/pixelzx", "doctor", "--json"])
    report = json.loads(result.out)
    assert result.err == ""
    diagnosed(report, 321)
    diagnosed(report, 313)
    serious = [finding["code"] for finding in report["findings"] if finding["severity"] == "error"]
    assert serious == ([] if content else ["PZX-102"]) and result.status == len(serious)
    assert report["host"]["platform"].startswith(NATIVE.name)
    if content:
        assert report["launch"]["slice"] == NATIVE.name and all(s["intact"] for s in report["bundle"]["slices"])
    text = support.run([*front, "/pixelzx", "doctor"])
    assert (text.status, text.err) == (result.status, "") and "[PZX-321]" in text.out
    assert support.run([*front, "/pixelzx", "doctor", "PZX-321"]).expect().out
    assert support.run([*front, "/pixelzx", "doctor", "/pixelzx"]).expect().out
    if bundle == "dist":
        assert support.run([*front, "/pixelzx", "version"]).expect().out


@needs_root
def test_from_scratch_without_standard_streams(open_path):
    root = bare_root(open_path, BUNDLE.read_bytes())

    def close():
        os.close(0)
        os.close(2)

    result = support.run([*in_bare_root(root), "/pixelzx", "doctor", "--json"], preexec_fn=close, stdin=None)
    assert json.loads(result.out)["launch"]["slice"] == NATIVE.name


@provokes(313)
@needs_root
def test_from_scratch_in_a_container(open_path):
    """podman with its default seccomp profile: read-only, no network, user 1000."""
    runtime = shutil.which("runc") or shutil.which("crun")
    if shutil.which("podman") is None or runtime is None:
        pytest.skip("podman and a runtime for it are not installed")
    (open_path / "containers.conf").write_text(
        '[containers]\nnetns="none"\ndefault_ulimits=["nofile=4096:4096","nproc=4096:4096"]\n'
        '[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\n')
    image = open_path / "image"
    image.mkdir()
    shutil.copy(NATIVE.launcher, image / "pixelzx")
    shutil.copy(BUNDLE, image / "pixelzx.bundle")
    (image / "Dockerfile").write_text('FROM scratch\nCOPY pixelzx pixelzx.bundle /\nENTRYPOINT ["/pixelzx"]\n')
    podman = ["podman", "--root", open_path / "root", "--runroot", open_path / "run", "--storage-driver", "vfs"]
    env = {"CONTAINERS_CONF": str(open_path / "containers.conf"), "HOME": str(open_path), "TMPDIR": str(open_path)}
    support.run([*podman, "build", "--isolation", "chroot", "-t", "localhost/scratch", image], env, check=True)
    # crun takes a machine with both kinds of cgroups for one it does not know.
    front = world("umount /sys/fs/cgroup/unified 2>/dev/null || true")
    start = [*front, *podman, "--runtime", runtime, "run", "--rm", "--read-only", "--read-only-tmpfs=false",
             "--user", "1000:1000", "localhost/scratch"]
    report = json.loads(support.run([*start, "doctor", "--json"], env).expect().out)
    diagnosed(report, 313)
    assert codes_of(report) == ["PZX-313"] and report["host"]["container"] == "podman"
    assert report["launch"]["slice"] == NATIVE.name
    assert "[PZX-313]" in support.run([*start, "doctor"], env).expect().out
    assert "Version" in support.run([*start, "version"], env).expect().out


# ---- old ARM ----


@provokes(101)
@pytest.mark.parametrize("cpu, variant", [("arm1176", "v6"), ("arm926", "v5")])
def test_old_arm(tmp_path, cpu, variant):
    """An emulated CPU that dies of what newer ones know, with nothing that tells of the emulation."""
    arm = next(platform for platform in support.PLATFORMS if platform.qemu == "arm")
    bundle = bundles.make_bundle({arm.name: elf(arm)}, program="pixelzx", options=("doctor", "own-name"))
    installation = Installation(tmp_path, bundle, arm)
    front = [*without_handlers(), *hiding("/proc", "/sys"), "qemu-arm-static", "-cpu", cpu]
    installation.run("version", world=front).refused(101, f"linux/arm/{variant}")
    report = installation.doctor(world=front, status=1)
    assert report["host"]["platform"] == f"linux/arm/{variant}" and not report["host"]["emulated"]
    diagnosed(report, 101, platform=f"linux/arm/{variant}", offer="linux/arm/v7")
    text = support.run([*front, installation.launcher, "doctor", "--lang", "ko"])
    assert text.status == 1 and "[PZX-101]" in text.out
    assert support.run([*front, installation.launcher, "doctor", "PZX-207"]).expect().out
