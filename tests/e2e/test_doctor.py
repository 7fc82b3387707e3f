# SPDX-License-Identifier: Apache-2.0
"""`pixelzx doctor`: its words, its report as text and as JSON, snapshots of machines, and what it says of
bundles. What is wrong with a system is provoked in test_system.py, with a file in test_corpus.py."""

import json
import os
import pty
import re
import shutil
import subprocess
import unicodedata

import bundles
import pytest
import support
from support import (BUNDLE, DIST, FOREIGN, NATIVE, PLATFORMS, SOURCE, Installation, by_name, codes_of, diagnosed,
                     provokes, with_handlers, without_handlers)

SCREEN = 40  # lines; on this machine it has 30
MARKS = "✓!✗·"
HOSTS = [path for folder in (SOURCE / "tests/hosts", SOURCE.parent / "shared/hosts")
         for path in sorted(folder.glob("*")) if (path / "uname").exists()]


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """The native launcher with the real bundle."""
    return Installation(tmp_path_factory.mktemp("dist"), BUNDLE)


def doctor(installation, *words, world=(), **variables):
    environment = {"PIXELZX_CACHE": str(installation.cache), **variables}
    return support.run([*world, installation.launcher, "doctor", *words], environment)


# ---- the report ----


def test_all_is_well(dist):
    result = doctor(dist, world=without_handlers()).expect()
    lines = result.out.splitlines()
    assert len(lines) <= SCREEN and result.err == "" and "\x1b" not in result.out
    titles = [line for line in lines if not line.startswith(" ")]
    assert titles == ["Host", "Runs here", "Bundle", "Launch", "All is well."]
    for line in lines:
        assert line in titles or re.match(rf"  [{MARKS}] \S", line), line
    assert not any(line.startswith(("  !", "  ✗")) for line in lines)
    for platform in PLATFORMS:
        assert len([line for line in lines if line.split()[1:2] == [platform.name]]) == 2  # runs, bundle
    assert str(dist.bundle) in result.out and os.uname().release in result.out
    assert "the best" in result.out


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_values_are_in_one_column(dist, language):
    """Also where the labels are Korean, whose letters are two columns wide."""
    lines = doctor(dist, "--lang", language).out.splitlines()
    found = [re.match(rf"(  [{MARKS}] .+?  +)\S", line) for line in lines if line.startswith("  ")]
    assert len({columns(match.group(1)) for match in found if match}) == 1


def on_a_terminal(installation, *words, **variables):
    """What is written to a pseudo-terminal."""
    master, terminal = pty.openpty()
    done = []
    pid = os.fork()
    if pid == 0:
        try:
            for fd in (0, 1, 2):
                os.dup2(terminal, fd)
            environment = {"PATH": support.PATH, "PIXELZX_CACHE": str(installation.cache), **variables}
            os.execve(installation.launcher, ["pixelzx", "doctor", *words], environment)
        finally:
            os._exit(100)
    os.close(terminal)
    try:
        while piece := os.read(master, 65536):
            done.append(piece)
    except OSError:  # EIO: all have closed it
        pass
    os.close(master)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) in (0, 1)
    return b"".join(done).decode().replace("\r\n", "\n")


def test_colour_on_a_terminal_only(dist):
    plain = on_a_terminal(dist, NO_COLOR="1")
    assert "\x1b" not in plain
    assert plain == doctor(dist).out
    for variables in ({}, {"NO_COLOR": ""}):  # https://no-color.org: when present and not empty
        coloured = on_a_terminal(dist, **variables)
        assert "\x1b[32m✓" in coloured
        assert re.sub(r"\x1b\[\d*m", "", coloured) == plain
        assert coloured.rindex("\x1b[0m") >= coloured.rindex("\x1b[")


def test_json_has_no_colour(dist):
    assert "\x1b" not in on_a_terminal(dist, "--json")


@pytest.mark.parametrize("words, variables", [(["--lang", "ko"], {}), (["--lang=ko"], {"LANG": "en_US.UTF-8"}),
                                              ([], {"LANG": "ko_KR.UTF-8"}),
                                              ([], {"LANG": "en_US.UTF-8", "LC_ALL": "ko_KR.UTF-8"})])
def test_korean(dist, words, variables):
    text = doctor(dist, *words, world=without_handlers(), **variables).expect().out
    assert "모두 정상입니다." in text and "All is well" not in text
    titles = [line for line in text.splitlines() if not line.startswith(" ")]
    assert all(re.search("[가-힣]", title) for title in titles)
    assert json.loads(doctor(dist, "--json", *words, **variables).out)["host"]["platform"]


def test_option_for_the_language_wins(dist):
    assert "All is well" in doctor(dist, "--lang", "en", world=without_handlers(), LANG="ko_KR.UTF-8").out


@pytest.mark.parametrize("option", ["--quiet", "-q"])
def test_quiet(dist, option):
    result = doctor(dist, option, world=without_handlers()).expect()
    assert (result.out, result.err) == ("", "")
    sick = doctor(dist, option, world=without_handlers(), PIXELZX_PLATFORM="nonsense")
    assert sick.status == 1 and "[PZX-110]" in sick.out and "Host" not in sick.out


def test_quiet_of_a_good_file(dist):
    result = doctor(dist, "--quiet", dist.launcher).expect()
    assert (result.out, result.err) == ("", "")


def test_writes_nothing(dist):
    """Neither a cache nor a probe stays behind."""
    before = sorted(dist.folder.rglob("*"))
    doctor(dist).expect()
    assert sorted(dist.folder.rglob("*")) == before


# ---- its words ----


def titles_of(text):
    return re.findall(r"^(PZX-\d+)  \S", text, re.MULTILINE)


def test_every_page(dist):
    """All codes of the table at once, in both languages; `<evidence>` in place of what was seen."""
    codes = re.findall(r"^(PZX-\d+) ", (SOURCE / "launcher/diagnoses.txt").read_text(), re.MULTILINE)
    for language, why in ("en", "why"), ("ko", "이유"):
        text = doctor(dist, "--lang", language, *codes).expect().out
        assert titles_of(text) == codes
        assert text.count(f"\n  {why} ") == len(codes) and not re.search("[{}]", text)
        assert doctor(dist, "--lang", language, codes[0]).out == text[:text.index("\n\nPZX-102") + 1]


def test_code_in_lower_case(dist):
    assert doctor(dist, "pzx-101").expect().out == doctor(dist, "PZX-101").out
    assert titles_of(doctor(dist, "Pzx-301", "pzx-101").expect().out) == ["PZX-301", "PZX-101"]


@pytest.mark.parametrize("words", [["PZX-999"], ["PZX-101", "PZX-1"], ["PZX-"], ["PZX-1011"], ["pzx-999"],
                                   ["PZX-101", "/bin/sh"]])
def test_unknown_code(dist, words):
    result = doctor(dist, *words)
    assert result.status == 2 and "usage: " in result.err and words[-1] in result.err


@pytest.mark.parametrize("words, named", [(["--nonsense"], "--nonsense"), (["-x"], "-x"), (["--lang"], "--lang"),
                                          (["--lang", "fr"], "--lang"), (["--lang=fr"], "--lang=fr"),
                                          (["--host"], "--host"), (["--host="], "--host"),
                                          (["--save-host"], "--save-host"), (["--jsonx"], "--jsonx"),
                                          (["--host", "/nonexistent"], "/nonexistent"),
                                          (["--host", "/etc"], "/etc"), (["--host", "/dev/null"], "/dev/null"),
                                          (["--json", "--nonsense"], "--nonsense"),
                                          (["/bin/sh", "--nonsense"], "--nonsense"),
                                          (["--\x1b[31m"], "")])
def test_wrong_usage(dist, words, named):
    result = doctor(dist, *words)
    assert (result.status, result.out) == (2, "")
    assert "usage: " in result.err and named in result.err and "\x1b" not in result.err
    korean = doctor(dist, *words, LANG="ko_KR.UTF-8")
    assert korean.status == 2 and "사용법" in korean.err


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(dist, option):
    result = doctor(dist, option).expect()
    assert result.err == "" and result.out.startswith("usage: ")
    for word in ("--json", "--quiet", "--lang", "--host", "--save-host", "FILE", "PZX-"):
        assert word in result.out
    assert all(len(line) <= 100 for line in result.out.splitlines())
    assert "사용법" in doctor(dist, option, LANG="ko_KR.UTF-8").expect().out


def test_output_that_cannot_be_written(dist):
    """A full disk behind the pipe is not "all is well"."""
    with open("/dev/full", "wb") as full:
        status = subprocess.run([dist.launcher, "doctor"], stdout=full, check=False).returncode
    assert status == 1


@pytest.mark.parametrize("words", [["doctor"], ["doctor", "--json"], ["doctor", "PZX-101"]])
def test_the_word_belongs_to_programs_without_the_option(launched_probe, words):
    report = launched_probe.run(*words).expect().report
    assert [bytes.fromhex(word).decode() for word in report["argv"]][1:] == words


def test_other_words_belong_to_the_program(examined):
    for words in (["start", "doctor"], ["doctors"], ["--doctor"], [""]):
        report = examined.run(*words).expect().report
        assert [bytes.fromhex(word).decode() for word in report["argv"]][1:] == words


def test_after_its_own_name(examined):
    """`docker run IMAGE /usr/local/bin/probe doctor`"""
    assert support.run([examined.launcher, "/usr/local/bin/probe", "doctor", "PZX-101"]).expect().out


def test_message_leads_to_the_doctor_only_where_there_is_one(launched_probe, examined):
    for installation, there in ((launched_probe, False), (examined, True)):
        bundle = bundles.make_bundle({FOREIGN[0].name: b"x" * 100}, options=("doctor",) if there else ())
        installation.bundle.write_bytes(bundle)
        message = installation.run(world=without_handlers()).refused(101).err
        assert ("doctor PZX-101" in message) == there


# ---- JSON ----


HOST = {"platform": str, "launcher": str, "emulated": bool, "snapshot": bool, "kernel": str, "page_size": int,
        "cpu": str, "userland_bits": int, "container": (str, type(None)), "runs": list}
REPORT = {"schema_version": int, "host": dict, "bundle": dict, "launch": dict, "files": list, "findings": list}
FILE = {"path": str, "found": str, "platform": (str, type(None)), "runs": bool, "how": str,
        "handler": (str, type(None)), "interpreter": (str, type(None))}
FINDING = {"code": str, "severity": str, "title": str, "why": str, "what_to_do": str, "evidence": dict,
           "file": (str, type(None))}


def check_fields(entry, fields):
    assert list(entry) == list(fields)
    assert [name for name, kind in fields.items() if not isinstance(entry[name], kind)] == [], entry


def ways(report):
    return {run["platform"]: run["how"] for run in report["host"]["runs"]}


def test_json_agrees_with_what_starts(dist):
    report = dist.doctor(world=without_handlers())
    check_fields(report, REPORT)
    check_fields(report["host"], HOST)
    assert report["schema_version"] == 1 and report["findings"] == [] and report["files"] == []
    trace = dist.run("version", world=without_handlers()).expect().trace
    assert report["launch"]["slice"] == trace["slice"]
    assert report["launch"]["memory"] is True
    assert report["launch"]["caches"] == [{"path": str(dist.cache), "usable": True, "reason": None}]
    host = report["host"]
    assert (host["platform"], host["launcher"], host["emulated"]) == (trace["host"], trace["launcher"], False)
    assert (host["kernel"], host["page_size"]) == (os.uname().release, os.sysconf("SC_PAGE_SIZE"))
    assert host["snapshot"] is False and host["userland_bits"] in (32, 64)
    for name in ("path", "program", "version", "installed"):
        assert name in report["bundle"]
    assert report["bundle"]["path"] == str(dist.bundle) and report["bundle"]["installed"] is False
    assert {entry["platform"] for entry in report["bundle"]["slices"]} == {platform.name for platform in PLATFORMS}
    for entry in report["bundle"]["slices"]:
        check_fields(entry, {"platform": str, "size": int, "sha256": str, "intact": bool})
        assert entry["intact"] and len(entry["sha256"]) == 64


@pytest.mark.parametrize("slices", [["linux/amd64"], ["linux/amd64", "linux/amd64/v2"],
                                    ["linux/amd64", "linux/amd64/v3", "linux/amd64/v4"]])
@pytest.mark.skipif(NATIVE.name != "linux/amd64", reason="of amd64's levels")
def test_slice_that_it_names_is_the_one_that_starts(examined, probe, slices):
    data = probe.read_bytes()
    examined.bundle.write_bytes(bundles.make_bundle({name: data + name.encode() for name in slices},
                                                    options=("doctor",)))
    report = examined.doctor(world=without_handlers())
    assert report["launch"]["slice"] == examined.run(world=without_handlers()).expect().trace["slice"]
    level = report["host"]["platform"]
    assert report["launch"]["better"] == (None if report["launch"]["slice"] == level else level)


def test_without_handlers_nothing_foreign_runs(dist):
    how = ways(dist.doctor(world=without_handlers()))
    assert set(how) >= {platform.name for platform in PLATFORMS}
    assert how[NATIVE.name] == "native"
    compat = {"linux/386"} if NATIVE.name == "linux/amd64" else {"linux/arm/v7"}
    assert {name for name, way in how.items() if way != "none"} - {NATIVE.name} <= compat


def test_with_handlers_foreign_platforms_run(dist):
    support.require_handlers()
    report = dist.doctor(world=with_handlers())
    runs = {run["platform"]: run for run in report["host"]["runs"]}
    for platform in FOREIGN:
        assert runs[platform.name] == {"platform": platform.name, "how": "handler", "handler": f"qemu-{platform.qemu}",
                                       "interpreter": f"/usr/libexec/qemu-binfmt/{platform.qemu}-binfmt-P"}
    assert runs[NATIVE.name] == {"platform": NATIVE.name, "how": "native", "handler": None, "interpreter": None}
    assert report["findings"] == []


def test_json_of_files(dist, tmp_path):
    shutil.copy(FOREIGN[0].launcher, tmp_path / "foreign")
    report = dist.doctor(dist.launcher, tmp_path / "foreign", tmp_path / "none", world=without_handlers())
    assert report["launch"] is None
    for entry in report["files"]:
        check_fields(entry, FILE)
    own, foreign, none = report["files"]
    assert (own["runs"], own["how"], own["platform"]) == (True, "native", NATIVE.name)
    assert (foreign["runs"], foreign["how"], foreign["platform"]) == (False, "none", FOREIGN[0].name)
    assert not none["runs"] and none["path"] == str(tmp_path / "none")
    for finding in report["findings"]:
        check_fields(finding, FINDING)
    assert [(f["code"], f["file"], f["severity"]) for f in report["findings"]] == [
        ("PZX-201", str(tmp_path / "foreign"), "error"), (report["findings"][1]["code"], none["path"], "error")]


def test_text_of_files(dist, tmp_path):
    shutil.copy(FOREIGN[0].launcher, tmp_path / "foreign")
    result = doctor(dist, dist.launcher, tmp_path / "foreign", world=without_handlers())
    assert result.status == 1 and "[PZX-201]" in result.out and "what to do" in result.out
    assert f"  ✓ {dist.launcher}\n" in result.out and "runs here: natively" in result.out


def test_without_a_bundle(tmp_path):
    """The doctor needs none, for files and pages and the machine."""
    installation = Installation(tmp_path)
    diagnosed(installation.doctor(), 102)
    assert installation.doctor(installation.launcher)["bundle"] is None
    assert titles_of(doctor(installation, "PZX-102").expect().out) == ["PZX-102"]


@pytest.mark.parametrize("platform", PLATFORMS, ids=by_name)
def test_every_launcher_has_its_doctor(platform, tmp_path):
    """In JSON and Korean, through an emulator where it is not the machine's own."""
    support.require_handlers()
    installation = Installation(tmp_path, BUNDLE, platform)
    report = installation.doctor("--lang", "ko", world=with_handlers())
    assert report["host"]["launcher"] == platform.name
    assert report["host"]["emulated"] == (platform is not NATIVE)
    assert report["launch"]["slice"] == NATIVE.name
    assert all(entry["intact"] for entry in report["bundle"]["slices"])
    assert ways(report)[NATIVE.name] != "none"


# ---- snapshots ----


def programs_for(host):
    """Whether the real bundle has a program for it."""
    arch, variant = (host.split("/") + [""])[1:3]
    if arch == "arm":
        return int(variant[1:] or 7) >= 7
    return f"linux/{arch}" in {platform.name for platform in PLATFORMS}


@pytest.mark.parametrize("host", HOSTS, ids=lambda path: path.name)
def test_snapshot(dist, host):
    expected = (host / "expected").read_text().split()[0]
    report = dist.doctor("--host", host)
    assert report["host"]["platform"] == expected
    assert report["host"]["snapshot"] is True and report["host"]["userland_bits"] is None
    assert report["host"]["emulated"] is False
    errors = [finding["code"] for finding in report["findings"] if finding["severity"] == "error"]
    assert errors == ([] if programs_for(expected) else ["PZX-101"])
    assert (report["launch"]["slice"] is None) == bool(errors)
    text = doctor(dist, "--host", host)
    assert text.status == len(errors) and expected in text.out and len(text.out.splitlines()) <= SCREEN


def test_snapshot_cannot_steer_a_terminal(dist, tmp_path):
    for name, content in {"uname": "Linux 6.1\x1b[31m x86_64", "proc/sys/kernel/arch": "x86\x1b[2J",
                          "proc/cpuinfo": "model name : \x9b31m CPU"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    text = doctor(dist, "--host", tmp_path).out
    assert "\\x1b[31m" in text and "\\x1b[2J" in text
    assert not any(byte < " " and byte != "\n" or "\x7f" <= byte <= "\x9f" for byte in text)


@provokes(101)
@pytest.mark.parametrize("name", ["loongson-3a5000", "powermac-g5", "power7-signpost", "sparc-t5", "pentium3",
                                  "raspberry-pi-zero", "sheevaplug-armv5", "armv7-no-vfp"])
def test_snapshot_that_no_slice_fits(dist, name):
    host = SOURCE / "tests/hosts" / name
    platform = (host / "expected").read_text().strip()
    report = dist.doctor("--host", host, status=1)
    found = diagnosed(report, 101, platform=platform, offer=NATIVE.name)
    assert platform in found["why"] and platform in found["what_to_do"]
    assert codes_of(report) == ["PZX-101"]


def test_snapshots_of_real_machines_are_there():
    """These are in the repository; others may lie beside it."""
    assert len([host for host in HOSTS if host.is_relative_to(SOURCE)]) >= 40
    if not any(not host.is_relative_to(SOURCE) for host in HOSTS):
        pytest.skip("no shared/hosts beside the repository")


def test_save_host(dist, tmp_path):
    folder = tmp_path / "saved"
    result = doctor(dist, "--save-host", folder).expect()
    assert result.err == ""
    live, saved = dist.doctor()["host"], dist.doctor("--host", folder)["host"]
    # The level comes from CPUID on the live machine, and a hypervisor may hide from the kernel what that shows.
    assert saved["platform"].split("/")[:2] == live["platform"].split("/")[:2]
    for name in ("page_size", "kernel", "cpu"):
        assert saved[name] == live[name], name
    again = tmp_path / "again"
    doctor(dist, "--host", folder, "--save-host", again).expect()
    files = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()} == files


def test_save_host_keeps_the_handlers(dist, tmp_path):
    support.require_handlers()
    doctor(dist, "--save-host", tmp_path / "saved", world=with_handlers()).expect()
    how = ways(dist.doctor("--host", tmp_path / "saved"))
    assert {platform.name for platform in FOREIGN} <= {name for name, way in how.items() if way == "handler"}


@pytest.mark.parametrize("host", ["raspberry-pi-5", "epyc-turin-vm", "power9-setarch-signpost", "tegra2-no-neon-auxv"])
def test_snapshot_of_a_snapshot(dist, host, tmp_path):
    """Nothing that detection looks at is lost."""
    source = SOURCE / "tests/hosts" / host
    doctor(dist, "--host", source, "--save-host", tmp_path / "copy").expect()
    assert dist.doctor("--host", tmp_path / "copy")["host"] == dist.doctor("--host", source)["host"]


@pytest.mark.parametrize("there", ["folder", "full folder", "file", "dangling link"])
def test_save_host_refuses_what_is_there(dist, tmp_path, there):
    target = tmp_path / "saved"
    if there == "file":
        target.write_text("mine")
    elif there == "dangling link":
        target.symlink_to(tmp_path / "nowhere")
    else:
        target.mkdir()
        if there == "full folder":
            (target / "uname").write_text("mine")
    result = doctor(dist, "--save-host", target)
    assert result.status == 2 and str(target) in result.err and "File exists" in result.err
    assert there != "file" or target.read_text() == "mine"
    assert not target.is_dir() or [path.read_text() for path in target.iterdir()] in ([], ["mine"])
    assert not (tmp_path / "nowhere").exists()


def test_save_host_where_it_cannot(dist):
    result = doctor(dist, "--save-host", "/nonexistent/saved")
    assert result.status == 2 and "No such file or directory" in result.err


# ---- what it says of bundles ----


def damaged(bundle):
    data = bytearray(bundle)
    data[512 + bundles.rounded(len(bundles.index_of(bundle))) + 512 + 100] ^= 1
    return bytes(data)


def relabelled(probe):
    """Labelled for another platform than it is for."""
    return bundles.make_bundle({FOREIGN[0].name: probe.read_bytes(), NATIVE.name: probe.read_bytes() + b"\0"},
                               options=("doctor",))


def rewritten(probe, old, new):
    return bundles.make_bundle({NATIVE.name: probe.read_bytes()}, options=("doctor",),
                               rewrite=lambda text: text.replace(old, new, 1))


BUNDLES = {
    103: lambda probe, good: b"<!DOCTYPE html>\n" * 100,
    104: lambda probe, good: rewritten(probe, "program probe 1.0\n", "program probe 1.0\nsurprise\n"),
    105: lambda probe, good: damaged(good),
    106: lambda probe, good: good[:len(good.rstrip(b"\0")) - 1000],
    107: lambda probe, good: rewritten(probe, "pixelzx-bundle 1", "pixelzx-bundle 2"),
    108: lambda probe, good: relabelled(probe),
    101: lambda probe, good: bundles.make_bundle({FOREIGN[0].name: FOREIGN[0].launcher.read_bytes()},
                                                 options=("doctor",)),
}


@pytest.mark.parametrize("code", [pytest.param(code, marks=provokes(code)) for code in BUNDLES])
def test_bundle_with_a_fault(examined, probe, code):
    examined.bundle.write_bytes(BUNDLES[code](probe, examined.bundle.read_bytes()))
    report = examined.doctor(world=without_handlers(), status=1)
    assert diagnosed(report, code)["severity"] == "error"
    assert codes_of(report) == [f"PZX-{code}"]
    if code in (105, 108):
        assert [entry["intact"] for entry in report["bundle"]["slices"]].count(False) == 1
    text = doctor(examined, world=without_handlers())
    assert text.status == 1 and f"[PZX-{code}]" in text.out and "All is well" not in text.out
    if code not in (101, 108):
        assert report["launch"]["slice"] is None


def test_damaged_slice_in_korean(examined):
    """Also in the list of the bundle's slices."""
    examined.bundle.write_bytes(damaged(examined.bundle.read_bytes()))
    lines = [line for line in doctor(examined, "--lang", "ko").out.splitlines() if f"✗ {NATIVE.name} " in line]
    assert len(lines) == 1 and re.search("[가-힣]", lines[0]), lines


@provokes(109)
@pytest.mark.parametrize("platform", [FOREIGN[0].name, "linux/riscv64", "linux/mips64le"])
def test_platform_that_cannot_run(examined, platform):
    report = examined.doctor(env={"PIXELZX_PLATFORM": platform}, world=without_handlers(), status=1)
    diagnosed(report, 109, variable=platform)


@provokes(109)
def test_platform_without_an_emulator(dist):
    """The bundle has it, and nothing here runs it."""
    report = dist.doctor(env={"PIXELZX_PLATFORM": FOREIGN[0].name}, world=without_handlers(), status=1)
    diagnosed(report, 109, variable=FOREIGN[0].name)
    assert report["launch"]["slice"] is None


def test_platform_with_an_emulator(dist):
    support.require_handlers()
    report = dist.doctor(env={"PIXELZX_PLATFORM": FOREIGN[0].name}, world=with_handlers())
    assert (report["launch"]["slice"], report["findings"]) == (FOREIGN[0].name, [])


@provokes(110)
def test_platform_that_is_none(examined):
    diagnosed(examined.doctor(env={"PIXELZX_PLATFORM": "arm/v7"}, status=1), 110, variable="arm/v7")


@pytest.mark.parametrize("there", [True, pytest.param(False, marks=provokes(111))])
def test_installed_bundle(examined, probe, there):
    program = bundles.install(examined.bundle.read_bytes(), examined.folder, "probe", probe.read_bytes())
    if not there:
        program.unlink()
    report = examined.doctor(env={"PIXELZX_CACHE": "off"})
    assert report["bundle"]["installed"] and report["bundle"]["slices"][0]["intact"] is there
    assert report["launch"]["slice"] == (NATIVE.name if there else None)
    if there:
        assert report["findings"] == []
    else:
        diagnosed(report, 111)


@provokes(304)
@support.needs_root
def test_unreadable_bundle(open_path, probe):
    installation = Installation(open_path, bundles.make_bundle({NATIVE.name: probe.read_bytes()}, options=("doctor",)))
    installation.bundle.chmod(0o600)
    report = installation.doctor(world=support.as_user(65534), env={"PIXELZX_CACHE": "off"}, status=1)
    diagnosed(report, 304, detail="Permission denied")


def test_dist_is_what_it_examines():
    assert (DIST / "pixelzx.bundle").read_bytes() and b"option doctor own-name" in bundles.index_of(
        BUNDLE.read_bytes())
