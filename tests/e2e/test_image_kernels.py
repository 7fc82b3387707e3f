# SPDX-License-Identifier: Apache-2.0
"""One manifest on every architecture: the image labelled amd64 under real kernels of the others, by their
own runc, without an index and without an emulator. And the 32-bit image where only 32-bit calls are
allowed."""

import json
import re

import pytest
import support
from images import Folder
from oci import Layout, seccomp_profile
from test_real_kernels import MACHINES, PLATFORM, boot, check_started

pytestmark = pytest.mark.kernels
ARM_ON_ARM64 = next(machine for machine in MACHINES if machine.name == "arm-v7-on-arm64")
OTHERS = [machine for machine in MACHINES if machine.platform != "linux/amd64" and machine is not ARM_ON_ARM64]
LIBRARIES = re.compile(r"ld[-\w]*\.so\.\d|libc\.so\.6|libseccomp\.so\.2(\.\d+)*")
# The root file system is the kernel's own, which no container can pivot away from.
SCRIPT = """#!/bin/busybox sh
export PATH=/bin
mount() { busybox mount "$@"; }
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
for bundle in /bundles/*; do
    name=${bundle##*/}
    busybox printf '\\nBEGIN %s\\n' "$name"
    runc --root /run/runc run --no-pivot --bundle "$bundle" "$name" 2>&1
    busybox printf '\\nEND %s %d\\n' "$name" $?
done
busybox poweroff -f
"""


def keep_libraries(folder):
    """Of a library's package, the files that runc loads."""
    for path in [path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]:
        if not LIBRARIES.fullmatch(path.name):
            path.unlink()


def system(platform):
    """The files of a minimal system with Debian's runc for that platform."""
    suite = "sid" if platform.debian == "riscv64" else "bookworm"
    files = {name: None for name in ("bin", "dev", "proc", "sys", "run", "tmp", "bundles", "lib", "lib64")}

    def add(name, path):
        files[name] = path.read_bytes()

    busybox = support.fetched(suite, platform.debian, "busybox-static")
    add("bin/busybox", next(path for path in busybox.rglob("bin/busybox") if path.is_file()))
    add("bin/runc", support.fetched(suite, platform.debian, "runc") / "usr/sbin/runc")
    for package in "libc6", "libseccomp2":
        for path in support.fetched(suite, platform.debian, package, keep_libraries).rglob("*.so.*"):
            if path.is_file():  # not a link into the root file system
                add(f"lib/{path.name}", path)
                add(f"lib64/{path.name}", path)
    return files | {"init": SCRIPT.encode()}


def run_containers(machine, folder, image, containers):
    """name → what that container has said, and its status. `containers`: name → its config.json."""
    files = system(PLATFORM[machine.platform]) | {"root": None}
    files |= {f"root/{name}": item for name, item in image.files.items()}
    for name, config in containers.items():
        files |= {f"bundles/{name}": Folder(), f"bundles/{name}/config.json": json.dumps(config).encode()}
    console = boot(machine, folder, files, "")
    return {name: (text, int(status)) for name, text, status
            in re.findall(r"^BEGIN (\S+)\n(.*?)^END \1 (\d+)$", console, re.DOTALL | re.MULTILINE)}


@pytest.mark.parametrize("machine", OTHERS, ids=lambda machine: machine.name)
def test_image_for_amd64_starts_natively(machine, tmp_path, make_image):
    """The signposts of PATH lead to the machine's own launcher."""
    image = Layout(make_image("--single", "linux/amd64")).image("linux/amd64")
    found = run_containers(machine, tmp_path, image, {
        "1-first": image.runtime_config("/root", "version", "--output", "json", env={"PIXELZX_TRACE": "json"}),
        "2-again": image.runtime_config("/root", "version", "--output", "json", env={"PIXELZX_TRACE": "json"}),
        "3-doctor": image.runtime_config("/root", "doctor", "--json")})
    for name, source in ("1-first", "unpacked"), ("2-again", "cache"):
        text, status = found[name]
        assert status == 0
        check_started(machine, text, source)
    text, status = found["3-doctor"]
    report = json.loads(text)
    assert (status, report["findings"], report["host"]["platform"]) == (0, [], machine.host)


def test_32_bit_engine_on_a_64_bit_kernel(tmp_path, make_image):
    """As on a Raspberry Pi with a 32-bit system and a 64-bit kernel: the signpost of arm64 resolves, and
    the launcher behind it would be killed at its first system call. PATH of arm/v7 leaves it out."""
    images = Layout(make_image())
    words, trace = ("version", "--output", "json"), {"PIXELZX_TRACE": "json"}
    own, other = images.image("linux/arm/v7"), images.image("linux/amd64")
    profile = seccomp_profile("arm", "SCMP_ARCH_ARM")
    found = run_containers(ARM_ON_ARM64, tmp_path, own, {
        "1-own": own.runtime_config("/root", *words, env=trace, seccomp=profile),
        "2-doctor": own.runtime_config("/root", "doctor", "--json", seccomp=profile),
        "3-other": other.runtime_config("/root", *words, env=trace, seccomp=profile),
        "4-other-unconfined": other.runtime_config("/root", *words, env=trace)})
    text, status = found["1-own"]
    assert status == 0
    check_started(ARM_ON_ARM64, text, "unpacked")
    report = json.loads(found["2-doctor"][0])
    assert found["2-doctor"][1] == 0 and support.codes_of(report) == ["PZX-315"]
    # What makes this a test: the filter is there.
    assert found["3-other"][1] == 128 + 31, "not killed by SIGSYS"
    assert '"platform":"linux/arm64"' in found["4-other-unconfined"][0]
