# SPDX-License-Identifier: Apache-2.0
"""What `make dist` has produced, before anything of it is started by a kernel."""

import json
import os
import subprocess
import tarfile
from pathlib import Path

import bundles
import elf
import pytest
import support
from support import BUNDLE, DIST, PACK, PLATFORMS, by_name

each_platform = pytest.mark.parametrize("platform", PLATFORMS, ids=by_name)


def test_layout():
    files = {str(path.relative_to(DIST)) for path in DIST.rglob("*") if path.is_file()}
    launchers = {f"launcher/{p.folder}/pixelzx" for p in PLATFORMS}
    # `make release` and its like add more.
    assert {name for name in files if name.startswith("launcher/")} == launchers
    assert {"pixelzx.bundle", "sbom.spdx.json"} <= files
    assert all(os.access(p.launcher, os.X_OK) for p in PLATFORMS)


@each_platform
def test_launcher_is_small(platform):
    assert platform.launcher.stat().st_size <= 128 * 1024


@each_platform
def test_launcher_starts_anywhere(platform):
    """Static, for the right machine, loadable with 64 KiB pages, no executable stack, stripped."""
    file = elf.Elf(platform.launcher)
    assert file.ident == platform.elf and file.type == elf.ET_EXEC
    assert not file.of_kind(elf.PT_INTERP) and not file.of_kind(elf.PT_DYNAMIC)
    assert file.of_kind(elf.PT_LOAD)
    assert all(segment.align >= 65536 for segment in file.of_kind(elf.PT_LOAD))
    (stack,) = file.of_kind(elf.PT_GNU_STACK)
    assert not stack.flags & elf.PF_X
    assert not file.sections(elf.SHT_SYMTAB)


def test_arm_launcher_is_for_the_lowest_arm():
    """Hard-float or ARMv7 code dies of SIGILL on a Raspberry Pi Zero before it can speak."""
    platform = next(p for p in PLATFORMS if p.name == "linux/arm/v7")
    file = elf.Elf(platform.launcher)
    assert file.flags >> 24 == 5  # EABI version
    assert not file.flags & 0x400  # EF_ARM_ABI_FLOAT_HARD
    # The launcher has no section headers; the first of its two links, of the same objects, does.
    linked = elf.Elf(support.SOURCE / "build" / f"{platform.folder}-launcher" / "launcher" / "launcher_whole")
    (attributes,) = linked.sections(elf.SHT_ARM_ATTRIBUTES)
    assert elf.arm_attributes(attributes)[elf.TAG_CPU_ARCH] <= elf.V5TE


@pytest.mark.parametrize("platform, cpu", [(p, cpu) for p in PLATFORMS for cpu in p.lowest_cpus],
                         ids=lambda value: getattr(value, "folder", value))
def test_launcher_speaks_on_the_lowest_cpu(platform, cpu, tmp_path):
    """Far enough to say what is missing, and, with a damaged program, through decoder and hash."""
    emulator = [f"qemu-{platform.qemu}-static", "-cpu", cpu, platform.launcher]
    result = support.run(emulator, {"PIXELZX_BUNDLE": "/nonexistent", "PIXELZX_CACHE": "off"})
    result.refused(102, "/nonexistent", status=127)
    data = platform.node.read_bytes()
    bundle = tmp_path / "bundle"
    slices = {p.name: bundles.Slice(data, sha256="0" * 64) for p in (platform, support.NATIVE)}
    slices[support.NATIVE.name].frame = bundles.zstd(data)
    bundle.write_bytes(bundles.make_bundle(slices, program="pixelzx"))
    result = support.run(emulator, {"PIXELZX_BUNDLE": str(bundle), "PIXELZX_CACHE": "off",
                                    "PIXELZX_PLATFORM": platform.name})
    result.refused(105, "SHA-256")


def test_tar_lists_the_bundle():
    names = subprocess.run(["tar", "tf", BUNDLE], stdout=subprocess.PIPE, check=True).stdout.decode().split()
    assert names[0] == "pixelzx.index"
    assert names[1] == "common.zst"
    assert sorted(names[2:]) == sorted(f"{p.name}/pixelzx.zst" for p in PLATFORMS)


@each_platform
def test_zstd_unpacks_what_was_packed(platform, tmp_path):
    """The frames in the tar: zstd alone gives all but the machine code, and pixelzx-pack the program."""
    with tarfile.open(BUNDLE) as tar:
        for name in ("common", f"{platform.name}/pixelzx"):
            (tmp_path / f"{Path(name).name}.zst").write_bytes(tar.extractfile(f"{name}.zst").read())
    support.run(["zstd", "-d", "-q", tmp_path / "common.zst"], check=True)
    support.run(["zstd", "-d", "-q", f"--patch-from={tmp_path / 'common'}", tmp_path / "pixelzx.zst",
                 "-o", tmp_path / "by zstd"], check=True)
    support.run([PACK, "extract", BUNDLE, platform.name, "-o", tmp_path / "by pack"], check=True)
    packed = platform.node.read_bytes()
    assert (tmp_path / "by pack").read_bytes() == packed
    by_zstd = (tmp_path / "by zstd").read_bytes()
    code = next(s["code"] for s in support.listing()["slices"] if s["platform"] == platform.name)
    begin, end = code["offset"], code["offset"] + code["size"]
    assert (by_zstd[:begin], by_zstd[end:]) == (packed[:begin], packed[end:])
    assert by_zstd[begin:end] != packed[begin:end]
    assert os.access(tmp_path / "by pack", os.X_OK)
    assert bundles.sha256(packed).encode() in bundles.index_of(BUNDLE.read_bytes())


@each_platform
def test_node_is_static(platform):
    file = elf.Elf(platform.node)
    assert file.ident == platform.elf
    assert not file.of_kind(elf.PT_INTERP)


def test_verify():
    support.run([PACK, "verify", BUNDLE], check=True)


def test_two_bundles_are_identical(tmp_path):
    """Packed again, from copies with other times and in another order: the same bytes as in dist/."""
    with tarfile.open(BUNDLE) as tar:
        date = tar.next().mtime
    program = bundles.index_of(BUNDLE.read_bytes()).decode().splitlines()[1].split()
    assert program[:2] == ["program", "pixelzx"]
    files = []
    for platform in reversed(PLATFORMS):
        copy = tmp_path / platform.folder
        copy.write_bytes(platform.node.read_bytes())
        os.utime(copy, (1, 1))
        files.append(f"{platform.name}={copy}")
    again = tmp_path / "again.bundle"
    support.run([PACK, "create", "--quiet", "--program", "pixelzx", "--version", program[2], "--doctor",
                 "--own-name", "-o", again,
                 *files], {"SOURCE_DATE_EPOCH": str(date)}, check=True)
    assert again.read_bytes() == BUNDLE.read_bytes()


def test_version_natively(tmp_path):
    """As README shows it: the launcher two folders below the bundle."""
    variables = {"HOME": str(tmp_path)}
    launcher = support.NATIVE.launcher
    assert support.run([launcher, "version"], variables, check=True).out.startswith("🚀 PIXELZX POS EVM Chain\n")
    info = json.loads(support.run([launcher, "version", "--output", "json"], variables, check=True).out)
    assert info["platform"] == support.NATIVE.name
    short = support.run([launcher, "version", "--short"], variables, check=True).out
    assert short == f"v{info['version']}\n"
    korean = support.run([launcher, "version"], variables | {"LANG": "ko_KR.UTF-8"}, check=True).out
    assert f"  버전: v{info['version']}\n" in korean and f"플랫폼: {support.NATIVE.name}\n" in korean
    wrong = support.run([launcher, "versoin"], variables)
    assert wrong.status == 2 and "version" in wrong.err and wrong.out == ""
