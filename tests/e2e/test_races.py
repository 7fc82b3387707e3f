# SPDX-License-Identifier: Apache-2.0
"""A thousand first launches at once, of several versions, while old entries are removed; and a cache into
which somebody has put something else, also while a launcher is at work."""

import collections
import errno
import os
import socket
import stat

import bundles
import pytest
import support
from launches import STARTED, Launch
from support import NATIVE, NO_O_TMPFILE, Installation, needs_root, refusing

LAUNCHES = 1000
OF_VERSIONS = LAUNCHES if support.FULL else LAUNCHES // 2
BOTH = pytest.mark.parametrize("verdicts", [{}, NO_O_TMPFILE], ids=["O_TMPFILE", "no O_TMPFILE"])


def start_all(installation, files, verdicts):
    """Starts a launcher for each of these bundles, all of which wait for a gate to open. Returns what they
    said: exit statuses, and all of standard error."""
    gate, opened = os.pipe()
    errors = installation.folder / "errors"
    apply = refusing(**verdicts)
    children = []
    for file in files:
        child = os.fork()
        if child == 0:
            try:
                os.close(opened)
                os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 2)
                apply()
                os.read(gate, 1)  # until it is closed
                os.execve(installation.launcher, ["pixelzx", "exit", str(STARTED)],
                          {"PIXELZX_CACHE": str(installation.cache), "PIXELZX_BUNDLE": str(file),
                           "PIXELZX_TRACE": "json"})
            finally:
                os._exit(100)
        children.append(child)
    os.close(gate)
    os.close(opened)
    statuses = collections.Counter(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)
    return statuses, errors.read_text()


def versions(installation, probe, count):
    """Bundles of different programs, and the digests of these."""
    files, digests = [], []
    for number in range(count):
        data = probe + b"version %d" % number
        files.append(installation.folder / f"{number}.bundle")
        files[-1].write_bytes(bundles.make_bundle({NATIVE.name: data}))
        digests.append(bundles.sha256(data))
    return files, digests


def sources(errors):
    return collections.Counter(trace["source"] for trace in support.Result(0, "", errors).traces)


@BOTH
def test_a_thousand_first_launches_at_once(tmp_path, small_probe, verdicts):
    installation = Installation(tmp_path)
    files, digests = versions(installation, small_probe, 1)
    statuses, errors = start_all(installation, files * LAUNCHES, verdicts)
    assert statuses == {STARTED: LAUNCHES}, errors
    assert set(sources(errors)) <= {"unpacked", "cache"}, "somebody had to do without the cache"
    assert [bundles.sha256(entry.read_bytes()) for entry in installation.entries()] == digests
    assert installation.leftovers() == []


@BOTH
def test_launches_of_eight_versions_at_once(tmp_path, small_probe, verdicts):
    """Twice as many versions as are kept: each removes what others have just written. A program that is
    being written anywhere cannot be executed (ETXTBSY); nobody meets that."""
    installation = Installation(tmp_path)
    files, digests = versions(installation, small_probe, 8)
    statuses, errors = start_all(installation, files * (OF_VERSIONS // len(files)), verdicts)
    launches = OF_VERSIONS // len(files) * len(files)
    assert statuses == {STARTED: launches}, errors
    assert "PZX-" not in errors and os.strerror(errno.ETXTBSY) not in errors
    assert sum(sources(errors).values()) >= launches
    kept = {bundles.sha256(entry.read_bytes()): entry.parent.name for entry in installation.entries()}
    assert all(digest == name for digest, name in kept.items()) and set(kept) <= set(digests)
    assert installation.leftovers() == []
    # When it is quiet again, an upgrade leaves four.
    late, _ = versions(installation, small_probe + b"late", 1)
    assert start_all(installation, late, verdicts)[0] == {STARTED: 1}
    assert len(installation.entries()) <= 4


# ---- what others have put into the cache ----

EVIL = 66


@pytest.fixture
def evil(tmp_path, small_probe):
    """A program of the right size that is another: it leaves with another status, whatever it is told."""
    script = b"#!/bin/sh\nexit %d\n" % EVIL
    path = tmp_path / "evil"
    path.write_bytes(script + b"#" * (len(small_probe) - len(script)))
    path.chmod(0o755)
    assert support.run([path]).status == EVIL
    return path


def plant(kind, entry, evil):
    """Puts something into the place of an entry. Returns the file whose content must not change."""
    kept = None
    if kind == "hard link to a file that others may write":
        evil.chmod(0o777)
        os.link(evil, entry)
    elif kind == "hard link to a file of another user":
        os.chown(evil, 65534, 65534)
        os.link(evil, entry)
    elif kind == "hard link to something precious":
        kept = evil.with_name("precious")
        kept.write_bytes(b"mine")
        kept.chmod(0o644)
        os.link(kept, entry)
    elif kind == "symbolic link to something precious":
        kept = evil.with_name("precious")
        kept.write_bytes(b"mine")
        entry.symlink_to(kept)
    elif kind == "link to a program":
        entry.symlink_to(evil)
    elif kind == "link to itself":
        entry.symlink_to("probe")
    elif kind == "fifo":
        os.mkfifo(entry, 0o755)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as listener:
            os.chdir(entry.parent)  # the path is too long for one
            listener.bind(entry.name)
        entry.chmod(0o755)
    elif kind == "character device":
        os.mknod(entry, stat.S_IFCHR | 0o755, os.makedev(1, 5))
    elif kind == "block device":
        os.mknod(entry, stat.S_IFBLK | 0o755, os.makedev(7, 250))
    elif kind == "empty folder":
        entry.mkdir()
    elif kind == "set-uid of another user":
        entry.write_bytes(evil.read_bytes())
        os.chown(entry, 65534, 65534)
        entry.chmod(0o4755)
    return kept


PLANTED = ["hard link to a file that others may write", "hard link to a file of another user",
           "hard link to something precious", "symbolic link to something precious", "link to a program",
           "link to itself", "fifo", "socket", "character device", "block device", "empty folder",
           "set-uid of another user"]


@needs_root
@BOTH
@pytest.mark.parametrize("kind", PLANTED)
def test_planted_entry(tmp_path, monkeypatch, small_probe, evil, kind, verdicts):
    """It is not started, and what it leads to is not written to; the right program takes its place."""
    monkeypatch.chdir(tmp_path)
    launch = Launch(tmp_path, small_probe, "first, no O_TMPFILE" if verdicts else "first")
    launch.entry.parent.mkdir(parents=True)
    launch.cache.chmod(0o700)
    kept = plant(kind, launch.entry, evil)
    before = evil.read_bytes()
    assert launch.run().status == STARTED
    assert evil.read_bytes() == before and (kept is None or kept.read_bytes() == b"mine")
    assert stat.S_ISREG(launch.entry.lstat().st_mode) and launch.entry.lstat().st_nlink == 1
    launch.check_works_again(kind)


@needs_root
def test_full_folder_in_the_place_of_an_entry(tmp_path, small_probe, evil):
    """What the launcher cannot remove it does without."""
    launch = Launch(tmp_path, small_probe, "first")
    (launch.entry / "x").mkdir(parents=True)
    launch.cache.chmod(0o700)
    assert launch.run().status == STARTED
    assert (launch.entry / "x").exists() and launch.installation.leftovers() == []


TEMPORARIES = {
    "symbolic link": lambda path, target: path.symlink_to(target),
    "hard link": lambda path, target: os.link(target, path),
    "fifo": lambda path, target: os.mkfifo(path),
    "folder": lambda path, target: path.mkdir(),
    "device": lambda path, target: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5)),
}


@needs_root
@pytest.mark.parametrize("kind", TEMPORARIES)
def test_planted_temporary(tmp_path, faults, small_probe, kind):
    """Under the very name that the launcher is about to choose: it is not written through."""
    launch = Launch(tmp_path, small_probe, "first, no O_TMPFILE")
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    launch.cache.mkdir(0o700)
    last = int(support.run(["sh", "-c", "echo $$"]).out)
    for pid in range(last, last + 400):  # the launcher's own will be among them
        TEMPORARIES[kind](launch.cache / f".unpacking-{pid}-0", precious)
    assert launch.run().status == STARTED
    assert precious.read_bytes() == b"mine"
    assert bundles.sha256(launch.entry.read_bytes()) == launch.digest


@needs_root
@pytest.mark.parametrize("owner, mode, used", [(0, 0o700, True), (0, 0o755, True), (0, 0o775, False), (0, 0o757, False),
                                               (0, 0o1777, False), (65534, 0o755, False), (65534, 0o700, False)])
def test_whose_directory(tmp_path, small_probe, evil, owner, mode, used):
    """An entry that would be good, in a directory that another could have filled."""
    launch = Launch(tmp_path, small_probe, "first")
    launch.fill(launch.digest, evil.read_bytes())  # of the right size, mode and owner
    launch.entry.chmod(0o755)
    os.chown(launch.cache, owner, owner)
    launch.cache.chmod(mode)
    result = launch.run()
    # Who may write to it may start anything as the user; the entry is not hashed (docs/SECURITY.md).
    assert result.status == (EVIL if used else STARTED)


# ---- while a launcher is at work ----

# At a call of a first launch, before which somebody else does something to the cache.
AT = ["mkdirat", "fdatasync", "linkat", "execveat"]
MEANWHILE = {
    "cache removed": "rm -rf '{cache}'",
    "cache moved": "mv '{cache}' '{cache}.old'",
    "cache replaced by a link": "mv '{cache}' '{cache}.old'; ln -s / '{cache}'",
    "folder removed": "rm -rf '{folder}'",
    "folder replaced by a file": "rm -rf '{folder}'; : >'{folder}'",
    "folder replaced by a link": "rm -rf '{folder}'; mkdir -p '{cache}.x'; ln -s '{cache}.x' '{folder}'",
    "bad entry": "mkdir -p '{folder}'; rm -f '{entry}'; : >'{entry}'",
    "bundle replaced": "cp '{bundle}' '{bundle}.new'; printf x >'{bundle}.new'; mv '{bundle}.new' '{bundle}'",
    "launcher removed": "rm '{launcher}'",
    "folders others may write to": "mkdir -p '{folder}'; chmod 777 '{folder}'",
}


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.parametrize("call", AT)
def test_meanwhile(tmp_path, faults, small_probe, call, what):
    """The program starts, from wherever; or a diagnosis says what has happened. Nothing else starts."""
    launch = Launch(tmp_path, small_probe, "first")
    places = {"cache": launch.cache, "folder": launch.entry.parent, "entry": launch.entry,
              "bundle": launch.installation.bundle, "launcher": launch.installation.launcher}
    result = launch.run(faults, "stop", call, MEANWHILE[what].format(**places))
    refused = result.status == 126 and "[PZX-" in result.err
    assert result.status == STARTED or refused, result
    # Only what is executed at this very moment can be missed, and then there is memory.
    assert result.status == STARTED or call == "execveat", result


@pytest.mark.parametrize("kind", ["first", "warm"])
def test_entry_replaced_between_check_and_start(tmp_path, faults, small_probe, evil, kind):
    """What remains possible to the same user and to root, who alone may write there: the program is
    started by its name in the directory that was checked, and may be another one by then."""
    launch = Launch(tmp_path, small_probe, kind)
    launch.reset()
    swap = f"cp -p '{evil}' '{tmp_path}/new'; mv '{tmp_path}/new' '{launch.entry}'"
    assert launch.run(faults, "stop", "execveat", swap).status == EVIL


@needs_root
def test_another_user_cannot_replace_it(open_path, faults, small_probe):
    """The same by somebody else, at each call of the launch: he gets nowhere near."""
    launch = Launch(open_path, small_probe, "first")
    calls = launch.calls(faults)
    attack = ("setpriv --reuid=65534 --regid=65534 --clear-groups sh -c '"
              f"for path in {launch.cache} {launch.entry.parent} {launch.entry} {launch.cache}/.unpacking-*; do "
              "mv -f $path $path.x; rm -rf $path; ln -s /bin/false $path; echo x >$path; chmod 777 $path; done' "
              "2>/dev/null; :")
    for number in range(1, len(calls) + 1, 4):
        launch.reset()
        assert launch.run(faults, "stop", str(number), attack).status == STARTED, calls[number - 1]
        assert launch.strangers() == []
    launch.check_works_again("attacked")


@needs_root
@pytest.mark.parametrize("kind", ["first", "warm"])
def test_owner_of_a_folder_above_cannot_replace_it(open_path, faults, small_probe, kind):
    """Below somebody else's folder, as with `sudo -E`: he cannot write into the cache, but put another in its place
    between check and start. What starts is in the directory that was checked."""
    above = open_path / "above"
    above.mkdir()
    launch = Launch(above, small_probe, kind)
    launch.reset()
    os.chown(above, 65534, 65534)
    entry = launch.entry.relative_to(above)
    swap = (f"setpriv --reuid=65534 --regid=65534 --clear-groups sh -ec 'cd {above}; mv cache old; "
            f"mkdir -p {entry.parent}; printf \"#!/bin/sh\\nexit {EVIL}\" >{entry}; chmod 755 {entry}'")
    assert launch.run(faults, "stop", "execveat", swap).status == STARTED
    assert launch.entry.read_text().startswith("#!")  # it was another by then
    # Without the race it is seen whose it is.
    assert launch.run().status == STARTED


def test_memory_file_is_what_was_checked(tmp_path, faults, small_probe):
    """In memory it is the descriptor that is executed, and the file is sealed: not even the same user can
    change it between check and start."""
    launch = Launch(tmp_path, small_probe, "memory")
    result = tmp_path / "result"
    change = ("for file in /proc/$LAUNCHER/fd/*; do case $(readlink $file) in "
              f"/memfd:*) echo found >'{result}'; printf x | dd of=$file conv=notrunc 2>>'{result}';; esac; done; :")
    assert launch.run(faults, "stop", "execveat", change).status == STARTED
    assert result.read_text().startswith("found\n") and os.strerror(errno.EPERM) in result.read_text()
