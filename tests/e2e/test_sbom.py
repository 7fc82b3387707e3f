# SPDX-License-Identifier: Apache-2.0
"""dist/sbom.spdx.json: every library in every program, with the facts to find and judge it."""

import hashlib
import json
import os
import re
import shutil
import subprocess

import pytest
import support
from support import BUNDLE, DIST, PLATFORMS, SOURCE, by_name

SBOM = DIST / "sbom.spdx.json"
THIRD_PARTY = SOURCE / "packaging/third_party"
# What each program is known to be made of, as Debian calls the sources.
LAUNCHER = {"musl", "libzstd", "bearssl", "gcc-12"}
BUILD_CACHE = {name: os.environ[name] for name in ("HOME", "PIXELZX_BUILD_CACHE", "XDG_CACHE_HOME") if name in os.environ}
NODE = {"glibc", "gcc-12", "cli11", "nlohmann-json3", "boost1.74", "libcrypto++", "libsecp256k1", "gmp", "leveldb",
        "yaml-cpp", "spdlog", "fmtlib"}


@pytest.fixture(scope="module", name="sbom")
def fixture_sbom():
    return json.loads(SBOM.read_text())


def packages(sbom):
    return {package["SPDXID"]: package for package in sbom["packages"]}


def related(sbom, element, kind):
    return [relation["relatedSpdxElement"] for relation in sbom["relationships"]
            if (relation["spdxElementId"], relation["relationshipType"]) == (element, kind)]


def test_form(sbom):
    """What SPDX 2.3 demands of a document (its JSON schema, clauses 6, 7 and 11), and nothing that it does not know."""
    assert set(sbom) == {"spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo", "packages",
                         "relationships"}
    assert (sbom["spdxVersion"], sbom["dataLicense"], sbom["SPDXID"]) == ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT")
    assert re.fullmatch(r"https://spdx\.org/spdxdocs/pixelzx-[0-9.]+-[0-9a-f]{64}", sbom["documentNamespace"])
    assert set(sbom["creationInfo"]) == {"created", "creators"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", sbom["creationInfo"]["created"])
    assert all(creator.startswith("Tool: ") for creator in sbom["creationInfo"]["creators"])
    ids = [package["SPDXID"] for package in sbom["packages"]]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", name) for name in ids)
    for package in sbom["packages"]:
        assert set(package) - {"supplier", "externalRefs", "checksums", "packageFileName"} == {
            "SPDXID", "name", "versionInfo", "primaryPackagePurpose", "downloadLocation", "filesAnalyzed",
            "licenseConcluded", "licenseDeclared", "copyrightText"}
        assert package["filesAnalyzed"] is False and package["versionInfo"]
        assert package["primaryPackagePurpose"] in ("APPLICATION", "ARCHIVE", "LIBRARY")
        for reference in package.get("externalRefs", []):
            assert set(reference) == {"referenceCategory", "referenceType", "referenceLocator"}
            assert (reference["referenceCategory"], reference["referenceType"]) == ("PACKAGE-MANAGER", "purl")
        for checksum in package.get("checksums", []):
            assert checksum["algorithm"] == "SHA256" and re.fullmatch("[0-9a-f]{64}", checksum["checksumValue"])
    for relation in sbom["relationships"]:
        assert set(relation) == {"spdxElementId", "relationshipType", "relatedSpdxElement"}
        assert relation["relationshipType"] in ("DESCRIBES", "CONTAINS", "STATIC_LINK")
        assert {relation["spdxElementId"], relation["relatedSpdxElement"]} <= {*ids, "SPDXRef-DOCUMENT"}
    # All of it is reachable from what the document describes.
    assert related(sbom, "SPDXRef-DOCUMENT", "DESCRIBES") == ["SPDXRef-pixelzx"]
    assert {relation["relatedSpdxElement"] for relation in sbom["relationships"]} == set(ids)


@pytest.mark.parametrize("platform", PLATFORMS, ids=by_name)
def test_programs_and_their_libraries(sbom, platform):
    by_id = packages(sbom)
    bundle, node, launcher = (by_id["SPDXRef-" + name] for name in (
        "bundle", f"node-{platform.folder}", f"launcher-{platform.folder}"))
    assert f"SPDXRef-launcher-{platform.folder}" in related(sbom, "SPDXRef-pixelzx", "CONTAINS")
    assert f"SPDXRef-node-{platform.folder}" in related(sbom, "SPDXRef-bundle", "CONTAINS")
    for package, file in ((bundle, BUNDLE), (node, platform.node), (launcher, platform.launcher)):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        assert [sum_["checksumValue"] for sum_ in package["checksums"]] == [digest]

    def names(package):
        return {by_id[library]["name"] for library in related(sbom, package["SPDXID"], "STATIC_LINK")}

    assert names(launcher) == LAUNCHER
    assert names(node) == NODE


@pytest.mark.parametrize("platform", PLATFORMS, ids=by_name)
def test_every_archive_that_the_linker_read_is_there(sbom, platform):
    """The other way round than cmake/sbom.cmake goes: from the archives' members to the packages."""
    by_id = packages(sbom)
    for tree, folder, program in ((platform.folder, "node", "node"), (platform.folder + "-launcher", "launcher", "launcher")):
        text = (SOURCE / "build" / tree / folder / "pixelzx.map").read_text()
        archives = {line.split("(")[0] for line in text.splitlines() if re.match(r"(/|third_party/).*\.a\(", line)}
        assert archives, tree
        listed = [by_id[library] for library in
                  related(sbom, f"SPDXRef-{program}-{platform.folder}", "STATIC_LINK")]
        for archive in archives:
            if "third_party/" in archive:
                stem = re.search(r"/lib([a-z0-9-]+?)(dec|_sha256)?\.a$", archive).group(1)
                name = {"c": "musl", "zstd": "libzstd", "cryptopp": "libcrypto++", "fmt": "fmtlib",
                        "secp256k1": "libsecp256k1"}.get(stem, stem)
                assert name in {package["name"] for package in listed}, archive
                continue
            owner = subprocess.run(["dpkg-query", "-S", os.path.realpath(archive)], stdout=subprocess.PIPE,
                                   check=True).stdout.decode().split(": ")[0]
            name = "glibc" if owner.startswith("libc6") else "gcc-12"
            version = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", owner], stdout=subprocess.PIPE,
                                     check=True).stdout.decode()
            # Debian's cross packages add `cross1` to the version of their source.
            assert (name, re.sub(r"cross\d+$", "", version)) in {
                (package["name"], package["versionInfo"]) for package in listed}, archive


def test_sources_and_licences(sbom):
    lock = {line.split()[0]: line.split() for line in (THIRD_PARTY / "sources.lock").read_text().splitlines()
            if line and not line.startswith("#")}
    texts = (THIRD_PARTY / "LICENSES.md").read_text()
    libraries = [package for package in sbom["packages"] if package["primaryPackagePurpose"] == "LIBRARY"]
    listed = support.run([SOURCE / "packaging/apt.sh", "versions", "glibc", "gcc-12"], BUILD_CACHE, check=True).out
    in_debian = [line.split()[:3] for line in listed.splitlines()]
    assert {package["name"] for package in libraries} == LAUNCHER | NODE
    for package in libraries:
        name, version = package["name"], package["versionInfo"]
        (reference,) = package["externalRefs"]
        assert reference["referenceLocator"] == \
            f"pkg:deb/debian/{name}@{version}".replace("+", "%2B") + "?arch=source&distro=debian-12"
        assert package["licenseDeclared"] == package["licenseConcluded"] and package["licenseDeclared"] in texts
        (digest,) = [sum_["checksumValue"] for sum_ in package["checksums"]]
        assert package["packageFileName"] == f"{name}_{version.split(':')[-1]}.dsc"
        if name in lock:
            assert [version, digest, package["licenseDeclared"]] == lock[name][1:4]
        else:
            assert [name, version, digest] in in_debian
    for text in re.findall(r"\]\((licenses/[^)]+)\)", texts):
        assert (THIRD_PARTY / text).stat().st_size > 500


def write_again(tmp_path):
    """Runs cmake/sbom.cmake over copies of what one platform's build has left."""
    build, dist = tmp_path / "build", tmp_path / "dist"
    name = PLATFORMS[0].folder
    for tree, folder in ((name, "node"), (name + "-launcher", "launcher")):
        (build / tree / folder).mkdir(parents=True)
        for file in (".ninja_deps", ".ninja_log", "build.ninja", f"{folder}/pixelzx.map", f"{folder}/pixelzx"):
            shutil.copy2(SOURCE / "build" / tree / file, build / tree / file)
        (build / tree / "CMakeFiles").symlink_to(SOURCE / "build" / tree / "CMakeFiles")
    (dist / "launcher").mkdir(parents=True)
    (dist / "launcher" / name).symlink_to(PLATFORMS[0].launcher.parent)
    (dist / "pixelzx.bundle").symlink_to(BUNDLE)
    return lambda: support.run(["cmake", f"-DPLATFORMS={PLATFORMS[0].name}", "-DVERSION=1.0.0", f"-DBUILD_DIR={build}",
                                f"-DDIST_DIR={dist}", "-P", SOURCE / "cmake/sbom.cmake"],
                               {"SOURCE_DATE_EPOCH": "1700000000", **BUILD_CACHE})


def test_the_same_again(tmp_path):
    write = write_again(tmp_path)
    write().expect()
    first = (tmp_path / "dist/sbom.spdx.json").read_text()
    write().expect()
    assert (tmp_path / "dist/sbom.spdx.json").read_text() == first
    assert json.loads(first)["creationInfo"]["created"] == "2023-11-14T22:13:20Z"


@pytest.mark.parametrize("linked, named", [
    ("/opt/lib/libother.a", "/opt/lib/libother.a"),
    ("/x/third_party/lib/libother.a", "lib/libother.a of packaging/third_party is linked"),
    ("/usr/lib/os-release", "a file of base-files is linked")], ids=["nobody's", "built", "debian"])
def test_an_unknown_library_stops_the_build(tmp_path, linked, named):
    write = write_again(tmp_path)
    with open(tmp_path / "build" / PLATFORMS[0].folder / "node/pixelzx.map", "a", encoding="utf-8") as file:
        file.write(f"LOAD {linked}\n")
    result = write()
    assert result.status != 0 and named in " ".join(result.err.split()), result.err
    assert not (tmp_path / "dist/sbom.spdx.json").exists()
