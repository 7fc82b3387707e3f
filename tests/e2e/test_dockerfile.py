# SPDX-License-Identifier: Apache-2.0
"""The Dockerfile, built by podman for all platforms and by docker buildx, through the make targets.

Debian 12 has no buildx: it is that of the next Debian. Its builder is the BuildKit inside Debian's Docker Engine, which
builds one platform at a time (the first compiles, each further one adds a link): a builder of its own would be a
container of an image from a registry. What the targets make of that is tested with a stand-in, in
test_make_targets.py.
"""

import json
import os
import re

import build_image
import pytest
import support
from oci import Layout
from support import NATIVE, PLATFORMS
from test_readme import clone  # noqa: F401

IMAGE = "test/dockerfile"
# What both builders make of the Dockerfile as pixelzx-pack does.
SAME = ("User", "Env", "Entrypoint", "Cmd", "Volumes", "ExposedPorts", "WorkingDir")
LIMIT = 3600  # seconds


class Make:
    """Make targets in a clone. Without a plugin `docker` has no buildx."""

    def __init__(self, engine, registry, folder, **variables):
        self.engine, self.folder = engine, folder
        self.variables = {"REGISTRY": registry.address, "IMAGE": IMAGE, "BUILD_IMAGE": build_image.NAME, **variables}

    def __call__(self, target, **variables):
        return self.engine.room.run("make", "-C", self.folder, "--no-print-directory", target,
                                    env={**self.variables, **variables}, timeout=LIMIT)


@pytest.fixture(scope="module")
def make(podman, registry, clone, tmp_path_factory):  # noqa: F811
    """By podman."""
    build_image.load(podman, tmp_path_factory.mktemp("build"))
    settings = dict(word.split("=", 1) for word in podman.command if word.startswith("CONTAINERS_"))
    # Without a network of its own, for which the room has no bridge.
    return Make(podman, registry, clone, BUILDAH_ISOLATION="chroot", **settings)


@pytest.fixture(scope="module")
def built(make):
    """All that `make docker-build-multi` has said, by podman: for one platform, and for all. The one has a variant,
    which shall not reach the others through the cache; of several platforms podman begins with any."""
    results = [make("docker-build-multi", PLATFORMS="linux/arm/v7").expect(), make("docker-build-multi").expect()]
    return "".join(result.out + result.err for result in results)


@pytest.fixture(scope="module")
def layout(make, built, registry, tmp_path_factory):
    folder = tmp_path_factory.mktemp("podman") / "layout"
    make.engine("manifest", "push", "--quiet", "--all", f"{registry.address}/{IMAGE}:latest", f"oci:{folder}:latest")
    return Layout(folder)


def packed(image, folder):
    """The image that pixelzx-pack makes of the launchers, the bundle and the documents in `image`."""
    dist = folder / "dist"
    for name, item in image.files.items():
        if name.startswith("opt/pixelzx/launcher/") and name.endswith("/pixelzx"):
            path = dist / name.removeprefix("opt/pixelzx/")
        elif name in ("opt/pixelzx/pixelzx.bundle", "usr/share/doc/pixelzx/sbom.spdx.json"):
            path = dist / os.path.basename(name)
        else:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(item.data)
    variables = {"PIXELZX_DIST": dist, "PIXELZX_PACK": support.PACK}
    support.run([support.SOURCE / "packaging/image.sh", "-o", folder / "image.tar"], variables, check=True)
    return Layout(folder / "image.tar")


def check_same(image, layout, platform):
    ours, theirs = layout.image(platform.name), image
    assert theirs.files == ours.files
    for name in SAME:
        assert theirs.config["config"].get(name) == ours.config["config"].get(name), name
    labels = theirs.config["config"]["Labels"]
    assert labels.keys() - {"io.buildah.version"} == ours.config["config"]["Labels"].keys()
    for name in ("title", "description", "licenses", "version"):
        name = f"org.opencontainers.image.{name}"
        assert labels[name] == ours.config["config"]["Labels"][name]
    assert theirs.config["architecture"] == ours.config["architecture"]


# ---- podman ----


def test_tells_what_it_builds(built):
    for platform in PLATFORMS:
        assert f"built on {NATIVE.name} for {platform.name}\n" in built


def test_podman_builds_what_pixelzx_pack_makes(layout, tmp_path):
    assert {image.platform for image in layout.images} == {platform.name for platform in PLATFORMS}
    ours = packed(layout.images[0], tmp_path)
    for platform in PLATFORMS:
        check_same(layout.image(platform.name), ours, platform)


def test_platforms_share_all_layers_but_a_link(layout):
    (shared,) = {tuple(image.layers[:-1]) for image in layout.images}
    assert len(shared) == 2
    assert len({image.layers[-1] for image in layout.images}) == len(PLATFORMS)
    for image in layout.images:
        assert image.manifest["layers"][-1]["size"] < 1000


def test_the_node_knows_the_commit(layout, clone, make, built):  # noqa: F811
    commit = support.run([clone / "packaging/source-info.sh", "commit"], check=True).out.strip()
    image = f"{make.variables['REGISTRY']}/{IMAGE}:latest"
    node = json.loads(make.engine.start(image, "version", "--output", "json", options=["--pull=never"]).expect().out)
    label = layout.image(NATIVE.name).config["config"]["Labels"]["org.opencontainers.image.revision"]
    assert node["commit"] == commit == label


def test_make_tests_each_platform(make, built):
    result = make("docker-test-multi").expect()
    for platform in PLATFORMS:
        assert f"Testing platform: {platform.name}\n" in result.out
        assert f"Platform: {platform.name}\n" in result.out
    assert result.out.endswith("All platform tests passed!\n")


@pytest.fixture(scope="module")
def pushed(make, built):
    make("docker-push-multi").expect()


def test_make_pushes_all_platforms(make, pushed, registry):
    index = json.loads(make("inspect").expect().out)
    assert index == json.loads(registry.inspect(f"{IMAGE}:latest"))
    pushed = {"/".join(item["platform"][part] for part in ("os", "architecture", "variant") if part in item["platform"])
              for item in index["manifests"]}
    assert pushed == {platform.name for platform in PLATFORMS}


def test_make_builds_for_this_machine(make, built):
    make("docker-build-local").expect()
    assert f"Platform: {NATIVE.name}" in make.engine.start(f"localhost/{IMAGE}:local", "version").expect().out


def test_refuses_a_platform_that_it_has_no_image_for(make, built, clone):  # noqa: F811
    # What the build stage was given, so that it is there already.
    facts = {name.upper(): support.run([clone / "packaging/source-info.sh", name], check=True).out.strip()
             for name in ("commit", "branch")}
    facts["SOURCE_DATE_EPOCH"] = support.run(["git", "-C", clone, "log", "-1", "--format=%ct"], check=True).out.strip()
    facts |= {"BUILD_IMAGE": build_image.NAME, "BUILDPLATFORM": NATIVE.name}
    result = make.engine.room.run(
        *make.engine.command, "build", "--layers", "--timestamp", facts["SOURCE_DATE_EPOCH"],
        *(f"--build-arg={name}={value}" for name, value in facts.items()), "--platform", "linux/386", make.folder,
        env=make.variables, timeout=LIMIT)
    assert result.status != 0 and "there is no image for linux/386" in result.out + result.err


# ---- docker buildx ----


@pytest.fixture(scope="module")
def buildx(docker, registry, clone, tmp_path_factory):  # noqa: F811
    """Make targets by buildx."""
    plugin = support.fetched("trixie", NATIVE.debian, "docker-buildx")
    build_image.load(docker, tmp_path_factory.mktemp("build"))
    config = tmp_path_factory.mktemp("docker")
    (config / "cli-plugins").mkdir()
    (config / "cli-plugins/docker-buildx").symlink_to(plugin / "usr/libexec/docker/cli-plugins/docker-buildx")
    return Make(docker, registry, clone, BUILDER_NAME="default", DOCKER_CONFIG=config)


@pytest.fixture(scope="module")
def tested(buildx):
    """What `make docker-test-multi` has said, by buildx."""
    return buildx("docker-test-multi").expect()


def test_buildx_tests_each_platform(tested):
    for platform in PLATFORMS:
        assert f"built on {NATIVE.name} for {platform.name}\n" in tested.err
        assert f"Testing platform: {platform.name}\n" in tested.out
        assert f"Platform: {platform.name}\n" in tested.out
    assert tested.out.endswith("All platform tests passed!\n")


def test_buildx_builds_what_pixelzx_pack_makes(buildx, tested, tmp_path):
    images = []
    for platform in PLATFORMS:
        folder = tmp_path / platform.folder
        folder.mkdir()
        buildx.engine("save", "--output", folder / "saved.tar", f"{IMAGE}:test-{platform.folder}")
        buildx.engine.room.run("skopeo", "copy", "--quiet", f"docker-archive:{folder}/saved.tar", f"oci:{folder}/layout",
                               check=True)
        images.append(Layout(folder / "layout").images[0])
        check_same(images[-1], packed(images[-1], folder), platform)
    # The one more is of WORKDIR.
    (shared,) = {tuple(image.layers[:-1]) for image in images}
    assert len(shared) == 3


def test_buildx_builds_for_this_machine(buildx, tested):
    buildx("docker-build-local").expect()
    assert f"Platform: {NATIVE.name}" in buildx.engine.start(f"{IMAGE}:local", "version").expect().out


def test_buildx_inspects_what_was_pushed(buildx, pushed):
    shown = buildx("inspect").expect().out
    assert set(re.findall(r"Platform: +(\S+)", shown)) == {platform.name for platform in PLATFORMS}
