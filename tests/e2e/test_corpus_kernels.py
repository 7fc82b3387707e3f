# SPDX-License-Identifier: Apache-2.0
"""The doctor against Debian's kernels of all six platforms: it says that a file runs if and only if it
does. Other tests ask it about hosts from snapshots, where nothing can be tried."""

import json
import re
import subprocess
from pathlib import Path

import corpus
import pytest
from test_corpus import LENIENCE, RUNS, verdicts
from test_real_kernels import LEVELS, MACHINES, PI_ZERO, PLATFORM, boot

pytestmark = pytest.mark.kernels
# Files of a machine's own family; of all machines: damaged ones, and a few that are not ELF.
FAMILY = {"linux/amd64": "amd64-|i386-|x32-|freebsd-|script-by-program", "linux/arm64": "arm", "linux/arm": "arm",
          "linux/riscv64": "riscv", "linux/ppc64le": "ppc", "linux/s390x": "s390"}
OTHERS = "mips|loong64|cut-|damaged-|no-shebang$|empty$|git-lfs"
COMPILER = {"linux/arm/v7": corpus.ARMEL, "linux/amd64": corpus.AMD64, "linux/arm64": corpus.ARM64,
            "linux/riscv64": corpus.RISCV64, "linux/ppc64le": corpus.PPC64LE, "linux/s390x": corpus.S390X}


def starter(platform, folder):
    """The first process, for that platform."""
    path = folder / "starter"
    command = [f"{COMPILER[platform]}-g++", "-std=c++20", "-O1", "-static", "-s", "-o", path,
               Path(__file__).with_name("starter.cc")]
    subprocess.run(command, check=True, timeout=120)
    return path.read_bytes()


@pytest.mark.parametrize("machine", [*MACHINES, *LEVELS, PI_ZERO], ids=lambda machine: machine.name)
def test_kernel_agrees(machine, corpus_folder, tmp_path):
    files = {name: None for name in ("dev", "proc", "sys", "mnt", f"mnt/{corpus.MARKERS}")}
    files["init"] = starter(machine.platform, tmp_path)
    files["pixelzx"] = PLATFORM[machine.platform].launcher.read_bytes()
    wanted = re.compile(f"{FAMILY[re.match('linux/[^/]+', machine.host).group()]}|{OTHERS}")
    for path in corpus_folder.iterdir():
        if wanted.match(path.name) and path.is_file() and path.stat().st_mode & 0o111 and not path.is_symlink():
            files[f"mnt/{path.name}"] = path.read_bytes()
    console = boot(machine, tmp_path, files, "")
    kernel = {path: (error, status) == ("0", "0")
              for path, error, status in re.findall(r"TRIED (\S+) (\d+) (-?\d+)$", console, re.MULTILINE)}
    assert len(kernel) > 30 and any(kernel.values())
    report = re.search(r"^\{.*\n(?=\n*DOCTOR 0 1$)", console, re.MULTILINE | re.DOTALL)
    assert report, "the doctor has not said anything"
    said = verdicts(json.loads(report.group()))
    lenient = {corpus.path_of(file) for file in LENIENCE}
    assert {path: said[path] for path in kernel if kernel[path] != (said[path] == RUNS) and path not in lenient} == {}
