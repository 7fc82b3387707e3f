# SPDX-License-Identifier: Apache-2.0
"""`make bench` in short: the script runs, and writes what it promises. What it measures is not looked at."""

import json
import os
import sys
import xml.etree.ElementTree as ElementTree

import bundles
import pytest
import support
from support import FOREIGN, NATIVE

PLATFORMS = [NATIVE, next(platform for platform in FOREIGN if platform.debian != "riscv64")]


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    support.require_handlers()
    folder = tmp_path_factory.mktemp("bench")
    packages = {platform.name: support.fetched("bookworm", platform.debian, "busybox-static") for platform in PLATFORMS}
    programs = {name: (package / "bin/busybox").read_bytes() for name, package in packages.items()}
    bundle = folder / "busybox.bundle"
    bundle.write_bytes(bundles.make_bundle(programs, program="busybox"))
    support.run([sys.executable, "-B", support.SOURCE / "tests/bench/bench.py", "--quick", "--bundle", bundle,
                 "--arguments", "true", "--work", "seq 1000", "--output", folder / "output"], check=True)
    return folder / "output"


def test_results(output):
    results = json.loads((output / "results.json").read_text())
    assert {"schema_version", "command", "date", "commit", "machine", "versions", "launchers", "programs", "scaling",
            "budgets"} <= results.keys()
    (program,) = results["programs"]
    start = {row["name"]: row for row in program["start"]}
    assert {"direct", "warm", "first", "memfd", "sh", "sh_uname", "makeself_gzip", "makeself_zstd", "zstd",
            "zstd_null", "run_warm", "run_first"} <= start.keys()
    for row in start.values():
        assert 0 < row["ms"]["min"] <= row["ms"]["p10"] <= row["ms"]["median"] <= row["ms"]["p90"]
        assert row["ms"]["runs"] >= 1 and row["peak_kib"] > 0 and row["command"]
    assert start["bare"]["syscalls"] == 1 if "bare" in start else os.uname().machine not in ("x86_64", "aarch64")
    assert start["warm"]["syscalls"] < start["sh"]["syscalls"] < start["sh_uname"]["syscalls"]
    assert start["run_warm"]["syscalls"] > start["sh"]["syscalls"] / 2 + start["warm"]["syscalls"]
    assert start["warm"]["instructions"] > 0
    emulation = program["emulation"]
    assert emulation["platform"] == PLATFORMS[1].name
    assert {row["name"] for row in emulation["start"]} == {"native", "leaves", "stays", "emulated"}
    assert {row["name"] for row in emulation["work"][0]["rows"]} == {"native", "leaves", "stays"}
    assert all("rows" in one for kind in ("slices", "sizes") for one in results["scaling"][kind])
    assert all(type(budget["met"]) is bool for budget in results["budgets"])


def test_charts_and_tables(output):
    tables = (output / "README.md").read_text()
    for name in ("start", "emulation", "scaling"):
        assert ElementTree.parse(output / f"{name}.svg").getroot().tag == "{http://www.w3.org/2000/svg}svg"
        assert f"({name}.svg)" in tables
    assert "launcher, warm" in tables
