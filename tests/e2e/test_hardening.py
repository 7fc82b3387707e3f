# SPDX-License-Identifier: Apache-2.0
"""What makes flaws harder to exploit, in every program that we build.

                           launchers         nodes                       pixelzx-pack
segment to write and run   none              none                        none
executable stack           no                no                          no
at a random address        no (musl, small)  amd64, arm64                yes
RELRO                      no (DESIGN)       all; the GOT, too, but for  all
                                             riscv64
stack protector            no (size)         all                         yes
fortified calls            no (musl)         all                         yes

Debian 12's glibc has the start file of static-PIE, rcrt1.o, for amd64 and arm64 alone. Its start files have no mark for
CET (amd64) or BTI (arm64), so no program has it that is linked with them; our objects do.
"""

import ctypes
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import elf
import pytest
import support
from support import NATIVE, PACK, PLATFORMS, SOURCE, by_name

STATIC_PIE = {"linux/amd64", "linux/arm64"}
GOT_STAYS_WRITABLE = {"linux/riscv64"}  # by the linker script of binutils 2.40
OPTIMISED_WHEN_LINKED = {"linux/ppc64le"}  # objects have no code, but the options for it
TRIPLES = {"linux/amd64": "x86_64-linux-gnu", "linux/arm64": "aarch64-linux-gnu", "linux/arm/v7": "arm-linux-gnueabihf",
           "linux/riscv64": "riscv64-linux-gnu", "linux/ppc64le": "powerpc64le-linux-gnu", "linux/s390x": "s390x-linux-gnu"}
# The property with the marks (GNU_PROPERTY_X86_FEATURE_1_AND, GNU_PROPERTY_AARCH64_FEATURE_1_AND); both bits.
MARKS = {"linux/amd64": 0xC0000002, "linux/arm64": 0xC0000000}
BOTH = 3
DT_TEXTREL, DT_FLAGS, DT_FLAGS_1 = 22, 30, 0x6FFFFFFB
DF_TEXTREL, DF_BIND_NOW, DF_1_NOW, DF_1_PIE = 4, 8, 1, 0x08000000
# What the linker has the loader write once, before the program's own code.
WRITTEN_ONCE = re.compile(r"\.(preinit_array|init_array|fini_array|data\.rel\.ro|got|got\.plt|dynamic)")
each_platform = pytest.mark.parametrize("platform", PLATFORMS, ids=by_name)
PROGRAMS = {**{f"launcher-{p.folder}": p.launcher for p in PLATFORMS}, **{f"node-{p.folder}": p.node for p in PLATFORMS},
            "pixelzx-pack": PACK}


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_to_write_and_run(name):
    file = elf.Elf(PROGRAMS[name])
    assert file.of_kind(elf.PT_LOAD)
    assert not [s for s in file.of_kind(elf.PT_LOAD) if s.flags & elf.PF_W and s.flags & elf.PF_X]
    (stack,) = file.of_kind(elf.PT_GNU_STACK)
    assert not stack.flags & elf.PF_X


def check_relro(file, outside=()):
    """What is written once lies in the segment that becomes read-only; that ends with a page of any size."""
    (relro,) = file.of_kind(elf.PT_GNU_RELRO)
    end = relro.address + relro.memory_size
    inside = {s.name: relro.address <= s.address and s.address + len(s.content) <= end
              for s in file.all_sections if WRITTEN_ONCE.fullmatch(s.name)}
    assert {".init_array", ".data.rel.ro", ".got"} <= set(inside)
    assert {name for name, is_inside in inside.items() if not is_inside} == set(outside)
    return end


def check_pie(file):
    dynamic = file.dynamic()
    assert file.type == elf.ET_DYN and dynamic[DT_FLAGS_1] & DF_1_PIE
    assert dynamic[DT_FLAGS_1] & DF_1_NOW and dynamic[DT_FLAGS] & DF_BIND_NOW
    assert DT_TEXTREL not in dynamic and not dynamic[DT_FLAGS] & DF_TEXTREL


def compiler_file(platform, name):
    """One of the files that the compiler links; None if it has none of that name."""
    path = Path(support.run([f"{TRIPLES[platform.name]}-gcc", f"-print-file-name={name}"], check=True).out.strip())
    return path if path.is_absolute() else None


@each_platform
def test_node_can_lie_anywhere(platform):
    file = elf.Elf(platform.node)
    # Where that comes to be there for another platform, node/CMakeLists.txt has more to link.
    assert (compiler_file(platform, "rcrt1.o") is not None) == (platform.name in STATIC_PIE)
    if platform.name in STATIC_PIE:
        check_pie(file)
    else:
        assert file.type == elf.ET_EXEC and not file.of_kind(elf.PT_DYNAMIC)


@each_platform
def test_relro_of_node(platform):
    file = elf.Elf(platform.node)
    end = check_relro(file, {".got"} if platform.name in GOT_STAYS_WRITABLE else ())
    assert end % 65536 == 0 or platform.name in GOT_STAYS_WRITABLE


def test_pack():
    file = elf.Elf(PACK)
    check_pie(file)
    check_relro(file)
    assert file.of_kind(elf.PT_INTERP)
    symbols = file.symbols()
    assert "__stack_chk_fail" in symbols
    assert {name for name in symbols if re.fullmatch(r"__\w+_chk", name)} - {"__stack_chk_fail"}


def objects_of_node(platform):
    """Of its own code, as they were compiled."""
    folder = SOURCE / "build" / platform.folder / "node/CMakeFiles"
    return {path.name.removesuffix(".cc.o"): elf.Elf(path) for path in folder.glob("*/*.cc.o")}


@each_platform
def test_code_of_node(platform):
    objects = objects_of_node(platform)
    assert {"main", "cli", "messages", "version"} <= set(objects)
    for name in "main", "cli", "messages", "version":
        if platform.name in OPTIMISED_WHEN_LINKED:
            assert b"-fstack-protector-strong" in objects[name].data
        else:
            assert "__stack_chk_fail" in objects[name].symbols(), name
    if platform.name not in OPTIMISED_WHEN_LINKED:
        assert "__snprintf_chk" in objects["version"].symbols()
    if platform.name in MARKS:
        assert all(file.properties().get(MARKS[platform.name], 0) & BOTH == BOTH for file in objects.values())


@pytest.mark.parametrize("name", ["node-linux-amd64", "node-linux-arm64", "pixelzx-pack"])
def test_marks_are_those_of_glibc(name):
    """The linker leaves of IBT and SHSTK, BTI and PAC what all that it has linked is marked for."""
    platform = next((p for p in PLATFORMS if name == f"node-{p.folder}"), NATIVE)
    if platform.name not in MARKS:
        pytest.skip(f"no such marks on {platform.name}")
    kind = MARKS[platform.name]
    start = compiler_file(platform, "Scrt1.o" if name == "pixelzx-pack" else "rcrt1.o")
    offered = elf.Elf(start).properties().get(kind, 0) & BOTH
    assert elf.Elf(PROGRAMS[name]).properties().get(kind, 0) & BOTH == offered


# ---- as it runs ----

PTRACE_TRACEME, PTRACE_CONT, PTRACE_SETOPTIONS, PTRACE_O_TRACEEXIT, EVENT_EXIT = 0, 7, 0x4200, 0x40, 6
ptrace = support.libc.ptrace
ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]


def mappings_at_exit(command, env):
    """The memory of what the command has become, [permissions, first address, name], when it leaves; and its status."""
    with subprocess.Popen([os.fspath(word) for word in command], env={"PATH": support.PATH, **env}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          preexec_fn=lambda: ptrace(PTRACE_TRACEME, 0, None, None)) as process:
        status = os.waitpid(process.pid, 0)[1]
        assert os.WIFSTOPPED(status)
        assert ptrace(PTRACE_SETOPTIONS, process.pid, None, PTRACE_O_TRACEEXIT) == 0
        while status >> 8 != signal.SIGTRAP | EVENT_EXIT << 8:
            assert ptrace(PTRACE_CONT, process.pid, None, None) == 0
            status = os.waitpid(process.pid, 0)[1]
            assert os.WIFSTOPPED(status)
        lines = Path(f"/proc/{process.pid}/maps").read_text().splitlines()
        assert ptrace(PTRACE_CONT, process.pid, None, None) == 0
        left = os.waitstatus_to_exitcode(os.waitpid(process.pid, 0)[1])
        process.returncode = left
    fields = [line.split(maxsplit=5) for line in lines]
    return [(f[1], int(f[0].split("-")[0], 16), f[5] if len(f) > 5 else "") for f in fields], left


def write_and_run(maps):
    return [line for line in maps if "w" in line[0] and "x" in line[0]]


@pytest.mark.parametrize("cache", ["off", "on"])
def test_running_node(cache, tmp_path):
    """Started from memory and from the cache: elsewhere each time, with RELRO applied."""
    env = {"PIXELZX_BUNDLE": str(support.BUNDLE), "PIXELZX_CACHE": "off" if cache == "off" else str(tmp_path / "cache")}
    places = set()
    for _ in range(4):
        maps, status = mappings_at_exit([NATIVE.launcher, "version"], env)
        assert status == 0 and not write_and_run(maps)
        own = [line for line in maps if "/memfd:" in line[2] or str(tmp_path) in line[2]]
        # Headers, code, constants, RELRO, and what is written.
        assert "r--p" == [line[0] for line in own if "w" not in line[0]][-1] and own[-1][0] == "rw-p", maps
        assert own[-2][0] == "r--p", maps
        places.add(own[0][1])
    if NATIVE.name in STATIC_PIE:
        assert len(places) > 1, "is kernel.randomize_va_space 0?"


@pytest.mark.parametrize("arguments, env, status", [
    (["version"], {"PIXELZX_BUNDLE": "/nonexistent"}, 127), (["doctor", "--json"], {"PIXELZX_CACHE": "off"}, None)],
    ids=["refuses", "doctor"])
def test_running_launcher(arguments, env, status, tmp_path):
    """With its cold part, which was data until it was unpacked."""
    launcher = tmp_path / "pixelzx"
    shutil.copy(NATIVE.launcher, launcher)
    maps, left = mappings_at_exit([launcher, *arguments], {"PIXELZX_BUNDLE": str(support.BUNDLE), **env})
    assert status in (None, left)
    assert [line for line in maps if "x" in line[0]] and not write_and_run(maps)
