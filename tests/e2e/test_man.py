# SPDX-License-Identifier: Apache-2.0
"""Man pages and completions: sound, and with every command, option and variable that there is."""

import os
import pty
import re
import select
import signal
import time

import pytest
import support
from support import NATIVE, PACK, SOURCE

MAN = SOURCE / "packaging/man"
COMPLETIONS = SOURCE / "packaging/completions"
OPTION = re.compile(r"(?<![\w-])(--?[a-z][a-z0-9-]*)")


@pytest.fixture(scope="module")
def pixelzx(tmp_path_factory):
    """The texts of --help: command → text; "" for the program itself."""
    cache = tmp_path_factory.mktemp("cache")

    def text(*words):
        return support.run([NATIVE.launcher, *words, "--help"],
                           {"PIXELZX_BUNDLE": str(support.BUNDLE), "PIXELZX_CACHE": str(cache)}).expect().out

    commands = {name: text(name) for name in ("version", "doctor", "init", "start", "export", "import", "health", "doctor-exporter")}
    groups = {"account": ("new", "list", "import"), "config": ("show", "validate"), "admin": ("status",)}
    for group, names in groups.items():
        commands[group] = text(group) + "".join(text(group, name) for name in names)
    return {"": text(), **commands}


@pytest.fixture(scope="module")
def pixelzx_pack():
    text = support.run([PACK, "--help"]).expect().out
    commands = re.findall(r"^  ([a-z]+)  ", text.split("Subcommands:")[1], re.MULTILINE)
    assert len(commands) > 7
    return {"": text, **{name: support.run([PACK, name, "--help"]).expect().out for name in commands}}


@pytest.fixture(params=["pixelzx", "pixelzx-pack"])
def program(request):
    """A program's name and its texts of --help."""
    return request.param, request.getfixturevalue(request.param.replace("-", "_"))


def options_of(text):
    """The options that a text of --help lists."""
    listed = "\n".join(line for line in text.splitlines() if re.match(r" *-", line) or line.startswith("usage:"))
    return {option for option in OPTION.findall(re.sub(r"  +[A-Z].*", "", listed.replace(",", " ")))}


def test_pages_are_sound(program):
    page = MAN / f"{program[0]}.1"
    for command in (["mandoc", "-T", "lint", "-W", "warning", page], ["groff", "-man", "-ww", "-Tutf8", "-z", page]):
        checked = support.run(command)
        assert (checked.status, checked.out + checked.err) == (0, "")


def rendered(name):
    text = support.run(["mandoc", "-T", "utf8", "-O", "width=1000", MAN / f"{name}.1"], check=True).out
    return re.sub(".\b", "", text).replace("‐", "-").replace("−", "-")


def test_pages_know_everything(program):
    name, helps = program
    page = rendered(name)
    head, *sections = re.split(r"^   (?=\S)", page.split("COMMANDS\n")[1], flags=re.MULTILINE)
    sections = {section.split()[0]: section for section in sections}
    # What many commands have is told once.
    shared = page.partition("SETTINGS\n")[2]
    for command, text in helps.items():
        where = sections[command] + shared if command else page
        missing = {option for option in options_of(text) - {"-h", "--help"} if not re.search(rf"(?<![\w-]){option}\b", where)}
        assert options_of(text) and not missing, f"{name}.1 lacks {missing} of {command}"


def test_pages_know_the_environment():
    names = set(re.findall(r"\b(?:PIXELZX_[A-Z_]+|[A-Z]+_DIRECTORY|XDG_[A-Z_]+|LC_[A-Z]+|LANG|HOME)\b",
                           (SOURCE / "launcher/environment.cc").read_text()))
    assert {"PIXELZX_CACHE", "PIXELZX_TRACE", "HOME"} < names
    page = rendered("pixelzx")
    assert not [name for name in names - {"PIXELZX_RUN"} if name not in page]
    assert "SOURCE_DATE_EPOCH" in rendered("pixelzx-pack")


@pytest.mark.parametrize("form", ["{}.bash", "_{}", "{}.fish"])
def test_completions_know_everything(program, form):
    name, helps = program
    text = (COMPLETIONS / form.format(name)).read_text()
    for command, said in helps.items():
        assert command in text
        for option in options_of(said) - {"-h", "-q", "-o"}:
            words = [option, f"-l {option.lstrip('-')} ", f"-l {option.lstrip('-')}\n"]
            assert any(word in text for word in words), f"{form.format(name)} lacks {option} of {command}"


CASES = [("pixelzx", "pixelzx ", {"version", "doctor", "start", "account"}),
         ("pixelzx", "pixelzx start --", {"--dev", "--rpc-port", "--log-level"}),
         ("pixelzx", "pixelzx start --network ", {"mainnet", "testnet", "devnet"}),
         ("pixelzx", "pixelzx account ", {"new", "list", "import"}),
         ("pixelzx", "pixelzx version --", {"--short", "--output"}),
         ("pixelzx", "pixelzx version --output ", {"text", "json"}),
         ("pixelzx", "pixelzx doctor --lang ", {"en", "ko"}),
         ("pixelzx-pack", "pixelzx-pack ", {"tarball", "create"}),
         ("pixelzx-pack", "pixelzx-pack image --kind ", {"universal", "slim"}),
         ("pixelzx-pack", "pixelzx-pack tarball --", {"--launchers", "--file"})]
each_case = pytest.mark.parametrize("name, line, expected", CASES, ids=[line for _, line, _ in CASES])


@each_case
def test_bash(name, line, expected):
    script = """. "$1"; COMP_WORDS=($2); [[ $2 != *' ' ]] || COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "_${COMP_WORDS[0]//-/_}"; printf '%s\\n' "${COMPREPLY[@]}"
        complete -p "${COMP_WORDS[0]}" >/dev/null"""
    done = support.run(["bash", "--norc", "-c", script, "bash", COMPLETIONS / f"{name}.bash", line])
    assert done.err == "" and expected <= set(done.expect().out.split())


def test_bash_completes_names_with_blanks(tmp_path):
    (tmp_path / "a program").write_text("")
    script = '. "$1"; COMP_WORDS=(pixelzx doctor a); COMP_CWORD=2; _pixelzx; printf "<%s>" "${COMPREPLY[@]}"'
    done = support.run(["bash", "--norc", "-c", script, "bash", COMPLETIONS / "pixelzx.bash"], cwd=tmp_path)
    assert "<a program>" in done.expect().out


@each_case
def test_fish(name, line, expected, tmp_path):
    done = support.run(["fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]",
                        COMPLETIONS / f"{name}.fish", line], {"HOME": str(tmp_path)})
    assert done.err == "" and expected <= {row.split("\t")[0] for row in done.expect().out.splitlines()}


ZSHRC = """
fpath=($COMPLETIONS $fpath)
autoload -Uz compinit
compinit -u -D
bindkey '^I' list-choices
LISTMAX=10000
PS1='READY>'
"""


def read_until(terminal, is_there, limit=60):
    """What is seen on the terminal, until that is all there."""
    seen, end = "", time.monotonic() + limit
    while not is_there(seen) and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            seen += os.read(terminal, 4096).decode(errors="replace")
    assert is_there(seen), seen
    return seen


@each_case
def test_zsh(name, line, expected, tmp_path):
    """On a terminal, since zsh completes nowhere else."""
    (tmp_path / ".zshrc").write_text(ZSHRC)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe("zsh", ["zsh", "-d", "-i"], {"PATH": support.PATH, "HOME": str(tmp_path), "TERM": "dumb",
                                               "COLUMNS": "200", "LINES": "100", "COMPLETIONS": str(COMPLETIONS)})
    try:
        read_until(terminal, lambda seen: "READY>" in seen)
        os.write(terminal, (line + "\t").encode())
        read_until(terminal, lambda seen: all(word in seen.partition(line)[2] for word in expected))
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)
