# SPDX-License-Identifier: Apache-2.0
"""Somebody else's program: Debian's busybox-static for five platforms. It looks at argv[0], so that
nothing but an exact handover will do."""

import bundles
import pytest
import support
from support import FOREIGN, NATIVE, PACK, PLATFORMS, Installation, by_name, with_handlers

SUITE = "bookworm"  # it has no riscv64
PACKED = [platform for platform in PLATFORMS if platform.debian != "riscv64"]
pytestmark = support.needs_mounts


@pytest.fixture(scope="session")
def busybox_bundle(tmp_path_factory):
    files = {p.name: support.fetched(SUITE, p.debian, "busybox-static") / "bin/busybox" for p in PACKED}
    bundle = tmp_path_factory.mktemp("busybox") / "busybox.bundle"
    support.run([PACK, "create", "--program", "busybox", "--version", "1.35.0", "-o", bundle,
                 *[f"{name}={path}" for name, path in files.items()]], check=True)
    return bundle


@pytest.fixture
def busybox(tmp_path, busybox_bundle, request):
    """The launcher of a platform under the name `busybox`, and a function that runs it there."""
    platform = request.param
    support.require_handlers()
    installation = Installation(tmp_path, busybox_bundle, platform)

    def run(name, *words, platform_variable=platform.name, **options):
        link = tmp_path / name
        if not link.exists():
            link.symlink_to(installation.launcher.name)
        world = with_handlers()
        variables = {"PIXELZX_PLATFORM": platform_variable, "PIXELZX_CACHE": str(installation.cache)}
        return support.run([*world, link, *words], variables, **options)

    return run


@pytest.mark.parametrize("busybox", PACKED, ids=by_name, indirect=True)
def test_every_platform(busybox, request):
    platform = request.node.callspec.params["busybox"]
    assert busybox("busybox", "echo", "ok").expect().out == "ok\n"
    machine = busybox("busybox", "uname", "-m").expect().out.strip()
    assert machine == platform.uname or (platform.name, machine[:4]) == ("linux/arm/v7", "armv")
    # An applet by its name, with its own idea of arguments and standard streams.
    assert busybox("rev", input=b"abc\n", stdin=None).expect().out == "cba\n"
    assert busybox("printf", "%s|", "a b", "", "*").expect().out == "a b||*|"
    assert busybox("sh", "-c", "exit 42").status == 42
    assert busybox("sh", "-c", "kill -9 $$").status == -9
    # No option own-name in this bundle: the word belongs to the program.
    assert busybox("busybox", "busybox", "echo", "ok").expect().out == "ok\n"
    assert "applet not found" in busybox("no-such-applet").err


@pytest.mark.parametrize("busybox", FOREIGN, ids=by_name, indirect=True)
def test_leaving_emulation_with_an_applet(busybox):
    """The link's name survives; riscv64 has no program here but its launcher leaves for the native one."""
    assert busybox("uname", "-m", platform_variable="auto").expect().out.strip() == NATIVE.uname


def test_own_file_is_the_packed_one(tmp_path, busybox_bundle):
    """The running program's file is Debian's, byte for byte."""
    installation = Installation(tmp_path, busybox_bundle)
    (tmp_path / "sha256sum").symlink_to("pixelzx")
    result = support.run([tmp_path / "sha256sum", "/proc/self/exe"], {"PIXELZX_CACHE": str(installation.cache)})
    original = support.fetched(SUITE, NATIVE.debian, "busybox-static") / "bin/busybox"
    assert result.expect().out.split()[0] == bundles.sha256(original.read_bytes())
