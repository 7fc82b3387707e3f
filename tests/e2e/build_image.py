# SPDX-License-Identifier: Apache-2.0
"""The image that the Dockerfile's build stage starts from in tests, which have no registry to get Debian from.

A Debian 12 with the packages of `packaging/setup.sh dist`, and with ccache and the third-party libraries filled by
one build: so that what is tested is not how long a compiler takes. Made once, into the build cache.
"""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
import support

NAME = "localhost/pixelzx-build"
ENVIRONMENT = {"PIXELZX_BUILD_CACHE": "/opt/build-cache", "CCACHE_DIR": "/opt/ccache",
               "CMAKE_C_COMPILER_LAUNCHER": "ccache", "CMAKE_CXX_COMPILER_LAUNCHER": "ccache"}
LIMIT = 3600  # seconds
# The sources lie where the Dockerfile has them, or ccache would find nothing.
FILL = r"""
root=$1 sources=$2 cache=$3
mkdir -p "$root/pixelzx" "$root/opt/build-cache"
cd "$sources"
tar -c CMakeLists.txt CMakePresets.json Makefile LICENSE cmake launcher node packaging | tar -C "$root/pixelzx" -x
if [ -d "$cache/sources" ]; then cp -R "$cache/sources" "$root/opt/build-cache/"; fi
chroot "$root" env HOME=/root {environment} make -C /pixelzx dist
rm -rf "$root/pixelzx" "$root/opt/build-cache/sources" "$root/opt/build-cache/apt"
"""


def archive():
    """A tar of its files, in the build cache. Skips the test where it cannot be made."""
    if os.geteuid() != 0 or not support.works("mmdebstrap", "--version"):
        pytest.skip("needs root and mmdebstrap")
    packages = support.run([support.SOURCE / "packaging/setup.sh", "--list", "dist"], check=True).out.split() + ["ccache"]
    recipe = [Path(__file__).read_text(), *packages,
              *((support.SOURCE / "packaging/third_party" / name).read_text() for name in ("build.sh", "sources.lock"))]
    key = hashlib.sha256("\n".join(recipe).encode()).hexdigest()[:16]
    folder = support.build_cache() / "e2e"
    result = folder / f"build-image-{key}.tar.zst"
    if not result.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".build-image-{os.getpid()}.tar"
        fill = FILL.format(environment=" ".join(f"{name}={value}" for name, value in ENVIRONMENT.items()))
        script = draft.with_suffix(".sh")
        script.write_text(fill)
        excluded = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")]
        support.run(["mmdebstrap", "--variant=minbase", *excluded, "--include=" + ",".join(packages),
                     f"--customize-hook=sh -euc '. {script}' sh \"$1\" {support.SOURCE} {support.build_cache()}",
                     "bookworm", draft, *support.apt_configuration()], {"HOME": os.environ.get("HOME", "/root")}, check=True,
                    timeout=LIMIT)
        support.run(["zstd", "-q", "-1", "-T0", "--rm", "-f", draft, "-o", draft.with_suffix(".tar.zst")], check=True)
        script.unlink()
        draft.with_suffix(".tar.zst").rename(result)
    return result


def load(engine):
    """Makes an engine have the image NAME."""
    changes = [f"--change=ENV {name}={value}" for name, value in ENVIRONMENT.items()]
    unpack = subprocess.Popen(["zstd", "-q", "-d", "-c", archive()], stdout=subprocess.PIPE)
    engine("import", *changes, "-", NAME, stdin=unpack.stdout, timeout=LIMIT)
    unpack.stdout.close()
    assert unpack.wait() == 0
