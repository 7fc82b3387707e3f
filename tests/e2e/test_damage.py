# SPDX-License-Identifier: Apache-2.0
"""Bundles that are damaged or hostile, given to the launcher itself. Whatever is in them: no crash, no hang,
no more memory than format 1 allows, and no program but the one whose SHA-256 the index has. The probe writes a
file when it runs. tests/unit/damage_test.cc does more of this, in one process."""

import random
import re
import shutil

import bundles
import pytest
import support
from bundles import Slice, index_of, make_bundle, zstd
from support import FOREIGN, NATIVE, Installation

CHANGES = 3000 if support.FULL else 300
MIB = 1 << 20
# zstd's window, and what launcher and decoder need beside it.
MOST_KIB = (8 + 3) << 10


class Victim:
    """A launcher to feed with bundles; `ran`: the file that a program makes which has run."""

    def __init__(self, folder, faults):
        self.installation = Installation(folder)
        self.ran = folder / "ran"
        self.peak = folder / "peak"
        self.front = [faults, "peak", self.peak]

    def launch(self, cache):
        env = {"PIXELZX_TRACE": None, "PROBE_OUTPUT": str(self.ran)}
        env |= {} if cache == "cache" else {"PIXELZX_CACHE": "off"}
        self.peak.unlink(missing_ok=True)
        return self.installation.run(world=self.front, env=env)

    def refuses(self, bundle, *codes, what=None, most=MOST_KIB):
        """Neither cached nor from memory does anything of the bundle start."""
        if bundle is not None:
            self.installation.bundle.write_bytes(bundle)
        for cache in ("cache", "off"):
            result = self.launch(cache)
            assert (result.status, result.out) == (126, ""), (what, result)
            assert any(f"[PZX-{code}]" in result.err for code in codes), (what, result.err)
            assert not self.ran.exists(), what
            assert int(self.peak.read_text()) <= most, what
            assert not self.installation.entries() and not self.installation.leftovers(), what


@pytest.fixture
def victim(tmp_path, faults):
    return Victim(tmp_path, faults)


def like_native():
    """Another platform whose ELF files differ in e_machine alone."""
    return next(p for p in FOREIGN if p.elf[:2] == NATIVE.elf[:2])


@pytest.fixture
def packed(tmp_path, small_probe):
    """A bundle as pixelzx-pack makes it, with a prefix and the branch filter."""
    other = bytearray(small_probe)
    other[18:20] = like_native().elf[2].to_bytes(2, "little")
    (tmp_path / "native").write_bytes(small_probe)
    (tmp_path / "other").write_bytes(other)
    support.run([support.PACK, "create", "-o", tmp_path / "packed", "--program", "probe", "--version", "1.0",
                 f"{NATIVE.name}={tmp_path / 'native'}", f"{like_native().name}={tmp_path / 'other'}"],
                {"SOURCE_DATE_EPOCH": "0"}, check=True)
    data = (tmp_path / "packed").read_bytes()
    assert b" code=" in index_of(data) and b" prefix=" in index_of(data)
    return data


def test_random_changes_in_slices(victim, packed, small_probe):
    """The program runs as it was, where the change is in a slice that it does not need; or nothing runs."""
    begin = 512 + bundles.rounded(len(index_of(packed)))
    end = len(packed.rstrip(b"\0"))
    digest = bundles.sha256(small_probe)
    choice = random.Random(7)
    refused = 0
    for number in range(CHANGES):
        data = bytearray(packed)
        for at in choice.sample(range(begin, end), choice.randrange(1, 5)):
            data[at] = choice.randrange(256)
        victim.installation.bundle.write_bytes(data)
        result = victim.launch(("cache", "off")[number % 2])
        assert int(victim.peak.read_text()) <= MOST_KIB
        if result.status == 126:
            refused += 1
            assert "[PZX-105]" in result.err and not victim.ran.exists(), (number, result)
            assert not victim.installation.entries() and not victim.installation.leftovers(), number
            continue
        assert result.status == 0 and victim.ran.exists(), (number, result)
        victim.ran.unlink()
        assert all(bundles.sha256(entry.read_bytes()) == digest for entry in victim.installation.entries()), number
        shutil.rmtree(victim.installation.cache, ignore_errors=True)
    assert refused > CHANGES / 2


def test_verify_sees_random_changes(tmp_path, packed, small_probe):
    """pixelzx-pack checks every slice, and all else: what it lets pass gives the programs as they were."""
    begin = 512 + bundles.rounded(len(index_of(packed)))
    end = len(packed.rstrip(b"\0"))
    choice = random.Random(8)
    bundle = tmp_path / "changed"
    seen = 0
    for _ in range(CHANGES // 3):
        data = bytearray(packed)
        data[choice.randrange(begin, end)] ^= 1 << choice.randrange(8)
        bundle.write_bytes(data)
        result = support.run([support.PACK, "verify", bundle])
        if result.status == 0:
            support.run([support.PACK, "extract", bundle, NATIVE.name, "-o", tmp_path / "program"], check=True)
            assert (tmp_path / "program").read_bytes() == small_probe
            continue
        assert result.status == 1 and "what to do" in result.err, result
        seen += 1
    assert seen > CHANGES / 3 * 0.9


# ---- swapped ----


def swapped(one, other):
    """The index with the offsets and packed sizes of two slices exchanged."""

    def rewrite(text):
        places = {}
        for platform in (one, other):
            places[platform] = re.search(f"slice {platform} (offset=.* packed=[0-9]*)", text).group(1)
        for platform, place in zip((other, one), places.values()):
            text = re.sub(f"(slice {platform}) offset=.* packed=[0-9]*", rf"\1 {place}", text)
        return text

    return rewrite


def levels():
    """Two platforms whose programs run here."""
    return ("linux/amd64", "linux/amd64/v2") if NATIVE.name == "linux/amd64" else (NATIVE.name, "linux/arm/v7")


@pytest.mark.parametrize("same_size", [True, False])
def test_swapped_slices(victim, small_probe, same_size):
    """Each is a good program of this machine, and not the one that the index promises."""
    one, other = levels()
    slices = {one: small_probe + b"one", other: small_probe + (b"two" if same_size else b"longer")}
    good = make_bundle(slices)
    bad = make_bundle(slices, rewrite=swapped(one, other))
    victim.installation.bundle.write_bytes(good)
    assert victim.launch("off").status == 0 and victim.ran.exists()
    victim.ran.unlink()
    victim.refuses(bad, 105)


def test_swapped_slices_of_other_machines(victim, small_probe):
    slices = {NATIVE.name: small_probe, FOREIGN[0].name: FOREIGN[0].launcher.read_bytes()}
    victim.refuses(make_bundle(slices, rewrite=swapped(*slices)), 105)


def test_a_slice_of_another_bundle(victim, small_probe):
    """An index of one release and the slices of another, as from two downloads."""
    old, new = (make_bundle({NATIVE.name: small_probe + word}) for word in (b"old", b"new"))
    begin = 512 + bundles.rounded(len(index_of(new)))
    victim.refuses(new[:begin] + old[begin:], 105)


# ---- hostile ----


def number(key, value):
    """Another number behind the first `key`."""
    return lambda text: re.sub(f"{key}=[^ \n]*", f"{key}={value}", text, count=1)


LINE = "slice linux/arm/v6 offset={} packed={} size={} sha256=" + "0" * 64 + "\n"
HOSTILE = {
    **{f"{key} {value}": number(key, value) for key in ("offset", "packed", " size") for value in (
        "-1", "-512", "18446744073709551104", "18446744073709551615", "18446744073709551616", "1099511627776",
        "9223372036854775808", "4294967296", "1" * 100)},
    "offset almost 1 TiB": number("offset", (1 << 40) - 512),
    "packed 1 GiB": number("packed", 1 << 30),
    "the same place twice": lambda text: text + LINE.format(
        re.search("offset=([0-9]*)", text).group(1), 512, 512),
    "overlap by a byte": lambda text: text + LINE.format(
        int(re.search("offset=([0-9]*)", text).group(1)) + 512, 512, 512),
    "same platform twice": lambda text: text + text.splitlines(True)[-1],
    "code beyond the end": lambda text: text[:-1] + " code=1073741824+1\n",
    "code that overflows": lambda text: text[:-1] + " code=18446744073709551615+18446744073709551615\n",
    "a thousand lines": lambda text: text + "option doctor\n" * 1000,
    "a long line": lambda text: text + "x" * 60000 + "\n",
    "more than 64 KiB": lambda text: text + "option doctor\n" * 5000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_index(victim, small_probe, kind):
    victim.refuses(make_bundle({NATIVE.name: small_probe}, rewrite=HOSTILE[kind]), 104, 105, 106)


def test_a_file_of_a_tebibyte(victim, small_probe):
    """Everything that the index claims is there, as holes."""
    places = lambda text: number("packed", 1 << 30)(number("offset", (1 << 40) - 512)(text))
    data = make_bundle({NATIVE.name: small_probe}, rewrite=places)
    victim.installation.bundle.write_bytes(data)
    with open(victim.installation.bundle, "r+b") as file:
        file.truncate((1 << 40) + (1 << 30))
    victim.refuses(None, 105)


def zeros(size, *options):
    return zstd(bytes(size), "-1", *options)


def based_on(base, top, **lies):
    """The native slice, compressed against one for another machine that is `base`."""
    like = like_native().name
    return {like: Slice(b"x", sha256="0" * 64, **base), NATIVE.name: Slice(top, prefix=like, **lies)}


BOMBS = {
    "more than it says": lambda probe: {NATIVE.name: Slice(probe, frame=zeros(256 * MIB))},
    "as much as it says": lambda probe: {NATIVE.name: Slice(probe, frame=zeros(256 * MIB), size=256 * MIB)},
    "says 1 GiB": lambda probe: {NATIVE.name: Slice(probe, frame=zeros(MIB), size=1 << 30)},
    "window of 128 MiB": lambda probe: {NATIVE.name: Slice(probe, frame=zeros(128 * MIB, "--long=27"),
                                                       size=128 * MIB)},
    "window of 8 MiB": lambda probe: {NATIVE.name: Slice(
        probe, frame=zstd(random.Random(1).randbytes(16 * MIB), "-1", "--long=23"), size=16 * MIB)},
    "prefix with more than it says": lambda probe: based_on({"frame": zeros(256 * MIB), "size": 4096}, probe),
    "prefix that says 8 MiB": lambda probe: based_on({"frame": zeros(256 * MIB), "size": 8 * MIB}, probe),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bomb(victim, small_probe, kind):
    """A few KiB that become hundreds of MiB. A prefix, alone, is in memory as a whole."""
    prefix = 8 << 10 if kind == "prefix that says 8 MiB" else 0
    victim.refuses(make_bundle(BOMBS[kind](small_probe)), 105, most=MOST_KIB + prefix)


def test_memory_of_a_good_launch(victim, small_probe):
    """A program of 64 MiB with the largest window."""
    program = small_probe + random.Random(2).randbytes(64 * MIB)
    victim.installation.bundle.write_bytes(make_bundle(
        {NATIVE.name: Slice(program, frame=zstd(program, "-1", "--long=23"))}))
    assert victim.launch("cache").status == 0 and victim.ran.exists()
    assert 8 << 10 < int(victim.peak.read_text()) <= MOST_KIB
