# SPDX-License-Identifier: Apache-2.0
"""The native launcher under valgrind: it never decides by, hands to the kernel, or reaches memory that it should not.
Its allocator is mmap(2) itself, so each block's end is a page's; the unit tests (unit.memcheck) look closer."""

import json
import re

import pytest
import support
from support import BUNDLE, NATIVE

MEMCHECK = ["valgrind", "-q", "--error-exitcode=99", "--track-origins=yes"]
REFUSED = r"execve\(.*\) failed, errno 8$|EXEC FAILED|Add more stringent tests in PRE\(sys_execve\)"
UNIVERSAL = {"PIXELZX_BUNDLE": str(BUNDLE), "PIXELZX_PLATFORM": NATIVE.name}


@pytest.fixture
def checked(tmp_path):
    """A function: runs the launcher with its cold part in place. It is gone once it has become the program, so what
    counts is that valgrind has written nothing, but that it cannot go on when the kernel refuses a probe."""

    def run(*arguments, env):
        log = tmp_path / "log"
        result = support.run([*MEMCHECK, f"--log-file={log}", NATIVE.launcher, *arguments], {**UNIVERSAL, **env})
        assert [line for line in log.read_text().splitlines() if not re.search(REFUSED, line)] == []
        return result

    return run


def test_cold_and_warm_launch(checked, tmp_path):
    env = {"PIXELZX_CACHE": str(tmp_path / "cache"), "PIXELZX_TRACE": "json"}
    sources = [checked("version", env=env).expect().trace["source"] for _ in range(2)]
    assert sources == ["unpacked", "cache"]


def test_launch_from_memory(checked):
    result = checked("version", env={"PIXELZX_CACHE": "off", "PIXELZX_TRACE": "json"}).expect()
    assert result.trace["source"] == "memfd"


def test_refusal_and_doctor(checked, tmp_path):
    bundle = tmp_path / "bundle"
    bundle.write_bytes(BUNDLE.read_bytes()[:40_000])
    checked("version", env={"PIXELZX_BUNDLE": str(bundle), "PIXELZX_CACHE": "off"}).refused(106)
    # What it asks the kernel by ptrace(2) is beyond valgrind, so not all that it says is right.
    report = json.loads(checked("doctor", "--json", env={"PIXELZX_CACHE": "off"}).out)
    assert report["host"]["platform"].startswith(NATIVE.name)
