# SPDX-License-Identifier: Apache-2.0
"""The images that pixelzx-pack makes: what is in them, and how they run under real engines."""

import json
import posixpath
import re

import bundles
import engines
import pytest
import support
from images import File, Folder, Link, digest
from oci import Layout, platform_text, seccomp_profile, validator
from support import BUNDLE, FOREIGN, NATIVE, PACK, PLATFORMS, by_name

NAME = "test/pixelzx"
VERSION = ("version", "--output", "json")
TRACE = {"PIXELZX_TRACE": "json"}
UNIVERSAL_LIMIT, SLIM_LIMIT = 10_000_000, 2_500_000  # bytes, compressed
# DESIGN.md section 8: each exists on kernels of that architecture only.
SIGNPOSTS = {"linux/amd64": ["/sys/kernel/boot_params"], "linux/arm64": ["/sys/devices/system/cpu/cpu0/regs"],
             "linux/arm/v7": ["/proc/cpu"], "linux/ppc64le": ["/proc/powerpc"], "linux/s390x": ["/sys/bus/ccw"],
             "linux/riscv64": ["/sys/bus/platform/drivers/riscv-pmu-sbi", "/sys/bus/platform/drivers/riscv-plic"]}
KINDS = {"universal": (), "slim": ("--kind", "slim"), "single": ("--single", "linux/amd64"),
         "zstd": ("--compression", "zstd")}
HARDENED = ["--read-only", "--cap-drop=all", "--security-opt=no-new-privileges"]
SECCOMP = {"linux/amd64": "SCMP_ARCH_X86_64", "linux/arm64": "SCMP_ARCH_AARCH64"}
each_platform = pytest.mark.parametrize("platform", PLATFORMS, ids=by_name)
each_engine = pytest.mark.parametrize("engine", ["podman", "podman_crun", "docker"], indirect=True)
# podman_crun has podman's images: no need to move them twice.
each_store = pytest.mark.parametrize("engine", ["podman", "docker"], indirect=True)


@pytest.fixture
def engine(request):
    return request.getfixturevalue(request.param)


# ---- what is in them ----


@pytest.mark.parametrize("kind", KINDS)
def test_follows_the_specification(make_image, kind):
    layout = Layout(make_image(*KINDS[kind]))
    validator("image-layout").validate(json.loads(layout.files["oci-layout"]))
    validator("image-index").validate(layout.index)
    for image in layout.images:
        validator("image-manifest").validate(image.manifest)
        validator("config").validate(image.config)
        tars = image.tars()
        assert image.config["rootfs"]["diff_ids"] == [digest(tar) for tar in tars]
        assert len([entry for entry in image.config["history"] if not entry.get("empty_layer")]) == len(tars)
        # image-index.md: variant is that of the config, and v8 is told for arm64.
        assert image.descriptor.get("platform", {}).get("variant") in (None, image.config.get("variant"))
    # image-layout.md: every blob is somebody's.
    used = {part["digest"] for image in layout.images
            for part in (image.descriptor, image.manifest["config"], *image.manifest["layers"])}
    used |= {descriptor["digest"] for descriptor in layout.index["manifests"]}
    assert {name for name in layout.files if name.startswith("blobs/")} == {
        "blobs/" + name.replace(":", "/") for name in used}


def resolve(files, path):
    """Where a path of an image leads, through links; `..` above the root stays there."""
    while True:
        path = posixpath.normpath("/" + path).lstrip("/")
        item = files[path]
        if not isinstance(item, Link):
            return path
        path = posixpath.join(posixpath.dirname("/" + path), item.target)


def owned(folder):
    return isinstance(folder, Folder) and (folder.mode, folder.uid, folder.gid) == (0o700, 1000, 1000)


def check_common(image):
    """What both kinds have."""
    files, config = image.files, image.config["config"]
    assert config["User"] == "1000:1000" and config["Entrypoint"] == ["pixelzx"] and config["Cmd"] == ["start"]
    assert "PIXELZX_DATA_DIR=/app/data" in config["Env"] and "PIXELZX_KEYSTORE_DIR=/app/keystore" in config["Env"]
    assert config["WorkingDir"] == "/app" and set(config["Volumes"]) == {"/app/data", "/app/keystore"}
    assert set(config["ExposedPorts"]) == {"8545/tcp", "8546/tcp", "30303/tcp", "30303/udp", "6060/tcp"}
    for label in "title", "version", "created", "licenses":
        assert config["Labels"]["org.opencontainers.image." + label]
        assert image.manifest["annotations"]["org.opencontainers.image." + label]
    assert all(owned(files[name]) for name in ("app/data", "app/keystore", "var/cache/pixelzx"))
    assert files["tmp"].mode == 0o1777
    assert b"pixelzx:x:1000:1000:" in files["etc/passwd"].data and b"pixelzx:x:1000:" in files["etc/group"].data
    own = {"app/data", "app/keystore", "var/cache/pixelzx"}
    for name, item in files.items():
        # Docker creates a parent that no layer has with a mode that keeps the user out.
        assert posixpath.dirname(name) in ("", *files), name
        if not isinstance(item, Link) and name not in own:
            readable = 0o555 if isinstance(item, Folder) else 0o444
            assert (item.uid, item.gid, item.mode & readable) == (0, 0, readable), name
            assert name == "tmp" or item.mode & 0o22 == 0, name


def test_universal(make_image):
    layout = Layout(make_image())
    assert [image.platform.removesuffix("/v8") for image in layout.images] == sorted(p.name for p in PLATFORMS)
    assert len({tuple(image.layers[:2]) for image in layout.images}) == 1
    assert len({image.layers[2] for image in layout.images}) == len(PLATFORMS)
    for platform in PLATFORMS:
        image = layout.image(platform.name)
        check_common(image)
        files = image.files
        for other in PLATFORMS:
            assert files[f"opt/pixelzx/launcher/{other.folder}/pixelzx"] == File(other.launcher.read_bytes())
        assert files["opt/pixelzx/pixelzx.bundle"].data == BUNDLE.read_bytes()
        assert resolve(files, "usr/local/bin/pixelzx") == f"opt/pixelzx/launcher/{platform.folder}/pixelzx"
        assert image.manifest["layers"][2]["size"] < 1000
        (path,) = [value for value in image.config["config"]["Env"] if value.startswith("PATH=")]
        *signposts, last = path.removeprefix("PATH=").split(":")
        assert last == "/usr/local/bin"
        led = []
        for folder in signposts:
            target = files[folder.strip("/") + "/pixelzx"].target
            landmark, back = target.split("/..", 1)
            led.append(landmark)
            (leads_to,) = [p for p in PLATFORMS if landmark in SIGNPOSTS[p.name]]
            # So many `..` lead from there to the root, and from there to the launcher.
            assert (back.count("/..") + 1, back.rpartition("/..")[2]) == (
                landmark.count("/"), f"/opt/pixelzx/launcher/{leads_to.folder}/pixelzx")
        kept = [p for p in PLATFORMS if (platform.name, p.name) != ("linux/arm/v7", "linux/arm64")]
        assert sorted(led) == sorted(landmark for p in kept for landmark in SIGNPOSTS[p.name])


def slice_hash(platform):
    """The SHA-256 of the program that the bundle has for it."""
    index = bundles.index_of(BUNDLE.read_bytes()).decode()
    return re.search(rf"^slice {platform.name} .*sha256=(\w+)", index, re.MULTILINE)[1]


def test_slim(make_image):
    layout = Layout(make_image("--kind", "slim"))
    assert len({image.layers[0] for image in layout.images}) == 1
    index = {platform.name: platform for platform in PLATFORMS}
    for image in layout.images:
        check_common(image)
        platform = index[image.platform.removesuffix("/v8")]
        executables = {name for name, item in image.files.items() if isinstance(item, File) and item.mode & 0o111}
        (program,) = executables - {f"opt/pixelzx/launcher/{platform.folder}/pixelzx"}
        content = image.files[program].data
        assert program == f"opt/pixelzx/slices/{bundles.sha256(content)}/pixelzx"
        assert bundles.sha256(content) == slice_hash(platform)
        assert resolve(image.files, "usr/local/bin/pixelzx") == f"opt/pixelzx/launcher/{platform.folder}/pixelzx"
        assert "PATH=/usr/local/bin" in image.config["config"]["Env"]


def test_sizes(make_image):
    """What a host pulls."""
    for image in Layout(make_image()).images:
        assert image.size <= UNIVERSAL_LIMIT
    for image in Layout(make_image("--kind", "slim")).images:
        assert image.size <= SLIM_LIMIT, image.platform


@pytest.mark.parametrize("kind", KINDS)
def test_reproducible(tmp_path, make_image, kind):
    again = tmp_path / "again.tar"
    support.run(support.image_command(again, *KINDS[kind]), check=True, umask=0o077, cwd=tmp_path)
    assert again.read_bytes() == make_image(*KINDS[kind]).read_bytes()


def test_folder(tmp_path, make_image):
    folder = tmp_path / "folder"
    support.run(support.image_command(folder, *KINDS["single"]), check=True)
    assert Layout(folder).files == Layout(make_image(*KINDS["single"])).files


@pytest.mark.parametrize("kind", KINDS)
def test_doctor_finds_nothing_wrong(make_image, kind):
    """At most it notes that there are programs for other platforms."""
    report = json.loads(support.run([PACK, "doctor", "--json", make_image(*KINDS[kind])]).expect().out)
    assert report["ok"] and all(image["ok"] for image in report["images"])
    assert {finding["severity"] for finding in report["findings"]} <= {"note"}


# ---- in a registry ----


@pytest.fixture(scope="module")
def pushed(make_image, registry):
    """A function: the name in the registry of the images made with these options."""
    names = {}

    def push(*options):
        if options not in names:
            names[options] = registry.push(f"oci-archive:{make_image(*options)}", f"{NAME}:{len(names)}")
        return names[options]

    return push


def check_index(raw):
    """Six platforms with their variants."""
    listed = [platform_text(manifest["platform"]) for manifest in json.loads(raw)["manifests"]]
    assert sorted(listed) == sorted(p.name.replace("arm64", "arm64/v8") for p in PLATFORMS)


def test_pushed_with_skopeo(make_image, registry):
    """The six platforms take hardly more than one."""
    before = registry.blobs()
    registry.push(f"oci-archive:{make_image('--platform', NATIVE.name)}", "test/one:1")
    one = registry.blobs()
    registry.push(f"oci-archive:{make_image()}", "test/six:1")
    six = registry.blobs()
    size_of_one, size_of_six = (sum(blobs[name] for name in blobs if name not in before) for blobs in (one, six))
    raw = registry.inspect("test/six:1")
    check_index(raw)
    layout = Layout(make_image())
    assert raw.encode() == layout.blob(layout.index["manifests"][0])  # byte for byte, or no signature would hold
    assert size_of_one > 1_000_000 and size_of_six < 1.05 * size_of_one, (size_of_one, size_of_six)


def test_pushed_with_podman(make_image, registry, podman):
    podman("manifest", "create", "all")
    podman("manifest", "add", "--all", "all", f"oci-archive:{make_image()}")
    podman("manifest", "push", "--all", *podman.insecure, "all", f"docker://{registry.address}/test/podman:1")
    check_index(registry.inspect("test/podman:1"))


def test_pushed_with_docker(make_image, registry, docker):
    """Docker pushes what it has loaded, one manifest."""
    docker("load", "--input", make_image("--single", "linux/amd64", "--name", f"{registry.address}/test/docker:1"))
    docker("push", "--quiet", f"{registry.address}/test/docker:1")
    manifest = json.loads(registry.inspect("test/docker:1"))
    assert len(manifest["layers"]) == 3


# ---- run ----


def started(result):
    """The trace and the version of a run that must have succeeded."""
    version = json.loads(result.expect().out)
    return result.trace, version["platform"]


@each_platform
@each_engine
def test_universal_runs(engine, pushed, platform):
    """Each platform's own node where PIXELZX_PLATFORM insists; the native one where the launcher was started
    through an emulator, as an absolute entrypoint does."""
    engine.pull(pushed(), "--platform", platform.name)
    trace, node = started(engine.start(pushed(), *VERSION, env=TRACE | {"PIXELZX_PLATFORM": platform.name}))
    assert (trace["slice"], node) == (platform.name, platform.name)
    trace, node = started(engine.start(pushed(), *VERSION, env=TRACE, options=["--entrypoint=/usr/local/bin/pixelzx"]))
    assert (trace["launcher"], trace["emulated"]) == (platform.name, platform in FOREIGN)
    assert (trace["slice"], node) == (NATIVE.name, NATIVE.name)


@each_platform
@each_engine
def test_slim_runs(engine, pushed, platform):
    name = pushed("--kind", "slim")
    engine.pull(name, "--platform", platform.name)
    trace, node = started(engine.start(name, *VERSION, env=TRACE))
    assert (trace["launcher"], trace["slice"], node, trace["source"]) == (*[platform.name] * 3, "installed")


def test_containerd_runs(docker, engine_room, make_image):
    """As in Kubernetes: the containerd that Docker has brought, without Docker. It reads zstd layers, too."""
    command = ["ctr", "--address", "/run/docker/containerd/containerd.sock"]
    name = "localhost/pixelzx:all"
    engine_room.run(*command, "image", "import", "--all-platforms", make_image("--compression", "zstd", "--name", name),
                    check=True)
    for platform in PLATFORMS:
        for variables, expected in ([f"--env=PIXELZX_PLATFORM={platform.name}"], platform), ([], NATIVE):
            result = engine_room.run(*command, "run", "--rm", "--snapshotter=overlayfs", f"--platform={platform.name}",
                                     "--env=PIXELZX_TRACE=json", *variables, name, "test", "pixelzx", *VERSION)
            trace, node = started(result)
            assert (trace["launcher"], trace["emulated"], node) == (NATIVE.name, False, expected.name)


@each_store
def test_index_lost(engine, make_image, registry, pushed, tmp_path):
    """Another machine's manifest alone, as a retag and push leaves it, and save and load: it starts
    natively all the same."""
    other = FOREIGN[0]
    engine.pull(pushed(), "--platform", other.name)
    lost = f"{registry.address}/test/lost-{engine.program}:1"
    engine("tag", pushed(), lost)
    engine("push", *engine.insecure, lost)
    assert "manifests" not in json.loads(registry.inspect(lost.split("/", 1)[1]))
    for form in engine.archives:
        saved = tmp_path / form
        engine("save", *engine.archives[form], "--output", saved, lost)
        engine("rmi", "--force", lost)
        engine("load", "--input", saved)
        trace, node = started(engine.start(lost, *VERSION, env=TRACE))
        assert (trace["launcher"], trace["emulated"], node) == (NATIVE.name, False, NATIVE.name)
    engine("rmi", "--force", lost)
    engine.pull(lost)
    trace, node = started(engine.start(lost, *VERSION, env=TRACE))
    assert (trace["launcher"], trace["emulated"], node) == (NATIVE.name, False, NATIVE.name)


def run_alone(engine_room, runtime, image, name, *words, read_only=False, **options):
    """What a runtime without an engine makes of the image; options as of Image.runtime_config."""
    folder = engine_room.folder / name
    root = folder / "root"
    root.mkdir(parents=True)
    image.write_root(root)
    config = image.runtime_config(root, *words, env=TRACE, **options)
    config["root"]["readonly"] = read_only
    (folder / "config.json").write_text(json.dumps(config))
    return engine_room.run(runtime, "run", "--bundle", folder, name)


@pytest.mark.parametrize("without", [(), ("/sys",)], ids=["whole", "no-sys"])
@pytest.mark.parametrize("runtime", ["runc", "crun"])
def test_single_by_a_runtime_alone(engine_room, make_image, runtime, without, tmp_path):
    """Without /sys (as in gVisor) the last entry of PATH is found."""
    image = Layout(make_image("--single", "linux/amd64")).image("linux/amd64")
    trace, node = started(run_alone(engine_room, runtime, image, f"{runtime}{len(without)}", *VERSION, without=without))
    assert (trace["launcher"], trace["emulated"], node) == (NATIVE.name, False, NATIVE.name)


@pytest.fixture(scope="module")
def load(make_image):
    """A function: loads an image, as make_image makes it, into an engine that has none of that name; returns the name."""
    done = set()

    def load_once(engine, name, *options, **more):
        if (engine.program, name) not in done:
            engine("load", "--input", make_image(*options, "--name", name, **more))
            done.add((engine.program, name))
        return name

    return load_once


@pytest.fixture(scope="module")
def loaded(load):
    """A function: the name under which an engine has loaded the image labelled amd64."""
    return lambda engine: load(engine, "localhost/pixelzx:single", "--single", "linux/amd64")


@each_engine
def test_single_runs_in_every_form(engine, loaded):
    for front in (), ("pixelzx",), ("/usr/local/bin/pixelzx",):
        trace, node = started(engine.start(loaded(engine), *front, *VERSION, env=TRACE))
        assert (trace["launcher"], trace["emulated"], node) == (NATIVE.name, False, NATIVE.name)


@pytest.fixture(scope="module")
def probe_file(engine_room, probe_bundle):
    """The bundle of the probe, where engines reach it."""
    bundle = engine_room.folder / "probe.bundle"
    bundle.write_bytes(probe_bundle)
    return bundle


@pytest.fixture(scope="module")
def loaded_probe(load, probe_file):
    """A function: the name under which an engine has loaded an image of the probe."""
    return lambda engine: load(engine, "localhost/probe:1", "--single", NATIVE.name, bundle=probe_file)


def check_confined(report):
    """What the probe sees of its confinement."""
    engines.check_confined({name: bytes.fromhex(value).decode().split() for name, value in report["status"].items()})


@each_engine
def test_hardened_seen_from_inside(engine, loaded_probe):
    """That engines have done what test_hardened asks of them, with their default seccomp profile."""
    result = engine.start(loaded_probe(engine), "word", env=TRACE, options=HARDENED).expect()
    check_confined(result.report)
    assert result.trace["source"] == "memfd"


@pytest.mark.parametrize("kind, source", [((), "memfd"), (("--kind", "slim"), "installed")], ids=["universal", "slim"])
@pytest.mark.parametrize("runtime", ["runc", "crun"])
def test_all_restrictions_at_once(engine_room, make_image, probe_file, runtime, kind, source):
    """A read-only root, the default seccomp profile, no capabilities, no new privileges, and no /sys as in gVisor."""
    if NATIVE.name not in SECCOMP:
        pytest.skip(f"the test knows no name of {NATIVE.name} for seccomp")
    image = Layout(make_image("--single", NATIVE.name, *kind, bundle=probe_file)).image(NATIVE.name)
    profile = seccomp_profile(NATIVE.name.split("/")[1], SECCOMP[NATIVE.name])
    result = run_alone(engine_room, runtime, image, f"confined-{runtime}-{source}", "word", read_only=True,
                       without=("/sys",), seccomp=profile).expect()
    check_confined(result.report)
    assert result.trace["source"] == source


@each_engine
def test_hardened(engine, loaded):
    """As Kubernetes' restricted profile has it: a read-only root, no capabilities, no new privileges."""
    name = loaded(engine)
    trace, _ = started(engine.start(name, *VERSION, env=TRACE, options=HARDENED))
    assert trace["source"] == "memfd"
    volume = f"--volume=cache-{engine.name.replace(' ', '-')}:/var/cache/pixelzx"
    sources = [started(engine.start(name, *VERSION, env=TRACE, options=[*HARDENED, volume]))[0]["source"]
               for _ in range(2)]
    assert sources == ["unpacked", "cache"]
    trace, _ = started(engine.start(name, *VERSION, env=TRACE, options=["--user=12345"]))
    assert trace["source"] == "memfd"


@each_store
def test_doctor_inside(engine, loaded):
    result = engine.start(loaded(engine), "doctor", "--json")
    assert result.status == 0 and json.loads(result.out)["findings"] == []


@each_engine
def test_exec_into_a_running_container(engine, loaded_probe):
    """The engine looks the word up in the container's PATH, as it does for an entrypoint."""
    container = engine("run", "--detach", "--network=none", loaded_probe(engine), "sleep", "600").out.strip()
    report = json.loads(engine("exec", container, "probe", "word").out)
    assert [bytes.fromhex(word) for word in report["argv"]] == [b"probe", b"word"]
    assert f"PIXELZX_SLICE={NATIVE.name}".encode().hex() in report["environ"] and report["pid"] > 1
    assert bytes.fromhex(report["status"]["Uid"]).split() == [b"1000"] * 4
    # The second start is from the cache that the first has filled.
    assert bytes.fromhex(report["exe"]).startswith(b"/var/cache/pixelzx/")
    engine("rm", "--force", container)


def test_zstd_layers(podman, pushed):
    """Docker 20.10 cannot read them, podman and containerd can."""
    name = pushed("--compression", "zstd")
    podman.pull(name)
    _, node = started(podman.start(name, *VERSION, env=TRACE))
    assert node == NATIVE.name
