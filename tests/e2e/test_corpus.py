# SPDX-License-Identifier: Apache-2.0
"""The doctor says of every file of the corpus what tests/corpus/expected.txt says, and what this
kernel says when it is really asked."""

import json
import os
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import corpus
import pytest
import support
from corpus import MOUNT, path_of
from support import FOREIGN, NATIVE, SOURCE, Installation, as_user, with_handlers, without_handlers, world

pytestmark = support.needs_mounts
TABLE = SOURCE / "tests/corpus/expected.txt"
LENIENT = "kernel is more lenient"
RUNS = "runs"


@dataclass(frozen=True)
class World:
    """A host, and what is installed on it: a path in its root → a file of the corpus, which stands for
    what is there on such a machine."""
    host: str
    root: dict = field(default_factory=dict)


def system(program, loader_path=None, loader=None):
    """A root with a shell and a loader, as far as the doctor looks."""
    return {"bin/sh": program, "usr/bin/env": program, **({loader_path: loader} if loader else {})}


GLIBC = system("amd64-static", "lib64/ld-linux-x86-64.so.2", "ld-amd64.so")
ARMEL = system("armel-static", "lib/ld-linux.so.3", "ld-armel.so")
ARMHF = system("armhf-static", "lib/ld-linux-armhf.so.3", "ld-armhf.so")
ARM64 = system("arm64-static", "lib/ld-linux-aarch64.so.1", "ld-arm64.so")
WORLDS = {
    "epyc-turin-vm": World("epyc-turin-vm", GLIBC),
    "alpine": World("epyc-turin-vm", system("amd64-static", "lib/ld-musl-x86_64.so.1", "ld-amd64.so")),
    "haswell": World("rhel7-haswell", GLIBC),
    "ivybridge": World("rhel7-ivybridge", GLIBC),
    "ivybridge-el10": World("rhel7-ivybridge", system("amd64-static", "lib64/ld-linux-x86-64.so.2", "ld-amd64-v3.so")),
    "k10": World("scientific7-k10", GLIBC),
    "pentium3": World("pentium3", system("i386-static", "lib/ld-linux.so.2", "ld-i386.so")),
    "raspberry-pi-zero": World("raspberry-pi-zero",
                               system("armv6-hard-float", "lib/ld-linux-armhf.so.3", "ld-armv6.so")),
    "sheevaplug-armv5": World("sheevaplug-armv5", ARMEL),
    "armv7-no-vfp": World("armv7-no-vfp", ARMEL),
    "armv7": World("armv7", ARMHF),
    "armv7-armel": World("armv7", ARMEL),
    "armv7-linux-4.4": World("armv7-uname-only", ARMHF),
    "raspberry-pi-3-32bit": World("raspberry-pi-3-32bit", ARMHF),
    "raspberry-pi-5": World("raspberry-pi-5", ARM64),
    "raspberry-pi-4-64bit": World("raspberry-pi-4-64bit", ARM64),
    "asahi-m1": World("asahi-m1", ARM64),
    "neoverse-n2": World("rhel9-neoverse_n2", ARM64),
    "power8le": World("centos7-power8le", system("ppc64le-static", "lib64/ld64.so.2", "ld-ppc64le.so")),
    "powermac-g5": World("powermac-g5", system("ppc64-elfv1-static", "lib64/ld64.so.1", "ld-ppc64-elfv1.so")),
    "z13": World("z13", system("s390x-static", "lib/ld64.so.1", "ld-s390x.so")),
    "spacemit-x60": World("spacemit-x60", system("riscv64-static", "lib/ld-linux-riscv64-lp64d.so.1", "ld-riscv64.so")),
    "loongson": World("loongson-3a5000", system("loong64-static")),
    "sparc-t5": World("sparc-t5", system("sparc64-static")),
}
ALL = "epyc-turin-vm"  # the world that has every file


def read_table():
    """World → file → what is expected of it."""
    table, section = {}, None
    for line in TABLE.read_text().splitlines():
        if line.startswith("["):
            section = table.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, expected = (part.strip() for part in line.split("|")[:2])
            name = name.encode().decode("unicode_escape")
            assert name not in section, f"twice: {line}"
            section[name] = expected
    return table


EXPECTED = read_table()
LENIENCE = EXPECTED.pop(LENIENT)


def at_mount(folder, then=":"):
    """The front of a command that finds the corpus at its place."""
    return world(f"mount --bind '{folder}' {MOUNT}\n{then}\ncd {MOUNT}")


def install(root, folder, spec):
    """Makes the root of a world: the launcher and the snapshot beside what is installed there."""
    root.mkdir()
    Installation(root)
    for path, source in spec.root.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / source, root / path)
    shutil.copytree(SOURCE / "tests/hosts" / spec.host, root / "host")
    for name in (MOUNT.strip("/"), "proc"):
        (root / name).mkdir()
    return root


@pytest.fixture(scope="module")
def doctor(tmp_path_factory, corpus_folder):
    """A function: what the doctor says of files in a world."""
    roots = {}

    def ask(name, *files, options=("--json",)):
        if name not in roots:
            roots[name] = install(tmp_path_factory.mktemp(name) / "root", corpus_folder, WORLDS[name])
        root = roots[name]
        front = world(f"mount --bind '{corpus_folder}' '{root}{MOUNT}'\nmount --rbind /proc '{root}/proc'")
        return support.run([*front, "unshare", f"--root={root}", f"--wd={MOUNT}", "/pixelzx", "doctor", *options,
                            "--host", "/host", *files])

    return ask


def report_of(result):
    """The doctor's JSON."""
    assert result.status in (0, 1), f"status {result.status}\n{result.out}{result.err}"
    return json.loads(result.out)


def verdicts(report):
    """File → what the table would say of it."""
    errors = {}
    for finding in report["findings"]:
        if finding["severity"] == "error" and "file" in finding:
            errors.setdefault(finding["file"], []).append(finding["code"])
    said = {}
    for entry in report["files"]:
        codes = errors.pop(entry["path"], [RUNS])
        assert len(codes) == 1 and entry["runs"] == (codes == [RUNS]), (entry, codes)
        said[entry["path"]] = codes[0]
    assert not errors, "findings on files that nobody asked for"
    return said


def rows():
    for name, files in EXPECTED.items():
        for file, expected in files.items():
            marks = () if expected == RUNS else pytest.mark.provokes(expected)
            # The name of a test is printed.
            yield pytest.param(name, file, expected, marks=marks, id=f"{name}-{file.encode('unicode_escape').decode()}")


@pytest.mark.parametrize("name, file, expected", rows())
def test_doctor_says_what_the_table_says(doctor, corpus_folder, name, file, expected):
    result = doctor(name, path_of(file))
    assert verdicts(report_of(result)) == {path_of(file): expected}
    support.saw(expected)
    assert result.status == (0 if expected == RUNS else 1)
    assert not any((corpus_folder / corpus.MARKERS).iterdir()), "the doctor has started it"


def test_one_question_for_all_files_gets_the_same_answers(doctor, corpus_folder):
    """Nothing of a file is left over when the next one is looked at."""
    result = doctor(ALL, *map(path_of, EXPECTED[ALL]))
    assert verdicts(report_of(result)) == {path_of(file): expected for file, expected in EXPECTED[ALL].items()}
    assert result.status == 1
    assert not any((corpus_folder / corpus.MARKERS).iterdir())


def test_table_has_all_files_and_all_causes(corpus_folder):
    made = {path.name for path in corpus_folder.iterdir()} - {corpus.MARKERS}
    assert made - set(EXPECTED[ALL]) == set(), "not in the table"
    assert {file for file in EXPECTED[ALL] if not os.path.lexists(corpus_folder / file)} == {
        "missing", "no/such/folder/program", "text/program"}
    for name, files in EXPECTED.items():
        assert set(files) <= set(EXPECTED[ALL]), name
    assert set(EXPECTED) == set(WORLDS)
    causes = set(re.findall(r"^(PZX-2\d\d) ", (SOURCE / "launcher/diagnoses.txt").read_text(), re.MULTILINE))
    elsewhere = {"PZX-223"}  # test_unreadable_file
    assert causes - elsewhere == {code for files in EXPECTED.values() for code in files.values()} - {RUNS}


def test_text_obeys_no_file_name(doctor):
    """What a file is called is shown, but a terminal does not act on it."""
    result = doctor(ALL, path_of(corpus.ODD_NAME), options=())
    assert "PZX-201" in result.out + result.err
    assert "\x1b" not in result.out + result.err


def test_file_name_that_is_no_text(doctor, corpus_folder):
    """A name in Latin-1 does not make the JSON invalid."""
    name = os.fsdecode(b"Stra\xdfe")
    shutil.copy(corpus_folder / "text", corpus_folder / name)
    try:
        result = doctor(ALL, path_of(name))
    finally:
        (corpus_folder / name).unlink()
    result.out.encode()  # fails on what is not UTF-8
    (entry,) = json.loads(result.out)["files"]
    assert entry["path"].startswith(f"{MOUNT}/Stra") and not entry["runs"]


@pytest.mark.provokes("PZX-223")
@pytest.mark.parametrize("where", ["file", "folder"])
def test_unreadable_file(open_path, corpus_folder, where):
    """A file that may be started and not be read, and one in a folder that may not be searched."""
    installation = Installation(open_path)
    closed = open_path / "closed"
    closed.mkdir()
    file = closed / "program"
    shutil.copy(corpus_folder / "amd64-static", file)
    file.chmod(0o711)
    if where == "file":
        file.chmod(0o111)
    else:
        closed.chmod(0)
    user = as_user(65534) if os.geteuid() == 0 else []
    try:
        result = support.run([*user, installation.launcher, "doctor", "--json", file])
    finally:
        closed.chmod(0o755)
    assert verdicts(report_of(result)) == {os.fspath(file): "PZX-223"}
    support.saw("PZX-223")
    assert result.status == 1


# ---- the kernel's own verdict ----


@pytest.fixture(scope="module")
def verdicts_here(tmp_path_factory, corpus_folder):
    """A function: of each file, in a world on this machine, what the doctor says and whether the kernel
    starts it."""
    installation = Installation(tmp_path_factory.mktemp("here"))
    files = [path_of(file) for file in EXPECTED[ALL]]

    def ask(front):
        said = installation.run("doctor", "--json", *files, world=[*front, *at_mount(corpus_folder)])
        assert not any((corpus_folder / corpus.MARKERS).iterdir()), "the doctor has started one"
        attempts = [*front, *at_mount(corpus_folder, f"mount -t tmpfs none {MOUNT}/{corpus.MARKERS}")]
        done = support.run([*attempts, sys.executable, "-B", Path(corpus.__file__), *files], check=True)
        assert set(done.err.split()) >= {"program", "script"}, "what is started leaves marks"
        kernel = {path: outcome == {"errno": 0, "status": 0} for path, outcome in json.loads(done.out).items()}
        return report_of(said), kernel

    return ask


def disagreements(report, kernel):
    """Files that the doctor and the kernel judge differently, apart from those where the table says so."""
    said = verdicts(report)
    lenient = {path_of(file) for file in LENIENCE}
    assert all(kernel[path] for path in lenient if NATIVE.name == "linux/amd64"), "an exception that is none"
    return {path: said[path] for path in kernel if kernel[path] != (said[path] == RUNS) and path not in lenient}


def static_program(platform):
    return f"{'ppc64le' if platform.debian == 'ppc64el' else platform.debian}-static"


def test_kernel_agrees(verdicts_here):
    report, kernel = verdicts_here(without_handlers())
    assert disagreements(report, kernel) == {}
    assert sum(kernel.values()) > 20, "what is for this machine runs"


def test_kernel_agrees_with_handlers(verdicts_here):
    """With emulators registered, static programs of their machines run."""
    support.require_handlers()
    report, kernel = verdicts_here(with_handlers())
    assert disagreements(report, kernel) == {}
    ways = {entry["path"]: entry["how"] for entry in report["files"]}
    for platform in FOREIGN:
        assert ways[path_of(static_program(platform))] == "handler"
    assert ways[path_of(static_program(NATIVE))] == "native"
