# SPDX-License-Identifier: Apache-2.0
"""The doctor where only another kernel shows what it is about: SELinux, fapolicyd and IMA that refuse
programs, and a 32-bit system on a 64-bit kernel."""

import json
import re
import shutil

import bundles
import pytest
import support
from support import diagnosed, provokes
from test_real_kernels import AMD64, AMD64_CONSOLE, AMD64_KERNEL, MACHINES, PLATFORM, Machine, boot

pytestmark = pytest.mark.kernels
PC = Machine("pc", "linux/amd64", "linux/amd64", AMD64_KERNEL, AMD64_CONSOLE, AMD64 + "qemu64")
ARM_ON_ARM64 = next(machine for machine in MACHINES if machine.name == "arm-v7-on-arm64")
BEGIN = """#!/bin/busybox sh
export HOME=/root PATH=/bin
run() {
    name=$1; shift
    busybox printf '\\nBEGIN %s\\n' "$name"
    "$@" 2>&1
    busybox printf '\\nEND %s %d\\n' "$name" $?
}
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
"""
END = "busybox poweroff -f\n"


def outcomes(machine, folder, script, words="", more=None):
    """name → what that run of the script has said, and its status. `more`: files beside the usual ones."""
    platform = PLATFORM[machine.platform]
    busybox = support.fetched("bookworm", platform.debian, "busybox-static") / "bin/busybox"
    program = platform.node.read_bytes()
    files = {"bin": None, "proc": None, "sys": None, "root": None, "dev": None, "mnt": None,
             "bin/busybox": busybox.read_bytes(), "init": (BEGIN + script + END).encode(),
             "pixelzx": platform.launcher.read_bytes(),
             "pixelzx.bundle": bundles.make_bundle({platform.name: program}, program="pixelzx", options=("doctor",))}
    console = boot(machine, folder, files | (more or {}), words)
    return {name: (text.strip(), int(status)) for name, text, status
            in re.findall(r"^BEGIN (\S+)\n(.*?)^END \1 (\d+)$", console, re.DOTALL | re.MULTILINE)}


def installed(machine, folder):
    """The installed form of the bundle, as files below /installed, and the path of the program there."""
    platform = PLATFORM[machine.platform]
    program = platform.node.read_bytes()
    bundle = bundles.make_bundle({platform.name: program}, program="pixelzx", options=("doctor",))
    path = bundles.install(bundle, folder / "installed", "pixelzx", program)
    paths = [folder / "installed", *sorted((folder / "installed").rglob("*"))]
    files = {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in paths}
    return files, path.relative_to(folder / "installed")


# All that is asked for is the execution of files: what a policy does not name is allowed.
SELINUX_POLICY = """
(handleunknown allow)
(mls false)
(class process (transition dyntransition))
(class file (execute))
(classorder (process file))
(sid kernel)
(sid security)
(sid unlabeled)
(sidorder (kernel security unlabeled))
(user user)
(role role)
(role object_r)
(type allowed)
(type memory)
(type denied)
(roletype role allowed)
(roletype object_r memory)
(roletype object_r denied)
(userrole user role)
(userrole user object_r)
(sensitivity s0)
(sensitivityorder (s0))
(userlevel user (s0))
(userrange user ((s0) (s0)))
(sidcontext kernel (user role allowed ((s0) (s0))))
(sidcontext security (user role allowed ((s0) (s0))))
(sidcontext unlabeled (user role allowed ((s0) (s0))))
(fsuse trans tmpfs (user object_r memory ((s0) (s0))))
(allow allowed allowed (file (execute)))
"""
ALLOW_MEMORY = "(allow allowed memory (file (execute)))\n"
SELINUX_SCRIPT = """
busybox mount -t selinuxfs none /sys/fs/selinux
run policy busybox dd bs=1M if=/lax of=/sys/fs/selinux/load
busybox mount -t tmpfs -o context=user:object_r:denied none /mnt
busybox cp -r /installed /mnt
export PIXELZX_CACHE=/mnt/cache
run program /mnt/installed/{program} version
run file /pixelzx doctor --json /mnt/installed/{program}
run file-in-korean /pixelzx doctor --lang ko /mnt/installed/{program}
run installed busybox env PIXELZX_BUNDLE=/mnt/installed/pixelzx.bundle /pixelzx version
run from-memory busybox env PIXELZX_TRACE=json /pixelzx version
run harmless /pixelzx doctor --json
run policy-of-memory busybox dd bs=1M if=/strict of=/sys/fs/selinux/load
run start /pixelzx version
run start-from-memory busybox env PIXELZX_CACHE=off /pixelzx version
run doctor /pixelzx doctor --json
run permissive busybox sh -c "echo 0 >/sys/fs/selinux/enforce"
run permissive-start /pixelzx version
run permissive-doctor /pixelzx doctor --json
run permissive-file /pixelzx doctor --json /mnt/installed/{program}
"""


def selinux_policy(folder, text):
    """The binary form of a policy (CIL)."""
    if shutil.which("secilc") is None:
        pytest.skip("needs secilc")
    (folder / "policy.cil").write_text(text)
    support.run(["secilc", "-f", "/dev/null", "-o", folder / "policy", folder / "policy.cil"], check=True)
    return (folder / "policy").read_bytes()


@provokes(309)
def test_selinux(tmp_path):
    """A mount whose label nobody may execute, then also files in memory. (The root is a ramfs, whose files
    are without a label of their own.)"""
    more, program = installed(PC, tmp_path)
    more |= {"lax": selinux_policy(tmp_path, SELINUX_POLICY + ALLOW_MEMORY),
             "strict": selinux_policy(tmp_path, SELINUX_POLICY)}
    found = outcomes(PC, tmp_path, SELINUX_SCRIPT.format(program=program),
                     "security=selinux enforcing=1 rootfstype=ramfs", more)
    label = "user:object_r:denied"
    assert found["policy"][1] == found["policy-of-memory"][1] == found["permissive"][1] == 0
    assert found["program"][1] == 126 and "ermission denied" in found["program"][0], "SELinux refuses nothing"
    finding = diagnosed(json.loads(found["file"][0]), 309, path=f"/mnt/installed/{program}", detail=label)
    assert label in finding["why"] and f"restorecon -v /mnt/installed/{program}" in finding["what_to_do"]
    assert "[PZX-309]" in found["file-in-korean"][0] and label in found["file-in-korean"][0]
    for name, path, detail in [("installed", f"/mnt/installed/{program}", label),
                               ("start", f"/mnt/cache/{program.parent.name}/pixelzx", label),
                               ("start-from-memory", "pixelzx", "Permission denied")]:
        text, status = found[name]
        assert status == 126 and "[PZX-309]" in text and f"restorecon -v {path};" in text and detail in text, name
    assert found["from-memory"][1] == 0 and '"source":"memfd"' in found["from-memory"][0]
    assert json.loads(found["harmless"][0])["findings"] == []
    report = json.loads(found["doctor"][0])
    assert report["launch"]["memory"] is False and found["doctor"][1] == 1
    diagnosed(report, 309)
    assert found["permissive-start"][1] == 0 and "Version" in found["permissive-start"][0]
    for name in ("permissive-doctor", "permissive-file"):
        assert json.loads(found[name][0])["findings"] == [] and found[name][1] == 0, name


# Debian's fapolicyd and the libraries that it is linked with.
FAPOLICYD_LIBRARIES = {
    "libc6": ["libc.so.6", "libpthread.so.0", "ld-linux-x86-64.so.2"], "libcap-ng0": ["libcap-ng.so.0"],
    "liblmdb0": ["liblmdb.so.0"], "libmagic1": ["libmagic.so.1"], "libseccomp2": ["libseccomp.so.2"],
    "libssl3": ["libcrypto.so.3"], "libudev1": ["libudev.so.1"], "liblzma5": ["liblzma.so.5"],
    "libbz2-1.0": ["libbz2.so.1.0"], "zlib1g": ["libz.so.1"]}
# Watched are file systems of the kinds that fapolicyd.conf names, such as tmpfs; the root here is a ramfs.
FAPOLICYD_SCRIPT = """
export PATH=/bin:/usr/sbin PIXELZX_CACHE=/mnt/cache
busybox mount -t devtmpfs none /dev
busybox mount -t tmpfs none /run
busybox mount -t tmpfs none /mnt
busybox mkdir -m 770 /run/fapolicyd # systemd-tmpfiles
busybox cp -r /installed /mnt
program=/mnt/installed/{program}
until_it() {{ # STATUS: of the program, which the daemon takes its time to decide
    for attempt in $(busybox seq 100); do
        $program version >/dev/null 2>&1
        [ $? != $1 ] || break
        busybox usleep 100000
    done
}}
export PIXELZX_BUNDLE=/mnt/installed/pixelzx.bundle
run before /pixelzx version
run before-file /pixelzx doctor --json $program
run daemon fapolicyd
until_it 126
run signs busybox ls -d /run/fapolicyd.pid
run program $program version
run start /pixelzx version
run file /pixelzx doctor --json $program
run script /pixelzx doctor --json /mnt/installed/script
run from-memory busybox env PIXELZX_BUNDLE= PIXELZX_TRACE=json /pixelzx version
run add fapolicyd-cli --file add $program
run update fapolicyd-cli --update
until_it 0
run trusted /pixelzx version
run trusted-file /pixelzx doctor --json $program
"""


def fapolicyd():
    """The daemon's files, with the rules of its package that refuse what is not trusted."""
    package = support.fetched("bookworm", "amd64", "fapolicyd")
    shipped = ["usr/sbin/fapolicyd", "usr/sbin/fapolicyd-cli", "usr/share/fapolicyd/fapolicyd-magic.mgc"]
    files = dict.fromkeys(["dev", "etc", "etc/fapolicyd", "etc/fapolicyd/trust.d", "lib", "lib64", "run", "tmp", "usr",
                           "usr/sbin", "usr/share", "usr/share/fapolicyd", "var", "var/lib", "var/lib/fapolicyd"])
    files |= {path: (package / path).read_bytes() for path in shipped}
    for name, libraries in FAPOLICYD_LIBRARIES.items():
        for library in libraries:
            path = next(support.fetched("bookworm", "amd64", name).rglob(library))
            files[("lib64/" if library.startswith("ld-") else "lib/") + library] = path.read_bytes()
    rules = [package / f"usr/share/fapolicyd/sample-rules/{rule}.rules"
             for rule in ("42-trusted-elf", "90-deny-execute", "95-allow-open")]
    return files | {
        "etc/passwd": b"root:x:0:0::/:/bin/sh\nfapolicyd:x:100:100::/:/bin/false\n",
        "etc/group": b"root:x:0:\nfapolicyd:x:100:\n",
        "etc/fapolicyd/fapolicyd.conf": (package / "etc/fapolicyd/fapolicyd.conf").read_bytes().replace(b"rpmdb,", b""),
        "etc/fapolicyd/fapolicyd.trust": b"",
        "etc/fapolicyd/compiled.rules": b"\n".join(rule.read_bytes() for rule in rules)}


@provokes(310)
def test_fapolicyd(tmp_path):
    """The daemon itself: it answers EPERM, sees no files in memory, and lets the program start after what
    the doctor tells to do."""
    more, program = installed(PC, tmp_path)
    more["installed/script"] = b"#!/bin/busybox sh\n"
    found = outcomes(PC, tmp_path, FAPOLICYD_SCRIPT.format(program=program), "rootfstype=ramfs", more | fapolicyd())
    path = f"/mnt/installed/{program}"
    assert found["before"][1] == 0 and json.loads(found["before-file"][0])["findings"] == []
    assert found["daemon"][1] == 0 and found["signs"][1] == 0, found["daemon"][0]
    assert found["program"][1] == 126 and "Operation not permitted" in found["program"][0], "it refuses nothing"
    text, status = found["start"]
    assert status == 126 and "[PZX-310]" in text and path in text
    finding = diagnosed(json.loads(found["file"][0]), 310, path=path, detail="Operation not permitted")
    assert f"fapolicyd-cli --file add {path}, then fapolicyd-cli --update" in finding["what_to_do"]
    diagnosed(json.loads(found["script"][0]), 310, path="/mnt/installed/script")
    assert found["from-memory"][1] == 0 and '"source":"memfd"' in found["from-memory"][0]
    assert found["add"][1] == found["update"][1] == 0
    assert found["trusted"][1] == 0 and json.loads(found["trusted-file"][0])["findings"] == []


IMA_SCRIPT = """
busybox mount -t securityfs none /sys/kernel/security
export PIXELZX_CACHE=/root/cache
run before /pixelzx version
run report /pixelzx doctor --json
busybox mount -t tmpfs none /mnt
busybox cp /pixelzx /mnt/program
magic=$(busybox stat -f -c %t /mnt)
rule="appraise func=BPRM_CHECK fsmagic=0x$magic appraise_type=imasig"
run policy busybox sh -c "echo '$rule' >/sys/kernel/security/ima/policy"
export PIXELZX_CACHE=/mnt/cache
run program /mnt/program version
run start /pixelzx version
run doctor /pixelzx doctor --json
"""


@provokes(311)
def test_ima(tmp_path):
    """With `ima_appraise=enforce` and a rule for programs in tmpfs (the root here is ramfs, and busybox must
    go on), those that are not signed are refused with EACCES: the ones in the cache and in memory."""
    found = outcomes(PC, tmp_path, IMA_SCRIPT, "ima_appraise=enforce rootfstype=ramfs")
    assert found["before"][1] == 0 and json.loads(found["report"][0])["findings"] == []
    assert found["policy"] == ("", 0), "the kernel takes no such policy"
    assert found["program"][1] == 126 and "ermission denied" in found["program"][0], "IMA refuses nothing"
    text, status = found["start"]
    assert status == 126 and "[PZX-311]" in text and "what to do" in text
    assert found["doctor"][1] == 1
    diagnosed(json.loads(found["doctor"][0]), 311)


@provokes(315)
def test_32_bit_system_on_a_64_bit_kernel(tmp_path):
    """It stays 32-bit, and says what would be better."""
    script = """
run doctor /pixelzx doctor --json
run text /pixelzx doctor
run start /pixelzx version --output json
"""
    found = outcomes(ARM_ON_ARM64, tmp_path, script)
    report, status = json.loads(found["doctor"][0]), found["doctor"][1]
    assert status == 0
    assert diagnosed(report, 315)["severity"] == "note"
    host = report["host"]
    assert (host["platform"], host["launcher"], host["userland_bits"], host["emulated"]) == (
        "linux/arm64", "linux/arm/v7", 32, False)
    assert report["launch"]["slice"] == "linux/arm/v7" and support.codes_of(report) == ["PZX-315"]
    how = {run["platform"]: run["how"] for run in host["runs"]}
    assert (how["linux/arm64"], how["linux/arm/v7"], how["linux/riscv64"]) == ("native", "compat", "none")
    assert "[PZX-315]" in found["text"][0] and found["text"][1] == 0
    assert json.loads(found["start"][0])["platform"] == "linux/arm/v7"
