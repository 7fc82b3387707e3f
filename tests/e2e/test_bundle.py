# SPDX-License-Identifier: Apache-2.0
"""Finding the bundle, and trusting nothing in it. The bundles are written by bundles.py, which
shares no code with the launcher or pixelzx-pack."""

import os
import random
import resource
import shutil

import bundles
import pytest
import support
from bundles import Slice, make_bundle, zstd
from support import FOREIGN, NATIVE, Installation


def started(result, source=None):
    """The probe has run."""
    assert result.expect().report["argv"]
    assert source is None or result.trace["source"] == source
    return result


def mark(probe, word):
    """The probe with a word at its end, to tell copies apart by their digest."""
    return probe.read_bytes() + word.encode()


def digest_started(result):
    return started(result).report and bytes.fromhex(result.report["exe"]).decode().split("/")[-2]


# ---- where it is looked for ----


@support.provokes(102)
def test_order_of_places(tmp_path, probe):
    """Each place in turn wins over those after it."""
    launcher = tmp_path / "a/b/bin/pixelzx"
    launcher.parent.mkdir(parents=True)
    programs = {word: mark(probe, word) for word in ("variable", "attached", "beside", "lib", "above")}
    files = {word: make_bundle({NATIVE.name: data}) for word, data in programs.items()}
    launcher.write_bytes(bundles.attach(NATIVE.launcher.read_bytes(), files["attached"]))
    launcher.chmod(0o755)
    places = {"variable": tmp_path / "any name", "beside": launcher.parent / "pixelzx.bundle",
              "lib": tmp_path / "a/b/lib/pixelzx/pixelzx.bundle", "above": tmp_path / "a/pixelzx.bundle"}
    for word, path in places.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[word])

    def winner(**variables):
        result = support.run([launcher], {"PIXELZX_CACHE": str(tmp_path / "cache"), **variables})
        digest = digest_started(result)
        return next(word for word, data in programs.items() if bundles.sha256(data) == digest)

    assert winner(PIXELZX_BUNDLE=str(places["variable"])) == "variable"
    assert winner(PIXELZX_BUNDLE="") == "attached"
    launcher.write_bytes(NATIVE.launcher.read_bytes())
    for word in ("beside", "lib", "above"):
        assert winner() == word
        places[word].unlink()
    result = support.run([launcher], {"PIXELZX_CACHE": str(tmp_path / "cache")})
    result.refused(102, "pixelzx.bundle", status=127)


@pytest.mark.parametrize("how", ["absolute link", "relative link", "link to a link", "PATH", "renamed", "relative"])
def test_beside_its_real_path(launched_probe, tmp_path, how):
    """However it is called, the bundle is beside the file itself."""
    other = tmp_path / "other"
    other.mkdir()
    link = other / "anything"
    command, options = [link], {}
    if how == "absolute link":
        link.symlink_to(launched_probe.launcher)
    elif how == "relative link":
        link.symlink_to("../pixelzx")
    elif how == "link to a link":
        (other / "between").symlink_to(launched_probe.launcher)
        link.symlink_to("between")
    elif how == "PATH":
        link.symlink_to(launched_probe.launcher)
        command = ["sh", "-c", f"PATH={other}:$PATH; anything"]
    elif how == "renamed":
        command = [launched_probe.launcher.rename(tmp_path / "renamed")]
    elif how == "relative":
        command, options = ["./pixelzx"], {"cwd": tmp_path}
    started(support.run(command, {"PIXELZX_CACHE": str(launched_probe.cache)}, **options))


@pytest.mark.parametrize("value, code, status", [("{}/none", 102, 127), ("{}/folder", 103, 126),
                                                 ("{}/file/x", 102, 127), ("{}/empty", 103, 126),
                                                 ("{}/text", 103, 126), ("/dev/null", 103, 126),
                                                 ("{}/" + "x" * 5000, 304, 126), ("{}/elf", 103, 126)])
def test_variable_that_leads_to_no_bundle(launched_probe, tmp_path, value, code, status):
    """What the operator has named is not silently replaced by the bundle beside."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("<!DOCTYPE html>\n" * 100)
    shutil.copy(NATIVE.launcher, tmp_path / "elf")
    (tmp_path / "file").touch()
    variable = value.format(tmp_path)
    launched_probe.run(env={"PIXELZX_BUNDLE": variable}).refused(code, variable[:100], status=status)


@support.provokes(103)
def test_fifo_in_place_of_the_bundle(launched_probe):
    """Opening one waits for a writer, and nobody would know what for."""
    launched_probe.bundle.unlink()
    os.mkfifo(launched_probe.bundle)
    launched_probe.run(timeout=60).refused(103)


@support.provokes(304)
@support.needs_root
def test_unreadable_bundle(open_path, probe_bundle):
    installation = Installation(open_path, probe_bundle)
    installation.bundle.chmod(0o600)
    installation.run(world=support.as_user(65534)).refused(304, "Permission denied", str(installation.bundle))


@support.needs_root
def test_set_uid_refuses_the_bundle_of_another_user(open_path, probe_bundle):
    """A set-uid launcher that somebody linked to beside a bundle of his own."""
    installation = Installation(open_path, probe_bundle)
    installation.launcher.chmod(0o4755)
    os.chown(installation.bundle, 65534, 65534)
    result = installation.run(world=support.as_user(65534))
    if result.status == 0 and bytes.fromhex(result.report["status"]["Uid"]).split()[1] != b"0":
        pytest.skip("the folder for temporary files is mounted nosuid")
    result.refused(304, "set-uid")


@support.needs_root
def test_set_uid_ignores_the_variables(open_path, probe, probe_bundle):
    """With AT_SECURE set, the caller's environment must not choose what runs with other rights."""
    installation = Installation(open_path, probe_bundle)
    evil = open_path / "evil"
    evil.write_bytes(make_bundle({NATIVE.name: mark(probe, "evil")}))
    installation.launcher.chmod(0o4755)
    home = open_path / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    variables = {"PIXELZX_BUNDLE": str(evil), "PIXELZX_PLATFORM": "nonsense", "PIXELZX_CACHE": str(home / "a"),
                 "HOME": str(home), "XDG_CACHE_HOME": str(home / "b"), "CACHE_DIRECTORY": str(home / "c")}
    result = started(installation.run(world=[*support.hiding("/var/cache"), *support.as_user(65534)], env=variables))
    if bytes.fromhex(result.report["status"]["Uid"]).split()[1] != b"0":
        pytest.skip("the folder for temporary files is mounted nosuid")
    assert result.err == ""  # no trace
    assert bytes.fromhex(result.report["exe"]).startswith(b"/memfd:")
    assert list(home.iterdir()) == []


# ---- attached and installed ----


@pytest.mark.parametrize("stripped", [0, 1, 511])
def test_attached(tmp_path, probe_bundle, stripped):
    installation = Installation(tmp_path)
    data = NATIVE.launcher.read_bytes() + b"x" * stripped  # wherever the ELF image ends
    installation.launcher.write_bytes(bundles.attach(data, probe_bundle))
    started(installation.run(), "unpacked")
    started(installation.run(), "cache")
    started(installation.run(env={"PIXELZX_CACHE": "off"}), "memfd")


def test_variable_may_name_a_launcher_with_a_bundle(tmp_path, probe_bundle):
    installation = Installation(tmp_path)
    other = tmp_path / "other"
    other.write_bytes(bundles.attach(NATIVE.launcher.read_bytes(), probe_bundle))
    started(installation.run(env={"PIXELZX_BUNDLE": str(other)}), "unpacked")


@pytest.mark.parametrize("offset", [0, 1, 2**32, 2**63, 2**64 - 1])
def test_attached_with_a_wrong_trailer(tmp_path, offset):
    installation = Installation(tmp_path)
    data = NATIVE.launcher.read_bytes() + b"PZXBNDL1" + offset.to_bytes(8, "little")
    installation.launcher.write_bytes(data)
    result = installation.run()
    assert (result.status, result.out) in ((126, ""), (127, "")) and "PZX-10" in result.err


def test_installed(tmp_path, probe, probe_bundle):
    """The index alone, its program beside it: executed in place."""
    installation = Installation(tmp_path)
    program = bundles.install(probe_bundle, tmp_path, "probe", probe.read_bytes())
    result = started(installation.run(), "installed")
    assert bytes.fromhex(result.report["comm"]) == b"probe"
    assert bytes.fromhex(result.report["exe"]) == os.fsencode(program)
    assert not installation.cache.exists()


@pytest.mark.skipif(NATIVE.name != "linux/amd64", reason="of amd64's levels")
def test_a_lower_level_is_installed_instead(tmp_path, probe):
    program = probe.read_bytes()
    bundle = bundles.make_bundle({"linux/amd64": program, "linux/amd64/v2": program + b"\0"})
    installation = Installation(tmp_path)
    bundles.install(bundle, tmp_path, "probe", program)
    assert started(installation.run(), "installed").trace["slice"] == "linux/amd64"


@support.provokes(111)
@pytest.mark.parametrize("wrong", ["missing", "size", "mode", "link", "owner"])
def test_installed_program_that_is_not_safe(tmp_path, probe, probe_bundle, wrong):
    installation = Installation(tmp_path)
    program = bundles.install(probe_bundle, tmp_path, "probe", probe.read_bytes())
    if wrong == "missing":
        program.unlink()
    elif wrong == "size":
        program.write_bytes(program.read_bytes() + b"x")
    elif wrong == "mode":
        program.chmod(0o777)
    elif wrong == "link":
        program.rename(tmp_path / "elsewhere")
        program.symlink_to(tmp_path / "elsewhere")
    elif wrong == "owner":
        if os.geteuid() != 0:
            pytest.skip("needs root")
        os.chown(program, 65534, 65534)
    installation.run().refused(111, NATIVE.name)


# ---- damage ----


@support.provokes(103, 106)
def test_truncated_anywhere(launched_probe, probe_bundle):
    """From an empty file to one byte short of the last slice's end."""
    end = probe_bundle.rstrip(b"\0")
    sizes = [0, 1, 100, 511, 512, 513, 600, 1023, 1024, 1535, 1536, 1537, len(end) - 5, len(end) - 1]
    sizes += random.Random(1).sample(range(2000, len(end)), 50 if support.FULL else 10)
    for size in sizes:
        launched_probe.bundle.write_bytes(probe_bundle[:size])
        launched_probe.run().refused(103 if size < 512 else 106)
        assert not launched_probe.entries() and not launched_probe.leftovers(), size
    launched_probe.bundle.write_bytes(end)  # what ends a tar is not needed
    started(launched_probe.run())


def test_every_byte_of_the_index(launched_probe, probe_bundle):
    """No flipped bit in the index, or in the tar header before it, starts anything."""
    size = 512 + len(bundles.index_of(probe_bundle))
    step = 1 if support.FULL else 3
    survived = []
    for at in range(0, size, step):
        data = bytearray(probe_bundle)
        data[at] ^= 1 << at % 8
        launched_probe.bundle.write_bytes(data)
        result = launched_probe.run()
        if result.status == 0:
            survived.append(at)
            shutil.rmtree(launched_probe.cache)
            continue
        assert (result.status, result.out) == (126, "") and "PZX-10" in result.err, (at, result.err)
        assert not launched_probe.entries()
    # What ends the digits of the tar header's checksum means nothing, and writers differ.
    assert set(survived) <= {154, 155}


@support.provokes(105)
def test_damaged_frame(launched_probe, probe_bundle):
    """Wherever a frame is damaged: nothing is started, nothing stays in the cache."""
    begin = 512 + bundles.rounded(len(bundles.index_of(probe_bundle))) + 512
    end = len(probe_bundle.rstrip(b"\0"))
    places = [*range(begin, begin + 40), *range(end - 5, end)]
    places += random.Random(2).sample(range(begin + 40, end - 5), 100 if support.FULL else 20)
    for at in places:
        data = bytearray(probe_bundle)
        data[at] ^= 1 << at % 8
        launched_probe.bundle.write_bytes(data)
        for cache in (str(launched_probe.cache), "off"):
            result = launched_probe.run(env={"PIXELZX_CACHE": cache})
            if result.status == 0:
                # zstd's header has a bit without a meaning; what comes out is checked all the same.
                assert result.report["argv"]
                shutil.rmtree(launched_probe.cache, ignore_errors=True)
                continue
            result.refused(105, NATIVE.name)
            assert not launched_probe.entries() and not launched_probe.leftovers(), at


def lying(probe, **lies):
    data = probe.read_bytes()
    return {NATIVE.name: Slice(data, **lies)}


LIES = {
    "digest": lambda p: lying(p, sha256="0" * 64),
    "size too small": lambda p: lying(p, size=len(p.read_bytes()) - 1),
    "size too large": lambda p: lying(p, size=len(p.read_bytes()) + 1),
    "size huge": lambda p: lying(p, size=1 << 30),
    "packed too small": lambda p: lying(p, packed=len(zstd(p.read_bytes(), "-3")) - 1),
    "packed too large": lambda p: lying(p, frame=zstd(p.read_bytes()) + b"\0" * 100),
    "two frames": lambda p: lying(p, frame=zstd(p.read_bytes()[:5000]) + zstd(p.read_bytes()[5000:])),
    "not a frame": lambda p: lying(p, frame=p.read_bytes()[:10000]),
    "window of 128 MiB": lambda p: {NATIVE.name: Slice(p.read_bytes() + bytes(1 << 25),
                                                       frame=zstd(p.read_bytes() + bytes(1 << 25), "--long=27"))},
    "bomb": lambda p: {NATIVE.name: Slice(p.read_bytes(), frame=zstd(p.read_bytes() + bytes(1 << 26), "-3"))},
}


@support.provokes(105)
@pytest.mark.parametrize("lie", LIES)
def test_slice_that_is_not_what_the_index_says(launched_probe, probe, lie):
    launched_probe.bundle.write_bytes(make_bundle(LIES[lie](probe)))
    for cache in (str(launched_probe.cache), "off"):
        launched_probe.run(env={"PIXELZX_CACHE": cache}).refused(105, NATIVE.name)
        assert not launched_probe.entries() and not launched_probe.leftovers()


def replaced(old, new):
    def rewrite(text):
        assert old in text, text
        return text.replace(old, new, 1)
    return rewrite


WRONG_INDEXES = {
    "no program": replaced("program probe 1.0\n", ""),
    "program twice": replaced("program probe 1.0\n", "program probe 1.0\nprogram probe 1.0\n"),
    "path as program": replaced("program probe", "program ../probe"),
    "hidden program": replaced("program probe", "program .probe"),
    "unknown line": replaced("program probe 1.0\n", "program probe 1.0\nsurprise\n"),
    "empty line": replaced("program probe 1.0\n", "program probe 1.0\n\n"),
    "unknown option": replaced("program probe 1.0\n", "program probe 1.0\noption surprise\n"),
    "unknown word": replaced(" sha256=", " surprise=1 sha256="),
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "not a platform": replaced("slice linux/", "slice linux"),
    "another system": replaced("slice linux/", "slice windows/"),
    "platform not normal": replaced(f"slice {NATIVE.name}", "slice linux/x86_64"),
    "negative offset": replaced("offset=", "offset=-"),
    "hexadecimal": replaced("offset=", "offset=0x"),
    "leading zero": replaced("offset=", "offset=0"),
    "offset beyond 64 bits": replaced("offset=", "offset=99999999999999999999"),
    "offset inside the index": lambda text: text.replace(text[text.index("offset="):].split(" ")[0], "offset=512", 1),
    "offset 0": lambda text: text.replace(text[text.index("offset="):].split(" ")[0], "offset=0", 1),
    "nothing packed": lambda text: text.replace(text[text.index("packed="):].split(" ")[0], "packed=0", 1),
    "size 0": lambda text: text.replace(text[text.index(" size="):].split(" ")[1], "size=0", 1),
    "size over 1 GiB": lambda text: text.replace(text[text.index(" size="):].split(" ")[1], "size=1073741825", 1),
    "digest in capitals": lambda text: text[:text.index("sha256=") + 7] + text[text.index("sha256=") + 7:].upper(),
    "short digest": lambda text: text[:-2] + "\n",
    "prefix of nothing": lambda text: text[:-1] + " prefix=linux/riscv64\n",
    "prefix of itself": lambda text: text[:-1] + f" prefix={NATIVE.name}\n",
    "slice twice": lambda text: text + text.splitlines(True)[-1],
    "no slice": lambda text: "".join(text.splitlines(True)[:2]),
    "too many slices": lambda text: text + "".join(
        f"slice linux/arm/v{i} offset={2048 + i * 512} packed=1 size=1 sha256={'0' * 64}\n" for i in range(10, 300)),
    "share outside": lambda text: text + f"share ../x offset=1073741824 size=1 sha256={'0' * 64}\n",
    "overlap": lambda text: text + "share x " + text[text.index("offset="):].split(" ")[0] +
    f" size=1 sha256={'0' * 64}\n",
    "no line": lambda text: "",
}


@pytest.mark.parametrize("wrong", WRONG_INDEXES)
def test_wrong_index_with_a_right_digest(launched_probe, probe, wrong):
    launched_probe.bundle.write_bytes(make_bundle({NATIVE.name: probe.read_bytes()}, rewrite=WRONG_INDEXES[wrong]))
    result = launched_probe.run()
    assert (result.status, result.out) == (126, ""), result.err
    first_line_is_gone = wrong in ("no line", "carriage returns")
    assert ("PZX-103" if first_line_is_gone else "PZX-104") in result.err, result.err


@support.provokes(106)
def test_slice_beyond_the_end(launched_probe, probe):
    far = lambda text: text + f"slice linux/arm/v6 offset=1073741824 packed=1 size=1 sha256={'0' * 64}\n"
    launched_probe.bundle.write_bytes(make_bundle({NATIVE.name: probe.read_bytes()}, rewrite=far))
    launched_probe.run().refused(106)


@support.provokes(107)
@pytest.mark.parametrize("number", ["2", "10", "4294967297"])
def test_newer_format(launched_probe, probe, number):
    """Also when everything else has another form, and the index is alone."""
    launched_probe.bundle.write_bytes(make_bundle({NATIVE.name: probe.read_bytes()},
                                                  rewrite=replaced("bundle 1\n", f"bundle {number}\nnew things\n")))
    launched_probe.run().refused(107, f"format {number}")
    launched_probe.bundle.write_bytes(f"pixelzx-bundle {number}\nnew things\n".encode())
    launched_probe.run().refused(107)


# ---- what is in it ----


@support.provokes(101)
def test_bundle_without_a_fit(tmp_path, probe):
    slices = {p.name: Slice(probe.read_bytes()) for p in FOREIGN[:2]}
    result = Installation(tmp_path, make_bundle(slices)).run().refused(101, *slices)
    assert NATIVE.name in result.err  # this machine, and what would help


@support.provokes(108)
def test_slice_that_contradicts_its_label(tmp_path, probe):
    """The very bug that started this project: a program packed under another platform's name."""
    foreign = FOREIGN[0].launcher.read_bytes()
    installation = Installation(tmp_path, make_bundle({NATIVE.name: foreign}))
    installation.run().refused(108, NATIVE.name, FOREIGN[0].name)
    installation.run(env={"PIXELZX_CACHE": "off"}).refused(108)
    assert not installation.entries() and not installation.leftovers()


@pytest.mark.parametrize("data", [b"#!/bin/sh\necho no\n" * 10, b"x" * 100, b"\x7fELF" + b"x" * 100],
                         ids=["script", "text", "broken ELF"])
def test_slice_that_is_no_program(tmp_path, data):
    installation = Installation(tmp_path, make_bundle({NATIVE.name: data}))
    installation.run().refused(108)
    assert not installation.entries()


@support.provokes(110)
@pytest.mark.parametrize("value", ["nonsense", "linux/", "/", "linux/amd64/v1/x", "a" * 100, "windows-11", "arm/v7",
                                   "linux/x y", "\x1b[31m"])
def test_variable_that_is_no_platform(launched_probe, value):
    result = launched_probe.run(env={"PIXELZX_PLATFORM": value}).refused(110, "PIXELZX_PLATFORM", "auto")
    assert "\x1b" not in result.err


@support.provokes(109)
@pytest.mark.parametrize("value", ["linux/mips64le", "windows/amd64", "linux/riscv64/v9", "linux/386"])
def test_variable_for_a_platform_that_is_not_there(launched_probe, value):
    """Old compose files set it everywhere: the message names the variable."""
    launched_probe.run(env={"PIXELZX_PLATFORM": value}).refused(109, f"PIXELZX_PLATFORM={value}", "unset")


@support.needs_mounts
def test_variable_for_a_platform_that_cannot_run(tmp_path):
    """It is in the bundle, but this kernel runs no such program and no emulator is registered."""
    installation = Installation(tmp_path, support.BUNDLE)
    for platform in FOREIGN:
        if NATIVE.name == "linux/arm64" and platform.name == "linux/arm/v7":
            continue
        result = installation.run("version", world=support.without_handlers(), env={"PIXELZX_PLATFORM": platform.name})
        result.refused(109, f"PIXELZX_PLATFORM={platform.name}")


@pytest.mark.parametrize("value", ["", "auto", NATIVE.name, NATIVE.uname, NATIVE.name.upper()])
def test_variable_that_is_fine(launched_probe, value):
    started(launched_probe.run(env={"PIXELZX_PLATFORM": value}))


@pytest.mark.skipif(NATIVE.name != "linux/amd64", reason="only amd64 has levels to insist on here")
def test_levels(tmp_path, probe):
    """The best level that the CPU has is taken; a lower one can be insisted on."""
    slices = {level: mark(probe, level) for level in ("linux/amd64", "linux/amd64/v2", "linux/amd64/v3")}
    installation = Installation(tmp_path, make_bundle(slices))
    trace = started(installation.run()).trace
    have = trace["host"]
    assert have.startswith("linux/amd64")
    assert trace["slice"] == (have if have in slices else "linux/amd64/v3")
    for level in slices:
        if level <= have:
            result = started(installation.run(env={"PIXELZX_PLATFORM": level}))
            assert result.trace["slice"] == level and digest_started(result) == bundles.sha256(slices[level])


@pytest.mark.skipif(NATIVE.name != "linux/amd64", reason="only CPUs of amd64 can be had here through an emulator")
@pytest.mark.parametrize("cpu, level", [("qemu64", "linux/amd64"), ("core2duo", "linux/amd64"),
                                        ("Nehalem", "linux/amd64/v2"), ("SandyBridge", "linux/amd64/v2"),
                                        ("Haswell", "linux/amd64/v3")])
def test_level_of_the_cpu(tmp_path, probe, cpu, level):
    """An emulator of this very architecture looks native, and its CPU counts."""
    slices = {name: mark(probe, name) for name in
              ("linux/amd64", "linux/amd64/v2", "linux/amd64/v3", "linux/amd64/v4")}
    installation = Installation(tmp_path, make_bundle(slices))
    emulator = ["qemu-x86_64-static", "-cpu", cpu]
    trace = started(installation.run(world=emulator)).trace
    assert (trace["host"], trace["slice"]) == (level, level)
    result = installation.run(world=emulator, env={"PIXELZX_PLATFORM": "linux/amd64/v4"})
    result.refused(109, "PIXELZX_PLATFORM=linux/amd64/v4", level)
    above = {name: data for name, data in slices.items() if name > level}
    installation.bundle.write_bytes(make_bundle(above))
    installation.run(world=emulator).refused(101, *above)


def test_prefix(launched_probe, probe, tmp_path):
    """A frame that was compressed against another slice, here one for a machine that is not this."""
    like = next((p for p in FOREIGN if p.elf[:2] == NATIVE.elf[:2]), None)
    if like is None:
        pytest.skip("no other platform has ELF files of this width and byte order")
    base = bytearray(probe.read_bytes())
    base[18:20] = like.elf[2].to_bytes(2, "little")
    base = bytes(base)
    data = mark(probe, "variation")
    (tmp_path / "base").write_bytes(base)
    frame = zstd(data, "-19", f"--patch-from={tmp_path / 'base'}")
    assert len(frame) < 10_000  # it does lean on the prefix
    foreign = like.name
    slices = {foreign: Slice(base), NATIVE.name: Slice(data, frame=frame, prefix=foreign)}
    launched_probe.bundle.write_bytes(make_bundle(slices))
    assert digest_started(launched_probe.run()) == bundles.sha256(data)
    launched_probe.bundle.write_bytes(make_bundle({foreign: Slice(base + b"x"), NATIVE.name: slices[NATIVE.name]}))
    shutil.rmtree(launched_probe.cache)
    launched_probe.run().refused(105)


def test_shares_and_options_do_not_disturb(launched_probe, probe):
    bundle = make_bundle({NATIVE.name: probe.read_bytes()}, options=("own-name", "doctor"),
                         shares={"genesis.json": b"{}", "empty": b"", "a/b": b"x" * 1000})
    launched_probe.bundle.write_bytes(bundle)
    started(launched_probe.run())


@pytest.mark.parametrize("locale, word", [({"LANG": "ko_KR.UTF-8"}, "번들"), ({"LC_ALL": "ko"}, "번들"),
                                          ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "what to do"),
                                          ({"LANG": "kok_IN"}, "what to do"), ({}, "what to do")])
def test_language(tmp_path, locale, word):
    result = Installation(tmp_path).run(env=locale)
    assert result.status == 127 and word in result.err and "PZX-102" in result.err


@support.provokes(303)
def test_argument_list_too_long(launched_probe):
    """What the kernel just took for the launcher is too much with two variables more."""

    def run(size):
        words = ["x" * 1000] * (size // 1001) + ["y" * (size % 1001)]
        try:
            return launched_probe.run(*words, preexec_fn=support.limited(resource.RLIMIT_STACK, 1 << 20))
        except OSError:
            return None  # not even the launcher starts

    fits, too_long = 0, 1 << 19
    while fits + 1 < too_long:
        size = (fits + too_long) // 2
        result = run(size)
        if result is None:
            too_long = size
        elif result.status == 0:
            fits = size
        else:
            result.refused(303)
            return
    pytest.fail("no size was refused by the launcher")
