# SPDX-License-Identifier: Apache-2.0
"""pixelzx-pack doctor: whether the images in an archive can start on the machines they are for."""

import errno
import gzip
import json
import os
import subprocess
import time

import pytest
import support
from images import CRLF, File, Folder, Image, Layout, Link, docker_save, docker_save_25, elf, platform_members, tar
from support import PACK, PLATFORMS

AMD64, ARM64, ARM, RISCV64 = PLATFORMS[:4]
SHELL = {"bin/sh": elf(AMD64)}


class Report:
    def __init__(self, result):
        self.status, self.text = result.status, result.out + result.err
        self.json = json.loads(result.out)

    @property
    def codes(self):
        return [finding["code"] for finding in self.json["findings"]]

    def finding(self, code):
        found = [finding for finding in self.json["findings"] if finding["code"] == f"PZX-{code}"]
        assert found, self.text
        support.saw(code)
        return found[0]


def doctor(archive, *options, **environment):
    return support.run([PACK, "doctor", *options, archive], environment or None)


def examine(path, archive):
    """Examines bytes, a Layout, or an Image, as an archive at `path`."""
    if isinstance(archive, Image):
        archive = Layout(archive)
    path.write_bytes(archive.tar() if isinstance(archive, Layout) else archive)
    return Report(doctor(path, "--json"))


def mislabelled(packing="gzip"):
    """The image that started this project: for arm64 by its config, for amd64 by its program."""
    return Image("linux/arm64", [{"etc/motd": b"hello"}, {"usr/local/bin/pixelzx": elf(AMD64)}], ["pixelzx"],
                 packing=packing, history=[{"created_by": "FROM base"}, {"created_by": "ENV A=B", "empty_layer": True},
                                           {"created_by": "COPY  pixelzx\n /usr/local/bin/"}])


def right():
    return Image("linux/amd64", [{"usr/local/bin/app": elf(AMD64)}], ["app"])


# ---- the bug that started this project ----


ARCHIVES = {
    "oci-gzip": lambda: Layout(mislabelled()).tar(),
    "oci-zstd": lambda: Layout(mislabelled("zstd")).tar(),
    "oci-plain": lambda: Layout(mislabelled("")).tar(),
    "oci-nested-index": lambda: Layout(mislabelled(), nested=True).tar(),
    "packed-tar": lambda: gzip.compress(Layout(mislabelled()).tar()),
    "docker-save": lambda: docker_save(mislabelled()),
    "docker-save-packed": lambda: gzip.compress(docker_save(mislabelled())),
    "docker-save-25": lambda: tar({name: File(data) for name, data in docker_save_25(Layout(mislabelled(""))).items()}),
}


@support.provokes(401)
@pytest.mark.parametrize("form", ARCHIVES)
def test_wrong_architecture(tmp_path, form):
    report = examine(tmp_path / "archive", ARCHIVES[form]())
    assert (report.status, report.codes) == (1, ["PZX-401"])
    finding = report.finding(401)
    assert finding["path"] == "/usr/local/bin/pixelzx" and finding["severity"] == "error"
    assert finding["evidence"]["needs"] == "linux/arm64" and finding["evidence"]["found"] == "linux/amd64"
    assert finding["layer"].startswith("2 of 2, sha256:") and "COPY pixelzx /usr/local/bin/" in finding["layer"]
    image, = report.json["images"]
    assert image["platform"] == "linux/arm64" and image["entrypoint"] == ["pixelzx"] and not image["ok"]


def test_wrong_architecture_in_a_folder(tmp_path):
    folder = Layout(mislabelled()).write_folder(tmp_path)
    result = doctor(folder)
    assert result.status == 1 and result.err == ""
    for words in ("✗ linux/arm64", "[PZX-401]", "/usr/local/bin/pixelzx", "linux/amd64", "2 of 2", "what to do"):
        assert words in result.out, result.out
    korean = doctor(folder, "--lang", "ko")
    assert korean.status == 1 and "해결 방법" in korean.out and "what to do" not in korean.out
    assert doctor(folder, LC_ALL="ko_KR.UTF-8").out == korean.out
    assert doctor(folder, "--lang", "en", LC_ALL="ko_KR.UTF-8").out == result.out


def test_out_of_a_pipe(tmp_path):
    done = subprocess.run([PACK, "doctor", "/dev/stdin"], input=docker_save(mislabelled()), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env={"TMPDIR": str(tmp_path)}, check=False)
    assert done.returncode == 1 and b"PZX-401" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_entrypoint_of_another_width(tmp_path):
    image = Image("linux/arm64", [{"app": elf(RISCV64), "bin/app32": elf(ARM)}], ["/app"])
    report = examine(tmp_path / "a", image)
    assert report.finding(401)["evidence"]["found"] == "linux/riscv64"
    image.entrypoint = ["app32"]
    assert examine(tmp_path / "b", image).finding(401)["evidence"]["found"].startswith("linux/arm")


# ---- right images ----


def test_right_images(tmp_path):
    images = [Image(p.name, [{"usr/bin/app": elf(p)}], ["app", "start"]) for p in PLATFORMS]
    report = examine(tmp_path / "a", Layout(*images, nested=True))
    assert (report.status, report.codes) == (0, []), report.text
    assert [image["platform"] for image in report.json["images"]] == [p.name for p in PLATFORMS]
    assert {image["tag"] for image in report.json["images"]} == {"app:1.0"}
    result = doctor(tmp_path / "a").expect()
    assert result.out.count("✓") == len(PLATFORMS) and "PZX" not in result.out


def test_old_docker_archive_with_links(tmp_path):
    layer = {"bin/app": elf(AMD64)}
    report = examine(tmp_path / "a", docker_save(Image("linux/amd64", [layer, {"x": b""}, layer], ["app"]), right()))
    assert (report.status, report.codes) == (0, []), report.text
    assert report.json["images"][0]["layer"].startswith("3 of 3")


def test_attestations_and_other_artifacts_are_left_out(tmp_path):
    layout = Layout(right())
    unknown = layout.descriptor("application/vnd.oci.image.manifest.v1+json", b"{}")
    marked = {**unknown, "annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    signature = layout.descriptor("application/vnd.oci.image.manifest.v1+json", json.dumps({
        "config": layout.descriptor("application/vnd.dev.cosign.simplesigning.v1+json", b"{}"), "layers": []}).encode())
    layout.set_index([*layout.manifests, {**unknown, "platform": platform_members("unknown/unknown")}, marked,
                      signature])
    report = examine(tmp_path / "a", layout)
    assert report.status == 0 and len(report.json["images"]) == 1


def test_platforms_never_pulled(tmp_path):
    """Docker 25 and later list platforms whose blobs they do not have."""
    layout = Layout(right(), Image("linux/arm64", [{"app": elf(ARM64)}], ["/app"]))
    files = docker_save_25(layout)
    del files["blobs/sha256/" + layout.manifests[1]["digest"].removeprefix("sha256:")]
    report = examine(tmp_path / "a", tar({name: File(data) for name, data in files.items()}))
    assert report.status == 0 and [bool(image.get("skipped")) for image in report.json["images"]] == [False, True]


def test_other_systems_are_not_examined(tmp_path):
    image = Image("windows/amd64", [{"Files/app.exe": b"MZ"}], ["app.exe"])
    report = examine(tmp_path / "a", image)
    assert report.status == 0 and report.json["images"][0]["skipped"]


# ---- what would start ----


def test_links_layers_and_path(tmp_path):
    """A merged /usr, a PATH of its own with links that resolve nowhere, hard links, a replaced folder."""
    image = Image("linux/amd64", [
        {"bin": Link("usr/bin"), "usr": Folder(), "usr/bin": Folder(), "old/file": b"", "opt/real": elf(ARM64)},
        {"bin/app": elf(AMD64), "old": b"", "opt/.wh.real": b"", "usr/bin/hard": Link("bin/app", hard=True)},
        {"opt/signpost/app": Link("/sys/kernel/nowhere/../../opt/real"), "opt/bin/app": Link("../../../../usr/bin/hard")},
    ], ["app"], env=["PATH=/nowhere:/opt/signpost:/opt/bin"])
    report = examine(tmp_path / "a", image)
    assert (report.status, report.codes) == (0, []), report.text
    seen = report.json["images"][0]
    assert (seen["file"], seen["real_path"]) == ("/opt/bin/app", "/usr/bin/hard")
    assert seen["layer"].startswith("2 of 3")


MISSING = {
    "not-in-path": (Image("linux/amd64", [SHELL], ["app"]), "PATH"),
    "whiteout": (Image("linux/amd64", [{"bin/app": elf(AMD64)}, {"bin/.wh.app": b""}], ["/bin/app"]), "whiteout"),
    "whiteout-in-path": (Image("linux/amd64", [{"bin/app": elf(AMD64)}, {"bin/.wh.app": b""}], ["app"]), "whiteout"),
    "opaque": (Image("linux/amd64", [{"bin/app": elf(AMD64)}, {"bin/.wh..wh..opq": b"", "bin/x": elf(AMD64)}],
                     ["/bin/app"]), "nothing"),
    "dangling": (Image("linux/amd64", [{"app": Link("/opt/gone")}], ["/app"]), "/opt/gone"),
    "loop": (Image("linux/amd64", [{"a": Link("b"), "b": Link("a")}], ["/a"]), "→ b"),
    "empty-word": (Image("linux/amd64", [SHELL], [""]), ""),
    "no-layers": (Image("linux/amd64", [], ["/app"]), "nothing"),
}


@support.provokes(402)
@pytest.mark.parametrize("case", MISSING)
def test_entrypoint_missing(tmp_path, case):
    image, words = MISSING[case]
    report = examine(tmp_path / "a", image)
    assert report.status == 1 and report.codes == ["PZX-402"], report.text
    assert words in report.finding(402)["evidence"]["detail"]
    if "whiteout" in case:
        assert report.finding(402)["layer"].startswith("2 of 2")
    assert words in doctor(tmp_path / "a").out


@support.provokes(403)
def test_no_entrypoint(tmp_path):
    report = examine(tmp_path / "a", Image("linux/amd64", [SHELL]))
    assert (report.status, report.codes) == (0, ["PZX-403"])
    support.saw(403)
    assert doctor(tmp_path / "a").out.count("! ") == 2


def test_cmd_alone_and_shell_form(tmp_path):
    report = examine(tmp_path / "a", Image("linux/amd64", [SHELL], cmd=["/bin/sh", "-c", "exec gone"]))
    assert (report.status, report.codes) == (0, [])
    assert report.json["images"][0]["entrypoint"] == ["/bin/sh", "-c", "exec gone"]


START = {
    "interpreter-missing": ({"app": b"#!/bin/bash\n"}, 229),
    "crlf": ({"app": CRLF}, 226),
    "loader-missing": ({"app": elf(AMD64, "/lib64/ld-linux-x86-64.so.2")}, 210),
    "glibc-on-musl": ({"app": elf(AMD64, "/lib64/ld-linux-x86-64.so.2"), "lib/ld-musl-x86_64.so.1": elf(AMD64)}, 211),
    "foreign-interpreter": ({"app": b"#!/bin/tool\n", "bin/tool": elf(ARM64)}, 401),
    "not-executable": ({"app": File(elf(AMD64), 0o644)}, 219),
    "folder": ({"app": Folder()}, 220),
    "empty": ({"app": b""}, 216),
    "windows": ({"app": b"MZ" + bytes(100)}, 236),
}


@pytest.mark.parametrize("case", START)
def test_entrypoint_that_does_not_run(tmp_path, case):
    files, code = START[case]
    report = examine(tmp_path / "a", Image("linux/amd64", [SHELL, files], ["/app"]))
    assert report.status == 1
    assert report.finding(code)["layer"].startswith("2 of 2"), report.text
    assert f"[PZX-{code}]" in doctor(tmp_path / "a").out


def test_script_with_its_interpreters(tmp_path):
    """env, a script as interpreter, a loader: all are found, in layers of their own."""
    loader = "/lib64/ld-linux-x86-64.so.2"
    image = Image("linux/amd64", [{"lib64/ld-linux-x86-64.so.2": elf(AMD64)},
                                  {"usr/bin/env": elf(AMD64, loader), "usr/bin/python": elf(AMD64, loader)},
                                  {"app": b"#!/usr/bin/env python\n", "app2": b"#!/app\n"}], ["/app2"])
    report = examine(tmp_path / "a", image)
    assert (report.status, report.codes) == (0, []), report.text


USERS = {
    "root": ("", 0o700, 0),
    "other": ("1002", 0o754, 219),
    "owner": ("7:7", 0o744, 0),
    "group": ("1000:7", 0o710, 0),
    "name": ("app", 0o710, 0),
    "member": ("guest", 0o710, 0),
    "unknown": ("nobody", 0o700, 0),
}


@pytest.mark.parametrize("case", USERS)
def test_user(tmp_path, case):
    user, mode, code = USERS[case]
    files = {"etc/passwd": b"root:x:0:0::/:\napp:x:1000:7::/:\nguest:x:1001:1001::/:\n",
             "etc/group": b"root:x:0:\nstaff:x:7:guest\n", "app": File(elf(AMD64), mode, 7, 7)}
    report = examine(tmp_path / "a", Image("linux/amd64", [files], ["/app"], user=user))
    assert report.codes == ([f"PZX-{code}"] if code else []), report.text


# ---- other programs in the image ----


@support.provokes(405)
def test_foreign_binaries(tmp_path):
    tools = {f"opt/tool{i:02}": elf(ARM64) for i in range(12)}
    image = Image("linux/amd64", [{"app": elf(AMD64)}, tools | {"opt/script": b"#!/bin/gone\n", "lib/x.so": b"data"}],
                  ["/app"])
    report = examine(tmp_path / "a", image)
    assert report.status == 0 and sorted(set(report.codes)) == ["PZX-229", "PZX-405"] and report.codes.count("PZX-405") == 12
    assert report.finding(405)["severity"] == "warning" and report.finding(405)["layer"].startswith("2 of 2")
    assert report.finding(405)["evidence"] | {"layer": ""} == {
        "path": "/opt/tool00", "found": "linux/arm64", "needs": "linux/amd64", "layer": ""}
    text = doctor(tmp_path / "a").expect().out
    assert text.count("[PZX-405]") == 1 and "and 2 more" in text
    assert text.count("/opt/tool") == 11  # ten, and the first once more in what to do


def launchers(platform):
    files = {f"opt/launcher/{p.folder}/app": elf(p) for p in PLATFORMS}
    return Image(platform.name, [files, {"usr/local/bin/app": Link(f"/opt/launcher/{platform.folder}/app")}], ["app"])


@support.provokes(406)
def test_platform_missing_from_the_index(tmp_path):
    """An image with programs for six platforms, on purpose; the index lists two."""
    report = examine(tmp_path / "a", Layout(launchers(AMD64), launchers(ARM64)))
    assert report.status == 0
    missing = report.finding(406)["evidence"]["needs"].split(", ")
    assert len(missing) == 4 and "linux/riscv64" in missing and "linux/arm64" not in missing
    text = doctor(tmp_path / "a").expect().out
    assert text.count("[PZX-405]") == 0 and text.count("[PZX-406]") == 1
    assert "also carries   linux/arm" in text
    assert {f["severity"] for f in report.json["findings"]} == {"note"}
    whole = examine(tmp_path / "b", Layout(*map(launchers, PLATFORMS)))
    assert whole.status == 0 and set(whole.codes) == {"PZX-405"}
    # `docker save` without an index has no place for more.
    assert "PZX-406" not in examine(tmp_path / "c", docker_save(launchers(AMD64))).codes


@support.provokes(410)
def test_too_many_executables(tmp_path):
    """The interpreter of the entrypoint is found although it comes after the first thousand."""
    files = {f"a/{i:04}": elf(AMD64) for i in range(1000)}
    assert examine(tmp_path / "a", Image("linux/amd64", [files], ["0000"], env=["PATH=/a"])).codes == []
    files |= {"z/sh": elf(AMD64), "z/app": b"#!/z/sh\n"}
    report = examine(tmp_path / "b", Image("linux/amd64", [files], ["/z/app"]))
    assert (report.status, report.codes) == (0, ["PZX-410"]), report.text
    assert report.finding(410)["severity"] == "note" and "1002" in report.finding(410)["evidence"]["detail"]


# ---- index and config ----


CONTRADICTIONS = {
    "architecture": ("linux/arm64", "linux/amd64", True),
    "variant": ("linux/arm/v7", "linux/arm/v6", True),
    "spelling": ("linux/arm64", "linux/arm64/v8", False),
    "config-without-variant": ("linux/arm", "linux/arm/v6", False),
    "none": ("linux/amd64", "", False),
}


@pytest.mark.parametrize("case", [pytest.param(case, marks=support.provokes(407) if values[2] else ())
                                  for case, values in CONTRADICTIONS.items()])
def test_index_and_config(tmp_path, case):
    config, index, contradicts = CONTRADICTIONS[case]
    program = ARM if "arm/" in config or config == "linux/arm" else ARM64 if "arm64" in config else AMD64
    image = Image(config, [{"app": elf(program)}], ["/app"], listed_as=index)
    report = examine(tmp_path / "a", image)
    assert ("PZX-407" in report.codes) == contradicts, report.text
    if contradicts:
        assert report.status == 1
        evidence = report.finding(407)["evidence"]
        assert (evidence["needs"], evidence["found"]) == (index, config)


# ---- damage ----


def without(layout, part):
    name = next(name for name, data in layout.files.items() if name.startswith("blobs/") and part in data)
    del layout.files[name]
    return layout, name


def damage_cases():
    yield "blob-changed", lambda: Layout(mislabelled("")), lambda x: x.damaged(b"hello", b"jello")
    yield "config-changed", lambda: Layout(right()), lambda x: x.damaged(b'"rootfs"', b'"roots" ')
    yield "config-missing", lambda: Layout(right()), lambda x: without(x, b'"rootfs"')[1]
    yield "manifest-missing", lambda: Layout(right()), lambda x: without(x, b'"layers": [')[1]
    yield "layer-missing", lambda: Layout(mislabelled("")), lambda x: without(x, b"hello")[1]


@support.provokes(408)
@pytest.mark.parametrize("case", damage_cases(), ids=lambda case: case[0])
def test_damaged_blob(tmp_path, case):
    _, make, damage = case
    layout = make()
    name = damage(layout).removeprefix("blobs/sha256/")
    report = examine(tmp_path / "a", layout)
    assert report.status == 1 and name in report.finding(408)["evidence"]["detail"], report.text
    assert f"{name[:12]}" in doctor(tmp_path / "a").out
    assert name in Report(doctor(layout.write_folder(tmp_path / "folder"), "--json")).finding(408)["evidence"]["detail"]


def hostile_json():
    for name, change in {
            "index-no-json": {"index.json": b"{"},
            "index-list": {"index.json": b"[]"},
            "index-deep": {"index.json": b"[" * 1_000_000},
            "manifests-number": {"index.json": b'{"manifests": 7}'},
            "manifest-text": {"index.json": b'{"manifests": ["x"]}'},
            "digest-number": {"index.json": b'{"manifests": [{"digest": 7}]}'},
            "digest-path": {"index.json": b'{"manifests": [{"digest": "sha256:../../../../etc/passwd"}]}'},
            "digest-sha512": {"index.json": b'{"manifests": [{"digest": "sha512:%s"}]}' % (b"0" * 128)},
            "size-negative": {"index.json": b'{"manifests": [{"digest": "x", "size": -1}]}'},
            "platform-nonsense": {"index.json": b'{"manifests": [{"platform": {"os": "\\u001b[31m/"}}]}'},
            "too-many": {"index.json": b'{"manifests": [%s{}]}' % (b"{}," * 1000)},
            "too-long": {"index.json": b" " * (5 << 20)},
    }.items():
        yield name, change


@pytest.mark.parametrize("case", hostile_json(), ids=lambda case: case[0])
def test_hostile_json(tmp_path, case):
    layout = Layout(right())
    layout.files |= case[1]
    report = examine(tmp_path / "a", layout)
    assert report.status == 1 and report.finding(408), report.text
    assert "\x1b" not in doctor(tmp_path / "a").out


CONFIGS = {
    "entrypoint-text": lambda config: config["config"].update(Entrypoint="/app"),
    "entrypoint-numbers": lambda config: config["config"].update(Entrypoint=[1]),
    "config-list": lambda config: config.update(config=[]),
    "no-architecture": lambda config: (config.pop("os"), config.pop("architecture")),
    "no-diff-ids": lambda config: config.pop("rootfs"),
    "other-diff-ids": lambda config: config["rootfs"].update(diff_ids=["sha256:" + "0" * 64]),
    "more-diff-ids": lambda config: config["rootfs"]["diff_ids"].append("x"),
}


@pytest.mark.parametrize("case", CONFIGS)
def test_hostile_config(tmp_path, case):
    image = right()
    image.rewrite = CONFIGS[case]
    assert examine(tmp_path / "a", image).finding(408)
    assert examine(tmp_path / "b", docker_save(image)).finding(408)


LAYERS = {
    "leads-out": tar({"../../etc/passwd": b"x"}),
    "link-leads-out": tar({"x": Link("../../etc/passwd", hard=True)}),
    "hard-link-to-nothing": tar({"x": Link("gone", hard=True)}),
    "links-in-a-circle": tar({"a": Link("b"), "b": Link("a"), "a/file": b""}),
    "long-path": tar({"x/" * 3000 + "y": b""}),
    "no-tar": b"this is no tar archive " * 100,
    "cut-off": tar({"x": b"x" * 10000})[:5000],
}


@pytest.mark.parametrize("case", LAYERS)
def test_hostile_layer(tmp_path, case):
    report = examine(tmp_path / "a", Image("linux/amd64", [LAYERS[case]], ["/app"]))
    assert report.status == 1 and report.codes == ["PZX-408"], report.text


def test_ever_deeper_folders(tmp_path):
    """Links to deep folders, in which are links to deeper ones."""
    deep = "d/" * 1500
    members = {deep + "x": b"", "l0": Link("/" + deep)}
    for i in range(20):
        members[f"l{i}/{deep}x"] = b""
        members[f"l{i + 1}"] = Link(f"l{i}/{deep}")
    assert examine(tmp_path / "a", Image("linux/amd64", [members], ["/app"])).codes == ["PZX-408"]


def test_truncated_archives(tmp_path):
    whole = Layout(mislabelled("")).tar()
    for end in range(1, len(whole), 700):
        report = examine(tmp_path / "a", whole[:end])
        assert report.status in (0, 1) and set(report.codes) & {"PZX-408", "PZX-409", "PZX-401"}, (end, report.text)
    packed = gzip.compress(whole)
    assert examine(tmp_path / "b", packed[:-20]).finding(408)
    assert examine(tmp_path / "c", packed[:len(packed) // 2]).status == 1


def no_image_cases():
    yield "empty-file", b"", ""
    yield "text", b"not an archive\n" * 100, "tar"
    yield "gzip-of-text", gzip.compress(b"not an archive\n" * 100), "tar"
    yield "root-file-system", tar({"etc/passwd": b"root:x:0:0::/:\n"}), "docker export"
    yield "bundle", tar({"pixelzx.index": b""}), "pixelzx-pack verify"
    yield "other-tar", tar({"file": b""}), "index.json"
    yield "no-image-in-it", tar({"index.json": b"{}"}), "no container image"
    yield "no-image-saved", tar({"manifest.json": b"[]"}), "no container image"


@support.provokes(409)
@pytest.mark.parametrize("case", no_image_cases(), ids=lambda case: case[0])
def test_no_image(tmp_path, case):
    report = examine(tmp_path / "a", case[1])
    assert report.status == 1 and report.codes == ["PZX-409"], report.text
    assert case[2] in report.finding(409)["evidence"]["detail"]
    assert "[PZX-409]" in doctor(tmp_path / "a").out


def test_command_line(tmp_path):
    (tmp_path / "good").write_bytes(Layout(right()).tar())
    assert support.run([PACK, "doctor"]).status == 2
    assert doctor(tmp_path / "good", "--lang", "fr").status == 2
    absent = doctor(tmp_path / "absent")
    assert absent.status == 1 and absent.out == "" and os.strerror(errno.ENOENT) in absent.err
    both = support.run([PACK, "doctor", tmp_path / "absent", tmp_path / "good"])
    assert both.status == 1 and "linux/amd64" in both.out and "absent" in both.err
    twice = support.run([PACK, "doctor", tmp_path / "good", tmp_path / "good"]).expect()
    assert twice.out.count("✓ linux/amd64") == 2 and "\x1b" not in twice.out + twice.err


def test_bounded_memory_and_time(tmp_path):
    """A layer of 300 MB of files, one of them large: nothing of it is held but its ends."""
    image = Image("linux/amd64", [{"app": elf(AMD64) + bytes(300 << 20)}], ["/app"], packing="zstd")
    (tmp_path / "a").write_bytes(Layout(image).tar())
    started = time.monotonic()
    report = subprocess.run(["/usr/bin/python3", "-c",
                             "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
                             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)", PACK, "doctor",
                             tmp_path / "a"], stdout=subprocess.PIPE, check=True)
    assert int(report.stdout.split()[-1]) < 64 << 10
    assert time.monotonic() - started < 120


# ---- a real engine ----


@pytest.mark.parametrize("form", ["docker-archive", "oci-archive", "oci-dir", "docker-dir"])
def test_saved_by_podman(tmp_path, podman, form):
    (tmp_path / "app").write_bytes(elf(AMD64))
    (tmp_path / "app").chmod(0o755)
    (tmp_path / "Dockerfile").write_text('FROM scratch\nCOPY app /usr/bin/app\nENTRYPOINT ["app"]\n')
    for architecture, codes in ("amd64", []), ("arm64", ["PZX-401"]):
        tag = f"localhost/app:{architecture}-{form}"
        podman("build", "--isolation", "chroot", "--no-cache", "--arch", architecture, "-t", tag, tmp_path)
        saved = tmp_path / architecture
        podman("save", "--format", form, "-o", saved, tag)
        if form == "docker-dir":  # neither an OCI layout nor what docker load takes
            assert Report(doctor(saved, "--json")).codes == ["PZX-408"]
            continue
        report = Report(doctor(saved, "--json"))
        assert report.codes == codes, report.text
        assert tag in report.json["images"][0]["tag"] or form != "docker-archive"
