# SPDX-License-Identifier: Apache-2.0
"""packaging/monitoring, with a real Prometheus and a live node: the example's configuration scrapes, alerts fire, and the
dashboard has data."""

import itertools
import json
import math
import re
import subprocess
import urllib.parse

import pytest
import support
import yaml
from nodes import DEV_ADDRESS, RpcError, RunningNode, fetch, send, wait_for
from support import FOREIGN, HANGS, NATIVE, PATH, SOURCE

FOLDER = SOURCE / "packaging/monitoring"
UNIT_TESTS = SOURCE / "tests/e2e/alerts_test.yml"
METRIC = re.compile(r"\b(?:pixelzx|process)_\w+\b")


def rules():
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return group["rules"]


def panels():
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries():
    """Of the dashboard, as Grafana sends them: all nodes, and an interval that fits how often the test scrapes."""
    for panel in panels():
        for target in panel["targets"]:
            expression = target["expr"].replace("$instance", ".*").replace("$__rate_interval", "10s")
            assert "$" not in expression, expression
            yield panel["title"], expression


# ---- by themselves ----


@pytest.mark.parametrize("words", [
    ("check", "config", FOLDER / "prometheus.yml"), ("check", "rules", FOLDER / "alerts.yml"),
    ("test", "rules", UNIT_TESTS)], ids=lambda words: " ".join(words[:2]))
def test_promtool(prometheus, words):
    support.run([prometheus / "promtool", *words], check=True)


def test_every_alert_is_tested_and_explained():
    cases = [case for test in yaml.safe_load(UNIT_TESTS.read_text())["tests"] for case in test.get("alert_rule_test", ())]
    page = (SOURCE / "docs/monitoring.md").read_text()
    for rule in rules():
        name = rule["alert"]
        assert {bool(case.get("exp_alerts")) for case in cases if case["alertname"] == name} == {True, False}, name
        assert f"| `{name}` |" in page, name


def test_dashboard():
    """What Grafana wants: numbers of their own, a place for each panel, and the data source that the reader picks."""
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text())
    numbers = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(numbers)) == len(numbers) and not dashboard.get("id")
    taken = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = set(itertools.product(range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])))
        assert place["x"] + place["w"] <= 24 and not taken & cells, panel["title"]
        taken |= cells
    for panel in panels():
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert all(source["uid"] == "${datasource}" for source in sources), panel["title"]
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references), panel["title"]
    assert [variable["name"] for variable in dashboard["templating"]["list"]] == ["datasource", "instance"]


# ---- with a node ----


class Traffic:
    """What makes every metric move, on a chain for development."""

    def __init__(self, node):
        self.node = node
        self.nonce = int(node.rpc("eth_getTransactionCount", DEV_ADDRESS, "pending"), 16)

    def more(self):
        send(self.node, self.nonce)
        self.nonce += 1
        with pytest.raises(RpcError):
            self.node.rpc("eth_getBalance", "nobody")
        return True


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    """Out of the bundle, by the launcher."""
    folder = tmp_path_factory.mktemp("node")
    env = {"PIXELZX_CACHE": str(folder / "cache"), "TMPDIR": str(folder)}
    with RunningNode(folder / "log", "--dev", program=NATIVE.launcher, env=env) as running:
        yield running


def samples(text):
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_metrics(node, prometheus):
    """Each that rules and dashboard use is there and explained; and promtool finds nothing to say."""
    Traffic(node).more()
    status, text = fetch(node.metrics_port, "/metrics")
    assert status == 200
    explained = {kind: set(re.findall(rf"^# {kind} (\S+) ", text, re.M)) for kind in ("HELP", "TYPE")}
    there = {re.match(r"\w+", line)[0] for line in samples(text)}
    expressions = [rule["expr"] for rule in rules()] + [expression for _, expression in queries()]
    # Those of the doctor are of a process of its own (test_doctor_exporter.py).
    used = {name for name in METRIC.findall(" ".join(expressions)) if not name.startswith("pixelzx_doctor_")}
    assert used and used <= there, used - there
    for name in there:
        family = re.sub(r"_(bucket|sum|count)$", "", name)
        assert family in explained["HELP"] and family in explained["TYPE"], name
    # What the launcher has told.
    assert f'platform="{NATIVE.name}",slice="{NATIVE.name}"' in text
    (launch,) = re.findall(r"^pixelzx_launch_seconds (\S+)$", text, re.M)
    assert 0 < float(launch) < HANGS
    checked = subprocess.run([prometheus / "promtool", "check", "metrics"], input=text.encode(), stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, env={"PATH": PATH}, timeout=HANGS)
    assert (checked.returncode, checked.stdout) == (0, b"")


class Server:
    """Prometheus with a copy of the example's files, which looks each second."""

    def __init__(self, program, folder, node, labels):
        config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        (job,) = config["scrape_configs"]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{node.metrics_port}"], "labels": labels}]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        (folder / "alerts.yml").write_text(re.sub(r"\bfor: \S+", "for: 0s", (FOLDER / "alerts.yml").read_text()))
        self.log = folder / "log"
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                [program, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                 "--web.listen-address=127.0.0.1:0"], env={"PATH": PATH, "HOME": str(folder)},
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.port = int(wait_for("Prometheus", self.listens)[1])
        wait_for("its readiness", lambda: fetch(self.port, "/-/ready")[0] == 200)

    def listens(self):
        assert self.process.poll() is None, self.log.read_text()
        return re.search(r'"?Listening on"? address=127\.0\.0\.1:(\d+)', self.log.read_text())

    def ask(self, path, **parameters):
        status, text = fetch(self.port, f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        assert status == 200, text
        return json.loads(text)["data"]

    def values(self, expression):
        """Of each series, the newest value."""
        return [float(series["value"][1]) for series in self.ask("query", query=expression)["result"]]

    def has_data(self, expression):
        found = self.values(expression)
        return found and not any(map(math.isnan, found))

    def firing(self):
        return {alert["labels"]["alertname"] for alert in self.ask("alerts")["alerts"] if alert["state"] == "firing"}

    def close(self):
        self.process.terminate()
        assert self.process.wait(HANGS) == 0


@pytest.fixture
def server(prometheus, node, tmp_path):
    running = Server(prometheus / "prometheus", tmp_path, node, {"expect": FOREIGN[0].name})
    yield running
    running.close()


def test_scraped(node, server):
    """Last, for it stops the node."""
    traffic = Traffic(node)
    wait_for("a scrape", lambda: server.values('up{job="pixelzx"}') == [1])
    for title, expression in queries():
        # A rate needs two scrapes, and something between them, or there is no quantile.
        wait_for(f"data of {title!r}", lambda: traffic.more() and server.has_data(expression), pause=0.1)
    watched = {"PixelzxWrongPlatform", "PixelzxDown", "PixelzxEmulated", "PixelzxUnhealthy"}
    # The others only in passing, when a busy machine has answered a scrape late.
    wait_for("one alert", lambda: traffic.more() and server.firing() & watched == {"PixelzxWrongPlatform"}, pause=0.1)
    assert {rule["health"] for rule in server.ask("rules")["groups"][0]["rules"]} == {"ok"}
    node.stop()
    wait_for("PixelzxDown", lambda: "PixelzxDown" in server.firing(), pause=0.1)


def test_emulated(tmp_path):
    """What the alert PixelzxEmulated goes by."""
    support.require_handlers()
    env = {"PIXELZX_PLATFORM": FOREIGN[0].name, "TMPDIR": str(tmp_path), "PIXELZX_CACHE": str(tmp_path / "cache")}
    with RunningNode(tmp_path / "log", "--dev", program=NATIVE.launcher, env=env, world=support.with_handlers()) as foreign:
        lines = samples(fetch(foreign.metrics_port, "/metrics")[1])
        assert "process_resident_memory_bytes 0" in lines
        assert any(f'slice="{FOREIGN[0].name}"' in line for line in lines)
