# SPDX-License-Identifier: Apache-2.0
"""The model behind docs/scale.md (tests/bench/scale.py) against a real registry: what a host of each platform pulls of
each image, in bytes on the network, and what the registry stores. The simulated roll-out against what can be said of it
without one."""

import re
import sys

import pytest
import support
from support import NATIVE, PLATFORMS, by_name

sys.path.insert(0, str(support.SOURCE / "tests/bench"))

import scale  # noqa: E402

# Go's names of the architectures; the variant of arm is asked for, too.
CHOICE = {platform.name: ["--override-os=linux", f"--override-arch={platform.name.split('/')[1]}",
                          *(["--override-variant=v7"] if platform.name == "linux/arm/v7" else [])]
          for platform in PLATFORMS}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    return scale.make_kinds(tmp_path_factory.mktemp("kinds"))


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """What an upgrade brings."""
    return scale.make_changed(tmp_path_factory.mktemp("upgrade"))


@pytest.fixture(scope="module")
def pushed(registry, kinds, tmp_path_factory):
    """A function: the name in the registry of the image of a kind."""
    names = {}

    def push(kind, folder="scale"):
        key = f"{folder}/{kind.name}:1"
        if key not in names:
            before = registry.blobs()
            names[key] = registry.push(f"oci-archive:{kind.path}", key)
            new = sum(size for digest, size in registry.blobs().items() if digest not in before)
            # Blobs that other images have are there already; this registry is the tests' own, all the same.
            assert new <= kind.stored() and set(kind.digests()) <= set(registry.blobs())
            assert sum(registry.blobs()[digest] for digest in kind.digests()) == kind.stored()
        return names[key]

    return push


def bytes_received(room):
    """What has gone over the room's loopback interface, in bytes, headers included."""
    for line in room.run("cat", "/proc/net/dev", check=True).out.splitlines():
        if line.strip().startswith("lo:"):
            return int(line.split()[1])
    raise AssertionError("the room has no loopback interface")


def assert_as_modelled(room, expected, pull):
    before = bytes_received(room)
    pull()
    counted = bytes_received(room) - before
    # Requests, headers of HTTP and TCP, acknowledgements, and the manifest asked for more than once.
    assert expected <= counted <= 1.02 * expected + (64 << 10), f"{counted} bytes where {expected} are expected"


@pytest.mark.parametrize("platform", PLATFORMS, ids=by_name)
@pytest.mark.parametrize("name", ["universal", "slim"])
def test_pull_of_each_platform(engine_room, kinds, pushed, name, platform):
    source = pushed(kinds[name])
    target = engine_room.folder / f"pulled-{name}-{platform.folder}"

    def pull():
        engine_room.run("skopeo", *CHOICE[platform.name], "copy", "--quiet", "--src-tls-verify=false",
                        f"docker://{source}", f"dir:{target}", check=True)

    assert_as_modelled(engine_room, kinds[name].pull(platform.name), pull)


@pytest.mark.parametrize("name", ["universal", "slim"])
def test_pull_by_podman(engine_room, podman, kinds, pushed, name):
    source = pushed(kinds[name])
    assert_as_modelled(engine_room, kinds[name].pull(NATIVE.name), lambda: podman.pull(source))
    before = bytes_received(engine_room)
    podman.pull(source)  # no layer again
    assert bytes_received(engine_room) - before < 64 << 10
    podman("rmi", source)


def test_upgrade(engine_room, podman, kinds, changed, pushed):
    """Of which only the program for one platform differs; this machine's, or another."""
    for name, old in kinds.items():
        before, after = pushed(old), pushed(changed[name], "upgrade")
        podman.pull(before)
        assert_as_modelled(engine_room, changed[name].pull(NATIVE.name, old.blobs[NATIVE.name]), lambda: podman.pull(after))
        podman("rmi", before, after)


def test_page(kinds, changed, tmp_path):
    """It can be written again, and tells of what is there."""
    (head, _, written) = (support.SOURCE / "docs/scale.md").read_text().partition(scale.MARK)
    assert head and written
    tables = scale.tables(tmp_path, kinds, changed)
    headings = re.compile(r"^(?:### .*|\| [^|]*\|)", re.MULTILINE)
    assert headings.findall(tables) == headings.findall(written)


def test_disk_is_what_podman_unpacks(engine_room, podman, kinds, pushed):
    for kind in kinds.values():
        source = pushed(kind)
        podman.pull(source)
        mounted = podman("image", "mount", source).out.strip()
        sizes = engine_room.run("find", mounted, "-type", "f", "-printf", "%s\n", check=True).out.split()
        assert sum(scale.whole_blocks(int(size)) for size in sizes) == kind.disk(NATIVE.name)
        podman("image", "umount", source)
        podman("rmi", source)


def test_mix():
    hosts = scale.hosts_of_mix()
    assert len(hosts) == 10_000
    assert {name: hosts.count(name) for name in scale.MIX} == {name: 100 * part for name, part in scale.MIX.items()}
    # Any hundred neighbours are the mix.
    assert {name: hosts[4000:4100].count(name) for name in scale.MIX} == scale.MIX


def test_rollout():
    """One host is as fast as its link; all at once take what the registry's link takes; those that come one after the
    other do not meet."""
    one_link = scale.GIGABIT * scale.PAYLOAD
    assert scale.rollout([one_link], 10 * scale.GIGABIT, 0) == pytest.approx([1])
    together = scale.rollout([one_link / 10] * 100, scale.GIGABIT, 0)
    assert max(together) == pytest.approx(10) and min(together) == pytest.approx(10)
    mixed = scale.rollout([one_link / 10, one_link], scale.GIGABIT, 0)
    assert mixed == pytest.approx([0.2, 1.1])
    assert scale.rollout([one_link / 10] * 10, scale.GIGABIT, 100) == pytest.approx([0.1] * 10)
