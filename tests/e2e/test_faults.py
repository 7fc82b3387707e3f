# SPDX-License-Identifier: Apache-2.0
"""Every system call of a launch fails, one after the other, with each error that it may well have: the
program starts, or a diagnosis says why not, and nothing is left behind."""

import errno
import os
import time

import pytest
import support
from launches import KINDS, STARTED, Launch

# seccomp profiles answer with the first two, disks and network file systems with the last two.
USUAL = ["EPERM", "ENOSYS", "EIO", "EINTR"]
ERRORS = {
    "access": ["EACCES", "EIO"],
    "close": ["EIO", "EINTR"],
    "execve": ["E2BIG", "EACCES", "EAGAIN", "EIO", "ENOENT", "ENOEXEC", "ENOMEM", "EPERM", "ETXTBSY"],
    "execveat": ["EACCES", "EAGAIN", "EIO", "ENOEXEC", "ENOSYS", "EPERM"],
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
