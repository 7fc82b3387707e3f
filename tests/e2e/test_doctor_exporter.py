# SPDX-License-Identifier: Apache-2.0
"""`pixelzx doctor-exporter`, by the launcher: what the doctor says of this host, as metrics."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess

import pytest
import support
from nodes import NODE, Running, fetch, wait_for
from support import FOREIGN, HANGS, NATIVE, PATH, run

KOREAN = {"LC_ALL": "ko_KR.UTF-8"}


@pytest.fixture
def env(tmp_path):
    return {"PATH": PATH, "PIXELZX_BUNDLE": str(support.BUNDLE), "PIXELZX_CACHE": str(tmp_path / "cache"),
            "PIXELZX_METRICS_PORT": "0"}


def listens_on(process):
    """The port at which it listens, once it does."""

    def look():
        mine = {os.readlink(entry.path) for entry in os.scandir(f"/proc/{process.pid}/fd")}
        with open(f"/proc/{process.pid}/net/tcp") as file:
            rows = [line.split() for line in file.readlines()[1:]]
        return next((int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in mine), None)

    return wait_for("a port", look)


class Exporter(Running):
    """One at work."""

    def __init__(self, folder, env, *words):
        self.folder = folder
        with open(folder / "out", "wb") as out, open(folder / "err", "wb") as err:
            self.process = subprocess.Popen([NATIVE.launcher, "doctor-exporter", *words], env=env,
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    def metrics(self):
        status, text = fetch(listens_on(self.process), "/metrics")
        assert status == 200
        return text

    def report(self):
        """The one line of its output."""
        (line,) = (self.folder / "out").read_text().splitlines()
        return json.loads(line)


def value(metrics, sample):
    found = re.search(f"^{re.escape(sample)} (\\S+)$", metrics, re.MULTILINE)
    return float(found[1]) if found else None


def test_this_host(tmp_path, env):
    with Exporter(tmp_path, env) as exporter:
        metrics = exporter.metrics()
        report = exporter.report()
        assert report == json.loads(run([NATIVE.launcher, "doctor", "--json"], env).expect().out)
        host = report["host"]
        assert (f'pixelzx_doctor_host_info{{platform="{host["platform"]}",launcher="{NATIVE.name}",emulated="false",'
                f'kernel="{host["kernel"]}",page_size="{host["page_size"]}",') in metrics
        assert f'pixelzx_doctor_launch_info{{slice="{report["launch"]["slice"]}",' in metrics
        for severity in "error", "warning", "note":
            expected = sum(finding["severity"] == severity for finding in report["findings"])
            assert value(metrics, f'pixelzx_doctor_findings{{severity="{severity}"}}') == expected
        # What a node has of itself.
        assert f'platform="{NATIVE.name}",slice="{NATIVE.name}"}} 1' in metrics
        assert 0 < value(metrics, "pixelzx_launch_seconds") < HANGS and value(metrics, "process_open_fds") > 2
        assert fetch(listens_on(exporter.process), "/health")[0] == 404
        assert exporter.stop() == 0
        assert (tmp_path / "err").read_text() == ""


def test_what_is_wrong(tmp_path, env):
    """Another platform's program is damaged, and the cache is open to all; this platform's runs."""
    (other,) = [entry for entry in support.listing()["slices"] if entry["platform"] == FOREIGN[0].name]
    damaged = bytearray(support.BUNDLE.read_bytes())
    damaged[other["offset"] + other["packed"] // 2] ^= 1
    (tmp_path / "bundle").write_bytes(damaged)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    env["PIXELZX_BUNDLE"] = str(tmp_path / "bundle")
    with Exporter(tmp_path, env) as exporter:
        metrics = exporter.metrics()
        findings = [(finding["code"], finding["severity"]) for finding in exporter.report()["findings"]]
        assert ("PZX-105", "error") in findings and ("PZX-313", "warning") in findings
        for code, severity in findings:
            count = findings.count((code, severity))
            assert value(metrics, f'pixelzx_doctor_finding{{code="{code}",severity="{severity}"}}') == count
        assert value(metrics, 'pixelzx_doctor_findings{severity="error"}') == sum(word == "error" for _, word in findings)


def test_promtool_finds_nothing_to_say(tmp_path, env, prometheus):
    with Exporter(tmp_path, env) as exporter:
        metrics = exporter.metrics()
        checked = run([prometheus / "promtool", "check", "metrics"], stdin=None, input=metrics.encode())
        assert (checked.status, checked.out, checked.err) == (0, "", "")
        alerts = (support.SOURCE / "packaging/monitoring/alerts.yml").read_text()
        used = set(re.findall(r"pixelzx_doctor_\w+", alerts))
        assert used and used <= set(re.findall(r"^\w+", metrics, re.MULTILINE))


def test_without_the_launcher():
    result = run([NODE, "doctor-exporter"])
    assert (result.status, result.out) == (1, "")
    assert "gives no report: exit status 2. Start this command through the launcher" in result.err
    assert "보고서를 읽을 수 없습니다" in run([NODE, "doctor-exporter"], KOREAN).err


@pytest.mark.parametrize("name, why", [("/no/such/program", "No such file"), ("/bin/cat", "exit status 1"),
                                       ("/bin/false", "exit status 1"), ("/bin/echo", "exit status 0, 'doctor --json\\x0a'")])
def test_something_else_by_its_name(name, why):
    result = run([name, "doctor-exporter"], executable=NODE)
    assert (result.status, result.out) == (1, "") and f"'{name} doctor --json' gives no report: {why}" in result.err


@support.needs_mounts
@pytest.mark.parametrize("world", [[], ["unshare", "-Ur", "--pid", "--fork"]], ids=["process", "first process"])
def test_stopped_while_the_doctor_is_at_work(tmp_path, world):
    """Also as the first process of a container, where signals without a handler do nothing."""
    (tmp_path / "doctor").write_text(f"#!/bin/sh\necho >{tmp_path}/begun\nexec sleep 1000\n")
    (tmp_path / "doctor").chmod(0o755)
    rename = ["bash", "-c", 'exec -a "$0" "$@"', tmp_path / "doctor", NODE, "doctor-exporter"]
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(subprocess.Popen([*world, *rename]))
        stack.callback(process.kill)
        wait_for("the doctor", (tmp_path / "begun").exists)
        pid = process.pid
        if world:
            pid = int(open(f"/proc/{pid}/task/{pid}/children").read())
        (child,) = open(f"/proc/{pid}/task/{pid}/children").read().split()
        os.kill(pid, signal.SIGTERM)
        assert process.wait(timeout=HANGS) == 0
        assert not os.path.exists(f"/proc/{child}")


def test_port_is_taken(env):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        result = run([NATIVE.launcher, "doctor-exporter", "--metrics-port", port], env)
        assert result.status == 1 and json.loads(result.out)["schema_version"] == 1
        assert f"cannot listen on 127.0.0.1 port {port}: " in result.err
