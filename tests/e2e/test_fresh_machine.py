# SPDX-License-Identifier: Apache-2.0
"""`make run` on a Debian 12 that has nothing but make, in a chroot. Takes minutes: `make test-full` only."""

import subprocess

import pytest
import support
from test_readme import clone  # noqa: F401

pytestmark = [support.needs_root,
              pytest.mark.skipif(not support.FULL, reason="long: runs in `make test-full`"),
              pytest.mark.skipif(not support.works("mmdebstrap", "--version"), reason="needs mmdebstrap")]


def test_make_run(clone, tmp_path):  # noqa: F811
    root = tmp_path / "root"
    command = ["mmdebstrap", "--variant=minbase", "--include=make,ca-certificates", "bookworm", root, *support.apt_configuration()]
    support.run(command, check=True, timeout=1800)
    subprocess.run(["cp", "-a", clone, root / "pixelzx"], check=True)
    world = support.world(f"mount --bind /proc {root}/proc; mount --bind /dev {root}/dev")
    result = support.run([*world, "chroot", root, "sh", "-c", "cd /pixelzx && make run"], timeout=3000)
    assert f"Platform: {support.NATIVE.name}" in result.expect().out
