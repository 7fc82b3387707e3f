# SPDX-License-Identifier: Apache-2.0
"""The README's commands, run as they stand there in a fresh clone."""

import subprocess

import pytest
import support

README = (support.SOURCE / "README.md").read_text()
LIMIT = 3000


def files_to_clone():
    listed = support.run(["git", "-C", support.SOURCE, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         check=True).out
    return [name for name in listed.split("\0") if name and (support.SOURCE / name).is_file()]


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """What a commit of the source tree as it is now would give."""
    folder = tmp_path_factory.mktemp("clone")
    support.run(["git", "clone", "-q", support.SOURCE, folder], check=True)
    packed = subprocess.run(["tar", "-C", support.SOURCE, "-c", "--null", "-T", "-"], check=True,
                            input="\0".join(files_to_clone()).encode(), stdout=subprocess.PIPE)
    subprocess.run(["tar", "-C", folder, "-x"], check=True, input=packed.stdout)
    return folder


def test_the_test_command_is_the_one_that_ci_runs():
    # It cannot be run here, from within itself.
    assert "make test\n" in support.code_blocks(README)
    assert (support.SOURCE / ".ci/run").read_text().endswith("\nmake test\n")


def test_korean_readme_has_the_same_commands():
    assert support.code_blocks((support.SOURCE / "README.ko.md").read_text()) == support.code_blocks(README)


def test_blocks(clone, tmp_path):
    environment = {"HOME": tmp_path, "PIXELZX_BUILD_CACHE": support.build_cache()}
    outputs = {}
    for block in support.code_blocks(README):
        if block == "make test\n":
            continue
        result = support.run(["sh", "-euc", block], environment, cwd=clone, timeout=LIMIT)
        outputs[block] = result.expect().out + result.err
    assert f"Platform: {support.NATIVE.name}" in outputs["make run\n"]
    for platform in support.PLATFORMS:
        assert f"launcher/{platform.folder}/pixelzx" in outputs["make dist\n"]
