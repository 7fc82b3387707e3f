# SPDX-License-Identifier: Apache-2.0
"""Debian's kernels of all six platforms, booted in qemu-system. Only these show genuine auxiliary
vectors, uname, page sizes and execveat; they are of Linux 6.1, except that of riscv64."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass

import bare_metal
import pytest
import support
from images import File, Folder, Link
from support import BUNDLE, PLATFORMS

pytestmark = pytest.mark.kernels
BOOT_LIMIT = 300  # seconds
PLATFORM = {platform.name: platform for platform in PLATFORMS}


@dataclass(frozen=True)
class Machine:
    name: str
    platform: str  # of the launcher
    host: str  # what the launcher must take the machine for
    kernel: tuple  # suite, architecture and meta package of its kernel
    console: str
    command: str


ARM64_KERNEL = ("bookworm", "arm64", "linux-image-cloud-arm64")
ARM64 = "qemu-system-aarch64 -M virt -cpu "
AMD64_KERNEL = ("bookworm", "amd64", "linux-image-cloud-amd64")
AMD64 = "qemu-system-x86_64 -M q35 -cpu "
# On a busy machine the kernel may find that its emulated timer does not tick, and panic.
AMD64_CONSOLE = "ttyS0 no_timer_check"
MACHINES = [
    Machine("amd64", "linux/amd64", "linux/amd64", AMD64_KERNEL, AMD64_CONSOLE, AMD64 + "qemu64"),
    Machine("arm64", "linux/arm64", "linux/arm64", ARM64_KERNEL, "ttyAMA0", ARM64 + "cortex-a72"),
    Machine("arm-v7", "linux/arm/v7", "linux/arm/v7", ("bookworm", "armhf", "linux-image-armmp-lpae"), "ttyAMA0",
            "qemu-system-arm -M virt -cpu cortex-a15"),
    Machine("arm-v7-on-arm64", "linux/arm/v7", "linux/arm64", ARM64_KERNEL, "ttyAMA0", ARM64 + "cortex-a72"),
    # Debian 12 has no riscv64, and Debian 13's package index was not always consistent.
    Machine("riscv64", "linux/riscv64", "linux/riscv64", ("sid", "riscv64", "linux-base-riscv64"), "ttyS0",
            "qemu-system-riscv64 -M virt"),
    Machine("ppc64le", "linux/ppc64le", "linux/ppc64le", ("bookworm", "ppc64el", "linux-image-powerpc64le"), "hvc0",
            "qemu-system-ppc64 -cpu power9 "
            "-M pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"),
    Machine("s390x", "linux/s390x", "linux/s390x", ("bookworm", "s390x", "linux-image-s390x"), "ttysclp0",
            "qemu-system-s390x -M s390-ccw-virtio"),
]
# The same kernels on better CPUs.
LEVELS = [
    Machine("amd64-v2", "linux/amd64", "linux/amd64/v2", AMD64_KERNEL, AMD64_CONSOLE, AMD64 + "Nehalem"),
    Machine("amd64-v3", "linux/amd64", "linux/amd64/v3", AMD64_KERNEL, AMD64_CONSOLE, AMD64 + "Haswell"),
    Machine("arm64-v8.2", "linux/arm64", "linux/arm64/v8.2", ARM64_KERNEL, "ttyAMA0", ARM64 + "neoverse-n1"),
]
# The power driver crashes on this emulated board.
PI_ZERO = Machine("raspberry-pi-zero", "linux/arm/v7", "linux/arm/v6", ("bookworm", "armel", "linux-image-rpi"),
                  "ttyAMA0 initcall_blacklist=bcm2835_power_driver_init", "qemu-system-arm -M raspi0")
each_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)


def keep_kernel(folder):
    """Of a kernel's package, its image alone, and the hardware description of a Raspberry Pi Zero."""
    kept = folder.with_name(folder.name + ".kept")
    kept.mkdir()
    for name, patterns in (("kernel", ("boot/vmlinu*", "usr/lib/modules/*/vmlinu*")),
                           ("dtb", ("usr/lib/linux-image-*/bcm2835-rpi-zero.dtb",))):
        for path in (path for pattern in patterns for path in folder.glob(pattern)):
            path.rename(kept / name)
    shutil.rmtree(folder)
    kept.rename(folder)


def kernel_of(machine):
    """The folder with the kernel. A meta package's documentation is a link to that of the package it
    stands for."""
    suite, architecture, meta = machine.kernel
    link = support.fetched(suite, architecture, meta) / "usr/share/doc" / meta
    package = os.path.basename(os.readlink(link)).replace("linux-base-", "linux-binary-")
    return support.fetched(suite, architecture, package, keep_kernel)


def initramfs(path, files):
    """Writes a cpio archive (newc). `files`: name → bytes, None for a folder, or File, Folder, Link."""
    with open(path, "wb") as archive:

        def add(name, mode, data=b"", uid=0, gid=0):
            fields = [0, mode, uid, gid, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
            header = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
            archive.write(header + bytes(-len(header) % 4) + data + bytes(-len(data) % 4))

        for name, item in files.items():
            item = File(item) if isinstance(item, bytes) else item or Folder()
            if isinstance(item, Link):
                add(name, 0o120777, item.target.encode())
            elif isinstance(item, Folder):
                add(name, 0o040000 | item.mode, b"", item.uid, item.gid)
            else:
                add(name, 0o100000 | item.mode, item.data, item.uid, item.gid)
        add("TRAILER!!!", 0)


def boot(machine, folder, files, words):
    """Boots with these files and kernel arguments. Returns what was seen on the console."""
    initramfs(folder / "initramfs", files)
    kernel = kernel_of(machine)
    command = [*machine.command.split(), "-kernel", kernel / "kernel", "-initrd", folder / "initramfs",
               "-nographic", "-nodefaults", "-no-reboot", "-serial", "stdio",
               "-append", f"console={machine.console} panic=-1 quiet loglevel=1 {words}"]
    command += ["-dtb", kernel / "dtb"] if machine is PI_ZERO else ["-m", "1024"]
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]}")
    try:
        console = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, timeout=BOOT_LIMIT).stdout
    except subprocess.TimeoutExpired as late:
        console = (late.output or b"") + b"\n(stopped after %d seconds)" % BOOT_LIMIT
    text = console.decode(errors="replace").replace("\r", "")
    print(text)  # pytest shows it when the test fails
    return text


def check_started(machine, text, source):
    """The console shows a trace and then the version of the machine's own program."""
    (trace,) = [json.loads(found) for found in re.findall(r'\{"host":.*?\}\}', text)]
    (version,) = [json.loads(found) for found in re.findall(r'\{"name":.*?\}', text)]
    assert version["platform"] == machine.platform
    assert (trace["launcher"], trace["slice"], trace["source"]) == (machine.platform, machine.platform, source)
    assert (trace["host"], trace["emulated"]) == (machine.host, False)


@pytest.mark.parametrize("machine", MACHINES + LEVELS, ids=lambda machine: machine.name)
def test_as_the_first_process(machine, tmp_path):
    """The launcher is /init: no /proc, no /sys, nothing but itself and the bundle."""
    files = {"init": PLATFORM[machine.platform].launcher.read_bytes(), "pixelzx.bundle": BUNDLE.read_bytes()}
    console = boot(machine, tmp_path, files, "PIXELZX_TRACE=json -- version --output json")
    check_started(machine, console, "unpacked")


@pytest.mark.parametrize("variable, code", [("", 101), ("PIXELZX_PLATFORM=linux/arm/v7", 109)])
def test_raspberry_pi_zero_is_told_why(tmp_path, variable, code):
    """An ARMv6 board: the kernel would start a v7 program, which dies of SIGILL. Not so here."""
    files = {"init": PLATFORM["linux/arm/v7"].launcher.read_bytes(), "pixelzx.bundle": BUNDLE.read_bytes()}
    console = boot(PI_ZERO, tmp_path, files, f"{variable} -- version")
    assert f"PZX-{code}" in console and "linux/arm/v6, kernel" in console and "what to do" in console
    assert "exitcode=0x00007e00" in console  # 126


SCRIPT = """#!/bin/busybox sh
export HOME=/root PATH=/bin PIXELZX_TRACE=json
run() {{
    name=$1; shift
    busybox printf '\\nBEGIN %s\\n' "$name"
    busybox env "$@" 2>&1
    busybox printf '\\nEND %s %d\\n' "$name" $?
}}
node="/pixelzx version --output json"
run no-proc $node
run no-proc-memory PIXELZX_CACHE=off $node
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
run cache $node
run unpacked PIXELZX_CACHE=/other $node
run memory PIXELZX_CACHE=off $node
run insisted PIXELZX_PLATFORM={own} $node
run foreign PIXELZX_PLATFORM={foreign} $node
busybox mount -t devtmpfs none /dev
busybox --install -s /bin
tar -xzf /pixelzx.tar.gz -C /root
run install /root/pixelzx-*/install.sh --yes
run installed /usr/local/bin/pixelzx version --output json
run doctor /usr/local/bin/pixelzx doctor
busybox mount -t tmpfs -o noexec none /other
run noexec PIXELZX_CACHE=/other $node
busybox poweroff -f
"""


@pytest.fixture(scope="session")
def tarball(tmp_path_factory):
    path = tmp_path_factory.mktemp("tarball") / "pixelzx.tar.gz"
    bare_metal.pack_tarball(path).expect()
    return path.read_bytes()


@each_machine
def test_from_a_shell(machine, tmp_path, tarball):
    platform = PLATFORM[machine.platform]
    suite = "sid" if platform.debian == "riscv64" else "bookworm"
    busybox = support.fetched(suite, platform.debian, "busybox-static") / "bin/busybox"
    if not busybox.exists():
        busybox = busybox.parents[1] / "usr/bin/busybox"
    foreign = "linux/s390x" if platform.name != "linux/s390x" else "linux/amd64"
    files = {"bin": None, "proc": None, "sys": None, "root": None, "dev": None, "bin/busybox": busybox.read_bytes(),
             "init": SCRIPT.format(own=platform.name, foreign=foreign).encode(),
             "pixelzx": platform.launcher.read_bytes(), "pixelzx.bundle": BUNDLE.read_bytes(),
             "pixelzx.tar.gz": tarball}
    console = boot(machine, tmp_path, files, "")
    found = {name: (text, int(status)) for name, text, status
             in re.findall(r"^BEGIN (\S+)\n(.*?)^END \1 (\d+)$", console, re.DOTALL | re.MULTILINE)}
    for name, source in [("no-proc", "unpacked"), ("no-proc-memory", "memfd"), ("cache", "cache"),
                         ("unpacked", "unpacked"), ("memory", "memfd"), ("insisted", "cache"), ("noexec", "memfd"),
                         ("installed", "installed")]:
        text, status = found[name]
        assert status == 0, name
        check_started(machine, text, source)
    text, status = found["foreign"]
    assert status == 126 and "PZX-109" in text and f"PIXELZX_PLATFORM={foreign}" in text
    assert f"{64 if platform.name == 'linux/ppc64le' else 4} KiB pages" in text
    # By install.sh from the tarball, where 32-bit busybox on a 64-bit kernel gets the 32-bit launcher.
    text, status = found["install"]
    assert status == 0 and f"for {platform.name}: /usr/local/bin/pixelzx" in text
    text, status = found["doctor"]
    assert status == 0 and ("PZX-315" if machine.name == "arm-v7-on-arm64" else "All is well.") in text
