# SPDX-License-Identifier: Apache-2.0
"""Tarballs, .run files and Debian packages for the tests, and root file systems to try them in."""

import functools
import shutil
from pathlib import Path

import bundles
import support
from support import BUNDLE, DIST, NATIVE, PACK, SOURCE

LAUNCHERS = DIST / "launcher"
FILES = {"LICENSE": "LICENSE", "licenses": "packaging/third_party/licenses",
         "man/pixelzx.1": "packaging/man/pixelzx.1",
         "completions/pixelzx.bash": "packaging/completions/pixelzx.bash",
         "completions/_pixelzx": "packaging/completions/_pixelzx",
         "completions/pixelzx.fish": "packaging/completions/pixelzx.fish", "systemd": "packaging/systemd"}


def native_bundle(output, version, more=b"\0"):
    """A bundle with the node for this machine alone, made another file by `more`. Returns `output`."""
    output.write_bytes(bundles.make_bundle({NATIVE.name: NATIVE.node.read_bytes() + more}, program="pixelzx",
                                           version=version, options=("doctor",)))
    return output


def pack_tarball(output, bundle=BUNDLE, files=(), launchers=LAUNCHERS, env=None):
    """`pixelzx-pack tarball`; `files`: names of FILES, or words NAME=PATH."""
    words = [word for name in files
             for word in ("--file", name if "=" in name else f"{name}={SOURCE / FILES[name]}")]
    return support.run([PACK, "tarball", "--launchers", launchers, *words, "-o", output, bundle], env)


def unpacked(tarball, folder):
    """The top folder of the tarball, unpacked into `folder`."""
    folder.mkdir()
    support.run(["tar", "-xf", tarball, "-C", folder], check=True)
    (top,) = folder.iterdir()
    return top


def pack_run_file(output, bundle=BUNDLE, launchers=LAUNCHERS):
    """`pixelzx-pack run`."""
    return support.run([PACK, "run", "--launchers", launchers, "-o", output, bundle])


def pack_debs(output, bundle=BUNDLE, env=None):
    """packaging/deb.sh, into the folder `output`. Returns Debian's name of the architecture → package."""
    dist = output.with_name(f"{output.name}.dist")
    dist.mkdir()
    (dist / "launcher").symlink_to(LAUNCHERS)
    (dist / "pixelzx.bundle").symlink_to(bundle)
    variables = {"PIXELZX_DIST": dist, "PIXELZX_PACK": PACK, "SOURCE_DATE_EPOCH": "1700000000", **(env or {})}
    assert support.run([SOURCE / "packaging/deb.sh", output], variables).expect().out == ""
    return {path.stem.split("_")[2]: path for path in output.iterdir()}


def shells():
    """Commands that read a script as POSIX shells do."""
    busybox = support.fetched("bookworm", NATIVE.debian, "busybox-static") / "bin/busybox"
    return {"dash": ["/bin/dash"], "bash": ["/bin/bash"], "bash --posix": ["/bin/bash", "--posix"],
            "busybox ash": [busybox, "ash"]}


# ---- roots ----


@functools.lru_cache(None)
def applets():
    busybox = support.fetched("bookworm", NATIVE.debian, "busybox-static") / "bin/busybox"
    return support.run([busybox, "--list"], check=True).out.split()


def busybox_root(root, platform=NATIVE):
    """A root file system with nothing but a static busybox."""
    busybox = support.fetched("bookworm", platform.debian, "busybox-static") / "bin/busybox"
    for folder in ("bin", "dev", "proc", "root", "sys", "tmp"):
        (root / folder).mkdir(parents=True)
    shutil.copy(busybox, root / "bin/busybox")
    for applet in applets():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    return root


class Root:
    """A root file system on an overlay, so that `lower` stays as it is, and a folder that is /tmp/host
    there. Commands run in mounts of their own, where the overlay and /dev are, and with `proc` /proc."""

    def __init__(self, folder, lower, world=(), proc=True):
        self.upper, work, self.root, self.shared = (folder / name for name in ("upper", "work", "merged", "host"))
        for path in (self.upper, work, self.root, self.shared):
            path.mkdir()
        script = [f"mount -t overlay -o lowerdir={lower},upperdir={self.upper},workdir={work} none {self.root}",
                  f"mount --rbind /dev {self.root}/dev", f"mkdir -p {self.root}/tmp/host",
                  f"mount --bind {self.shared} {self.root}/tmp/host"]
        if proc:
            script.append(f"mount --rbind /proc {self.root}/proc")
        self.world = [*world, *support.world("\n".join(script)), "chroot", self.root]

    def run(self, *command, env=None, **options):
        variables = {"HOME": "/root", "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **(env or {})}
        return support.run([*self.world, "env", "-i", *[f"{name}={value}" for name, value in variables.items()],
                            *command], **options)

    def changes(self):
        """What differs from the lower file system, apart from /tmp, caches and folders that were there."""
        skipped = ("tmp", "root/.cache", "dev", "proc")
        return sorted(str(path.relative_to(self.upper)) for path in self.upper.rglob("*")
                      if not str(path.relative_to(self.upper)).startswith(skipped))


def tree(folder):
    """Everything below `folder`: path → what it is. Times and inodes tell whether it was replaced."""
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        identity = (status.st_ino, status.st_mtime_ns) if not path.is_dir() else ()
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_uid, *identity, content)
    return found
