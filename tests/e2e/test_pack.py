# SPDX-License-Identifier: Apache-2.0
"""pixelzx-pack's command line: what it makes, what it refuses, and its exit status: 1 when the input
is wrong, 2 when the command is."""

import json
import os
import resource
import shutil

import bundles
import pytest
import support
from support import FOREIGN, NATIVE, PACK, Installation

OTHER = FOREIGN[0]


def pack(*words, env=None, **options):
    return support.run([PACK, *words], env, **options)


def create(output, *words, **options):
    return pack("create", "--program", "probe", "--version", "1.0", "-o", output, *words, **options)


def refused(result, status, *words):
    assert (result.status, result.out) == (status, ""), result.err
    assert "what to do" in result.err
    for word in words:
        assert str(word) in result.err, f"no {word!r} in: {result.err}"


@pytest.fixture
def packed(tmp_path, probe):
    """A bundle of the probe, made by pixelzx-pack."""
    output = tmp_path / "probe.bundle"
    create(output, "--level", "3", f"{NATIVE.name}={probe}").expect()
    return output


def test_create_list_verify_extract(tmp_path, probe):
    share = tmp_path / "genesis.json"
    share.write_text("{}")
    output = tmp_path / "out"
    create(output, "--share", share, "--doctor", "--own-name", "--level", "1", f"{NATIVE.name}={probe}",
           f"{OTHER.name}={OTHER.launcher}").expect()
    listed = pack("list", output).expect().out
    for word in ("probe 1.0", NATIVE.name, OTHER.name, "genesis.json", "doctor", "own-name"):
        assert word in listed, listed
    described = pack("list", "--output", "json", output).expect().out
    assert bundles.sha256(probe.read_bytes()) in described and json.loads(described)
    assert NATIVE.name in pack("verify", output).expect().out
    pack("extract", output, NATIVE.name, "-o", tmp_path / "program").expect()
    assert (tmp_path / "program").read_bytes() == probe.read_bytes()
    # Any spelling of a platform names it.
    pack("extract", output, NATIVE.uname, "-o", tmp_path / "again").expect()
    assert (tmp_path / "again").read_bytes() == probe.read_bytes()
    installation = Installation(tmp_path, output.read_bytes())
    assert installation.run("probe", "x").expect().report["argv"][1:] == ["78"]  # own-name


def test_no_progress_in_a_pipe(tmp_path, probe):
    result = create(tmp_path / "out", "--level", "1", f"{NATIVE.name}={probe}").expect()
    assert "\r" not in result.out + result.err and "\x1b" not in result.out + result.err
    quiet = create(tmp_path / "out", "--quiet", "--level", "1", f"{NATIVE.name}={probe}").expect()
    assert (quiet.out, quiet.err) == ("", "")


@pytest.mark.parametrize("date", [None, "0", "1700000000"])
def test_reproducible(tmp_path, probe, date):
    """The order of the arguments, the clock, the files' own times, the umask: none matters."""
    variables = {"SOURCE_DATE_EPOCH": date} if date else {}
    copy = tmp_path / "copy"
    shutil.copy(probe, copy)
    os.utime(copy, (7, 7))
    create(tmp_path / "a", "--level", "3", f"{NATIVE.name}={probe}", f"{OTHER.name}={OTHER.launcher}",
           env=variables).expect()
    create(tmp_path / "b", "--level", "3", f"{OTHER.name}={OTHER.launcher}", f"{NATIVE.name}={copy}",
           env=variables | {"TZ": "Asia/Seoul"}, umask=0o077).expect()
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_bundle_of_another_writer_is_read(tmp_path, probe_bundle):
    """Format 1 is what DESIGN says, not what pixelzx-pack happens to write."""
    bundle = tmp_path / "bundle"
    bundle.write_bytes(probe_bundle)
    pack("verify", bundle).expect()
    assert NATIVE.name in pack("list", bundle).expect().out


def test_attach(tmp_path, packed):
    output = tmp_path / "all in one"
    pack("attach", NATIVE.launcher, packed, "-o", output).expect()
    result = support.run([output], {"PIXELZX_CACHE": "off", "PIXELZX_TRACE": "json"}).expect()
    assert result.report["argv"] and result.trace["source"] == "memfd"
    pack("verify", output).expect()
    refused(pack("attach", output, packed, "-o", tmp_path / "twice"), 1)
    refused(pack("attach", packed, packed, "-o", tmp_path / "no launcher"), 1)
    assert not (tmp_path / "twice").exists() and not (tmp_path / "no launcher").exists()


def test_prefix(tmp_path, probe):
    """A slice that leans on another unpacks to the same bytes, by the packer and by the launcher."""
    if NATIVE.name != "linux/amd64":
        pytest.skip("only amd64 has levels that each of its machines takes")
    variation = tmp_path / "variation"
    variation.write_bytes(probe.read_bytes() + b"variation")
    output = tmp_path / "out"
    create(output, f"linux/amd64={variation}", f"linux/amd64/v4={probe}", "--prefix",
           "linux/amd64=linux/amd64/v4").expect()
    pack("verify", output).expect()
    installation = Installation(tmp_path, output.read_bytes())
    result = installation.run(env={"PIXELZX_PLATFORM": "linux/amd64"}).expect()
    assert bundles.sha256(variation.read_bytes()).encode() in bytes.fromhex(result.report["exe"])


def wrong_programs(folder, probe):
    """label=file → a word of the refusal."""
    files = {"script": b"#!/bin/sh\n", "empty": b"", "page": b"<!DOCTYPE html>", "cut": probe.read_bytes()[:5000]}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return [(f"{OTHER.name}={probe}", NATIVE.name), (f"{NATIVE.name}={OTHER.launcher}", OTHER.name),
            (f"{NATIVE.name}={folder / 'script'}", "script"), (f"{NATIVE.name}={folder / 'empty'}", "empty"),
            (f"{NATIVE.name}={folder / 'page'}", "page"), (f"{NATIVE.name}={folder / 'cut'}", "cut"),
            (f"{NATIVE.name}=/bin/true", "dynamic"), (f"{NATIVE.name}={folder / 'none'}", "No such file"),
            (f"{NATIVE.name}={folder}", "directory")]


def test_wrong_programs_are_refused(tmp_path, probe):
    """And the output stays as it was."""
    output = tmp_path / "out"
    output.write_text("what was there before")
    for argument, word in wrong_programs(tmp_path, probe):
        refused(create(output, argument), 1, word)
        assert output.read_text() == "what was there before"
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"out", "script", "empty", "page", "cut"}


def test_label_that_contradicts_the_file_is_named(tmp_path, probe):
    """The bug that started this project cannot be packed."""
    refused(create(tmp_path / "out", f"{OTHER.name}={probe}"), 1, "PZX-108", OTHER.name, NATIVE.name, probe)
    assert not (tmp_path / "out").exists()


def test_dynamic_program_by_option(tmp_path):
    create(tmp_path / "out", "--allow-dynamic", "--level", "1", f"{NATIVE.name}=/bin/true").expect()
    assert Installation(tmp_path, (tmp_path / "out").read_bytes()).run().expect().out == ""


@pytest.mark.parametrize("words, status, word", [
    (["{native}={probe}", "{native}={probe}"], 1, "{native}"),
    (["{native}={probe}", "{uname}={probe}"], 1, "{native}"),
    (["linux/vax={probe}"], None, "linux/vax"),
    (["windows/amd64={probe}"], None, "windows/amd64"),
    (["nonsense={probe}"], None, "nonsense"),
    (["{native}"], 2, "{native}"),
    (["={probe}"], 2, "="),
    ([], 2, ""),
    (["--level", "23", "{native}={probe}"], 2, "23"),
    (["--level", "0", "{native}={probe}"], 2, "0"),
    (["--surprise", "{native}={probe}"], 2, "surprise"),
    (["--share", "/nonexistent", "{native}={probe}"], 1, "/nonexistent"),
    (["--share", "{probe}", "--share", "{probe}", "{native}={probe}"], None, "probe"),
    (["--program", "../x", "{native}={probe}"], None, "../x"),
])
def test_wrong_words_are_refused(tmp_path, probe, words, status, word):
    names = {"native": NATIVE.name, "uname": NATIVE.uname, "probe": probe}
    words = [text.format(**names) for text in words]
    command = ["create", "--version", "1.0", "-o", tmp_path / "out"]
    command += [] if "--program" in words else ["--program", "probe"]
    result = pack(*command, *words)
    assert result.status in ((1, 2) if status is None else (status,))
    refused(result, result.status, word.format(**names))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("words", [["surprise"], ["--surprise"], [], ["list"], ["verify"], ["extract", "x"],
                                   ["attach", "x", "y"], ["select", "--host", "linux/amd64"],
                                   ["select", "--host", "nonsense!", "--offer", "linux/amd64"],
                                   ["select", "--host", "linux/amd64", "--offer", "a b"], ["create"],
                                   ["create", "--program", "x", "--version", "1", "linux/amd64=/bin/true"]])
def test_wrong_usage_is_status_2(words, tmp_path):
    refused(pack(*words, cwd=tmp_path), 2)


@pytest.mark.parametrize("command", ["list", "verify", "extract"])
def test_damaged_bundles(tmp_path, packed, command):
    data = packed.read_bytes()
    rest = [NATIVE.name, "-o", tmp_path / "out"] if command == "extract" else []
    flipped = bytearray(data)
    flipped[600] ^= 1
    cases = {b"": 1, data[:700]: 1, bytes(flipped): 1, b"x" * 5000: 1}
    if command != "list":
        broken = bytearray(data)
        broken[len(data.rstrip(b"\0")) - 1000] ^= 1
        cases[bytes(broken)] = 1
    for damaged, status in cases.items():
        packed.write_bytes(damaged)
        refused(pack(command, packed, *rest), status, "PZX-10")
        assert not (tmp_path / "out").exists()
    packed.unlink()
    refused(pack(command, packed, *rest), 1, packed)


def test_verify_sees_what_the_launcher_does_not_need(tmp_path, probe):
    """A damaged share, a damaged slice for another machine, a tar that lies."""
    bundle = tmp_path / "bundle"
    good = bundles.make_bundle({NATIVE.name: probe.read_bytes(), OTHER.name: OTHER.launcher.read_bytes()},
                               shares={"x": b"share!" * 100})
    for place in (good.index(b"share!share!") + 20, good.index(b"share/x")):
        damaged = bytearray(good)
        damaged[place] ^= 1
        bundle.write_bytes(damaged)
        result = pack("verify", bundle)
        assert result.status == 1 and "what to do" in result.err, place
    lie = {NATIVE.name: probe.read_bytes(), OTHER.name: bundles.Slice(OTHER.launcher.read_bytes(), sha256="0" * 64)}
    bundle.write_bytes(bundles.make_bundle(lie))
    result = pack("verify", bundle)
    assert result.status == 1 and OTHER.name in result.err
    bundle.write_bytes(bundles.make_bundle({OTHER.name: probe.read_bytes()}))
    result = pack("verify", bundle)
    assert result.status == 1 and "PZX-108" in result.err


def test_extract_of_what_is_not_there(tmp_path, packed):
    refused(pack("extract", packed, "linux/mips64le", "-o", tmp_path / "out"), 1, NATIVE.name)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("output", ["/nonexistent/x", "/dev/null", "{}"])
def test_output_that_cannot_be(tmp_path, probe, output):
    refused(create(output.format(tmp_path), "--level", "1", f"{NATIVE.name}={probe}"), 1, output.format(tmp_path))


def test_output_keeps_its_temporary_to_itself(tmp_path, probe, packed):
    """A full disk, here a file size limit, leaves the old bundle and nothing else."""
    before = packed.read_bytes()
    result = create(packed, "--level", "1", f"{NATIVE.name}={probe}",
                    preexec_fn=support.limited(resource.RLIMIT_FSIZE, 10_000))
    refused(result, 1, packed)
    assert packed.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [packed.name]


# host, offer → what fits, best first (containerd's order).
SELECT = [
    ("linux/amd64", "linux/amd64", "linux/amd64"),
    ("linux/amd64", "linux/arm64,linux/amd64", "linux/amd64"),
    ("linux/amd64", "linux/arm64", ""),
    ("linux/amd64/v3", "linux/amd64,linux/amd64/v2,linux/amd64/v3,linux/amd64/v4",
     "linux/amd64/v3,linux/amd64/v2,linux/amd64"),
    ("linux/amd64", "linux/386,linux/amd64", "linux/amd64,linux/386"),
    ("linux/arm64", "linux/arm/v7,linux/arm64,linux/arm/v6", "linux/arm64,linux/arm/v7,linux/arm/v6"),
    ("linux/arm64/v9", "linux/arm64,linux/arm64/v8.5,linux/arm64/v9", "linux/arm64/v9,linux/arm64/v8.5,linux/arm64"),
    ("linux/arm64/v8.2", "linux/arm64/v8.4,linux/arm64/v8.1,linux/arm64", "linux/arm64/v8.1,linux/arm64"),
    ("linux/arm/v7", "linux/arm/v5,linux/arm/v6,linux/arm/v7,linux/arm64", "linux/arm/v7,linux/arm/v6,linux/arm/v5"),
    ("linux/arm/v6", "linux/arm/v7,linux/arm/v6", "linux/arm/v6"),
    ("x86_64", "x86-64,AMD64,linux/amd64/v1", "linux/amd64"),
    ("aarch64", "arm64/v8,linux/aarch64", "linux/arm64"),
    ("armhf", "armel,armhf", "linux/arm/v7,linux/arm/v6"),
    ("linux/riscv64", "linux/riscv64,linux/amd64", "linux/riscv64"),
    ("linux/ppc64le", "linux/ppc64,linux/ppc64le", "linux/ppc64le"),
    ("linux/s390x", "linux/s390,linux/s390x", "linux/s390x"),
    ("windows/amd64", "linux/amd64", ""),
]


@pytest.mark.parametrize("host, offer, fits", SELECT)
def test_select(host, offer, fits):
    result = pack("select", "--host", host, "--offer", offer)
    assert result.out.split() == [word for word in fits.split(",") if word]
    assert (result.status, result.err) == (0 if fits else 1, "")


def test_help_and_version():
    for words in (["--help"], ["create", "--help"], ["--version"]):
        result = pack(*words).expect()
        assert result.out and not result.err
    assert all(command in pack("--help").out for command in ("create", "list", "verify", "extract", "attach", "select"))


def test_korean():
    result = pack("surprise", env={"LANG": "ko_KR.UTF-8"})
    assert result.status == 2 and "해결 방법" in result.err
