# SPDX-License-Identifier: Apache-2.0
"""Reads OCI image layouts, independently of pixelzx-pack, and makes of an image what a runtime takes."""

import functools
import gzip
import io
import json
import os
import posixpath
import subprocess
import tarfile
from pathlib import Path

import jsonschema
import support
from images import OCI, File, Folder, Link, digest

# What engines hide from a container, and mount for it (runtime-spec, config.md; Docker's oci/defaults.go).
MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
MOUNTS = [{"destination": "/proc", "type": "proc", "source": "proc"},
          {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
           "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
          {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "noexec", "nodev", "ro"]}]


def platform_text(members):
    """What an index or a config says, as `linux/arm/v7`."""
    return "/".join(members[part] for part in ("os", "architecture", "variant") if part in members)


def unpacked(media_type, blob):
    """The tar of a layer."""
    if media_type.endswith("+gzip"):
        return gzip.decompress(blob)
    assert media_type.endswith("+zstd"), media_type
    return subprocess.run(["zstd", "-d"], input=blob, stdout=subprocess.PIPE, check=True).stdout


def validator(document):
    """Of the image specification's own JSON schema of `image-index`, `image-manifest`, `config` or
    `image-layout`, from Debian's package of it."""
    folder = support.fetched("bookworm", support.NATIVE.debian, "golang-github-opencontainers-image-spec-dev")
    schemas = {path.name: json.loads(path.read_text()) for path in folder.rglob("schema/*.json")}
    schema = schemas[f"{document}-schema.json"]
    # They refer to each other by file name.
    resolver = jsonschema.RefResolver.from_schema(
        schema, handlers={"https": lambda uri: schemas[posixpath.basename(uri)]})
    return jsonschema.Draft4Validator(schema, resolver=resolver)


def seccomp_profile(arch, seccomp_arch):
    """Debian's default profile for containers, as an engine of that architecture gives it to its runtime: for
    calls of its own architecture and no other."""
    profile = json.loads((support.fetched("bookworm", "amd64", "golang-github-containers-common")
                          / "usr/share/containers/seccomp.json").read_text())
    rules = []
    for rule in profile["syscalls"]:
        includes, excludes = rule.get("includes") or {}, rule.get("excludes") or {}
        if includes.get("caps") or arch not in includes.get("arches", [arch]) or arch in excludes.get("arches", []):
            continue
        rules.append({name: rule[name] for name in ("names", "action", "args", "errnoRet") if rule.get(name)})
    return {"defaultAction": profile["defaultAction"], "architectures": [seccomp_arch], "syscalls": rules}


class Image:
    """One platform's image in a layout. `platform`: as the index lists it."""

    def __init__(self, layout, descriptor):
        self.layout, self.descriptor = layout, descriptor
        self.manifest = layout.json(descriptor)
        self.config = layout.json(self.manifest["config"])
        self.platform = platform_text(descriptor.get("platform", self.config))

    @property
    def layers(self):
        """The digests of the layers."""
        return [layer["digest"] for layer in self.manifest["layers"]]

    @property
    def size(self):
        """Bytes that a registry holds for this image."""
        parts = [self.descriptor, self.manifest["config"], *self.manifest["layers"]]
        return sum(part["size"] for part in parts)

    def tars(self):
        return [self.layout.tar(layer) for layer in self.manifest["layers"]]

    @functools.cached_property
    def files(self):
        """path, without a slash in front → File, Folder or Link of the root file system."""
        found = {}
        for layer in self.tars():
            with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
                for member in archive:
                    name = member.name.strip("/")
                    # Some builders write the kind of file into it, too.
                    owner = {"mode": member.mode & 0o7777, "uid": member.uid, "gid": member.gid}
                    if member.isdir():
                        found[name] = Folder(**owner)
                    elif member.issym():
                        found[name] = Link(member.linkname)
                    else:
                        assert member.isreg(), f"{name}: type {member.type}"
                        found[name] = File(archive.extractfile(member).read(), **owner)
        return found

    def write_root(self, folder):
        """Writes the root file system, with its owners."""
        for name, item in sorted(self.files.items()):
            path = folder / name
            if isinstance(item, Link):
                path.symlink_to(item.target)
                continue
            if isinstance(item, Folder):
                path.mkdir(parents=True, exist_ok=True)
            else:
                path.write_bytes(item.data)
            os.chown(path, item.uid, item.gid)
            path.chmod(item.mode)
        return folder

    def runtime_config(self, root, *arguments, env=None, without=(), seccomp=None):
        """A config.json for runc and crun, as engines write it. `root`: the root file system; `env`: more
        variables; `without`: mounts to leave out."""
        config = self.config["config"]
        uid, gid = map(int, config["User"].split(":"))
        return {"ociVersion": "1.0.2", "root": {"path": str(root)}, "hostname": "container",
                "process": {"user": {"uid": uid, "gid": gid}, "args": [*config["Entrypoint"], *arguments],
                            "env": config["Env"] + [f"{name}={value}" for name, value in (env or {}).items()],
                            "cwd": config["WorkingDir"], "noNewPrivileges": True, "capabilities": {}},
                "mounts": [mount for mount in MOUNTS if mount["destination"] not in without],
                "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts", "network")],
                          "maskedPaths": MASKED, "readonlyPaths": READ_ONLY,
                          **({"seccomp": seccomp} if seccomp else {})}}


class Layout:
    """A folder, or a tar."""

    def __init__(self, path):
        path = Path(path)
        if path.is_dir():
            self.files = {os.fspath(file.relative_to(path)): file.read_bytes()
                          for file in path.rglob("*") if file.is_file()}
        else:
            with tarfile.open(path) as archive:
                self.files = {posixpath.normpath(member.name): archive.extractfile(member).read()
                              for member in archive if member.isfile()}
        self.index = json.loads(self.files["index.json"])
        self.tars = {}

    def blob(self, descriptor):
        data = self.files["blobs/" + descriptor["digest"].replace(":", "/")]
        assert (len(data), digest(data)) == (descriptor["size"], descriptor["digest"])
        return data

    def tar(self, descriptor):
        """That of a layer; images share theirs."""
        if descriptor["digest"] not in self.tars:
            self.tars[descriptor["digest"]] = unpacked(descriptor["mediaType"], self.blob(descriptor))
        return self.tars[descriptor["digest"]]

    def json(self, descriptor):
        return json.loads(self.blob(descriptor))

    @functools.cached_property
    def descriptors(self):
        """Those of the images, behind the one index that index.json names, if it does."""
        (first,) = self.index["manifests"]
        return self.json(first)["manifests"] if first["mediaType"] == OCI + "index.v1+json" else [first]

    @functools.cached_property
    def images(self):
        return [Image(self, descriptor) for descriptor in self.descriptors]

    def image(self, platform):
        """`platform`: without the variant v8, which arm64 has."""
        (found,) = [image for image in self.images if image.platform.removesuffix("/v8") == platform]
        return found
