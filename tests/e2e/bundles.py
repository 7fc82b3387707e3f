# SPDX-License-Identifier: Apache-2.0
"""Writes bundles of format 1 independently of pixelzx-pack, right and wrong ones."""

import hashlib
import io
import subprocess
import tarfile
from dataclasses import dataclass

BLOCK = 512


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def zstd(data, *options):
    """One zstd frame with content size and checksum."""
    command = ["zstd", "-q", "-c", "--no-progress", f"--stream-size={len(data)}", *options]
    return subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


@dataclass
class Slice:
    """A program in a bundle. What is None is computed, so that tests can lie."""

    data: bytes
    frame: bytes = None
    size: int = None
    sha256: str = None
    packed: int = None
    prefix: str = None

    def line(self, platform, offset):
        size = len(self.data) if self.size is None else self.size
        packed = len(self.frame) if self.packed is None else self.packed
        digest = self.sha256 or sha256(self.data)
        prefix = f" prefix={self.prefix}" if self.prefix else ""
        return f"slice {platform} offset={offset} packed={packed} size={size} sha256={digest}{prefix}"


def with_end(body):
    """The index text with its last line."""
    return body.encode() + f"end sha256={sha256(body.encode())}\n".encode()


def rounded(size):
    return -(-size // BLOCK) * BLOCK


def tar(files):
    """A tar of names and their content."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in files:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return output.getvalue()


def make_bundle(slices, program="probe", version="1.0", options=(), shares=None, rewrite=lambda text: text):
    """A bundle as bytes. `slices`: platform → Slice, or the program's bytes; `shares`: name → bytes;
    `rewrite` changes the index before its digest is taken."""
    members = []  # tar name, content, function of the offset that gives the index line
    for platform, item in slices.items():
        item = item if isinstance(item, Slice) else Slice(item)
        item.frame = zstd(item.data, "-3") if item.frame is None else item.frame
        members.append(
            (f"{platform}/{program}.zst", item.frame, lambda at, i=item, p=platform: i.line(p, at))
        )
    for name, data in (shares or {}).items():
        members.append(
            (f"share/{name}", data,
             lambda at, n=name, d=data: f"share {n} offset={at} size={len(d)} sha256={sha256(d)}")
        )

    def index(size):
        lines = ["pixelzx-bundle 1", f"program {program} {version}"]
        at = BLOCK + rounded(size)
        for _, content, line in members:
            lines.append(line(at + BLOCK))
            at += BLOCK + rounded(len(content))
        if options:
            lines.append("option " + " ".join(options))
        return with_end(rewrite("\n".join(lines) + "\n"))

    text = index(0)
    while len(index(len(text))) != len(text):  # the index's own length moves the offsets in it
        text = index(len(text))
    text = index(len(text))
    return tar([("pixelzx.index", text)] + [(n, c) for n, c, _ in members])


def index_of(bundle):
    """The index text in the bytes of a bundle."""
    with tarfile.open(fileobj=io.BytesIO(bundle)) as tar:
        return tar.extractfile("pixelzx.index").read()


def install(bundle, folder, program, data):
    """Writes the installed form of `bundle` to `folder`: the index alone, and beside it the program
    `data`, whose path is returned."""
    path = folder / "slices" / sha256(data) / program
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    path.chmod(0o755)
    (folder / "pixelzx.bundle").write_bytes(index_of(bundle))
    return path


def attach(launcher, bundle):
    """A launcher with the bundle appended, as bytes."""
    begin = rounded(len(launcher))
    return launcher.ljust(begin, b"\0") + bundle + b"PZXBNDL1" + begin.to_bytes(8, "little")
