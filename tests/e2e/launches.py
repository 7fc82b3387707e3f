# SPDX-License-Identifier: Apache-2.0
"""Launches to interfere with: a launcher, its cache in some state, and what must hold afterwards."""

import os
import shutil

import bundles
import support
from support import NATIVE, NO_O_TMPFILE, Installation, refusing

# How a launch finds the cache, and whether the file system has O_TMPFILE.
KINDS = {
    "first": (None, {}),
    "first, no O_TMPFILE": (None, NO_O_TMPFILE),
    "bad entry": ("bad entry", {}),
    "bad entry, no O_TMPFILE": ("bad entry", NO_O_TMPFILE),
    "old versions": ("old versions", {}),
    "warm": ("warm", {}),
    "installed": ("installed", {}),
    "memory": ("off", {}),
}
STARTED = 42  # the status with which the probe leaves


class Launch:
    """A launch of one of KINDS, which can be made again and again from the same beginning."""

    def __init__(self, folder, probe, kind):
        self.state, verdicts = KINDS[kind]
        self.prepare = refusing(**verdicts) if verdicts else None
        bundle = bundles.make_bundle({NATIVE.name: probe})
        self.installation = Installation(folder, bundle)
        self.cache = self.installation.cache
        self.digest = bundles.sha256(probe)
        self.entry = self.cache / self.digest / "probe"
        self.first = folder / "cache as it was"
        if self.state == "bad entry":
            self.fill(self.digest, probe[:-1])
        if self.state == "old versions":
            for number in range(5):
                data = b"version %d" % number
                self.fill(bundles.sha256(data), data)
        if self.state == "installed":
            bundles.install(bundle, folder, "probe", probe)
        if self.state == "warm":
            assert self.run().status == STARTED
        if self.cache.exists():
            self.cache.rename(self.first)

    def fill(self, digest, data):
        entry = self.cache / digest / "probe"
        entry.parent.mkdir(parents=True)
        self.cache.chmod(0o700)
        entry.write_bytes(data)
        entry.chmod(0o555)

    def reset(self):
        """The cache as it was before the first launch."""
        shutil.rmtree(self.cache, ignore_errors=True)
        if self.first.exists():
            shutil.copytree(self.first, self.cache)

    def run(self, *front, **options):
        """A launch, with words in front of the command: what interferes."""
        env = {"PIXELZX_TRACE": None, "PIXELZX_CACHE": "off" if self.state == "off" else str(self.cache)}
        return self.installation.run("exit", str(STARTED), world=front, env=env, preexec_fn=self.prepare,
                                     **options)

    def calls(self, faults):
        """The names of the system calls that a launch makes, in order."""
        file = self.cache.parent / "names"
        self.reset()
        assert self.run(faults, "names", file).status == STARTED
        names = file.read_text().split()
        assert names[-1] in ("execve", "execveat") and 15 < len(names) < 300
        return names

    def strangers(self):
        """What is in the cache and is no whole program under its own SHA-256. The folder of an entry
        may be empty; a bad entry that was there before is not this launch's fault."""
        found = []
        for path in self.cache.glob("**/*"):
            depth = len(path.relative_to(self.cache).parts)
            if depth == 1 and path.is_dir() and len(path.name) == 64:
                continue
            whole = depth == 2 and path.name == "probe" and bundles.sha256(path.read_bytes()) == path.parent.name
            if not whole and not (self.state == "bad entry" and path == self.entry):
                found.append(str(path.relative_to(self.cache)))
        return found

    def check_works_again(self, what):
        """A launch with nothing in its way, which also cleans up."""
        result = self.run()
        assert result.status == STARTED, (what, result)
        assert self.strangers() == [], what
        if self.state not in ("off", "installed"):
            assert bundles.sha256(self.entry.read_bytes()) == self.digest, what
            assert os.stat(self.entry).st_mode & 0o7777 == 0o555, what
