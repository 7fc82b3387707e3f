# SPDX-License-Identifier: Apache-2.0
"""`pixelzx-pack tarball`: what is in it, and what it refuses."""

import gzip
import hashlib
import io
import shutil
import subprocess
import tarfile

import bare_metal
import bundles
import pytest
import support
from support import BUNDLE, NATIVE, PLATFORMS

TOP = "pixelzx-1.0.0-linux"


def members(path):
    """The tar in the file, and its members: name → (type, mode, owner, mtime, content)."""
    data = path.read_bytes()
    if path.name.endswith(".zst"):
        data = subprocess.run(["zstd", "-dc"], input=data, stdout=subprocess.PIPE, check=True).stdout
    else:
        data = gzip.decompress(data)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return data, {entry.name: (entry.type, entry.mode, (entry.uid, entry.gid), entry.mtime,
                                   tar.extractfile(entry).read() if entry.isfile() else b"") for entry in tar}


def test_content(tmp_path):
    sbom = tmp_path / "some.json"
    sbom.write_text("{}")
    made = support.run([support.PACK, "tarball", "--launchers", bare_metal.LAUNCHERS, "--sbom", sbom,
                        *[f"--file={name}={support.SOURCE / path}" for name, path in bare_metal.FILES.items()],
                        "-o", tmp_path / "a.tar.gz", BUNDLE], {"SOURCE_DATE_EPOCH": "1700000000"})
    assert made.expect().out == ""
    _, found = members(tmp_path / "a.tar.gz")
    assert all(name == TOP or name.startswith(TOP + "/") for name in found)
    files = {name[len(TOP) + 1:]: entry for name, entry in found.items() if entry[0] == tarfile.REGTYPE}
    expected = {"pixelzx.bundle": BUNDLE.read_bytes(), "sbom.spdx.json": b"{}",
                **{f"launcher/{p.folder}/pixelzx": p.launcher.read_bytes() for p in PLATFORMS}}
    for name, path in bare_metal.FILES.items():
        path = support.SOURCE / path
        if path.is_dir():
            expected |= {f"{name}/{file.name}": file.read_bytes() for file in path.iterdir()}
        else:
            expected[name] = path.read_bytes()
    assert {name: entry[4] for name, entry in files.items() if name not in ("install.sh", "SHA256SUMS")} == expected
    executable = {name for name, entry in files.items() if entry[1] == 0o755}
    assert executable == {"install.sh"} | {f"launcher/{p.folder}/pixelzx" for p in PLATFORMS}
    assert {entry[1] for entry in found.values() if entry[0] == tarfile.DIRTYPE} == {0o755}
    assert {entry[2:4] for entry in found.values()} == {((0, 0), 1700000000)}
    sums = {name: digest for digest, name in map(str.split, files["SHA256SUMS"][4].decode().splitlines())}
    assert sums == {name: hashlib.sha256(entry[4]).hexdigest() for name, entry in files.items()
                    if name != "SHA256SUMS"}


def test_the_same_twice_and_in_both_forms(tmp_path):
    tars = []
    for name in ("a.tar.gz", "b.tar.gz", "a.tar.zst", "b.tar.zst"):
        bare_metal.pack_tarball(tmp_path / name, files=["LICENSE", "licenses"]).expect()
        tars.append(members(tmp_path / name)[0])
    assert tars.count(tars[0]) == 4
    for suffix in ("tar.gz", "tar.zst"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()
    # No name and no time, which gzip itself would note.
    assert (tmp_path / "a.tar.gz").read_bytes()[3:8] == bytes(5)


@pytest.mark.parametrize("words, status, said", [
    (["-o", "x.tar"], 2, "x.tar"),
    (["--file", "LICENSE=/no/such/file", "-o", "x.tar.gz"], 1, "/no/such/file"),
    (["--file", "../x={}", "-o", "x.tar.gz"], 2, "../x"),
    (["--file", "a b={}", "-o", "x.tar.gz"], 2, "a b"),
    (["--file", "install.sh={}", "-o", "x.tar.gz"], 2, "install.sh"),
    (["--file", "LICENSE", "-o", "x.tar.gz"], 2, "NAME=PATH"),
    (["--sbom", "/no/such/sbom", "-o", "x.tar.gz"], 1, "/no/such/sbom"),
])
def test_what_it_refuses(tmp_path, words, status, said):
    words = [word.format(support.SOURCE / "LICENSE") for word in words]
    refused = support.run([support.PACK, "tarball", "--launchers", bare_metal.LAUNCHERS, *words, BUNDLE],
                          cwd=tmp_path)
    assert refused.status == status and said in refused.err and "what to do" in refused.err
    assert list(tmp_path.iterdir()) == []


def test_launchers_that_are_none(tmp_path, probe_bundle):
    bundle = tmp_path / "pixelzx.bundle"
    bundle.write_bytes(probe_bundle)
    folder = tmp_path / "launcher" / NATIVE.folder
    folder.mkdir(parents=True)
    other = next(p for p in PLATFORMS if p is not NATIVE)
    for content, words in [(None, "pixelzx"), (b"#!/bin/sh\n", "ELF"), (other.launcher.read_bytes(), other.name)]:
        if content is not None:
            (folder / "pixelzx").write_bytes(content)
        for form in (bare_metal.pack_tarball, bare_metal.pack_run_file):
            refused = form(tmp_path / "x.tar.gz", bundle, launchers=tmp_path / "launcher")
            assert refused.status == 1 and words in refused.err and str(folder) in refused.err
            assert not (tmp_path / "x.tar.gz").exists()
    # Launchers of other architectures than those of the bundle are not wanted.
    shutil.copy(NATIVE.launcher, folder / "pixelzx")
    bare_metal.pack_tarball(tmp_path / "x.tar.gz", bundle, launchers=tmp_path / "launcher").expect()


def test_version_that_a_script_cannot_have(tmp_path, probe):
    bundle = tmp_path / "pixelzx.bundle"
    bundle.write_bytes(bundles.make_bundle({NATIVE.name: probe.read_bytes()}, version="1$(reboot)"))
    for form in (bare_metal.pack_tarball, bare_metal.pack_run_file):
        refused = form(tmp_path / "x.tar.gz", bundle)
        assert refused.status == 1 and "1$(reboot)" in refused.err
        assert not (tmp_path / "x.tar.gz").exists()


def test_scripts_are_clean(tmp_path):
    """shellcheck of what the parts have become."""
    bare_metal.pack_tarball(tmp_path / "a.tar.gz").expect()
    bare_metal.pack_run_file(tmp_path / "pixelzx.run").expect()
    run_file = (tmp_path / "pixelzx.run").read_bytes()
    scripts = {"install.sh": members(tmp_path / "a.tar.gz")[1][f"{TOP}/install.sh"][4],
               "pixelzx.run": run_file[:run_file.index(b"\x7fELF")].rstrip() + b"\n"}
    for name, script in scripts.items():
        lines = [line for line in script.decode().splitlines() if not line.startswith("# shellcheck disable=SC2034")]
        (tmp_path / name).write_text("\n".join(lines) + "\n")
        # SC2317: functions that are called by way of their names.
        checked = support.run(["shellcheck", "--exclude=SC2317", tmp_path / name])
        assert checked.status == 0, checked.out
        assert "@" not in script.decode().replace("$@", "").replace("[_.@]", ""), "a mark was not replaced"
