# SPDX-License-Identifier: Apache-2.0
"""packaging/deb.sh: Debian packages of all six architectures, what lintian says of them, and dpkg's work with them. With a
running service: test_systemd.py."""

import gzip
import io
import re
import subprocess
import tarfile

import bare_metal
import bundles
import pytest
import support
from elf import Elf
from support import BUNDLE, FOREIGN, NATIVE, PLATFORMS, SOURCE, by_name, run
from test_systemd import UNIT, WITH_SYSTEMD

OTHER = next(p for p in FOREIGN if p.debian in ("s390x", "arm64"))
BEGIN = """echo secret >/etc/pixelzx/password
pixelzx account new --password-file /etc/pixelzx/password
pixelzx init --network devnet --alloc 0x52908400098527886E0F7030069857D2E4169EE7=1"""
HOME = "usr/lib/pixelzx"
DOC = "usr/share/doc/pixelzx"

# What all packages have, and what of the sources it is; of others the tests say more.
EVERYWHERE = {"usr/lib/systemd/system/pixelzx.service": None,
              "usr/lib/sysusers.d/pixelzx.conf": "packaging/systemd/pixelzx.sysusers",
              "usr/share/bash-completion/completions/pixelzx": "packaging/completions/pixelzx.bash",
              "usr/share/zsh/vendor-completions/_pixelzx": "packaging/completions/_pixelzx",
              "usr/share/fish/vendor_completions.d/pixelzx.fish": "packaging/completions/pixelzx.fish",
              "usr/share/man/man1/pixelzx.1.gz": "packaging/man/pixelzx.1", f"{DOC}/NEWS.md.gz": "CHANGELOG.md",
              f"{DOC}/changelog.gz": None, f"{DOC}/copyright": None,
              "usr/share/lintian/overrides/pixelzx": "packaging/deb/lintian-overrides"}


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """Those of what `make dist` has built."""
    return bare_metal.pack_debs(tmp_path_factory.mktemp("debs") / "out")


@pytest.fixture(scope="module")
def next_bundle(tmp_path_factory):
    """Version 1.0.1, for this machine alone."""
    folder = tmp_path_factory.mktemp("next")
    run([support.PACK, "extract", "-o", folder / "program", BUNDLE, NATIVE.name], check=True)
    (folder / "bundle").write_bytes(bundles.make_bundle(
        {NATIVE.name: (folder / "program").read_bytes() + b"\0"}, program="pixelzx", version="1.0.1",
        options=("doctor", "own-name")))
    return folder / "bundle"


@pytest.fixture(scope="module")
def next_package(tmp_path_factory, next_bundle):
    built = bare_metal.pack_debs(tmp_path_factory.mktemp("debs") / "out", next_bundle)
    assert list(built) == [NATIVE.debian]
    return built[NATIVE.debian]


def members(package):
    """Path → the tar's entry, and its content."""
    data = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {entry.name.removeprefix("./"): (entry, tar.extractfile(entry).read() if entry.isfile() else None)
                for entry in tar}


def test_every_platform_has_its_package(packages):
    assert sorted(packages) == sorted(platform.debian for platform in PLATFORMS)
    assert {path.name for path in packages.values()} == {f"pixelzx_1.0.0_{p.debian}.deb" for p in PLATFORMS}


@pytest.mark.parametrize("platform", PLATFORMS, ids=by_name)
def test_content(packages, platform, tmp_path):
    package = packages[platform.debian]
    fields = dict(line.split(": ", 1) for line in run(["dpkg-deb", "-f", package], check=True).out.splitlines()
                  if line and not line.startswith(" "))
    assert (fields["Package"], fields["Version"], fields["Architecture"]) == ("pixelzx", "1.0.0", platform.debian)
    assert not {"Depends", "Pre-Depends", "Recommends"} & set(fields)
    found = members(package)
    content = {name: data for name, (entry, data) in found.items() if entry.isfile()}
    (program,) = (name for name in content if name.startswith(f"{HOME}/slices/"))
    # Launcher and program are of that architecture, and as they were built; the index has nothing else.
    for name, mode in ("usr/bin/pixelzx", 0o755), (program, 0o755):
        (tmp_path / "program").write_bytes(content[name])
        assert Elf(tmp_path / "program").ident == platform.elf and found[name][0].mode == mode
    assert content["usr/bin/pixelzx"] == platform.launcher.read_bytes()
    run([support.PACK, "extract", "-o", tmp_path / "extracted", BUNDLE, platform.name], check=True)
    assert content[program] == (tmp_path / "extracted").read_bytes()
    assert program == f"{HOME}/slices/{bundles.sha256(content[program])}/pixelzx"
    index = content[f"{HOME}/pixelzx.bundle"].decode()
    assert [line.split()[1] for line in index.splitlines() if line.startswith("slice ")] == [platform.name]
    assert set(content) == {"usr/bin/pixelzx", program, f"{HOME}/pixelzx.bundle", *EVERYWHERE}
    # The rest is the same everywhere.
    unit = content["usr/lib/systemd/system/pixelzx.service"].decode()
    assert unit == UNIT.read_text().replace("/usr/local/", "/usr/") and "ExecStart=/usr/bin/pixelzx start\n" in unit
    for name, source in EVERYWHERE.items():
        if source:
            data = gzip.decompress(content[name]) if name.endswith(".gz") else content[name]
            assert data == (SOURCE / source).read_bytes(), name
    # All of it belongs to root, and nobody else may write.
    assert {(entry.uid, entry.gid, entry.mode & 0o022, entry.mtime) for entry, _ in found.values()} == {
        (0, 0, 0, 1700000000)}


def test_copyright_has_every_library(packages):
    """Each that is linked in, with the text of its licence, or where Debian keeps it."""
    text = members(packages[NATIVE.debian])[f"{DOC}/copyright"][1].decode()
    sources = [line.split()[0] for line in (SOURCE / "packaging/third_party/sources.lock").read_text().splitlines()
               if line and not line.startswith("#")]
    for name in [*sources, "gcc-12", "glibc"]:
        assert f"\nFiles: {name}/*\n" in text
    words = " ".join(re.sub(r"^ \.$", "", text, flags=re.M).split())
    for file in (SOURCE / "packaging/third_party/licenses").iterdir():
        if "GPL" in file.name:
            assert f"/usr/share/common-licenses/{file.stem}" in text
        else:
            assert " ".join(file.read_text().split()) in words, file.name


def test_lintian_has_nothing_to_say(packages, tmp_path):
    """No tag of the levels error and warning; and it does look: without our overrides it finds some. The packages differ in
    nothing but the programs."""
    looked_at = packages.values() if support.FULL else {packages[name] for name in (NATIVE.debian, "armhf", "s390x")}
    command = ["lintian", "--allow-root", "--fail-on", "warning"]
    done = run([*command, *looked_at], {"TMPDIR": tmp_path})
    assert (done.status, done.out) == (0, ""), done.out + done.err
    done = run([*command, "--no-override", packages[NATIVE.debian]], {"TMPDIR": tmp_path})
    assert done.status == 2 and "E: pixelzx: statically-linked-binary" in done.out


def test_the_same_twice(next_bundle, next_package, tmp_path):
    (tmp_path / "other place").mkdir()
    again = bare_metal.pack_debs(tmp_path / "other place" / "out", next_bundle, {"TZ": "Asia/Seoul", "LC_ALL": "C.UTF-8"})
    assert again[NATIVE.debian].read_bytes() == next_package.read_bytes()
    assert [path.name for path in (tmp_path / "other place/out").iterdir()] == [next_package.name]


def installed(root):
    """What there is in the root, apart from dpkg's own notes."""
    return set(root.run("find", "/", "-xdev", "!", "-path", "/var/lib/dpkg/*", "!", "-path", "/var/log/*").expect().out.split("\n"))


@support.needs_root
@support.needs_mounts
@pytest.mark.parametrize("options", [(), WITH_SYSTEMD], ids=["smallest", "with systemd"])
def test_in_debian(packages, next_package, options, tmp_path):
    """Installed, upgraded, brought back, removed, purged: a chain stays as it is."""
    root = bare_metal.Root(tmp_path, support.debian_root(*options))
    for version, package in ("1.0.0", packages[NATIVE.debian]), ("1.0.1", next_package):
        (root.shared / version).write_bytes(package.read_bytes())
    before = installed(root)
    data = root.upper / "var/lib/pixelzx"

    def dpkg(*words, env=None):
        return root.run("dpkg", *words, env=env).expect().out

    def check(version):
        assert root.run("dpkg", "--verify", "pixelzx").expect().out == ""
        started = root.run("pixelzx", "version", "--output", "json", env={"PIXELZX_TRACE": "json"}).expect()
        assert started.report["platform"] == NATIVE.name and started.trace["source"] == "installed"
        assert root.run("dpkg-query", "-W", "-f", "${Version} ${db:Status-Status}", "pixelzx").out == f"{version} installed"
        assert len(list(root.upper.glob(f"{HOME}/slices/*/pixelzx"))) == 1

    dpkg("-i", "/tmp/host/1.0.0")
    check("1.0.0")
    assert root.run("pixelzx", "doctor").expect().out.endswith("All is well.\n")
    assert (root.run("id", "-u", "pixelzx").status == 0) == bool(options)
    assert not list(root.upper.glob("etc/systemd/**/pixelzx.service"))
    root.run("mkdir", "-p", "/etc/pixelzx", "/var/cache/pixelzx").expect()
    root.run("sh", "-ec", BEGIN, env={"PIXELZX_DATA_DIR": "/var/lib/pixelzx"}).expect()
    chain = bare_metal.tree(data)
    assert {"chain", "genesis.json", "keystore"} <= set(chain)

    assert "systemctl restart" not in dpkg("-i", "/tmp/host/1.0.1")  # nothing runs
    check("1.0.1")
    assert bare_metal.tree(data) == chain
    dpkg("-i", "/tmp/host/1.0.0")
    check("1.0.0")
    dpkg("-r", "pixelzx")
    assert root.run("sh", "-c", "command -v pixelzx").status != 0 and (root.upper / "var/cache/pixelzx").is_dir()
    told = dpkg("-P", "pixelzx")
    assert "Kept: /var/lib/pixelzx" in told and "Kept: /etc/pixelzx" in told
    assert bare_metal.tree(data) == chain
    left = {path for path in installed(root) - before if not path.startswith(("/var/lib/pixelzx/", "/root/.cache"))}
    assert left == {"/var/lib/pixelzx", "/etc/pixelzx", "/etc/pixelzx/password"}
    # Begun anew, and gone in one step, in Korean.
    dpkg("-i", "/tmp/host/1.0.1")
    assert bare_metal.tree(data) == chain
    assert "남겨 둡니다: /var/lib/pixelzx" in dpkg("-P", "pixelzx", env={"LC_ALL": "ko_KR.UTF-8"})


@support.needs_root
@support.needs_mounts
def test_of_another_architecture(packages, tmp_path):
    """Its launcher and its program, in an emulator."""
    support.require_handlers()
    for name in "installed", "started":
        (tmp_path / name).mkdir()
    root = bare_metal.Root(tmp_path / "installed", support.debian_root())
    (root.shared / "deb").write_bytes(packages[OTHER.debian].read_bytes())
    root.run("dpkg", "--force-architecture", "-i", "/tmp/host/deb").expect()
    # In the user namespace of the handlers, dpkg could not rename folders on an overlay.
    emulated = bare_metal.Root(tmp_path / "started", f"{root.upper}:{support.debian_root()}", support.with_handlers())
    variables = {"PIXELZX_PLATFORM": OTHER.name, "PIXELZX_TRACE": "json"}
    started = emulated.run("pixelzx", "version", "--output", "json", env=variables).expect()
    assert started.report["platform"] == OTHER.name and started.trace["source"] == "installed"
    root.run("dpkg", "-P", "pixelzx").expect()
    assert not list(root.upper.glob(f"{HOME}/**/pixelzx"))
