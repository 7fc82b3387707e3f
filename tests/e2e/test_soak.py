# SPDX-License-Identifier: Apache-2.0
"""A program that runs for long, restarted and upgraded for years: nothing grows."""

import os
import signal
import subprocess
import time
from pathlib import Path

import bundles
import pytest
import support
from support import NATIVE, NO_O_TMPFILE, Installation, refusing

RESTARTS = 2000
UPGRADES = 200


class Service:
    """What a service manager does with the launcher."""

    def __init__(self, installation, verdicts):
        self.installation = installation
        self.prepare = refusing(**verdicts) if verdicts else None

    def start(self):
        """The process, when it has become the program."""
        process = subprocess.Popen([self.installation.launcher, "sleep", "10000"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=self.prepare,
                                   env={"PIXELZX_CACHE": str(self.installation.cache)})
        while os.path.basename(os.readlink(f"/proc/{process.pid}/exe")).split(" ")[0] != "probe":
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.0005)
        return process

    def stop(self, process, number):
        process.send_signal(number)
        assert process.wait(support.HANGS) == -number
        process.stderr.close()

    def look(self, process):
        """What could grow: descriptors, pages of memory that are mapped, environment, what is in the cache."""
        folder = Path(f"/proc/{process.pid}")
        while (folder / "wchan").exists() and (folder / "stat").read_text().rsplit(")")[1].split()[0] != "S":
            time.sleep(0.0005)  # until it sleeps
        cache = [path for path in self.installation.cache.rglob("*")]
        return {"descriptors": sorted(os.listdir(folder / "fd")),
                "pages": int((folder / "statm").read_text().split()[0]),
                "variables": (folder / "environ").read_bytes().count(b"\0"),
                "entries": len(cache),
                "bytes": sum(path.stat().st_size for path in cache if path.is_file())}


@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
def test_restarts(tmp_path, small_probe, verdicts):
    """Stopped in every way, also at once."""
    installation = Installation(tmp_path, bundles.make_bundle({NATIVE.name: small_probe}))
    service = Service(installation, verdicts)
    process = service.start()
    first = service.look(process)
    assert first["descriptors"] == ["0", "1", "2"]
    assert first["entries"] == 2 and first["bytes"] == len(small_probe)
    service.stop(process, signal.SIGTERM)
    for number in range(RESTARTS // 2):
        process = service.start()
        if number % 50 == 0 or number == RESTARTS // 2 - 1:
            assert service.look(process) == first, number
        service.stop(process, (signal.SIGTERM, signal.SIGKILL, signal.SIGINT)[number % 3])
    assert installation.leftovers() == []


@pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])
def test_upgrades(tmp_path, small_probe, verdicts):
    """A new version each time, while the one before still runs: four stay."""
    installation = Installation(tmp_path)
    service = Service(installation, verdicts)
    before, first = None, None
    for number in range(UPGRADES // 2):
        bundle = tmp_path / "new"
        bundle.write_bytes(bundles.make_bundle({NATIVE.name: small_probe + b"version %09d" % number}))
        bundle.rename(installation.bundle)
        process = service.start()
        seen = service.look(process)
        if number == 5:
            first = seen
            assert first["entries"] == 8
        assert number < 5 or seen == first, number
        if before is not None:
            service.stop(before, signal.SIGTERM)  # its entry may be gone by now, it is not
        before = process
    service.stop(before, signal.SIGTERM)
    assert installation.leftovers() == []
