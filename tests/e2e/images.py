# SPDX-License-Identifier: Apache-2.0
"""Writes container images, right and wrong ones, independently of pixelzx-pack: OCI image layouts as a
folder or a tar, and what `docker save` writes."""

import gzip
import hashlib
import io
import json
import struct
import tarfile
from dataclasses import dataclass, field

from bundles import zstd

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker.distribution."
# Of programs that their kernels load: the ABI that each architecture has settled on.
ELF_FLAGS = {40: 0x05000400, 21: 2, 243: 5}
PT_LOAD, PT_INTERP = 1, 3
CRLF = b"#!/bin/sh\r\necho\r\n"


def elf(platform, interpreter=None):
    """The smallest program for a platform of support.PLATFORMS."""
    wide, order = platform.elf[0] == 2, "<" if platform.elf[1] == 1 else ">"
    name = (interpreter or "").encode() + b"\0"
    header, entry = (64, 56) if wide else (52, 32)
    end = header + 2 * entry
    head = b"\x7fELF" + bytes([*platform.elf[:2], 1]) + bytes(9)
    head += struct.pack(order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH"), 2, platform.elf[2], 1, 0x10000,
                        header, 0, ELF_FLAGS.get(platform.elf[2], 0), header, entry, 2 if interpreter else 1, 0, 0, 0)

    def segment(kind, offset, size):
        if wide:
            return struct.pack(order + "IIQQQQQQ", kind, 5, offset, 0x10000 + offset, 0, size, size, 0x10000)
        return struct.pack(order + "IIIIIIII", kind, offset, 0x10000 + offset, 0, size, size, 5, 0x10000)

    return head + segment(PT_LOAD, 0, end) + segment(PT_INTERP, end, len(name)) + name


@dataclass
class File:
    data: bytes = b""
    mode: int = 0o755
    uid: int = 0
    gid: int = 0


@dataclass
class Link:
    target: str
    hard: bool = False


@dataclass
class Folder:
    mode: int = 0o755
    uid: int = 0
    gid: int = 0


def tar(members):
    """A tar of name → bytes, File, Link, Folder."""
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, item in members.items():
            item = File(item) if isinstance(item, bytes) else item
            info = tarfile.TarInfo(name)
            if isinstance(item, Link):
                info.type, info.linkname = tarfile.LNKTYPE if item.hard else tarfile.SYMTYPE, item.target
                archive.addfile(info)
                continue
            info.mode, info.uid, info.gid = item.mode, item.uid, item.gid
            if isinstance(item, File):
                info.size = len(item.data)
                archive.addfile(info, io.BytesIO(item.data))
            else:
                info.type = tarfile.DIRTYPE
                archive.addfile(info)
    return output.getvalue()


PACKERS = {"": lambda data: data, "gzip": lambda data: gzip.compress(data, mtime=0), "zstd": lambda data: zstd(data)}


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass
class Image:
    """`layers`: each what tar() takes, or bytes. Members of `config` go into the config's own member of
    that name, `rewrite` changes the whole config before it is written."""

    platform: str
    layers: list
    entrypoint: list = None
    cmd: list = None
    env: list = None
    user: str = ""
    listed_as: str = None  # the platform in the index, if another; "" for none
    packing: str = "gzip"
    history: list = None
    annotations: dict = field(default_factory=dict)
    rewrite: object = None

    def plain(self):
        return [layer if isinstance(layer, bytes) else tar(layer) for layer in self.layers]

    def config(self):
        config = {**platform_members(self.platform),
                  "config": {"Entrypoint": self.entrypoint, "Cmd": self.cmd, "Env": self.env, "User": self.user},
                  "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in self.plain()]}}
        if self.history is not None:
            config["history"] = self.history
        if self.rewrite:
            self.rewrite(config)
        return json.dumps(config).encode()


def platform_members(platform):
    return dict(zip(("os", "architecture", "variant"), platform.split("/")))


class Layout:
    """An OCI image layout in the making: `files` is everything in it, by name."""

    def __init__(self, *images, nested=False):
        self.files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}'}
        manifests = [self._add_image(image) for image in images]
        if nested:
            manifests = [self.descriptor(OCI + "index.v1+json", json.dumps(
                {"schemaVersion": 2, "manifests": manifests}).encode())]
            manifests[0]["annotations"] = {"org.opencontainers.image.ref.name": "app:1.0"}
        self.set_index(manifests)

    def set_index(self, manifests):
        self.files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": manifests}).encode()

    @property
    def manifests(self):
        return json.loads(self.files["index.json"])["manifests"]

    def blob(self, data):
        name = "blobs/sha256/" + digest(data).removeprefix("sha256:")
        self.files[name] = data
        return name

    def descriptor(self, kind, data):
        self.blob(data)
        return {"mediaType": kind, "digest": digest(data), "size": len(data)}

    def _add_image(self, image):
        suffix = "+" + image.packing if image.packing else ""
        layers = [self.descriptor(OCI + "layer.v1.tar" + suffix, PACKERS[image.packing](layer))
                  for layer in image.plain()]
        config = self.descriptor(OCI + "config.v1+json", image.config())
        manifest = self.descriptor(OCI + "manifest.v1+json", json.dumps(
            {"schemaVersion": 2, "config": config, "layers": layers}).encode())
        listed_as = image.platform if image.listed_as is None else image.listed_as
        if listed_as:
            manifest["platform"] = platform_members(listed_as)
        return manifest | ({"annotations": image.annotations} if image.annotations else {})

    def tar(self):
        return tar({name: File(data, 0o644) for name, data in self.files.items()})

    def write_folder(self, folder):
        for name, data in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        return folder

    def damaged(self, old, new):
        """Puts other bytes under the name of the blob that contains `old`."""
        for name, data in self.files.items():
            if name.startswith("blobs/") and old in data:
                self.files[name] = data.replace(old, new)
                return name
        raise AssertionError(old)


def docker_save(*images, tags=("app:1.0",)):
    """The form before Docker 25: <config>.json and <layer>/layer.tar, equal layers once."""
    members, manifest = {}, []
    for image in images:
        config = image.config()
        name = hashlib.sha256(config).hexdigest()
        members[name + ".json"] = File(config, 0o644)
        layers, seen = [], {}
        for number, layer in enumerate(image.plain()):
            member = f"{name[:8]}{number:056x}/layer.tar"
            layers.append(member)
            members[member] = Link("../" + seen[layer]) if layer in seen else File(layer, 0o644)
            seen.setdefault(layer, member)
        manifest.append({"Config": name + ".json", "RepoTags": list(tags), "Layers": layers})
    members["manifest.json"] = File(json.dumps(manifest).encode(), 0o644)
    return tar(members)


def docker_save_25(layout):
    """The form since Docker 25: an OCI layout with a manifest.json beside it."""
    files = dict(layout.files)
    manifest = json.loads(files["blobs/sha256/" + layout.manifests[0]["digest"].removeprefix("sha256:")])

    def name(descriptor):
        return "blobs/sha256/" + descriptor["digest"].removeprefix("sha256:")

    files["manifest.json"] = json.dumps([{"Config": name(manifest["config"]), "RepoTags": ["app:1.0"],
                                          "Layers": [name(layer) for layer in manifest["layers"]]}]).encode()
    return files


