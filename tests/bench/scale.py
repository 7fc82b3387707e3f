# SPDX-License-Identifier: Apache-2.0
"""What 10,000 hosts of six platforms cost a registry, with the universal image and with the slim one.

    scale.py [--write]     prints tables; --write puts them into docs/scale.md

Sizes are those of real artefacts, which are made here of what is in dist; times of a first start are measured here.
The roll-out is a simulation: see rollout(). docs/scale.md tells how to read it, tests/e2e/test_scale.py compares the
bytes with those of a real registry.
"""

import argparse
import dataclasses
import datetime
import heapq
import io
import os
import statistics
import sys
import tarfile
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from oci import Layout  # noqa: E402
from report import table  # noqa: E402
from support import BUNDLE, DIST, NATIVE, PACK, PLATFORMS, SOURCE, image_command, listing, run  # noqa: E402

HOSTS = 10_000
# Parts of a hundred.
MIX = {"linux/amd64": 70, "linux/arm64": 20, "linux/arm/v7": 4, "linux/riscv64": 2, "linux/ppc64le": 2, "linux/s390x": 2}
GIGABIT = 1e9 / 8  # bytes a second
# Of a link, what is payload: 1448 of the 1538 bytes that a full Ethernet frame takes, with TCP's timestamps.
PAYLOAD = 1448 / 1538
BLOCK = 4096  # of a file system
STARTS = 11
MARK = "<!-- begin of what `tests/bench/scale.py --write` writes -->\n"
CHANGED = "linux/amd64"  # the one slice that an upgrade changes


# ---- what there is ----


@dataclasses.dataclass(frozen=True)
class Blob:
    digest: str
    packed: int  # bytes in the registry
    disk: int  # bytes that its files take on a host; 0 for what is no layer


class Kind:
    """An image for six platforms, as its layout has it."""

    def __init__(self, name, path):
        self.name, self.path, layout = name, path, Layout(path)
        (index,) = layout.index["manifests"]
        self.index = Blob(index["digest"], index["size"], 0)
        self.blobs = {}  # platform → all that a host of it pulls
        for image in layout.images:
            parts = [(image.descriptor, 0), (image.manifest["config"], 0),
                     *((layer, disk_size(layout.tar(layer))) for layer in image.manifest["layers"])]
            self.blobs[image.platform.removesuffix("/v8")] = [
                self.index, *(Blob(part["digest"], part["size"], disk) for part, disk in parts)]

    def pull(self, platform, known=()):
        """Bytes for a host that has the blobs `known`."""
        digests = {blob.digest for blob in known}
        return sum(blob.packed for blob in self.blobs[platform] if blob.digest not in digests)

    def digests(self):
        """All blobs, each once, and their sizes."""
        return {blob.digest: blob.packed for blobs in self.blobs.values() for blob in blobs}

    def stored(self):
        """Bytes in a registry."""
        return sum(self.digests().values())

    def disk(self, platform):
        return sum(blob.disk for blob in self.blobs[platform])


def whole_blocks(size):
    return -(-size // BLOCK) * BLOCK


def disk_size(tar):
    """What the files of a layer take on a host; folders and links are little."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        return sum(whole_blocks(member.size) for member in archive if member.isreg())


def make_kinds(folder, bundle=BUNDLE):
    """Both images of a bundle, by name."""
    kinds = {}
    for name in ("universal", "slim"):
        run(image_command(folder / f"{name}.tar", "--kind", name, "-q", bundle=bundle), check=True)
        kinds[name] = Kind(name, folder / f"{name}.tar")
    return kinds


def changed_bundle(folder):
    """The bundle with another program for CHANGED, all others as they were."""
    words = []
    for platform in PLATFORMS:
        program = folder / platform.folder
        run([PACK, "extract", BUNDLE, platform.name, "-o", program], check=True)
        if platform.name == CHANGED:
            program.write_bytes(program.read_bytes() + b"changed")
        words.append(f"{platform.name}={program}")
    output = folder / "changed.bundle"
    run([PACK, "create", "--program", "pixelzx", "--version", "1.0.0", "--doctor", "--own-name", "--reuse", BUNDLE, "-q",
         "-o", output, *words], check=True)
    return output


def make_changed(folder):
    """Both images of changed_bundle()."""
    folder = folder / "changed"
    folder.mkdir()
    return make_kinds(folder, changed_bundle(folder))


def tarball_size(folder):
    run([SOURCE / "packaging/tarball.sh", folder], {"PIXELZX_DIST": str(DIST), "PIXELZX_PACK": str(PACK)}, check=True)
    return {path.suffix: path.stat().st_size for path in folder.glob("pixelzx-*.tar.*")}


def first_starts(folder, slim):
    """Milliseconds until the program runs, on this machine, each the median of STARTS: what the launcher's trace
    says."""
    launcher = NATIVE.launcher
    times = {"universal, first start": [], "universal, in the cache": [], "slim": []}
    root = folder / "root"
    for tar in Layout(slim.path).image(NATIVE.name).tars():
        with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
            members = [member for member in archive if member.name.strip("/").startswith("opt") and not member.issym()]
            archive.extractall(root, members)
    installed = root / "opt/pixelzx/launcher" / NATIVE.folder / "pixelzx"
    for i in range(STARTS):
        for name, program, cache, source in (("universal, first start", launcher, i, "unpacked"),
                                             ("universal, in the cache", launcher, i, "cache"),
                                             ("slim", installed, "none", "installed")):
            environment = {"PIXELZX_TRACE": "json", "PIXELZX_CACHE": str(folder / f"cache{cache}")}
            if program is launcher:
                environment["PIXELZX_BUNDLE"] = str(BUNDLE)
            trace = run([program, "version", "--short"], environment, check=True).trace
            assert trace["source"] == source, trace
            times[name].append(trace["us"]["total"] / 1000)
    return {name: statistics.median(values) for name, values in times.items()}


# ---- the roll-out, simulated ----


def hosts_of_mix(count=HOSTS):
    """A platform for each host; neighbours differ, as in a fleet that is not sorted."""
    left = {platform: count * part // 100 for platform, part in MIX.items()}
    assert sum(left.values()) == count
    hosts = []
    while len(hosts) < count:
        platform = max(left, key=lambda name: (left[name] / MIX[name], name))
        left[platform] -= 1
        hosts.append(platform)
    return hosts


def rollout(sizes, link, window, host_link=GIGABIT):
    """Seconds from each host's first request until it has everything, in order of their ends.

    Fluid model: hosts ask evenly over `window` seconds; the registry's link (bytes a second) is shared equally by all
    who are pulling, and nobody gets more than its own link. All get the same rate at any time, so what one has received
    is the same sum for all, counted from when it began."""
    capacity, most = link * PAYLOAD, host_link * PAYLOAD
    arrivals = [window * i / len(sizes) for i in range(len(sizes))]
    now, received, active, done, next_host = 0.0, 0.0, [], [], 0
    while next_host < len(sizes) or active:
        rate = min(most, capacity / len(active)) if active else 0.0
        finish = now + (active[0][0] - received) / rate if active else float("inf")
        arrival = arrivals[next_host] if next_host < len(sizes) else float("inf")
        received += rate * (min(finish, arrival) - now)
        if arrival <= finish:
            now = arrival
            heapq.heappush(active, (received + sizes[next_host], arrival))
            next_host += 1
        else:
            now = finish
            done.append(now - heapq.heappop(active)[1])
    return done


# ---- tables ----


def number(value):
    return f"{value:,}"


def gigabytes(value):
    return f"{value / 1e9:.1f}"


def seconds(value):
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def tables(folder, kinds, changed):
    """The text; `changed`: the kinds of changed_bundle(). `folder` is for what this takes."""
    (folder / "tarball").mkdir()
    tarballs = tarball_size(folder / "tarball")
    programs = {entry["platform"]: entry["size"] for entry in listing()["slices"]}
    hosts = hosts_of_mix()
    universal, slim = kinds["universal"], kinds["slim"]
    starts = first_starts(folder, slim)
    names = list(MIX)

    def with_cache(name):
        return universal.disk(name) + whole_blocks(programs[name])

    def upgrade(kind, name):
        return changed[kind].pull(name, kinds[kind].blobs[name])

    def total(bytes_of):
        return gigabytes(sum(map(bytes_of, hosts)))

    text = f"Made on {datetime.datetime.now(datetime.timezone.utc).date()} from a bundle of {number(BUNDLE.stat().st_size)} " \
           f"bytes, on a {os.cpu_count()}-core {os.uname().machine} machine.\n"

    text += "\n### For one host (artefacts)\n\nBytes.\n\n"
    text += table(["platform", "hosts", "pull universal", "pull slim", "disk universal", "with the cache", "disk slim"], [
        [name, number(hosts.count(name)), number(universal.pull(name)), number(slim.pull(name)), number(universal.disk(name)),
         number(with_cache(name)), number(slim.disk(name))] for name in names])
    text += f"\nThe tarball for bare metal is {number(tarballs['.zst'])} bytes (`.tar.zst`), {number(tarballs['.gz'])} (`.tar.gz`).\n"

    text += f"\n### For {number(HOSTS)} hosts (arithmetic)\n\nGB (10⁹ bytes), but the first line.\n\n"
    text += table(["", "universal", "slim"], [
        ["in the registry, bytes", number(universal.stored()), number(slim.stored())],
        ["first pull by all", total(universal.pull), total(slim.pull)],
        ["disk of all, layers unpacked", total(universal.disk), total(slim.disk)],
        ["disk of all, with the launcher's cache", total(with_cache), total(slim.disk)],
        ["disk of all, containerd, which keeps the packed layers, too",
         total(lambda name: with_cache(name) + universal.pull(name)),
         total(lambda name: slim.disk(name) + slim.pull(name))],
        [f"upgrade in which only {CHANGED} changes",
         total(lambda name: upgrade("universal", name)), total(lambda name: upgrade("slim", name))]])
    others = next(name for name in names if name != CHANGED)
    text += f"\nIn that upgrade a host of {CHANGED} pulls {number(upgrade('universal', CHANGED))} and " \
            f"{number(upgrade('slim', CHANGED))} bytes, one of {others} {number(upgrade('universal', others))} and " \
            f"{number(upgrade('slim', others))}.\n"

    text += "\n### The registry's link (simulated)\n\nSeconds from a host's first request until it has the image.\n\n"
    rows = []
    for gigabits in (1, 10):
        for window in (0, 60, 600):
            row = [f"{gigabits} Gbit/s, all ask " + (f"within {window} s" if window else "at once")]
            for kind in (universal, slim):
                done = rollout([kind.pull(platform) for platform in hosts], gigabits * GIGABIT, window)
                row += [f"{seconds(statistics.median(done))} / {seconds(max(done))}"]
            rows.append(row)
    text += table(["registry", "universal, median / slowest", "slim, median / slowest"], rows)

    text += f"\n### The first start (measured)\n\nMilliseconds from the launcher's start to the program's, on {NATIVE.name}" \
            f", median of {STARTS}: `PIXELZX_TRACE=json pixelzx version`.\n\n"
    text += table(["", "ms"], [[name, f"{value:.2f}"] for name, value in starts.items()])
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scale.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kinds = make_kinds(folder)
        text = tables(folder, kinds, make_changed(folder))
    if options.write:
        page = SOURCE / "docs/scale.md"
        head = page.read_text().split(MARK)[0]
        page.write_text(head + MARK + "\n" + text)
    print(text, end="")


if __name__ == "__main__":
    main()
