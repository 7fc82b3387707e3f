# SPDX-License-Identifier: Apache-2.0
"""packaging/security-status.sh: which libraries of the SBOM lag behind Debian's."""

import json

import pytest
import support
from support import DIST, SOURCE
from test_sbom import BUILD_CACHE

SCRIPT = SOURCE / "packaging/security-status.sh"
SBOM = DIST / "sbom.spdx.json"


@pytest.fixture(scope="module", name="libraries")
def fixture_libraries():
    """(name, version) of each library in the SBOM."""
    return sorted((p["name"], p["versionInfo"]) for p in json.loads(SBOM.read_text())["packages"]
                  if p["primaryPackagePurpose"] == "LIBRARY")


def verdicts(result):
    """(name, version) → the rest of its line."""
    lines = [line.split(maxsplit=2) for line in result.out.splitlines()]
    return {(name, version): verdict for name, version, verdict in lines}


@pytest.fixture
def compared(tmp_path):
    """A function: the script's result for an index of these (name, version, suite)."""

    def run(versions):
        index = tmp_path / "index"
        index.write_text("".join(f"{name} {version} {'0' * 64} {suite}\n" for name, version, suite in versions))
        return support.run([SCRIPT, "--index", index, SBOM])

    return run


def newest(libraries):
    """An index in which each library's greatest version is all there is, so that its other versions lag."""
    found = {}
    for name, version in libraries:
        if name not in found or support.run(["dpkg", "--compare-versions", version, "gt", found[name]]).status == 0:
            found[name] = version
    return found


def test_versions_are_compared_as_debian_does(compared, libraries):
    index = newest(libraries)
    index["musl"] += "+deb12u2"
    # A newer one beside an older; `~` sorts before the end.
    result = compared([(name, version, "bookworm") for name, version in index.items()] +
                      [("bearssl", index["bearssl"] + "~1", "bookworm-security"), ("cli11", "9:1", "bookworm-security"),
                       ("cli1", "10:1", "bookworm")]).expect(1)
    found = verdicts(result)
    assert set(found) == set(libraries)
    for (name, version), verdict in found.items():
        if name == "musl":
            assert verdict == f"LAGS behind {index[name]} (bookworm)"
        elif name == "cli11":
            assert verdict == "LAGS behind 9:1 (bookworm-security)"
        elif version != index[name]:
            assert verdict == f"LAGS behind {index[name]} (bookworm)"
        else:
            assert verdict == "newest"


def test_all_are_the_newest(compared, libraries, tmp_path):
    index = newest(libraries)
    old = [library for library in libraries if library not in index.items()]
    sbom = json.loads(SBOM.read_text())
    sbom["packages"] = [p for p in sbom["packages"] if (p["name"], p["versionInfo"]) not in old]
    (tmp_path / "sbom").write_text(json.dumps(sbom, indent=2))
    (tmp_path / "index").write_text("".join(f"{name} {version} 0 bookworm\n" for name, version in index.items()))
    result = support.run([SCRIPT, "--index", tmp_path / "index", tmp_path / "sbom"]).expect()
    assert set(verdicts(result).values()) == {"newest"}


def test_what_is_not_in_the_index_is_unknown(compared, libraries):
    index = {name: version for name, version in newest(libraries).items() if name != "libzstd"}
    found = verdicts(compared([(name, version, "bookworm") for name, version in index.items()]).expect(2))
    assert {name for (name, _), verdict in found.items() if verdict.startswith("unknown")} == {"libzstd"}


def test_index_out_of_reach(tmp_path):
    """No list was ever fetched, and apt can fetch none."""
    (tmp_path / "apt.conf").write_text('Acquire::http::Proxy "http://127.0.0.1:9"; Acquire::https::Proxy "http://127.0.0.1:9";'
                                       'Acquire::Retries "0"; Dir::Etc::Parts "/dev/null";')
    result = support.run([SCRIPT, SBOM], {"PIXELZX_BUILD_CACHE": str(tmp_path / "cache"), "APT_CONFIG": str(tmp_path / "apt.conf")})
    assert (result.status, result.out) == (2, "")
    assert "cannot tell whether the libraries are up to date" in result.err and "what to do" in result.err


@pytest.mark.parametrize("words, said", [(["/nonexistent"], "cannot read /nonexistent"), (["--wrong"], "usage:"),
                                         (["a", "b"], "usage:"), (["/etc/os-release"], "names no library")])
def test_wrong_use(words, said):
    result = support.run([SCRIPT, *words])
    assert result.status == 2 and said in result.err


def test_against_debian_now(libraries):
    """What lags is Debian's decision of the day; that each is known to it, with what versions, is not."""
    result = support.run([SCRIPT, SBOM], BUILD_CACHE)
    assert result.status in (0, 1), result.err
    found = verdicts(result)
    assert set(found) == set(libraries)
    assert (result.status == 1) == any(verdict.startswith("LAGS") for verdict in found.values())
    # The compiler of this machine's own platform comes from the same index.
    assert any(verdict == "newest" for (name, _), verdict in found.items() if name == "gcc-12"), result.out
