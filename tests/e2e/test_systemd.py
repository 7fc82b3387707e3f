# SPDX-License-Identifier: Apache-2.0
"""The service: what systemd says of its unit, and a Debian with systemd, booted in qemu-system, in which the commands of
docs/operations.md are run as they stand there."""

import os
import re
import shutil
import subprocess

import bare_metal
import pytest
import support
from support import NATIVE, SOURCE, run
from test_real_kernels import MACHINES

UNIT = SOURCE / "packaging/systemd/pixelzx.service"
GUIDES = [SOURCE / "docs/operations.md", SOURCE / "docs/operations.ko.md"]
MOST_EXPOSED = 20  # tenths, as --threshold wants it
ROOM = 400 << 20  # bytes that the disk has beyond what Debian takes
BOOT_LIMIT = 1200  # seconds, for all of it
WATCHDOG = 30  # seconds; not the unit's two minutes, for which a test need not wait
MACHINE = next(machine for machine in MACHINES if machine.platform == NATIVE.name)
# What the second disk brings along, a tar archive, is run at each boot.
AT_BOOT = r"""[Service]
ExecStart=/bin/sh -c 'mkdir /run/test && tar -C /run/test -xf /dev/vdb && exec sh /run/test/script >/dev/console 2>&1'
"""
WITH_SYSTEMD = [f"--include=systemd-sysv,initramfs-tools,{MACHINE.kernel[2]}",
                f"--customize-hook=cat >\"$1/etc/systemd/system/test.service\" <<'END'\n{AT_BOOT}END",
                '--customize-hook=systemctl --root="$1" --quiet add-wants multi-user.target test.service']
FUNCTIONS = r"""
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
cd /root
trap 'journalctl --no-pager -n 40 -u pixelzx; systemctl poweroff --force --force' EXIT
set -eux
newest() { pixelzx admin status --output json | sed 's/.*"head_number":\([0-9]*\).*/\1/'; }
grown() {
    until pixelzx health; do sleep 0.5; done
    before=$(newest)
    until [ "$(newest)" -gt "$before" ]; do sleep 0.5; done
}
report() { # WHEN: a line of what runs
    pid=$(systemctl show -P MainPID pixelzx)
    echo "@@$1 head=$(newest) pid=$pid restarts=$(systemctl show -P NRestarts pixelzx) program=$(readlink "/proc/$pid/exe" | tr -d ' ')"
}
"""


def test_both_languages_have_the_same_commands():
    english, korean = map(support.titled_blocks, GUIDES)
    assert english == korean and english


def test_unit(tmp_path):
    """Nothing in it that systemd does not know, and little that it leaves open."""
    program = tmp_path / "bin/pixelzx"
    program.parent.mkdir()
    shutil.copy(NATIVE.launcher, program)
    unit = tmp_path / "pixelzx.service"
    unit.write_text(UNIT.read_text().replace("/usr/local/", f"{tmp_path}/"))
    verified = run(["systemd-analyze", "--man=no", "verify", unit])
    assert (verified.status, verified.err) == (0, "")
    unit.write_text(UNIT.read_text() + "Nonsense=yes\n")
    assert "Nonsense" in run(["systemd-analyze", "--man=no", "verify", unit]).err
    run(["systemd-analyze", "--offline=true", f"--threshold={MOST_EXPOSED}", "security", UNIT]).expect()


@support.needs_root
@support.needs_mounts
def test_where_systemd_is_not_running(tmp_path):
    """As when an image of a machine is made: the service is set up, unless it is not wanted, and goes with the program."""
    bare_metal.pack_tarball(tmp_path / "pixelzx.tar.gz", files=bare_metal.FILES).expect()
    root = bare_metal.Root(tmp_path, support.debian_root(*WITH_SYSTEMD))
    tree = bare_metal.unpacked(tmp_path / "pixelzx.tar.gz", root.shared / "release")
    command = [f"/tmp/host/release/{tree.name}/install.sh", "--yes"]
    root.run(*command, "--no-service").expect()
    installed = root.upper / "usr/local"
    assert (installed / "bin/pixelzx").exists() and not (installed / "lib/systemd").exists()
    done = root.run(*command, "--restart").expect()
    assert "systemctl enable --now pixelzx" in done.out and "Restarted" not in done.out
    assert (installed / "lib/systemd/system/pixelzx.service").read_text() == UNIT.read_text()
    assert root.run("id", "-u", "pixelzx").expect().out
    assert "systemctl enable --now pixelzx" in root.run(*command, env={"LC_ALL": "ko_KR.UTF-8"}).expect().out
    root.run("systemctl", "enable", "pixelzx").expect()
    # Not wanted any more: it goes, enabled as it was.
    root.run(*command, "--no-service").expect()
    assert not list(root.upper.rglob("pixelzx.service"))
    assert root.run(*command, "--no-service", "--restart").status == 2
    root.run(*command).expect()
    root.run("systemctl", "enable", "pixelzx").expect()
    # Another prefix is none of systemd's.
    root.run(*command, "--prefix", "/opt/other").expect()
    assert not (root.upper / "opt/other/lib/systemd").exists()
    # Below /usr it names what is there.
    root.run("/usr/local/lib/pixelzx/install.sh", "--uninstall", "--yes").expect()
    assert not list(installed.rglob("*pixelzx*")) and not list(root.upper.glob("etc/systemd/**/pixelzx.service"))
    root.run(*command, "--prefix", "/usr").expect()
    unit = (root.upper / "usr/lib/systemd/system/pixelzx.service").read_text()
    assert "ExecStart=/usr/bin/pixelzx start" in unit and "/usr/local" not in unit


@pytest.fixture(scope="module")
def disk():
    """Debian with systemd on a file system, in the build cache, not to be written to; and its root as a folder."""
    root = support.debian_root(*WITH_SYSTEMD)
    image = root.with_name(f"{root.name}.ext4")
    if not image.exists():
        used = int(run(["du", "-sB1", root], check=True).out.split()[0])
        draft = image.with_name(f".{image.name}.{os.getpid()}")
        try:
            run(["mke2fs", "-q", "-t", "ext4", "-d", root, draft, f"{(used + ROOM) >> 10}k"], check=True)
            draft.rename(image)
        finally:
            draft.unlink(missing_ok=True)
    return image, root


def states(console):
    """What the script has reported, in order: name → fields."""
    return {name: dict(field.split("=") for field in fields)
            for name, *fields in map(str.split, re.findall(r"^@@(.*)", console, re.M))}


def boot(disk, folder, files):
    """Boots until the machine is switched off, with a second disk that has the files. Returns what the console showed."""
    image, root = disk
    run(["tar", "-C", folder, "-cf", folder / "disk.tar", *files], check=True)
    (kernel,), (initrd,) = root.glob("boot/vmlinu*"), root.glob("boot/initrd.img*")
    command = [*MACHINE.command.split(), "-m", "1024", "-kernel", kernel, "-initrd", initrd, "-nographic", "-nodefaults",
               "-serial", "stdio", "-drive", f"file={image},format=raw,if=virtio,snapshot=on",
               "-drive", f"file={folder / 'disk.tar'},format=raw,if=virtio,readonly=on",
               "-append", f"console={MACHINE.console} root=/dev/vda rw quiet panic=-1 systemd.show_status=no "
               f"systemd.mask=serial-getty@{MACHINE.console.split()[0]}.service"]
    if shutil.which(command[0]) is None:
        pytest.skip(f"needs {command[0]}")
    with open(folder / "console", "wb") as console:
        try:
            subprocess.run(command, env={"PATH": support.PATH, "TMPDIR": str(folder)}, stdin=subprocess.DEVNULL,
                           stdout=console, stderr=subprocess.STDOUT, timeout=BOOT_LIMIT)
        except subprocess.TimeoutExpired:
            console.write(b"\n(stopped after %d seconds)" % BOOT_LIMIT)
    text = (folder / "console").read_text(errors="replace").replace("\r", "")
    print(text)  # pytest shows it when the test fails
    return text


@pytest.mark.kernels
@support.needs_root
def test_the_guide_in_a_booted_debian(disk, tmp_path):
    """Installed, begun, killed, hung, backed up and restored, upgraded and brought back, booted anew, and removed."""
    for version, bundle in (("1.0.0", support.BUNDLE), ("1.0.1", bare_metal.native_bundle(tmp_path / "next", "1.0.1"))):
        bare_metal.pack_tarball(tmp_path / f"pixelzx-{version}-linux.tar.gz", bundle, bare_metal.FILES).expect()
    commands = support.titled_blocks(GUIDES[0])
    (tmp_path / "script").write_text(FUNCTIONS + f"""
if [ ! -e before-reboot ]; then
    mv /run/test/*.tar.gz .
    mkdir -p /etc/systemd/system/pixelzx.service.d
    printf '[Service]\nWatchdogSec={WATCHDOG}\n' >/etc/systemd/system/pixelzx.service.d/quick.conf
    {commands["Install"]}
    {commands["Begin a chain"]}
    {commands["Start"]}
    pixelzx health
    grown; report started
    kill -9 "$(systemctl show -P MainPID pixelzx)"
    grown; report killed
    hung=$(systemctl show -P MainPID pixelzx)
    kill -STOP "$hung"
    while [ -e "/proc/$hung" ]; do sleep 1; done
    grown; report hung
    {commands["Back up"]}
    grown; grown; report saved
    {commands["Restore"]}
    until pixelzx health; do sleep 0.5; done
    report restored
    tar -xf pixelzx-1.0.1-linux.tar.gz
    pixelzx-1.0.1-linux/install.sh --yes
    report untouched
    {commands["Upgrade"]}
    grown; report upgraded
    {commands["Back to the old version"]}
    grown; report back
    systemd-analyze --no-pager security pixelzx | grep Overall
    touch before-reboot
    trap - EXIT
    systemctl reboot
else
    grown; report booted
    {commands["Remove"]}
    ! find /usr/local -name '*pixelzx*' | grep .
    ! systemctl cat pixelzx
    echo @@removed
fi
""")
    console = boot(disk, tmp_path, ["script", "pixelzx-1.0.0-linux.tar.gz", "pixelzx-1.0.1-linux.tar.gz"])
    seen = states(console)
    assert list(seen) == ["started", "killed", "hung", "saved", "restored", "untouched", "upgraded", "back", "booted", "removed"]
    head = {name: int(state["head"]) for name, state in seen.items() if name != "removed"}
    assert head["started"] <= head["killed"] <= head["hung"] < head["saved"] > head["restored"] >= head["hung"]
    assert head["restored"] <= head["untouched"] < head["upgraded"] < head["back"] < head["booted"]
    assert [seen[name]["restarts"] for name in ("started", "killed", "hung")] == ["0", "1", "2"]
    assert seen["untouched"]["pid"] == seen["restored"]["pid"]
    assert seen["untouched"]["program"] == f"{seen['started']['program']}(deleted)"
    assert seen["upgraded"]["program"] != seen["started"]["program"]
    assert {seen[name]["program"] for name in ("killed", "hung", "saved", "restored", "back", "booted")} == {
        seen["started"]["program"]}
    exposure = re.search(r"Overall exposure level for pixelzx.service: ([0-9.]+)", console)
    assert float(exposure[1]) * 10 <= MOST_EXPOSED


@pytest.mark.kernels
@support.needs_root
def test_the_package_in_a_booted_debian(disk, tmp_path):
    """An upgrade leaves the running service alone, and says so; it stops when the package goes, and its data stay."""
    for version, more in ("1.0.0", b""), ("1.0.1", b"\0"):
        bundle = bare_metal.native_bundle(tmp_path / "bundle", version, more)
        bare_metal.pack_debs(tmp_path / version, bundle)[NATIVE.debian].rename(tmp_path / f"{version}.deb")
    (tmp_path / "script").write_text(FUNCTIONS + f"""
mkdir /etc/pixelzx
echo PIXELZX_NETWORK=devnet >/etc/pixelzx/environment
dpkg -i /run/test/1.0.0.deb
echo "@@installed enabled=$(systemctl is-enabled pixelzx) active=$(systemctl is-active pixelzx)"
{support.titled_blocks(GUIDES[0])["Start"]}
grown; report started
dpkg -i /run/test/1.0.1.deb
report untouched
systemctl restart pixelzx
grown; report upgraded
dpkg -i /run/test/1.0.0.deb
systemctl restart pixelzx
grown; report back
dpkg -r pixelzx
echo "@@removed active=$(systemctl is-active pixelzx)"
dpkg -P pixelzx
[ -d /var/lib/pixelzx/chain ]
[ ! -e /var/cache/pixelzx ]
! find /etc/systemd /usr -name '*pixelzx*' | grep .
echo @@purged
""")
    console = boot(disk, tmp_path, ["script", "1.0.0.deb", "1.0.1.deb"])
    seen = states(console)
    assert list(seen) == ["installed", "started", "untouched", "upgraded", "back", "removed", "purged"]
    assert seen["installed"] == {"enabled": "disabled", "active": "inactive"} and seen["removed"] == {"active": "inactive"}
    assert seen["untouched"]["pid"] == seen["started"]["pid"]
    assert seen["untouched"]["program"] == f"{seen['started']['program']}(deleted)"
    assert seen["upgraded"]["program"] != seen["back"]["program"] == seen["started"]["program"]
    assert console.count("The service still runs what it was started with: systemctl restart pixelzx") == 2
    assert "Kept: /var/lib/pixelzx" in console
