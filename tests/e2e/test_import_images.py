# SPDX-License-Identifier: Apache-2.0
"""Other people's images as input to pixelzx-pack import and doctor: built by podman on Debian's base, saved
by podman and by Docker."""

import json
import subprocess

import pytest
import support
from oci import Layout
from support import FOREIGN, NATIVE, PACK, Installation, with_handlers

OTHER = FOREIGN[0]
COMPILER = {"linux/amd64": "x86_64-linux-gnu-gcc", "linux/arm64": "aarch64-linux-gnu-gcc"}
PROGRAM = '#include <stdio.h>\nint main(int argc, char **argv) { return puts("%s") < 0; }\n'
# The entrypoint through PATH, a link to a file and a link to a folder.
ON_DEBIAN = """FROM localhost/debian
COPY app /opt/app/v1/app-real
RUN ln -s v1 /opt/app/current && ln -s /opt/app/current/app-real /usr/local/bin/app
ENV PATH=/nowhere:/usr/local/bin:/usr/bin
LABEL org.opencontainers.image.version=1.2
ENTRYPOINT ["app"]
"""
ON_NOTHING = """FROM scratch
COPY app /app
LABEL org.opencontainers.image.version=1.2
ENTRYPOINT ["/app"]
"""


def compiled(path, platform, *options):
    """A program that prints the name of its platform."""
    path.with_suffix(".c").write_text(PROGRAM % platform.name)
    subprocess.run([COMPILER[platform.name], *options, "-o", path, path.with_suffix(".c")], check=True)


@pytest.fixture(scope="module")
def build(podman):
    """A function: builds an image of the program for a platform, and returns its name."""
    # Without what no program here looks at, two thirds of it.
    base = subprocess.Popen(["tar", "-C", support.debian_root(), "--exclude=./usr/share", "--exclude=./var/lib",
                             "--exclude=./var/cache", "-c", "."], stdout=subprocess.PIPE)
    podman("import", "--quiet", "-", "localhost/debian", stdin=base.stdout)
    assert base.wait() == 0

    def build(folder, name, recipe, platform, *options):
        folder = folder / name
        folder.mkdir()
        compiled(folder / "app", platform, *options)
        (folder / "Dockerfile").write_text(recipe)
        podman("build", "--quiet", "--isolation=chroot", "--platform", platform.name, "--tag",
               f"localhost/{name}", folder)
        return f"localhost/{name}"

    return build


def doctor(archive):
    """The findings of pixelzx-pack doctor, and its report."""
    result = support.run([PACK, "doctor", "--json", archive])
    assert result.status in (0, 1), result.err
    report = json.loads(result.out)
    return [finding for finding in report["findings"] if finding["severity"] == "error"], report


def imported(folder, archive, *options):
    """An installation of the bundle that import makes of it."""
    support.run([PACK, "import", *options, "-o", folder / "app.bundle", archive], check=True)
    (folder / "installed").mkdir()
    return Installation(folder / "installed", (folder / "app.bundle").read_bytes())


def check_static(folder, archive):
    errors, report = doctor(archive)
    assert errors == [] and report["images"][0]["real_path"] == "/opt/app/v1/app-real"
    assert imported(folder, archive).run().expect().out == f"{NATIVE.name}\n"


@pytest.fixture(scope="module")
def static_on_debian(build, tmp_path_factory):
    return build(tmp_path_factory.mktemp("static"), "static", ON_DEBIAN, NATIVE, "-static")


@pytest.mark.parametrize("form", ["docker-archive", "oci-archive"])
def test_saved_by_podman(static_on_debian, podman, tmp_path, engine_room, form):
    archive = engine_room.folder / f"{form}.tar"
    podman("save", "--quiet", "--format", form, "--output", archive, static_on_debian)
    check_static(tmp_path, archive)


def test_saved_by_docker(static_on_debian, podman, docker, tmp_path, engine_room):
    archive = engine_room.folder / "docker.tar"
    podman("save", "--quiet", "--output", archive, static_on_debian)
    docker("load", "--input", archive)
    docker("save", "--output", archive, static_on_debian)
    check_static(tmp_path, archive)


def test_dynamic_on_debian(build, podman, tmp_path, engine_room):
    """A program that needs the image's libraries runs where the machine has them, too."""
    name = build(tmp_path, "dynamic", ON_DEBIAN, NATIVE)
    archive = engine_room.folder / "dynamic.tar"
    podman("save", "--quiet", "--output", archive, name)
    assert doctor(archive)[0] == []
    refusal = support.run([PACK, "import", "-o", tmp_path / "app.bundle", archive])
    assert refusal.status == 1 and "--allow-dynamic" in refusal.err and not (tmp_path / "app.bundle").exists()
    assert imported(tmp_path, archive, "--allow-dynamic").run().expect().out == f"{NATIVE.name}\n"


def test_loader_left_out(build, podman, tmp_path, engine_room):
    """The classic: a dynamic program in an image from scratch, "no such file or directory"."""
    name = build(tmp_path, "no-loader", ON_NOTHING, NATIVE)
    archive = engine_room.folder / "no-loader.tar"
    podman("save", "--quiet", "--output", archive, name)
    (error,) = doctor(archive)[0]
    assert error["code"] == "PZX-210"
    assert "exec /app: no such file or directory" in podman.start(name).err


def test_two_platforms(build, podman, tmp_path, engine_room):
    """A manifest list of an image on Debian and one from scratch."""
    podman("manifest", "create", "list")
    for platform, recipe in (NATIVE, ON_DEBIAN), (OTHER, ON_NOTHING):
        name = build(tmp_path, f"list-{platform.debian}", recipe, platform, "-static")
        podman("manifest", "add", "list", f"containers-storage:{name}")
    archive = engine_room.folder / "list.tar"
    podman("manifest", "push", "--all", "list", f"oci-archive:{archive}")
    assert {image.platform.removesuffix("/v8") for image in Layout(archive).images} == {NATIVE.name, OTHER.name}
    errors, report = doctor(archive)
    assert errors == [] and len(report["images"]) == 2
    installation = imported(tmp_path, archive, "--program", "app")
    assert installation.run().expect().out == f"{NATIVE.name}\n"
    insisted = installation.run(world=with_handlers(), env={"PIXELZX_PLATFORM": OTHER.name})
    assert insisted.expect().out == f"{OTHER.name}\n"
