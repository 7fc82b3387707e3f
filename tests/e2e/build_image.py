# SPDX-License-Identifier: Apache-2.0
"""The image that the Dockerfile's build stage starts from in tests, which have no registry to get Debian from.

A Debian 12 with the packages of `packaging/setup.sh dist`, made once, into the build cache; and in a layer on top the
third-party libraries, their sources and compiled objects out of that cache, so that what is tested is not how long a
compiler takes.
"""

import functools
import hashlib
import os
import shutil

import pytest
import support

NAME = "localhost/pixelzx-build"
PACKAGES = "localhost/pixelzx-packages"
LIMIT = 3600  # seconds
# The cache keeps its path: ccache knows objects by those of the headers that they were compiled with.
DOCKERFILE = f"""\
FROM {PACKAGES}
ENV PIXELZX_BUILD_CACHE={{cache}}
COPY sources {{cache}}/sources
COPY third_party {{cache}}/third_party
COPY ccache {{cache}}/ccache
"""


def packages():
    """A tar of the Debian, in the build cache. Skips the test where it cannot be made."""
    if os.geteuid() != 0 or not support.works("mmdebstrap", "--version"):
        pytest.skip("needs root and mmdebstrap")
    names = support.run([support.SOURCE / "packaging/setup.sh", "--list", "dist"], check=True).out.split()
    key = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
    result = support.build_cache() / f"e2e/packages-{key}.tar"
    if not result.exists():
        result.parent.mkdir(parents=True, exist_ok=True)
        draft = result.with_name(f".packages-{os.getpid()}.tar")
        excluded = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")]
        support.run(["mmdebstrap", "--variant=minbase", *excluded, "--include=" + ",".join(names), "bookworm", draft,
                     *support.apt_configuration()], {"HOME": os.environ.get("HOME", "/root")}, check=True, timeout=LIMIT)
        draft.rename(result)
    return result


def copy_if_there(source, target, since=0):
    """Not what is older. What ccache has removed meanwhile will be compiled."""
    try:
        if os.stat(source).st_mtime >= since:
            shutil.copy2(source, target)
    except FileNotFoundError:
        pass


def load(engine, folder):
    """Makes an engine have the image NAME. `folder`: for what it takes."""
    engine("import", packages(), PACKAGES, timeout=LIMIT)
    cache = support.build_cache()
    for name in ("sources", "third_party", "ccache"):
        (cache / name).mkdir(parents=True, exist_ok=True)
        # Of ccache, what the build of dist has used (then it touches a file): not the gigabytes of all others.
        since = support.BUNDLE.stat().st_mtime - LIMIT if name == "ccache" else 0
        # Without what others may be writing.
        shutil.copytree(cache / name, folder / name, symlinks=True,
                        copy_function=functools.partial(copy_if_there, since=since),
                        ignore=shutil.ignore_patterns("tmp", "*.tmp.*", ".*", "*.lock"))
    (folder / "Dockerfile").write_text(DOCKERFILE.format(cache=cache))
    engine("build", "--tag", NAME, folder, env={"DOCKER_BUILDKIT": "1"}, timeout=LIMIT)
