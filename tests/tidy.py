# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over many files, without those that had nothing to complain of when they were the same.

    tidy.py CACHE BUILD_TREE FILE...

CACHE has an empty file for each text that was found clean: named after the digest of all that the result can
depend on, which is clang-tidy, its configurations, the file's compile command, and the content of the file and of each
header that ninja has recorded for it, so BUILD_TREE must be built. A file that the tree does not compile (the
launcher's main) gets the command of a neighbour from clang-tidy, and has no record: it depends on all the headers of
the project.
Exits with 1 if there are findings.
"""

import functools
import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


@functools.lru_cache(maxsize=None)
def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def recorded_headers(tree):
    """For each source file, what its object was compiled from."""
    headers = {}
    for block in output("ninja", "-C", tree, "-t", "deps").split("\n\n"):
        lines = block.splitlines()
        if len(lines) > 1:
            paths = [Path(os.path.normpath(tree / line.strip())) for line in lines[1:]]
            headers[paths[0]] = paths
    return headers


def main(cache, tree, *files):
    cache, tree = Path(cache), Path(tree).resolve()
    cache.mkdir(parents=True, exist_ok=True)
    root = Path.cwd()
    commands = {Path(entry["file"]): entry["command"] for entry in json.loads((tree / "compile_commands.json").read_text())}
    headers = recorded_headers(tree)
    sources = output("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    everywhere = [*(root / name for name in sources if name.endswith(".h")), *sorted(tree.glob("launcher/texts/*"))]
    common = [output("clang-tidy", "--version"), *(name + digest(root / name) for name in sources if name.endswith(".clang-tidy"))]

    def clean(name):
        path = root / name
        read = headers.get(path) or [path, *everywhere]
        # Clones in other folders share what is found.
        command = commands.get(path) or "\n".join(sorted(commands.values()))
        key = "\n".join([*common, name, command, *(f"{item} {digest(item)}" for item in read)])
        stamp = cache / hashlib.sha256(key.replace(str(root), ".").encode()).hexdigest()
        if stamp.exists():
            return True
        done = subprocess.run(["clang-tidy", "-p", tree, "--quiet", name], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            print(done.stdout, end="", flush=True)
            return False
        stamp.touch()
        return True

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return 0 if all(list(pool.map(clean, files))) else 1


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
