# SPDX-License-Identifier: Apache-2.0
"""The doctor where only another kernel shows what it is about: IMA that refuses unsigned programs, and a
32-bit system on a 64-bit kernel."""

import json
import re

import bundles
import pytest
import support
from support import diagnosed, provokes
from test_real_kernels import AMD64, AMD64_KERNEL, MACHINES, PLATFORM, Machine, boot

pytestmark = pytest.mark.kernels
IMA = Machine("ima", "linux/amd64", "linux/amd64", AMD64_KERNEL, "ttyS0", AMD64 + "qemu64")
ARM_ON_ARM64 = next(machine for machine in MACHINES if machine.name == "arm-v7-on-arm64")
BEGIN = """#!/bin/busybox sh
export HOME=/root PATH=/bin
run() {
    name=$1; shift
    busybox printf '\\nBEGIN %s\\n' "$name"
    "$@" 2>&1
    busybox printf '\\nEND %s %d\\n' "$name" $?
}
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
"""
END = "busybox poweroff -f\n"


def outcomes(machine, folder, script, words="", busybox=None):
    """name → what that run of the script has said, and its status."""
    platform = PLATFORM[machine.platform]
    busybox = busybox or support.fetched("bookworm", platform.debian, "busybox-static") / "bin/busybox"
    program = platform.node.read_bytes()
    files = {"bin": None, "proc": None, "sys": None, "root": None, "dev": None, "mnt": None,
             "bin/busybox": busybox.read_bytes(), "init": (BEGIN + script + END).encode(),
             "pixelzx": platform.launcher.read_bytes(),
             "pixelzx.bundle": bundles.make_bundle({platform.name: program}, program="pixelzx", options=("doctor",))}
    console = boot(machine, folder, files, words)
    return {name: (text.strip(), int(status)) for name, text, status
            in re.findall(r"^BEGIN (\S+)\n(.*?)^END \1 (\d+)$", console, re.DOTALL | re.MULTILINE)}


IMA_SCRIPT = """
busybox mount -t securityfs none /sys/kernel/security
export PIXELZX_CACHE=/root/cache
run before /pixelzx version
run report /pixelzx doctor --json
busybox mount -t tmpfs none /mnt
busybox cp /pixelzx /mnt/program
magic=$(busybox stat -f -c %t /mnt)
rule="appraise func=BPRM_CHECK fsmagic=0x$magic appraise_type=imasig"
run policy busybox sh -c "echo '$rule' >/sys/kernel/security/ima/policy"
export PIXELZX_CACHE=/mnt/cache
run program /mnt/program version
run start /pixelzx version
run doctor /pixelzx doctor --json
"""


@provokes(311)
def test_ima(tmp_path):
    """With `ima_appraise=enforce` and a rule for programs in tmpfs (the root here is ramfs, and busybox must
    go on), those that are not signed are refused with EACCES: the ones in the cache and in memory."""
    found = outcomes(IMA, tmp_path, IMA_SCRIPT, "ima_appraise=enforce rootfstype=ramfs")
    assert found["before"][1] == 0 and json.loads(found["report"][0])["findings"] == []
    assert found["policy"] == ("", 0), "the kernel takes no such policy"
    assert found["program"][1] == 126 and "ermission denied" in found["program"][0], "IMA refuses nothing"
    text, status = found["start"]
    assert status == 126 and "[PZX-311]" in text and "what to do" in text
    assert found["doctor"][1] == 1
    diagnosed(json.loads(found["doctor"][0]), 311)


@provokes(315)
def test_32_bit_system_on_a_64_bit_kernel(tmp_path):
    """It stays 32-bit, and says what would be better."""
    script = """
run doctor /pixelzx doctor --json
run text /pixelzx doctor
run start /pixelzx version --output json
"""
    found = outcomes(ARM_ON_ARM64, tmp_path, script)
    report, status = json.loads(found["doctor"][0]), found["doctor"][1]
    assert status == 0
    assert diagnosed(report, 315)["severity"] == "note"
    host = report["host"]
    assert (host["platform"], host["launcher"], host["userland_bits"], host["emulated"]) == (
        "linux/arm64", "linux/arm/v7", 32, False)
    assert report["launch"]["slice"] == "linux/arm/v7" and support.codes_of(report) == ["PZX-315"]
    how = {run["platform"]: run["how"] for run in host["runs"]}
    assert (how["linux/arm64"], how["linux/arm/v7"], how["linux/riscv64"]) == ("native", "compat", "none")
    assert "[PZX-315]" in found["text"][0] and found["text"][1] == 0
    assert json.loads(found["start"][0])["platform"] == "linux/arm/v7"
