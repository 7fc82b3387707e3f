# SPDX-License-Identifier: Apache-2.0
"""Starting from memory, and the ways in which that is refused."""

import errno

import pytest
import support
from support import refusing, world

SEALED = 0x1 | 0x2 | 0x4 | 0x8  # F_SEAL_SEAL, SHRINK, GROW, WRITE
OFF = {"PIXELZX_CACHE": "off"}


def memfd_noexec(value):
    """A PID namespace in which vm.memfd_noexec has this value."""
    return world(f"echo {value} >/proc/sys/vm/memfd_noexec", "--pid", "--fork", "--mount-proc")


needs_memfd_noexec = pytest.mark.skipif(not support.works(*memfd_noexec(1), "true"),
                                        reason="vm.memfd_noexec cannot be set here (Linux 6.3 and later, root)")


def check_memory(result, sealed=True):
    assert result.expect().trace["source"] == "memfd"
    assert result.report["argv"] and bytes.fromhex(result.report["exe"]).startswith(b"/memfd:probe")
    assert not sealed or result.report["seals"] & SEALED == SEALED


def test_sealed(launched_probe):
    check_memory(launched_probe.run(env=OFF))


def test_descriptor_is_not_left_open(launched_probe):
    report = launched_probe.run(env=OFF).report
    assert not [fd for fd in report["fds"] if b"memfd" in bytes.fromhex(fd["target"])]


@needs_memfd_noexec
@pytest.mark.parametrize("value", [0, 1])
def test_memfd_noexec_that_allows(launched_probe, value):
    check_memory(launched_probe.run(env=OFF, world=memfd_noexec(value)))


@support.provokes(301)
@needs_memfd_noexec
def test_memfd_noexec_2_refuses(launched_probe):
    launched_probe.run(env=OFF, world=memfd_noexec(2)).refused(301, "cache", "off", "memfd_create",
                                                              "vm.memfd_noexec")


@needs_memfd_noexec
def test_memfd_noexec_2_with_a_cache(launched_probe):
    result = launched_probe.run(world=memfd_noexec(2)).expect()
    assert result.trace["source"] == "unpacked"


@support.provokes(301)
@pytest.mark.parametrize("error", [errno.EPERM, errno.ENOSYS, errno.EMFILE])
def test_memfd_create_refused(launched_probe, error):
    launched_probe.run(env=OFF, preexec_fn=refusing(memfd_create=error)).refused(301, "memfd_create")


@support.provokes(301)
def test_both_refusals_are_named(launched_probe):
    launched_probe.cache.write_bytes(b"a file where the directory should be")
    result = launched_probe.run(preexec_fn=refusing(memfd_create=errno.EPERM))
    result.refused(301, str(launched_probe.cache), "Not a directory", "memfd_create: Operation not permitted")


@support.provokes(301)
def test_every_cache_that_was_tried_is_named(launched_probe, tmp_path):
    file = tmp_path / "file"
    file.touch()
    variables = {"PIXELZX_CACHE": None, "CACHE_DIRECTORY": f"{file}/a", "XDG_CACHE_HOME": f"{file}/b",
                 "HOME": f"{file}/c"}
    result = launched_probe.run(env=variables, world=support.hiding("/var/cache"),
                                preexec_fn=refusing(memfd_create=errno.EPERM))
    result.refused(301, f"{file}/a", f"{file}/b/pixelzx", f"{file}/c/.cache/pixelzx", "memfd_create")


@pytest.mark.parametrize("error", [errno.ENOSYS, errno.EPERM])
def test_no_execveat(launched_probe, error):
    """qemu-user 7.2 has none, and old container profiles refuse it: /proc/self/fd/N does it."""
    check_memory(launched_probe.run(env=OFF, preexec_fn=refusing(execveat=error)))
