# SPDX-License-Identifier: Apache-2.0
"""Every row of launcher/diagnoses.txt has its page in both languages, and a test that makes it happen."""

import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import SOURCE

LAUNCHER = SOURCE / "launcher"
TEXTS = [LAUNCHER / "messages.txt", LAUNCHER / "diagnoses.txt"]
ROWS = re.findall(r"^(PZX-\d+) ", (LAUNCHER / "diagnoses.txt").read_text(), re.MULTILINE)
# Lists the tests and the codes they are marked with, as pytest sees them.
COLLECT = """
import sys
import pytest

class Lister:
    def pytest_collection_finish(self, session):
        for item in session.items:
            for mark in item.iter_markers("provokes"):
                print("MARKED", item.nodeid, *mark.args, file=sys.stderr)

sys.exit(pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", sys.argv[1]], plugins=[Lister()]))
"""


def texts(output, kind):
    """What texts.awk makes of the table."""
    subprocess.run(["awk", "-f", LAUNCHER / "texts.awk", "-v", f"{kind}={output}", *TEXTS], check=True)
    return output


@functools.lru_cache(None)
def provoked():
    done = subprocess.run([sys.executable, "-B", "-c", COLLECT, Path(__file__).parent], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    codes = set()
    for line in re.findall(r"^MARKED .*$", done.stderr, re.MULTILINE):
        codes.update(re.findall(r"(?<= )PZX-\d+", line))
    return codes


def test_codes_are_unique_and_in_order():
    assert ROWS == sorted(set(ROWS)) and len(ROWS) > 70


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_row_has_its_texts(language):
    """Title, why and what to do, in both languages."""
    table = (LAUNCHER / "diagnoses.txt").read_text()
    entries = dict(zip(ROWS, re.split(r"^PZX-\d+ .*\n", table, flags=re.MULTILINE)[1:], strict=True))
    lacking = [f"{code} {text}" for code, entry in entries.items() for text in ("title", "why", "do")
               if not re.search(rf"^{language} {text} \S", entry, re.MULTILINE)]
    assert lacking == []


def test_korean_is_korean():
    table = (LAUNCHER / "diagnoses.txt").read_text()
    lines = re.findall(r"^ko (?:title|do) .*(?:\n   .*)*", table, re.MULTILINE)  # `why` may be evidence alone
    assert len(lines) == 2 * len(ROWS)
    assert [line for line in lines if not re.search("[가-힣]", line)] == []


def test_pages_are_those_of_the_table(tmp_path):
    """`make docs` writes them; they are committed."""
    (tmp_path / "ko").mkdir()
    texts(tmp_path, "pages")
    made = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    wanted = {f"{folder}{code}.md" for code in ROWS for folder in ("", "ko/")}
    assert wanted <= set(made)
    folder = SOURCE / "docs/diagnoses"
    there = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert sorted(wanted - set(there)) == [], "no page; run `make docs`"
    assert sorted(name for name in made if made[name] != there.get(name)) == [], "not up to date; run `make docs`"
    assert sorted(name for name in set(there) - wanted if "PZX-" in name) == [], "pages of no row"


def test_every_row_has_a_test_that_provokes_it():
    assert sorted(set(ROWS) - provoked()) == [], "no test is marked with these"
    assert sorted(provoked() - set(ROWS)) == [], "marks of no row"
