# SPDX-License-Identifier: Apache-2.0
"""install.sh of the tarball: in Debian, in busybox alone, for other architectures; upgrades, and failures that
leave everything as it was."""

import os
import pty
import shutil
import stat
import subprocess

import bare_metal
import bundles
import pytest
import support
from support import NATIVE, PLATFORMS, as_user, by_name, mounted, world

needs_mounts = support.needs_mounts
needs_root = support.needs_root
FOREIGN = [next(p for p in PLATFORMS if p.debian == name) for name in ("arm64", "s390x") if name != NATIVE.debian]
SHELLS = ["dash", "bash", "bash --posix", "busybox ash"]


@pytest.fixture(scope="session")
def release(tmp_path_factory):
    """The unpacked tarball of what `make dist` has built."""
    folder = tmp_path_factory.mktemp("release")
    bare_metal.pack_tarball(folder / "pixelzx.tar.gz", files=bare_metal.FILES).expect()
    return bare_metal.unpacked(folder / "pixelzx.tar.gz", folder / "unpacked")


@pytest.fixture(scope="session")
def versions(tmp_path_factory, probe):
    """Two versions of a small program: 1.0 with a man page, and 2.0 without."""
    trees = {}
    for version, content in (("1.0", probe.read_bytes()), ("2.0", probe.read_bytes() + b"\0")):
        folder = tmp_path_factory.mktemp("small")
        (folder / "pixelzx.bundle").write_bytes(
            bundles.make_bundle({NATIVE.name: content}, program="pixelzx", version=version, options=("doctor",)))
        bare_metal.pack_tarball(folder / "small.tar.gz", folder / "pixelzx.bundle",
                                ["man/pixelzx.1"] if version == "1.0" else []).expect()
        trees[version] = bare_metal.unpacked(folder / "small.tar.gz", folder / "unpacked")
    return trees


def install(tree, prefix, *words, front=(), env=None, **options):
    """Runs install.sh without questions."""
    return support.run([*front, tree / "install.sh", "--yes", "--prefix", prefix, *words], env, **options)


def uninstall(prefix, **options):
    return support.run([prefix / "lib/pixelzx/install.sh", "--uninstall", "--yes"], **options)


def program_of(prefix):
    """The installed program, which must be the only one."""
    (program,) = prefix.glob("lib/pixelzx/slices/*/*")
    return program


def changed_tree(tree, folder, name, content):
    """A copy in which a file has another content, and SHA256SUMS says so."""
    shutil.copytree(tree, folder)
    old = bundles.sha256((tree / name).read_bytes())
    (folder / name).write_bytes(content)
    sums = (folder / "SHA256SUMS").read_text().replace(old, bundles.sha256(content))
    (folder / "SHA256SUMS").write_text(sums)
    return folder


# ---- everything goes well ----


@pytest.mark.parametrize("shell", SHELLS)
def test_install_and_uninstall(release, tmp_path, shell):
    prefix = tmp_path / "some folder" / "prefix"
    command = [*bare_metal.shells()[shell], release / "install.sh", "--yes"]
    done = support.run([*command, f"--prefix={prefix}"]).expect()
    assert f"Installed pixelzx 1.0.0 for {NATIVE.name}" in done.out and str(prefix) in done.out
    assert done.err == "" and f'PATH="{prefix}/bin:$PATH"' in done.out
    files = {name: entry for name, entry in bare_metal.tree(prefix).items() if stat.S_ISREG(entry[0])}
    program = program_of(prefix)
    assert {name: stat.S_IMODE(entry[0]) for name, entry in files.items()} == {
        "bin/pixelzx": 0o755, "lib/pixelzx/pixelzx.bundle": 0o644, "lib/pixelzx/manifest": 0o644,
        "lib/pixelzx/install.sh": 0o755, "share/man/man1/pixelzx.1": 0o644,
        "share/bash-completion/completions/pixelzx": 0o644, "share/zsh/site-functions/_pixelzx": 0o644,
        "share/fish/vendor_completions.d/pixelzx.fish": 0o644, str(program.relative_to(prefix)): 0o755}
    assert bundles.sha256(program.read_bytes()) == program.parent.name
    assert files["bin/pixelzx"][-1] == NATIVE.launcher.read_bytes()
    started = support.run([prefix / "bin/pixelzx", "version", "--output", "json"],
                          {"PIXELZX_TRACE": "json", "HOME": str(tmp_path)}).expect()
    assert started.report["platform"] == NATIVE.name and started.trace["source"] == "installed"
    # The same once more changes nothing that a running program would see.
    support.run([*command, "--prefix", prefix], {"PATH": f"{prefix}/bin:{support.PATH}"}).expect()
    assert sorted(name for name in bare_metal.tree(prefix)) == sorted(
        {str(folder) for name in files for folder in (prefix / name).relative_to(prefix).parents} - {"."} | set(files))
    removed = support.run([*bare_metal.shells()[shell], prefix / "lib/pixelzx/install.sh", "--uninstall", "--yes"])
    assert "Removed pixelzx 1.0.0" in removed.expect().out
    assert list(tmp_path.iterdir()) == []


def test_uninstall_leaves_what_is_not_ours(versions, tmp_path):
    prefix = tmp_path / "prefix"
    (prefix / "share/man").mkdir(parents=True)
    install(versions["1.0"], prefix).expect()
    (prefix / "lib/other").write_text("")
    (prefix / "lib/pixelzx/notes").write_text("")
    uninstall(prefix).expect()
    assert sorted(bare_metal.tree(prefix)) == ["lib", "lib/other", "lib/pixelzx", "lib/pixelzx/notes", "share", "share/man"]
    again = install(versions["1.0"], prefix, "--uninstall")
    assert again.status == 1 and "manifest" in again.err and "what to do" in again.err


@needs_root
@needs_mounts
def test_debian(release, tmp_path):
    """The default prefix of a fresh Debian: dash, coreutils, and nothing more."""
    root = bare_metal.Root(tmp_path, support.debian_root())
    shutil.copytree(release, root.shared / "release")
    before = root.run("sh", "-c", "find / -xdev | sort").expect().out
    root.run("/tmp/host/release/install.sh", "--yes").expect()
    assert root.run("pixelzx", "version", "--short").expect().out == "v1.0.0\n"
    assert root.run("pixelzx", "doctor").expect().out.endswith("All is well.\n")
    assert all(path.stat().st_uid == 0 for path in root.upper.rglob("*"))
    root.run("/usr/local/lib/pixelzx/install.sh", "--uninstall", "--yes").expect()
    root.run("rm", "-rf", "/root/.cache").expect()
    assert root.run("sh", "-c", "find / -xdev | sort").expect().out == before


@needs_root
@needs_mounts
@pytest.mark.parametrize("platform, proc", [(NATIVE, True), (NATIVE, False), *[(platform, True) for platform in FOREIGN]],
                         ids=[by_name(NATIVE), "no proc", *map(by_name, FOREIGN)])
def test_busybox_alone(release, tmp_path, platform, proc):
    """Nothing but a static busybox, in an emulator for other architectures, whose programs are installed."""
    handlers = []
    if platform is not NATIVE:
        support.require_handlers()
        handlers = support.with_handlers()
    lower = bare_metal.busybox_root(tmp_path / "lower", platform)
    root = bare_metal.Root(tmp_path, lower, handlers, proc)
    shutil.copytree(release, root.shared / "release")
    done = root.run("/tmp/host/release/install.sh", "--yes").expect()
    assert f"for {platform.name}:" in done.out
    assert (root.upper / "usr/local/bin/pixelzx").read_bytes() == platform.launcher.read_bytes()
    assert program_of(root.upper / "usr/local").stat().st_mode & 0o777 == 0o755
    variables = {"PIXELZX_PLATFORM": platform.name, "PIXELZX_TRACE": "json"}
    started = root.run("pixelzx", "version", "--output", "json", env=variables).expect()
    assert started.report["platform"] == platform.name and started.trace["source"] == "installed"
    root.run("/usr/local/lib/pixelzx/install.sh", "--uninstall", "--yes").expect()
    assert root.changes() == []


@needs_root
def test_for_one_user(release, open_path):
    """Below ~/.local. For all users, it would take root."""
    release = shutil.copytree(release, open_path / "release")
    home = open_path / "home"
    home.mkdir()
    os.chown(home, 65534, 65534)
    user, variables = as_user(65534), {"HOME": str(home)}
    refused = support.run([*user, release / "install.sh", "--yes"], variables)
    assert refused.status == 1 and "sudo" in refused.err and "--user" in refused.err
    done = support.run([*user, release / "install.sh", "--yes", "--user"], variables).expect()
    assert f"{home}/.local/bin" in done.out and "PATH" in done.out
    assert support.run([*user, home / ".local/bin/pixelzx", "version", "--short"], variables).expect().out == "v1.0.0\n"
    quiet = support.run([*user, release / "install.sh", "--yes", "--user"],
                        variables | {"PATH": f"{home}/.local/bin:{support.PATH}"}).expect()
    assert "PATH" not in quiet.out
    support.run([*user, home / ".local/lib/pixelzx/install.sh", "--uninstall", "--yes"], variables).expect()
    assert not (home / ".local").exists()


def test_upgrade_while_the_program_runs(versions, tmp_path):
    prefix = tmp_path / "prefix"
    install(versions["1.0"], prefix).expect()
    old = program_of(prefix)
    os.mkfifo(tmp_path / "fifo")
    # It waits for somebody to read.
    running = subprocess.Popen([prefix / "bin/pixelzx", "x"], env={"PROBE_OUTPUT": str(tmp_path / "fifo")})
    upgraded = install(versions["2.0"], prefix).expect()
    assert "pixelzx 1.0" in upgraded.out and "pixelzx 2.0" in upgraded.out
    new = program_of(prefix)
    assert new != old and not old.parent.exists()
    # What only the old version had is gone.
    assert not (prefix / "share/man/man1/pixelzx.1").exists()
    with open(tmp_path / "fifo") as fifo:
        assert '"argv"' in fifo.read()
    assert running.wait(timeout=support.HANGS) == 0
    assert "slices/" + old.parent.name not in (prefix / "lib/pixelzx/manifest").read_text()
    uninstall(prefix).expect()
    assert not prefix.exists()


def test_selinux_labels(versions, tmp_path):
    """restorecon, where it exists, is given every installed file."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "restorecon").write_text(f'#!/bin/sh\nfor file; do [ -f "$file" ] && echo "$file"; done >{tmp_path}/labelled\n')
    (tools / "restorecon").chmod(0o755)
    install(versions["1.0"], tmp_path / "a prefix", env={"PATH": f"{tools}:{support.PATH}"}).expect()
    labelled = set((tmp_path / "labelled").read_text().splitlines())
    assert labelled == {str(path) for path in (tmp_path / "a prefix").rglob("*") if path.is_file()}


# ---- questions ----


def answer(command, text):
    """Runs a command on a terminal, types `text`. Returns its status and what was seen."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], [os.fspath(word) for word in command], {"PATH": support.PATH})
    os.write(terminal, text)
    seen = b""
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        if not data:
            break
        seen += data
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen.decode()


def test_asks_before_it_changes_anything(versions, tmp_path):
    prefix = tmp_path / "prefix"
    script = versions["1.0"] / "install.sh"
    nobody = support.run([script, "--prefix", prefix])
    assert nobody.status == 1 and "--yes" in nobody.err
    assert not prefix.exists()
    status, seen = answer([script, "--prefix", prefix], b"n\n")
    assert status == 1 and "[y/N]" in seen and str(prefix) in seen and not prefix.exists()
    status, seen = answer([script, "--prefix", prefix], b"y\n")
    assert status == 0 and (prefix / "bin/pixelzx").exists()
    status, seen = answer([script, "--prefix", prefix, "--uninstall"], b"\n")
    assert status == 1 and (prefix / "bin/pixelzx").exists()
    status, seen = answer([script, "--prefix", prefix, "--uninstall"], b"yes\n")
    assert status == 0 and not prefix.exists()


@pytest.mark.parametrize("words, said", [(["--what"], "--what"), (["--prefix"], "--prefix"),
                                         (["--user", "--prefix", "/x"], "--user"), (["--user"], "HOME")])
def test_wrong_arguments(versions, words, said):
    for variables, todo in (({}, "install.sh --help"), ({"LC_ALL": "ko_KR.UTF-8"}, "사용법")):
        refused = support.run([versions["1.0"] / "install.sh", *words], variables)
        assert refused.status == 2 and said in refused.err and todo in refused.err


def test_help(versions):
    text = support.run([versions["1.0"] / "install.sh", "--help"]).expect().out
    assert all(word in text for word in ("--prefix DIR", "--user", "--uninstall", "--yes"))
    assert "사용법" in support.run([versions["1.0"] / "install.sh", "--help"], {"LANG": "ko"}).expect().out


# ---- failures ----


def broken_slice(tree, folder, probe):
    """Of a version with a damaged program for another platform, which only the doctor looks at."""
    other = next(p for p in PLATFORMS if p is not NATIVE)
    bundle = bundles.make_bundle({NATIVE.name: probe.read_bytes(),
                                  other.name: bundles.Slice(other.launcher.read_bytes(), sha256="0" * 64)},
                                 program="pixelzx", version="3.0", options=("doctor",))
    return changed_tree(tree, folder, "pixelzx.bundle", bundle)


def with_tool(folder, name, script):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:{support.PATH}"}


# Where it fails: what stands in for a tool. `sync` comes before any file has its new place, restorecon after.
INJECTIONS = {"TERM before": ("sync", "kill -TERM $PPID", 143), "INT before": ("sync", "kill -INT $PPID", 130),
              "TERM after": ("restorecon", "kill -TERM $PPID", 143), "HUP after": ("restorecon", "kill -HUP $PPID", 129),
              "sync fails": ("sync", "exit 1", 1),
              "rename fails": ("mv", 'case $3 in */lib/pixelzx/manifest) exit 1 ;; esac; exec /bin/mv "$@"', 1)}


@pytest.mark.parametrize("upgrade", [False, True], ids=["first", "upgrade"])
@pytest.mark.parametrize("injection", [*INJECTIONS, "doctor"])
def test_rolls_back(versions, probe, tmp_path, injection, upgrade):
    """Everything is as it was, to the inode."""
    prefix = tmp_path / "new" / "prefix"
    if upgrade:
        install(versions["1.0"], prefix).expect()
    before = bare_metal.tree(tmp_path / "new")
    tree, variables, status = versions["2.0"], {}, 1
    if injection == "doctor":
        tree = broken_slice(tree, tmp_path / "broken", probe)
    else:
        tool, script, status = INJECTIONS[injection]
        variables = with_tool(tmp_path / "tools", tool, script)
    failed = install(tree, prefix, env=variables)
    assert failed.status == status, failed.err
    assert bare_metal.tree(tmp_path / "new") == before
    if injection == "doctor":
        assert "PZX-105" in failed.err and "the doctor" in failed.err
    if not upgrade:
        assert not (tmp_path / "new").exists()
    # Nothing of it stands in the way of the next one.
    install(versions["2.0"], prefix).expect()


@needs_mounts
def test_full_disk(versions, tmp_path):
    """Every size of what is left, and the disk as it was."""
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    listing = f"find '{prefix}' -type f -printf '%p %i %m %s %T@\\n' | sort"
    script = f"""
        '{versions["1.0"]}/install.sh' --yes --prefix '{prefix}' >/dev/null
        {listing} >'{tmp_path}/before'
        for free in 16 200 1500 2500; do
            size=$(($(df -k --output=avail '{prefix}' | tail -n 1) - free))
            dd if=/dev/zero of='{prefix}/filler' bs=1k count=$size 2>/dev/null || exit 4
            '{versions["2.0"]}/install.sh' --yes --prefix '{prefix}' >'{tmp_path}/out' 2>&1 && exit 1
            grep -q 'df -h' '{tmp_path}/out' || exit 2
            rm '{prefix}/filler'
            {listing} | cmp - '{tmp_path}/before' || exit 5
        done
        '{versions["2.0"]}/install.sh' --yes --prefix '{prefix}' >/dev/null || exit 3
    """
    small = mounted("tmpfs", "size=9m", prefix)
    done = support.run([*small, "sh", "-c", script])
    assert done.status == 0, done.err + (tmp_path / "out").read_text()


@needs_mounts
def test_noexec_prefix(versions, tmp_path):
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    front = mounted("tmpfs", "noexec", prefix)
    refused = support.run([*front, "sh", "-c", '"$@"; s=$?; ls -A "$0"; exit $s', prefix,
                           versions["1.0"] / "install.sh", "--yes", "--prefix", prefix])
    assert refused.status == 1 and refused.out == "" and "PZX-306" in refused.err and str(prefix) in refused.err


@needs_mounts
def test_read_only_prefix(versions, tmp_path):
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    refused = install(versions["1.0"], prefix, front=mounted("tmpfs", "ro", prefix))
    assert refused.status == 1 and "read-only" in refused.err and str(prefix) in refused.err
    (tmp_path / "file").write_text("")
    refused = install(versions["1.0"], tmp_path / "file")
    assert refused.status == 1 and f"{tmp_path}/file" in refused.err


@needs_mounts
def test_tarball_on_a_noexec_mount(versions, tmp_path):
    """As /tmp often is: `sh install.sh` works."""
    tree = versions["1.0"]
    front = world(f"mount --bind '{tree}' '{tree}'; mount -o remount,bind,ro,noexec '{tree}'")
    support.run([*front, "sh", tree / "install.sh", "--yes", "--prefix", tmp_path / "prefix"]).expect()


@pytest.mark.parametrize("name", ["pixelzx.bundle", f"launcher/{NATIVE.folder}/pixelzx", "man/pixelzx.1", "install.sh"])
def test_damaged_download(versions, tmp_path, name):
    tree = tmp_path / "tree"
    shutil.copytree(versions["1.0"], tree)
    with open(tree / name, "ab") as file:
        file.write(b"\n")
    refused = install(tree, tmp_path / "prefix")
    assert refused.status == 1 and f"{name} is not as it was published" in refused.err
    (tree / name).unlink()
    if name != "install.sh":
        refused = install(tree, tmp_path / "prefix")
        assert refused.status == 1 and name in refused.err
    assert not (tmp_path / "prefix").exists()


def test_sums_that_leave_a_file_out(versions, tmp_path):
    tree = tmp_path / "tree"
    shutil.copytree(versions["1.0"], tree)
    for sums in ("", "\n".join(line for line in (tree / "SHA256SUMS").read_text().splitlines() if "bundle" not in line)):
        (tree / "SHA256SUMS").write_text(sums)
        assert install(tree, tmp_path / "prefix").status == 1
    (tree / "SHA256SUMS").unlink()
    refused = install(tree, tmp_path / "prefix")
    assert refused.status == 1 and "SHA256SUMS" in refused.err and not (tmp_path / "prefix").exists()


def test_tools_for_sums(versions, tmp_path):
    """Any of four will do, and without one nothing is installed."""
    names = ("sha256sum", "busybox", "shasum", "openssl")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "id", "uname", "cp", "mv", "rm", "rmdir", "mkdir", "chmod", "ln", "env", "grep", "cat", "sync", "sed"):
        (tools / name).symlink_to(shutil.which(name, path=support.PATH))
    refused = install(versions["1.0"], tmp_path / "prefix", env={"PATH": str(tools)})
    assert refused.status == 1 and all(name in refused.err for name in names) and not (tmp_path / "prefix").exists()
    for name in names:
        if shutil.which(name, path=support.PATH):
            (tools / name).symlink_to(shutil.which(name, path=support.PATH))
            install(versions["1.0"], tmp_path / "prefix", env={"PATH": str(tools)}).expect()
            (tools / name).unlink()


def test_only_one_at_a_time(versions, tmp_path):
    prefix = tmp_path / "prefix"
    install(versions["1.0"], prefix).expect()
    (prefix / "lib/pixelzx/.install").mkdir()
    before = bare_metal.tree(prefix)
    for words in ((), ("--uninstall",)):
        refused = install(versions["2.0"], prefix, *words)
        assert refused.status == 1 and f"{prefix}/lib/pixelzx/.install" in refused.err
        assert bare_metal.tree(prefix) == before


def test_another_program_in_the_prefix(versions, tmp_path, probe):
    prefix = tmp_path / "prefix"
    install(versions["1.0"], prefix).expect()
    (tmp_path / "other.bundle").write_bytes(bundles.make_bundle({NATIVE.name: probe.read_bytes()}, program="other"))
    bare_metal.pack_tarball(tmp_path / "other.tar.gz", tmp_path / "other.bundle").expect()
    tree = bare_metal.unpacked(tmp_path / "other.tar.gz", tmp_path / "other")
    refused = install(tree, prefix)
    assert refused.status == 1 and "pixelzx 1.0" in refused.err and (prefix / "bin/pixelzx").exists()
    # Elsewhere it is installed, though its bundle leaves the word `doctor` to the program.
    install(tree, tmp_path / "elsewhere").expect()
    assert support.run([tmp_path / "elsewhere/bin/other"]).expect().report["argv"]


@pytest.mark.parametrize("machine, platform", [("loongarch64", "linux/loong64"), ("ppc64", "linux/ppc64"),
                                               ("sparc64", "linux/sparc64"), ("i686", "linux/386")])
def test_no_launcher_for_the_machine(release, tmp_path, machine, platform):
    variables = with_tool(tmp_path / "tools", "uname", f"case $1 in -m) echo {machine} ;; *) echo 6.6.0 ;; esac")
    said = install(release, tmp_path / "prefix", env=variables)
    (tmp_path / "snapshot").mkdir()
    (tmp_path / "snapshot/uname").write_text(f"Linux 6.6.0 {machine}\n")
    own = support.run([NATIVE.launcher, "doctor", "--json", "--host", tmp_path / "snapshot"],
                      {"PIXELZX_BUNDLE": str(release / "pixelzx.bundle")}).report
    finding = support.diagnosed(own, 101, platform=platform)
    for words in (finding["title"], finding["why"], finding["what_to_do"], finding["evidence"]["offer"], "PZX-101",
                  f"{platform}, kernel 6.6.0"):
        assert words in said.err, said.err
    assert said.status == 1 and not (tmp_path / "prefix").exists()
    korean = install(release, tmp_path / "prefix", env=variables | {"LANG": "ko_KR.UTF-8"})
    assert "PZX-101" in korean.err and "해결 방법" in korean.err
