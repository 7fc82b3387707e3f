# SPDX-License-Identifier: Apache-2.0
"""Every system call of a launch fails, one after the other, with each error that it may well have: the
program starts, or a diagnosis says why not, and nothing is left behind."""

import errno
import shutil
import struct

import bundles
import pytest
from launches import KINDS, STARTED, Launch
from support import FOREIGN, NATIVE, Installation

# seccomp profiles answer with the first two, disks and network file systems with the last two.
USUAL = ["EPERM", "ENOSYS", "EIO", "EINTR"]
ERRORS = {
    "access": ["EACCES", "EIO"],
    "close": ["EIO", "EINTR"],
    "execveat": ["E2BIG", "EACCES", "EAGAIN", "EIO", "ENOENT", "ENOEXEC", "ENOMEM", "ENOSYS", "EPERM", "ETXTBSY"],
    "fchmod": ["EPERM", "EIO", "EROFS"],
    "fdatasync": ["EIO", "ENOSPC", "EINVAL", "EDQUOT"],
    "flock": ["EINTR", "ENOLCK", "EWOULDBLOCK"],
    "linkat": ["EEXIST", "EMLINK", "ENOENT", "ENOSPC", "EPERM", "EXDEV"],
    "memfd_create": ["EINVAL", "EMFILE", "ENOMEM", "ENOSYS", "EPERM"],
    "mkdir": ["EACCES", "EEXIST", "ENOSPC", "EROFS"],
    "mkdirat": ["EACCES", "EEXIST", "ENOSPC", "EROFS"],
    "mmap": ["ENOMEM", "EPERM"],
    "mprotect": ["EACCES", "ENOMEM"],
    "munmap": ["ENOMEM"],
    "openat": ["EACCES", "EINTR", "EIO", "EMFILE", "ENOSPC", "EROFS"],
    "pread64": ["EINTR", "EIO"],
    "renameat": ["EBUSY", "EIO", "ENOENT", "ENOSPC", "EXDEV"],
    "unlinkat": ["EBUSY", "EIO", "ENOENT", "EROFS"],
    "write": ["EDQUOT", "EINTR", "EIO", "ENOSPC"],
}
# Without its thread pointer musl stops before main(); no kernel with this call refuses it.
NOT_OURS = {"arch_prctl"}


def check(launch, result, what, silent=False):
    """Started, or refused with a word why."""
    refused = result.status == 126 and (silent or "[PZX-" in result.err) and result.out == ""
    assert result.status == STARTED or refused, (what, result)


@pytest.mark.parametrize("kind", KINDS)
def test_each_call_fails_once(tmp_path, faults, small_probe, kind):
    launch = Launch(tmp_path, small_probe, kind)
    refusals = 0
    for number, name in enumerate(launch.calls(faults), 1):
        for error in ERRORS.get(name, USUAL) if name not in NOT_OURS else ():
            what = (kind, number, name, error)
            launch.reset()
            result = launch.run(faults, "fail", str(number), str(getattr(errno, error)))
            check(launch, result, what)
            refusals += result.status == 126
            assert launch.strangers() == [], what
            launch.check_works_again(what)
    assert refusals > 10  # it did interfere


@pytest.mark.parametrize("kind", KINDS)
def test_each_call_fails_always(tmp_path, faults, small_probe, kind):
    """As with a disk that is full, or a seccomp profile."""
    launch = Launch(tmp_path, small_probe, kind)
    for name in sorted(set(launch.calls(faults)) - NOT_OURS):
        # A call that is interrupted for ever is made for ever.
        for error in set(ERRORS.get(name, USUAL)) - {"EINTR"}:
            what = (kind, name, error)
            launch.reset()
            result = launch.run(faults, "fail", name, str(getattr(errno, error)))
            check(launch, result, what, silent=name == "write")
            # Who may not remove anything leaves one temporary; the next launch may.
            assert len(launch.strangers()) <= (name == "unlinkat"), what
            launch.check_works_again(what)


# ---- launches that come to nothing ----


def without_loader(probe):
    """A program whose loader is not there: the kernel refuses it, and the launcher finds out why."""
    elf64, order = NATIVE.elf[0] == 2, "<>"[NATIVE.elf[1] - 1]
    data = bytearray(probe + b"/nonexistent\0")
    table, = struct.unpack_from(order + "QI"[not elf64], data, 32 if elf64 else 28)
    size, count = struct.unpack_from(order + "HH", data, 54 if elf64 else 42)
    last = table + size * (count - 1)
    where = (len(probe), 0, 0, 13, 13)
    if elf64:
        struct.pack_into(order + "II5QQ", data, last, 3, 4, *where, 1)
    else:
        struct.pack_into(order + "I5III", data, last, 3, *where, 4, 1)
    return bytes(data)


def damaged(probe):
    data = bytearray(bundles.make_bundle({NATIVE.name: probe}))
    data[len(data) // 2] ^= 1
    return bytes(data)


REFUSALS = {
    "no bundle": (lambda probe: None, 127),
    "no bundle in the file": (lambda probe: b"x" * 10000, 126),
    "no slice for this machine": (lambda probe: bundles.make_bundle({FOREIGN[0].name: probe}), 126),
    "damaged slice": (damaged, 126),
    "kernel refuses": (lambda probe: bundles.make_bundle({NATIVE.name: without_loader(probe)}), 126),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_each_call_of_a_refusal_fails(tmp_path, faults, small_probe, kind):
    """Also on the way to a diagnosis: that one, another, or the short of it."""
    bundle, status = REFUSALS[kind]
    installation = Installation(tmp_path, bundle(small_probe))
    names = tmp_path / "names"

    def run(*front):
        shutil.rmtree(installation.cache, ignore_errors=True)
        return installation.run(world=front, env={"PIXELZX_TRACE": None})

    result = run(faults, "names", names)
    assert result.status == status and "what to do" in result.err, result
    calls = names.read_text().split()
    errors = ["EPERM", "EIO", "ENOMEM", "EINTR", "ENOSYS"]
    for number, name in enumerate(calls, 1):
        if name in NOT_OURS | {"exit_group"}:
            continue
        result = run(faults, "fail", str(number), str(getattr(errno, errors[number % len(errors)])))
        said = "[PZX-" in result.err or name == "write"
        assert result.status in (126, 127) and said and result.out == "", (kind, number, name, result)
        assert installation.leftovers() == [], (kind, number, name)
        for entry in installation.entries():  # of what the kernel has refused
            assert bundles.sha256(entry.read_bytes()) == entry.parent.name
