# SPDX-License-Identifier: Apache-2.0
"""pixelzx-pack import: a bundle of what the images in an archive start."""

import gzip
import json
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

import bundles
import pytest
import support
from images import CRLF, File, Folder, Image, Layout, Link, docker_save, docker_save_25, elf, tar
from support import BUNDLE, PACK, PLATFORMS

AMD64, ARM64, ARM = PLATFORMS[:3]
LABEL = "org.opencontainers.image.version"


def labelled(version):
    """For Image.rewrite."""
    def rewrite(config):
        config["config"]["Labels"] = {LABEL: version}
    return rewrite


def program(platform):
    """A program that is different for every platform, and not too small to be compressed."""
    return elf(platform) + platform.name.encode() * 50


def image(platform, **options):
    return Image(platform.name, [{"usr/bin/app": program(platform)}], ["app"], **{"rewrite": labelled("1.2"), **options})


def written(path, archive):
    """Bytes, a Layout or Images as an archive at `path`."""
    if isinstance(archive, list):
        archive = Layout(*archive)
    path.write_bytes(archive.tar() if isinstance(archive, Layout) else archive)
    return path


def run_import(archive, output, *options, **environment):
    return support.run([PACK, "import", *options, "-o", output, archive], environment or None)


def imported(tmp_path, archive, *options):
    """What is in the bundle that import makes of an archive: `list --output json`, and the programs by
    platform, unpacked without any of our programs."""
    path = archive if hasattr(archive, "is_dir") else written(tmp_path / "archive", archive)
    output = tmp_path / "out.bundle"
    run_import(path, output, *options).expect()
    support.run([PACK, "verify", output]).expect()
    return support.listing(output), programs_of(output)


def programs_of(bundle):
    """Platform → program."""
    programs = {}
    with tempfile.TemporaryDirectory() as folder:
        for platform in (s["platform"] for s in support.listing(bundle)["slices"]):
            program = Path(folder) / "program"
            support.run([PACK, "extract", bundle, platform, "-o", program], check=True)
            programs[platform] = program.read_bytes()
    return programs


def refused(tmp_path, archive, *words, options=(), code=None, status=1):
    """Import writes nothing and says why. Returns what it says."""
    output = tmp_path / "out.bundle"
    result = run_import(written(tmp_path / "archive", archive), output, *options)
    assert (result.status, result.out) == (status, ""), result.err
    assert not output.exists()
    for word in ("what to do", *words):
        assert word in result.err, f"no {word!r} in: {result.err}"
    if code:
        assert f"[PZX-{code}]" in result.err, result.err
        support.saw(code)
    return result.err


# ---- anyone's images ----

FORMS = {
    "gzip": lambda images: Layout(*images).tar(),
    "zstd": lambda images: Layout(*(image(p, packing="zstd") for p in PLATFORMS)).tar(),
    "plain-layers": lambda images: Layout(*(image(p, packing="") for p in PLATFORMS)).tar(),
    "nested-index": lambda images: Layout(*images, nested=True).tar(),
    "packed-tar": lambda images: gzip.compress(Layout(*images).tar()),
    "docker-save": lambda images: docker_save(*images),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_platform_in_every_form(tmp_path, form):
    bundle, programs = imported(tmp_path, FORMS[form]([image(p) for p in PLATFORMS]))
    assert (bundle["program"], bundle["version"], bundle["options"]) == ("app", "1.2", [])
    assert programs == {p.name: program(p) for p in PLATFORMS}


def test_a_folder(tmp_path):
    folder = tmp_path / "layout"
    folder.mkdir()
    _, programs = imported(tmp_path, Layout(image(AMD64), image(ARM64)).write_folder(folder))
    assert programs == {p.name: program(p) for p in (AMD64, ARM64)}


def test_docker_save_since_25(tmp_path):
    """Platforms that the index lists, but whose blobs were never pulled, are left out, and named."""
    layout = Layout(image(AMD64), image(ARM64))
    files = docker_save_25(layout)
    del files["blobs/sha256/" + layout.manifests[1]["digest"].removeprefix("sha256:")]
    archive = written(tmp_path / "archive", tar({name: File(data, 0o644) for name, data in files.items()}))
    result = run_import(archive, tmp_path / "out.bundle", "--quiet").expect()
    assert result.err == "linux/arm64: not in this archive\n"
    assert list(programs_of(tmp_path / "out.bundle")) == ["linux/amd64"]


def test_the_same_as_create(tmp_path):
    imported(tmp_path, [image(p) for p in PLATFORMS], "--doctor", "--own-name")
    for platform in PLATFORMS:
        (tmp_path / platform.folder).write_bytes(program(platform))
    support.run([PACK, "create", "--program", "app", "--version", "1.2", "--doctor", "--own-name", "-o",
                 tmp_path / "created", *(f"{p.name}={tmp_path / p.folder}" for p in PLATFORMS)]).expect()
    assert (tmp_path / "out.bundle").read_bytes() == (tmp_path / "created").read_bytes()


def test_attestations_and_other_artifacts_are_ignored(tmp_path):
    layout = Layout(image(AMD64), Image("linux/arm64", [{"x": b"{}"}], listed_as="unknown/unknown"))
    signature = layout.descriptor("application/vnd.oci.image.manifest.v1+json", json.dumps(
        {"schemaVersion": 2, "layers": [], "config": layout.descriptor("application/vnd.signature", b"{}")}).encode())
    layout.set_index([*layout.manifests, signature])
    assert list(imported(tmp_path, layout)[1]) == ["linux/amd64"]


def test_other_systems_are_left_out(tmp_path):
    windows = Image("windows/amd64", [{"app.exe": b"MZ"}], ["app.exe"])
    archive = written(tmp_path / "archive", [image(AMD64), windows])
    result = run_import(archive, tmp_path / "out.bundle").expect()
    assert "windows/amd64: left out: bundles are for Linux" in result.err
    assert list(programs_of(tmp_path / "out.bundle")) == ["linux/amd64"]
    (tmp_path / "out.bundle").unlink()
    refused(tmp_path, [windows], "container image")


def test_one_image_under_two_tags(tmp_path):
    layout = Layout(image(AMD64))
    layout.set_index(layout.manifests * 2)
    assert list(imported(tmp_path, layout)[1]) == ["linux/amd64"]


def test_variants(tmp_path):
    """The index knows the variant that older configs lack, and a newer level is a slice of its own."""
    def old(config):
        config.pop("variant", None)
    images = [image(AMD64), Image("linux/amd64/v3", [{"usr/bin/app": program(AMD64) + b"v3"}], ["app"]), image(ARM, rewrite=old)]
    _, programs = imported(tmp_path, images, "--version", "1")
    assert set(programs) == {"linux/amd64", "linux/amd64/v3", "linux/arm/v7"}
    assert programs["linux/amd64/v3"].endswith(b"v3")


def test_through_path_links_and_whiteouts(tmp_path):
    """The entrypoint as an engine finds it: along PATH, through links, past what later layers removed."""
    right = program(ARM64)
    layers = [
        {"old/app": elf(AMD64), "first/app": elf(AMD64), "opt/v1/": Folder(), "opt/v1/app-arm64": b"old"},
        {"old/.wh.app": b"", "first/.wh..wh..opq": b"", "opt/v1/app-arm64": right, "no-x/app": File(b"", 0o644)},
        {"opt/current": Link("v1"), "usr/bin/app": Link("/opt/current/app-arm64"), "hard": Link("opt/v1/app-arm64", True)},
    ]
    path = ["PATH=/old:/first:/no-x:/usr/bin"]
    bundle, programs = imported(tmp_path, [Image("linux/arm64", layers, ["app"], env=path)], "--version", "1")
    assert programs == {"linux/arm64": right}
    assert bundle["program"] == "app"
    for start in (["/usr/bin/app"], ["usr/bin/../../opt/current/app-arm64"], ["/hard"]):
        assert imported(tmp_path, [Image("linux/arm64", layers, None, start)], "--version", "1")[1] == programs


def test_permissions_are_those_of_the_user(tmp_path):
    layers = [{"etc/passwd": b"me:x:1000:1000::/:/bin/sh\n", "a/app": File(elf(ARM64), 0o700), "b/app": elf(AMD64)}]
    app = Image("linux/amd64", layers, ["app"], env=["PATH=/a:/b"], user="me")
    assert imported(tmp_path, [app], "--version", "1")[1] == {"linux/amd64": elf(AMD64)}


def test_name_and_version(tmp_path):
    other = Image("linux/arm64", [{"usr/bin/app-arm64": program(ARM64)}], ["app-arm64"], rewrite=labelled("1.3"))
    images = [image(AMD64), other]
    refused(tmp_path, images, "--program", "linux/amd64: app, linux/arm64: app-arm64", status=2)
    refused(tmp_path, images, "--version", "linux/amd64: 1.2, linux/arm64: 1.3", options=["--program", "a"], status=2)
    refused(tmp_path, [image(AMD64, rewrite=None)], "--version", "linux/amd64: none", status=2)
    refused(tmp_path, [image(AMD64, rewrite=labelled("1 2"))], "cannot be a version")
    refused(tmp_path, images, "cannot be a program's name", options=["--program", "../a", "--version", "1"])
    bundle, _ = imported(tmp_path, images, "--program", "a", "--version", "2")
    assert (bundle["program"], bundle["version"]) == ("a", "2")


# ---- what cannot become a slice ----


@support.provokes(108)
def test_the_bug_that_started_this_project(tmp_path):
    wrong = Image("linux/arm64", [{"etc/motd": b""}, {"usr/bin/app": program(AMD64)}], ["app"],
                  history=[{"created_by": "FROM base"}, {"created_by": "COPY app /usr/bin"}])
    message = refused(tmp_path, [image(AMD64), wrong], "linux/arm64: /usr/bin/app (layer 2 of 2, sha256:",
                      "COPY app /usr/bin", "its ELF header says linux/amd64", code=108)
    assert "is not a program for linux/arm64" in message
    korean = run_import(tmp_path / "archive", tmp_path / "out.bundle", LC_ALL="ko_KR.UTF-8")
    assert "레이어 2개 중 2번째" in korean.err and "해결 방법" in korean.err


@support.provokes(402, 403, 407)
def test_entrypoints_that_lead_to_no_program(tmp_path):
    def alone(layers, *start):
        return [Image("linux/arm64", layers, list(start))]

    refused(tmp_path, alone([{"a": b""}], "app"), "linux/arm64: app:", code=402)
    gone = [{"app": elf(ARM64)}, {".wh.app": b""}]
    refused(tmp_path, alone(gone, "/app"), "linux/arm64: /app (layer 2 of 2", "whiteout", code=402)
    refused(tmp_path, alone([{"app": Link("nowhere")}], "/app"), "/app → nowhere", code=402)
    refused(tmp_path, [Image("linux/arm64", [{"a": b""}])], "linux/arm64: sha256:", code=403)
    refused(tmp_path, alone([{"app": Folder()}], "/app"), "linux/arm64: /app (layer 1 of 1", "leads to a folder")
    script = b"#!/bin/sh\nexec app\n"
    for content in (script, CRLF):
        refused(tmp_path, alone([{"bin/sh": elf(ARM64)}, {"start.sh": content}], "/start.sh"),
                "linux/arm64: /start.sh (layer 2 of 2, sha256:", "is a script", "pixelzx-pack create")
    refused(tmp_path, alone([{"app": b""}], "/app"), "linux/arm64: /app (layer 1 of 1", "is empty")
    refused(tmp_path, alone([{"app": b"text"}], "/app"), "linux/arm64: /app (layer 1 of 1", "is not a Linux program")
    refused(tmp_path, alone([{"app": elf(ARM64)[:90]}], "/app"), "is cut off")
    listed = Image("linux/amd64", [{"app": elf(AMD64)}], ["/app"], listed_as="linux/arm64")
    refused(tmp_path, [listed], code=407)


def test_dynamic_programs(tmp_path):
    dynamic = elf(AMD64, "/lib64/ld-linux-x86-64.so.2")
    images = [Image("linux/amd64", [{"app": dynamic}], ["/app"])]
    refused(tmp_path, images, "linux/amd64: /app (layer 1 of 1", "is dynamically linked", "--allow-dynamic",
            options=["--version", "1"])
    assert imported(tmp_path, images, "--version", "1", "--allow-dynamic")[1] == {"linux/amd64": dynamic}


def test_images_that_do_not_go_together(tmp_path):
    refused(tmp_path, [image(AMD64), Image("linux/amd64", [{"app": elf(AMD64)}], ["/app"])], "two images for linux/amd64")
    refused(tmp_path, [Image("linux/amd64/v7", [{"app": elf(AMD64)}], ["/app"])], "not a platform for a slice")
    many = [Image(f"linux/{arch}", [{"app": b""}], ["/app"]) for arch in
            [f"arm64/v{major}.{minor}" for major in (8, 9) for minor in range(1, 10)]
            + [f"arm/v{v}" for v in (5, 6, 7, 8)] + ["amd64", "amd64/v2", "amd64/v3", "amd64/v4", "arm64", "arm64/v9", "386",
                                                   "riscv64", "ppc64le", "s390x", "loong64"]]
    refused(tmp_path, many, "33 programs are too many")


@support.provokes(408, 409)
def test_archives_that_are_none(tmp_path):
    layout = Layout(image(AMD64))
    layout.damaged(b"\x1f\x8b", b"\x1f\x8c")
    refused(tmp_path, layout, code=408)
    refused(tmp_path, b"nothing of the kind", "not a tar archive", code=409)
    refused(tmp_path, BUNDLE.read_bytes(), "PIXELZX bundle", code=409)
    assert "No such file" in run_import(tmp_path / "none", tmp_path / "out.bundle").err


def test_holes_and_large_files(tmp_path):
    """A sparse tar's holes are zeros in the program; what claims to be larger than 1 GiB is not unpacked."""
    hole = elf(AMD64) + bytes(1 << 20) + b"end"
    (tmp_path / "app").write_bytes(hole)
    with open(tmp_path / "app", "r+b") as file:
        file.truncate(len(elf(AMD64)))
        file.seek(len(hole) - 3)
        file.write(b"end")
    layer = subprocess.run(["tar", "-C", tmp_path, "-S", "--format=gnu", "-cf", "-", "app"],
                           stdout=subprocess.PIPE, check=True).stdout
    assert len(layer) < 1 << 17
    assert imported(tmp_path, [Image("linux/amd64", [layer], ["/app"])], "--version", "1")[1] == {"linux/amd64": hole}
    (tmp_path / "out.bundle").unlink()
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", (1 << 30) + 1)
    large = subprocess.run(["tar", "-C", tmp_path, "-S", "--format=gnu", "-cf", "-", "large"],
                           stdout=subprocess.PIPE, check=True).stdout
    refused(tmp_path, [Image("linux/amd64", [large], ["/large"])], "linux/amd64: /large (layer 1 of 1", "too large")


# ---- images of our own ----

HOME = "opt/pixelzx/"
ENV = ["PATH=/opt/pixelzx/signpost/arm64:/usr/local/bin"]


def launcher_layers(platform):
    """The layers of a universal image, but for the bundle."""
    launchers = {f"{HOME}launcher/{p.folder}/pixelzx": p.launcher.read_bytes() for p in PLATFORMS}
    signpost = {HOME + "signpost/arm64/pixelzx": Link(
        "/sys/devices/system/cpu/cpu0/regs/../../../../../../opt/pixelzx/launcher/linux-arm64/pixelzx")}
    start = {"usr/local/bin/pixelzx": Link(f"../../../{HOME}launcher/{platform.folder}/pixelzx")}
    return launchers | signpost, start


def universal(bundle, platforms=PLATFORMS):
    return [Image(p.name, [launcher_layers(p)[0], {HOME + "pixelzx.bundle": bundle}, launcher_layers(p)[1]],
                  ["pixelzx"], env=ENV, user="1000:1000") for p in platforms]


def small_bundle(**options):
    slices = {p.name: program(p) for p in PLATFORMS}
    return bundles.make_bundle(slices, **{"program": "pixelzx", "version": "1.0", "options": ["doctor", "own-name"],
                                          "shares": {"genesis.json": b"{}"}, **options})


def installed(platform, index, data, name="pixelzx", shares=True):
    """A slim image, whose bundle is the index alone."""
    files = {HOME + "pixelzx.bundle": index, f"{HOME}launcher/{platform.folder}/pixelzx": platform.launcher.read_bytes(),
             f"{HOME}slices/{bundles.sha256(data)}/{name}": data}
    if shares:
        files[HOME + "share/genesis.json"] = File(b"{}", 0o644)
    return Image(platform.name, [files, launcher_layers(platform)[1]], ["pixelzx"], user="1000:1000")


def test_the_bundle_in_our_image_comes_out_again(tmp_path):
    """Bit for bit: frames, order, options and files."""
    environment = {"SOURCE_DATE_EPOCH": "0"}
    archive = written(tmp_path / "archive", universal(BUNDLE.read_bytes()))
    run_import(archive, tmp_path / "out.bundle", "--quiet", **environment).expect()
    before, after = bundles.index_of(BUNDLE.read_bytes()), bundles.index_of((tmp_path / "out.bundle").read_bytes())
    assert after == before
    assert programs_of(tmp_path / "out.bundle") == programs_of(BUNDLE)


def test_one_image_of_six_is_enough(tmp_path):
    bundle, programs = imported(tmp_path, universal(small_bundle(), [ARM]))
    assert programs == {p.name: program(p) for p in PLATFORMS}
    assert (bundle["program"], bundle["version"], bundle["options"]) == ("pixelzx", "1.0", ["doctor", "own-name"])
    with tarfile.open(tmp_path / "out.bundle") as members:
        assert members.extractfile("share/genesis.json").read() == b"{}"
    assert imported(tmp_path, universal(small_bundle(), [ARM]), "--program", "x", "--version", "2")[0]["program"] == "x"


def test_prefixes_stay(tmp_path):
    amd64, v3 = program(AMD64) * 20, program(AMD64) * 20 + b"v3"
    (tmp_path / "prefix").write_bytes(amd64)
    frame = bundles.zstd(v3, f"--patch-from={tmp_path / 'prefix'}")
    slices = {"linux/amd64": amd64, "linux/amd64/v3": bundles.Slice(v3, frame, prefix="linux/amd64")}
    archive = written(tmp_path / "archive", universal(bundles.make_bundle(slices, program="pixelzx"), [AMD64]))
    run_import(archive, tmp_path / "out.bundle").expect()
    support.run([PACK, "extract", "-o", tmp_path / "v3", tmp_path / "out.bundle", "linux/amd64/v3"]).expect()
    assert (tmp_path / "v3").read_bytes() == v3
    assert b"prefix=linux/amd64" in bundles.index_of((tmp_path / "out.bundle").read_bytes())


@pytest.mark.parametrize("place", ["attached", "beside", "lib", "variable"])
def test_a_bundle_where_launchers_find_it(tmp_path, place):
    bundle, launcher = small_bundle(), AMD64.launcher.read_bytes()
    files = {"attached": {"app/pixelzx": bundles.attach(launcher, bundle)},
             "beside": {"app/pixelzx": launcher, "app/pixelzx.bundle": bundle},
             "lib": {"app/pixelzx": launcher, "lib/pixelzx/pixelzx.bundle": bundle},
             "variable": {"app/pixelzx": launcher, "data": bundle, "app/pixelzx.bundle": b"not that one"}}[place]
    env = ["PIXELZX_BUNDLE=/data"] if place == "variable" else None
    _, programs = imported(tmp_path, [Image("linux/amd64", [files], ["/app/pixelzx"], env=env)])
    assert programs == {p.name: program(p) for p in PLATFORMS}


def test_programs_near_a_bundle_are_programs(tmp_path):
    files = {"usr/local/bin/app": program(AMD64), "usr/local/lib/pixelzx/pixelzx.bundle": small_bundle()}
    _, programs = imported(tmp_path, [Image("linux/amd64", [files], ["app"])], "--version", "1")
    assert programs == {"linux/amd64": program(AMD64)}


def test_installed_bundles(tmp_path):
    """Each image has its own platform's program, with an index of that alone or of all."""
    whole = bundles.index_of(small_bundle())

    def index_of(platform):
        return bundles.index_of(small_bundle()) if platform is AMD64 else bundles.with_end("".join(
            line + "\n" for line in whole.decode().splitlines()
            if not line.startswith(("slice", "end")) or line.startswith(f"slice {platform.name} ")))

    bundle, programs = imported(tmp_path, [installed(p, index_of(p), program(p)) for p in PLATFORMS])
    assert programs == {p.name: program(p) for p in PLATFORMS}
    assert (bundle["program"], bundle["version"], bundle["options"]) == ("pixelzx", "1.0", ["doctor", "own-name"])
    with tarfile.open(tmp_path / "out.bundle") as members:
        assert members.extractfile("share/genesis.json").read() == b"{}"


@support.provokes(105)
def test_installed_bundles_that_are_not_whole(tmp_path):
    index = bundles.index_of(small_bundle())
    nothing = installed(AMD64, index, b"other", "other")
    refused(tmp_path, [nothing], "linux/amd64: /opt/pixelzx/pixelzx.bundle (layer 1 of 2", "has none of the programs")
    changed = installed(AMD64, index, program(AMD64))
    name = f"{HOME}slices/{bundles.sha256(program(AMD64))}/pixelzx"
    changed.layers[0][name] = program(AMD64)[:-1] + b"?"
    refused(tmp_path, [changed], f"linux/amd64: /{name} (layer 1 of 2", "SHA-256", code=105)
    refused(tmp_path, [installed(AMD64, index, program(AMD64), shares=False)], "/opt/pixelzx/share/genesis.json",
            "shared file is missing")


@support.provokes(105, 108)
def test_bundles_that_are_not_right(tmp_path):
    damaged = bundles.Slice(program(AMD64), sha256="0" * 64)
    bundle = bundles.make_bundle({"linux/amd64": damaged}, program="pixelzx")
    refused(tmp_path, universal(bundle, [AMD64]), "linux/amd64: /opt/pixelzx/pixelzx.bundle (layer 2 of 3", code=105)
    share = small_bundle().replace(b"{}", b"[]")
    refused(tmp_path, universal(share, [AMD64]), "shared file is damaged", "/opt/pixelzx/pixelzx.bundle (layer 2 of 3")
    refused(tmp_path, universal(b"nothing", [AMD64]), "linux/amd64: /opt/pixelzx/pixelzx.bundle (layer 2 of 3")
    # The launcher is for another machine than the image.
    wrong = universal(small_bundle(), [ARM64])[0]
    wrong.platform = "linux/amd64"
    refused(tmp_path, [wrong], "linux/amd64: /opt/pixelzx/launcher/linux-arm64/pixelzx", code=108)


def test_bundles_that_differ(tmp_path):
    def with_arm64(**options):
        return universal(small_bundle(), [AMD64]) + universal(small_bundle(**options), [ARM64])

    refused(tmp_path, with_arm64(version="1.1"), "images for linux/amd64 and linux/arm64", "program",
            "pixelzx 1.0", "pixelzx 1.1")
    refused(tmp_path, with_arm64(options=["doctor"]), "option", "doctor own-name")
    refused(tmp_path, with_arm64(shares={}), "share genesis.json", "none")
    refused(tmp_path, with_arm64(shares={"genesis.json": b"[]"}), "share genesis.json", bundles.sha256(b"[]"))
    other = bundles.make_bundle({"linux/amd64": elf(AMD64)}, program="pixelzx", options=["doctor", "own-name"],
                                shares={"genesis.json": b"{}"})
    refused(tmp_path, universal(small_bundle(), [AMD64]) + universal(other, [ARM64]), "slice linux/amd64",
            bundles.sha256(elf(AMD64)))
    plain = image(ARM64)
    refused(tmp_path, universal(small_bundle(), [AMD64]) + [plain], "linux/amd64 starts a launcher", "linux/arm64")


@pytest.mark.parametrize("options, output", [
    ([], "image.tar"), ([], "folder"), (["--compression", "zstd"], "image.tar"), (["--kind", "slim"], "image.tar"),
    (["--kind", "slim", "--compression", "zstd"], "folder"), (["--single", "linux/amd64"], "image.tar")],
    ids=lambda value: "-".join(value).replace("--", "").replace("/", "-") if isinstance(value, list) else value)
def test_what_image_makes(tmp_path, options, output):
    """create → image → import: the same bundle again."""
    (tmp_path / "bundle").write_bytes(small_bundle())
    launchers = support.DIST / "launcher"
    support.run([PACK, "image", *options, "--launchers", launchers, "-o", tmp_path / output, tmp_path / "bundle"]).expect()
    bundle, programs = imported(tmp_path, tmp_path / output)
    assert programs == {p.name: program(p) for p in PLATFORMS}
    assert (bundle["program"], bundle["version"], bundle["options"]) == ("pixelzx", "1.0", ["doctor", "own-name"])
    with tarfile.open(tmp_path / "out.bundle") as members:
        assert members.extractfile("share/genesis.json").read() == b"{}"


# ---- the command itself ----


def test_nothing_is_lost_by_a_refusal(tmp_path):
    output = tmp_path / "out.bundle"
    output.write_bytes(b"before")
    archive = written(tmp_path / "archive", [Image("linux/arm64", [{"app": elf(AMD64)}], ["/app"])])
    run_import(archive, output).expect(1)
    assert output.read_bytes() == b"before" and sorted(path.name for path in tmp_path.iterdir()) == ["archive", "out.bundle"]


def test_out_of_a_pipe_and_into_a_summary(tmp_path):
    done = subprocess.run([PACK, "import", "-o", tmp_path / "out.bundle", "/dev/stdin"],
                                  input=docker_save(image(AMD64)), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env={"TMPDIR": str(tmp_path)}, check=True)
    assert done.stdout == b"" and done.stderr.startswith(b"app 1.2\n") and b"linux/amd64" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out.bundle"]


def test_usage(tmp_path):
    for words in (["import"], ["import", "archive"], ["import", "-o", tmp_path / "x"], ["import", "-o", "x", "a", "b"]):
        result = support.run([PACK, *words])
        assert result.status == 2 and "pixelzx-pack import --help" in result.err, result.err
    assert "--allow-dynamic" in support.run([PACK, "import", "--help"]).expect().out
