# SPDX-License-Identifier: Apache-2.0
"""`pixelzx-pack keygen`, `sign` and `verify --key`, with Debian's minisign on the other side."""

import base64
import os
import pty
import select
import stat

import bundles
import pytest
import support
from support import NATIVE, PACK

PASSPHRASE = "correct horse"


def pack(*words, **options):
    return support.run([PACK, *words], **options)


def minisign(*words):
    return support.run(["minisign", *words])


def refused(result, *words):
    assert (result.status, result.out) == (1, ""), result
    for word in ("what to do", *words):
        assert word in result.err, result.err


def key_in(folder, name="ours"):
    """A key without a passphrase: one with takes seconds."""
    pack("keygen", "--no-passphrase", "-o", folder / name).expect()
    return folder / f"{name}.key", folder / f"{name}.pub"


@pytest.fixture
def keys(tmp_path):
    return key_in(tmp_path)


@pytest.fixture
def signed(tmp_path, keys):
    """A file that is no bundle, with its signature."""
    file = tmp_path / "file.tar.gz"
    file.write_bytes(os.urandom(3_000_000))
    pack("sign", "--key", keys[0], "--version", "1.2.0", file).expect()
    return file


def bundle_of(version, probe, path):
    path.write_bytes(bundles.make_bundle({NATIVE.name: probe.read_bytes()}, program="probe", version=version))
    return path


def test_minisign_accepts_ours(signed, keys):
    accepted = minisign("-V", "-p", keys[1], "-m", signed).expect()
    assert "Signature and comment signature verified" in accepted.out and "version:1.2.0" in accepted.out
    signed.write_bytes(signed.read_bytes()[:-1])
    assert minisign("-V", "-p", keys[1], "-m", signed).status != 0


@pytest.mark.parametrize("legacy", [[], ["-l"]], ids=["hashed", "legacy"])
def test_we_accept_minisigns(tmp_path, legacy):
    file = tmp_path / "file"
    file.write_bytes(b"what is signed")
    minisign("-G", "-W", "-p", tmp_path / "m.pub", "-s", tmp_path / "m.key").expect()
    minisign("-S", *legacy, "-s", tmp_path / "m.key", "-m", file).expect()
    assert pack("verify", "--key", tmp_path / "m.pub", file).expect().out.startswith("ok  ")
    # And its keys sign with us.
    (tmp_path / "m.key").chmod(0o600)
    pack("sign", "--key", tmp_path / "m.key", file).expect()
    minisign("-V", "-p", tmp_path / "m.pub", "-m", file).expect()


def test_minisign_signs_with_our_key(tmp_path, keys):
    file = tmp_path / "file"
    file.write_bytes(b"what is signed")
    minisign("-S", "-s", keys[0], "-m", file).expect()
    pack("verify", "--key", keys[1], file).expect()


def test_passphrase(tmp_path):
    """From a file; the key is encrypted as minisign does it, at its full price."""
    words = tmp_path / "passphrase"
    words.write_text(PASSPHRASE + "\n")
    pack("keygen", "--passphrase-file", words, "-o", tmp_path / "locked").expect()
    assert stat.S_IMODE((tmp_path / "locked.key").stat().st_mode) == 0o600
    file = tmp_path / "file"
    file.write_bytes(b"what is signed")
    pack("sign", "--key", tmp_path / "locked.key", "--passphrase-file", words, file).expect()
    minisign("-V", "-p", tmp_path / "locked.pub", "-m", file).expect()
    words.write_text("wrong\n")
    refused(pack("sign", "--key", tmp_path / "locked.key", "--passphrase-file", words, file), "passphrase is wrong")
    # Neither a terminal nor a file.
    refused(pack("sign", "--key", tmp_path / "locked.key", file, start_new_session=True), "--passphrase-file")


def test_passphrase_of_a_terminal(tmp_path):
    """It is asked for twice, and not shown."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(PACK, [str(PACK), "keygen", "-o", str(tmp_path / "typed")])
    shown = b""
    for prompt in (b"new key: ", b"again: "):
        while not shown.endswith(prompt):
            assert select.select([terminal], [], [], support.HANGS)[0], shown
            shown += os.read(terminal, 4096)
        os.write(terminal, f"{PASSPHRASE}\n".encode())
    try:
        while more := os.read(terminal, 4096):
            shown += more
    except OSError:
        pass  # the terminal is closed
    assert os.waitpid(child, 0)[1] == 0, shown
    assert PASSPHRASE.encode() not in shown
    words = tmp_path / "passphrase"
    words.write_text(PASSPHRASE)
    pack("sign", "--key", tmp_path / "typed.key", "--passphrase-file", words, tmp_path / "typed.pub").expect()


def test_secret_key_that_others_can_read(signed, keys):
    keys[0].chmod(0o640)
    refused(pack("sign", "--key", keys[0], signed), "0640", "chmod 600")


def test_keys_are_not_replaced(tmp_path, keys):
    before = keys[0].read_bytes(), keys[1].read_bytes()
    refused(pack("keygen", "--no-passphrase", "-o", tmp_path / "ours"), "already")
    assert (keys[0].read_bytes(), keys[1].read_bytes()) == before


def test_tampered(signed, keys):
    data = bytearray(signed.read_bytes())
    data[len(data) // 2] ^= 1
    signed.write_bytes(data)
    refused(pack("verify", "--key", keys[1], signed), "not what was signed", "do not use it")


def test_comment_changed(signed, keys):
    signature = signed.with_name(signed.name + ".minisig")
    signature.write_text(signature.read_text().replace("version:1.2.0", "version:9.9.9"))
    refused(pack("verify", "--key", keys[1], signed), "not what was signed")


def test_signed_again_with_another_key(tmp_path, signed, keys):
    other = key_in(tmp_path, "other")
    pack("sign", "--key", other[0], signed).expect()
    refused(pack("verify", "--key", keys[1], signed), "another key")
    # Who forges gives it the right key's number, too.
    wanted = keys[1].read_text().split("\n")[1]
    signature = signed.with_name(signed.name + ".minisig")
    lines = signature.read_text().split("\n")
    blob = base64.b64decode(lines[1])
    lines[1] = base64.b64encode(blob[:2] + base64.b64decode(wanted)[2:10] + blob[10:]).decode()
    signature.write_text("\n".join(lines))
    refused(pack("verify", "--key", keys[1], signed), "not what was signed")


@pytest.mark.parametrize("wrong", ["missing", "empty", "cut off", "no signature"])
def test_signature_of_no_use(signed, keys, wrong):
    signature = signed.with_name(signed.name + ".minisig")
    if wrong == "missing":
        signature.unlink()
    else:
        signature.write_text({"empty": "", "cut off": signature.read_text()[:-20], "no signature": "<html>"}[wrong])
    refused(pack("verify", "--key", keys[1], signed), signature.name)


def test_key_of_no_use(signed, keys):
    refused(pack("verify", "--key", signed, signed), "not a public key")
    refused(pack("sign", "--key", keys[1], signed))


def test_rolled_back(tmp_path, probe, keys):
    """An old release is signed by the right key, too."""
    installed = bundle_of("1.10.0", probe, tmp_path / "installed.bundle")
    for version, accepted in [("1.9.0", False), ("1.10.0-rc.1", False), ("1.10.0", True), ("2.0.0", True)]:
        release = bundle_of(version, probe, tmp_path / "release.bundle")
        pack("sign", "--key", keys[0], release).expect()
        pack("verify", "--key", keys[1], release).expect()
        result = pack("verify", "--key", keys[1], "--installed", installed, release)
        if accepted:
            assert f"  {version}\n" in result.expect().out and NATIVE.name in result.out
        else:
            refused(result, version, "1.10.0", "older")


def test_rolled_back_tarball(signed, tmp_path, probe, keys):
    """What is no bundle has its version in the signature's comment."""
    installed = bundle_of("1.2.1", probe, tmp_path / "installed.bundle")
    refused(pack("verify", "--key", keys[1], "--installed", installed, signed), "1.2.0", "1.2.1")
    bundle_of("1.2.0", probe, installed)
    pack("verify", "--key", keys[1], "--installed", installed, signed).expect()
    pack("sign", "--key", keys[0], signed).expect()
    refused(pack("verify", "--key", keys[1], "--installed", installed, signed), "which version")


def test_damaged_bundle_is_not_looked_at(tmp_path, probe, keys):
    """The signature comes first: what is not genuine is not unpacked."""
    bundle = bundle_of("1.0.0", probe, tmp_path / "x.bundle")
    pack("sign", "--key", keys[0], bundle).expect()
    bundle.write_bytes(bundle.read_bytes()[:-2000])
    refused(pack("verify", "--key", keys[1], bundle), "not what was signed")


def test_the_same_signature_twice(signed, keys):
    """With a fixed time it can be made again, byte for byte."""
    signature = signed.with_name(signed.name + ".minisig")
    made = set()
    for _ in range(2):
        pack("sign", "--key", keys[0], signed, env={"SOURCE_DATE_EPOCH": "1700000000"}).expect()
        made.add(signature.read_text())
    assert len(made) == 1 and "timestamp:1700000000" in made.pop()


def test_signed_release(tmp_path, keys):
    """Each file of a release is signed, with the version, the second time with the same bytes."""
    folders = [tmp_path / "release", tmp_path / "again"]
    for folder in folders:
        support.run([support.SOURCE / "packaging/release.sh", folder],
                    {"PIXELZX_SIGNING_KEY": str(keys[0]), "PIXELZX_DIST": str(support.DIST), "PIXELZX_PACK": str(PACK),
                     "SOURCE_DATE_EPOCH": "1700000000"}, check=True)
    signatures = sorted(path.name for path in folders[0].glob("*.minisig"))
    assert signatures == sorted(f"{path.name}.minisig" for path in folders[0].iterdir() if path.suffix != ".minisig")
    for name in signatures:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()
        assert "version:" in minisign("-V", "-p", keys[1], "-m", folders[0] / name.removesuffix(".minisig")).expect().out
