# SPDX-License-Identifier: Apache-2.0
"""Each launcher starts its own platform's program when told to, and leaves emulation when not."""

import json

import bundles
import pytest
import support
from support import BUNDLE, FOREIGN, NATIVE, PLATFORMS, Installation, by_name, hiding, with_handlers, without_handlers

pytestmark = support.needs_mounts
TRACE = {"host": str, "launcher": str, "emulated": bool, "slice": str, "source": str, "us": dict}
US = ["detect", "open", "unpack", "total"]
# Kernels before 6.1 have no /proc/sys/kernel/arch; containers may hide more.
HIDDEN = {"nothing": [], "arch": ["/proc/sys/kernel"], "all of proc": ["/proc"], "sys": ["/sys"],
          "arch and sys": ["/proc/sys/kernel", "/sys"]}
VERSION = ("version", "--output", "json")


def keep_emulators(folder):
    """Of the package, which is large, the emulators that are used here."""
    wanted = {f"qemu-{platform.qemu}" for platform in PLATFORMS}
    for path in (path for path in folder.rglob("*") if not path.is_dir()):
        if path.name not in wanted:
            path.unlink()


@pytest.fixture(scope="session")
def qemu_10():
    """The folder with Debian 13's user emulators. They are static."""
    return support.fetched("trixie", NATIVE.debian, "qemu-user", keep_emulators) / "usr/bin"


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory):
    """Filled once: to unpack under emulation takes seconds."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(params=["qemu-7 handlers", "qemu-7 explicit", "qemu-10 handlers", "qemu-10 explicit"])
def emulation(request):
    """A function: the front of a command line that starts a program of that platform through an
    emulator, in a world where some folders are hidden."""
    version, how = request.param.split()
    folder = request.getfixturevalue("qemu_10") if version == "qemu-10" else None
    if how == "handlers":
        support.require_handlers()

    def front(platform, hidden=()):
        hide = hiding(*hidden) if hidden else []
        if how == "handlers":
            return [*(with_handlers("F", f"{folder}/qemu-{{}}") if folder else with_handlers()), *hide]
        emulator = f"{folder}/qemu-{platform.qemu}" if folder else f"qemu-{platform.qemu}-static"
        return [*without_handlers(), *hide, emulator]

    return front


def native_after_emulation(result, platform, source=None):
    """The launcher of `platform` has noticed that it is emulated and become the native program."""
    assert json.loads(result.expect().out)["platform"] == NATIVE.name
    (trace,) = result.traces
    assert {key: type(value) for key, value in trace.items()} == TRACE and list(trace) == list(TRACE)
    assert list(trace["us"]) == US and all(type(us) is int for us in trace["us"].values())
    assert trace["host"] == NATIVE.name or trace["host"].startswith(NATIVE.name + "/")
    assert (trace["launcher"], trace["emulated"], trace["slice"]) == (platform.name, True, NATIVE.name)
    assert source is None or trace["source"] == source
    return trace


@pytest.fixture(scope="module")
def native_host(tmp_path_factory):
    """What the native launcher calls this machine, with its level, by what the kernel shows."""
    installation = Installation(tmp_path_factory.mktemp("native"), BUNDLE)
    result = installation.run(*VERSION).expect()
    (trace,) = result.traces
    assert (trace["launcher"], trace["emulated"], trace["slice"]) == (NATIVE.name, False, NATIVE.name)
    assert list(trace) == list(TRACE) and result.err.count("\n") == 1
    # A foreign launcher sees the CPU through the kernel's files, and a kernel may hide what CPUID shows.
    saved = installation.folder / "saved"
    installation.run("doctor", "--save-host", saved).expect()
    return installation.doctor("--host", saved)["host"]["platform"]


@pytest.mark.parametrize("platform", PLATFORMS, ids=by_name)
def test_insisted_platform(platform, tmp_path):
    """With PIXELZX_PLATFORM each platform is tested on one machine."""
    support.require_handlers()
    installation = Installation(tmp_path, BUNDLE, platform)
    for source in ("unpacked", "cache"):
        result = installation.run(*VERSION, world=with_handlers(), env={"PIXELZX_PLATFORM": platform.name})
        assert json.loads(result.expect().out)["platform"] == platform.name
        (trace,) = result.traces
        assert (trace["launcher"], trace["slice"], trace["source"]) == (platform.name, platform.name, source)
        assert trace["emulated"] == (platform is not NATIVE)


@pytest.mark.parametrize("cache", ["cache", "off"])
@pytest.mark.parametrize("flags", ["POF", "PF", "F", "OF", "O", "OC", "OCF", ""])
@pytest.mark.parametrize("launcher", ["native", "foreign"])
def test_handlers_with_other_flags(flags, cache, launcher, tmp_path):
    """A memfd that is closed on exec never reaches a handler without the flag O."""
    support.require_handlers()
    for platform in FOREIGN[:2]:
        folder = tmp_path / platform.folder
        folder.mkdir()
        installation = Installation(folder, BUNDLE, platform if launcher == "foreign" else NATIVE)
        variables = {"PIXELZX_PLATFORM": platform.name} | ({"PIXELZX_CACHE": "off"} if cache == "off" else {})
        result = installation.run(*VERSION, world=with_handlers(flags), env=variables)
        assert json.loads(result.expect().out)["platform"] == platform.name
        assert result.trace["source"] == ("memfd" if cache == "off" else "unpacked")


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("platform", FOREIGN, ids=by_name)
def test_leaves_emulation(platform, hidden, emulation, shared_cache, native_host, tmp_path):
    installation = Installation(tmp_path, BUNDLE, platform)
    result = installation.run(*VERSION, world=emulation(platform, HIDDEN[hidden]),
                              env={"PIXELZX_CACHE": str(shared_cache)})
    trace = native_after_emulation(result, platform)
    if hidden == "nothing":
        assert trace["host"] == native_host


@pytest.mark.parametrize("hidden", ["nothing", "arch", "all of proc"])
@pytest.mark.parametrize("platform", FOREIGN, ids=by_name)
def test_leaves_emulation_from_an_empty_cache_and_from_memory(platform, hidden, emulation, tmp_path, request):
    installation = Installation(tmp_path, BUNDLE, platform)
    front = emulation(platform, HIDDEN[hidden])
    native_after_emulation(installation.run(*VERSION, world=front), platform, "unpacked")
    native_after_emulation(installation.run(*VERSION, world=front), platform, "cache")
    result = installation.run(*VERSION, world=front, env={"PIXELZX_CACHE": "off"})
    if hidden == "all of proc" and "qemu-7" in request.node.name:
        # It has no execveat, and /proc/self/fd is gone: a memfd cannot be executed by any name.
        assert result.status == 126 and "PZX-301" in result.err
        return
    native_after_emulation(result, platform, "memfd")


@pytest.mark.parametrize("platform", FOREIGN, ids=by_name)
def test_no_sign_of_emulation_at_all(platform, tmp_path):
    """Without /proc and /sys nothing tells; the launcher's own program runs as well as it did itself."""
    support.require_handlers()
    installation = Installation(tmp_path, BUNDLE, platform)
    result = installation.run(*VERSION, world=[*with_handlers(), *hiding("/proc", "/sys")])
    assert json.loads(result.expect().out)["platform"] in (platform.name, NATIVE.name)


@pytest.mark.parametrize("platform", FOREIGN, ids=by_name)
def test_only_its_own_slice_under_emulation(platform, tmp_path, emulation):
    """A bundle without the native program: the emulated one is better than none, if a handler runs it."""
    bundle = bundles.make_bundle({platform.name: platform.node.read_bytes()}, program="pixelzx")
    installation = Installation(tmp_path, bundle, platform)
    front = emulation(platform)
    result = installation.run(*VERSION, world=front)
    if "qemu" in front[-1]:
        result.refused(101)
    else:
        assert json.loads(result.expect().out)["platform"] == platform.name


@support.provokes(316)
def test_handler_whose_emulator_is_gone(tmp_path):
    """The kernel says ENOENT, of a program that is there."""
    support.require_handlers()
    installation = support.Installation(tmp_path, support.BUNDLE)
    variables = {"PIXELZX_PLATFORM": FOREIGN[0].name}
    world = support.with_handlers("", "/nowhere/qemu-{}")
    installation.run("version", world=world, env=variables).refused(316, "/nowhere/qemu-")
    off = {**variables, "PIXELZX_CACHE": "off"}
    installation.run("version", world=world, env=off).refused(316, "/nowhere/qemu-")
