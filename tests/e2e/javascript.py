# SPDX-License-Identifier: Apache-2.0
"""Programs in JavaScript, of packages from npm, that tests compare or connect the node with."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support import HANGS, SOURCE, run


def prepared(name, folder):
    """Copies the scripts of tests/`name` into `folder`, beside the packages that they import. Skips the test where
    those cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("needs node and npm")
    source = SOURCE / "tests" / name
    installed = subprocess.run([SOURCE / "tests/npm.sh", source], stdin=subprocess.DEVNULL, capture_output=True,
                               text=True, timeout=HANGS)
    if installed.returncode != 0:
        pytest.skip(f"cannot install the packages of tests/{name}: {installed.stderr}")
    for script in source.glob("*.mjs"):
        shutil.copy(script, folder)
    (folder / "node_modules").symlink_to(Path(installed.stdout.strip()) / "node_modules")
    return folder


def node(script, *arguments, timeout=HANGS, **options):
    """Runs a script, with the PATH of the test: node may be anywhere."""
    return run([shutil.which("node"), script, *map(os.fspath, arguments)], timeout=timeout, **options)
