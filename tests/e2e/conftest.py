# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the end-to-end tests, and the rule which skips a run with CI set accepts."""

import fnmatch
import functools
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.dont_write_bytecode = True

import bundles  # noqa: E402
import corpus  # noqa: E402
import support  # noqa: E402

HERE = Path(__file__).parent
pytest_plugins = ["engines"]


def allowed_skips():
    for line in (HERE / "allowed_skips.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            yield [part.strip() for part in line.split("|")]


def is_allowed(test, reason):
    return any(fnmatch.fnmatch(test, pattern) and words in reason for pattern, words in allowed_skips())


def pytest_runtest_setup():
    support.provoked.clear()


def keeps_its_promise(item, report):
    """A test marked with diagnoses that it provokes has asserted each of them."""
    promised = {code for mark in item.iter_markers("provokes") for code in mark.args}
    missing = promised - support.provoked
    if report.when == "call" and report.passed and missing:
        report.outcome = "failed"
        report.longrepr = f"marked as provoking {', '.join(sorted(missing))}, which it has not asserted"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    keeps_its_promise(item, report)
    if not report.skipped or not os.environ.get("CI"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    test = f"{Path(item.path).name}::{item.name}"
    if not is_allowed(test, reason):
        report.outcome = "failed"
        report.longrepr = f"skipped, which allowed_skips.txt does not allow: {test}: {reason}"


def pytest_configure():
    missing = [str(path) for path in support.PRODUCTS if not path.exists()]
    if missing:
        raise pytest.UsageError(f"not built: {', '.join(missing)}; run `make dist` first")


@pytest.fixture(scope="session")
def probe(tmp_path_factory):
    """The probe program (probe.cc), static, for this machine."""
    return support.built("probe", tmp_path_factory.mktemp("probe"))


@pytest.fixture(scope="session")
def faults(tmp_path_factory):
    """The program that interferes with a launch (faults.cc)."""
    return support.built("faults", tmp_path_factory.mktemp("faults"))


@pytest.fixture(scope="session")
def small_probe(tmp_path_factory, probe):
    """The probe without symbols, for those who unpack it a thousand times."""
    program = tmp_path_factory.mktemp("small") / "probe"
    support.run(["strip", "-o", program, probe], check=True)
    return program.read_bytes()


@pytest.fixture(scope="session")
def probe_bundle(probe):
    """A bundle of the probe alone, as bytes."""
    return bundles.make_bundle({support.NATIVE.name: probe.read_bytes()}, program="probe")


@pytest.fixture(scope="session")
def corpus_folder(tmp_path_factory):
    """The files of corpus.py."""
    return corpus.make(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def make_image(tmp_path_factory):
    """A function: the tar with the images that support.image_command makes with these options."""

    @functools.cache
    def make(*options, bundle=support.BUNDLE):
        output = tmp_path_factory.mktemp("image") / "image.tar"
        support.run(support.image_command(output, *options, bundle=bundle), check=True)
        return output

    return make


@pytest.fixture(scope="session")
def prometheus():
    """The folder of its programs. Not installed: Debian's package would begin to serve on every address."""
    return support.fetched("bookworm", support.NATIVE.debian, "prometheus") / "usr/bin"


@pytest.fixture
def launched_probe(tmp_path, probe_bundle):
    """The native launcher with a bundle of the probe beside it."""
    return support.Installation(tmp_path, probe_bundle)


@pytest.fixture
def examined(tmp_path, probe):
    """The same with the doctor: the native launcher with a bundle of the probe for a program that has the
    word `doctor` for it."""
    return support.Installation(tmp_path, bundles.make_bundle({support.NATIVE.name: probe.read_bytes()},
                                                              options=("doctor", "own-name")))


@pytest.fixture
def open_path():
    """A folder that every user can reach, which those of pytest are not."""
    folder = Path(tempfile.mkdtemp(prefix="pixelzx-e2e-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
