# SPDX-License-Identifier: Apache-2.0
"""The corpus: files that people try to start, of every kind that the doctor tells apart. They are
made here, since copies of real ones would bring their licences along. `tests/corpus/expected.txt` says
what the doctor must make of each.

The files know each other by absolute paths (the interpreters of scripts), so the folder is made
anywhere and looked at where `MOUNT` is.

Run as a program it starts each file that it is given and prints as JSON how that went: the kernel's
own verdict.
"""

import bz2
import gzip
import io
import json
import lzma
import os
import random
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MOUNT = "/mnt"
# A program that is really started leaves a file here.
MARKERS = "started"

LITTLE, BIG = "<", ">"
ET_REL, ET_EXEC, ET_DYN, ET_CORE = 1, 2, 3, 4
PT_LOAD, PT_INTERP, PT_NOTE = 1, 3, 4
R_X = 5


# ---- ELF files written by hand, for machines without a compiler here, and damaged ones ----


def elf(wide, order, machine, flags=0, kind=ET_EXEC, osabi=0, interpreter=None, notes=b"", align=0x10000,
        code=b"\0" * 16, load=True, **wrong):
    """A complete ELF file: headers and `code` in one segment. `wrong`: header fields that are not
    what they should be."""
    head_size, segment_size = (64, 56) if wide else (52, 32)
    parts = [(PT_INTERP, interpreter and interpreter.encode() + b"\0"), (PT_NOTE, notes)]
    parts = [(kind_, content) for kind_, content in parts if content]
    count = len(parts) + load
    base = 0 if kind == ET_DYN else 0x400000
    at = head_size + count * segment_size
    body, segments = b"", []
    for part, content in parts:
        segments.append((part, at + len(body), len(content), 4, 4))
        body += content + b"\0" * (-len(content) % 8)
    entry = base + at + len(body)
    body += code
    if load:
        segments.append((PT_LOAD, 0, at + len(body), R_X, align))
    field = {"e_type": kind, "e_machine": machine, "e_entry": entry, "e_phoff": head_size, "e_shoff": 0,
             "e_phentsize": segment_size, "e_phnum": count, "p_memsz": None,
             "ei_class": 2 if wide else 1, "ei_data": 1 if order == LITTLE else 2, **wrong}
    out = b"\x7fELF" + bytes([field["ei_class"], field["ei_data"], 1, osabi]) + b"\0" * 8
    out += struct.pack(order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), field["e_type"],
                       field["e_machine"], 1, field["e_entry"], field["e_phoff"], field["e_shoff"], flags,
                       head_size, field["e_phentsize"], field["e_phnum"], 64 if wide else 40, 0, 0)
    for part, offset, size, rights, alignment in segments:
        memory = field["p_memsz"] if part == PT_LOAD and field["p_memsz"] is not None else size
        if wide:
            out += struct.pack(order + "IIQQQQQQ", part, rights, offset, base + offset, base + offset, size,
                               memory, alignment)
        else:
            out += struct.pack(order + "IIIIIIII", part, offset, base + offset, base + offset, size, memory,
                               rights, alignment)
    return out + body


def note(name, kind, content, order=LITTLE):
    """An entry of a PT_NOTE segment."""
    name = name.encode() + b"\0"
    return (struct.pack(order + "III", len(name), len(content), kind) + name + b"\0" * (-len(name) % 4) +
            content + b"\0" * (-len(content) % 4))


def abi_tag(order, *version):
    """NT_GNU_ABI_TAG: Linux, and the oldest release that the program runs on."""
    return note("GNU", 1, struct.pack(order + "IIII", 0, *version), order)


AMD64_EXIT = bytes.fromhex("31ff b83c000000 0f05")  # xor %edi,%edi; mov $60,%eax; syscall
ARM_EXIT = bytes.fromhex("0000a0e3 0170a0e3 000000ef")  # mov r0,#0; mov r7,#1; svc 0


def amd64(**options):
    return elf(True, LITTLE, 62, **{"code": AMD64_EXIT, **options})


def arm(flags, **options):
    return elf(False, LITTLE, 40, flags, code=ARM_EXIT, **options)


# Machine: 64 bits, byte order, e_machine, e_flags as its compilers set them.
MACHINES = {
    "mips-o32-be": (False, BIG, 8, 0x70001007),
    "mips-o32-le": (False, LITTLE, 8, 0x70001007),
    "mips-n32-be": (False, BIG, 8, 0x80000027),
    "mips-n32-le": (False, LITTLE, 8, 0x80000027),
    "mips-n64-be": (True, BIG, 8, 0x80000007),
    "mips-n64-le": (True, LITTLE, 8, 0x80000007),
    "mips-r6-n64-le": (True, LITTLE, 8, 0xA0000407),
    "sparc32": (False, BIG, 2, 0),
    "sparc32plus": (False, BIG, 18, 0x100),
    "sparc64": (True, BIG, 43, 0x2),
    "loong64": (True, LITTLE, 258, 0x43),
    "loong64-soft-float": (True, LITTLE, 258, 0x41),
    "m68k": (False, BIG, 4, 0),
    "sh4-le": (False, LITTLE, 42, 9),
    "sh4-be": (False, BIG, 42, 9),
    "alpha": (True, LITTLE, 0x9026, 0),
    "hppa": (False, BIG, 15, 0x210),
    "hppa64": (True, BIG, 15, 0x214),
    "ia64": (True, LITTLE, 50, 0x10),
    "microblaze-be": (False, BIG, 189, 0),
    "microblaze-le": (False, LITTLE, 189, 0),
    "xtensa": (False, LITTLE, 94, 0x300),
    "or1k": (False, BIG, 92, 0),
    "arc": (False, LITTLE, 195, 0x406),
    "csky": (False, LITTLE, 252, 0x20000000),
    "nios2": (False, LITTLE, 113, 0),
    "hexagon": (False, LITTLE, 164, 0x60),
    "cris": (False, LITTLE, 76, 0),
    "vax": (False, LITTLE, 75, 0),
    "unknown-machine": (True, LITTLE, 0xFEED, 0),
}


# ---- programs from the compilers of `packaging/setup.sh test` ----

PROGRAM = """
#include <fcntl.h>
int main(void) { return open("%s/%s/program", O_CREAT | O_WRONLY, 0600) < 0; }
""" % (MOUNT, MARKERS)
LIBRARY = "int answer(void) { return 42; }"

# A start without a C library: exits, after INSTRUCTION, which only newer CPUs know.
START = """
#ifndef INSTRUCTION
#define INSTRUCTION ""
#endif
#ifndef STATUS
#define STATUS "0"
#endif
#if defined __x86_64__ && defined __ILP32__
#define EXIT "mov $" STATUS ", %edi\\n mov $0x4000003c, %eax\\n syscall"
#elif defined __x86_64__
#define EXIT "mov $" STATUS ", %edi\\n mov $60, %eax\\n syscall"
#elif defined __i386__
#define EXIT "mov $" STATUS ", %ebx\\n mov $1, %eax\\n int $0x80"
#elif defined __aarch64__
#define EXIT "mov x0, #" STATUS "\\n mov x8, #93\\n svc #0"
#elif defined __ARM_EABI__
#define EXIT "mov r0, #" STATUS "\\n mov r7, #1\\n svc #0"
#elif defined __arm__
#define EXIT "mov r0, #" STATUS "\\n swi #0x900001"
#elif defined __riscv
#define EXIT "li a0, " STATUS "\\n li a7, 93\\n ecall"
#elif defined __powerpc__
#define EXIT "li 3, " STATUS "\\n li 0, 1\\n sc"
#elif defined __s390__
#define EXIT "lhi %r2, " STATUS "\\n svc 1"
#endif
#ifdef KERNEL
__asm__(".pushsection .note.ABI-tag,\\"a\\",%note\\n .long 4,16,1\\n .ascii \\"GNU\\\\0\\"\\n"
        ".long 0," KERNEL "\\n .popsection");
#endif
void _start(void) { __asm__ volatile(INSTRUCTION "\\n" EXIT); }
"""

AMD64, ARM64, ARMHF, ARMEL, RISCV64, PPC64LE, S390X = (
    "x86_64-linux-gnu", "aarch64-linux-gnu", "arm-linux-gnueabihf", "arm-linux-gnueabi", "riscv64-linux-gnu",
    "powerpc64le-linux-gnu", "s390x-linux-gnu")
TARGETS = {"amd64": AMD64, "arm64": ARM64, "armhf": ARMHF, "armel": ARMEL, "riscv64": RISCV64,
           "ppc64le": PPC64LE, "s390x": S390X}
BARE = "-nostdlib -static"
LOADER = "-nostdlib -shared -fPIC -Wl,-e,_start"  # as ld.so is: no loader of its own, but an entry


def linked_with(loader):
    return f"-Wl,--dynamic-linker={loader}"


# File → target, source, options.
COMPILED = {
    **{f"{name}-static": (target, PROGRAM, "-static") for name, target in TARGETS.items()},
    **{f"{name}-dynamic": (target, PROGRAM, "") for name, target in TARGETS.items()},
    **{f"ld-{name}.so": (target, START, LOADER) for name, target in TARGETS.items()},
    "amd64-static-pie": (AMD64, PROGRAM, "-static-pie"),
    "amd64-dynamic-no-pie": (AMD64, PROGRAM, "-no-pie"),
    "arm64-static-pie": (ARM64, PROGRAM, "-static-pie"),
    "amd64-v2": (AMD64, START, BARE + " -Wl,-z,x86-64-v2 -DINSTRUCTION='\"pcmpgtq %xmm0,%xmm1\"'"),
    "amd64-v3": (AMD64, START, BARE + " -Wl,-z,x86-64-v3 -DINSTRUCTION='\"vpaddd %ymm0,%ymm1,%ymm2\"'"),
    "amd64-v4": (AMD64, START, BARE + " -Wl,-z,x86-64-v4 -DINSTRUCTION='\"vpaddd %zmm0,%zmm1,%zmm2\"'"),
    "amd64-v3-dynamic": (AMD64, PROGRAM, "-Wl,-z,x86-64-v3"),
    "ld-amd64-v3.so": (AMD64, START, LOADER + " -Wl,-z,x86-64-v3"),
    "amd64-musl-dynamic": (AMD64, START, "-nostdlib -pie " + linked_with("/lib/ld-musl-x86_64.so.1")),
    "amd64-nix-dynamic": (AMD64, PROGRAM, linked_with("/nix/store/0c7c96gikmzv87i7lv3vq5s1cmfjd6zf-glibc-2.31-74/"
                                                      "lib/ld-linux-x86-64.so.2")),
    "amd64-loader-missing": (AMD64, PROGRAM, linked_with("/opt/vendor/lib/ld.so.1")),
    "amd64-loader-arm64": (AMD64, PROGRAM, linked_with(f"{MOUNT}/ld-arm64.so")),
    "amd64-loader-text": (AMD64, PROGRAM, linked_with(f"{MOUNT}/text")),
    "amd64-loader-folder": (AMD64, PROGRAM, linked_with(f"{MOUNT}/folder")),
    "amd64-loader-not-executable": (AMD64, PROGRAM, linked_with(f"{MOUNT}/ld-not-executable.so")),
    "amd64-loader-long": (AMD64, PROGRAM, linked_with("/opt" + "/vendor" * 50 + "/ld.so.1")),
    "amd64-loader-link": (AMD64, PROGRAM, linked_with(f"{MOUNT}/link-dangling")),
    "amd64-loader-own": (AMD64, START, "-nostdlib -pie " + linked_with(f"{MOUNT}/ld-amd64.so")),
    # As glibc's start code does on a kernel that is too old, but for its words: "FATAL: kernel too old".
    "amd64-kernel-too-new": (AMD64, START, BARE + " -DKERNEL='\"99,0,0\"' -DSTATUS='\"127\"'"),
    "amd64-object.o": (AMD64, PROGRAM, "-c"),
    "arm64-object.o": (ARM64, PROGRAM, "-c"),
    "amd64-library.so": (AMD64, LIBRARY, "-shared -fPIC"),
    "arm64-library.so": (ARM64, LIBRARY, "-shared -fPIC"),
    "i386-static": (AMD64, START, BARE + " -m32"),
    "ld-i386.so": (AMD64, START, LOADER + " -m32"),
    "i386-dynamic": (AMD64, START, "-nostdlib -pie -m32"),
    "x32-static": (AMD64, START, BARE + " -mx32"),
    "x32-dynamic": (AMD64, START, "-nostdlib -pie -mx32"),
    "arm64-be-static": (ARM64, START, BARE + " -mbig-endian"),
    "arm64-ilp32-static": (ARM64, START, BARE + " -mabi=ilp32"),
    # Of the first, the segments cannot be mapped where pages are larger; of the second, code shares its
    # last page with data, and is not executable there.
    "arm64-4k-pages": (ARM64, PROGRAM, "-Wl,-z,max-page-size=4096"),
    "arm64-4k-separate-code": (ARM64, PROGRAM, "-static -Wl,-z,max-page-size=4096,-z,separate-code,-z,norelro"),
    "ppc64le-4k-pages": (PPC64LE, PROGRAM, "-static -Wl,-z,max-page-size=4096"),
    "ppc64le-4k-separate-code": (PPC64LE, PROGRAM, "-static -Wl,-z,max-page-size=4096,-z,separate-code,-z,norelro"),
    "arm64-16k-pages": (ARM64, PROGRAM, "-static -Wl,-z,max-page-size=16384"),
    "arm64-musl-dynamic": (ARM64, START, "-nostdlib -pie " + linked_with("/lib/ld-musl-aarch64.so.1")),
    "armv4t-static": (ARMEL, START, BARE + " -marm -march=armv4t"),
    "armv5-hard-float": (ARMEL, START, BARE + " -marm -march=armv5te+fp -mfloat-abi=hard"),
    "armv6-hard-float": (ARMEL, START, BARE + " -marm -march=armv6+fp -mfloat-abi=hard"),
    "ld-armv6.so": (ARMEL, START, LOADER + " -marm -march=armv6+fp -mfloat-abi=hard"),
    "armv6-soft-float": (ARMEL, START, BARE + " -marm -march=armv6"),
    "armv7-soft-float": (ARMEL, START, BARE + " -marm -march=armv7-a -DINSTRUCTION='\"movw r1, #1\"'"),
    "armv8-32bit": (ARMHF, START, BARE + " -marm -march=armv8-a+simd -DINSTRUCTION='\"lda r1, [sp]\"'"),
    "arm-be8-static": (ARMEL, START, BARE + " -marm -mbig-endian -mbe8 -march=armv7-a"),
    "arm-be32-static": (ARMEL, START, BARE + " -marm -mbig-endian -march=armv5te"),
    "arm-oabi-static": (ARMEL, START, BARE + " -marm -mabi=apcs-gnu -march=armv4t"),
    "riscv64-soft-float": (RISCV64, START, BARE + " -march=rv64imac -mabi=lp64"),
    "riscv64-soft-float-dynamic": (RISCV64, START, "-nostdlib -pie -march=rv64imac -mabi=lp64 " +
                                   linked_with("/lib/ld-linux-riscv64-lp64.so.1")),
    "riscv64-musl-dynamic": (RISCV64, START, "-nostdlib -pie " + linked_with("/lib/ld-musl-riscv64.so.1")),
    "riscv32-static": (RISCV64, START, BARE + " -march=rv32imac -mabi=ilp32"),
    "ppc64-elfv1-static": (PPC64LE, START, BARE + " -mbig-endian -mabi=elfv1"),
    "ppc64-elfv2-static": (PPC64LE, START, BARE + " -mbig-endian -mabi=elfv2"),
    "ppc64le-elfv1-static": (PPC64LE, START, BARE + " -mabi=elfv1"),
    "ppc64-elfv2-dynamic": (PPC64LE, START, "-nostdlib -pie -mbig-endian -mabi=elfv2 " +
                            linked_with("/lib64/ld64.so.2")),
    "ppc64-elfv1-dynamic": (PPC64LE, START, "-nostdlib -pie -mbig-endian -mabi=elfv1 " +
                            linked_with("/lib64/ld64.so.1")),
    "ld-ppc64-elfv1.so": (PPC64LE, START, LOADER + " -mbig-endian -mabi=elfv1"),
    "ppc64le-elfv1-dynamic": (PPC64LE, START, "-nostdlib -pie -mabi=elfv1 " + linked_with("/lib64/ld64.so.1")),
    "ppc32-static": (PPC64LE, START, BARE + " -m32 -mbig-endian"),
    "s390-31bit-static": (S390X, START, BARE + " -m31"),
}


def compile_all(folder):
    def build(item):
        name, (target, source, options) = item
        command = f"{target}-gcc -O1 -Wl,--build-id=none {options} -x c - -o {folder / name}"
        done = subprocess.run(["sh", "-c", command], input=source.encode(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise RuntimeError(f"{command}\n{done.stdout.decode()}")

    with ThreadPoolExecutor(os.cpu_count()) as workers:
        list(workers.map(build, COMPILED.items()))


# ---- scripts ----

BODY = f": >{MOUNT}/{MARKERS}/script\n"


def script(line, body=BODY):
    return f"#!{line}\n{body}".encode()


def long_line(length):
    """A #! line of `length` bytes without its end, which names an interpreter that exists."""
    start = "#!/bin/"
    path = start + "./" * ((length - len(start) - 2) // 2)
    return path + "/" * (length - len(path) - 2) + "sh"


SCRIPTS = {
    "script-sh": script("/bin/sh"),
    "script-sh-option": script("/bin/sh -e"),
    "script-space": script(" /bin/sh"),
    "script-tab": script("\t/bin/sh\t-e"),
    "script-trailing-space": script("/bin/sh   "),
    "script-spaces-to-the-limit": script("/bin/sh" + " " * 300),
    "script-no-newline": b"#!/bin/sh",
    "script-env": script("/usr/bin/env sh"),
    "script-env-split": script("/usr/bin/env -S sh -e"),
    "script-env-split-variable": script("/usr/bin/env -S PIXELZX_TRACE=text sh -e"),
    "script-zero-byte": b"#!/bin/sh\0 -x\n" + BODY.encode(),
    "script-crlf-body": b"#!/bin/sh\n: # \r\n",
    "script-with-payload": script("/bin/sh", BODY + "exit 0\n") + bytes(range(256)),
    "script-by-program": script(f"{MOUNT}/amd64-static"),
    "script-by-script": script(f"{MOUNT}/script-sh"),
    "script-relative": script("./amd64-static"),
    "script-long-line": (long_line(254) + "\n" + BODY).encode(),
    "script-by-symlink": script(f"{MOUNT}/link-to-program"),
    "no-shebang": BODY.encode(),
    "no-shebang-comment": b"# Starts the node.\n" + BODY.encode(),
    "no-shebang-blank-first": b"\n#!/bin/sh\n" + BODY.encode(),
    "no-shebang-space-first": b" #!/bin/sh\n" + BODY.encode(),
    "no-shebang-batch": b"@echo off\r\necho hello\r\n",
    "no-shebang-crlf": b"cd\r\necho hello\r\n",
    "no-shebang-python": b"import sys\nprint(sys.argv)\n",
    "no-shebang-korean": "노드를 시작한다\n".encode(),
    "text": b"This is only text.\n",
    "text-404": b"404: Not Found",
    "one-letter": b"a",
    "crlf": script("/bin/sh", BODY).replace(b"\n", b"\r\n"),
    "crlf-option": script("/bin/sh -e", BODY).replace(b"\n", b"\r\n"),
    "crlf-env": script("/usr/bin/env sh", BODY).replace(b"\n", b"\r\n"),
    "cr-only": script("/bin/sh", BODY).replace(b"\n", b"\r"),
    "byte-order-mark": b"\xef\xbb\xbf" + script("/bin/sh"),
    "byte-order-mark-crlf": b"\xef\xbb\xbf" + script("/bin/sh").replace(b"\n", b"\r\n"),
    "utf16-le": b"\xff\xfe" + script("/bin/sh").decode().encode("utf-16-le"),
    "utf16-be": b"\xfe\xff" + script("/bin/sh").decode().encode("utf-16-be"),
    "utf16-le-no-mark": script("/bin/sh").decode().encode("utf-16-le"),
    "shebang-missing": script("/usr/local/bin/python2.7"),
    "shebang-missing-by-script": script(f"{MOUNT}/shebang-missing"),
    "shebang-relative-missing": script("sh"),
    "shebang-quoted": script('"/bin/sh"'),
    "shebang-directory": script("/usr/bin"),
    "shebang-not-executable": script(f"{MOUNT}/not-executable"),
    "shebang-arm64": script(f"{MOUNT}/arm64-static"),
    "shebang-loader-missing": script(f"{MOUNT}/amd64-loader-missing"),
    "shebang-text": script(f"{MOUNT}/text"),
    "shebang-crlf-script": script(f"{MOUNT}/crlf"),
    "shebang-dangling": script(f"{MOUNT}/link-dangling"),
    "shebang-env-missing": script("/usr/bin/env node-of-tomorrow"),
    "shebang-env-path-missing": script("/usr/bin/env /opt/venv/bin/python"),
    "shebang-env-arm64": script(f"/usr/bin/env {MOUNT}/arm64-static"),
    "shebang-env-arguments": script("/usr/bin/env sh -e"),
    "shebang-env-option": script("/usr/bin/env -i sh"),
    "shebang-env-split-missing": script("/usr/bin/env -S node-of-tomorrow --experimental"),
    "shebang-too-long": (long_line(300) + "\n" + BODY).encode(),
    "shebang-too-long-no-newline": long_line(300).encode(),
    "shebang-loop-self": script(f"{MOUNT}/shebang-loop-self"),
    "shebang-loop-a": script(f"{MOUNT}/shebang-loop-b"),
    "shebang-loop-b": script(f"{MOUNT}/shebang-loop-a"),
    "shebang-empty": b"#!\n" + BODY.encode(),
    "shebang-blank": b"#! \t \n" + BODY.encode(),
    "shebang-only": b"#!",
    # N scripts, each the interpreter of the one before it.
    "chain-1": script(f"{MOUNT}/amd64-static"),
    **{f"chain-{n}": script(f"{MOUNT}/chain-{n - 1}") for n in range(2, 8)},
}


# ---- what is no program ----


def windows(machine, dll=False, dotnet=False):
    """A PE image: DOS stub, headers and one section, as far as they are told apart by."""
    wide = machine != 0x14C
    directories = [(0, 0)] * 16
    if dotnet:
        directories[14] = (0x2008, 72)
    magic, size = (0x20B, 240) if wide else (0x10B, 224)
    stub = b"MZ" + struct.pack("<29H", 0x90, 3, 0, 4, 0, 0xFFFF, 0, 0xB8, 0, 0, 0, 0x40, *[0] * 17)
    stub = stub[:60] + struct.pack("<I", 128) + bytes.fromhex("0e1fba0e00b409cd21b8014ccd21")
    stub = (stub + b"This program cannot be run in DOS mode.\r\r\n$").ljust(128, b"\0")
    head = b"PE\0\0" + struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, size, 0x2022 if dll else 0x22)
    optional = struct.pack("<HBBIIIII", magic, 14, 0, 512, 0, 0, 0x1000, 0x1000)
    optional = optional.ljust(size - 16 * 8, b"\0") + b"".join(struct.pack("<II", *entry) for entry in directories)
    return (stub + head + optional).ljust(1024, b"\0")


def mach_o(order, wide, cpu):
    head = struct.pack(order + "IIIIIII", 0xFEEDFACF if wide else 0xFEEDFACE, cpu, 3, 2, 0, 0, 0x200085)
    return (head + (b"\0" * 4 if wide else b"")).ljust(4096, b"\0")


def universal():
    slices = [(0x01000007, 3, mach_o(LITTLE, True, 0x01000007)), (0x0100000C, 0, mach_o(LITTLE, True, 0x0100000C))]
    head, body, at = struct.pack(">II", 0xCAFEBABE, len(slices)), b"", 4096
    for cpu, kind, content in slices:
        head += struct.pack(">IIIII", cpu, kind, at + len(body), len(content), 12)
        body += content
    return head.ljust(at, b"\0") + body


def tar(kind, content=b"hello\n"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind) as archive:
        member = tarfile.TarInfo("pixelzx/pixelzx")
        member.size, member.mode = len(content), 0o755
        archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def zipped(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"hello\n")
    return out.getvalue()


def ar(*members):
    out = b"!<arch>\n"
    for name, content in members:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode() + content
        out += b"\n" * (len(content) % 2)
    return out


def piped(command, content):
    return subprocess.run(command, input=content, stdout=subprocess.PIPE, check=True).stdout


def iso():
    """A volume descriptor, after the 16 sectors that are the system's."""
    return b"\0" * 32768 + (b"\1CD001\1\0" + b"LINUX".ljust(32) + b"PIXELZX".ljust(32)).ljust(2048, b"\0")


NEWC = "".join(f"{n:08X}" for n in (1, 0o100755, 0, 0, 1, 0, 6, 0, 0, 0, 0, 6, 0))
SQUASHFS = struct.pack("<4sIIIIHHHHHH", b"hsqs", 2, 0, 131072, 1, 1, 17, 0, 1, 4, 0)
LFS = (b"version https://git-lfs.github.com/spec/v1\n"
       b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n")
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 1, 1, 8, 2, 0, 0, 0)
HTML = "<html><head><title>404 Not Found</title></head><body>Not Found</body></html>\n"


def other_files(program):
    """What does not start whatever the machine is. `program`: a real one, to pack."""
    tape = tar(tarfile.USTAR_FORMAT, program)
    return {
        "windows-amd64.exe": windows(0x8664), "windows-386.exe": windows(0x14C),
        "windows-arm64.exe": windows(0xAA64), "windows.dll": windows(0x8664, dll=True),
        "dotnet.exe": windows(0x14C, dotnet=True),
        "dos.exe": b"MZ" + struct.pack("<13H", 0x50, 2, 0, 2, 0, 0xFFFF, 0, 0, 0, 0, 0, 0x1C, 0) + b"\xcd\x20" * 64,
        "mac-arm64": mach_o(LITTLE, True, 0x0100000C), "mac-386": mach_o(LITTLE, False, 7),
        "mac-ppc": mach_o(BIG, False, 18), "mac-ppc64": mach_o(BIG, True, 0x01000012),
        "mac-universal": universal(),
        "pixelzx.gz": gzip.compress(program, mtime=0), "pixelzx.bz2": bz2.compress(program),
        "pixelzx.xz": lzma.compress(program), "pixelzx.lzma": lzma.compress(program, format=lzma.FORMAT_ALONE),
        "pixelzx.zst": piped(["zstd", "-q", "-c"], program),
        "pixelzx.lz4": struct.pack("<IBBB", 0x184D2204, 0x64, 0x40, 0xA7) + struct.pack("<I", 0x80000006) + b"hello\n",
        "pixelzx.Z": b"\x1f\x9d\x90h\xca\xb0a\xf3P", "pixelzx.lz": b"LZIP\x01\x0c" + bytes(26),
        "pixelzx.tar.gz": gzip.compress(tape, mtime=0), "pixelzx.tar.xz": lzma.compress(tape),
        "pixelzx.tar": tape, "gnu.tar": tar(tarfile.GNU_FORMAT), "pax.tar": tar(tarfile.PAX_FORMAT),
        "pixelzx.zip": zipped("pixelzx", "README"), "empty.zip": zipped(),
        "archive.deb": ar(("debian-binary", b"2.0\n"), ("control.tar.xz", lzma.compress(b"")),
                          ("data.tar.xz", lzma.compress(tape))),
        "archive.a": ar(("hello.o/", b"hello\n")),
        "archive.rpm": struct.pack(">IBBHH66sHH16s", 0xEDABEEDB, 3, 0, 0, 1, b"pixelzx-1.0.0-1", 1, 5, b""),
        "archive.cpio": f"070701{NEWC}hello\0hello\n\0\0".encode(),
        "archive.7z": b"7z\xbc\xaf\x27\x1c\0\4" + bytes(24), "archive.rar": b"Rar!\x1a\7\1\0" + bytes(24),
        "image.squashfs": SQUASHFS.ljust(4096, b"\0"), "image.iso": iso(),
        "git-lfs": LFS,
        "page-doctype.html": f"<!DOCTYPE html>\n{HTML}".encode(), "page.html": HTML.encode(),
        "page-upper.html": HTML.upper().encode(), "page-blank-first.html": f"\n\n   {HTML}".encode(),
        "page-mark.html": b"\xef\xbb\xbf" + f"<!doctype html>{HTML}".encode(),
        "error.json": b'{"message":"Not Found","status":"404"}',
        "error.xml": b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code></Error>',
        "Hello.class": struct.pack(">IHHH", 0xCAFEBABE, 0, 61, 16) + bytes(64),
        "hello.jar": zipped("META-INF/MANIFEST.MF", "Hello.class"),
        "hello.wasm": b"\0asm\1\0\0\0", "hello.pyc": bytes.fromhex("a70d0d0a") + bytes(12) + b"\xe3" + bytes(24),
        "hello.bc": b"BC\xc0\xde5\x14\0\0" + bytes(32), "hello.luac": b"\x1bLua\x54\0\x19\x93\r\n\x1a\n" + bytes(24),
        "picture.png": PNG, "picture.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1" + bytes(32),
        "picture.gif": b"GIF89a\1\0\1\0\x80\0\0" + bytes(16), "key.pem": b"-----BEGIN PUBLIC KEY-----\n",
        "board.dtb": struct.pack(">10I", 0xD00DFEED, 40, *[40] * 8),
        "paper.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
        "database.sqlite": b"SQLite format 3\0\x10\0\1\1" + bytes(80),
        "empty": b"", "one-byte": b"\x01", "zeros": bytes(4096),
        "random": bytes([0xF3]) + random.Random(1).randbytes(4095),
    }


# ---- ELF files that are damaged, of other systems, or unusual and in order ----

# li a0, 0; li t0, 93; ecall, with the number of the call where that ABI has it; then nothing valid.
RVE_EXIT = bytes.fromhex("13050000 9302d005 73000000 00000000")
FREEBSD_EXIT = bytes.fromhex("31ff b801000000 0f05 f4")  # its exit is Linux' write; then hlt


def elf_files(program):
    """`program`: a real one, to be damaged."""
    reencoded = amd64(e_shoff=0xC8F0C0).decode(errors="replace").encode()
    return {
        **{f"{name}-static": elf(*rest) for name, rest in MACHINES.items()},
        "loong64-dynamic": elf(*MACHINES["loong64"], interpreter="/lib64/ld-linux-loongarch-lp64d.so.1"),
        "mips-o32-le-dynamic": elf(*MACHINES["mips-o32-le"], interpreter="/lib/ld.so.1"),
        "riscv64-rve": elf(True, LITTLE, 243, 0x8, code=RVE_EXIT),
        "amd64-by-hand": amd64(), "amd64-osabi-linux": amd64(osabi=3),
        "amd64-appended": program + random.Random(2).randbytes(65536),
        "amd64-appimage": program[:8] + b"AI\2" + program[11:],
        "amd64-no-sections": amd64(e_shoff=0), "amd64-kernel-3.2": amd64(notes=abi_tag(LITTLE, 3, 2, 0)),
        "arm-kernel-4.15": arm(0x5000200, notes=abi_tag(LITTLE, 4, 15, 0)),
        "arm-kernel-3.2": arm(0x5000200, notes=abi_tag(LITTLE, 3, 2, 0)),
        "armhf-dynamic-by-hand": arm(0x5000400, interpreter="/lib/ld-linux-armhf.so.3"),
        "armel-dynamic-by-hand": arm(0x5000200, interpreter="/lib/ld-linux.so.3"),
        "armhf-musl-by-hand": arm(0x5000400, interpreter="/lib/ld-musl-armhf.so.1"),
        "freebsd-static": amd64(osabi=9, code=FREEBSD_EXIT,
                                notes=note("FreeBSD", 1, struct.pack("<I", 1300139))),
        "freebsd-dynamic": amd64(osabi=9, interpreter="/libexec/ld-elf.so.1", code=FREEBSD_EXIT),
        "netbsd-dynamic": amd64(interpreter="/libexec/ld.elf_so", code=FREEBSD_EXIT,
                                notes=note("NetBSD", 1, struct.pack("<I", 900000000))),
        "openbsd-dynamic": amd64(interpreter="/usr/libexec/ld.so", code=FREEBSD_EXIT,
                                 notes=note("OpenBSD", 1, bytes(4))),
        "solaris-dynamic": amd64(osabi=6, interpreter="/usr/lib/amd64/ld.so.1"),
        "android-dynamic": amd64(interpreter="/system/bin/linker64", notes=note("Android", 1, bytes(4)), kind=ET_DYN),
        "amd64-core": elf(True, LITTLE, 62, kind=ET_CORE, load=True, notes=note("CORE", 1, bytes(336))),
        "arm64-core": elf(True, LITTLE, 183, kind=ET_CORE, load=True, notes=note("CORE", 1, bytes(392))),
        "cut-magic": b"\x7fELF", "cut-in-ident": program[:9], "cut-in-header": program[:40],
        "cut-after-header": program[:64], "cut-in-table": program[:100],
        "cut-in-the-middle": program[:len(program) // 2],
        "cut-in-sections": program[:-100], "cut-arm64-header": elf(True, LITTLE, 183)[:50],
        "cut-interpreter": amd64(interpreter="/lib64/ld-linux-x86-64.so.2")[:180],
        "damaged-class": amd64(ei_class=7), "damaged-order": amd64(ei_data=9),
        "damaged-type": amd64(e_type=0x1234), "damaged-entry-size": amd64(e_phentsize=7),
        "damaged-no-table": amd64(e_phoff=0, e_phnum=0), "damaged-nothing-to-load": amd64(load=False),
        "damaged-offset": amd64(e_phoff=2**64 - 16),
        "damaged-memory-size": amd64(p_memsz=16), "damaged-as-text": reencoded,
        "damaged-interpreter": amd64(interpreter="/lib64/ld-linux-x86-64.so.2").replace(b"so.2\0", b"so.2!"),
    }


def path_of(name):
    """Where a file of the corpus is found."""
    return f"{MOUNT}/{name}"


ODD_NAME = "odd \n\x1b[31m'\"\\$(name)"


def make(folder):
    """Fills `folder`. Everything in it starts, or would if it could, with status 0."""
    compile_all(folder)
    program = (folder / "amd64-static").read_bytes()
    for name, content in {**SCRIPTS, **other_files(program), **elf_files(program)}.items():
        (folder / name).write_bytes(content)
    for path in folder.iterdir():
        path.chmod(0o755)

    for name, source in (("not-executable", "amd64-static"), ("script-not-executable", "script-sh"),
                         ("ld-not-executable.so", "ld-amd64.so"),
                         ("archive-not-executable.tar.gz", "pixelzx.tar.gz"), (ODD_NAME, "loong64-static")):
        shutil.copy(folder / source, folder / name)
    for name in ("not-executable", "script-not-executable", "ld-not-executable.so", "archive-not-executable.tar.gz"):
        (folder / name).chmod(0o644)
    (folder / "amd64-object.o").chmod(0o644)
    for name, target in (("link-to-program", "amd64-static"), ("link-to-link", "link-to-program"),
                         ("link-to-mips", "mips-o32-be-static"), ("link-to-folder", "folder"),
                         ("link-dangling", "no/such/program"),
                         ("link-loop-a", "link-loop-b"), ("link-loop-b", "link-loop-a")):
        (folder / name).symlink_to(target)
    (folder / "folder").mkdir()
    with open(folder / "zeros-5-gib", "wb") as file:
        file.truncate(5 << 30)
    (folder / "zeros-5-gib").chmod(0o755)
    os.mkfifo(folder / "fifo", 0o755)
    place = os.open(folder, os.O_PATH)
    with socket.socket(socket.AF_UNIX) as listener:  # by a short name: those of sockets are limited
        listener.bind(f"/proc/self/fd/{place}/socket")
    os.close(place)
    (folder / "socket").chmod(0o755)
    (folder / MARKERS).mkdir()
    return folder


# ---- the kernel's verdict ----


def attempt(path, seconds=20):
    """Starts the file as execve(2) does. The errno that it failed with, or how the program ended."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            null = os.open("/dev/null", os.O_RDWR)
            for number in range(3):
                os.dup2(null, number)
            os.execve(path, [path], {"PATH": os.environ["PATH"]})
        except OSError as error:
            os.write(writer, str(error.errno).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        failure = said.read()
    end = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
            break
        time.sleep(0.001)
    return {"errno": int(failure) if failure else 0, "status": os.waitstatus_to_exitcode(status)}


if __name__ == "__main__":
    os.chdir(MOUNT)
    print(json.dumps({path: attempt(path) for path in sys.argv[1:]}))
    print(*sorted(entry.name for entry in Path(MARKERS).iterdir()), file=sys.stderr)
