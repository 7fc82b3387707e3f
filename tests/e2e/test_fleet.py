# SPDX-License-Identifier: Apache-2.0
"""`pixelzx-pack fleet`: the reports of many hosts as tables, as JSON, and as a page, which a real browser shows."""

import copy
import json
import os
import random
import subprocess
from collections import Counter

import browser
import bundles
import pytest
import support
from support import BUNDLE, PACK, PLATFORMS, SOURCE, Installation

HOSTS = sorted(path.parent for path in (SOURCE / "tests/hosts").glob("*/uname"))
PHONE, DESKTOP = 360, 1280
EVIL = "<script>document.title = 'owned'</script><img src=x onerror=alert(1)>\x1b[31m\u202e\"'&"
KOREAN = {"LANG": "ko_KR.UTF-8"}


def fleet(*words, env=None, **options):
    return support.run([PACK, "fleet", *words], env, **options)


def view(*words, status=0, **options):
    """The JSON document."""
    return json.loads(fleet("--json", *words, **options).expect(status).out)


def write(folder, reports):
    """Reports by name, as files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, report in reports.items():
        (folder / f"{name}.json").write_text(report if isinstance(report, str) else json.dumps(report))
    return folder


@pytest.fixture(scope="module")
def six(tmp_path_factory):
    """A launcher and a small bundle for six platforms."""
    slices = {platform.name: platform.launcher.read_bytes() for platform in PLATFORMS}
    return Installation(tmp_path_factory.mktemp("six"), bundles.make_bundle(slices, options=("doctor", "own-name")))


@pytest.fixture(scope="module")
def real(six):
    """What doctors have said of real machines, by name, and of this one."""
    return {**{host.name: six.doctor("--host", host) for host in HOSTS}, "this-machine": six.doctor()}


@pytest.fixture(scope="module")
def reports(tmp_path_factory, real):
    """The same as files in a folder, and with what they seldom have: a host in emulation, and one with all kinds of
    trouble."""
    emulated = copy.deepcopy(real["rocky8.5-zen4"])
    emulated["host"].update(emulated=True, launcher="linux/arm64", page_size=4096)
    emulated["findings"] = [{"code": "PZX-314", "severity": "warning", "title": "slow"}]
    trouble = copy.deepcopy(real["raspberry-pi-5"])
    trouble["findings"] = [{"code": code, "severity": severity, "title": "in whatever language"}
                           for code, severity in (("PZX-301", "error"), ("PZX-313", "warning"), ("PZX-321", "note"))]
    folder = tmp_path_factory.mktemp("reports") / "reports"
    return write(folder, {**real, "in-emulation": emulated, "in-trouble": trouble})


# ---- what it says ----


def test_slices_are_those_that_launchers_choose(six, real, reports):
    """Out of the bundle, without having been on the hosts, it chooses as the launcher's own doctor did."""
    by_name = {host["name"]: host for host in view("--bundle", six.bundle, reports)["hosts"]}
    for name, report in real.items():
        assert by_name[name]["slice"] == report["launch"]["slice"], name
        assert by_name[name]["platform"] == report["host"]["platform"]
    # In emulation, the true machine's.
    assert by_name["in-emulation"]["slice"] == "linux/amd64"
    # Without a bundle, what the doctors have said.
    assert {host["name"]: host["slice"] for host in view(reports)["hosts"] if host["name"] in real} == \
        {name: report["launch"]["slice"] for name, report in real.items()}


def test_counts(six, reports):
    loaded = {path.stem: json.loads(path.read_text()) for path in reports.iterdir()}
    said = view("--bundle", six.bundle, reports)
    assert [host["name"] for host in said["hosts"]] == sorted(loaded)
    assert {row["platform"]: row["hosts"] for row in said["platforms"]} == \
        Counter(report["host"]["platform"] for report in loaded.values())
    assert said["emulated"] == 1 and said["left_out"] == []
    codes = Counter(code for report in loaded.values() for code in set(support.codes_of(report)))
    assert {row["code"]: row["hosts"] for row in said["problems"]} == codes
    assert {"PZX-101", "PZX-301", "PZX-313", "PZX-314", "PZX-321"} <= set(codes)
    severities = [row["severity"] for row in said["problems"]]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    slices = Counter(host["slice"] for host in said["hosts"])
    assert said["unserved"] == slices.pop(None) > 0
    assert {row["platform"]: row["hosts"] for row in said["slices"]} == slices
    for name in {key for row in (said, *said["hosts"], *said["problems"], *said["slices"]) for key in row}:
        assert name in (SOURCE / "docs/fleet-json.md").read_text(), f"docs/fleet-json.md lacks {name}"


def test_table(reports):
    lines = fleet(reports).expect().out.splitlines()
    said = view(reports)
    assert lines[0] == f"hosts: {len(said['hosts'])}, reports left out: 0"
    for row in said["problems"]:
        (line,) = [line.split() for line in lines if line.startswith(row["code"])]
        assert line[1:3] == [row["severity"], str(row["hosts"])]
    assert any(line.split()[:1] == ["loongson-3a5000"] for line in lines)
    kinds = [line.split() for line in lines[3:lines.index("", 3)]]
    assert sum(int(kind[-1]) for kind in kinds) == len(said["hosts"])
    assert max(map(len, lines)) < 100


def test_sentences_are_those_of_the_table(reports):
    """In the language that is asked for, not in that of the reports."""
    english, korean = view(reports), view(reports, env=KOREAN)
    assert korean == view("--lang", "ko", reports) and english == view("--lang", "en", reports, env=KOREAN)
    texts = (SOURCE / "launcher/diagnoses.txt").read_text()
    for first, second in zip(english["problems"], korean["problems"]):
        assert f"en title {first['title']}\n" in texts and f"ko title {second['title']}\n" in texts
    assert "호스트" in fleet(reports, env=KOREAN).expect().out


def test_what_a_smaller_bundle_drops(six, reports, tmp_path):
    """About as many bytes as a bundle without the slices that no host needs really has less; exactly as many
    (pack_fleet.cc) where the programs were not compressed against what they have in common."""
    some = write(tmp_path / "some", {name: (reports / f"{name}.json").read_text()
                                     for name in ("rocky8.5-zen4", "raspberry-pi-5", "sparc-t5")})
    said = view("--bundle", BUNDLE, some)
    kept = [row["platform"] for row in said["slices"] if row["needed"]]
    assert kept == ["linux/amd64", "linux/arm64"] and said["unserved"] == 1
    assert set(said["bundle"]["unneeded"]) == {platform.name for platform in PLATFORMS} - set(kept)
    text = fleet("--bundle", BUNDLE, some).expect().out
    assert f"{said['bundle']['unneeded_bytes']:,} bytes smaller" in text

    def size_of(names):
        output = tmp_path / "bundle"
        programs = [f"{name}={next(p for p in PLATFORMS if p.name == name).launcher}" for name in names]
        support.run([PACK, "create", "--program", "hello", "--version", "1.0", "--level", "1", "-q", "-o", output,
                     *programs], check=True)
        return output, output.stat().st_size

    small = size_of(kept)[1]
    whole, size = size_of([platform.name for platform in PLATFORMS])
    told = view("--bundle", whole, some)["bundle"]
    assert told["size"] == size and size - small == pytest.approx(told["unneeded_bytes"], rel=0.05)


def test_everything_is_needed(six, reports):
    assert view("--bundle", six.bundle, reports)["bundle"]["unneeded"] == []
    assert "Some host needs each slice" in fleet("--bundle", six.bundle, reports).expect().out


def test_same_reports_same_bytes(six, reports, tmp_path):
    """In whatever order they are named, and however often."""
    files = list(reports.iterdir())
    random.Random(1).shuffle(files)
    for name, words in (("a", [reports]), ("b", files), ("c", [*files[:3], reports])):
        out = fleet("--bundle", six.bundle, "-o", tmp_path / name, *words, cwd=reports.parent).expect().out
        (tmp_path / f"{name}.txt").write_text(out)
    for name in ("b", "c"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "a").read_bytes()
        assert (tmp_path / f"{name}.txt").read_bytes() == (tmp_path / "a.txt").read_bytes()


# ---- what is wrong ----


def good(reports):
    return json.loads((reports / "raspberry-pi-5.json").read_text())


BAD = {
    "cut-off": ('{"schema_version":1,"host":{"platform":"lin', "ends in the middle"),
    "empty": ("", "is empty"),
    "page": ("<html><body>404</body></html>", "not JSON"),
    "newer": ('{"schema_version":2,"host":{}}', "from a newer pixelzx doctor"),
    "image": ('{"schema_version":1,"archive":"x.tar","ok":true,"images":[],"findings":[]}', "schema_version, host"),
    "long": (" " * (1 << 20) + "{}", "1 MiB"),
    "odd": ('{"schema_version":1,"host":{"platform":"<b>"},"findings":[]}', "is not a platform"),
}


@pytest.mark.parametrize("language", ["en", "ko"])
def test_bad_reports_are_left_out_and_named(reports, tmp_path, language):
    folder = write(tmp_path / "all", {"good": good(reports), **{name: text for name, (text, _) in BAD.items()}})
    second = good(reports)
    second["host"]["name"] = "good"
    write(folder / "deeper", {"second": second})
    page = tmp_path / "page.html"
    result = fleet("--lang", language, "-o", page, folder).expect(1)
    assert "1" in result.out.splitlines()[0] and "8" in result.out.splitlines()[0]
    for name, (_, words) in {**BAD, "second": ("", "a second report of the host good")}.items():
        assert f"{name}.json" in result.err and f"{name}.json" in page.read_text()
        assert words in result.err or language == "ko", result.err
    assert result.err.count("해결 방법" if language == "ko" else "what to do") == len(BAD) + 2
    assert "raspberry" not in page.read_text() and "good" in page.read_text()


def test_few_of_many_bad_reports_are_named(reports, tmp_path):
    folder = write(tmp_path / "all", {f"bad{i}": "{" for i in range(50)} | {"good": good(reports)})
    result = fleet("-o", tmp_path / "page.html", folder).expect(1)
    assert result.err.count("is not a report") == 10 and "50, of 51" in result.err
    assert (tmp_path / "page.html").read_text().count("is not a report") == 50


def test_nothing_to_show(tmp_path):
    """The page that is there stays."""
    page = tmp_path / "page.html"
    page.write_text("yesterday's")
    (tmp_path / "none").mkdir()
    write(tmp_path / "bad", {"a": "{", "b": ""})
    for words, said in (([tmp_path / "none"], "no report"), ([tmp_path / "gone.json"], "gone.json"),
                        ([tmp_path / "bad"], "no report"), ([tmp_path / "bad/a.json"], "ends in the middle")):
        result = fleet("-o", page, *words).expect(1)
        assert result.out == "" and said in result.err and "what to do" in result.err
    assert page.read_text() == "yesterday's"


def test_wrong_usage(reports, tmp_path):
    for words in ([], ["--lang", "fr", reports], ["--nonsense", reports]):
        result = fleet(*words).expect(2)
        assert result.out == "" and "fleet --help" in result.err
    for words, said in ((["--bundle", tmp_path / "gone"], "gone"), (["--bundle", reports / "raspberry-pi-5.json"], "PZX-103"),
                        (["-o", tmp_path / "no/page.html"], "cannot write"), (["-o", tmp_path], "regular file")):
        result = fleet(*words, reports).expect(1)
        assert result.out == "" and said in result.err


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_unreadable_folder(reports, open_path):
    """It is named; what can be read is shown."""
    write(open_path / "open", {"good": good(reports)})
    write(open_path / "closed", {"secret": good(reports)}).chmod(0)
    pack = open_path / "pixelzx-pack"
    pack.write_bytes(PACK.read_bytes())
    pack.chmod(0o755)
    result = support.run([*support.as_user(65534), pack, "fleet", open_path / "open", open_path / "closed"])
    assert result.status == 1 and "closed" in result.err and "hosts: 1, reports left out: 1" in result.out


def test_report_from_a_pipe(reports, tmp_path):
    """And a pipe in a folder, which might never end, is passed over."""
    folder = write(tmp_path / "all", {"good": good(reports)})
    os.mkfifo(folder / "pipe.json")
    done = subprocess.run(["bash", "-c", '"$1" fleet --json "$2" <(cat "$3")', "bash", PACK, folder,
                           reports / "sparc-t5.json"], capture_output=True, timeout=support.HANGS, check=True)
    assert [host["platform"] for host in json.loads(done.stdout)["hosts"]] == ["linux/sparc64", "linux/arm64/v8.2"]


# ---- the page ----


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    started = browser.started(tmp_path_factory.mktemp("browser"))
    yield started
    started.close()


WIDER = """[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll') &&
    e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5).map(e => e.outerHTML.slice(0, 80))"""


def assert_fits(tab, width):
    """The document is no wider than the window; what is wider scrolls in a box of its own."""
    assert tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)") is None
    assert tab.evaluate("document.documentElement.clientWidth") > width - 20  # a scroll bar
    assert tab.evaluate(WIDER) == []
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth && scrollX === 0")
    assert tab.evaluate("[...document.querySelectorAll('table')].every(t => t.closest('.scroll'))")


def assert_alone(tab):
    """It has asked for nothing, and the browser has nothing to complain about."""
    assert [url for url in tab.requested() if not url.startswith("data:")] == []
    assert tab.complaints() == []


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_page_in_a_browser(chromium, six, reports, tmp_path, language, width):
    page = tmp_path / "page.html"
    fleet("--bundle", six.bundle, "-o", page, reports, env={"LC_ALL": f"{language}_KR.UTF-8"}).expect()
    tab = chromium.open(page, width)
    assert tab.evaluate("document.documentElement.lang") == language
    assert tab.evaluate("document.title") == {"en": "Fleet", "ko": "호스트 현황"}[language]
    assert_fits(tab, width)
    assert_alone(tab)
    text = tab.evaluate("document.body.innerText")
    said = view("--bundle", six.bundle, "--lang", language, reports)
    for host in said["hosts"]:
        assert host["name"] in text
    for problem in said["problems"]:
        title = problem["title"]
        assert problem["code"] in text and title in text
    figures = tab.evaluate("[...document.querySelectorAll('.figures b')].map(b => b.innerText)")
    assert figures == [str(len(said["hosts"])), str(said["unserved"]), str(said["with_errors"]), "1", "0"]
    # Bars are as long as what they stand for.
    widths = tab.evaluate("""[...document.querySelector('.bars').children].map(
        li => [li.children[1].innerText, li.querySelector('i').style.getPropertyValue('--part')])""")
    most = said["platforms"][0]["hosts"]
    assert [word.strip() for word in widths[0]] == [str(most), f"{100 * most / len(said['hosts']):.2f}%"]
    picture = tmp_path / "page.png"
    tab.screenshot(picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert int.from_bytes(picture.read_bytes()[16:20], "big") <= width


def test_page_in_the_dark(chromium, reports, tmp_path):
    page = tmp_path / "page.html"
    fleet("-o", page, reports).expect()
    colours = [chromium.open(page, PHONE, dark).evaluate("""(style => [style.backgroundColor, style.color].map(
        c => c.match(/\\d+/g).reduce((sum, part) => sum + Number(part), 0)))(getComputedStyle(document.body))""")
        for dark in (False, True)]
    assert colours[0][0] > 600 > 200 > colours[0][1] and colours[1][0] < 200 < 600 < colours[1][1]


def test_hostile_names(chromium, reports, tmp_path):
    """A report may say what it likes: it is shown, and does nothing."""
    host = good(reports)
    host["host"]["name"] = EVIL
    host["findings"] = [{"code": "PZX-998", "severity": "error", "title": EVIL}]
    folder = write(tmp_path / "all", {"evil": host, "x" * 200: good(reports), "<b>bad": "{"})
    (folder / os.fsdecode(b"latin-\xdf.json")).write_text(json.dumps(good(reports)))
    page = tmp_path / "page.html"
    result = fleet("-o", page, folder).expect(1)
    assert "\x1b" not in result.out + result.err and "\x1b" not in page.read_text()
    tab = chromium.open(page, PHONE)
    assert_fits(tab, PHONE)
    assert_alone(tab)
    assert tab.evaluate("document.querySelectorAll('script, img, iframe, object, bdi *').length") == 0
    assert tab.evaluate("document.title") == "Fleet"
    shown = EVIL.replace("\x1b", "\\x1b")
    assert shown in tab.evaluate("[...document.querySelectorAll('bdi')].map(b => b.textContent)")
    text = tab.evaluate("document.body.textContent")
    assert "latin-\ufffd" in text and "x" * 200 in text and "<b>bad.json" in text
    assert view(folder, status=1)["hosts"][0]["name"] == EVIL


def test_ten_thousand_hosts(chromium, six, real, tmp_path):
    """Of which three reports are bad. Memory is bounded, and the page is one that a browser shows."""
    names = sorted(real)
    folder = tmp_path / "all"
    texts = [json.dumps(real[name]) for name in names]
    for i in range(10_000):
        rack = folder / f"rack{i % 100:02}"
        rack.mkdir(parents=True, exist_ok=True)
        (rack / f"host-{i:05}.json").write_text(texts[i % len(texts)])
    for i, text in ((17, ""), (1234, texts[0][:1000]), (9999, "{}")):
        (folder / f"rack{i % 100:02}" / f"host-{i:05}.json").write_text(text)
    page = tmp_path / "page.html"
    output = tmp_path / "output"
    with open(output, "wb") as out:
        process = subprocess.Popen([PACK, "fleet", "--bundle", six.bundle, "-o", page, folder], stdout=out,
                                   stderr=subprocess.PIPE, env={"PATH": support.PATH})
        said = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 1
    assert "3, of 10,000" in said and "hosts: 9,997, reports left out: 3" in output.read_text()
    assert usage.ru_maxrss < 100 << 10, f"{usage.ru_maxrss} KiB"
    assert page.stat().st_size < 8 << 20
    tab = chromium.open(page, PHONE)
    assert_alone(tab)
    assert_fits(tab, PHONE)
    rows = tab.evaluate("""[...document.querySelectorAll('section:last-of-type tbody tr')].map(
        row => row.cells[0].textContent)""")
    assert rows == [f"host-{i:05}" for i in range(10_000) if i not in (17, 1234, 9999)]
